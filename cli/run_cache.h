// The disk cache of a run: whether an earlier run of the same build, with the
// same options, in the same folder, over the same files has printed its result
// without a word of complaint. Then this run prints it again, and reads none
// of the files where the system says that they are as they were
// (cli/run_record.h).
//
// What is not kept: runs with diagnostics, of standard input, of several
// output files, with more than RUN_CACHE_OUTPUT to print, and, unless
// --cache-dir or --disk-cache asks for it, those too short to pay. What is
// known of the modules one by one is kept where the last run has shown that it
// pays: it took longer than to read that back. --disk-cache always keeps it,
// too.
//
// Ownership: run_cache_open() makes, run_cache_close() frees.
// Threads:   `log` as its type says; all else on the main thread.
#ifndef LIGATURE_CLI_RUN_CACHE_H
#define LIGATURE_CLI_RUN_CACHE_H

#include "cli/cache_folder.h"
#include "cli/options.h"
#include "cli/run_record.h"
#include "typecheck/verdict_store.h"

struct Session;
struct ModulePack;
struct ModuleStore;

#define RUN_CACHE_OUTPUT (UINT64_C(16) << 20)
// Shorter runs are kept on demand only. Looking for a run takes 1/1000 of it.
#define RUN_CACHE_PAYS_NS INT64_C(50000000)

typedef struct RunCacheStats {
    uint64_t hits, misses, evictions, entries, bytes;
    const char *off; // why the cache is not used; NULL: it is
} RunCacheStats;

typedef struct RunCache {
    CacheFolder folder;
    FileLog log;
    int64_t start_ns; // time of day
    bool always;      // also runs that are too short to pay
    bool keeps_modules;
    StrBuf path;       // of the folder
    StrBuf key;        // empty: a run that is not kept
    StrBuf output;     // what was printed
    bool output_whole; // it is all that was
    StrBuf payload;    // of `known`
    RunRecord known;
    bool found;                 // `known` is what this run would print
    bool touched;               // and its stamps are to be written anew
    struct ModulePack *modules; // cli/module_pack.h; NULL: not asked for
    VerdictStore verdicts;      // over `modules`
    struct ModuleStore *store;  // cli/module_store.h; over `modules`; or NULL
    bool no_store;              // what is in there is of no use
    RunCacheStats stats;
} RunCache;

// NULL where no cache is wanted, or there is no place for one.
RunCache *run_cache_open(const Settings *settings);
void run_cache_close(RunCache *cache);
// Whether the run is known; `paths` are the files that it is about.
bool run_cache_find(struct Session *session, const Str *paths, uint32_t count);
// At least so many bytes will be printed. NULL does not care.
void run_cache_expect_output(RunCache *cache, uint64_t bytes);
// What goes to standard output or --output, in order. NULL takes nothing.
void run_cache_take_output(RunCache *cache, Str bytes);
// Whether run_cache_has_modules() may come to be true; before anything is
// loaded.
bool run_cache_may_have_modules(struct Session *session);
// Whether the check is to be told, or is to tell, which modules need none; when
// the program is loaded.
bool run_cache_has_modules(struct Session *session);
// Where verdicts of modules are kept; NULL where they are not.
const VerdictStore *run_cache_verdicts(struct Session *session);
// Between resolving and checking: what need not be checked and evaluated.
void run_cache_plan(struct Session *session);
// After checking.
void run_cache_checked(struct Session *session);
// Before the program is freed. NULL has nothing to forget.
void run_cache_forget(RunCache *cache);
// Keeps what the run that is about to end well has read and printed.
void run_cache_keep(struct Session *session);
// All zero for NULL.
RunCacheStats run_cache_stats(const RunCache *cache);

#endif
