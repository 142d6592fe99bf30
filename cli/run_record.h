// What a run without a word of complaint read and printed, and whether it
// would print the same now.
//
// A file is as it was when the system says so: device, inode, size and the
// times of its content and of itself. That is believed only where the file
// was at rest when it was read, as git does ("racy git"): one that was changed
// no longer than two seconds before the run began could change once more
// within the grain of the clock. It is read and compared by its SHA-256, as is
// one whose stamp is another. What was asked for and not there must not be
// there, and no path may lead over a symbolic link.
//
// Ownership: a record made from a log borrows its paths; one that was read
//            borrows the payload.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_RUN_RECORD_H
#define LIGATURE_CLI_RUN_RECORD_H

#include "support/hash.h"
#include "support/vec.h"
#include "syntax/file_log.h"

typedef struct RecordedFile {
    Str dir, name; // the path that was asked for, cut at its last '/'
    bool missing;
    bool at_rest; // the stamp may be believed
    FileStamp stamp;
    Hash256 hash; // of the content
} RecordedFile;

// For --report.
typedef struct RecordedModule {
    Str file;
    uint64_t bytes, bindings;
} RecordedModule;

typedef struct RunRecord {
    VEC(RecordedFile) files; // sorted by path
    VEC(RecordedModule) modules;
    uint64_t tasks;
    uint64_t cost_ns; // CPU time of the run, or of the last one that had to do
                      // all by itself
    Str output;       // standard output, or the file of --output
} RunRecord;

// Whether it pays to keep what is known of the modules of such a run one by
// one, for runs after a change: whether it took longer than that would.
bool run_record_is_costly(const RunRecord *record);
// Takes the files. False when they contradict each other.
bool run_record_take(RunRecord *record, const FileLog *log);
void run_record_release(RunRecord *record);
void run_record_append(const RunRecord *record, StrBuf *out);
bool run_record_parse(Str payload, RunRecord *out_record);

typedef enum RecordState {
    RECORD_SAME,    // all is as it was
    RECORD_TOUCHED, // so are the contents; the record has the stamps of now
    RECORD_CHANGED
} RecordState;
// `start_ns`: the time of day when the run began. `by_stamp`: files that were
// not at rest are not read.
RecordState run_record_check(RunRecord *record, int64_t start_ns,
                             bool by_stamp);

#endif
