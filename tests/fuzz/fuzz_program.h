// What the targets that take whole programs share: bytes become a program of
// one module, loaded, resolved and checked on one worker under small limits.
//
// Ownership: a FuzzRun owns all that hangs on it.
// Threads:   the fuzzer's only one.
#ifndef LIGATURE_TESTS_FUZZ_FUZZ_PROGRAM_H
#define LIGATURE_TESTS_FUZZ_FUZZ_PROGRAM_H

#include <stdint.h>
#include <stdlib.h>

#include "concurrent/pool.h"
#include "syntax/loader.h"
#include "syntax/resolve.h"
#include "typecheck/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct FuzzRun {
    Pool *pool;
    CancelToken token;
    Program *program;
    DiagSink diags;
} FuzzRun;

static inline void fuzz_run_init(FuzzRun *run)
{
    Limits limits = limits_default();
    limits.max_nesting = 200;
    limits.max_depth = 2000;
    limits.max_steps = 4000; // the heap is collected at each
    limits.max_memory_bytes = UINT64_C(64) << 20;
    limits.max_output_bytes = UINT64_C(4) << 20;
    limits.max_type_nodes = 100000;
    limits.max_modules = 100;
    ProgramOptions options = {.limits = limits};
    run->pool = pool_new(1, 0);
    cancel_token_init(&run->token, NULL, INT64_MAX);
    run->program = program_new(&options, run->pool, &run->token);
    diag_sink_init(&run->diags);
}

static inline void fuzz_run_release(FuzzRun *run)
{
    check_program_release(run->program);
    program_free(run->program);
    pool_free(run->pool);
    diag_sink_release(&run->diags);
}

// Whether the text is a program without errors. Only std can be imported:
// the folder does not exist.
static inline bool fuzz_run_check(FuzzRun *run, const uint8_t *data,
                                  size_t size)
{
    Str text = str_make((const char *)data, size);
    CheckOptions options = {0};
    if (!loader_load_text(run->program, STR("fuzz.lig"), STR("/nonexistent"),
                          text)) {
        return false;
    }
    resolve_program(run->program);
    return check_program(run->program, &options);
}

// Takes what was found; aborts when a failure left no word about it, or a
// diagnostic points outside of its text.
static inline void fuzz_run_judge(FuzzRun *run, bool ok)
{
    program_take_diags(run->program, &run->diags);
    diag_sink_sort(&run->diags);
    if (ok != (run->diags.error_count == 0)) {
        abort();
    }
    for (uint32_t i = 0; i < run->diags.diags.count; i++) {
        const Diag *diag = diag_at(&run->diags, i);
        if (diag->source != NULL && (diag->span.start > diag->span.end ||
                                     diag->span.end > diag->source->text.len)) {
            abort();
        }
    }
}

#endif
