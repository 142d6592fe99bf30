// The machine: calls of every kind, loops, matches, failures and limits.
#define EVALUATE_COMPILES true
#include "tests/unit/eval/evaluate.h"

TEST(calls_and_closures)
{
    CHECK_EVALUATES("let f x y z = x + y * z; f 1 2 3", "7");
    CHECK_EVALUATES("let f x y z = x + y * z; let g = f 1; let h = g 2; h 3",
                    "7");
    CHECK_EVALUATES("let add = \\a -> \\b -> a + b; add 1 2", "3");
    CHECK_EVALUATES("let three = \\a -> \\b -> \\c -> a * 100 + b * 10 + c;"
                    "three 1 2 3",
                    "123");
    CHECK_EVALUATES("let apply f x = f x; apply (apply (\\x y -> x - y) 9) 2",
                    "7");
    CHECK_EVALUATES("let twice f = \\x -> f (f x);"
                    "twice (twice (\\x -> x * 2)) 1",
                    "16");
    CHECK_EVALUATES("let k a = let f b = let g c = a + b + c in g in f 1 2;"
                    "k 3",
                    "6");
}

TEST(partial_results_in_tail_position)
{
    // The tail call gives a function that waits for an argument of the caller.
    CHECK_EVALUATES("let pick b = if b then inc else dec;"
                    "let inc x = x + 1; let dec x = x - 1;"
                    "let go b = pick b; [go true 1, go false 1]",
                    "[2, 0]");
    CHECK_EVALUATES("let f x = g x; let g x y = x - y; [f 5 3, (f 5) 1]",
                    "[2, 4]");
}

TEST(local_recursion)
{
    CHECK_EVALUATES("let f n = let rec go i acc = if i == n then acc "
                    "else go (i + 1) (acc + i) in go 0 0; f 1000",
                    "499500");
    CHECK_EVALUATES("let f n = let rec even i = if i == 0 then true "
                    "else odd (i - 1) and odd i = if i == 0 then false "
                    "else even (i - 1) in even n; (f 10, f 7)",
                    "(true, false)");
    CHECK_EVALUATES("let f n = let rec go i = if i == 0 then [] "
                    "else map (\\x -> go (i - 1)) [n] in go 2; f 1",
                    "[[[]]]");
}

TEST(tail_calls_use_no_depth)
{
    CHECK_EVALUATES("let rec go i acc = if i == 0 then acc "
                    "else go (i - 1) (acc + 1); go 300000 0",
                    "300000");
    CHECK_EVALUATES("let rec a n = if n == 0 then 7 else b (n - 1) "
                    "and b n = match n { 0 => 8, _ => a (n - 1) }; a 300001",
                    "8");
}

TEST(loops)
{
    CHECK_EVALUATES("[x * x for x in [1, 2, 3]]", "[1, 4, 9]");
    CHECK_EVALUATES("[(x, y) for x in range 0 4 if x != 2 for y in range 0 x]",
                    "[(1, 0), (3, 0), (3, 1), (3, 2)]");
    CHECK_EVALUATES("fold (\\a b -> a * 10 + b) 0 [1, 2, 3]", "123");
    CHECK_EVALUATES("foldRight (\\a b -> b * 10 + a) 0 [1, 2, 3]", "321");
    CHECK_EVALUATES("let f = fold; f (\\a b -> a - b) 10 [1, 2]", "7");
    CHECK_EVALUATES("(all (\\x -> x > 0) [1, 0], any (\\x -> x > 1) [1, 2])",
                    "(false, true)");
    CHECK_EVALUATES("map (fold (\\a b -> a + b) 0) [[1, 2], [], [3]]",
                    "[3, 0, 3]");
    CHECK_EVALUATES("range 0 5 |> map (\\x -> x + 1) |> filter (\\x -> x > 2)",
                    "[3, 4, 5]");
    CHECK_EVALUATES("[f 10 for f in map (\\x -> \\y -> x * y) [1, 2]]",
                    "[10, 20]");
}

