// What a run of `ligature watch` tells the process that watches, over a pipe
// and while it runs, so that it is told of runs that crash or are ended too:
// each file that it looks for, and what it found there.
//
// Ownership: a notice borrows its text.
// Threads:   notices to one pipe are sent one after the other.
#ifndef LIGATURE_SYNTAX_FILE_NOTICE_H
#define LIGATURE_SYNTAX_FILE_NOTICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "support/str.h"

// What the system says of a file without opening it. While it stays the same
// the content does, but for changes within the grain of the clock.
typedef struct FileStamp {
    uint64_t device, inode, size;
    int64_t modified_ns, changed_ns;
} FileStamp;

FileStamp file_stamp(const struct stat *info);
bool file_stamp_equal(const FileStamp *a, const FileStamp *b);

typedef enum FileNoticeKind {
    FILE_NOTICE_FOUND,
    FILE_NOTICE_MISSING,
    FILE_NOTICE_FOLDER,  // its names were read: `digest` is what they were
    FILE_NOTICE_HOPELESS // no change of a file will mend the command line
} FileNoticeKind;

typedef struct FileNotice {
    FileNoticeKind kind;
    Str text; // the path; of a folder with a NUL and the ending of its files
    FileStamp stamp;
    uint64_t digest;
} FileNotice;

// `pipe` is 0 where nobody watches: then nothing is sent.
void file_notice_send(int pipe, const FileNotice *notice);
// What is at the path now, behind symbolic links too.
FileNotice file_notice_of(Str path);
// Takes the first notice of `bytes`, and says how many it has taken: 0 where
// it is not there as a whole.
size_t file_notice_take(Str bytes, FileNotice *out_notice);

#endif
