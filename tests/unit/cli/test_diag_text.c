// Diagnostics as people read them.
#include "cli/diag_text.h"

#include "tests/harness.h"

static Source make(const char *path, const char *text)
{
    return (Source){.path = str_from_c(path), .text = str_from_c(text)};
}

// Renders the sink, releases it and compares.
static void check(DiagSink *sink, DiagTextOptions options, const char *expected)
{
    StrBuf out = {0};
    diag_text_write(&out, sink, &options);
    CHECK_EQ_STR(strbuf_str(&out), str_from_c(expected));
    strbuf_release(&out);
    diag_sink_release(sink);
}

static const DiagTextOptions plain = {.max_errors = 20};

TEST(nothing_without_diagnostics)
{
    DiagSink sink;
    diag_sink_init(&sink);
    check(&sink, plain, "");
}

TEST(no_place_no_snippet)
{
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *diag = diag_add(&sink, DIAG_E0001, NULL, (Span){0, 0},
                          "unknown option '%s'", "--wrokers");
    diag_help(&sink, diag, "did you mean '--workers'?");
    check(&sink, plain,
          "error[E0001]: unknown option '--wrokers'\n"
          "  = help: did you mean '--workers'?\n"
          "\n"
          "1 error\n");
}

TEST(labels_share_and_follow_lines)
{
    Source source = make("main.lig", "let a = 1;\n"
                                     "let b = 2;\n"
                                     "\n"
                                     "let p: Integer = \"x\" ++ a;\n");
    Source other = make("lib.lig", "\n\ntype T = Integer;\n");
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *diag = diag_add(&sink, DIAG_E0203, &source, (Span){40, 48},
                          "expected Integer, found String");
    diag_label(&sink, diag, &source, (Span){30, 37}, "because of this");
    diag_label(&sink, diag, &other, (Span){7, 8}, "declared here");
    diag_label(&sink, diag, &source, (Span){4, 5}, "'a' is a number");
    diag_note(&sink, diag, "strings are not numbers");
    diag_help(&sink, diag, "use 'parseInt'");
    check(&sink, plain,
          "error[E0203]: expected Integer, found String\n"
          " --> main.lig:4:18\n"
          "  |\n"
          "1 | let a = 1;\n"
          "  |     - 'a' is a number\n"
          "...\n"
          "4 | let p: Integer = \"x\" ++ a;\n"
          "  |                  ^^^^^^^^\n"
          "  |        ------- because of this\n"
          " ::: lib.lig:3:6\n"
          "  |\n"
          "3 | type T = Integer;\n"
          "  |      - declared here\n"
          "  |\n"
          "  = note: strings are not numbers\n"
          "  = help: use 'parseInt'\n"
          "\n"
          "1 error\n");
}

TEST(columns_are_display_columns)
{
    // A tab, a wide character and a combining mark before the place.
    Source source = make("x.lig", "\t\xE4\xB8\xAD"
                                  "e\xCC\x81 bad");
    DiagSink sink;
    diag_sink_init(&sink);
    diag_add(&sink, DIAG_E0201, &source, (Span){8, 11}, "no 'bad'");
    check(&sink, plain,
          "error[E0201]: no 'bad'\n"
          " --> x.lig:1:6\n"
          "  |\n"
          "1 |     \xE4\xB8\xAD"
          "e\xCC\x81 bad\n"
          "  |         ^^^\n"
          "\n"
          "1 error\n");
}

TEST(places_at_ends_and_over_lines)
{
    Source source = make("x.lig", "ab {\ncd\r\n");
    DiagSink sink;
    diag_sink_init(&sink);
    diag_add(&sink, DIAG_E0106, &source, (Span){3, 7}, "several lines");
    diag_add(&sink, DIAG_E0107, &source, (Span){9, 9}, "end of file");
    check(&sink, plain,
          "error[E0106]: several lines\n"
          " --> x.lig:1:4\n"
          "  |\n"
          "1 | ab {\n"
          "  |    ^\n"
          "\n"
          "error[E0107]: end of file\n"
          " --> x.lig:3:1\n"
          "  |\n"
          "3 |\n"
          "  | ^\n"
          "\n"
          "2 errors\n");
}

