// What is accepted, as trees.
#include "tests/unit/syntax/parsed.h"
#include "tests/unit/syntax/tree_text.h"

static void check_tree(const char *file, int line, Str text,
                       const char *expected)
{
    Interner *interner = symbols_new();
    Module *module = parsed_new(interner, text, 100);
    StrBuf out = {0};
    Printer printer = {&out, interner};
    put_module(&printer, &module->ast);
    harness_check_int(file, line, "errors", module->diags.error_count, 0);
    harness_check_str(file, line, "tree", strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
    module_free(module);
    interner_free(interner);
}

#define TREE(text, expected)                                                   \
    check_tree(__FILE__, __LINE__, STR(text), (expected))

TEST(literals)
{
    TREE("", "");
    TREE("()", "()");
    TREE("[1, 2.5, \"a\", true,]", "[1 f2.5 'a' true]");
    TREE("-9223372036854775808", "-9223372036854775808");
    TREE("[-1, - 2, -1.5, -x, - -1, - -1.5, !(-1)]",
         "[-1 -2 f-1.5 -x --1 -f-1.5 !-1]");
    TREE("(1, \"x\", ())", "(, 1 'x' ())");
    TREE("(1)", "1");
    TREE("(1,)", "1");
}

TEST(application)
{
    TREE("f x y", "(f x y)");
    TREE("f(x)(y)", "(f x y)");
    TREE("f(x, y)", "(f x y)");
    TREE("f (x, y)", "(f x y)");
    TREE("f ((x, y))", "(f (, x y))");
    TREE("f x (y, z) w", "(f x y z w)");
    TREE("f(x) y", "(f x y)");
    TREE("(f x) y", "((f x) y)");
    TREE("g f(x)", "(g (f x))");
    TREE("f(x).y z", "((f x).y z)");
    TREE("f()", "(f ())");
    TREE("f ()", "(f ())");
    TREE("f (x)(y)", "(f (x y))");
    TREE("f (a, b)(c)", "(f a b c)");
    TREE("f { a = 1 } [2] \"s\" 3", "(f {a=1} [2] 's' 3)");
    TREE("f -1", "(f - 1)");
    TREE("f (-1)", "(f -1)");
    TREE("Cons(x, xs)", "(Cons x xs)");
    TREE("f(x : Int)", "(f (x : Int))");
    TREE("a\n  b", "(a b)");
}

TEST(fields)
{
    TREE("a.b.c", "a.b.c");
    TREE("{ type = \"bearer\" }.type", "{type='bearer'}.type");
    TREE("a.\"b c\"", "a.b c");
    TREE("u.Ctor x", "(u.Ctor x)");
    TREE("Lib.value", "Lib.value");
    TREE("Lib.Ctor", "Lib.Ctor");
    TREE("a.b.Ctor", "a.b.Ctor");
}

TEST(operators)
{
    TREE("1 + 2 * 3 - 4", "(1 + (2 * 3) - 4)");
    TREE("a || b && c == d < e ++ f + g * -h",
         "(a || (b && (c == (d < (e ++ (f + (g * -h)))))))");
    TREE("a * b + c ++ d < e == f && g || h ?"
         "? i |> j",
         "(((((((((a * b) + c) ++ d) < e) == f) && g) || h) ?"
         "? i) |> j)");
    TREE("a < b <= c", "(a < b <= c)");
    TREE("x |> f |> g", "(x |> f |> g)");
    TREE("xs |> \\y -> y + 1", "(xs |> (\\y -> (y + 1)))");
    TREE("1 + if a then b else c + 1", "(1 + (if a b (c + 1)))");
    TREE("a - -b", "(a - -b)");
    TREE("!a && !!b", "(!a && !!b)");
    TREE("a--b\n+ c", "(a + c)");
}

TEST(functions)
{
    TREE("\\x -> x", "(\\x -> x)");
    TREE("\\x (a, b) _ { p, q = z, .. } (t: Int) () -> x",
         "(\\x (, a b) _ {p=p q=z ..} t:Int () -> x)");
    TREE("\\x: Int -> x", "(\\x:Int -> x)");
    TREE("\\x: (Int -> Int) y -> x", "(\\x:(-> Int Int) y -> x)");
}

TEST(let_and_if)
{
    TREE("let x = 1 in x", "(let x = 1 in x)");
    TREE("let x = 1; y = x; in y", "(let x = 1; y = x in y)");
    TREE("let rec f x = g x and g y = f y in f",
         "(let rec f = (\\x -> (g x)); g = (\\y -> (f y)) in f)");
    TREE("(let x = 1; f y = x in f)", "(let x = 1; f = (\\y -> x) in f)");
    TREE("if a then b else if c then d else e", "(if a b c d e)");
    TREE("let a = 1;\nlet b = 2 in b", "let a = 1 ;; (let b = 2 in b)");
}

TEST(match)
{
    TREE("match f x { 0 | -1 => a, n when n > 3 => b, }",
         "(match (f x) | 0 -1 => a | n when (n > 3) => b)");
    TREE("match x { Some (a, b) => 1, m.C x [a, ..r] => 2 }",
         "(match x | (Some a b) => 1 | (m.C x [a ..r]) => 2)");
    TREE("match x { Some ((a, b)) => 1, C () (d) => 2, Lib.D => 3 }",
         "(match x | (Some (, a b)) => 1 | (C () d) => 2 | (Lib.D) => 3)");
    TREE("match x { [..] => 1, [] => 2, [a, _, .._] => 3 }",
         "(match x | [ ..] => 1 | [] => 2 | [a _ ..] => 3)");
    TREE("match x { { type = t, a, \"b\" = 1, .. } => t, {} => 1 }",
         "(match x | {type=t a=a b=1 ..} => t | {} => 1)");
    TREE("match x { (a, b) as c => 1, Some x as y => 2, -1.5 => 3 }",
         "(match x | (, a b)@c => 1 | (Some x)@y => 2 | f-1.5 => 3)");
    TREE("match x { -9223372036854775808 => 1, \"s\" => 2, true => 3 }",
         "(match x | -9223372036854775808 => 1 | 's' => 2 | true => 3)");
    TREE("match ({ a = 1 }) { _ => { b = 2 } }", "(match {a=1} | _ => {b=2})");
    TREE("match x { _ => match y { _ => { a } } }",
         "(match x | _ => (match y | _ => {a=a}))");
}

TEST(lists_and_records)
{
    TREE("[x * y for x in xs if x > 0 for (y, _) in ys]",
         "[(x * y) for x in xs if (x > 0) for (, y _) in ys]");
    TREE("[if a then b else c for x in if d then e else f]",
         "[(if a b c) for x in (if d e f)]");
    TREE("{ ..base, port = 443, tls.enabled = true, name, \"x y\" = 1, "
         "type: Int = 3, Up = 2, a.\"b\".type = 1, }",
         "{..base, port=443, tls.enabled=true, name=name, x y=1, type: "
         "Int=3, Up=2, a.b.type=1}");
    TREE("{}", "{}");
    TREE("{ if = 1, let = { in = 2 } }", "{if=1, let={in=2}}");
}

TEST(strings)
{
    TREE("\"a\\(x + 1)b\\(y)\"", "(show 'a' (x + 1) 'b' y)");
    TREE("\"\\(\"\\(x)\")\"", "(show (show x))");
    TREE("\"\"\"\n  a \\(x)\n    b\\n\n  \"\"\"", "(show 'a ' x '\n  b\n\n')");
    TREE("\"\"\"\n    \\(x)\n  y\"\"\"", "(show '  ' x '\ny')");
    TREE("\"\"\"\n  \\({ a = [1] }.a)\n  \"\"\"", "(show {a=[1]}.a '\n')");
    TREE("r\"\\d\"", "'\\d'");
}

TEST(types)
{
    TREE("type A = Integer;", "type A = Integer");
    TREE("type A a 'b = a -> ('b -> List a) -> [Map 'b];",
         "type A 'a 'b = (-> 'a (-> 'b (List 'a)) [(Map 'b)])");
    TREE("type A = { x: Int, y?: String = \"a\", \"q r\": u.T, type: (), "
         "..r };",
         "type A = {x: Int, y?: String = 'a', q r: u.T, type: () ..r}");
    TREE("type A = { .. };", "type A = { ..}");
    TREE("type A = { a: Int, .., };", "type A = {a: Int ..}");
    TREE("type A = (Int, String, (Lib.T a));",
         "type A = (, Int String (Lib.T 'a))");
    TREE("let x: (Eq a, Show b) => a -> (Show b, Ord b) = y;",
         "let x: (Eq 'a, Show 'b) => (-> 'a (, (Show 'b) (Ord 'b))) = y");
}

TEST(refinements)
{
    TREE("type A = Int where x > 0 && x <= 65535;",
         "type A = Int where ((x > 0) && (x <= 65535))");
    TREE("type A = Int where >= 0 && <= 150 || == 7;",
         "type A = Int where (((~x >= 0) && (~x <= 150)) || (~x == 7))");
    TREE("type A = Int where (> 0) && !(< 3);",
         "type A = Int where ((~x > 0) && !(~x < 3))");
    TREE("type A = String with regexp(r\"^a\") with length <= 63 where f;",
         "type A = String with (regexp '^a') with (length <= 63) where f");
    TREE("type A = Int where x > 0 -> String where contains \"@\";",
         "type A = (-> Int where (x > 0) String where (contains '@'))");
    TREE("let f (n: Int where > 0): Int where < 9 = n;",
         "let f = (\\n:Int where (~x > 0) : Int where (~x < 9) -> n)");
    TREE("type A = { a: Int where > 0 = 3, b: Int where x > 1 };",
         "type A = {a: Int where (~x > 0) = 3, b: Int where (x > 1)}");
}

TEST(unions)
{
    TREE("type A = A | B Int (List a) | C(Int, String) | D { x: Int };",
         "type A = | A | B Int (List 'a) | C Int String | D {x: Int}");
    TREE("type A = | B;", "type A = | B");
    TREE("type A = B X;", "type A = (B X)");
    TREE("type A = B(X, Y);", "type A = | B X Y");
    TREE("type A = M.B(X, Y);", "type A = (M.B (, X Y))");
    TREE("type A = B (X, Y);", "type A = (B (, X Y))");
    TREE("type A = | B (X, Y) | C ((X, Y)) | D (X, Y) Z;",
         "type A = | B X Y | C (, X Y) | D (, X Y) Z");
    TREE("export type A = B | C;", "export type A = | B | C");
}

TEST(classes)
{
    TREE("typeclass C a b where superclass Eq a, Ord b; m : a -> b; "
         "n : Show a => a;\nx",
         "class C 'a 'b < (Eq 'a, Ord 'b) . m: (-> 'a 'b) . n: (Show 'a) => "
         "'a ;; x");
    TREE("instance (Eq a, Show a) => C (List a) Int where\n f x = 1;\n"
         " g = h;\ni j",
         "instance (Eq 'a, Show 'a) => (C (List 'a) Int) . f = (\\x -> 1); "
         "g = h ;; (i j)");
    TREE("instance Eq a => C a where", "instance (Eq 'a) => (C 'a) . ");
    TREE("//std\nlet e = builtin \"error\";", "let e = builtin#0");
    TREE("let e = builtin \"error\";", "let e = (builtin 'error')");
}

TEST(modules)
{
    TREE("module My.App.main; import \"./u\"; import \"d.json\" as d : T;",
         "module My.App.main ;; import './u' ;; import 'd.json' as d: T");
    TREE("import { a, B as C, c as d, } from \"./x\";",
         "import './x' {a, B as C, c as d}");
    TREE("import std.list as L { map }; import std.type;",
         "import std.list as L {map} ;; import std.type");
    TREE("export a, B as C; export { d }; export let x = 1; "
         "export { e } export f",
         "export {a, B as C} ;; export {d} ;; export let x = 1 ;; export {e} "
         ";; export {f}");
    TREE("input a: Int = 1; input b: T where > 0; a",
         "input a: Int = 1 ;; input b: T where (~x > 0) ;; a");
    TREE("let rec a x = b and b y = a;",
         "let rec a = (\\x -> b); b = (\\y -> a)");
    TREE("let f x: Int = y;", "let f = (\\x : Int -> y)");
}

TEST_MAIN(RUN(literals), RUN(application), RUN(fields), RUN(operators),
          RUN(functions), RUN(let_and_if), RUN(match), RUN(lists_and_records),
          RUN(strings), RUN(types), RUN(refinements), RUN(unions), RUN(classes),
          RUN(modules))
