// One run of ligature: the settings, what the passes share, what they found.
//
// Ownership: a session owns everything in it but the settings.
// Threads:   main thread only; the pool's workers see the token.
#ifndef LIGATURE_CLI_SESSION_H
#define LIGATURE_CLI_SESSION_H

#include "cli/exit_status.h"
#include "cli/options.h"
#include "cli/run_cache.h"
#include "concurrent/cache_map.h"
#include "concurrent/pool.h"
#include "eval/run.h"
#include "eval/select.h"
#include "support/diag.h"
#include "syntax/module.h"

typedef enum Phase {
    PHASE_LOAD, // read, lex and parse
    PHASE_RESOLVE,
    PHASE_CHECK,
    PHASE_EVALUATE,
    PHASE_PRINT,
    PHASE_COUNT
} Phase;

typedef struct Session {
    uint32_t verb;                 // VERB_EVAL
    struct ProgressLine *progress; // NULL: nobody watches
    bool progress_tried;
    Settings *settings;
    Arena arena;       // of `select`
    SelectPath select; // the path of --select, or of `why`; empty: the whole
    CancelToken token;
    Pool *pool;
    Program *program;
    Trace *trace;           // NULL: nobody asked for one
    Evaluation *evaluation; // NULL until evaluated
    Value *results;         // one per entry
    CacheMap *type_cache, *value_cache, *expression_cache;
    RunCache *run_cache;  // on disk; NULL: nothing is kept
    FileLog *file_log;    // of the session; NULL: not needed, or the cache's
    DiagSink diags;       // filled by session_finish from all passes
    bool is_alone;        // session_evaluates_alone() has ended the others
    const char *fallback; // why one thread made it; NULL when not only one did
    int64_t start_ns;
    int64_t phase_start_ns[PHASE_COUNT];
    int64_t phase_end_ns[PHASE_COUNT]; // 0: with those that overlap
    int64_t phase_ns[PHASE_COUNT];
    bool phase_ran[PHASE_COUNT];
    // Of phases that overlap, all with the first of them.
    WorkSpan phase_work_span[PHASE_COUNT];
    WorkSpan counted;       // of the phases up to now
    int64_t overlap_end_ns; // of the phases that ran at once; 0: none did
    CancelReason stopped;   // session_settle: why there is no result
    bool settled;
    bool failed;  // a pass said that there is no result
    bool differs; // of --check and --diff: something would change
    bool no_diagnostics_file, no_report, no_trace; // they cannot be written
    bool overwrites_checked; // overwrite_refuse() has looked
    bool overwrites_refused; // and said that something is to be replaced
} Session;

// Installs the signal handlers, makes the pool (no thread yet) and an empty
// program. Sets `failed` when a file that is to be written cannot be, or
// what --select names is no path.
void session_init(Session *session, uint32_t verb, Settings *settings);
// Collects and sorts the diagnostics of all passes and says how the run ended
// as far as is known; what is printed after it may still fail.
ExitStatus session_settle(Session *session);
// Collects the diagnostics, shows them, writes the report, and says how the
// run ended.
ExitStatus session_finish(Session *session);
void session_release(Session *session);

// What the settings say of a program: limits, folders, inputs.
ProgramOptions session_program_options(const Settings *settings);

const char *session_phase_name(Phase phase);
// The phase ends: what was done since the last one ended was done in it.
void session_count_work(Session *session, Phase phase);

// An empty program again, for another try: nothing is known of the first.
void session_restart(Session *session);

// The same for another input of `repl`.
void session_next(Session *session);
// The time of an input begins: its deadline, and that nobody has cancelled it.
void session_begin_clock(Session *session);

// The session's evaluation, of which nothing has run; `by_module`: modules are
// added to it as they are checked.
void session_begin_evaluation(Session *session, bool by_module);
// Frees it, with all that the caches have of it. Another one may begin.
void session_drop_evaluation(Session *session);
// Whether it ran out of memory, or nearly, as one worker alone might not have,
// or the other way round, and nobody has stopped the run. Then another one has
// begun, by one worker, and what the first one said, all of session->diags, is
// forgotten.
bool session_evaluates_alone(Session *session);
// Whether the evaluation is to know where values come from.
bool session_explains(const Session *session);
// Whether what is written to the descriptor is to have colours.
bool session_wants_color(const Settings *settings, int fd);

// Before anything else is written to the terminal.
void session_hide_progress(Session *session);

// Whether there is a warning that --werror makes an error.
bool session_refuses_warnings(Session *session);

// A diagnostic without a place: the command line (E0001), a file (E0002).
void session_error(Session *session, DiagCode code, const char *format, ...)
    PRINTF_LIKE(3, 4);
// E0002: `error` is an errno. False, for the caller to hand on.
bool session_unwritable(Session *session, Str path, int error);
// Tells who watches what is at the path now: the run depends on it.
void session_notify(Session *session, Str path);
// Writes all of a file (output_open() says which) or reports why not.
bool session_write(Session *session, Str path, Str text);

#endif
