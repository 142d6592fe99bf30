// Ligature as a library: files or texts to JSON, or to diagnostics.
//
//     LigatureOptions options;
//     ligature_options_init(&options);
//     options.timeout_ms = 2000;
//     LigatureContext *context = ligature_context_new(&options);
//     LigatureResult *result = ligature_evaluate_file(context, "main.lig");
//     if (ligature_result_status(result) == LIGATURE_OK) {
//         puts(ligature_result_output(result));
//     } else {
//         fputs(ligature_result_message(result), stderr);
//     }
//     ligature_result_free(result);
//     ligature_context_free(context);
//
// The library has no state of its own, installs no signal handler, prints
// nothing, and reads neither the environment nor standard input. Its threads
// block all signals and have ended when a call returns. Two things end the
// process, after a line on standard error: the system has no memory left
// (status 4; the limit max_memory_bytes is no such thing), and a bug in the
// library (status 70).
//
// Ownership: who calls ligature_x_new() or gets a result frees it. Texts of a
//            result are valid until it is freed, and independent of the
//            context. Texts that are given are copied or used only during the
//            call.
// Threads:   a context may be used by several threads at once, and so may
//            several contexts. A result has one owner at a time.
#ifndef LIGATURE_H
#define LIGATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// How a run ended. The numbers are the exit codes of the program `ligature`.
typedef enum LigatureStatus {
    LIGATURE_OK = 0,         // warnings may have been given
    LIGATURE_FAILED = 1,     // the program or data is wrong
    LIGATURE_USAGE = 2,      // an option or an input is wrong
    LIGATURE_IO = 3,         // a file could not be read; no thread to be had
    LIGATURE_LIMIT = 4,      // a limit was reached
    LIGATURE_TIMEOUT = 124,  // the time was up
    LIGATURE_CANCELLED = 130 // ligature_cancel() was called
} LigatureStatus;

// Made by ligature_options_init() and then changed. Everything that is zero,
// false, or NULL has its default.
typedef struct LigatureOptions {
    size_t size; // of this structure as the caller knows it

    uint32_t workers;    // threads of a run, 1 to 1024; 0: the CPUs that the
                         // process may use. The result does not depend on it
    uint64_t timeout_ms; // of each run; 0: none

    // The folder that imports cannot leave, symbolic links resolved, and in
    // which the files given must lie. NULL: the working directory where the
    // file lies in it, else the file's folder.
    const char *root;
    const char *const *include_dirs; // where imports are looked up too
    size_t include_dir_count;
    const char *const *inputs; // "NAME=VALUE", as --input takes it
    size_t input_count;

    const char *select; // this part of the result: a.b[0]."k.x"; NULL: all
    bool compact;       // on one line, without spaces
    bool sort_keys;     // in byte order
    bool ascii;         // escape all but ASCII
    bool strict;        // recursion that is not shown to end is an error
    bool fail_fast;     // report the first error only

    // Limits; 0: the default of the program `ligature`. What max_nesting says
    // beyond 2000 is taken for 2000: deeper walks need larger stacks.
    uint32_t max_nesting, max_depth, max_modules;
    uint64_t max_steps, max_memory_bytes, max_output_bytes, max_source_bytes,
        max_type_nodes;
    uint64_t max_sources_bytes; // of all files; max_source_bytes: of each
} LigatureOptions;

typedef struct LigatureContext LigatureContext;
typedef struct LigatureResult LigatureResult;

// "0.1.0"
const char *ligature_version(void);

void ligature_options_init(LigatureOptions *options);

// Copies the options; NULL stands for the defaults. Never NULL.
LigatureContext *ligature_context_new(const LigatureOptions *options);
// No run of the context may be going on. NULL is fine.
void ligature_context_free(LigatureContext *context);

// Stops the runs of the context that are going on, from any thread or a signal
// handler, within milliseconds. The context stays cancelled: runs that begin
// later end at once.
void ligature_cancel(LigatureContext *context);

// Checks and evaluates a file, and gives its result as JSON. Never NULL.
LigatureResult *ligature_evaluate_file(LigatureContext *context,
                                       const char *path);
// The same for a text of `length` bytes. `name` stands for it in diagnostics,
// imports are relative to the folder `dir`, which has to exist (NULL: the root
// of the options, else the working directory).
LigatureResult *ligature_evaluate_text(LigatureContext *context,
                                       const char *name, const char *dir,
                                       const char *text, size_t length);
// Only checks. The output is empty, the diagnostics say it all.
LigatureResult *ligature_typecheck_file(LigatureContext *context,
                                        const char *path);
LigatureResult *ligature_typecheck_text(LigatureContext *context,
                                        const char *name, const char *dir,
                                        const char *text, size_t length);

LigatureStatus ligature_result_status(const LigatureResult *result);
// The result as JSON in UTF-8 with a line break at its end; "" unless the
// status is LIGATURE_OK. It holds no NUL byte but the one that ends it.
const char *ligature_result_output(const LigatureResult *result);
size_t ligature_result_output_size(const LigatureResult *result);
// The JSON document of --diagnostics json: all errors and warnings. It is
// there whatever the status. Where an option of the program would help, "help"
// names the field of LigatureOptions instead: "raise max_steps".
const char *ligature_result_diagnostics(const LigatureResult *result);
// The same for people, without colours; "" when there are none.
const char *ligature_result_message(const LigatureResult *result);
void ligature_result_free(LigatureResult *result);

#ifdef __cplusplus
}
#endif

#endif
