// What the loader's files share.
//
// Ownership: a Loader and its LoadedModules live for one call of the loader;
//            the modules go to the program.
// Threads:   `lock` guards the tables; a LoadedModule belongs to its task
//            until the group was waited for.
#ifndef LIGATURE_SYNTAX_LOADER_INTERNAL_H
#define LIGATURE_SYNTAX_LOADER_INTERNAL_H

#include <stdalign.h>

#include "concurrent/pool.h"
#include "concurrent/thread.h"
#include "concurrent/worker_arenas.h"
#include "support/attributes.h"
#include "support/hash.h"
#include "support/vec.h"
#include "syntax/loader.h"
#include "syntax/parser.h"
#include "syntax/paths.h"

typedef struct Loader Loader;

// How far a file is. The walk that numbers the modules takes only files that
// are loaded; where it comes before, who loads the file goes on with the walk.
typedef enum LoadState {
    LOAD_PENDING,
    LOAD_AWAITED, // by the walk
    LOAD_ENDED
} LoadState;

typedef struct LoadedModule LoadedModule;
struct LoadedModule {
    Task task;
    Loader *loader;
    Module *module;
    Import **imports;       // in source order
    LoadedModule **targets; // what they lead to, side by side; NULL: nothing
    uint32_t import_count;
    bool is_listed;
    bool started;
    _Atomic(uint32_t) state; // LoadState
    // Canonical order: of the walk.
    bool on_path, ended, done, in_cycle;
    uint32_t next_import;
    // Names of [imports] that were compared with names that are not there.
    uint64_t candidates;
};

// What leads to a module: the canonical path of its file; folder, NUL and path
// of an import as it is written; "std/x.lig" of an embedded module.
typedef struct KnownPath {
    LoadedModule *loaded;
    uint32_t len;
    bool as_asked; // of a file: it was opened by this very text
    char text[];
} KnownPath;

// The text of a KnownPath, to look for it.
typedef struct PathKey {
    Str path;
    uint64_t hash;
    bool as_asked;
} PathKey;

// By a keyed hash, in open addressing: one line of memory for each look-up that
// finds nothing. Who adds holds the lock; who looks does not, and may then miss
// what is just added.
typedef struct KnownSlot {
    uint64_t hash;                    // written before `known`
    _Atomic(const KnownPath *) known; // NULL: free
} KnownSlot;

typedef struct KnownTable {
    struct KnownTable *older; // a smaller one, which others may still read
    uint32_t capacity;        // a power of two
    uint32_t count;
    KnownSlot slots[];
} KnownTable;

// The walk: depth first over the imports in source order. One worker at a time
// has it: see loader_order.c.
typedef struct Ordering {
    LoadedModule **roots;
    uint32_t root_count, next_root;
    VEC(LoadedModule *) path; // from the root to where the walk stands
    bool full; // no room for further modules while others read the table
    uint32_t last_link;   // of a session: the last input that the walk has left
    uint32_t suggestions; // folders looked through for misspelt imports
} Ordering;

typedef struct LoaderWorker {
    alignas(CACHE_LINE) Parser *parser; // NULL: not needed so far
    LoadedModule *spare;                // the last one made; or NULL
    uint64_t dir_hash;                  // of the folder, of which:
    FolderHand folder;
} LoaderWorker;

struct Loader {
    Program *program; // immutable after init, as are those below
    Paths paths;
    HashKey hash_key;
    LoaderWorker *workers;       // each its worker's
    uint32_t worker_count;       // immutable after init
    WorkerArenas memory;         // LoadedModules and KnownPaths
    Arena arena;                 // main thread only
    uint64_t hint_at;            // likewise: bytes at which the next hint about
                                 // memory is due
    _Atomic(bool) is_over_limit; // relaxed
    _Atomic(bool) has_written;   // some file was not found as it was asked for;
                                 // relaxed
    _Atomic(KnownTable *) known; // replaced, and added to, under the lock
    TaskGroup group;
    alignas(CACHE_LINE) Mutex lock; // LOCK_CLIENT
    // Guarded by lock:
    VEC(LoadedModule *) loaded; // all
    uint32_t std_count;
    bool too_many, too_large; // modules, sources
    // Atomic, relaxed:
    _Atomic(uint64_t) bytes;
    _Atomic(uint64_t) tree_bytes; // of the modules parsed
    // Of who has the walk:
    alignas(CACHE_LINE) Ordering ordering;
};

// NULL stands for the main worker.
static inline LoaderWorker *loader_worker(const Loader *loader,
                                          const Worker *worker)
{
    return &loader->workers[worker == NULL ? 0 : worker_index(worker)];
}

