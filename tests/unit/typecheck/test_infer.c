// Inference: principal types, records, annotations, and one message for one
// mistake.
#include "tests/unit/typecheck/checked.h"

TEST(functions_have_principal_types)
{
    CHECK_TYPE("let f x = x;", "f", "a -> a");
    CHECK_TYPE("let f g x = g (g x);", "f", "(a -> a) -> a -> a");
    CHECK_TYPE("let s x y z = x z (y z);", "s",
               "(a -> b -> c) -> (a -> b) -> a -> c");
    CHECK_TYPE("let f a b = a + b;", "f", "Num a => a -> a -> a");
    CHECK_TYPE("let f a b = if a < b && a != b then a else b;", "f",
               "Ord a => a -> a -> a");
    CHECK_TYPE("let f (a, b) = (b, a);", "f", "(a, b) -> (b, a)");
    CHECK_TYPE("let f a = a % 2;", "f", "Integer -> Integer");
}

TEST(literals_take_the_type_that_is_needed)
{
    CHECK_TYPE("let x = 1;", "x", "Integer");
    CHECK_TYPE("let x: Float = 1;", "x", "Float");
    CHECK_TYPE("let xs = [1, 2.5];", "xs", "List Float");
    CHECK_TYPE("let x = let n = 1 in n + 0.5;", "x", "Float");
    CHECK_TYPE("let f x = x + 1;", "f", "Num a => a -> a");
    CHECK_TYPE("let x = [] == [];", "x", "Boolean");
    CHECK_TYPE("let x = -(1 + 2) * 3 / 4;", "x", "Integer");
    CHECK_TYPE("let xs = [1, -2, 3 * 4];", "xs", "List Integer");
    CHECK_TYPE("let xs = [1, 2 + 0.5];", "xs", "List Float");
    CHECK_TYPE("let x = { a = [1], b = [{ c = 2 }, { c = 2.5 }], d = [] };",
               "x", "{ a: List Integer, b: List { c: Float }, d: List a }");
    CHECK_TYPE("let f a = { n = 1, m = a + 1 };\n"
               "let x = (f 1.5, (f 1).n + 0.5);",
               "x", "({ n: Integer, m: Float }, Float)");
    CHECK_SAID("let x = { a = [1, \"s\"] };",
               "E0203 expected Integer, found String");
}

TEST(many_variables_and_constraints)
{
    CHECK_TYPE(
        "let f a b c d e g h i j k l =\n"
        "  (a + 1 < 2, b + 1, c + 1, d + 1, e + 1, g + 1, h + 1, i + 1,\n"
        "   j + 1, k < k, l + 1);",
        "f",
        "(Num a, Num b, Num c, Num d, Num e, Num f, Num g, Num h, "
        "Num i, Num k, Ord a, Ord j) => a -> b -> c -> d -> e -> f -> "
        "g -> h -> i -> j -> k -> (Boolean, b, c, d, e, f, g, h, i, "
        "Boolean, k)");
}

TEST(let_generalises_values_only)
{
    CHECK_TYPE("let p = let id = \\x -> x in (id 1, id \"a\");", "p",
               "(Integer, String)");
    CHECK_TYPE("let p = let n = [] in (1, n) ;", "p", "(Integer, List a)");
    CHECK_SAID("let p = let f = compose identity identity in (f 1, f true);",
               "E0203 expected Integer, found Boolean");
    CHECK_TYPE("let f y = let twice x = x + x in (twice y, twice 1.5);", "f",
               "Num a => a -> (a, Float)");
}

TEST(groups_are_polymorphic_outside)
{
    CHECK_TYPE("let rec even n = if n == 0 then true else odd (n - 1)\n"
               "and odd n = if n == 0 then false else even (n - 1);\n"
               "let a = (even 1, odd 2.0);",
               "a", "(Boolean, Boolean)");
    CHECK_TYPE("let f x = g x; let g x = x; let p = (f 1, f true);", "p",
               "(Integer, Boolean)");
}

TEST(records_are_row_polymorphic)
{
    CHECK_TYPE("let f r = r.port;", "f", "{ port: a, .. } -> a");
    CHECK_TYPE("let f r = r.a + r.b;", "f", "Num a => { a: a, b: a, .. } -> a");
    CHECK_TYPE("let f r = { ..r };", "f", "{ ..a } -> { ..a }");
    CHECK_TYPE("let f = \\{ a, b = (c, _) } -> (a, c);", "f",
               "{ a: a, b: (b, c), .. } -> (a, b)");
    CHECK_SAID("let x = (\\r -> r.port) { host = \"h\" };",
               "E0205 the record lacks field 'port'");
}

TEST(spreads_add_and_replace)
{
    CHECK_TYPE("let a = { x = 1, y = { z = true } };\n"
               "let b = { ..a, x = \"s\", y.w = 2.5, v.u = () };",
               "b",
               "{ x: String, y: { z: Boolean, w: Float }, v: { u: Unit } }");
    CHECK_TYPE("let f (r: { a: Integer, .. }) = ({ ..r, a = \"s\" }).a;", "f",
               "{ a: Integer, .. } -> String");
    CHECK_SAID("let f r = { ..r, a = 1 };",
               "E0220 the spread record is not known to have a field 'a'");
    CHECK_SAID("let f a b = { ..a, ..b };",
               "E0220 a second spread beside one whose fields are not known");
}