TEST(control_characters_are_escaped)
{
    Source source = make("a\x1B[2J.lig", "x \x1B]0;t\x07 \xFF y");
    DiagSink sink;
    diag_sink_init(&sink);
    diag_add(&sink, DIAG_E0101, &source, (Span){9, 10}, "bad\n::error::x");
    check(&sink, plain,
          "error[E0101]: bad\\u{a}::error::x\n"
          " --> a\\u{1b}[2J.lig:1:10\n"
          "  |\n"
          "1 | x \\u{1b}]0;t\\u{7} \\xff y\n"
          "  |                   ^^^^\n"
          "\n"
          "1 error\n");
}

TEST(long_lines_are_cut_around_the_place)
{
    StrBuf line = {0};
    strbuf_append_repeat(&line, 'a', 100000);
    strbuf_append(&line, STR("BAD"));
    strbuf_append_repeat(&line, 'c', 100000);
    Source source = {.path = STR("x.lig"), .text = strbuf_str(&line)};
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *diag =
        diag_add(&sink, DIAG_E0201, &source, (Span){100000, 100003}, "bad");
    diag_label(&sink, diag, &source, (Span){0, 2}, "begins here");
    StrBuf out = {0}, expected = {0};
    diag_text_write(&out, &sink, &plain);
    strbuf_append(&expected, STR("error[E0201]: bad\n"
                                 " --> x.lig:1:100001\n"
                                 "  |\n"
                                 "1 | ..."));
    strbuf_append_repeat(&expected, 'a', 60);
    strbuf_append(&expected, STR("BAD"));
    strbuf_append_repeat(&expected, 'c', 117);
    strbuf_append(&expected, STR("...\n  |    "));
    strbuf_append_repeat(&expected, ' ', 60);
    strbuf_append(&expected, STR("^^^\n1 | "));
    strbuf_append_repeat(&expected, 'a', 180);
    strbuf_append(&expected, STR("...\n  | -- begins here\n\n1 error\n"));
    CHECK_EQ_STR(strbuf_str(&out), strbuf_str(&expected));
    strbuf_release(&out);
    strbuf_release(&expected);
    strbuf_release(&line);
    diag_sink_release(&sink);
}

TEST(long_traces_are_cut_in_the_middle)
{
    Source source = make("x.lig", "let f = 1;\n");
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *diag = diag_add(&sink, DIAG_E0402, &source, (Span){8, 9}, "zero");
    for (int i = 0; i < 1000; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%d", i);
        diag_trace(&sink, diag, str_from_c(name), &source, (Span){4, 5});
    }
    check(&sink, plain,
          "error[E0402]: zero\n"
          " --> x.lig:1:9\n"
          "  |\n"
          "1 | let f = 1;\n"
          "  |         ^\n"
          "  |\n"
          "  = in call to f0 at x.lig:1:5\n"
          "  = in call to f1 at x.lig:1:5\n"
          "  = in call to f2 at x.lig:1:5\n"
          "  = in call to f3 at x.lig:1:5\n"
          "  = in call to f4 at x.lig:1:5\n"
          "  = in call to f5 at x.lig:1:5\n"
          "  = in call to f6 at x.lig:1:5\n"
          "  = in call to f7 at x.lig:1:5\n"
          "  = ... 988 more calls ...\n"
          "  = in call to f996 at x.lig:1:5\n"
          "  = in call to f997 at x.lig:1:5\n"
          "  = in call to f998 at x.lig:1:5\n"
          "  = in call to f999 at x.lig:1:5\n"
          "\n"
          "1 error\n");
}

TEST(errors_and_warnings_are_counted_apart)
{
    DiagSink sink;
    diag_sink_init(&sink);
    for (int i = 0; i < 5; i++) {
        diag_add(&sink, DIAG_E0001, NULL, (Span){0, 0}, "e%d", i);
        diag_add(&sink, DIAG_W0201, NULL, (Span){0, 0}, "w%d", i);
    }
    check(&sink, (DiagTextOptions){.max_errors = 1},
          "error[E0001]: e0\n"
          "\n"
          "warning[W0201]: w0\n"
          "\n"
          "4 more errors not shown\n"
          "4 more warnings not shown\n"
          "5 errors, 5 warnings\n");
}

