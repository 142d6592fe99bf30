// libFuzzer entry: any text is loaded, resolved and checked; it has a type
// for each binding, which can be printed, or at least one diagnostic.
#include "tests/fuzz/fuzz_program.h"
#include "tests/fuzz/fuzz_tokens.h"

static void print_types(const Program *program)
{
    uint32_t last = program->module_count - 1;
    const Module *module = program->modules[last];
    Arena arena;
    arena_init(&arena);
    for (uint32_t i = 0; i < module->visible_count; i++) {
        (void)check_binding_type(program, last, i, &arena);
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzRun run;
    fuzz_run_init(&run);
    bool ok = fuzz_run_check(&run, data, size);
    if (ok) {
        print_types(run.program);
    }
    fuzz_run_judge(&run, ok);
    fuzz_run_release(&run);
    return 0;
}
