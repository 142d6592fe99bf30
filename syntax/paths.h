// Which file a path means, and opening it so that it cannot be another one:
// inside the allowed folders with symbolic links resolved, regular, without
// waiting for anything.
//
// A file is known by its canonical path: two names that the file system has for
// the same bytes (hard links, mounts) are two files, whose imports may lead to
// different ones.
//
// Ownership: a Paths lives in the arena given; an OpenedFile owns its
//            descriptor until paths_read() or paths_close(), a FolderHand
//            what it has until paths_leave().
// Threads:   immutable after the roots were added; then any thread. A
//            FolderHand has one owner.
#ifndef LIGATURE_SYNTAX_PATHS_H
#define LIGATURE_SYNTAX_PATHS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "support/arena.h"
#include "support/str.h"
#include "support/vec.h"
#include "syntax/file_log.h"
#include "syntax/module.h"

typedef enum PathStatus {
    PATH_OK,
    PATH_MISSING,
    PATH_OUTSIDE,     // leaves the allowed folders
    PATH_DIRECTORY,   // is a folder
    PATH_NOT_REGULAR, // FIFO, device, socket
    PATH_LOOP,        // symbolic links in a circle, or magic ones
    PATH_TOO_LONG,
    PATH_TOO_LARGE,
    PATH_CHANGING,   // others write to it all the time
    PATH_UNREADABLE, // any other error; see `error` of OpenedFile
    PATH_CANCELLED   // the run is to stop
} PathStatus;

typedef struct OpenedFile {
    int descriptor;
    int error; // errno of PATH_UNREADABLE
    uint64_t size;
    FileStamp stamp; // unless the text was read already
    Str path;        // canonical; may be the text that was asked for
    uint32_t probe;  // in the log, where there is one
    Str text;        // where it was read already, until paths_ask(); else NULL
} OpenedFile;

// Files that are smaller are read as they are opened, where that is safe.
#define SMALL_FILE_BYTES ((size_t)16 << 10)

// What a worker keeps of the folder in which it looks for files.
typedef struct FolderHand {
    Str dir;            // canonical; borrowed
    const Str *root;    // that allows it; NULL: none
    int descriptor;     // -1: none so far
    uint32_t opened;    // how many names
    uint32_t name;      // where they begin in `text`
    bool reads_at_once; // short reads of its files show their end
    char *text;  // the folder, a slash, and what was asked for last: PATH_MAX
    char *small; // the small file read last; both NULL: not needed so far
} FolderHand;
#define FOLDER_HAND_NONE ((FolderHand){.descriptor = -1})

// A path in a folder, as the system gets it.
typedef struct AskedPath {
    Str text;         // of the hand, with a NUL behind it
    bool is_absolute; // as written: whatever the folder is
    bool is_name;     // of something in the folder
    bool is_tidy;     // canonical, unless a part is a symbolic link
} AskedPath;

// All folders are canonical.
typedef struct Paths {
    Arena *arena;
    FileLog *log;                       // NULL: nobody wants to know
    const struct OpenTexts *open_texts; // NULL: files hold what they hold
    Str working_dir;
    Str project_root;          // of the options; len 0: derived from each entry
    VEC(Str) roots;            // where imports may lead
    VEC(int) root_descriptors; // of the roots; -1 where one cannot be opened
    VEC(Str) include_dirs;
    VEC(Str) allow_roots; // where absolute paths may lead
} Paths;

void paths_init(Paths *paths, const ProgramOptions *options, Arena *arena);
void paths_release(Paths *paths);
// Allows the project of an entry file in `dir` (canonical): the root of the
// options where it holds `dir`, else the working directory where that does,
// else `dir`.
void paths_add_project(Paths *paths, Str dir);
// The canonical form of a folder; false when there is none.
bool paths_canonical(Str path, Arena *arena, Str *out_path);

// Looks in `dir` (canonical) from now on; false when it has done so before.
bool paths_enter(const Paths *paths, FolderHand *hand, Str dir);
void paths_leave(FolderHand *hand);
// `path` and `ending` as a file in the folder means them, until something else
// is asked for; false when that is too long. Absolute paths are for who has
// entered no folder: "".
bool paths_ask(FolderHand *hand, Str path, Str ending, AskedPath *out);
// Opens what is asked for.
PathStatus paths_open(const Paths *paths, FolderHand *hand,
                      const AskedPath *asked, Arena *arena,
                      OpenedFile *out_file);
// Opens a file of the command line, wherever it is.
PathStatus paths_open_entry(const Paths *paths, Str path, Arena *arena,
                            OpenedFile *out_file);
void paths_close(OpenedFile *file);
// Reads all of the file, with the help of the pool of `worker` (NULL: alone),
// or takes the open text for it, and closes it. One that changes meanwhile is
// read again, PATH_CHANGING when it does so time after time. PATH_TOO_LARGE
// beyond `max_bytes`.
PathStatus paths_read(const Paths *paths, OpenedFile *file, uint64_t max_bytes,
                      Worker *worker, Arena *arena, Str *out_text);
// Appends to *out. PATH_CANCELLED once the token is.
PathStatus paths_read_stdin(CancelToken *token, uint64_t max_bytes, StrBuf *out,
                            int *out_error);

// `path` (canonical) as it is shown: relative to the working directory. May be
// a part of `path`.
Str paths_display(const Paths *paths, Str path, Arena *arena);
// The same where there are no Paths yet.
Str paths_display_here(Str path, Arena *arena);
Str paths_dirname(Str path);
Str paths_basename(Str path);
bool paths_is_inside(Str path, Str dir);
// The outermost allowed folder that holds `path`; NULL when none does.
const Str *paths_root_of(const Paths *paths, Str path);
// With a NUL behind it, in the buffer; NULL when it does not fit.
const char *paths_c_string(Str text, char *buffer, size_t capacity);

#endif