TEST(loops_are_split_and_joined_in_order)
{
    CHECK_EVALUATES("let rec work n = if n == 0 then 0 else work (n - 1);"
                    "let xs = [work (x % 50) + x for x in range 0 9000 "
                    "if x % 3 != 1];"
                    "fold (\\a x -> (a * 31 + x) % 1000003) 7 xs",
                    "685896");
    CHECK_EVALUATES("let rec work n = if n == 0 then 0 else work (n - 1);"
                    "let f i = if i == 5000 then 1 / (work i) else work 20;"
                    "map f (range 0 20000)",
                    "E0402 1:81 division by zero\n  f 1:107\n");
}

// Too large, or too small, on the way only.
TEST(sums_overflow_where_they_do_in_order)
{
#define SUM(sign)                                                              \
    "let rec work n = if n == 0 then 0 else work (n - 1);"                     \
    "let big = " sign "4611686018427387904;"                                   \
    "let more = " sign "4611686018427387905;"                                  \
    "let f i = if i == 7 then big else if i == 15000 then more "               \
    "else if i == 15001 then -more else work 20;"                              \
    "fold (\\a i -> a + f i) 0 (range 0 20000)"
    CHECK_EVALUATES(SUM(""),
                    "E0401 1:229 integer overflow: 4611686018427387904 + "
                    "4611686018427387905 does not fit in 64 bits\n");
    CHECK_EVALUATES(SUM("-"),
                    "E0401 1:231 integer overflow: -4611686018427387904 + "
                    "-4611686018427387905 does not fit in 64 bits\n");
#undef SUM
}

// `head`, a list of `count` times `item` with %d in it, `tail`.
static char *long_literal(const char *head, uint32_t count, const char *item,
                          const char *tail)
{
    StrBuf text = {0};
    strbuf_append(&text, str_from_c(head));
    for (uint32_t i = 0; i < count; i++) {
        strbuf_append(&text, i == 0 ? STR("[") : STR(","));
        for (const char *c = item; *c != '\0'; c++) {
            if (*c == '#') {
                strbuf_appendf(&text, "%u", i);
            } else {
                strbuf_append_char(&text, *c);
            }
        }
    }
    strbuf_append(&text, STR("]"));
    strbuf_append(&text, str_from_c(tail));
    strbuf_append_char(&text, '\0');
    return text.data;
}

