// The code that the compiler makes, as the disassembler prints it.
#define EVALUATE_COMPILES true
#include "tests/unit/eval/evaluate.h"

static void check_code(const char *file, int line, const char *text,
                       const char *name, const char *expected)
{
    Limits limits = limits_default();
    Evaluated e = evaluate(text, 1, &limits);
    const Module *module = main_module(&e.test);
    StrBuf out = {0};
    for (uint32_t i = 0; i < module->binding_count; i++) {
        const Slot *slot = evaluation_slot(e.evaluation, module->id, i);
        if (slot->code != NULL &&
            str_equal(slot->code->name, str_from_c(name))) {
            code_print(slot->code, &out);
        }
    }
    harness_check_str(file, line, text, strbuf_str(&out), str_from_c(expected));
    strbuf_release(&out);
    evaluated_release(&e);
}

#define CHECK_CODE(text, name, expected)                                       \
    check_code(__FILE__, __LINE__, (text), (name), (expected))

TEST(arithmetic_is_arithmetic)
{
    CHECK_CODE("let f x y = x * y - x; f 2 3", "f",
               "0 MUL_INT r3 r0 r1\n"
               "1 SUB_INT r2 r3 r0\n"
               "2 RETURN r2\n");
}

TEST(known_functions_are_called_directly)
{
    CHECK_CODE("let f x = x; let g x = f (f x); g 1", "g",
               "0 MOVE r3 r0\n"
               "1 CALL_GLOBAL r2 r3 1 p0\n"
               "3 TAIL_GLOBAL r2 1 p0\n");
    CHECK_CODE("let rec f x = if x then true else f x; f true", "f",
               "0 JUMP_UNLESS r0 ->3\n"
               "1 BOOL r1 1\n"
               "2 RETURN r1\n"
               "3 MOVE r2 r0\n"
               "4 TAIL_SELF r2 1\n");
}

TEST(map_is_a_loop)
{
    CHECK_CODE("let f xs = map (\\x -> x + x) xs; f [1]", "f",
               "0 BUILDER r2\n"
               "1 LOOP_BEGIN r3 r0 ->5\n"
               "3 ADD_INT r7 r6 r6\n"
               "4 PUSH r2 r7\n"
               "5 LOOP_SPLIT r6 r3 0 r2 ->3\n"
               "7 FINISH r1 r2\n"
               "8 RETURN r1\n");
}

TEST(folds_keep_their_sum_in_a_register)
{
    CHECK_CODE("let f xs = fold (\\a b -> a + b) 0 xs; f [1]", "f",
               "0 INT r2 0\n"
               "1 LOOP_BEGIN r5 r0 ->4\n"
               "3 SUM_INT r2 r2 r8\n"
               "4 LOOP_SPLIT r8 r5 1 r2 ->3\n"
               "6 MOVE r1 r2\n"
               "7 RETURN r1\n");
}

TEST(literals_are_constants)
{
    CHECK_CODE("let f x = [1, 2, 3]; f 1", "f",
               "0 CONST r1 [1, 2, 3]\n"
               "1 RETURN r1\n");
    CHECK_CODE("let f x = { a = 1, b = [\"x\"] }; f 1", "f",
               "0 CONST r1 { a = 1, b = [\"x\"] }\n"
               "1 RETURN r1\n");
}

TEST(matches_share_bodies)
{
    CHECK_CODE("type T = A Integer | B Integer | C;"
               "let f t = match t { A n | B n => n, C => 0 }; f C",
               "f",
               "0 SWITCH_TAG r0 p0\n"
               "1 UNION_FIELD r3 r0 0\n"
               "2 MOVE r2 r3\n"
               "3 MOVE r1 r2\n"
               "4 RETURN r1\n"
               "5 UNION_FIELD r3 r0 0\n"
               "6 MOVE r2 r3\n"
               "7 JUMP ->3\n"
               "8 INT r1 0\n"
               "9 RETURN r1\n"
               "10 UNREACHABLE\n");
}

TEST(tuples_that_are_taken_apart_are_not_made)
{
    CHECK_CODE("let f a b = match (a, b) { (true, y) => y, (_, _) => 0 };"
               "f true 1",
               "f",
               "0 JUMP_UNLESS r0 ->3\n"
               "1 MOVE r2 r1\n"
               "2 RETURN r2\n"
               "3 INT r2 0\n"
               "4 RETURN r2\n");
}

TEST(functions_may_be_too_large)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let k = 1; let f x = let "));
    for (int i = 0; i < 70000; i++) {
        strbuf_appendf(&text, "_v%d = x + 1;", i);
    }
    strbuf_append(&text, STR("in _v69999; f k"));
    strbuf_append_char(&text, '\0');
    Limits limits = limits_default();
    Evaluated e = evaluate(text.data, 1, &limits);
    CHECK(!e.ok);
    CHECK_EQ_INT(e.diags.diags.count, 1);
    CHECK_EQ_INT(diag_at(&e.diags, 0)->code, DIAG_E0611);
    evaluated_release(&e);
    strbuf_release(&text);
}

TEST_MAIN(RUN(arithmetic_is_arithmetic),
          RUN(known_functions_are_called_directly), RUN(map_is_a_loop),
          RUN(folds_keep_their_sum_in_a_register), RUN(literals_are_constants),
          RUN(matches_share_bodies),
          RUN(tuples_that_are_taken_apart_are_not_made),
          RUN(functions_may_be_too_large))
