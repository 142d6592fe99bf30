#include "cli/options.h"

#include "tests/harness.h"

static const Option *named(const char *name)
{
    Str nearest;
    return option_find(VERB_EVAL, str_from_c(name), &nearest);
}

TEST(higher_origins_win)
{
    Settings settings = {0};
    const Option *workers = named("workers");
    CHECK(option_set(workers, STR("4"), ORIGIN_ENVIRONMENT, 0, &settings));
    CHECK(option_set(workers, STR("2"), ORIGIN_PROJECT, 3, &settings));
    CHECK_EQ_INT(settings.workers, 4);
    CHECK(!option_set(workers, STR("x"), ORIGIN_PROJECT, 3, &settings));
    CHECK(option_set(workers, STR("8"), ORIGIN_COMMAND_LINE, 0, &settings));
    CHECK_EQ_INT(settings.workers, 8);
    settings_release(&settings);
}

TEST(lists_are_replaced_as_a_whole)
{
    Settings settings = {0};
    const Option *include = named("include");
    CHECK(option_set(include, STR("a"), ORIGIN_PROJECT_ALL, 1, &settings));
    CHECK(option_set(include, STR("b"), ORIGIN_PROJECT_ALL, 1, &settings));
    CHECK_EQ_INT(settings.include_dirs.count, 2);
    CHECK(option_set(include, STR("c"), ORIGIN_PROJECT, 2, &settings));
    CHECK_EQ_INT(settings.include_dirs.count, 1);
    CHECK_EQ_STR(settings.include_dirs.items[0], STR("c"));
    CHECK(option_set(include, STR("d"), ORIGIN_PROJECT_ALL, 1, &settings));
    CHECK_EQ_INT(settings.include_dirs.count, 1);
    settings_release(&settings);
}

static bool settles(SettingOrigin sequential, SettingOrigin workers,
                    Settings *settings)
{
    StrBuf error = {0};
    memset(settings, 0, sizeof *settings);
    (void)option_set(named("sequential"), STR("true"), sequential, 0, settings);
    (void)option_set(named("workers"), STR("4"), workers, 0, settings);
    bool ok = options_settle(settings, &error);
    strbuf_release(&error);
    return ok;
}

TEST(contradictions_are_settled)
{
    Settings settings;
    CHECK(settles(ORIGIN_COMMAND_LINE, ORIGIN_ENVIRONMENT, &settings));
    CHECK(settings.sequential);
    CHECK_EQ_INT(settings.workers, 0);
    CHECK(settles(ORIGIN_PROJECT, ORIGIN_ENVIRONMENT, &settings));
    CHECK(!settings.sequential);
    CHECK_EQ_INT(settings.workers, 4);
    CHECK(!settles(ORIGIN_PROJECT, ORIGIN_PROJECT, &settings));
}

TEST(every_row_has_a_verb_and_help)
{
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        CHECK(option->verbs != 0 && option->help[0] != '\0');
        CHECK((option->argument == NULL) == (option->kind == OPTION_FLAG));
    }
}

TEST_MAIN(RUN(higher_origins_win), RUN(lists_are_replaced_as_a_whole),
          RUN(contradictions_are_settled), RUN(every_row_has_a_verb_and_help))
