#include "cli/man_page.h"

#include "cli/command.h"
#include "cli/version.h"

// Text in the middle of a line, for troff.
static void append_text(StrBuf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\\') {
            strbuf_append(out, STR("\\e"));
        } else if (*text == '-') {
            strbuf_append(out, STR("\\-"));
        } else if (*text == '\'') {
            strbuf_append(out, STR("\\(aq"));
        } else {
            strbuf_append_char(out, *text);
        }
    }
}

// A line of its own: a dot at its start would be a request.
static void append_line(StrBuf *out, const char *text)
{
    strbuf_append(out, STR("\\&"));
    append_text(out, text);
    strbuf_append_char(out, '\n');
}

static void append_verbs(StrBuf *out)
{
    const Command *command;
    strbuf_append(out, STR(".SH VERBS\n"));
    for (uint32_t i = 0; (command = command_at(i)) != NULL; i++) {
        strbuf_append(out, STR(".TP\n\\fB"));
        append_text(out, command->name);
        strbuf_append(out, STR("\\fR"));
        strbuf_append(out, *command->operands != '\0' ? STR(" ") : STR(""));
        append_text(out, command->operands);
        strbuf_append_char(out, '\n');
        append_line(out, command->summary);
    }
}

static void append_verbs_of(StrBuf *out, const Option *option)
{
    const Command *command;
    const char *between = "";
    if (option->verbs == VERB_ALL) {
        return;
    }
    strbuf_append(out, STR("(\\fI"));
    for (uint32_t i = 0; (command = command_at(i)) != NULL; i++) {
        if ((command->bit & option->verbs) != 0) {
            strbuf_appendf(out, "%s%s", between, command->name);
            between = ", ";
        }
    }
    strbuf_append(out, STR("\\fR)\n"));
}

static void append_options(StrBuf *out)
{
    strbuf_append(out, STR(".SH OPTIONS\nThe verbs that take an option stand "
                           "behind it, unless all do.\n"));
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        strbuf_append(out, STR(".TP\n\\fB"));
        if (option->letter != 0) {
            strbuf_appendf(out, "\\-%c\\fR, \\fB", option->letter);
        }
        strbuf_append(out, STR("\\-\\-"));
        append_text(out, option->name);
        strbuf_append(out, STR("\\fR"));
        if (option->argument != NULL) {
            strbuf_append(out, STR("=\\fI"));
            append_text(out, option->argument);
            strbuf_append(out, STR("\\fR"));
        }
        strbuf_append_char(out, '\n');
        append_line(out, option->help);
        append_verbs_of(out, option);
    }
}

typedef struct Item {
    const char *name, *text;
} Item;

static void append_items(StrBuf *out, const char *title, const Item *items)
{
    strbuf_appendf(out, ".SH %s\n", title);
    for (; items->name != NULL; items++) {
        strbuf_append(out, STR(".TP\n\\fB"));
        append_text(out, items->name);
        strbuf_append(out, STR("\\fR\n"));
        append_line(out, items->text);
    }
}

static void append_rest(StrBuf *out)
{
    static const Item environment[] = {
        {"LIGATURE_OPTION", "the value of an option that the command line does "
                            "not give: LIGATURE_MAX_STEPS for --max-steps"},
        {"NO_COLOR, CLICOLOR_FORCE", "whether diagnostics have colours"},
        {"CI", "when true, runs end after 30 seconds"},
        {"GITHUB_ACTIONS", "when true, diagnostics are annotations"},
        {"XDG_STATE_HOME", "folder of the lines that repl keeps, in "
                           "ligature/history; else ~/.local/state"},
        {NULL, NULL}};
    static const Item files[] = {
        {"ligature.toml",
         "project file, found upwards from the file: defaults of options"},
        {NULL, NULL}};
    static const Item codes[] = {{"0", "success"},
                                 {"1", "the program or data is wrong"},
                                 {"2", "the command line or an input is wrong"},
                                 {"3", "a file could not be read or written"},
                                 {"4", "a limit was reached"},
                                 {"70", "a bug in ligature"},
                                 {"124", "the timeout passed"},
                                 {"130, 143", "interrupted, terminated"},
                                 {NULL, NULL}};
    append_items(out, "ENVIRONMENT", environment);
    append_items(out, "FILES", files);
    append_items(out, "EXIT STATUS", codes);
}

void man_page_write(StrBuf *out)
{
    strbuf_append(
        out, STR(".TH LIGATURE 1 \"\" \"ligature " LIGATURE_VERSION
                 "\" \"User Commands\"\n"
                 ".SH NAME\nligature \\- evaluate and type\\-check "
                 "configuration\n"
                 ".SH SYNOPSIS\n\\fBligature\\fR \\fIVERB\\fR "
                 "[\\fIOPTION\\fR...] [\\fIOPERAND\\fR...]\n"
                 ".SH DESCRIPTION\nLigature is a pure, statically typed "
                 "language for configuration. Files are type\\-checked and "
                 "evaluated, in parallel where that pays; the result is "
                 "printed as JSON or in another format.\n.PP\n"
                 "Options stand anywhere on the line; \\fB\\-\\-\\fR ends "
                 "them, and \\fB\\-\\fR is standard input.\n"));
    append_verbs(out);
    append_options(out);
    append_rest(out);
}
