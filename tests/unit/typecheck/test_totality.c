// Which recursions are shown to end, and what is said of the others.
#include "tests/unit/typecheck/program.h"
#include "typecheck/check.h"
#include "typecheck/totality.h"

// Types first: they say which operators work on integers.
static void check_module(TestProgram *test)
{
    TotalityMode mode = test->program->options.totality;
    test->program->options.totality = TOTALITY_UNCHECKED;
    CHECK(check_program(test->program, NULL));
    test->program->options.totality = mode;
    totality_check_module(test->program, test->module, &test->diags);
    check_program_release(test->program);
}

static void check_said(const char *text, const char *expected, int line)
{
    TestProgram test;
    test_program_init(&test, str_from_c(text));
    check_module(&test);
    harness_check_str(__FILE__, line, text, test_program_said(&test),
                      str_from_c(expected));
    test_program_release(&test);
}

#define ENDS(text) check_said(text, "", __LINE__)
#define WARNS(name, text)                                                      \
    check_said(text, "W0601 recursion of '" name "' is not shown to end",      \
               __LINE__)

TEST(structural)
{
    ENDS("let rec len xs = match xs { [] => 0, [_, ..r] => 1 + len r };");
    ENDS(
        "type T = Leaf | Node T T;"
        "let rec size t = match t { Leaf => 0, Node l r => size l + size r };");
    WARNS("f", "let rec f xs = match xs { [] => 0, [_, ..] => f xs };");
    WARNS("f", "let rec f xs = match xs { [..r] => f r };");
    ENDS("let rec f xs = match xs { [a, b, ..r] => f r, all => 0 };");
    WARNS("f", "let rec f xs = match xs { [a, ..r] => f ([a] ++ r), _ => 0 };");
    ENDS("type E = Lit Integer | Add E E | Neg E;"
         "let rec eval e = match e { Lit n => n, Add a b => eval a + eval b,"
         " Neg (Neg x) => eval x, Neg x => 0 - eval x };");
    // Parts of parts, through lets and fields.
    ENDS("type T = Leaf | Node { left: T, right: T };"
         "let rec depth t = match t { Leaf => 0, Node n => "
         "let l = n.left; r = n.right in 1 + max (depth l) (depth r) };");
}

TEST(elements_of_lists)
{
    ENDS("type Rose = Rose Integer (List Rose);"
         "let rec total t = match t { Rose n kids => n + sum (map total kids) "
         "};");
    ENDS("type Rose = Rose Integer (List Rose);"
         "let rec total t = match t { Rose n kids => n + (kids |> map total "
         "|> sum) };");
    ENDS("type Rose = Rose Integer (List Rose);"
         "let rec total t = match t { Rose n kids => fold (\\acc k -> acc + "
         "total k) n kids };");
    ENDS("type Rose = Rose Integer (List Rose);"
         "let rec total t = match t { Rose n kids => n + sum [total k for k in "
         "kids] };");
    WARNS("total",
          "type Rose = Rose Integer (List Rose);"
          "let apply f x = f x;"
          "let rec total t = match t { Rose n kids => apply total t };");
    ENDS("let rec sort xs = match xs { [] => [], [p, ..r] => "
         "sort (filter (\\x -> x < p) r) ++ [p] ++ sort [x for x in r if x >= "
         "p] };");
}

