// libFuzzer entry: bytes as what the disk cache says of a run and of a module,
// past the seal that keeps them from anybody else. They are read or refused;
// values that are taken are evaluated and shown.
#include "tests/fuzz/fuzz_program.h"

#include "cli/run_record.h"
#include "eval/run.h"
#include "eval/stored_values.h"
#include "support/pack.h"
#include "typecheck/stored_types.h"

#define PROGRAM                                                                \
    "type Color = Red | Mix Integer (Option Color);\n"                         \
    "type Service = { name: String, port: Integer = 80, host?: String };\n"    \
    "type Port = Integer where x > 0;\n"                                       \
    "let a = { p = 1 };\nlet b = [Mix 1 None];\n"                              \
    "let c: Service = { name = \"c\" };\n{ a, b, c }\n"

// A record that is read is written as it was.
static void fuzz_record(Str bytes)
{
    RunRecord record = {0};
    StrBuf again = {0};
    if (run_record_parse(bytes, &record)) {
        run_record_append(&record, &again);
        RunRecord twice = {0};
        if (!run_record_parse(strbuf_str(&again), &twice) ||
            twice.files.count != record.files.count ||
            twice.modules.count != record.modules.count ||
            !str_equal(twice.output, record.output)) {
            abort();
        }
        run_record_release(&twice);
    }
    strbuf_release(&again);
    run_record_release(&record);
}

static void fuzz_value(FuzzRun *run, const ModulePaths *paths, Str bytes)
{
    if (!stored_value_check(run->program, paths, bytes)) {
        return;
    }
    EvaluationOptions options = {0};
    Evaluation *evaluation = evaluation_new(run->program, &options);
    Worker *worker = pool_main_worker(run->pool);
    Value value = stored_value_read(evaluation, paths,
                                    evaluation_heap(evaluation, worker), bytes);
    StrBuf text = {0}, again = {0};
    (void)value_show(&text, value, 1 << 16);
    CtorPlaces *places = ctor_places_new(evaluation);
    // What was written by hand may be nested too deeply to be written by us.
    if (stored_value_append(places, value, &again) &&
        !stored_value_check(run->program, paths, strbuf_str(&again))) {
        abort();
    }
    ctor_places_free(places);
    strbuf_release(&text);
    strbuf_release(&again);
    evaluation_free(evaluation);
}

static void fuzz_types(FuzzRun *run, const ModulePaths *paths, Str bytes)
{
    TypePlaces *places = type_places_new(run->program);
    PackReader reader = pack_reader(bytes);
    Arena arena;
    arena_init(&arena);
    const Module *module = run->program->modules[run->program->entries[0]];
    StoredTypes *types =
        stored_types_read(run->program, places, paths, module, &arena, &reader);
    stored_types_free(types);
    arena_release(&arena);
    type_places_free(places);
}

// Checked once: all inputs are about the same program, which reading leaves as
// it is.
static FuzzRun *checked_program(void)
{
    static FuzzRun run;
    if (run.program == NULL) {
        fuzz_run_init(&run);
        if (!fuzz_run_check(&run, (const uint8_t *)PROGRAM,
                            sizeof PROGRAM - 1)) {
            abort();
        }
    }
    return &run;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Str bytes = str_make((const char *)data, size);
    FuzzRun *run = checked_program();
    fuzz_record(bytes);
    ModulePaths *paths = module_paths_new(run->program);
    fuzz_value(run, paths, bytes);
    fuzz_types(run, paths, bytes);
    module_paths_free(paths);
    return 0;
}
