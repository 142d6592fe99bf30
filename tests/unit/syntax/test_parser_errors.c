// What is refused, and what holds of any text.
#include "syntax/lexer.h"
#include "syntax/parser.h"
#include "tests/harness.h"
#include "tests/parse_twice.h"
#include "tests/unit/syntax/parsed.h"

// The codes and offsets of all diagnostics.
static void check_errors(const char *file, int line, Str text,
                         const char *expected)
{
    Interner *interner = symbols_new();
    Module *module = parsed_new(interner, text, 100);
    StrBuf out = {0};
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        const Diag *diag = diag_at(&module->diags, i);
        strbuf_appendf(&out, "%s%s@%u", out.len > 0 ? " " : "",
                       diag_code_name(diag->code), (unsigned)diag->span.start);
    }
    harness_check_int(file, line, "broken", module->broken,
                      module->diags.error_count > 0);
    harness_check_str(file, line, "errors", strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
    module_free(module);
    interner_free(interner);
}

#define ERRORS(text, expected)                                                 \
    check_errors(__FILE__, __LINE__, STR(text), (expected))

// The ';' before the final expression is missing: said where it belongs, and
// the expression is read as such.
TEST(lost_semicolon)
{
    ERRORS("let x = 5\n{ a = x }", "E0106@9");
    ERRORS("let g y = y + 1\n[g 2]\n", "E0106@15");
    ERRORS("let f x = if x then 1 else 2\nf true", "E0106@28");
    ERRORS("let x = { a = 1 }\nx.a", "E0106@17");
    ERRORS("type T = A | B\n{ a = A }", "E0106@14");
    ERRORS("type P = { a: Integer }\n{ a = 1 }", "E0106@23");
    ERRORS("import \"./m\" as m\n{ a = m.x }", "E0106@17");
    ERRORS("export x\n{ a = 1 }", "E0106@8");
    ERRORS("input x: Integer\n\n// of the value\n(x)", "E0106@16");
    ERRORS("let x = \"\\(1)\"\n\"\\(x)\"", "E0106@14");
    // What is wrong in the expression is said as well.
    ERRORS("let x = 1\n{ a = x, b = }", "E0106@9 E0106@23");
    ERRORS("let x = 1\n{ a = x", "E0106@9 E0107@10");
    // More than that is wrong, or something else.
    ERRORS("let x =\n{ a = 1, }}", "E0107@18");
    ERRORS("let f x = x +\nf 1", "E0106@17");
    ERRORS("let x = (1\n{ a = x }", "E0107@8");
    ERRORS("let x = 1 $\n{ a = x }", "E0105@10");
    ERRORS("let a = 1\nb\nlet c = 2;\nc", "E0106@11");
    ERRORS("let x = 1 ]\n{ a = x }", "E0107@10");
    ERRORS("let x = 1\n  { a = x }", "E0106@21");
    // Not only the first error of a file is looked at that way.
    ERRORS("let a = ;\nlet x = 1\n{ a = x }", "E0106@8 E0106@19");
}

// A bracket that the layout shows not to be closed is what is said.
TEST(lost_brackets)
{
    ERRORS("let x = [1, 2\n\n{ a = x }", "E0107@8");
    ERRORS("let x = {\n  a = 1\n\n{ b = x }", "E0107@8");
    ERRORS("let x = {\n  a = {\n    b = 1,\n  c = 2,\n};\nx", "E0107@16");
    ERRORS("let x = {\n  a = [1,\n  c = 2,\n};\nlet y = 3;\ny", "E0107@16");
    ERRORS("let x = {\n  a = 1\n;\nlet y = 2;\ny", "E0107@8");
    ERRORS("let x =\n  [ 1\n  , f (2\n  , 3\n  ];\nx", "E0107@20");
    // Balanced, or without a sign: said where it is found.
    ERRORS("let x = {\na = 1,\nb = = 2,\n};\nx", "E0106@21");
    ERRORS("let x = f (2;\nlet y = 3;\ny", "E0106@12");
    // Two are not closed; something is wrong before.
    ERRORS("let x = [(1, 2\nlet y = 3;\ny", "E0107@9");
    ERRORS("let x = [1, = 2\nlet y = 3;\ny", "E0106@12");
    // One too many, and which one.
    ERRORS("let x = {\n  a = {\n    b = 1,\n  }},\n  c = 2,\n};\nx",
           "E0107@32");
    ERRORS("let x = {a = 1}};\nx", "E0107@15");
    // A field outside of a record, a value that was read as a type.
    ERRORS("let x = [\n  a = 1,\n  b = 2,\n];\nx", "E0106@14");
    ERRORS("let x: T {\n  a = 1,\n  b = \"c\",\n};\nx", "E0106@9");
    ERRORS("let x: List T [{ a = 1 }];\nx", "E0106@14");
    // An operator without its operand.
    ERRORS("let x = 1 +\nlet y = 2;\ny", "E0106@12");
}