TEST(integers)
{
    ENDS("let rec f n = if n <= 0 then 0 else f (n - 1);");
    ENDS("let rec f n = if n > 0 then f (n - 1) else 0;");
    ENDS("let rec f n acc = if n < 1 then acc else f (n - 2) (acc * n);");
    WARNS("f", "let rec f n = if n == 0 then 0 else f (n - 1);");
    WARNS("f", "let rec f n = if n <= 0 then 0 else f (n + 1);");
    WARNS("f", "let rec f n = if n <= 0 then 0 else f n;");
    WARNS("f", "let rec f n = match n { 0 => 0, _ => f (n - 1) };");
    ENDS("let rec f n = match n { k when k <= 0 => 0, _ => f (n - 1) };");
    ENDS("let rec f n = match n <= 0 { true => 0, false => f (n - 1) };");
    ENDS("let rec f n = n > 0 && f (n - 1);");
    ENDS("let rec f n = n <= 0 || f (n - 1);");
    WARNS("f", "let rec f n = n <= 0 && f (n - 1);");
    ENDS("let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2);");
    ENDS("let rec f n = if !(n > 0) then 0 else let m = n - 1 in f m;");
    ENDS("let rec f n = if 0 < n <= 10 then f (n - 1) else 0;");
    WARNS("f", "let rec f n = if 0 < n <= 10 then 0 else f (n - 1);");
}

TEST(bounds)
{
    ENDS("let rec f i n = if i >= n then 0 else f (i + 1) n;");
    WARNS("f", "let rec f i n = if i == n then 0 else f (i + 1) n;");
    WARNS("f", "let rec f i n = if i >= n then 0 else f (i + 1) (n + 1);");
    ENDS("let rec f i n = if i >= n then 0 else f (i + 2) (n + 1);");
    ENDS("let rec f i n = if i < n then f i (n - 1) else 0;");
    ENDS("let limit = 10; let rec f i = if i >= limit then 0 else f (i + 1);");
    ENDS("let rec f i = if i >= 10 then 0 else f (i + 1);");
    ENDS("let rec f i xs = if i >= length xs then 0 else f (i + 1) xs;");
    WARNS("f", "let rec f i xs = if i >= length xs then 0 else "
               "f (i + 1) (xs ++ [1]);");
    ENDS("let count n = let rec go i acc = if i >= n then acc else "
         "go (i + 1) (acc + i) in go 0 0;");
    WARNS("go", "let count n = let rec go i = if i == n then 0 else "
                "go (i + 1) in go 0;");
}

TEST(division)
{
    ENDS("let rec f n = if n <= 0 then 0 else 1 + f (n / 2);");
    ENDS("let rec f n = if n == 0 then 0 else 1 + f (n / 10);");
    WARNS("f", "let rec f n = if n == 0 then 0 else f (n / 1);");
    WARNS("f", "let rec f n = if n == 7 then 0 else f (n / 2);");
    ENDS("let rec gcd a b = if b == 0 then a else gcd b (a % b);");
    ENDS("let rec power b n = if n <= 0 then 1 else if n % 2 == 0 then "
         "power (b * b) (n / 2) else b * power b (n - 1);");
}

#define SPLIT                                                                  \
    "let rec split xs = match xs { [] => ([], []), [x] => ([x], []), "         \
    "[x, y, ..r] => match split r { (a, b) => ([x] ++ a, [y] ++ b) } };"
#define MERGE "let merge xs ys = xs ++ ys;"

