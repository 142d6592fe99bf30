// The formatter: documents, layouts, and comments in every place. That nothing
// is lost and that a second round changes nothing, format_module() checks by
// itself: here it must never fail.
#include "syntax/format.h"

#include "syntax/format_doc.h"
#include "syntax/lexer.h"
#include "tests/harness.h"
#include "tests/unit/syntax/parsed.h"

static void check_format(const char *file, int line, Str text, Str expected)
{
    Interner *interner = symbols_new();
    Module *module = parsed_new(interner, text, 100);
    StrBuf out = {0};
    FormatProblem problem = {"", 0};
    bool ok =
        !module->broken && format_module(module, interner, 100, &out, &problem);
    harness_check(ok, file, line, module->broken ? "parse" : problem.what);
    if (!ok) {
        printf("#   text \"%.*s\"\n", STR_ARG(text));
    } else if (expected.data != NULL) {
        harness_check_str(file, line, "format", strbuf_str(&out), expected);
    }
    strbuf_release(&out);
    module_free(module);
    interner_free(interner);
}

#define FORMAT(text, expected)                                                 \
    check_format(__FILE__, __LINE__, STR(text), STR(expected))

// ---- documents

static void check_doc(const char *file, int line, Doc *doc,
                      const char *expected)
{
    StrBuf out = {0};
    DocPrinter printer = {.out = &out, .line_end = "\n"};
    bool ok = doc_print(doc, &printer);
    harness_check_str(file, line, "document", strbuf_str(&out),
                      str_from_c(expected));
    harness_check(ok, file, line, "doc_print");
    strbuf_release(&out);
    doc_printer_release(&printer);
    doc_clear(doc);
}

#define CHECK_DOC(doc, expected)                                               \
    check_doc(__FILE__, __LINE__, (doc), (expected))

// [ x x x ] with `count` items of `width` letters.
static void add_list(Doc *doc, uint32_t count, uint32_t width, DocKind between)
{
    uint32_t group = doc_group(doc, doc_slot(doc));
    doc_mark(doc, DOC_MARK, '[');
    doc_indent(doc, 2);
    doc_add(doc, DOC_SOFT);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            doc_add(doc, between);
        }
        doc_text(doc, 0, width);
    }
    doc_mark(doc, DOC_IF_BREAK, ',');
    doc_indent(doc, -2);
    doc_add(doc, DOC_SOFT);
    doc_mark(doc, DOC_MARK, ']');
    doc_close(doc, group);
}

TEST(groups_break_by_width)
{
    Doc doc = {
        .text = STR("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")};
    add_list(&doc, 2, 2, DOC_LINE);
    CHECK_DOC(&doc, "[xx xx]");
    add_list(&doc, 1, 78, DOC_LINE);
    CHECK_DOC(&doc, "[xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxxxxxxxxxxxxxxxxxx]");
    add_list(&doc, 1, 79, DOC_LINE);
    CHECK_DOC(&doc, "[\n  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxxxxxxxxxxxxxxxxxxxxxxx,\n]");
    // What follows counts, up to the next place to break.
    add_list(&doc, 1, 78, DOC_LINE);
    doc_mark(&doc, DOC_MARK, ';');
    CHECK_DOC(&doc, "[\n  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                    "xxxxxxxxxxxxxxxxxxxxxxxxxx,\n];");
    add_list(&doc, 7, 20, DOC_FILL);
    CHECK_DOC(&doc, "[\n  xxxxxxxxxxxxxxxxxxxx xxxxxxxxxxxxxxxxxxxx "
                    "xxxxxxxxxxxxxxxxxxxx\n  xxxxxxxxxxxxxxxxxxxx "
                    "xxxxxxxxxxxxxxxxxxxx xxxxxxxxxxxxxxxxxxxx\n  "
                    "xxxxxxxxxxxxxxxxxxxx,\n]");
    doc_release(&doc);
}

TEST(groups_around_what_is_there)
{
    Doc doc = {.text = STR("abc")};
    uint32_t slot = doc_slot(&doc);
    doc_text(&doc, 0, 1);
    uint32_t inner = doc_group(&doc, slot);
    doc_add(&doc, DOC_LINE);
    doc_text(&doc, 1, 2);
    doc_close(&doc, inner);
    uint32_t outer = doc_group(&doc, slot);
    doc_add(&doc, DOC_LINE);
    doc_add(&doc, DOC_FORCE);
    doc_text(&doc, 2, 3);
    doc_close(&doc, outer);
    CHECK_DOC(&doc, "a b\nc");
    // Groups that overlap are refused.
    slot = doc_slot(&doc);
    inner = doc_group(&doc, slot);
    outer = doc_group(&doc, slot);
    doc_close(&doc, outer);
    doc_close(&doc, inner);
    StrBuf out = {0};
    DocPrinter printer = {.out = &out, .line_end = "\n"};
    CHECK(!doc_print(&doc, &printer));
    strbuf_release(&out);
    doc_release(&doc);
}

// ---- layouts

