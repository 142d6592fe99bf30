// Collecting, sorting and folding diagnostics; suggestions.
#include "support/diag.h"

#include "support/nearest.h"
#include "tests/harness.h"

static const Source first = {.path = STR_INIT("a.lig"), .order = 0};
static const Source second = {.path = STR_INIT("b.lig"), .order = 1};

static Diag *add(DiagSink *sink, DiagCode code, const Source *source,
                 uint32_t at)
{
    return diag_add(sink, code, source, (Span){at, at + 1}, "at %u", at);
}

TEST(sorted_by_file_offset_and_code)
{
    DiagSink sink;
    diag_sink_init(&sink);
    add(&sink, DIAG_E0201, &second, 1);
    add(&sink, DIAG_E0203, &first, 9);
    add(&sink, DIAG_E0201, &first, 9);
    add(&sink, DIAG_E0402, &first, 2);
    add(&sink, DIAG_E0001, NULL, 0);
    diag_sink_sort(&sink);
    static const DiagCode expected[] = {DIAG_E0001, DIAG_E0402, DIAG_E0201,
                                        DIAG_E0203, DIAG_E0201};
    CHECK_EQ_INT(sink.diags.count, 5);
    for (uint32_t i = 0; i < sink.diags.count; i++) {
        CHECK_EQ_INT(diag_at(&sink, i)->code, expected[i]);
    }
    CHECK(diag_at(&sink, 4)->source == &second);
    diag_sink_release(&sink);
}

TEST(equal_places_fold_into_one)
{
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *far = add(&sink, DIAG_E0402, &first, 5);
    diag_trace(&sink, far, STR("f"), &first, (Span){1, 2});
    diag_trace(&sink, far, STR("g"), &first, (Span){3, 4});
    add(&sink, DIAG_E0402, &first, 5);
    Diag *again = add(&sink, DIAG_E0402, &first, 5);
    diag_trace(&sink, again, STR("f"), &first, (Span){1, 2});
    diag_trace(&sink, again, STR("g"), &first, (Span){3, 4});
    add(&sink, DIAG_W0201, &first, 5);
    CHECK_EQ_INT(sink.error_count, 3);
    diag_sink_sort(&sink);
    CHECK_EQ_INT(sink.error_count, 1);
    CHECK_EQ_INT(sink.diags.count, 2);
    Diag *kept = diag_at(&sink, 0);
    CHECK_EQ_INT(kept->more->trace.count, 0);
    CHECK_EQ_INT(kept->more->notes.count, 1);
    CHECK_EQ_STR(kept->more->notes.items[0],
                 STR("also reached through f, g at a.lig:1:1"));
    diag_sink_release(&sink);
}

TEST(many_chains_are_counted)
{
    DiagSink sink;
    diag_sink_init(&sink);
    for (uint32_t i = 0; i < 50; i++) {
        Diag *diag = add(&sink, DIAG_E0402, &first, 5);
        char name[8];
        snprintf(name, sizeof name, "f%02u", i);
        diag_trace(&sink, diag, str_from_c(name), &first, (Span){i, i});
    }
    diag_sink_sort(&sink);
    CHECK_EQ_INT(sink.diags.count, 1);
    Diag *kept = diag_at(&sink, 0);
    CHECK_EQ_STR(kept->more->trace.items[0].function, STR("f00"));
    CHECK_EQ_INT(kept->more->notes.count, 5);
    CHECK_EQ_STR(kept->more->notes.items[0],
                 STR("also reached through f01 at a.lig:1:1"));
    CHECK_EQ_STR(kept->more->notes.items[4],
                 STR("and through 45 more call chains"));
    diag_sink_release(&sink);
}

TEST(merge_moves_everything)
{
    DiagSink into, from;
    diag_sink_init(&into);
    diag_sink_init(&from);
    add(&into, DIAG_E0201, &first, 1);
    Diag *diag = add(&from, DIAG_E0203, &first, 2);
    diag_label(&from, diag, &second, (Span){0, 1}, "from '%s'", "here");
    diag_note(&from, diag, "a note");
    diag_help(&from, diag, "a help");
    diag_sink_merge(&into, &from);
    CHECK_EQ_INT(from.diags.count, 0);
    CHECK_EQ_INT(from.error_count, 0);
    CHECK_EQ_INT(into.error_count, 2);
    diag_sink_release(&from);
    CHECK_EQ_STR(diag_at(&into, 1)->more->labels.items[0].message,
                 STR("from 'here'"));
    CHECK_EQ_STR(diag_at(&into, 1)->more->helps.items[0], STR("a help"));
    diag_sink_release(&into);
}