TEST(long_literals_come_in_parts)
{
    static const struct {
        const char *head, *item, *tail, *expected;
    } cases[] = {
        {"let rec work n = if n == 0 then 0 else work (n - 1);"
         "let xs =",
         "work (# % 50) + #", "; fold (\\a x -> (a * 31 + x) % 1000003) 7 xs",
         "809166"},
        // Code that outlives its part
        {"let fs =", "\\x -> x + #", "; fold (\\a f -> f a % 1000) 1 fs",
         "501"},
        // Locals of an item, and around the list
        {"let xs =", "let y = # + 1 in y * y",
         "; fold (\\a x -> (a + x) % 1000003) 0 xs", "473488"},
        {"let z = 3; let xs = let w = z + 1 in", "w * #",
         "; fold (\\a x -> a + x) 0 xs", "17994000"},
        // Two of them, one demanded by the other
        {"let yes = z == 3; let z = 3; let ys = map (\\x -> x) ",
         "if yes then z + # else #", "; fold (\\a x -> a + x) 0 ys", "4507500"},
        {"let rec work n = if n == 0 then 0 else work (n - 1);"
         "let f i = if i == 2500 then 1 / work i else work 20; let xs =",
         "f #", "; xs", "E0402 1:81 division by zero\n  f 1:16505\n"},
        {"let xs =", "1 / (2900 - #)", "; xs",
         "E0402 1:51100 division by zero\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text =
            long_literal(cases[i].head, 3000, cases[i].item, cases[i].tail);
        CHECK_EVALUATES(text, cases[i].expected);
        free(text);
    }
}

TEST(a_chunk_leaves_bindings_to_its_parent)
{
    CHECK_EVALUATES("let rec work n = if n == 0 then 0 else work (n - 1);"
                    "let bad = 1 / work 3; let good = work 9 + 2;"
                    "let f i = if i == 7000 then work 1 / (i - 7000) "
                    "else if i > 7000 then bad else good + work 20;"
                    "map f (range 0 20000)",
                    "E0402 1:125 division by zero\n  f 1:191\n");
}

TEST(matches)
{
    CHECK_EVALUATES("let f x = match x { [1, ..] | [_, 1] => 1, "
                    "[_, _, ..r] => fold (\\a b -> a + b) 10 r, _ => 3 };"
                    "map f [[1], [2, 1], [2, 3, 4, 5], [], [7]]",
                    "[1, 1, 19, 3, 3]");
    CHECK_EVALUATES("type T = A Integer | B Integer Integer | C;"
                    "let f x = match x { A n when n > 5 => n, A _ | C => 0,"
                    " B a b => a * b }; map f [A 9, A 1, B 4 5, C]",
                    "[9, 0, 20, 0]");
    CHECK_EVALUATES("let f a b = match (a, b) { (0, y) when y > 3 => 1, "
                    "(0, _) => 2, (_, 0) => 3, (x, y) => x + y };"
                    "[f 0 5, f 0 1, f 1 0, f 3 4]",
                    "[1, 2, 3, 7]");
    CHECK_EVALUATES("let f x = match x { \"a\" | \"b\" => 1, \"c\" => 2, "
                    "\"d\" => 3, \"e\" => 4, \"\" => 5, _ => 0 };"
                    "map f [\"a\", \"b\", \"c\", \"d\", \"e\", \"\", \"z\"]",
                    "[1, 1, 2, 3, 4, 5, 0]");
    CHECK_EVALUATES("match ({ a = 1, b = (2, [3]) }) "
                    "{ { a, b = (c, [d]) } => a + c + d, _ => 0 }",
                    "6");
}

TEST(big_matches)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let f x = match x {"));
    for (int i = 0; i < 3000; i++) {
        strbuf_appendf(&text, "%d => %d,", i * 7, i);
    }
    strbuf_append(&text, STR("_ => 0 - 1}; map f [0, 7, 20993, 20994]"));
    strbuf_append_char(&text, '\0');
    CHECK_EVALUATES(text.data, "[0, 1, 2999, -1]");
    // Columns that do not agree: tried row by row rather than copied.
    strbuf_clear(&text);
    strbuf_append(&text, STR("let f a b = match (a, b) {"));
    for (int i = 0; i < 1000; i++) {
        strbuf_appendf(&text, "(%d, _) => %d, (_, %d) => %d,", i, 2 * i, i,
                       2 * i + 1);
    }
    strbuf_append(&text, STR("_ => 0 - 1};"
                             "[f 999 999, f 5000 998, f 997 0, f (0-1) 7000]"));
    strbuf_append_char(&text, '\0');
    CHECK_EVALUATES(text.data, "[1998, 1997, 1, -1]");
    strbuf_release(&text);
}

TEST(records)
{
    CHECK_EVALUATES("let r = { a = 1, b = { c = 2 } };"
                    "{ ..r, b.c = 5, d = 7, e.f.g = 1 }",
                    "{ a = 1, b = { c = 5 }, d = 7, e = { f = { g = 1 } } }");
    CHECK_EVALUATES("let f r = r.x; [f { x = 1 }, f { y = 2, x = 3 }]",
                    "[1, 3]");
    StrBuf text = {0};
    strbuf_append(&text, STR("let k = 1; let r = {"));
    for (int i = 0; i < 500; i++) {
        strbuf_appendf(&text, "f%d = k + %d,", i, i);
    }
    strbuf_append(&text, STR("}; let s = { ..r, f3 = 0, ..{ f4 = 9 } };"
                             "[r.f0, r.f499, s.f3, s.f4, s.f5]"));
    strbuf_append_char(&text, '\0');
    CHECK_EVALUATES(text.data, "[1, 500, 0, 9, 6]");
    strbuf_release(&text);
}

TEST(big_lists_and_chains)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let k = 2; fold (\\a b -> a + b) 0 ["));
    for (int i = 0; i < 20000; i++) {
        strbuf_append(&text, STR("k,"));
    }
    strbuf_append(&text, STR("]"));
    strbuf_append_char(&text, '\0');
    CHECK_EVALUATES(text.data, "40000");
    strbuf_clear(&text);
    strbuf_append(&text, STR("let k = 2; k"));
    for (int i = 0; i < 20000; i++) {
        strbuf_append(&text, STR(" + k"));
    }
    strbuf_append_char(&text, '\0');
    CHECK_EVALUATES(text.data, "40002");
    strbuf_release(&text);
}

TEST(text)
{
    CHECK_EVALUATES("let x = 3; \"a\\(x)b\\([x])c\\(\"d\")\"", "\"a3b[3]cd\"");
    CHECK_EVALUATES("fold (\\a b -> a ++ \"x\") \"\" (range 0 5)", "\"xxxxx\"");
}

TEST(arithmetic_fails_where_it_must)
{
    CHECK_EVALUATES("let z = 0; 1 / z", "E0402 1:12 division by zero\n");
    CHECK_EVALUATES("let z = 0; 1 % z", "E0402 1:12 remainder by zero\n");
    CHECK_EVALUATES("let m = 0 - 9223372036854775807 - 1; m / (0 - 1)",
                    "E0401 1:38 integer overflow: -9223372036854775808 / -1 "
                    "does not fit in 64 bits\n");
    CHECK_EVALUATES("let m = 0 - 9223372036854775807 - 1; m % (0 - 1)", "0");
    CHECK_EVALUATES("let m = 9223372036854775807; 2 + m * 2",
                    "E0401 1:34 integer overflow: 9223372036854775807 * 2 "
                    "does not fit in 64 bits\n");
}

TEST(failures_tell_the_calls)
{
    CHECK_EVALUATES("let f x = 10 / x; let g y = f y + 1; g 0",
                    "E0402 1:11 division by zero\n  f 1:29\n  g 1:38\n");
    // Independent failures are reported together, in source order.
    CHECK_EVALUATES("let a = 1 / 0; let b = error \"b\"; { b = b, a = a }",
                    "E0402 1:9 division by zero\nE0404 1:24 b\n");
    // What is reached on demand fails what reached it, silently.
    CHECK_EVALUATES("let bad = 1 / 0; let f x = if x then bad else 1; f true",
                    "E0402 1:11 division by zero\n");
    CHECK_EVALUATES("let bad = 1 / 0; let f x = if x then bad else 1; f false",
                    "1");
}

TEST(limits_end_what_does_not_end)
{
    Limits limits = limits_default();
    limits.max_steps = 10000;
    check_evaluates(__FILE__, __LINE__,
                    "let rec f n = f (n + 1); let a = f 0;"
                    "a",
                    "E0602 1:30 the evaluation of 'a' takes more than 10000 "
                    "steps\n",
                    &limits);
    limits = limits_default();
    limits.max_depth = 3;
    check_evaluates(__FILE__, __LINE__,
                    "let rec f n = if n == 0 then 0 else 1 + f (n - 1); f 9",
                    "E0603 1:41 calls are nested more than 3 deep\n"
                    "  f 1:41\n  f 1:41\n  f 1:52\n",
                    &limits);
    check_evaluates(__FILE__, __LINE__,
                    "let rec f n = if n == 0 then 0 else 1 + f (n - 1); f 2",
                    "2", &limits);
    limits = limits_default();
    limits.max_memory_bytes = (uint64_t)16 << 20;
    check_evaluates(
        __FILE__, __LINE__,
        "let rec f n s = if n == 0 then s else f (n - 1) (s ++ s);"
        "let a = f 60 \"x\"; a",
        "E0604 1:62 the evaluation of 'a' needs more memory than 16777216 "
        "bytes\n",
        &limits);
}

TEST(the_whole_chain_of_demands_fails)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let yes = true; let b0 = 1 / 0;"));
    for (int i = 1; i <= 2000; i++) {
        strbuf_appendf(&text, "let b%d = if yes then b%d else 0;", i, i - 1);
    }
    strbuf_append(&text, STR("b2000"));
    strbuf_append_char(&text, '\0');
    CHECK_EVALUATES(text.data, "E0402 1:26 division by zero\n");
    strbuf_release(&text);
}

TEST_MAIN(RUN(calls_and_closures), RUN(partial_results_in_tail_position),
          RUN(local_recursion), RUN(tail_calls_use_no_depth), RUN(loops),
          RUN(loops_are_split_and_joined_in_order),
          RUN(sums_overflow_where_they_do_in_order),
          RUN(long_literals_come_in_parts),
          RUN(a_chunk_leaves_bindings_to_its_parent), RUN(matches),
          RUN(big_matches), RUN(records), RUN(big_lists_and_chains), RUN(text),
          RUN(arithmetic_fails_where_it_must), RUN(failures_tell_the_calls),
          RUN(limits_end_what_does_not_end),
          RUN(the_whole_chain_of_demands_fails))