TEST(results_of_helpers)
{
    ENDS(SPLIT MERGE "let rec sort xs = match xs { [] => [], [x] => [x], _ => "
                     "match split xs { (a, b) => merge (sort a) (sort b) } };");
    // A list of one is split into itself and nothing.
    WARNS("sort", SPLIT MERGE
          "let rec sort xs = match xs { [] => [], _ => "
          "match split xs { (a, b) => merge (sort a) (sort b) } };");
    WARNS("sort",
          MERGE "let split xs = (xs, []);"
                "let rec sort xs = match xs { [] => [], [x] => [x], _ => "
                "match split xs { (a, b) => merge (sort a) (sort b) } };");
    // One of the halves takes everything.
    WARNS("sort",
          "let rec split xs = match xs { [] => ([], []), [x] => ([x], []), "
          "[x, y, ..r] => match split r { (a, b) => ([x, y] ++ a, b) } };" MERGE
          "let rec sort xs = match xs { [] => [], [x] => [x], _ => "
          "match split xs { (a, b) => merge (sort a) (sort b) } };");
    ENDS(SPLIT MERGE "let rec sort xs = if length xs < 2 then xs else "
                     "match split xs { (a, b) => merge (sort a) (sort b) };");
    ENDS(SPLIT MERGE
         "let halves xs = match split xs { (a, b) => { left = a, right = b } };"
         "let rec sort xs = if length xs < 2 then xs else "
         "let h = halves xs in merge (sort h.left) (sort h.right);");
    // Functions that call each other.
    ENDS("let rec evens xs = match xs { [] => [], [x, ..r] => [x] ++ odds r } "
         "and odds xs = match xs { [] => [], [_, ..r] => evens r };" MERGE
         "let rec sort xs = match xs { [] => [], [x] => [x], _ => "
         "merge (sort (evens xs)) (sort (odds xs)) };");
    // Local ones.
    ENDS(MERGE "let rec sort xs = let rec split ys = match ys { "
               "[] => ([], []), [x] => ([x], []), [x, y, ..r] => "
               "match split r { (a, b) => ([x] ++ a, [y] ++ b) } } in "
               "match xs { [] => [], [x] => [x], _ => match split xs { "
               "(a, b) => merge (sort a) (sort b) } };");
    ENDS("let rec keep p xs = match xs { [] => [], [x, ..r] => "
         "if p x then [x] ++ keep p r else keep p r };"
         "let rec sort xs = match xs { [] => [], [p, ..r] => "
         "sort (keep (\\x -> x < p) r) ++ [p] ++ "
         "sort (keep (\\x -> x >= p) r) };");
    WARNS("sort", "let rec sort xs = match xs { [] => [], [p, ..r] => "
                  "sort (filter (\\x -> x < p) xs) ++ [p] };");
}

// What comes out of a constructor of a helper, or of one that is not recursive.
TEST(results_in_constructors)
{
    ENDS("let uncons xs = match xs { [] => None, [x, ..r] => Some ((x, r)) };"
         "let rec len xs = match uncons xs { None => 0, "
         "Some ((_, r)) => 1 + len r };");
    WARNS("len", "let uncons xs = match xs { [] => None, "
                 "[x, ..r] => Some ((x, xs)) };"
                 "let rec len xs = match uncons xs { None => 0, "
                 "Some ((_, r)) => 1 + len r };");
    ENDS("let pred n = n - 1; let rec f n = if n <= 0 then 0 else f (pred n);");
    WARNS("f", "let same n = n - 0;"
               "let rec f n = if n <= 0 then 0 else f (same n);");
    ENDS("let rec map2 f xs = match xs { [] => [], [x, ..r] => "
         "[f x] ++ map2 f r };"
         "let rec f xs = match xs { [] => 0, [_, ..r] => "
         "1 + f (map2 (\\x -> x + 1) r) };");
    WARNS("f", "let rec dup xs = match xs { [] => [], [x, ..r] => "
               "[x, x] ++ dup r };"
               "let rec f xs = match xs { [] => 0, [_, ..r] => f (dup r) };");
}

// A function that is called twice: what it captured is not what it captured
// first.
TEST(closures)
{
    WARNS("f", "type N = Z | S N;"
               "let rec f x = match x { S y => let k a = \\b -> a; p = k y; "
               "q = k x in f (p (q 0)), Z => 0 };");
    WARNS("f", "let apply g v = g v;"
               "let rec f x = match x { [_, ..y] => apply (\\b -> f x) y, "
               "[] => 0 };");
    WARNS("f", "let first a b = a;"
               "let rec f x = match x { [_, ..y] => f (first x y), "
               "[] => 0 };");
    ENDS("let first a b = a;"
         "let rec f x = match x { [_, ..y] => f (first y x), [] => 0 };");
    // Arguments that are left out may be anything.
    ENDS("let rec f n x = if n <= 0 then x else let g = f (n - 1) in g x;");
    WARNS("f", "let rec f x n = if n <= 0 then x else "
               "let g = f x in g (n - 1);");
}