TEST(marks)
{
    FORMAT("let a=[1,];let b={x=1,};let c=f(a,b,);let d=(1,);",
           "let a = [1];\nlet b = { x = 1 };\nlet c = f(a, b);\n"
           "let d = (1);\n");
    FORMAT("type A=|B;type C=|D|E;type F=G|H;",
           "type A = | B;\ntype C = D | E;\ntype F = G | H;\n");
    FORMAT("export a,b,\nexport {c}", "export a, b;\nexport { c };\n");
    FORMAT("export type A = B;;", "export type A = B;\n");
    FORMAT("let x = let a = 1; b = 2; in a; x;",
           "let x = let a = 1; b = 2 in a;\nx\n");
    FORMAT("let a = - - 1;let b = -(-1);let c = 1 .x;let d = (1).x;",
           "let a = - -1;\nlet b = -(-1);\nlet c = 1 .x;\nlet d = (1).x;\n");
    FORMAT("let f { a, .. , } = match a { [ x, ..,] => x };",
           "let f { a, .. } = match a { [x, ..] => x };\n");
}

TEST(lines)
{
    FORMAT("let a = 1;\n\n\n\nlet b = 2;let c = 3;",
           "let a = 1;\n\nlet b = 2;\nlet c = 3;\n");
    FORMAT("{\n\n  a = 1,\n\n\n  b = 2\n\n}", "{\n  a = 1,\n\n  b = 2,\n}\n");
    FORMAT("match x {\n a => 1, b => 2 }",
           "match x {\n  a => 1,\n  b => 2,\n}\n");
    FORMAT(
        "let s = \"\"\"\n  a\n    b\n  \"\"\";\n[s,\"\"\"\n x\"\"\"]",
        "let s = \"\"\"\n  a\n    b\n  \"\"\";\n[\n  s,\n  \"\"\"\n x\"\"\",\n"
        "]\n");
}

TEST(comments)
{
    FORMAT("let a = 1 // one\n;// two\nlet b = 2;",
           "let a = 1; // one\n// two\nlet b = 2;\n");
    FORMAT("[1 // one\n, 2 /* two */, // three\n\n// four\n]",
           "[\n  1, // one\n  2, /* two */ // three\n\n  // four\n]\n");
    FORMAT("let a = 1\n/// doc\n; let b = 2;",
           "let a = 1\n/// doc\n;\nlet b = 2;\n");
    FORMAT("f(/* a */ x, /* b */) /* c */", "f(/* a */ x /* b */) /* c */\n");
    FORMAT("// only", "// only\n");
    FORMAT("", "");
}

// ---- comments in every place

// The text with `piece` before its token number `index`; false when there are
// fewer.
static bool insert_before_token(Str text, uint32_t index, const char *piece,
                                StrBuf *out)
{
    Interner *interner = symbols_new();
    Arena arena;
    DiagSink sink;
    arena_init(&arena);
    diag_sink_init(&sink);
    Source source = {.path = STR("t.lig"), .text = text};
    Lexer *lexer = lexer_new(interner);
    lexer_start(lexer, &source, &arena, &sink);
    Token token;
    uint32_t at = 0;
    do {
        lexer_next(lexer, &token);
    } while (at++ < index && token.kind != TOKEN_END);
    strbuf_clear(out);
    strbuf_append(out, str_slice(text, 0, token.span.start));
    strbuf_append(out, str_from_c(piece));
    strbuf_append(out, str_slice(text, token.span.start, text.len));
    lexer_free(lexer);
    diag_sink_release(&sink);
    arena_release(&arena);
    interner_free(interner);
    return at > index;
}

TEST(comments_in_every_place)
{
    // No '(' touches what stands before it: a comment would make it another
    // program.
    static const char *const texts[] = {
        "module A.B; import std.list as L; import { a, b as c } from \"./x\";",
        "type T a = A | B { x?: Int = 1, .. } | C (List a) Int;",
        "type P = Int where x > 0 && x <= 9 with even; input p: P = 1;",
        "typeclass C a where superclass Eq a; m: Eq b => a -> b -> [a];",
        "instance Eq a => C (M.T a) where m x y = [x]; export a, b as c;",
        "let rec f (x: a) { y, .. } _ : Int -> b = \\(a, b) c: T -> a "
        "and g { x = [x, ..r] } = x;",
        "let x = if a && !b then [x for (x, 1) in xs if x > 1] else -1 + 2 * "
        "y;",
        "let m = match f x { Some (A 1 as y) | B y when y > 1 => y, _ => { a.b "
        "= 1, ..c, d, \"e\": T = 2 } } ;",
        "let l = let a = 1; b = 2; in (a : Int) |> f (\\x -> x) { y = 1 } [2] "
        "|> g.h ?? \"s\"; [1, 2, 3,]",
    };
    static const char *const pieces[] = {
        " /* c */ ",  " // c\n",   "\n// c\n", "\n\n/* c\n d */\n\n",
        " /* c */\n", "\n/// c\n", "\n\n",
    };
    StrBuf text = {0};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
            for (uint32_t at = 0; insert_before_token(str_from_c(texts[i]), at,
                                                      pieces[k], &text);
                 at++) {
                check_format(__FILE__, __LINE__, strbuf_str(&text),
                             (Str){NULL, 0});
            }
        }
    }
    strbuf_release(&text);
}

TEST_MAIN(RUN(groups_break_by_width), RUN(groups_around_what_is_there),
          RUN(marks), RUN(lines), RUN(comments), RUN(comments_in_every_place))
