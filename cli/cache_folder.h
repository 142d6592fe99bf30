// A folder of small files, each with one entry: a key and a payload behind a
// SHA-256 of both. An entry is written beside its place and renamed, so that
// it is there whole or not at all. Whatever is odd about a file (its owner, its
// kind, a byte of it) makes it nothing; no error here is one of the run.
//
// Names are "KIND-" and a hash of the key; keys are compared in full. Who can
// write to the folder as the same user can make it say anything: it is to be
// trusted like the binary.
//
// Ownership: cache_folder_init() borrows the path; release closes.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_CACHE_FOLDER_H
#define LIGATURE_CLI_CACHE_FOLDER_H

#include <stdint.h>

#include "support/str.h"

typedef enum CacheKind {
    CACHE_RUN,    // cli/run_record.h
    CACHE_MODULES // cli/module_pack.h
} CacheKind;
#define CACHE_KIND_COUNT 2
const char *cache_kind_name(CacheKind kind);

// What the entries of all kinds may take together, unless --cache-size says
// otherwise.
#define CACHE_FOLDER_BYTES (UINT64_C(256) << 20)

typedef struct CacheFolder {
    Str path;
    int fd; // -1: not opened yet, or not to be used
    uint64_t max_bytes;
    uint64_t evictions;
    const char *off; // why it is not used; NULL: it is
} CacheFolder;

// Opens nothing yet.
void cache_folder_init(CacheFolder *folder, Str path, uint64_t max_bytes);
void cache_folder_release(CacheFolder *folder);
// The folder of a user who names none: "$XDG_CACHE_HOME/ligature", else
// "$HOME/.cache/ligature". False where there is neither.
bool cache_folder_default(StrBuf *out_path);

// Appends the payload of the entry; false when there is none. Marks it as
// used now.
bool cache_folder_read(CacheFolder *folder, CacheKind kind, Str key,
                       StrBuf *out_payload);
// Whether there is such an entry, whole or not.
bool cache_folder_has(CacheFolder *folder, CacheKind kind, Str key);
// Replaces the entry, makes the folder where it is missing, and removes the
// entries used longest ago where there are too many. False when the entry was
// not written (`off` says why).
bool cache_folder_write(CacheFolder *folder, CacheKind kind, Str key,
                        Str payload);

// ---- ligature cache

typedef struct CacheFolderEntry {
    Str name;
    CacheKind kind;
    bool is_temporary; // left behind by a run that was killed, or of one that
                       // is writing now
    uint64_t bytes;
    int64_t used_ns;
} CacheFolderEntry;
// Calls `visit` for each entry, in no order. False when there is no folder,
// or it cannot be read (`off` says why).
bool cache_folder_each(CacheFolder *folder,
                       void (*visit)(CacheFolder *folder,
                                     const CacheFolderEntry *entry, void *ctx),
                       void *ctx);
// Whether the entry is whole.
bool cache_folder_check(CacheFolder *folder, const CacheFolderEntry *entry);
// Leaves what somebody is writing. False where an entry stays that should not.
bool cache_folder_remove(CacheFolder *folder, const CacheFolderEntry *entry);

#endif
