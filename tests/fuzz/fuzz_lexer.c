// libFuzzer entry: any bytes become tokens whose spans lie in the text and
// rise, and come to an end; in batches, they are the same.
#include <stdlib.h>

#include "syntax/lexer.h"
#include "tests/fuzz/fuzz_names.h"
#include "tests/lex_twice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Interner *interner = fuzz_names();
    Arena arena;
    DiagSink sink;
    arena_init(&arena);
    diag_sink_init(&sink);
    Source source = {.path = STR("fuzz.lig"),
                     .text = str_make((const char *)data, size)};
    Lexer *lexer = lexer_new(interner);
    lexer_start(lexer, &source, &arena, &sink);
    Token token;
    uint32_t last = 0;
    size_t count = 0;
    do {
        lexer_next(lexer, &token);
        if (token.span.start < last || token.span.end < token.span.start ||
            token.span.end > size || ++count > 2 * size + 16) {
            abort();
        }
        last = token.span.start;
    } while (token.kind != TOKEN_END);
    if (!lex_twice(source.text, interner, UINT32_MAX) ||
        !lex_twice(source.text, interner, (uint32_t)size / 2)) {
        abort();
    }
    lexer_free(lexer);
    diag_sink_release(&sink);
    arena_release(&arena);
    return 0;
}