// What is written as in other languages is said once, and read.
TEST(habits)
{
    ERRORS("let x == 5;\nx", "E0106@6");
    ERRORS("let x := 5;\nx", "E0106@6");
    ERRORS("let x: Int := 5;\nx:", "E0106@11 E0106@19");
    ERRORS("x = 1;\ny = 2;\nx", "E0106@0");
    ERRORS("const x = 1;\nlet y = 2;\nx", "E0106@0");
    ERRORS("{ \"a\": 1, b: [1, 2], c: { d: true } }", "E0106@5");
    ERRORS("{ a: Int, b: String }", "E0106@8 E0106@20");
    ERRORS("{ a = 1; b = 2; }", "E0106@7");
    ERRORS("[1; 2; 3]", "E0106@2");
    ERRORS("let a = 'x//y';\nlet b = 'c' ++ `d`;\nb",
           "E0106@8 E0106@24 E0105@31");
    ERRORS("# one\n# two\nlet x = 1; # three\nx", "E0105@0");
    ERRORS("let x = 1;\n{ a = #x }", "E0105@17");
    ERRORS("if (a) { b } else { c }", "E0106@7");
    ERRORS("let f = fn x => x + 1;\nlet g = fn + ;", "E0106@8 E0106@31");
    ERRORS("let x = switch y { case A: 1, default: 2 };\nx", "E0106@8");
    ERRORS("def f(x):\n  return x\n", "E0106@0");
    ERRORS("let a = true and false;\na", "E0106@13");
    ERRORS("match x { A -> 1, B -> 2 }", "E0106@12");
    ERRORS("match x {\n  A => 1\n  B y => 2\n  _ => 3\n}", "E0106@18 E0106@29");
    ERRORS("let f x = let y = x; y * 2;", "E0106@21");
}

// The ',' between two fields is missing: said where it belongs, and the second
// is read as a field.
TEST(lost_comma)
{
    ERRORS("{\n  name = \"web\"\n  port = 80,\n}", "E0106@16");
    ERRORS("{ a = f (x)\n  b = 2\n  c = a ++ b c\n  d = 1 }",
           "E0106@11 E0106@19 E0106@34");
    ERRORS("{ a = \"x\" b = 2 }", "E0106@9");
    ERRORS("{ a = 1\n  b.c = 2 }", "E0106@7");
    ERRORS("{ a = 1 // one\n  b.c = 2 }", "E0106@7");
    ERRORS("{ a = \\x -> x\n  b = if b then 1 else 2\n  c = let d = 1 in d\n"
           "  e = -x f = 3 }",
           "E0106@13 E0106@38 E0106@59 E0106@68");
    ERRORS("{ ..r\n  a = 1 }", "E0106@5");
    ERRORS("{ a = 1 b = = 2 }", "E0106@7 E0106@12");
    ERRORS("{ a = 1\n  b: Integer = 2 }", "E0106@7");
    ERRORS("{ a\n  b\n  c = 1 }", "E0106@3 E0106@7");
    // Something else is wrong.
    ERRORS("{ a b = 1 }", "E0106@4");
    ERRORS("{ a = 1 (b) = 2 }", "E0106@12");
    ERRORS("{ a = f B = 2 }", "E0106@10");
    ERRORS("{ a = b = 2 }", "E0106@8");
    ERRORS("\"\\({ a = 1 b = 2 })\"", "E0106@13");
    ERRORS("[a b = 2]", "E0106@5");
}