TEST(forms_are_spelled_where_they_are_read)
{
    static const DiagForm form = {
        .before = STR_INIT("'"),
        .after = STR_INIT("' is lost"),
        .help_before = STR_INIT("look for '"),
        .help_after = STR_INIT("'"),
        .mark = STR_INIT("_"),
    };
    DiagSink sink, other;
    diag_sink_init(&sink);
    diag_sink_init(&other);
    diag_add_form(&sink, DIAG_W0201, &first, (Span){3, 4}, &form, STR("a"));
    Diag *many = diag_extend(&other, DIAG_W0201, 2);
    diag_fill_form(&many[1], DIAG_W0201, &first, (Span){1, 2}, &form, STR("c"));
    diag_fill_form(&many[0], DIAG_W0201, &first, (Span){2, 3}, &form, STR("b"));
    // One that gets more is spelled out before.
    diag_note(&other, &many[0], "a note");
    CHECK_EQ_STR(many[0].message, STR("'b' is lost"));
    diag_sink_merge(&sink, &other);
    CHECK_EQ_INT(sink.error_count, 0);
    diag_sink_sort(&sink);
    static const char *const expected[] = {"c", "b", "a"};
    for (uint32_t i = 0; i < 3; i++) {
        const Diag *diag = diag_at(&sink, i);
        CHECK(diag == diag_at(&sink, i));
        CHECK(diag->form == NULL);
        const DiagFix *fix = &diag->more->fixes.items[0];
        CHECK_EQ_STR(fix->title, STR("put '_' before the name"));
        CHECK_EQ_INT(fix->span.end, diag->span.start);
        char text[32];
        snprintf(text, sizeof text, "'%s' is lost", expected[i]);
        CHECK_EQ_STR(diag->message, str_from_c(text));
        snprintf(text, sizeof text, "look for '%s'", expected[i]);
        CHECK_EQ_INT(diag->more->helps.count, 1);
        CHECK_EQ_STR(diag->more->helps.items[0], str_from_c(text));
        CHECK_EQ_INT(diag->more->notes.count, i == 1);
    }
    diag_sink_release(&other);
    diag_sink_release(&sink);
}

TEST(codes_have_names)
{
    DiagCode code = DIAG_E0001;
    CHECK(diag_code_from_name(STR("E0203"), &code));
    CHECK_EQ_INT(code, DIAG_E0203);
    CHECK(!diag_code_from_name(STR("E9999"), &code));
    CHECK_EQ_STR(str_from_c(diag_code_name(DIAG_W0201)), STR("W0201"));
    CHECK_EQ_INT(diag_code_severity(DIAG_W0201), SEVERITY_WARNING);
    CHECK(strlen(diag_code_summary(DIAG_E0203)) > 0);
}

static void check_nearest(Str name, Str expected)
{
    static const char *const names[] = {"replicas", "name",   "port",
                                        "host",     "region", "hostel",
                                        "a",        "b",      "ports"};
    Nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        nearest_consider(&nearest, str_from_c(names[i]));
    }
    CHECK_EQ_STR(nearest.best, expected);
}

TEST(nearest_suggests)
{
    check_nearest(STR("replcias"), STR("replicas"));
    check_nearest(STR("prot"), STR("port"));
    check_nearest(STR("nam"), STR("name"));
    check_nearest(STR("hosts"), STR("host"));
    check_nearest(STR("c"), STR(""));
    check_nearest(STR("qqqqqq"), STR(""));
    check_nearest(STR("port"), STR("ports"));
    check_nearest(STR(""), STR(""));
}

TEST(nearest_ties_keep_the_first_name)
{
    Nearest up, down;
    nearest_init(&up, STR("cat"));
    nearest_consider(&up, STR("bat"));
    nearest_consider(&up, STR("rat"));
    nearest_init(&down, STR("cat"));
    nearest_consider(&down, STR("rat"));
    nearest_consider(&down, STR("bat"));
    CHECK_EQ_STR(up.best, STR("bat"));
    CHECK_EQ_STR(down.best, STR("bat"));
}

TEST_MAIN(RUN(sorted_by_file_offset_and_code), RUN(equal_places_fold_into_one),
          RUN(many_chains_are_counted), RUN(merge_moves_everything),
          RUN(forms_are_spelled_where_they_are_read), RUN(codes_have_names),
          RUN(nearest_suggests), RUN(nearest_ties_keep_the_first_name))
