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
    CHECK_EQ_STR(source_line(&source, offset, 100, &found_start), line);
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
    Source source = make(STR("ab\n0123456789\ncd"));
    uint32_t start;
    CHECK_EQ_STR(source_line(&source, 8, 2, &start), STR("3456"));
    CHECK_EQ_INT(start, 6);
    CHECK_EQ_STR(source_line(&source, 4, 3, &start), STR("0123"));
    CHECK_EQ_INT(start, 3);
    CHECK_EQ_STR(source_line(&source, 12, 3, &start), STR("6789"));
}

// Long enough for several marks of an index, with every kind of line end.
static void fill(StrBuf *text)
{
    static const Str parts[] = {
        STR_INIT("ab\r\n"), STR_INIT("\xC3\xA9"),         STR_INIT("\r"),
        STR_INIT("xyz"),    STR_INIT("\xF0\x9F\x98\x80"), STR_INIT("\n"),
        STR_INIT("\xFF")};
    uint32_t state = 7;
    strbuf_append(text, STR("\xEF\xBB\xBF"));
    while (text->len < 40000) {
        state = state * 1664525 + 1013904223;
        strbuf_append(text, parts[(state >> 16) % 7]);
    }
}

TEST(index_agrees_with_single_lookups)
{
    StrBuf text = {0};
    fill(&text);
    Source sources[2] = {make(strbuf_str(&text)), make(strbuf_str(&text))};
    sources[1].text = str_slice(sources[1].text, 1, text.len);
    SourceIndex index = {0};
    uint32_t state = 7;
    for (int i = 0; i < 300; i++) {
        state = state * 1664525 + 1013904223;
        uint32_t offset = (state >> 8) % 41000;
        const Source *source = &sources[i / 100 % 2];
        if (offset < source->text.len &&
            (source->text.data[offset] & 0xC0) == 0x80) {
            continue; // inside a character
        }
        Position found = source_index_position(&index, source, offset);
        Position expected = source_position(source, offset);
        CHECK_EQ_INT(found.line, expected.line);
        CHECK_EQ_INT(found.column, expected.column);
    }
    source_index_release(&index);
    source_index_release(&index);
    strbuf_release(&text);
}

TEST_MAIN(RUN(all_line_ends_count_once), RUN(columns_count_code_points),
          RUN(lines_come_without_their_end),
          RUN(index_agrees_with_single_lookups))
