// The C API: contexts and results around api/run.h. A run has a thread of its
// own: the passes recurse as deep as max_nesting allows, and the caller's stack
// may be small.
#include "include/ligature.h"

#include <stdlib.h>
#include <string.h>

#include "api/run.h"
#include "cli/version.h"
#include "concurrent/thread.h"
#include "support/arena.h"
#include "support/die.h"

#define STACK_BYTES ((size_t)64 << 20)

struct LigatureContext {
    LigatureOptions options; // its texts are in `arena`; immutable
    Arena arena;
    CancelToken cancel; // the parent of every run's
};

struct LigatureResult {
    ApiRun run;
};

const char *ligature_version(void)
{
    return LIGATURE_VERSION;
}

void ligature_options_init(LigatureOptions *options)
{
    *options = (LigatureOptions){.size = sizeof *options};
}

// ---- contexts

static const char *copy_text(Arena *arena, const char *text)
{
    return text != NULL ? arena_printf(arena, "%s%c", text, '\0').data : NULL;
}

// NULL among them is an empty text, which is refused where none may be empty.
static const char *const *copy_texts(Arena *arena, const char *const *texts,
                                     size_t count)
{
    const char **copies = arena_alloc(arena, (count + 1) * sizeof *copies);
    for (size_t i = 0; i < count; i++) {
        const char *text = texts != NULL ? texts[i] : NULL;
        copies[i] = copy_text(arena, text != NULL ? text : "");
    }
    return copies;
}

LigatureContext *ligature_context_new(const LigatureOptions *options)
{
    LigatureContext *context = mem_calloc(1, sizeof *context);
    LigatureOptions *copy = &context->options;
    Arena *arena = &context->arena;
    arena_init(arena);
    cancel_token_init(&context->cancel, NULL, INT64_MAX);
    if (options != NULL) {
        // A caller that was compiled against an older header knows less.
        memcpy(copy, options,
               options->size < sizeof *copy ? options->size : sizeof *copy);
        copy->root = copy_text(arena, copy->root);
        copy->select = copy_text(arena, copy->select);
        copy->include_dirs =
            copy_texts(arena, copy->include_dirs, copy->include_dir_count);
        copy->inputs = copy_texts(arena, copy->inputs, copy->input_count);
    }
    return context;
}

void ligature_context_free(LigatureContext *context)
{
    if (context != NULL) {
        arena_release(&context->arena);
        free(context);
    }
}

void ligature_cancel(LigatureContext *context)
{
    cancel_token_cancel(&context->cancel, CANCEL_INTERRUPTED);
}

// ---- runs

static void *run_on_thread(void *argument)
{
    api_run(argument);
    return NULL;
}

static LigatureResult *start(LigatureContext *context, const ApiRun *run)
{
    LigatureResult *result = mem_calloc(1, sizeof *result);
    result->run = *run;
    result->run.options = &context->options;
    result->run.cancel = &context->cancel;
    Thread thread;
    if (thread_start(&thread, run_on_thread, &result->run, STACK_BYTES)) {
        thread_join(&thread);
    } else {
        api_run_refuse(&result->run);
    }
    return result;
}

// A file that is missing, rather than a text.
static const char *path_or_none(const char *path)
{
    return path != NULL ? path : "";
}

LigatureResult *ligature_evaluate_file(LigatureContext *context,
                                       const char *path)
{
    ApiRun run = {.evaluate = true, .path = path_or_none(path)};
    return start(context, &run);
}

LigatureResult *ligature_evaluate_text(LigatureContext *context,
                                       const char *name, const char *dir,
                                       const char *text, size_t length)
{
    ApiRun run = {.evaluate = true,
                  .name = name,
                  .dir = dir,
                  .text = str_make(text, length)};
    return start(context, &run);
}

LigatureResult *ligature_typecheck_file(LigatureContext *context,
                                        const char *path)
{
    ApiRun run = {.path = path_or_none(path)};
    return start(context, &run);
}

LigatureResult *ligature_typecheck_text(LigatureContext *context,
                                        const char *name, const char *dir,
                                        const char *text, size_t length)
{
    ApiRun run = {.name = name, .dir = dir, .text = str_make(text, length)};
    return start(context, &run);
}

// ---- results

LigatureStatus ligature_result_status(const LigatureResult *result)
{
    return result->run.status;
}

const char *ligature_result_output(const LigatureResult *result)
{
    return result->run.output.data;
}

size_t ligature_result_output_size(const LigatureResult *result)
{
    return result->run.output.len;
}

const char *ligature_result_diagnostics(const LigatureResult *result)
{
    return result->run.diagnostics.data;
}

const char *ligature_result_message(const LigatureResult *result)
{
    return result->run.message.data;
}

void ligature_result_free(LigatureResult *result)
{
    if (result != NULL) {
        api_run_release(&result->run);
        free(result);
    }
}