TEST(instances)
{
    ENDS("type T = Leaf | Node T T; instance Show T where show t = match t { "
         "Leaf => \"\", Node l r => show l ++ \"\\(r)\" };");
    WARNS("show", "type T = Leaf | Node T T;"
                  "instance Show T where show t = \"\\(t)\";");
    WARNS("show", "type T = Leaf | Node T T;"
                  "instance Show T where show t = show [t];");
    WARNS("show", "type T = Leaf | Node T T; instance Show T where "
                  "show t = match t { Leaf => show [Leaf], "
                  "Node l r => show [l, r] };");
    ENDS("type T = Leaf | Node T T; instance Show T where "
         "show t = match t { Leaf => \"\", Node l r => show [l, r] };");
    ENDS("type R = R Integer (List R); instance Eq R where "
         "eq a b = match (a, b) { (R n xs, R m ys) => n == m && xs == ys };");
    WARNS("eq", "type R = R Integer (List R); instance Eq R where "
                "eq a b = [a] == [b];");
    // A type that an automatic instance goes through.
    WARNS("show", "type W = W V; type V = V | X;"
                  "instance Show V where show v = show (W v);");
    // The sum of two chains is not what is written.
    WARNS("add", "type N = N Integer; instance Num N where add a b = a + b; "
                 "sub a b = a; mul a b = a; div a b = a; neg a = a; "
                 "fromInteger n = N n;");
    WARNS("show", "let twice x = show x ++ show x; type T = A | B T;"
                  "instance Show T where show t = match t { A => \"\", "
                  "B u => twice u };");
}

TEST(integers_between)
{
    ENDS("let rec f n = if n <= 1 then n else f (n / 2) + f (n - n / 2);");
    WARNS("f", "let rec f n = if n <= 0 then n else f (n / 2) + "
               "f (n - n / 2);");
    ENDS("let rec f lo hi = if lo >= hi then lo else "
         "let m = lo + (hi - lo) / 2 in if m > 7 then f lo m else "
         "f (m + 1) hi;");
    // From -1 and 0 the middle is 0.
    WARNS("f", "let rec f lo hi = if lo >= hi then lo else "
               "let m = (lo + hi) / 2 in if m > 7 then f lo m else "
               "f (m + 1) hi;");
    ENDS("let rec f lo hi = if lo >= hi || lo < 0 then lo else "
         "let m = (lo + hi) / 2 in if m > 7 then f lo m else "
         "f (m + 1) hi;");
    ENDS("let rec f lo hi = if lo > hi then lo else "
         "let m = (lo + hi) / 2 in if m > 7 then f lo (m - 1) else "
         "f (m + 1) hi;");
    ENDS("let rec gcd a b = if a <= 0 || b <= 0 then a + b else "
         "if a >= b then gcd (a - b) b else gcd a (b - a);");
    WARNS("gcd", "let rec gcd a b = if a == b then a else "
                 "if a > b then gcd (a - b) b else gcd a (b - a);");
    ENDS("let rec f n = match n { 0 => 0, k when k < 0 => 0, "
         "_ => f (n - 1) };");
    ENDS("let rec f n = if n < 0 then 0 else if n == 0 then 1 else "
         "n * f (n - 1);");
}

TEST(several_functions)
{
    ENDS("let rec even n = if n <= 0 then true else odd (n - 1) "
         "and odd n = if n <= 0 then false else even (n - 1);");
    WARNS("even", "let rec even n = if n <= 0 then true else odd (n - 1) "
                  "and odd n = if n <= 0 then false else even (n + 1);");
    // Lexicographic: Ackermann's function.
    ENDS("let rec ack m n = if m <= 0 then n + 1 else if n <= 0 then "
         "ack (m - 1) 1 else ack (m - 1) (ack m (n - 1));");
    // Arguments that trade places (Lee, Jones, Ben-Amram, example 5).
    ENDS("let rec f xs ys = match ys { [] => xs, [_, ..r] => f r xs };");
    ENDS("let rec zip2 xs ys = match (xs, ys) { ([x, ..a], [y, ..b]) => "
         "[(x, y)] ++ zip2 a b, _ => [] };");
    WARNS("f", "let rec f xs ys = match (xs, ys) { ([_, ..a], _) => f a [1], "
               "(_, [_, ..b]) => f [1] b, _ => 0 };");
}

