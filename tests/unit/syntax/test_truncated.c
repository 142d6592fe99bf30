// Texts that end, or lose a byte, at any place: the parser ends, what it says
// points into the text, and it reads nothing beyond (a copy of the exact
// length, under AddressSanitizer).
#include <stdlib.h>

#include "syntax/ast_json.h"
#include "tests/harness.h"
#include "tests/unit/syntax/parsed.h"

static const char *const texts[] = {
    "let a = \"\\n\\t\\u00e9\\ud83d\\ude00\\u{1F600}\\\\ \\(b ++ \"c\") d\";",
    "let a = r\"x\" ++ r#\"y\"z\"# ++ r##\"\"#\"##;",
    "let a = \"\"\"\n   b \\(c)\\n\n  d \"q\" \"\"e\n  \"\"\";\n",
    "let a = \"\"\"\r\n\tb \\\\ \\(c)\r\n\r\n\td\r\n\t\"\"\";\r\n",
    "let a = \"\"\"\r  b\r  c \\\"\r  \"\"\";\r",
    "let a = 1_000 + 0xF_f + 0b1_0 + 0o17 - 1.5e-10 * 2e+3 / 1_0.2_5;",
    "/* a /* b **/ c */ let a = 1; // d\n-- e\n/// f\n/// g\nlet b = 2;",
    "#!/usr/bin/env ligature\nlet a = \"\"\"\r\\(b)\"\"\" ++ [c,\t\nd];",
    "module a.let.b;\nimport \"x.json\" as x: { a: Int, ..r };\n"
    "type T = { a: Int, ..'r };\n"
    "import { a as b, C, d } from std.list;\nimport a.b.type as c;\n"
    "export { a, B as C };\nexport let rec f x = g x and g y = f y;",
    "input port: Int where x > 0 && x <= 9 with length = 80;",
    "type A a 'b = | B a (List b) | C(Int, String) | D { x: Int };\n"
    "export type E = { a: Int, \"b c\"?: String = \"\", type: (), ..r };\n"
    "let f: (Eq a, Show (M.T b)) => [a] -> (b -> ()) = g;",
    "typeclass C a where\n  superclass Eq a, Show a;\n  f: a -> Int;\n  g : "
    "a;\n"
    "instance (Eq a, D b) => C (List a) where\n  f x = 1;\n  g = [];\n",
    "let a = f (x, y) [z] { a = 1, b.c = 2, ..d, \"e f\" = 3, g } h.i.\"j\";",
    "let a = \\x (y: Int) ({ z, w = v }) ([b, ..c]) _ -> x |> y ?? z || !w;",
    "let a = if b then -c else if d == e then f else g.h(1)(2, 3);",
    "let a = match b { 1 | -2.5 | \"c\" => d, [e, f, ..] when g => h,\n"
    "  { i, j = k, .. } => l, M.N (o, p) q => r, () | (s, t) | true => u };",
    "let a = let b = 1; c: Int = 2; f ([x]) ({ y }) = 3; in [b for c in d if "
    "e];",
    "let a = let rec f x = g x and g (y): Int = 2; in (f : Int -> Int);",
    "let a: Eq b => b where > 0 && !(< 3) = (1 : Int) ++ [2, 3] % 4 >= 5;",
};

static void check(Interner *interner, const char *bytes, size_t len)
{
    char *copy = malloc(len + (len == 0));
    CHECK(copy != NULL);
    memcpy(copy, bytes, len);
    Module *module = parsed_new(interner, str_make(copy, len), 60);
    CHECK_EQ_INT(module->broken, module->diags.error_count > 0);
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        const Diag *diag = diag_at(&module->diags, i);
        CHECK(diag->span.start <= diag->span.end && diag->span.end <= len);
        for (uint32_t k = 0; k < diag->more->labels.count; k++) {
            const Span *span = &diag->more->labels.items[k].span;
            CHECK(span->start <= span->end && span->end <= len);
        }
    }
    if (!module->broken) {
        StrBuf tree = {0};
        ast_json_write(module, interner, &tree);
        CHECK(str_ends_with(strbuf_str(&tree), STR("}\n")));
        strbuf_release(&tree);
    }
    module_free(module);
    free(copy);
}

TEST(every_text_is_right)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Interner *interner = symbols_new();
        Module *module = parsed_new(interner, str_from_c(texts[i]), 60);
        harness_check_int(__FILE__, __LINE__, texts[i],
                          module->diags.error_count, 0);
        module_free(module);
        interner_free(interner);
    }
}

TEST(texts_end_anywhere)
{
    Interner *interner = symbols_new();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t len = 0; len < strlen(texts[i]); len++) {
            check(interner, texts[i], len);
        }
    }
    interner_free(interner);
}

// Without one of their bytes, and with another one in its place.
TEST(texts_lose_a_byte)
{
    static const char others[] = "\"\\({[)}],;:=.|#x1 \n\r\x01";
    Interner *interner = symbols_new();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t len = strlen(texts[i]);
        char copy[512];
        CHECK(len < sizeof copy);
        for (size_t at = 0; at < len; at++) {
            memcpy(copy, texts[i], at);
            memcpy(copy + at, texts[i] + at + 1, len - at - 1);
            check(interner, copy, len - 1);
            memcpy(copy, texts[i], len);
            for (size_t k = 0; k < sizeof others - 1; k++) {
                copy[at] = others[k];
                check(interner, copy, len);
            }
        }
    }
    interner_free(interner);
}

TEST_MAIN(RUN(every_text_is_right), RUN(texts_end_anywhere),
          RUN(texts_lose_a_byte))