TEST(schemas_fill_and_wrap)
{
    const char *text =
        "type S = { name: String, port: Integer = 80, tag?: String };\n"
        "let f (o: Option String): S = { name = \"a\", tag = o };\n"
        "let xs: List S = [{ name = \"b\" }, { name = \"c\", tag = \"t\" }];";
    CHECK_TYPE(text, "f", "Option String -> S");
    CHECK_TYPE("type T = { port: Integer = 80, tag?: String };\n"
               "let f (o: Option String): T = { tag = o };",
               "f", "Option String -> { port: Integer = 80, tag?: String }");
    CHECK_SAID("type S = { name: String, port: Integer };\n"
               "let s: S = { name = \"a\", prot = 1 };",
               "E0206 the record has a field 'prot' that its type does not "
               "know");
    CHECK_SAID("type S = { name: String, port: Integer };\n"
               "let s: S = { };",
               "E0205 the record lacks fields 'name', 'port'");
}

TEST(annotations_are_promises)
{
    CHECK_SAID("let f: a -> b = \\x -> x;", "E0215 expected b, found a");
    CHECK_SAID("let f: a -> a = \\x -> 1;", "E0215 expected a, found Integer");
    CHECK_TYPE("let f (x: a): List a = let g (y: a) = [x, y] in g x;", "f",
               "a -> List a");
    CHECK_TYPE("let f: { a: Integer, .. } -> Integer = \\r -> r.a;\n"
               "let x = f { a = 1, b = 2 };",
               "x", "Integer");
    CHECK_TYPE("let f (r: { a: Integer, ..r }): { a: String, ..r } =\n"
               "  { ..r, a = \"s\" };\n"
               "let x = f { a = 1, b = true };",
               "x", "{ a: String, b: Boolean }");
}

TEST(constructors_are_chosen_by_type)
{
    Checked test;
    checked_init(&test, STR("type A = X | Y;\ntype B = X | Z;\n"
                            "let b: B = X;\nlet a: List A = [X, Y];"));
    CHECK(test.fine);
    checked_release(&test);
    CHECK_SAID("type A = X | Y;\ntype B = X | Z;\nlet c = X;",
               "E0211 constructor 'X' belongs to several types");
    CHECK_TYPE("type M = Some Integer | Nothing;\nlet a = Some 1;\n"
               "let b: Option String = Some \"x\";",
               "a", "M");
}

TEST(one_mistake_one_message)
{
    CHECK_SAID("let bad: Integer = \"x\" + 1;\nlet use = bad + 1;\n"
               "let more = [use, \"s\"] ;",
               "E0203 expected Integer, found String\n"
               "E0203 expected Integer, found String");
    CHECK_SAID("let f x y = x + y;\nlet a = f 1 2 3;",
               "E0214 'f' takes 2 arguments, this is number 3");
    CHECK_SAID("let a: List String = [1, 2, 3];",
               "E0203 expected String, found Integer");
    CHECK_SAID("let a = 1 2;",
               "E0214 this is no function: it has type Integer");
    CHECK_SAID("let f x = x x;", "E0207 a type would contain itself: "
                                 "a = a -> b");
}

TEST(patterns_have_the_type_of_the_value)
{
    CHECK_TYPE("let f o = match o { Some ((x, _)) => x, None => 0 };", "f",
               "Num a => Option (a, b) -> a");
    CHECK_SAID("let f (n: Integer) = match n { \"a\" => 1, _ => 2 };",
               "E0219 the pattern is of type String, the value of type "
               "Integer");
    CHECK_SAID("let f (Some x) = x;",
               "E0302 pattern of a parameter does not cover 'None'");
}

// A pair nested by doubling forty times: the type has 41 nodes and would be a
// tree of a million million.
TEST(shared_types_stay_shared)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let f = \\x0 -> "));
    for (int i = 1; i <= 40; i++) {
        strbuf_appendf(&text, "let x%d = (x%d, x%d) in ", i, i - 1, i - 1);
    }
    strbuf_append(&text, STR("x40;\nlet same = f 1 == f 2;"));
    Checked test;
    checked_init(&test, strbuf_str(&text));
    CHECK(test.fine);
    CHECK_EQ_STR(checked_type(&test, "same"), STR("Boolean"));
    checked_release(&test);
    strbuf_release(&text);
}

TEST(high_types_are_refused)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let x0 = [1];\n"));
    for (int i = 1; i <= 2500; i++) {
        strbuf_appendf(&text, "let x%d = [x%d];\n", i, i - 1);
    }
    Checked test;
    checked_init(&test, strbuf_str(&text));
    CHECK_EQ_STR(checked_said(&test),
                 STR("E0607 the types in this binding are too large"));
    checked_release(&test);
    strbuf_release(&text);
}

TEST(long_chains_of_aliases_need_no_stack)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("type A0 = Integer;\n"));
    for (int i = 1; i <= 100000; i++) {
        strbuf_appendf(&text, "type A%d = A%d;\n", i, i - 1);
    }
    strbuf_append(&text, STR("let x: A100000 = 1;"));
    Checked test;
    checked_init(&test, strbuf_str(&text));
    CHECK_EQ_STR(checked_type(&test, "x"), STR("Integer"));
    checked_release(&test);
    strbuf_release(&text);
}

TEST_MAIN(RUN(functions_have_principal_types),
          RUN(literals_take_the_type_that_is_needed),
          RUN(many_variables_and_constraints), RUN(let_generalises_values_only),
          RUN(groups_are_polymorphic_outside), RUN(records_are_row_polymorphic),
          RUN(spreads_add_and_replace), RUN(schemas_fill_and_wrap),
          RUN(annotations_are_promises), RUN(constructors_are_chosen_by_type),
          RUN(one_mistake_one_message),
          RUN(patterns_have_the_type_of_the_value),
          RUN(shared_types_stay_shared), RUN(high_types_are_refused),
          RUN(long_chains_of_aliases_need_no_stack))