TEST(shapes_of_definitions)
{
    ENDS("let rec f = \\n -> \\m -> if n <= 0 then m else f (n - 1) m;");
    ENDS("let rec f n = if n <= 0 then 0 else n - 1 |> f;");
    WARNS("f", "let rec f n = if n <= 0 then 0 else n + 1 |> f;");
    ENDS("let rec f n = if n <= 0 then 0 else (\\m -> f m) (n - 1);");
    WARNS("f", "let rec f n = if n <= 0 then 0 else (\\m -> f m) (n + 1);");
    ENDS("let rec f n = if n <= 0 then 0 else n - 1 |> \\m -> f m;");
    ENDS("let rec f n = match n <= 0 { true => 0, _ => f (n - 1) };");
    WARNS("f", "let rec f n = match n <= 0 { false => 0, _ => f (n - 1) };");
    WARNS("f", "let rec f n = let g = f in g (n - 1);");
    ENDS("let f n = let rec g k = if k <= 0 then 0 else g (k - 1) in g n;");
    WARNS("g", "let f n = let rec g k = g k in g n;");
    ENDS("let rec f n = if n <= 0 then 0 else "
         "let rec g k = if k <= 0 then 0 else g (k - 1) + f (n - 1) in g n;");
    // Alternatives that bind a local at different depths.
    WARNS("f", "type N = Z | S N | T N;"
               "let rec f n = match n { (S k as w) | T (k as w) => f w, "
               "Z => 0 };");
    // The local of an alternative is a part in each of them.
    ENDS("type N = Z | S N | T N;"
         "let rec f n = match n { S k | T k => f k, Z => 0 };");
}

// Nothing of this may be accepted.
TEST(not_fooled)
{
    // The bound moves with the integer.
    WARNS("f", "let rec f i n = if i < n then f (i + 1) (n + 2) else 0;");
    // A part that is put together again.
    WARNS("f", "let rec f xs = match xs { [a, ..r] => f [a, a], _ => 0 };");
    WARNS("f", "let rec f x = match x { Some y => f (Some y), None => 0 };");
    // The argument falls in a branch, but not in the other.
    WARNS("f", "let rec f n b = if n <= 0 then 0 else if b then f (n - 1) b "
               "else f n b;");
    // The test is about another variable, or does not hold where it calls.
    WARNS("f", "let rec f n m = if m <= 0 then 0 else f (n - 1) m;");
    WARNS("f", "let rec f n = if n <= 0 then f (n - 1) else 0;");
    WARNS("f", "let rec f n = (if n <= 0 then 0 else 1) + f (n - 1);");
    WARNS("f", "let rec f n = if n <= 0 || n > 100 then f (n - 1) else 0;");
    // A test of a variable that hides the parameter.
    WARNS("f", "let rec f n = let g m = if m <= 0 then 0 else f (n - 1) in "
               "g n;");
    // Two arguments fall in turn while the other grows.
    WARNS("f", "let rec f a b = if a > 0 then f (a - 1) (b + 1) else "
               "if b > 0 then f (a + 1) (b - 1) else 0;");
    // The opaque bound names a parameter that changes.
    WARNS("f", "let rec f i xs = if i >= length xs then 0 else "
               "f (i + 1) (reverse xs ++ xs);");
    WARNS("f", "let rec f i xs = let ys = xs in if i >= length ys then 0 else "
               "f (i + 1) (ys ++ ys);");
    // Parts of another value than the parameter.
    WARNS("f", "let g x = [x, x]; let rec f xs = match g xs { [a, ..r] => "
               "f a, _ => 0 };");
    // The list function gets a list that the parameter is not made of.
    WARNS("f", "let rec f n = sum (map f [n]);");
    WARNS("f", "let rec f n = sum [f m for m in [n, n]];");
    WARNS("f", "let rec f n = let g = map f in n;");
}