TEST(syntax_errors)
{
    ERRORS("let a = [x for in y, 2];", "E0106@15");
    // A declaration inside of a string: nothing is looked at ahead.
    ERRORS("let s = \"\"\"\n \\(a\ntypeclass W a where\n  w: a -> a;\n",
           "E0106@17 E0106@40 E0102@8");
    ERRORS("let a = \"\\([1 = 2]) x \\(y) z\";", "E0106@14");
    ERRORS("let a = f([1 = 2])(3);", "E0106@13");
    ERRORS("let a = match x { A [1 = 2] b => 1 };", "E0106@23");
    ERRORS("let a = match x { A M.x b => 1 };", "E0106@22");
    ERRORS("let a = match x { 9223372036854775808 => 1 };", "E0104@18");
    ERRORS("let a = 1 and b = 2 and c = 3;", "E0106@10");
    ERRORS("let a: true = 1; let b: 1.5 = 1; let c: false = 1;",
           "E0106@7 E0106@24 E0106@40");
    ERRORS("let x: Eq a => a -> (Show b, Ord b) => b = y;", "E0106@36");
    ERRORS("type A = Int where 1 + > 5;", "E0106@23");
    ERRORS("let a = (> 5);", "E0106@9");
    ERRORS("let x = (1 + ;\nlet y = [1, 2;\nlet z = 3 $;\nlet w = 1;",
           "E0106@13 E0106@28 E0105@40");
    ERRORS("[1, , 2, =, 3]", "E0106@4 E0106@9");
    ERRORS("{ a = , b = 2, c 3, d = 4 }", "E0106@6 E0106@17");
    ERRORS("let x = 1\nlet y = 2;", "E0106@9");
    ERRORS("let x = 1;\ny = 2;", "E0106@11");
    ERRORS("1 +\n", "E0106@4");
    ERRORS("map \\x -> x", "E0106@4");
    ERRORS("1 2 3; let x = 1;", "E0106@7");
    ERRORS("a; b", "E0106@3");
    ERRORS("let = 1;", "E0106@4");
    ERRORS("let let = 1;\nlet x = ];", "E0106@4 E0107@21");
    ERRORS("if a then b", "E0106@11");
    ERRORS("match x { }", "E0106@10");
    ERRORS("match { a = 1 } { _ => 1 }", "E0106@6");
    ERRORS("match x { A => 1 B => 2, C => }", "E0106@19 E0106@30");
    ERRORS("match x { \"\\(y)\" => 1 }", "E0106@10");
    ERRORS("let x = 1 and y = 2;", "E0106@10");
    ERRORS("import;", "E0106@6");
    ERRORS("let a = _;\nlet b = ..;", "E0106@8 E0106@19");
    ERRORS("type a = Int;\ntype B = ;\ntypeclass;",
           "E0106@5 E0106@23 E0106@34");
    ERRORS("type A = B -> C | D;", "E0106@9");
    ERRORS("export 1;", "E0106@7");
    ERRORS("let f = [for x in xs];", "E0106@9");
    ERRORS("{ type }", "E0106@7");
    ERRORS("9223372036854775808", "E0104@0");
    ERRORS("let f = \\(x, y) [z] -> x;\nlet g = );", "E0106@16 E0107@34");
}

TEST(bracket_errors)
{
    ERRORS(")))))", "E0107@0");
    ERRORS("[1, 2}, 3, $]", "E0107@5");
    ERRORS("let a = (1, 2];\nlet b = [;", "E0107@13 E0106@25");
    ERRORS("[ (1, 2 ], 3 ]", "E0107@2");
    ERRORS("f (", "E0107@2");
    ERRORS("[[[[", "E0107@3");
    ERRORS("let a = { b = 1\nlet c = );", "E0107@8 E0107@24");
    ERRORS("\"a\\(x", "E0102@0");
    ERRORS("\"a\\(x y z) \\(1 +) b\"", "E0106@16");
}

TEST(comparison_chains)
{
    ERRORS("a < b > c", "E0108@6");
    ERRORS("a < b >= c < d", "E0108@6");
    ERRORS("a == b == c", "E0108@7");
    ERRORS("a <= b < c && a > b >= c", "");
}

TEST(duplicate_fields)
{
    ERRORS("{ a = 1, b = 2, a = 3 }", "E0109@16");
    ERRORS("{ a.b = 1, a.c = 2, a.b.d = 3 }", "E0109@20");
    ERRORS("{ a.b = 1, a = 2 }", "E0109@11");
    ERRORS("{ a = 1, a.b = 2 }", "E0109@9");
    ERRORS("{ \"a\" = 1, a = 2 }", "E0109@11");
    ERRORS("{ a, a }", "E0109@5");
    ERRORS("{ ..x, a = 1, ..y }", "");
    ERRORS("{ a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1, j=1, c=2 }",
           "E0109@52");
    ERRORS("type A = { a: Int, a: Int };", "E0109@19");
    ERRORS("match x { { a, a = 1 } => 1 }", "E0109@15");
}

