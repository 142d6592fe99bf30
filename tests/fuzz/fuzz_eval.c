// libFuzzer entry: a text that checks is evaluated under small limits and
// printed; what is printed reads back as JSON.
#include "tests/fuzz/fuzz_program.h"

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
    module->source = (Source){STR("result.json"), text, 0};
    read_json_module(module, interner, 100000);
    if (module->broken) {
        abort();
    }
    module_free(module);
    interner_free(interner);
}

static bool print(FuzzRun *run, Value value)
{
    const Module *module = run->program->modules[run->program->entries[0]];
    JsonOptions options = {
        .max_bytes = run->program->options.limits.max_output_bytes,
        .source = &module->source,
    };
    JsonDocument *document = json_prepare(
        &options, value, pool_main_worker(run->pool), &run->token, &run->diags);
    if (document == NULL) {
        return false;
    }
    StrBuf text = {0};
    if (!json_document_write(document, append, &text) ||
        json_document_bytes(document) != strbuf_str(&text).len) {
        abort();
    }
    check_json(strbuf_str(&text));
    strbuf_release(&text);
    json_document_free(document);
    return true;
}

static bool evaluate(FuzzRun *run)
{
    EvaluationOptions options = {0};
    Evaluation *evaluation = evaluation_new(run->program, &options);
    Value value;
    bool ok =
        evaluation_run(evaluation, &run->diags, &value) && print(run, value);
    evaluation_free(evaluation);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_run_init(&run);
    bool ok = fuzz_run_check(&run, data, size) && evaluate(&run);
    fuzz_run_judge(&run, ok);
    fuzz_run_release(&run);
    return 0;
}
