// Exhaustiveness, witnesses, unreachable arms, irrefutability, and bounds.
#include "tests/unit/typecheck/program.h"
#include "typecheck/patterns.h"

static const char *const types =
    "type Shape = Circle Float | Square Float | Point;"
    "type Box = Box Shape Integer;";

static const Match *first_match(const TestProgram *test)
{
    for (uint32_t i = 0; i < test->module->binding_count; i++) {
        const Expr *value = test->module->bindings[i].value;
        if (value != NULL && value->kind == EXPR_LAMBDA) {
            value = &value->as.lambda->body;
        }
        if (value != NULL && value->kind == EXPR_MATCH) {
            return value->as.match;
        }
    }
    return NULL;
}

// What is said about `match x { ARMS }`.
static void check_said(const char *arms, const char *expected, int line)
{
    StrBuf text = {0};
    strbuf_appendf(&text, "%slet f x = match x { %s };", types, arms);
    TestProgram test;
    test_program_init(&test, strbuf_str(&text));
    const Match *match = first_match(&test);
    patterns_check_match(test.program, test.module, match, &test.diags);
    harness_check_str(__FILE__, line, arms, test_program_said(&test),
                      str_from_c(expected));
    test_program_release(&test);
    strbuf_release(&text);
}

#define SAID(arms, expected) check_said(arms, expected, __LINE__)
#define MISSES               "E0301 match does not cover "

TEST(unions)
{
    SAID("Circle _ => 1, Square _ => 2, Point => 3", "");
    SAID("Circle _ => 1", MISSES "'Square _' and 'Point'");
    SAID("Some (Circle _) => 1, None => 2",
         MISSES "'Some (Square _)' and 'Some Point'");
    SAID("Some (Circle _) => 1, Some Point => 2",
         MISSES "'None' and 'Some (Square _)'");
    SAID("Box Point 0 => 1, Box Point n => 2, Box (Circle _) _ => 3",
         MISSES "'Box (Square _) _'");
}

TEST(booleans_and_tuples)
{
    SAID("true => 1, false => 2", "");
    SAID("(true, _) => 1, (_, true) => 2", MISSES "'(false, false)'");
    SAID("(true, false) => 1, (false, true) => 2",
         MISSES "'(false, false)' and '(true, true)'");
    SAID("() => 1", "");
    SAID("(a, b) => 1", "");
}

TEST(lists)
{
    SAID("[] => 1, [x, ..rest] => 2", "");
    SAID("[] => 1, [x] => 2", MISSES "'[_, _, ..]'");
    SAID("[x, ..] => 1", MISSES "'[]'");
    SAID("[] => 1, [_, _, ..] => 2", MISSES "'[_]'");
    SAID("[] => 1, [true, ..] => 2", MISSES "'[false, ..]'");
    SAID("[] => 0, [a] => 1, [a, b, c] => 3",
         MISSES "'[_, _]' and '[_, _, _, _, ..]'");
}

TEST(literals)
{
    SAID("0 => 1, 1 => 2, n => 3", "");
    SAID("0 => 1, 1 => 2", MISSES "'2'");
    SAID("Some 0 => 1, None => 2", MISSES "'Some 1'");
    SAID("-1 => 1", MISSES "'0'");
    SAID("\"\" => 1, \"b\" => 2", MISSES "'\"a\"'");
    SAID("1.5 => 1", MISSES "'0.0'");
    SAID("(-1, true) => 1, (-1, false) => 2, (0, true) => 3, (n, _) when n "
         "> 0 => 4",
         MISSES "'(1, _)' and '(0, false)'");
}

TEST(records)
{
    SAID("{ on = true, .. } => 1, { on = false } => 2", "");
    SAID("{ on = true, tag } => 1", MISSES "'{ on = false }'");
    SAID("{ a = Some _ } => 1, { b = None } => 2",
         MISSES "'{ a = None, b = Some _ }'");
}

TEST(guards_and_aliases)
{
    SAID("n when n > 0 => 1", MISSES "'_'");
    SAID("n when n > 0 => 1, _ => 2", "");
    SAID("Some _ as s => 1, None => 2", "");
    SAID("true when x => 1, true => 2", MISSES "'false'");
}

TEST(alternatives)
{
    SAID("Circle _ | Square _ => 1, Point => 2", "");
    SAID("0 | 1 => 1", MISSES "'2'");
    SAID("true | true => 1, false => 2", "W0301 alternative is never reached");
}

TEST(unreachable)
{
    SAID("_ => 1, true => 2", "W0301 arm is never reached");
    SAID("true => 1, false => 2, _ => 3", "W0301 arm is never reached");
    SAID("[] => 1, [_, ..] => 2, [_] => 3", "W0301 arm is never reached");
    SAID("(true, _) => 1, (_, true) => 2, (true, true) => 3, _ => 4",
         "W0301 arm is never reached");
    SAID("n when n > 0 => 1, n when n > 0 => 2, _ => 3", "");
    SAID("Point => 1, Point => 2",
         MISSES "'Circle _' and 'Square _'\nW0301 arm is never reached");
}

