// Programs through all passes: what the checker's notes make the compiler do.
#include "typecheck/check.h"

#define EVALUATE_CHECK(program)   check_program((program), &(CheckOptions){0})
#define EVALUATE_RELEASE(program) check_program_release(program)
#include "tests/unit/eval/evaluate.h"

TEST(operators_work_at_their_types)
{
    CHECK_EVALUATES("[1.5 + 2, 2 * 0.5, -1.5]", "[3.5, 1.0, -1.5]");
    CHECK_EVALUATES("([1] ++ [2] ++ [3], \"a\" ++ \"b\")",
                    "([1, 2, 3], \"ab\")");
    CHECK_EVALUATES("[[1, 2] < [1, 3], \"b\" < \"a\", (1, 2.0) == (1, 2.0)]",
                    "[true, false, true]");
    CHECK_EVALUATES("let f a b c = a < b <= c; [f 1 2 2, f 1 2 1, f 2 2 2]",
                    "[true, false, false]");
    CHECK_EVALUATES("60 * 60 * 24", "86400");
}

TEST(functions_at_known_dictionaries)
{
    CHECK_EVALUATES("let rec pow b n = if n <= 0 then 1 else b * pow b (n - 1);"
                    "(pow 2 10, pow 1.5 2)",
                    "(1024, 2.25)");
    CHECK_EVALUATES("let f n = let rec go i acc = if i >= n then acc "
                    "else go (i + 1) (acc + i) in (go 0 0, go 0 0); f 10",
                    "(45, 45)");
    CHECK_EVALUATES("let twice x = x + x; let use f = f; "
                    "(map twice [1], map twice [1.5], use twice 2)",
                    "([2], [3.0], 4)");
    CHECK_EVALUATES("let both x = let add y = x + y in (add x, map add [x]);"
                    "(both 1, both 0.5)",
                    "((2, [2]), (1.0, [1.0]))");
    CHECK_EVALUATES("sum [x * 0.5 for x in [1, 2]]", "1.5");
}

TEST(instances_that_users_write)
{
    const char *types =
        "type Color = Red | Blue Integer;"
        "instance Show Color where show c = match c "
        "{ Red => \"R\", Blue n => \"B\\(n)\" };"
        "instance Eq Color where eq a b = match (a, b) "
        "{ (Blue _, Blue _) => true, (Red, Red) => true, _ => false };"
        "type Tree a = Leaf | Node (Tree a) a (Tree a);";
    static const struct {
        const char *expr;
        const char *value;
    } rows[] = {
        {"show (Node (Node Leaf Red Leaf) (Blue 3) Leaf)",
         "\"Node (Node Leaf R Leaf) (B3) Leaf\""},
        {"\"\\([Red]) \\({ x = Red, y = (1, Blue 2) }) \\(Some Red)\"",
         "\"[R] { x = R, y = (1, B2) } Some R\""},
        {"[Node Leaf (Blue 1) Leaf == Node Leaf (Blue 7) Leaf,"
         "[Red, Blue 1] != [Red], (1, Blue 1) == (1, Red)]",
         "[true, true, false]"},
        {"let same x y = [x] == [y]; (same (Blue 1) (Blue 2), same 1 2)",
         "(true, false)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        StrBuf text = {0};
        strbuf_appendf(&text, "%s%s%c", types, rows[i].expr, '\0');
        CHECK_EVALUATES(text.data, rows[i].value);
        strbuf_release(&text);
    }
}

TEST(orders_that_users_write)
{
    CHECK_EVALUATES(
        "type Size = S | M | L; type Box a = Box a Integer;"
        "instance Eq Size where eq a b = show a == show b;"
        "instance Ord Size where compare a b = compare (show a) (show b);"
        "[L < M, [L, S] < [M], Box M 1 < Box S 0, (S, 1) > (M, 9),"
        "{ a = S, b = 1 } > { a = M, b = 2 }, max [L] [S] == [S],"
        "Some L < Some M, None < Some L]",
        "[true, true, true, true, true, true, true, true]");
}

TEST(classes_with_contexts)
{
    CHECK_EVALUATES("typeclass Area a where area : a -> Integer;"
                    "instance Area Integer where area x = x * x;"
                    "instance Area a => Area (List a) where "
                    "area xs = sum (map area xs);"
                    "let total: Area a => a -> Integer = \\x -> area x + 1;"
                    "let rec nest: Area a => Integer -> a -> Integer = "
                    "\\n x -> if n <= 0 then area x else nest (n - 1) [x, x];"
                    "(total [[1, 2], [3]], nest 9 2)",
                    "(15, 2048)");
}

TEST(records_are_filled_and_checked)
{
    CHECK_EVALUATES("type S = { name: String, port: Integer = 80,"
                    "tag?: String, all: List Integer = [1], copy: Integer = "
                    "port };"
                    "let s: S = { name = \"a\" };"
                    "let t: S = { name = \"b\", tag = \"x\", port = 1 };"
                    "[s, t]",
                    "[{ name = \"a\", port = 80, tag = None, all = [1], copy = "
                    "80 }, { name = \"b\", tag = Some \"x\", port = 1, all = "
                    "[1], copy = 1 }]");
    CHECK_EVALUATES(
        "type Port = Integer where x > 0 && x <= 65535;"
        "let f x = x * 70000; let p: Port = f 1; p",
        "E0405 1:82 the value is no 'Port': 'x <= 65535' failed: x = 70000\n");
}

TEST_MAIN(RUN(operators_work_at_their_types),
          RUN(functions_at_known_dictionaries), RUN(instances_that_users_write),
          RUN(orders_that_users_write), RUN(classes_with_contexts),
          RUN(records_are_filled_and_checked))
