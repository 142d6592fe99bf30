// Pages are filled to PAGE_WIDTH here, so that explain.def may break its lines
// as it likes.
#include "cli/explain.h"

#define PAGE_WIDTH 78

// What needs further files or a broken machine is told in words alone.
#define NO_EXAMPLE NULL

static const ExplainPage pages[DIAG_CODE_COUNT] = {
#define EXPLAIN(code, text, options, example, cure)                            \
    [DIAG_##code] = {text, options, example, cure},
#include "cli/explain.def"
};

const ExplainPage *explain_page(DiagCode code)
{
    return &pages[code];
}

// Appends the words of `text` in lines of at most PAGE_WIDTH columns; the
// first line has `column` columns already. The pages are ASCII.
static void append_filled(StrBuf *out, Str text, size_t column)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = str_find_byte(text, ' ', at);
        size_t length = end - at;
        if (column > 0 && column + 1 + length > PAGE_WIDTH) {
            strbuf_append_char(out, '\n');
            column = 0;
        } else if (column > 0) {
            strbuf_append_char(out, ' ');
            column++;
        }
        strbuf_append(out, str_slice(text, at, end));
        column += length;
        at = end + 1;
    }
    strbuf_append_char(out, '\n');
}

static void append_example(StrBuf *out, const ExplainPage *page)
{
    Str example = str_from_c(page->example);
    strbuf_appendf(out, "\nExample, with `ligature eval%s%s example.lig`:\n\n",
                   page->options[0] != '\0' ? " " : "", page->options);
    for (size_t at = 0; at < example.len;) {
        size_t end = str_find_byte(example, '\n', at);
        strbuf_append(out, STR("    "));
        strbuf_append_printable(out, str_slice(example, at, end), SIZE_MAX);
        strbuf_append_char(out, '\n');
        at = end + 1;
    }
}

void explain_write(StrBuf *out, DiagCode code)
{
    const ExplainPage *page = &pages[code];
    strbuf_appendf(out, "%s: %s\n", diag_code_name(code),
                   diag_code_summary(code));
    if (page->text == NULL) {
        return; // a code whose page is still to be written
    }
    strbuf_append_char(out, '\n');
    append_filled(out, str_from_c(page->text), 0);
    if (page->example != NULL) {
        append_example(out, page);
    }
    strbuf_append(out, STR("\nCure:"));
    append_filled(out, str_from_c(page->cure), sizeof "Cure:" - 1);
}

void explain_write_index(StrBuf *out)
{
    for (int code = 0; code < DIAG_CODE_COUNT; code++) {
        strbuf_appendf(out, "%s  %s\n", diag_code_name((DiagCode)code),
                       diag_code_summary((DiagCode)code));
    }
}