TEST(at_most_three_witnesses)
{
    SAID("(0, 0) => 1, ([], Some 3) => 1", "");
    SAID("(true, Circle _) => 1",
         MISSES "'(false, _)', '(true, Square _)' and '(true, Point)'");
    SAID("(Circle _, Circle _) => 1",
         MISSES "'(Square _, _)', '(Point, _)', '(Circle _, Square _)' and "
                "others");
}

// ---- irrefutability

static void check_param(const char *param, const char *expected, int line)
{
    StrBuf text = {0};
    strbuf_appendf(&text, "%slet f %s = 1;", types, param);
    TestProgram test;
    test_program_init(&test, strbuf_str(&text));
    const Function *function = test.module->bindings[0].value->as.lambda;
    patterns_check_irrefutable(test.program, test.module,
                               &function->params[0].pattern, "a parameter",
                               &test.diags);
    harness_check_str(__FILE__, line, param, test_program_said(&test),
                      str_from_c(expected));
    test_program_release(&test);
    strbuf_release(&text);
}

#define PARAM(param, expected) check_param(param, expected, __LINE__)
#define FAILS                  "E0302 pattern of a parameter does not cover "

TEST(irrefutable)
{
    PARAM("x", "");
    PARAM("(a, (b, _))", "");
    PARAM("(Box s n)", "");
    PARAM("{ a, b = (c, d) }", "");
    PARAM("(Some x)", FAILS "'None'");
    PARAM("(a, Box (Circle _) n)",
          FAILS "'(_, Box (Square _) _)' and '(_, Box Point _)'");
    PARAM("([x, ..])", FAILS "'[]'");
    PARAM("{ a = 1 }", FAILS "'{ a = 0 }'");
}

// ---- bounds

static void check_large(StrBuf *text, const char *expected)
{
    TestProgram test;
    test_program_init(&test, strbuf_str(text));
    patterns_check_match(test.program, test.module, first_match(&test),
                         &test.diags);
    CHECK_EQ_STR(test_program_said(&test), str_from_c(expected));
    test_program_release(&test);
    strbuf_release(text);
}

TEST(many_literals)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let f x = match x {"));
    for (int i = 0; i < 10000; i++) {
        strbuf_appendf(&text, "%d => %d,", i * 7919 % 10007, i);
    }
    strbuf_append(&text, STR("_ => 0 };"));
    check_large(&text, "");
}

TEST(many_constructors)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("type T = "));
    for (int i = 0; i < 2000; i++) {
        strbuf_appendf(&text, "| C%d Boolean ", i);
    }
    strbuf_append(&text, STR("; let f x = match x {"));
    for (int i = 0; i < 2000; i++) {
        strbuf_appendf(&text, "C%d true => 1, C%d false => 2,", i, i);
    }
    strbuf_append(&text, STR("};"));
    check_large(&text, "");
}

// Row i of the diagonal is true at i: linear, for its first rows cut deep.
TEST(diagonal)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let f x = match x {"));
    for (int row = 0; row < 25; row++) {
        strbuf_append(&text, STR("("));
        for (int column = 0; column < 25; column++) {
            strbuf_append(&text, column > 0 ? STR(", ") : STR(""));
            strbuf_append(&text, column == row ? STR("true") : STR("_"));
        }
        strbuf_append(&text, STR(") => 1,"));
    }
    strbuf_append(&text, STR("_ => 0 };"));
    check_large(&text, "");
}

// Rows of pairs of columns in all combinations: exponential, so bounded.
TEST(hard_matrix_is_bounded)
{
    StrBuf text = {0};
    uint32_t state = 12345;
    strbuf_append(&text, STR("let f x = match x {"));
    for (int row = 0; row < 120; row++) {
        strbuf_append(&text, STR("("));
        int holes[3];
        for (int i = 0; i < 3; i++) {
            state = state * 1664525 + 1013904223;
            holes[i] = (int)(state >> 16) % 25;
        }
        for (int column = 0; column < 25; column++) {
            strbuf_append(&text, column > 0 ? STR(", ") : STR(""));
            bool tested =
                column == holes[0] || column == holes[1] || column == holes[2];
            bool value = ((uint32_t)row >> (column % 7) & 1) != 0;
            strbuf_append(&text, !tested ? STR("_")
                                 : value ? STR("true")
                                         : STR("false"));
        }
        strbuf_append(&text, STR(") => 1,"));
    }
    strbuf_append(&text, STR("};"));
    TestProgram test;
    test_program_init(&test, strbuf_str(&text));
    patterns_check_match(test.program, test.module, first_match(&test),
                         &test.diags);
    CHECK(test.diags.diags.count > 0);
    test_program_release(&test);
    strbuf_release(&text);
}

TEST(long_list_pattern)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let f x = match x { ["));
    for (int i = 0; i < 20000; i++) {
        strbuf_appendf(&text, "%d,", i);
    }
    strbuf_append(&text, STR("] => 1, _ => 2 };"));
    check_large(&text, "");
}

TEST_MAIN(RUN(unions), RUN(booleans_and_tuples), RUN(lists), RUN(literals),
          RUN(records), RUN(guards_and_aliases), RUN(alternatives),
          RUN(unreachable), RUN(at_most_three_witnesses), RUN(irrefutable),
          RUN(many_literals), RUN(many_constructors), RUN(diagonal),
          RUN(hard_matrix_is_bounded), RUN(long_list_pattern))