static Str joined(TestProgram *test)
{
    StrBuf text = {0};
    for (uint32_t i = 0; i < test->diags.diags.count; i++) {
        const Diag *diag = diag_at(&test->diags, i);
        for (uint32_t j = 0; j < diag->more->notes.count; j++) {
            strbuf_append(&text, diag->more->notes.items[j]);
            strbuf_append_char(&text, '\n');
        }
        for (uint32_t j = 0; j < diag->more->helps.count; j++) {
            strbuf_append(&text, diag->more->helps.items[j]);
            strbuf_append_char(&text, '\n');
        }
    }
    Str copy = arena_str(test->module->arena, strbuf_str(&text));
    strbuf_release(&text);
    return copy;
}

static void check_why(const char *text, const char *expected, int line)
{
    TestProgram test;
    test_program_init(&test, str_from_c(text));
    check_module(&test);
    harness_check_str(__FILE__, line, text, joined(&test),
                      str_from_c(expected));
    test_program_release(&test);
}

TEST(reasons)
{
    check_why("let rec f n = if n == 0 then 0 else f (n - 1);",
              "'n' goes down, but no test stops it below 0\n"
              "stop at 'n <= 0' instead of 'n == 0'\n",
              __LINE__);
    check_why("let rec f i = if i == 10 then 0 else f (i + 1);",
              "'i' goes up, but no test stops it above 10\n"
              "stop at 'i >= 10' instead of 'i == 10'\n",
              __LINE__);
    check_why("let rec f i n = if i == n then 0 else f (i + 1) n;",
              "'i' goes up, but no test stops it\n"
              "stop at 'i >= n' instead of 'i == n'\n",
              __LINE__);
    check_why("let rec f n = f (n - 1);",
              "'n' goes down, but no test stops it\n"
              "stop at a lower bound, as in 'if n <= 0 then ...'\n",
              __LINE__);
    check_why("let rec f xs = f xs;",
              "no argument is shown to get smaller along f -> f\n"
              "recurse on a part taken out by 'match', or on an integer under "
              "a test that bounds it\n"
              "where there is none, as in a search through a graph, count the "
              "steps: 'if steps <= 0 then ...'\n",
              __LINE__);
    check_why("let rec f s = if s.n == 1 then 0 else f { n = s.n - 1 };",
              "'s.n' goes down, but no test stops it below 1\n"
              "stop at 's.n <= 1' instead of 's.n == 1'\n",
              __LINE__);
    check_why(
        "type S = S Integer; let rec f s = match s { S n => f (S (n + 1)) };",
        "an Integer in 's' goes up, but no test stops it\n"
        "stop at an upper bound, as in 'if n >= 100 then ...'\n",
        __LINE__);
}

#define AB "type S = A Integer | B Integer;"

TEST(places)
{
    ENDS("type S = S Integer; let rec f s = match s { S n => "
         "if n <= 0 then 0 else f (S (n - 1)) };");
    ENDS("let rec f s = if s.n <= 0 then 0 else f { ..s, n = s.n - 1 };");
    WARNS("f", "let rec f (s: { n: Integer, m: Integer }) = "
               "if s.m <= 0 then 0 else f { ..s, n = s.n - 1 };");
    ENDS("let rec f (n, xs) = if n <= 0 then xs else f ((n - 1, [n] ++ xs));");
    WARNS("f", "let rec f (n, m) = if n <= 0 then m else f ((m, n + 1));");
    // Another constructor has other items.
    ENDS(AB "let rec f s = match s { A n => if n <= 0 then g (B n) else "
            "f (A (n - 1)), B n => g s } and g s = match s { A n => 0, "
            "B n => if n <= 0 then 1 else g (B (n - 1)) };");
    WARNS("f", AB "let rec f s = match s { A n => "
                  "if n <= 0 then 0 else f (B (n - 1)), B n => f (A 9) };");
}

