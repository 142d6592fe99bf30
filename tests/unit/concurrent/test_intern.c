#include "concurrent/intern.h"

#include "tests/harness.h"

TEST(fixed_names_come_first)
{
    const Str fixed[] = {STR("alpha"), STR("beta"), STR("gamma")};
    Interner *interner = interner_new(fixed, 3);
    CHECK_EQ_INT(interner_count(interner), 3);
    CHECK_EQ_INT(intern(interner, STR("beta")), 2);
    CHECK_EQ_INT(intern_find(interner, STR("gamma")), 3);
    CHECK_EQ_STR(symbol_text(interner, 1), STR("alpha"));
    CHECK_EQ_INT(intern(interner, STR("delta")), 4);
    interner_free(interner);
    interner_free(NULL);
}

TEST(equal_text_is_one_symbol)
{
    Interner *interner = interner_new(NULL, 0);
    char text[] = "name";
    Symbol first = intern(interner, str_from_c(text));
    text[0] = 'g'; // the interner keeps a copy
    CHECK_EQ_STR(symbol_text(interner, first), STR("name"));
    CHECK_EQ_INT(intern(interner, STR("name")), first);
    CHECK(intern(interner, STR("game")) != first);
    CHECK_EQ_INT(interner_count(interner), 2);
    interner_free(interner);
}

TEST(unknown_text_is_not_found)
{
    Interner *interner = interner_new(NULL, 0);
    CHECK_EQ_INT(intern_find(interner, STR("nobody")), 0);
    CHECK_EQ_INT(interner_count(interner), 0);
    interner_free(interner);
}

TEST(empty_and_binary_text)
{
    Interner *interner = interner_new(NULL, 0);
    Symbol empty = intern(interner, STR(""));
    Symbol nul = intern(interner, str_make("\0", 1));
    Symbol two = intern(interner, str_make("\0\0", 2));
    CHECK(empty != 0 && nul != 0 && two != 0);
    CHECK(empty != nul && nul != two);
    CHECK_EQ_INT(symbol_text(interner, empty).len, 0);
    CHECK_EQ_INT(symbol_text(interner, two).len, 2);
    CHECK_EQ_INT(intern(interner, (Str){NULL, 0}), empty);
    interner_free(interner);
}

TEST(many_names_survive_growth)
{
    enum { COUNT = 20000 };
    Interner *interner = interner_new(NULL, 0);
    char text[32];
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "name_%d", i);
        CHECK_EQ_INT(intern(interner, str_from_c(text)), i + 1);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "name_%d", i);
        CHECK_EQ_INT(intern_find(interner, str_from_c(text)), i + 1);
        CHECK_EQ_STR(symbol_text(interner, (Symbol)i + 1), str_from_c(text));
    }
    CHECK_EQ_INT(interner_count(interner), COUNT);
    interner_free(interner);
}

TEST(hands_add_the_same_names)
{
    Interner *interner = interner_new(NULL, 0);
    InternHand hands[2] = {{0}, {0}};
    char text[1000];
    memset(text, 'x', sizeof text);
    Symbol symbols[400];
    for (uint32_t i = 0; i < 400; i++) {
        // Short and long ones, by one hand, by the other, or by none.
        snprintf(text, 20, "name_%u", i);
        Str name = str_make(text, i % 7 == 0 ? sizeof text : i % 30);
        symbols[i] = i % 3 == 2 ? intern(interner, name)
                                : intern_by(interner, &hands[i % 3], name);
        CHECK_EQ_STR(symbol_text(interner, symbols[i]), name);
        CHECK_EQ_INT(intern_by(interner, &hands[0], name), symbols[i]);
        CHECK_EQ_INT(intern_by(interner, &hands[1], name), symbols[i]);
        CHECK_EQ_INT(intern(interner, name), symbols[i]);
        CHECK_EQ_INT(intern_find(interner, name), symbols[i]);
    }
    interner_free(interner);
}

TEST_MAIN(RUN(fixed_names_come_first), RUN(equal_text_is_one_symbol),
          RUN(unknown_text_is_not_found), RUN(empty_and_binary_text),
          RUN(many_names_survive_growth), RUN(hands_add_the_same_names))