// ---- loader_found.c
void loader_init_known(Loader *loader);
void loader_release_known(Loader *loader);
// The worker's next new module, the same until it is listed. Fresh memory may
// take the system milliseconds, so none is asked for under the lock.
LoadedModule *loader_new_module(Loader *loader, const Worker *worker);
// The program has it, with a text of `bytes`.
void loader_list_module(Loader *loader, LoadedModule *loaded, uint64_t bytes)
    REQUIRES(loader->lock);
PathKey loader_key(const Loader *loader, Str path);
// The same of what a worker has asked for.
PathKey loader_asked_key(const Loader *loader, const AskedPath *asked,
                         const Worker *worker);
// Has the worker look in `dir`.
FolderHand *loader_enter(const Loader *loader, Str dir, const Worker *worker);
// What is known by the key; NULL also while another worker adds it.
const KnownPath *loader_known(Loader *loader, const PathKey *key);
// Remembers that the key leads to `loaded`, unless it is known already.
void loader_make_known(Loader *loader, const PathKey *key, LoadedModule *loaded,
                       const Worker *worker);
// The program has the new module `loaded`, with a text of `bytes`, unless the
// key is known already. Returns the module that the key leads to.
LoadedModule *loader_list_known(Loader *loader, const PathKey *key,
                                LoadedModule *loaded, uint64_t bytes,
                                const Worker *worker);

// ---- loader_imports.c
typedef enum PathForm {
    FORM_EXACT, // .lig, .json, .yaml, .yml, .toml, .txt
    FORM_STEM,  // P.lig, P/mod.lig
    FORM_FOLDER // only P/mod.lig
} PathForm;
PathForm path_form(Str path);
// What is added to a path for candidate `index`; false when there are no more.
bool path_candidate(PathForm form, uint32_t index, Str *out_ending);
// The entry of [imports] with the longest name that `name` is or begins with;
// what follows is a path inside that folder. NULL: there is none.
const ProjectImport *loader_project_import(const Loader *loader, Str name);
// "acme.types"
void loader_dotted_name(const Loader *loader, const Import *import,
                        StrBuf *out_name);
// Finds what an import means, or reports; who gets a new module starts it.
LoadedModule *loader_resolve_import(LoadedModule *importer,
                                    const Import *import, Worker *worker,
                                    bool *out_is_new);
// The embedded module "std/x.lig"; NULL when there is none.
LoadedModule *loader_std_module(Loader *loader, Str path, Worker *worker,
                                bool *out_is_new);

// ---- loader_suggest.c
// Says what may be meant by the imports that lead nowhere. Called by who has
// the walk, so that the first of a run get it, whoever reads them.
void loader_suggest_imports(Loader *loader, LoadedModule *loaded,
                            Worker *worker);
// The same of a file of the command line.
void loader_suggest_entry(Loader *loader, Str path, Diag *diag);

// ---- loader.c
// The module of an opened file, by the key of its path; takes the file over,
// and reads it when it is new. `dir` of some module is likely to be its folder.
LoadedModule *loader_add_file(Loader *loader, OpenedFile *file,
                              const PathKey *key, Str shown, Str dir,
                              Worker *worker, bool *out_is_new);
// Adds a module at the end of the program.
void loader_append(Program *program, Module *module, Worker *worker);
// A module of a file alone, not yet parsed; NULL after reporting.
Module *loader_read_alone(Program *program, Str path);
// What a source may have in bytes.
uint64_t loader_max_source(const Loader *loader);

// ---- loader_parse.c
// Parses a module as what it is by its name; `as_tree`: data too, however long.
void loader_parse(Parser *parser, Program *program, Module *module,
                  bool as_tree, Worker *worker);
// The same on the main worker.
void loader_parse_alone(Program *program, Module *module, bool as_tree);
// Reads and parses a data file: of YAML all documents, as a list. NULL when it
// could not be read, or is no data by its name (E0002).
Module *loader_read_documents(Program *program, Str path);
// The same for a single document; what is no data by its name is a program.
Module *loader_read_data(Program *program, Str path);

// ---- loader_limits.c
// Counts a module that was parsed.
void loader_charge(Loader *loader, const Module *module);
// Whether the program has more than it may: the rest need not be read.
bool loader_is_over_limit(Loader *loader);
// Says so at `entry`, and nothing else.
void loader_report_limit(Loader *loader, Module *entry);

// ---- loader_order.c
// The file is loaded: goes on with the walk that waits for it.
void loader_ended(LoadedModule *loaded, Worker *worker);
// Puts modules in canonical order into the program, as far as they are loaded,
// and reports cycles. Called by who has the walk.
void loader_walk(Loader *loader, Worker *worker);

#endif
