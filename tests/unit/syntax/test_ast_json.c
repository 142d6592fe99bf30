// The tree as JSON: some in full, and one of everything that must be JSON.
#include "syntax/ast_json.h"

#include "syntax/read_json.h"
#include "tests/harness.h"
#include "tests/unit/syntax/parsed.h"

static void write_tree(Str text, StrBuf *out)
{
    Interner *interner = symbols_new();
    Module *module = parsed_new(interner, text, 100);
    CHECK_EQ_INT(module->diags.error_count, 0);
    ast_json_write(module, interner, out);
    module_free(module);
    interner_free(interner);
}

// The tree without its spans.
static void check_tree(const char *file, int line, Str text,
                       const char *expected)
{
    StrBuf out = {0};
    write_tree(text, &out);
    StrBuf bare = {0};
    Str from = strbuf_str(&out);
    for (size_t i = 0; i < from.len;) {
        Str rest = str_slice(from, i, from.len);
        if (str_starts_with(rest, STR(",\"span\":{"))) {
            i = str_find_byte(from, '}', i) + 1;
        } else {
            strbuf_append_char(&bare, from.data[i++]);
        }
    }
    harness_check_str(file, line, "tree", strbuf_str(&bare),
                      str_from_c(expected));
    strbuf_release(&bare);
    strbuf_release(&out);
}

#define TREE(text, result)                                                     \
    check_tree(__FILE__, __LINE__, STR(text),                                  \
               "{\"version\":1,\"file\":\"t.lig\",\"module\":null,"            \
               "\"declarations\":[],\"result\":" result "}\n")

TEST(expressions)
{
    TREE("1", "{\"kind\":\"integer\",\"value\":1}");
    TREE("f(1.5)", "{\"kind\":\"call\",\"callee\":{\"kind\":\"name\","
                   "\"name\":\"f\"},\"args\":[{\"kind\":\"float\","
                   "\"value\":1.5}]}");
    TREE("a - !b",
         "{\"kind\":\"operators\",\"operands\":[{\"kind\":\"name\",\"name\":"
         "\"a\"},{\"kind\":\"unary\",\"operator\":\"!\",\"operand\":{\"kind\":"
         "\"name\",\"name\":\"b\"}}],\"operators\":[\"-\"]}");
    TREE("(\"a\\n\\\"\")", "{\"kind\":\"string\",\"parenthesised\":true,"
                           "\"value\":\"a\\u000a\\\"\"}");
    TREE("{ a.b = m.C }",
         "{\"kind\":\"record\",\"items\":[{\"path\":[\"a\",\"b\"],\"value\":{"
         "\"kind\":\"constructor\",\"name\":\"C\",\"qualifier\":\"m\"}}]}");
}

TEST(spans)
{
    StrBuf out = {0};
    write_tree(STR("let a = 1;\r\n// \xC3\xA9\nlet \n  b = \"\xC3\xA9\" ++ c;"),
               &out);
    Str text = strbuf_str(&out);
    static const char *const places[] = {
        "\"span\":{\"start\":8,\"end\":9,\"line\":1,\"column\":9}",
        "\"span\":{\"start\":18,\"end\":39,\"line\":3,\"column\":1}",
        "\"span\":{\"start\":25,\"end\":26,\"line\":4,\"column\":3}",
        "\"span\":{\"start\":37,\"end\":38,\"line\":4,\"column\":14}",
    };
    size_t at = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        Str place = str_from_c(places[i]);
        while (at < text.len &&
               !str_starts_with(str_slice(text, at, text.len), place)) {
            at++;
        }
        if (at == text.len) {
            printf("# missing: %s\n", places[i]);
            CHECK(!"found");
            at = 0;
        }
    }
    strbuf_release(&out);
}

static const char everything[] =
    "module A.B;\n"
    "import \"./x\" as u;\n"
    "import \"d.json\" as d: List Int;\n"
    "import std.list as L { map, filter as f };\n"
    "import { A as B, c } from std.map;\n"
    "/// A \"documented\" type\n"
    "/// of two lines\n"
    "type T a = | A Int a | B(Int, { x: Int, y?: u.T = 1, .. });\n"
    "type P = Integer where > 0 && x < 5 with f;\n"
    "type F r = { a: [Int], ..r } -> (Int, ()) -> 'a;\n"
    "typeclass C a b where\n  m : Eq a => a;\n  superclass Eq a, Ord b;\n"
    "instance (Eq a) => C (List a) Int where\n  m x = 1;\n"
    "input i: Int = 3;\n"
    "export a, B as D;\n"
    "export let rec f x (y: Int): Int = g x and g { p = 1, .. } _ = f 1;\n"
    "let l = let a = 1; b: Int = 2 in \\(x, y) () {z} -> x.\"y z\";\n"
    "let e = \"a\\(x)b\\(y)\" ++ r\"\\(no)\";\n"
    "let m = match x { [a, ..r] | [..] when true => 1, m.C (x, -1) 2.5 => 2, "
    "{ a, .. } as q => (3 : Int), \"s\" => -x, false => 1 };\n"
    "let c = [x for (x, _) in xs if x > 0];\n"
    "let r = { ..b, a, \"q\" = 1, t: Int = 2 };\n"
    "if a then (1, 2) else if b then () else x |> f(1)(2)";

TEST(everything_is_json)
{
    StrBuf out = {0};
    write_tree(str_make(everything, sizeof everything - 1), &out);
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){.path = STR("t.json"), .text = strbuf_str(&out)};
    read_json_module(module, interner, 100);
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        const Diag *diag = diag_at(&module->diags, i);
        printf("# %u: %.*s\n", (unsigned)diag->span.start,
               STR_ARG(diag->message));
    }
    CHECK_EQ_INT(module->diags.error_count, 0);
    const Expr *tree = module->ast.result;
    CHECK(tree != NULL && tree->as.record.count == 5);
    module_free(module);
    interner_free(interner);
    strbuf_release(&out);
}

TEST_MAIN(RUN(expressions), RUN(spans), RUN(everything_is_json))