TEST(warnings_may_count_as_errors)
{
    DiagSink sink;
    diag_sink_init(&sink);
    diag_add(&sink, DIAG_W0201, NULL, (Span){0, 0}, "w");
    DiagTextOptions options = {.max_errors = 1, .werror = true};
    check(&sink, options,
          "warning[W0201]: w\n"
          "\n"
          "1 warning, which --werror counts as an error\n");
    diag_sink_init(&sink);
    diag_add(&sink, DIAG_W0201, NULL, (Span){0, 0}, "v");
    diag_add(&sink, DIAG_W0201, NULL, (Span){0, 0}, "w");
    check(&sink, options,
          "warning[W0201]: v\n"
          "\n"
          "1 more warning not shown\n"
          "2 warnings, which --werror counts as errors\n");
    diag_sink_init(&sink);
    diag_add(&sink, DIAG_E0001, NULL, (Span){0, 0}, "e");
    diag_add(&sink, DIAG_W0201, NULL, (Span){0, 0}, "w");
    check(&sink, options,
          "error[E0001]: e\n"
          "\n"
          "warning[W0201]: w\n"
          "\n"
          "1 error, 1 warning\n");
}

TEST(color)
{
    Source source = make("x.lig", "y");
    DiagSink sink;
    diag_sink_init(&sink);
    diag_add(&sink, DIAG_E0201, &source, (Span){0, 1}, "m");
    check(&sink, (DiagTextOptions){.color = true, .max_errors = 1},
          "\x1b[1;31merror[E0201]\x1b[0m\x1b[1m: m\x1b[0m\n"
          " \x1b[1;34m-->\x1b[0m x.lig:1:1\n"
          "  \x1b[1;34m|\x1b[0m\n"
          "\x1b[1;34m1 |\x1b[0m y\n"
          "  \x1b[1;34m|\x1b[0m \x1b[1;31m^\x1b[0m\n"
          "\n"
          "1 error\n");
}

TEST(output_is_bounded)
{
    StrBuf big = {0};
    strbuf_append_repeat(&big, 27, 1000000);
    Source source = {.path = strbuf_str(&big), .text = strbuf_str(&big)};
    DiagSink sink;
    diag_sink_init(&sink);
    for (uint32_t i = 0; i < 100; i++) {
        Diag *diag = diag_add(&sink, DIAG_E0201, &source, (Span){i, 900000},
                              "%.*s", STR_ARG(source.text));
        for (uint32_t k = 0; k < 100; k++) {
            diag_label(&sink, diag, &source, (Span){k * 300, 900000}, "%.*s",
                       5000, big.data);
            diag_note(&sink, diag, "%.*s", 5000, big.data);
            diag_trace(&sink, diag, str_make(big.data, 5000), &source,
                       (Span){k, k});
        }
    }
    StrBuf out = {0};
    diag_text_write(&out, &sink,
                    &(DiagTextOptions){.max_errors = 20, .color = true});
    CHECK(out.len <= DIAG_TEXT_MAX_BYTES);
    CHECK(str_ends_with(strbuf_str(&out), STR("\n100 errors\n")));
    CHECK(str_starts_with(strbuf_str(&out), STR("\x1b[1;31merror[E0201]")));
    CHECK_EQ_INT(utf8_validate(strbuf_str(&out)), out.len);
    strbuf_release(&out);
    strbuf_release(&big);
    diag_sink_release(&sink);
}

TEST(as_many_as_are_asked_for)
{
    enum { COUNT = 1000 };
    Source source = {.path = STR("main.lig"), .text = STR("let x = 1;\n")};
    DiagSink sink;
    diag_sink_init(&sink);
    for (uint32_t i = 0; i < COUNT; i++) {
        diag_add(&sink, DIAG_E0201, &source, (Span){4, 5}, "error %u", i);
    }
    StrBuf out = {0};
    diag_text_write(&out, &sink, &(DiagTextOptions){.max_errors = COUNT});
    CHECK(out.len > DIAG_TEXT_MAX_BYTES);
    CHECK(str_ends_with(strbuf_str(&out), STR("\n\n1000 errors\n")));
    strbuf_release(&out);
    diag_sink_release(&sink);
}

TEST_MAIN(RUN(nothing_without_diagnostics), RUN(no_place_no_snippet),
          RUN(labels_share_and_follow_lines), RUN(columns_are_display_columns),
          RUN(places_at_ends_and_over_lines),
          RUN(control_characters_are_escaped),
          RUN(long_lines_are_cut_around_the_place),
          RUN(long_traces_are_cut_in_the_middle),
          RUN(errors_and_warnings_are_counted_apart),
          RUN(warnings_may_count_as_errors), RUN(color), RUN(output_is_bounded),
          RUN(as_many_as_are_asked_for))