static void check_depth(const char *unit, const char *tail, uint32_t times,
                        const char *expected)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let x = "));
    for (uint32_t i = 0; i < times; i++) {
        strbuf_append(&text, str_from_c(unit));
    }
    strbuf_append(&text, str_from_c(tail));
    Interner *interner = symbols_new();
    Module *module = parsed_new(interner, strbuf_str(&text), 100);
    StrBuf out = {0};
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        strbuf_append(
            &out, str_from_c(diag_code_name(diag_at(&module->diags, i)->code)));
    }
    harness_check_str(__FILE__, __LINE__, unit, strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
    strbuf_release(&text);
    module_free(module);
    interner_free(interner);
}

TEST(nesting)
{
    static const char *const deep[] = {"(",
                                       "[",
                                       "{ a = ",
                                       "\\x -> ",
                                       "- ",
                                       "!",
                                       "if a then ",
                                       "let a = 1 in ",
                                       "match a { _ => ",
                                       "f(",
                                       "f (a, ",
                                       "\"\\(",
                                       "\"\"\"\\(",
                                       "[a for x in ",
                                       "(a : ",
                                       "{ a: (",
                                       "a|>b?"
                                       "?c||d&&e==f<g++h+i*("};
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        check_depth(deep[i], "", 3000, i == 14 ? "E0106" : "E0601");
    }
    check_depth("(", "", 90, "E0107");
    // Behind an error that says little of what follows.
    check_depth("(([1) + ((((((((((((((((((((", "", 100, "E0107E0601");
}

TEST(height)
{
    check_depth("a.b.", "c;", 49, "");
    check_depth("a.b.", "c;", 3000, "E0601");
    check_depth("a.b(c).", "d;", 3000, "E0601");
    check_depth("match x { a", "", 1, "E0107");
    // Runs are one node each.
    check_depth("1 + ", "1;", 3000, "");
    check_depth("a ++ ", "b;", 3000, "");
    check_depth("f ", "x;", 3000, "");
    check_depth("if a then b else ", "c;", 3000, "");
    check_depth("a ?"
                "? ",
                "c;", 3000, "");
}

// Fragments in any order: the parser ends, and says something or nothing.
TEST(any_tokens)
{
    static const char *const parts[] = {
        "let ",       "in ",   "x ",   "X ",      "= ",      ";",
        "(",          ")",     "[",    "]",       "{",       "}",
        ", ",         "\\",    "-> ",  "if ",     "then ",   "else ",
        "match ",     "=> ",   "| ",   "type ",   "where ",  "> ",
        "1 ",         "\"\\(", "\"",   "\n",      "for ",    "..",
        ".",          ": ",    "and ", "export ", "import ", "instance ",
        "typeclass ", "as ",   "$"};
    uint64_t seed = 99;
    for (int i = 0; i < 2000; i++) {
        StrBuf text = {0};
        for (int k = 0; k < 60; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            strbuf_append(&text, str_from_c(parts[(seed >> 33) % 39]));
        }
        Interner *interner = symbols_new();
        Module *module = parsed_new(interner, strbuf_str(&text), 50);
        for (uint32_t k = 0; k < module->diags.diags.count; k++) {
            const Diag *diag = diag_at(&module->diags, k);
            CHECK(diag->span.start <= diag->span.end &&
                  diag->span.end <= text.len);
        }
        module_free(module);
        interner_free(interner);
        strbuf_release(&text);
    }
}

