// libFuzzer entry: whatever parses is formatted; the result parses to the same
// tree but for spans, and formatting it again changes nothing. (That tokens and
// comments stay is checked by the formatter itself.)
#include <stdio.h>
#include <stdlib.h>

#include "syntax/ast_json.h"
#include "syntax/format.h"
#include "syntax/lexer.h"
#include "syntax/parser.h"
#include "tests/fuzz/fuzz_names.h"

#define MAX_NESTING 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Module *parse(Str text, Interner *interner)
{
    Module *module = module_new();
    module->source = (Source){.path = STR("fuzz.lig"), .text = text};
    parser_parse_module(module, interner, MAX_NESTING);
    return module;
}

// The tree without spans, and without the white space and line ends in the
// texts of /// comments, whose indentation may change.
static void write_tree(const Module *module, const Interner *interner,
                       StrBuf *out)
{
    StrBuf json = {0};
    ast_json_write(module, interner, &json);
    Str text = strbuf_str(&json);
    Str span = STR("\"span\":{");
    Str doc = STR("\"doc\":\"");
    for (size_t i = 0; i < text.len;) {
        Str rest = str_slice(text, i, text.len);
        if (str_starts_with(rest, span)) {
            i = str_find_byte(text, '}', i) + 1;
        } else if (str_starts_with(rest, doc)) {
            for (i += doc.len; text.data[i] != '"'; i++) {
                i += text.data[i] == '\\';
            }
            strbuf_append(out, doc);
        } else {
            strbuf_append_char(out, text.data[i++]);
        }
    }
    strbuf_release(&json);
}

static void fail(const char *what, Str before, Str after)
{
    fprintf(stderr, "%s\n--- before\n%.*s\n--- after\n%.*s\n", what,
            STR_ARG(before), STR_ARG(after));
    abort();
}

static void format(const Module *module, Interner *interner, StrBuf *out)
{
    FormatProblem problem;
    if (!format_module(module, interner, MAX_NESTING, out, &problem)) {
        fail(problem.what, module->source.text, strbuf_str(out));
    }
}

static void check(const Module *module, Interner *interner)
{
    StrBuf text = {0};
    StrBuf again = {0};
    StrBuf tree = {0};
    StrBuf tree_again = {0};
    format(module, interner, &text);
    Module *formatted = parse(strbuf_str(&text), interner);
    write_tree(module, interner, &tree);
    write_tree(formatted, interner, &tree_again);
    if (!str_equal(strbuf_str(&tree), strbuf_str(&tree_again))) {
        fail("the tree differs", module->source.text, strbuf_str(&text));
    }
    format(formatted, interner, &again);
    if (!str_equal(strbuf_str(&text), strbuf_str(&again))) {
        fail("not idempotent", strbuf_str(&text), strbuf_str(&again));
    }
    module_free(formatted);
    strbuf_release(&text);
    strbuf_release(&again);
    strbuf_release(&tree);
    strbuf_release(&tree_again);
}

// The text with comments and line ends between some of its tokens, chosen by
// `state`; most such texts still parse.
static void sprinkle(Str text, Interner *interner, uint64_t state, StrBuf *out)
{
    static const char *const pieces[] = {" ",
                                         "/* c */",
                                         "// c\n",
                                         "\n",
                                         "\n// c\n",
                                         "\n\n",
                                         "/* c */\n",
                                         "\n/* c */",
                                         "\n/* c */\n",
                                         "\n\n/* a\nb */",
                                         "/// d\n",
                                         "\n/// d\n",
                                         "-- c\n\n// d\n",
                                         "/**//**/",
                                         "\n\n// c\n\n"};
    DiagSink sink;
    Arena arena;
    diag_sink_init(&sink);
    arena_init(&arena);
    Source source = {.path = STR("fuzz.lig"), .text = text};
    Lexer *lexer = lexer_new(interner);
    lexer_start(lexer, &source, &arena, &sink);
    uint32_t at = 0;
    uint32_t density = 2 + (uint32_t)(state >> 8) % 30;
    for (Token token = {.kind = TOKEN_ERROR}; token.kind != TOKEN_END;) {
        lexer_next(lexer, &token);
        state = state * 6364136223846793005U + 1442695040888963407U;
        uint32_t draw = (uint32_t)(state >> 33);
        strbuf_append(out, str_slice(text, at, token.span.start));
        if (draw % density == 0 && !lexer_is_interpolating(lexer)) {
            size_t piece = (draw / density) % (sizeof pieces / sizeof *pieces);
            strbuf_append(out, str_from_c(pieces[piece]));
        }
        at = token.span.start;
    }
    strbuf_append(out, str_slice(text, at, text.len));
    lexer_free(lexer);
    arena_release(&arena);
    diag_sink_release(&sink);
}

static void check_text(Str text, Interner *interner)
{
    Module *module = parse(text, interner);
    if (!module->broken) {
        check(module, interner);
    }
    module_free(module);
}

static uint64_t mix(const uint8_t *data, size_t size)
{
    uint64_t state = size;
    for (size_t i = 0; i < size; i++) {
        state = (state ^ data[i]) * 1099511628211U;
    }
    return state;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Interner *interner = fuzz_names();
    Str text = str_make((const char *)data, size);
    uint64_t state = mix(data, size);
    check_text(text, interner);
    for (uint64_t i = 0; i < 4; i++) {
        StrBuf other = {0};
        sprinkle(text, interner, state + i, &other);
        check_text(strbuf_str(&other), interner);
        strbuf_release(&other);
    }
    return 0;
}
