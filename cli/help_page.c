#include "cli/help_page.h"

static void append_padded(StrBuf *out, Str text, size_t width)
{
    strbuf_append(out, text);
    strbuf_append_repeat(out, ' ', text.len < width ? width - text.len : 1);
}

// The help text, wrapped behind a column.
static void append_wrapped(StrBuf *out, Str text, size_t column, size_t width)
{
    size_t used = column;
    while (text.len > 0) {
        size_t space = str_find_byte(text, ' ', 0);
        if (used > column) {
            bool fits = used + 1 + space <= width;
            strbuf_append_char(out, fits ? ' ' : '\n');
            strbuf_append_repeat(out, ' ', fits ? 0 : column);
            used = fits ? used + 1 : column;
        }
        strbuf_append(out, str_slice(text, 0, space));
        used += space;
        text = str_slice(text, space + 1, text.len);
    }
    strbuf_append_char(out, '\n');
}

void help_page_of_verb(const Command *command, StrBuf *out)
{
    enum { COLUMN = 30, WIDTH = 79 };
    strbuf_appendf(out,
                   "usage: ligature %s [OPTION...]%s%s\n\n%s\n\noptions:\n",
                   command->name, *command->operands != '\0' ? " " : "",
                   command->operands, command->summary);
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        if ((option->verbs & command->bit) == 0) {
            continue;
        }
        StrBuf left = {0};
        if (option->letter != 0) {
            strbuf_appendf(&left, "  -%c, ", option->letter);
        } else {
            strbuf_append(&left, STR("      "));
        }
        strbuf_appendf(&left, "--%s%s%s", option->name,
                       option->argument != NULL ? " " : "",
                       option->argument != NULL ? option->argument : "");
        if (left.len >= COLUMN) {
            strbuf_append_char(&left, '\n');
            strbuf_append(out, strbuf_str(&left));
            strbuf_append_repeat(out, ' ', COLUMN);
        } else {
            append_padded(out, strbuf_str(&left), COLUMN);
        }
        append_wrapped(out, str_from_c(option->help), COLUMN, WIDTH);
        strbuf_release(&left);
    }
}

void help_page_of_program(StrBuf *out)
{
    strbuf_append(out, STR("usage: ligature VERB [OPTION...] [OPERAND...]\n\n"
                           "Evaluates and type-checks configuration written "
                           "in Ligature.\n\nverbs:\n"));
    const Command *command;
    for (uint32_t i = 0; (command = command_at(i)) != NULL; i++) {
        strbuf_append(out, STR("  "));
        append_padded(out, str_from_c(command->name), 12);
        strbuf_append(out, str_from_c(command->summary));
        strbuf_append_char(out, '\n');
    }
    strbuf_append(out, STR("\n'ligature help VERB' lists the options of a "
                           "verb.\n"));
}
