#include "tests/unit/eval/builtin_calls.h"

TEST(matches)
{
    Calls c;
    calls_init(&c);
    CALL("regex_matches", "[\"12\", \"3\"]", S("[0-9]+"), S("a12b3"));
    CALL("regex_matches", "[]", S("x"), S("abc"));
    CALL("regex_matches", "[\"\", \"\", \"\"]", S(""), S("éb"));
    CALL("regex_matches", "[\"\", \"a\", \"\", \"\"]", S("a*"), S("éab"));
    CALL("regex_matches", "[\"b\"]", S("a\\Kb"), S("ab"));
    CALL("regex_matches",
         "E0408: the pattern '(' is wrong at offset 1: missing closing "
         "parenthesis",
         S("("), S("ab"));
    calls_release(&c);
}

TEST(captures)
{
    Calls c;
    calls_init(&c);
    CALL("regex_captures", "Some [Some \"k=v\", Some \"k\", Some \"v\"]",
         S("(\\w+)=(\\w+)"), S("a k=v l=w"));
    CALL("regex_captures", "Some [Some \"b\", None, Some \"b\"]", S("(a)|(b)"),
         S("b"));
    // A group at the end that takes no part.
    CALL("regex_captures", "Some [Some \"a\", Some \"a\", None]", S("(a)|(b)"),
         S("a"));
    CALL("regex_captures", "None", S("x"), S("b"));
    calls_release(&c);
}

TEST(replacements)
{
    Calls c;
    calls_init(&c);
    CALL("regex_replace", "\"v=k w=l\"", S("(\\w)=(\\w)"), S("$2=$1"),
         S("k=v l=w"));
    CALL("regex_replace", "\"a1b a1\"", S("a(b)?"), S("a${2}1$1"), S("ab a"));
    CALL("regex_replace", "\"$x$\"", S("a"), S("$$x$"), S("a"));
    CALL("regex_replace", "\"-é-b-\"", S(""), S("-"), S("éb"));
    CALL("regex_replace", "\"abc\"", S("x"), S("y"), S("abc"));
    CALL("regex_replace", "\"$9b$\"", S("b"), S("$$9$0$"), S("b"));
    calls_release(&c);
}

TEST(limits_hold)
{
    Calls c;
    calls_init(&c);
    Value text = call(&c, "string_repeat", (Value[]){I(5000), S("a ")});
    c.steps = 2000;
    CALL("regex_matches", "E0602: ", S("a"), text);
    c.steps = 1000000;
    c.f.budget.limit_bytes = 64 << 10;
    CALL("regex_replace", "E0604: ", S("a"), text, text);
    calls_release(&c);
}

TEST_MAIN(RUN(matches), RUN(captures), RUN(replacements), RUN(limits_hold))
