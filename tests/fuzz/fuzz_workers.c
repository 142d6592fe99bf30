// libFuzzer entry: a program run through the library by one worker and by
// several ends in the same way, with the same bytes and the same diagnostics.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "include/ligature.h"
#include "tests/fuzz/fuzz_tokens.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static LigatureResult *run(uint32_t workers, const uint8_t *data, size_t size)
{
    LigatureOptions options;
    ligature_options_init(&options);
    options.workers = workers;
    options.max_nesting = 200;
    options.max_depth = 2000;
    options.max_steps = 4000; // the heap is collected at each
    options.max_memory_bytes = UINT64_C(64) << 20;
    options.max_output_bytes = UINT64_C(1) << 20;
    options.max_type_nodes = 100000;
    LigatureContext *context = ligature_context_new(&options);
    LigatureResult *result = ligature_evaluate_text(
        context, "fuzz.lig", "/nonexistent", (const char *)data, size);
    ligature_context_free(context);
    return result;
}

static bool is_same(const LigatureResult *a, const LigatureResult *b)
{
    return ligature_result_status(a) == ligature_result_status(b) &&
           strcmp(ligature_result_output(a), ligature_result_output(b)) == 0 &&
           strcmp(ligature_result_message(a), ligature_result_message(b)) ==
               0 &&
           strcmp(ligature_result_diagnostics(a),
                  ligature_result_diagnostics(b)) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    LigatureResult *one = run(1, data, size);
    LigatureResult *many = run(4, data, size);
    if (!is_same(one, many)) {
        fprintf(stderr, "one worker: %d\n%s%s\nfour: %d\n%s%s\n",
                (int)ligature_result_status(one), ligature_result_output(one),
                ligature_result_message(one), (int)ligature_result_status(many),
                ligature_result_output(many), ligature_result_message(many));
        abort();
    }
    ligature_result_free(one);
    ligature_result_free(many);
    return 0;
}
