// Classes: the prelude's and the user's, one mechanism.
#include "tests/unit/typecheck/checked.h"

#define PRETTY "typeclass Pretty a where\n  pretty : a -> String;\n"

TEST(operators_work_on_instances)
{
    CHECK_TYPE("let a = \"x\" ++ \"y\"; let b xs = xs ++ [1];", "b",
               "Num a => List a -> List a");
    CHECK_TYPE("let f c x = contains x c;", "f",
               "Container a b => a -> b -> Boolean");
    CHECK_TYPE("let a = contains \"b\" \"abc\";", "a", "Boolean");
    CHECK_TYPE("let a = length [1] + length \"x\";", "a", "Integer");
    CHECK_SAID("let a = true + false;",
               "E0210 operator '+' does not work on Boolean: no instance "
               "'Num Boolean'");
    CHECK_SAID("let a = (\\x -> x) == (\\x -> x);",
               "E0210 functions cannot be compared: no instance 'Eq (a -> "
               "a)'");
}

TEST(user_classes_resolve)
{
    CHECK_TYPE(PRETTY "instance Pretty Integer where\n  pretty n = \"n\";\n"
                      "instance Pretty a => Pretty (List a) where\n"
                      "  pretty xs = fold (\\s x -> s ++ pretty x) \"\" xs;\n"
                      "let p = pretty [[1]];",
               "p", "String");
    CHECK_TYPE(PRETTY "let f x y = pretty x ++ pretty y;", "f",
               "(Pretty a, Pretty b) => a -> b -> String");
    CHECK_SAID(PRETTY "let p = pretty true;",
               "E0210 no instance 'Pretty Boolean'");
}

TEST(superclasses_follow)
{
    const char *base = "typeclass Base a where\n  base : a -> Integer;\n"
                       "typeclass Derived a where\n  superclass Base a;\n"
                       "  derived : a -> Integer;\n";
    StrBuf text = {0};
    strbuf_append(&text, str_from_c(base));
    strbuf_append(&text, STR("let f: Derived a => a -> Integer =\n"
                             "  \\x -> base x + derived x;\n"
                             "let g x = base x + derived x;"));
    Checked test;
    checked_init(&test, strbuf_str(&text));
    CHECK(test.fine);
    CHECK_EQ_STR(checked_type(&test, "g"), STR("Derived a => a -> Integer"));
    checked_release(&test);
    strbuf_clear(&text);
    strbuf_append(&text, str_from_c(base));
    strbuf_append(&text, STR("instance Derived Integer where\n"
                             "  derived n = n;\n"));
    checked_init(&test, strbuf_str(&text));
    CHECK_EQ_STR(checked_said(&test),
                 STR("E0213 the instance needs its superclass: no instance "
                     "'Base Integer'"));
    checked_release(&test);
    strbuf_release(&text);
}

// What the last of so many classes, each the superclass of the next, says.
static void check_chain(uint32_t count, const char *expected)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("typeclass C0 a where m0 : a -> Integer;\n"));
    for (uint32_t i = 1; i < count; i++) {
        strbuf_appendf(
            &text, "typeclass C%u a where superclass C%u a; m%u : a -> a;\n", i,
            i - 1, i);
    }
    strbuf_appendf(&text, "let f: C%u a => a -> Integer = \\x -> m0 x;%c",
                   count - 1, 0);
    CHECK_SAID(text.data, expected);
    strbuf_release(&text);
}

TEST(chains_of_superclasses_end)
{
    check_chain(501, "");
    check_chain(502, "E0213 class 'C501' has a chain of more than 500 "
                     "superclasses");
}

TEST(the_first_argument_decides)
{
    CHECK_TYPE("typeclass Convert a b where\n  convert : a -> b;\n"
               "instance Convert Integer String where\n"
               "  convert n = \"n\";\n"
               "let n: Integer = 1;\nlet s = convert n ++ \"!\";",
               "s", "String");
}

TEST(instances_are_checked)
{
    CHECK_SAID(PRETTY "instance Pretty Integer where\n  pretty n = n + 1;\n",
               "E0213 expected String, found Integer");
    // One mistake: it is not missing as well.
    CHECK_SAID(PRETTY "instance Pretty Integer where\n  prety n = \"n\";\n",
               "E0213 class 'Pretty' has no method 'prety'");
    CHECK_SAID(PRETTY "instance Pretty Integer where\n",
               "E0213 the instance lacks method 'pretty'");
    CHECK_SAID(PRETTY "instance Pretty (List a) where\n  pretty n = \"n\";\n"
                      "instance Pretty (List Integer) where\n"
                      "  pretty n = \"m\";\n",
               "E0212 instance 'Pretty (List Integer)' overlaps with 'Pretty "
               "(List a)'");
}

TEST(ambiguity_lists_nothing_decided)
{
    CHECK_SAID("typeclass Default a where\n  default : a;\n"
               "instance Default Integer where\n  default = 0;\n"
               "instance Default String where\n  default = \"\";\n"
               "let n = length (show default);",
               "E0211 the type for 'Default a' is not decided here");
}

TEST(annotations_bring_dictionaries)
{
    CHECK_TYPE("let f: Num a => a -> a = \\x -> x * 2 + 1;\n"
               "let p = (f 1, f 1.5);",
               "p", "(Integer, Float)");
    CHECK_SAID("let f: a -> a = \\x -> x + x;",
               "E0210 operator '+' does not work on a: no instance 'Num a'");
    CHECK_TYPE("let f (x: a) = x + x;", "f", "Num a => a -> a");
}

TEST(automatic_instances_see_through_unions)
{
    CHECK_TYPE("type T a = L | N (T a) a (T a);\n"
               "let f (x: T a) y = x == y;\nlet g = f (N L 1 L) L;",
               "f", "Eq a => T a -> T a -> Boolean");
    CHECK_SAID("type F = F (Integer -> Integer) | G;\nlet a = G == G;",
               "E0210 functions cannot be compared: no instance 'Eq F'");
    CHECK_SAID("type Nest a = End a | Nest (Nest (List a));\n"
               "let read: FromJson a => a -> Integer = \\_ -> 1;\n"
               "let r = read (End 1);",
               "E0210 no end to the instances needed for "
               "'FromJson (Nest Integer)'");
}

TEST_MAIN(RUN(operators_work_on_instances), RUN(user_classes_resolve),
          RUN(superclasses_follow), RUN(chains_of_superclasses_end),
          RUN(the_first_argument_decides), RUN(instances_are_checked),
          RUN(ambiguity_lists_nothing_decided),
          RUN(annotations_bring_dictionaries),
          RUN(automatic_instances_see_through_unions))