TEST(closed_flag)
{
    static const struct {
        const char *text;
        bool closed;
    } cases[] = {
        {"1", true},
        {"[1, -2, \"a\", true]", true},
        {"{ a = [], b = { c = 1.5 } }", true},
        {"[x]", false},
        {"{ a = None }", false},
        {"{ ..{} }", false},
        {"{ a.b = 1 }", false},
        {"\"\\(1)\"", false},
        {"[1 + 2]", false},
        {"{ a: Int = 1 }", false},
        {"[[1], [[], [f]]]", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Interner *interner = symbols_new();
        Module *module = parsed_new(interner, str_from_c(cases[i].text), 100);
        const Expr *expr = module->ast.result;
        CHECK(expr != NULL);
        harness_check_int(__FILE__, __LINE__, cases[i].text,
                          expr != NULL && (expr->flags & EXPR_CLOSED) != 0,
                          cases[i].closed);
        module_free(module);
        interner_free(interner);
    }
}

TEST(docs_and_spans)
{
    Interner *interner = symbols_new();
    Module *module = parsed_new(
        interner, STR("/// one\n/// two\nlet f x = (x + 1).y;\n"), 100);
    const Bind *bind = &module->ast.decls[0].as.let.binds[0];
    CHECK_EQ_INT(bind->doc.start, 0);
    CHECK_EQ_INT(bind->doc.end, 15);
    CHECK_EQ_INT(bind->name_span.start, 20);
    const Expr *body = &bind->value.as.lambda->body;
    CHECK_EQ_INT(body->kind, EXPR_FIELD);
    CHECK_EQ_INT(body->span.start, 26);
    CHECK_EQ_INT(body->span.end, 35);
    CHECK_EQ_INT(body->as.field.of->name_start, 34);
    CHECK_EQ_INT(body->as.field.of->record.span.end, 33);
    CHECK_EQ_INT(module->ast.decls[0].span.end, 36);
    module_free(module);
    interner_free(interner);
}

// A parser forgets a module, whatever was wrong with it.
TEST(one_parser)
{
    static const char *const texts[] = {"let a = { b = [1, 2 + c.d] }; a",
                                        "let x = [({\"\\(",
                                        "a",
                                        "let y = \"\"\"\n \\(z \"\"\"",
                                        "let rec f x = f x; f",
                                        "\xFF",
                                        "{ q = 1, q = 2",
                                        "/* x"};
    Interner *interner = symbols_new();
    Parser *parser = parser_new(interner);
    for (size_t i = 0; i < 3 * sizeof texts / sizeof *texts; i++) {
        const char *text = texts[i % (sizeof texts / sizeof *texts)];
        StrBuf out[2] = {{0}, {0}};
        for (int k = 0; k < 2; k++) {
            Module *module = module_new();
            module->source =
                (Source){.path = STR("t"), .text = str_from_c(text)};
            if (k == 0) {
                parser_parse_module(module, interner, 100);
            } else {
                parser_parse(parser, module, 100);
            }
            parse_twice_put(&out[k], module, interner);
            module_free(module);
        }
        CHECK_EQ_STR(strbuf_str(&out[1]), strbuf_str(&out[0]));
        strbuf_release(&out[0]);
        strbuf_release(&out[1]);
    }
    parser_free(parser);
    parser_free(NULL);
    interner_free(interner);
}

static void check_many_errors(const char *line)
{
    StrBuf text = {0};
    for (int i = 0; i < 5000; i++) {
        strbuf_append(&text, str_from_c(line));
    }
    Interner *interner = symbols_new();
    Module *module = parsed_new(interner, strbuf_str(&text), 100);
    CHECK_EQ_INT(module->diags.error_count, 1000);
    module_free(module);
    interner_free(interner);
    strbuf_release(&text);
}

TEST(many_errors_stop)
{
    check_many_errors("let x = );\n");       // the parser's
    check_many_errors("let x = \"\\q\";\n"); // the lexer's
    check_many_errors("let x = \"\\q\\q\\q\";\n");
}

// Only the library may name what the machine provides.
TEST(builtins)
{
    static const struct {
        const char *text;
        bool is_std;
        uint32_t errors;
        ExprKind kind;
    } rows[] = {
        {"builtin \"int_add\"", true, 0, EXPR_BUILTIN},
        {"builtin \"int_add\"", false, 0, EXPR_CALL},
        {"builtin \"no_such_thing\"", true, 1, EXPR_ERROR},
        {"builtin 1", true, 0, EXPR_CALL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Interner *interner = symbols_new();
        Module *module = module_new();
        module->source =
            (Source){.path = STR("t"), .text = str_from_c(rows[i].text)};
        module->is_std = rows[i].is_std;
        parser_parse_module(module, interner, 100);
        CHECK_EQ_INT(module->diags.error_count, rows[i].errors);
        CHECK_EQ_INT(module->ast.result->kind, rows[i].kind);
        module_free(module);
        interner_free(interner);
    }
}

TEST_MAIN(RUN(syntax_errors), RUN(bracket_errors), RUN(comparison_chains),
          RUN(duplicate_fields), RUN(nesting), RUN(height), RUN(any_tokens),
          RUN(closed_flag), RUN(docs_and_spans), RUN(one_parser),
          RUN(many_errors_stop), RUN(builtins), RUN(lost_semicolon),
          RUN(lost_comma), RUN(lost_brackets), RUN(habits))
