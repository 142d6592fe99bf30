// What the loader's files share.
//
// Ownership: a Loader and its LoadedModules live for one call of the loader;
//            the modules go to the program.
// Threads:   `lock` guards the tables; a LoadedModule belongs to its task
//            until the group was waited for.
#ifndef LIGATURE_SYNTAX_LOADER_PRIVATE_H
#define LIGATURE_SYNTAX_LOADER_PRIVATE_H

#include "concurrent/pool.h"
#include "concurrent/thread.h"
#include "support/hash.h"
#include "support/vec.h"
#include "syntax/loader.h"
#include "syntax/parser.h"
#include "syntax/paths.h"

typedef struct Loader Loader;

// A file by what the system calls it.
typedef struct FileKey {
    uint64_t device, inode;
} FileKey;

typedef struct LoadedModule {
    Task task;
    Loader *loader;
    Module *module;
    uint32_t number; // in Loader.loaded: the order of discovery
    FileKey key;
    Import **imports;  // in source order; `module` is a number here,
    uint32_t *targets; // the same numbers side by side
    uint32_t import_count;
    // Canonical order.
    bool started;
    bool on_path, done, in_cycle;
    uint32_t next_import;
} LoadedModule;

// An import path that was found in a folder before.
typedef struct KnownPath {
    Str dir;  // "" of an absolute path and of embedded modules
    Str path; // as it is written
    uint32_t number;
} KnownPath;

// Items by a keyed hash, in open addressing: one line of memory per look-up,
// which happens under the lock. Who looks compares the items.
typedef struct LoaderSlot {
    uint64_t hash;
    void *item; // NULL: free
} LoaderSlot;

typedef struct LoaderTable {
    LoaderSlot *slots;
    uint32_t capacity; // 0 or a power of two
    uint32_t count;
} LoaderTable;

// The next item with this hash; *at counts the slots that were passed and is 0
// at first. NULL at the end.
static inline void *loader_table_next(const LoaderTable *table, uint64_t hash,
                                      uint32_t *at)
{
    uint32_t mask = table->capacity - 1;
    while (table->capacity > 0) {
        const LoaderSlot *slot = &table->slots[((uint32_t)hash + *at) & mask];
        ++*at;
        if (slot->item == NULL) {
            return NULL;
        }
        if (slot->hash == hash) {
            return slot->item;
        }
    }
    return NULL;
}
void loader_table_add(LoaderTable *table, uint64_t hash, void *item);

struct Loader {
    Program *program; // immutable after init, as are those below
    Paths paths;
    HashKey hash_key;
    Parser **parsers;      // each its worker's; NULL: not needed so far
    uint32_t parser_count; // immutable after init
    Arena arena;           // main thread only
    TaskGroup group;
    Mutex lock; // LOCK_CLIENT
    // Guarded by lock:
    VEC(LoadedModule *) loaded; // [0] is the prelude
    LoaderTable by_file;        // LoadedModules
    LoaderTable by_path;        // KnownPaths
    Arena path_arena;
    uint64_t bytes;
    uint64_t tree_bytes; // of the modules parsed
    uint64_t hint_at;    // bytes at which the next hint about memory is due
    uint32_t std_count;
    bool too_many, too_large, too_much; // modules, sources, memory
};

// ---- loader_imports.c
// Finds what an import means; sets import->module to a number or reports.
void loader_resolve_import(LoadedModule *importer, Import *import,
                           Worker *worker);
// The embedded module "std/x.lig"; INDEX_NONE when there is none.
uint32_t loader_std_module(Loader *loader, Str path, Worker *worker);

// ---- loader.c
// The number of an opened file; takes it over. Reads it when new, and starts
// its task unless `worker` is NULL. `dir` of some module is likely to be its
// folder.
uint32_t loader_add_file(Loader *loader, OpenedFile *file, Str shown, Str dir,
                         Worker *worker);
// Adds an empty module for a text of `bytes`.
LoadedModule *loader_append_module(Loader *loader, uint64_t bytes)
    REQUIRES(loader->lock);
void loader_start(LoadedModule *loaded, Worker *worker);
// Adds a module at the end of the program; its id is program->module_count.
void loader_append(Program *program, Module *module);
// Reads and parses a data file: of YAML all documents, as a list. NULL when it
// could not be read, or is no data by its name (E0002).
Module *loader_read_documents(Program *program, Str path);
// What a source may have in bytes.
uint64_t loader_max_source(const Loader *loader);

// ---- loader_limits.c
// Counts a module that was parsed.
void loader_charge(Loader *loader, const Module *module);
// Whether the program has more than it may: the rest need not be read.
bool loader_is_over_limit(Loader *loader);
// Says so at `entry`, and nothing else.
void loader_report_limit(Loader *loader, Module *entry);

// ---- loader_order.c
// Puts the modules in canonical order into the program; reports cycles.
void loader_order(Loader *loader, Worker *worker, const uint32_t *entries,
                  uint32_t count);

#endif
