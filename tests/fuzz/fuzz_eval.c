// libFuzzer entry: a text that checks is evaluated under small limits and
// printed; what is printed reads back as JSON, and is what code without
// optimisations gives.
#include "tests/fuzz/fuzz_program.h"
#include "tests/fuzz/fuzz_tokens.h"

#include <stdio.h>
#include <string.h>

#include "eval/run.h"
#include "eval/write_json.h"
#include "syntax/read_json.h"

static bool append(void *ctx, Str bytes)
{
    strbuf_append(ctx, bytes);
    return true;
}

static void check_json(Str text)
{
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){.path = STR("result.json"), .text = text};
    read_json_module(module, interner, 100000);
    if (module->broken) {
        abort();
    }
    module_free(module);
    interner_free(interner);
}

static bool print(FuzzRun *run, Value value, DiagSink *diags, StrBuf *out)
{
    const Module *module = run->program->modules[run->program->entries[0]];
    JsonOptions options = {
        .max_bytes = run->program->options.limits.max_output_bytes,
        .source = &module->source,
    };
    JsonDocument *document = json_prepare(
        &options, value, pool_main_worker(run->pool), &run->token, diags);
    if (document == NULL) {
        return false;
    }
    if (!json_document_write(document, append, out) ||
        json_document_bytes(document) != strbuf_str(out).len) {
        abort();
    }
    json_document_free(document);
    return true;
}

// The result as JSON, with optimised code or with plain code.
static bool evaluate(FuzzRun *run, bool plain, DiagSink *diags, StrBuf *out)
{
    EvaluationOptions options = {.plain = plain};
    Evaluation *evaluation = evaluation_new(run->program, &options);
    Value value;
    bool ok = evaluation_run(evaluation, diags, &value) &&
              print(run, value, diags, out);
    evaluation_free(evaluation);
    return ok;
}

// Plain code takes other steps to the same end.
static bool is_limited(const DiagSink *diags)
{
    for (uint32_t i = 0; i < diags->diags.count; i++) {
        if (strncmp(diag_code_name(diag_at(diags, i)->code), "E06", 3) == 0) {
            return true;
        }
    }
    return false;
}

static bool evaluate_twice(FuzzRun *run)
{
    StrBuf text = {0};
    StrBuf plain_text = {0};
    DiagSink plain_diags;
    diag_sink_init(&plain_diags);
    bool ok = evaluate(run, false, &run->diags, &text);
    bool plain_ok = evaluate(run, true, &plain_diags, &plain_text);
    bool limited = is_limited(&run->diags) || is_limited(&plain_diags);
    if (!limited && (ok != plain_ok ||
                     !str_equal(strbuf_str(&text), strbuf_str(&plain_text)))) {
        fprintf(stderr, "optimised: %.*s\nplain: %.*s\n",
                STR_ARG(strbuf_str(&text)), STR_ARG(strbuf_str(&plain_text)));
        abort();
    }
    if (ok) {
        check_json(strbuf_str(&text));
    }
    diag_sink_release(&plain_diags);
    strbuf_release(&text);
    strbuf_release(&plain_text);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_run_init(&run);
    bool ok = fuzz_run_check(&run, data, size) && evaluate_twice(&run);
    fuzz_run_judge(&run, ok);
    fuzz_run_release(&run);
    return 0;
}
