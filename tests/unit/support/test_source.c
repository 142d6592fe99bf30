// Lines and columns.
#include "support/source.h"

#include "tests/harness.h"

static Source make(Str text)
{
    return (Source){.path = STR("x.lig"), .text = text};
}

static void check_position(Str text, uint32_t offset, uint32_t line,
                           uint32_t column)
{
    Source source = make(text);
    Position position = source_position(&source, offset);
    CHECK_EQ_INT(position.line, line);
    CHECK_EQ_INT(position.column, column);
}

static void check_line(Str text, uint32_t offset, uint32_t start, Str line)
{
    Source source = make(text);
    uint32_t found_start;
    CHECK_EQ_STR(source_line(&source, offset, &found_start), line);
    CHECK_EQ_INT(found_start, start);
}

TEST(all_line_ends_count_once)
{
    Str text = STR("a\nb\r\nc\rd");
    check_position(text, 0, 1, 1);
    check_position(text, 1, 1, 2);
    check_position(text, 2, 2, 1);
    check_position(text, 3, 2, 2);
    check_position(text, 4, 2, 3); // the LF of a CRLF
    check_position(text, 5, 3, 1);
    check_position(text, 7, 4, 1);
    check_position(text, 8, 4, 2);
    check_position(text, 99, 4, 2);
    check_position(STR("\n\r\r\n\n"), 5, 5, 1);
    check_position(STR(""), 0, 1, 1);
}

TEST(columns_count_code_points)
{
    check_position(STR("\xC3\xA9\xF0\x9F\x98\x80x"), 6, 1, 3);
    check_position(STR("\xFF\xFFx"), 2, 1, 3);
    check_position(STR("\xEF\xBB\xBFx"), 3, 1, 1);
    check_position(STR("\xEF\xBB\xBFx"), 4, 1, 2);
}

TEST(lines_come_without_their_end)
{
    Str text = STR("ab\r\ncd\ref");
    check_line(text, 0, 0, STR("ab"));
    check_line(text, 3, 0, STR("ab"));
    check_line(text, 4, 4, STR("cd"));
    check_line(text, 6, 4, STR("cd"));
    check_line(text, 8, 7, STR("ef"));
    check_line(text, 9, 7, STR("ef"));
    check_line(STR("x\n"), 2, 2, STR(""));
    check_line(STR(""), 0, 0, STR(""));
}

TEST(cursor_agrees_with_single_lookups)
{
    Str text = STR("\xEF\xBB\xBF"
                   "a\xC3\xA9\r\n\r\nbc\n\rd\r\n\r\xC3\xA9x\n");
    Source source = make(text);
    for (uint32_t first = 0; first <= text.len; first++) {
        for (uint32_t step = 0; step <= 5; step++) {
            SourceCursor cursor = {0};
            source_cursor_position(&cursor, &source, first);
            Position found =
                source_cursor_position(&cursor, &source, first + step);
            Position expected = source_position(&source, first + step);
            CHECK_EQ_INT(found.line, expected.line);
            if ((text.data[first] & 0xC0) != 0x80 && first >= 3) {
                CHECK_EQ_INT(found.column, expected.column);
            }
        }
    }
    SourceCursor cursor = {0};
    source_cursor_position(&cursor, &source, 9);
    CHECK_EQ_INT(source_cursor_position(&cursor, &source, 4).line, 1);
}

TEST_MAIN(RUN(all_line_ends_count_once), RUN(columns_count_code_points),
          RUN(lines_come_without_their_end),
          RUN(cursor_agrees_with_single_lookups))