#define TREE "type T = L | N T T;"

TEST(sums_of_parts)
{
    ENDS(TREE "let rec f q = match q { [] => 0, [L, ..r] => f r, "
              "[N a b, ..r] => f (r ++ [a, b]) };");
    ENDS(TREE "let rec f t = match t { L => 0, N L b => f b, "
              "N (N a b) c => f (N a (N b c)) };");
    WARNS("f", TREE "let rec f t = match t { N (N a b) c => f (N a (N b c)), "
                    "N a (N b c) => f (N (N a b) c), _ => 0 };");
    // Each part once, and less around them than before.
    WARNS("f", TREE "let rec f q = match q { [N a b, ..r] => "
                    "f (r ++ [a, a]), _ => 0 };");
    WARNS("f", TREE "let rec f q = match q { [N a b, ..r] => "
                    "f (r ++ [N a b]), _ => 0 };");
    WARNS("f", TREE "let rec f q = match q { [N a b, ..r] => "
                    "f (r ++ [a, b, L]), _ => 0 };");
    // What is not there is not larger than nothing.
    WARNS("f", "let rec f xs = g [] and g xs = match xs { [] => f xs, "
               "[_, ..t] => f t };");
    WARNS("f", TREE "let rec f q = match q { [] => f [], [x, ..r] => "
                    "f (if true then [] else r) };");
}

TEST(strict_and_unchecked)
{
    TestProgram test;
    test_program_init(&test, STR("let rec f n = f n;"));
    test.program->options.totality = TOTALITY_STRICT;
    check_module(&test);
    CHECK_EQ_STR(test_program_said(&test),
                 STR("E0609 recursion of 'f' is not shown to end"));
    test_program_release(&test);
    test_program_init(&test, STR("let rec f n = f n;"));
    test.program->options.totality = TOTALITY_UNCHECKED;
    check_module(&test);
    CHECK_EQ_STR(test_program_said(&test), STR(""));
    test_program_release(&test);
}

// Permutations of many arguments: the closure is exponential, so bounded.
TEST(bounded)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let rec f a b c d e g h i = match a { [] => 0, "
                             "[_, ..r] => f b a c d e g h i "
                             "+ f b c d e g h i a + f r b c d e g h i };"));
    TestProgram test;
    test_program_init(&test, strbuf_str(&text));
    check_module(&test);
    CHECK_EQ_INT(test.diags.diags.count, 1);
    test_program_release(&test);
    strbuf_release(&text);
}

// Values inside of values, one by one: deeper than a stack.
TEST(nested)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("type T = L | N T; let rec f (t: T) (c: Boolean): "
                             "Integer = let a0 = t; b0 = t;"));
    enum { DEPTH = 20000 };
    for (int i = 1; i < DEPTH; i++) {
        strbuf_appendf(&text, "a%d = N a%d; b%d = N b%d;", i, i - 1, i, i - 1);
    }
    strbuf_appendf(&text,
                   " in match t { L => 0, N r => f (if c then a%d else b%d) c "
                   "};",
                   DEPTH - 1, DEPTH - 1);
    TestProgram test;
    test_program_init(&test, strbuf_str(&text));
    check_module(&test);
    CHECK_EQ_INT(test.diags.diags.count, 1);
    test_program_release(&test);
    strbuf_release(&text);
}

TEST_MAIN(RUN(structural), RUN(elements_of_lists), RUN(integers), RUN(bounds),
          RUN(division), RUN(results_of_helpers), RUN(results_in_constructors),
          RUN(closures), RUN(instances), RUN(integers_between),
          RUN(several_functions), RUN(shapes_of_definitions), RUN(not_fooled),
          RUN(reasons), RUN(places), RUN(sums_of_parts),
          RUN(strict_and_unchecked), RUN(bounded), RUN(nested))
