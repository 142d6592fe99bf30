#include "cli/completions.h"

#include <string.h>

#include "cli/command.h"
#include "support/diag.h"

typedef enum ValueKind {
    VALUE_NONE, // a flag
    VALUE_CHOICE,
    VALUE_FILE,
    VALUE_FOLDER,
    VALUE_OTHER
} ValueKind;

static ValueKind value_kind(const Option *option)
{
    if (option->kind == OPTION_FLAG) {
        return VALUE_NONE;
    }
    if (option->kind == OPTION_CHOICE) {
        return VALUE_CHOICE;
    }
    if (strcmp(option->argument, "DIR") == 0) {
        return VALUE_FOLDER;
    }
    return strncmp(option->argument, "FILE", 4) == 0 ? VALUE_FILE : VALUE_OTHER;
}

typedef enum OperandKind {
    OPERAND_FILE,
    OPERAND_CODE,
    OPERAND_VERB,
    OPERAND_WATCHED, // a verb that 'watch' runs
    OPERAND_SHELL,
    OPERAND_CACHE,
    OPERAND_NONE
} OperandKind;

// A command line on which no verb stands yet: it may have any option.
static const Command NO_VERB = {.name = "", .bit = UINT32_MAX};

static OperandKind operand_kind(const Command *command)
{
    switch (command->bit) {
    case UINT32_MAX:
        return OPERAND_VERB;
    case VERB_EXPLAIN:
        return OPERAND_CODE;
    case VERB_HELP:
        return OPERAND_VERB;
    case VERB_WATCH:
        return OPERAND_WATCHED;
    case VERB_COMPLETIONS:
        return OPERAND_SHELL;
    case VERB_CACHE:
        return OPERAND_CACHE;
    case VERB_LSP:
        return OPERAND_NONE;
    default:
        return OPERAND_FILE;
    }
}

static const Command *next_command(uint32_t *index)
{
    return command_at((*index)++);
}

// Rows of options.def that a verb has under one name are one option of it.
static bool is_first_row(const Command *command, uint32_t row)
{
    const Option *option = option_at(row);
    for (uint32_t i = 0; i < row; i++) {
        if ((option_at(i)->verbs & command->bit) != 0 &&
            strcmp(option_at(i)->name, option->name) == 0) {
            return false;
        }
    }
    return (option->verbs & command->bit) != 0;
}

static bool has_choice(const char *choices, const char *choice, size_t length)
{
    for (;;) {
        size_t next = strcspn(choices, "|");
        if (next == length && strncmp(choices, choice, length) == 0) {
            return true;
        }
        if (choices[next] == '\0') {
            return false;
        }
        choices += next + 1;
    }
}

// The choice of row `row` stands in a row before, of the same option.
static bool is_repeated(const Command *command, uint32_t row,
                        const char *choice, size_t length)
{
    for (uint32_t i = 0; i < row; i++) {
        const Option *option = option_at(i);
        if ((option->verbs & command->bit) != 0 &&
            strcmp(option->name, option_at(row)->name) == 0 &&
            has_choice(option->argument, choice, length)) {
            return true;
        }
    }
    return false;
}

// The choices of the option in `row`, separated by spaces.
static void append_choices(StrBuf *out, const Command *command, uint32_t row)
{
    bool is_first = true;
    for (uint32_t i = row; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        if ((option->verbs & command->bit) == 0 ||
            strcmp(option->name, option_at(row)->name) != 0) {
            continue;
        }
        const char *choice = option->argument;
        while (*choice != '\0') {
            size_t length = strcspn(choice, "|");
            if (!is_repeated(command, i, choice, length)) {
                strbuf_append(out, is_first ? STR("") : STR(" "));
                strbuf_append(out, (Str){choice, length});
                is_first = false;
            }
            choice += length + (choice[length] == '|');
        }
    }
}

// The options that take a value from the next word, "--name" and "-n".
static void append_valued(StrBuf *out, const char *separator)
{
    bool is_first = true;
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        if (value_kind(option) == VALUE_NONE || !is_first_row(&NO_VERB, i)) {
            continue;
        }
        strbuf_appendf(out, "%s--%s", is_first ? "" : separator, option->name);
        is_first = false;
        if (option->letter != 0) {
            strbuf_appendf(out, "%s-%c", separator, option->letter);
        }
    }
}

static void append_verbs(StrBuf *out, uint32_t which)
{
    const Command *command;
    const char *between = "";
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        if ((command->bit & which) != 0) {
            strbuf_appendf(out, "%s%s", between, command->name);
            between = " ";
        }
    }
}

static void append_codes(StrBuf *out)
{
    for (int code = 0; code < DIAG_CODE_COUNT; code++) {
        strbuf_appendf(out, "%s%s", code > 0 ? " " : "",
                       diag_code_name((DiagCode)code));
    }
}

static void append_operands(StrBuf *out, OperandKind kind)
{
    switch (kind) {
    case OPERAND_FILE:
    case OPERAND_NONE:
        break;
    case OPERAND_CODE:
        append_codes(out);
        break;
    case OPERAND_VERB:
        append_verbs(out, VERB_ALL);
        break;
    case OPERAND_WATCHED:
        append_verbs(out, VERB_WATCHED);
        break;
    case OPERAND_SHELL:
        strbuf_append(out, STR("bash zsh fish"));
        break;
    case OPERAND_CACHE:
        strbuf_append(out, STR("stats clear verify"));
        break;
    }
}

// ---- bash

// The values of the options of one verb, as arms of a `case`.
static void append_bash_values(StrBuf *out, const Command *command)
{
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        ValueKind kind = value_kind(option);
        if (kind == VALUE_NONE || !is_first_row(command, i)) {
            continue;
        }
        strbuf_appendf(out, "    '%s --%s'", command->name, option->name);
        if (option->letter != 0) {
            strbuf_appendf(out, "|'%s -%c'", command->name, option->letter);
        }
        strbuf_append(out, STR(")\n        "));
        if (kind == VALUE_CHOICE) {
            strbuf_append(out, STR("_ligature_words '"));
            append_choices(out, command, i);
            strbuf_append_char(out, '\'');
        } else if (kind == VALUE_FOLDER) {
            strbuf_append(out, STR("compopt -o dirnames 2>/dev/null"));
        } else {
            strbuf_append_char(out, ':'); // files, by `complete -o default`
        }
        strbuf_append(out, STR("\n        return ;;\n"));
    }
}

static void append_bash_options(StrBuf *out, const Command *command)
{
    strbuf_appendf(out,
                   "    '%s')\n        if [[ $cur == -* ]]; then\n"
                   "            _ligature_words '",
                   command->name);
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        if (is_first_row(command, i)) {
            strbuf_appendf(out, "--%s ", option_at(i)->name);
        }
    }
    strbuf_append(out, STR("'\n"));
    OperandKind kind = operand_kind(command);
    if (kind != OPERAND_FILE) {
        strbuf_append(out, STR("        else\n            _ligature_words '"));
        append_operands(out, kind);
        strbuf_append(out, STR("'\n"));
    }
    strbuf_append(out, STR("        fi ;;\n"));
}

// Sets `verb` to the first word that is neither an option nor its value; behind
// `watch` to the next one.
static void append_bash_verb(StrBuf *out)
{
    strbuf_append(out, STR("_ligature_verb() {\n"
                           "    local i equals\n"
                           "    verb=\n"
                           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
                           "        # '=' is a word of its own.\n"
                           "        [[ ${COMP_WORDS[i+1]} == = ]] && equals=1 "
                           "|| equals=0\n"
                           "        case ${COMP_WORDS[i]} in\n"
                           "        "));
    append_valued(out, "|");
    strbuf_append(out, STR(") ((i += 1 + equals)) ;;\n"
                           "        -*) ((i += 2 * equals)) ;;\n"
                           "        check) verb=typecheck; return ;;\n"
                           "        watch) [[ $verb == watch ]] && return; "
                           "verb=watch ;;\n"
                           "        *) verb=${COMP_WORDS[i]}; return ;;\n"
                           "        esac\n    done\n}\n\n"));
}

void completions_write_bash(StrBuf *out)
{
    const Command *command;
    strbuf_append(
        out, STR("# bash completion for ligature; written by 'ligature "
                 "completions bash'.\n"
                 "_ligature_words() {\n"
                 "    COMPREPLY=($(compgen -W \"$1\" -- \"$cur\"))\n}\n\n"));
    append_bash_verb(out);
    strbuf_append(out, STR("_ligature() {\n"
                           "    local cur prev verb\n"
                           "    COMPREPLY=()\n"
                           "    cur=${COMP_WORDS[COMP_CWORD]}\n"
                           "    prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                           "    _ligature_verb\n"
                           "    if [[ $cur == = ]]; then\n"
                           "        cur=\n"
                           "    elif [[ $prev == = ]]; then\n"
                           "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                           "    fi\n"
                           "    case \"$verb $prev\" in\n"));
    append_bash_values(out, &NO_VERB);
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        append_bash_values(out, command);
    }
    strbuf_append(out, STR("    esac\n    case $verb in\n"));
    append_bash_options(out, &NO_VERB);
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        append_bash_options(out, command);
    }
    strbuf_append(out, STR("    esac\n}\n\n"
                           "complete -o default -F _ligature ligature\n"));
}

// ---- zsh

// Text inside single quotes, in a description of _arguments or _describe.
static void append_zsh_text(StrBuf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            strbuf_append(out, STR("'\\''"));
            continue;
        }
        if (strchr("[]:\\", *text) != NULL) {
            strbuf_append_char(out, '\\');
        }
        strbuf_append_char(out, *text);
    }
}

static void append_zsh_option(StrBuf *out, const Command *command, uint32_t row)
{
    const Option *option = option_at(row);
    ValueKind kind = value_kind(option);
    const char *equals = kind == VALUE_NONE ? "" : "=";
    strbuf_append(out, STR(" \\\n            "));
    if (option->kind == OPTION_TEXTS) {
        strbuf_append_char(out, '*');
    } else if (option->letter != 0) {
        strbuf_appendf(out, "'(-%c --%s)'", option->letter, option->name);
    }
    if (option->letter != 0) {
        strbuf_appendf(out, "{-%c%s,--%s%s}'", option->letter,
                       kind == VALUE_NONE ? "" : "+", option->name, equals);
    } else {
        strbuf_appendf(out, "'--%s%s", option->name, equals);
    }
    strbuf_append_char(out, '[');
    append_zsh_text(out, option->help);
    strbuf_append_char(out, ']');
    switch (kind) {
    case VALUE_NONE:
        break;
    case VALUE_CHOICE:
        strbuf_appendf(out, ":%s:(", option->name);
        append_choices(out, command, row);
        strbuf_append_char(out, ')');
        break;
    case VALUE_FILE:
        strbuf_append(out, STR(":file:_files"));
        break;
    case VALUE_FOLDER:
        strbuf_append(out, STR(":folder:_files -/"));
        break;
    case VALUE_OTHER:
        strbuf_append_char(out, ':');
        append_zsh_text(out, option->argument);
        strbuf_append_char(out, ':');
        break;
    }
    strbuf_append_char(out, '\'');
}

static void append_zsh_options(StrBuf *out, const Command *command)
{
    strbuf_append(out, STR("_arguments -s -S"));
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        if (is_first_row(command, i)) {
            append_zsh_option(out, command, i);
        }
    }
}

static void append_zsh_verb(StrBuf *out, const Command *command)
{
    strbuf_appendf(out, "    %s%s)\n        ", command->name,
                   command->bit == VERB_TYPECHECK ? "|check" : "");
    append_zsh_options(out, command);
    OperandKind kind = operand_kind(command);
    if (kind == OPERAND_FILE) {
        strbuf_append(out, STR(" \\\n            '*:file:_files' ;;\n"));
    } else {
        strbuf_appendf(out, " \\\n            '1:%s:(", command->name);
        append_operands(out, kind);
        strbuf_append(out, STR(")' ;;\n"));
    }
}

static void append_zsh_verbs(StrBuf *out)
{
    const Command *command;
    strbuf_append(out, STR("_ligature_verbs() {\n"
                           "    local -a verbs\n"
                           "    verbs=("));
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        strbuf_appendf(out, "\n        '%s:", command->name);
        append_zsh_text(out, command->summary);
        strbuf_append_char(out, '\'');
    }
    strbuf_append(out, STR("\n    )\n"
                           "    _describe -t verbs verb verbs\n}\n\n"));
}

void completions_write_zsh(StrBuf *out)
{
    const Command *command;
    strbuf_append(out, STR("#compdef ligature\n"
                           "# Written by 'ligature completions zsh'.\n"));
    append_zsh_verbs(out);
    strbuf_append(out, STR("_ligature() {\n"
                           "    local verb\n"
                           "    local -i i last=0\n"
                           "    # The first word that is neither an option nor "
                           "its value.\n"
                           "    for ((i = 2; i < CURRENT; i++)); do\n"
                           "        case $words[i] in\n"
                           "        "));
    append_valued(out, "|");
    strbuf_append(out,
                  STR(") ((i++)) ;;\n"
                      "        -*) ;;\n"
                      "        *)\n"
                      "            # Behind 'watch', the next one.\n"
                      "            [[ $verb == watch || $words[i] != watch "
                      "]] && last=1\n"
                      "            verb=$words[i]\n"
                      "            words[i]=()\n"
                      "            ((CURRENT--, i--))\n"
                      "            ((last)) && break ;;\n"
                      "        esac\n    done\n"
                      "    case $verb in\n    '')\n        "));
    append_zsh_options(out, &NO_VERB);
    strbuf_append(out, STR(" \\\n            '1:verb:_ligature_verbs' ;;\n"));
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        append_zsh_verb(out, command);
    }
    strbuf_append(out, STR("    esac\n}\n\n"
                           "if [[ $funcstack[1] == _ligature ]]; then\n"
                           "    _ligature \"$@\"\nelse\n"
                           "    compdef _ligature ligature\nfi\n"));
}

// ---- fish

static void append_fish_text(StrBuf *out, const char *text)
{
    strbuf_append_char(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            strbuf_append_char(out, '\\');
        }
        strbuf_append_char(out, *text);
    }
    strbuf_append_char(out, '\'');
}

static void append_fish_condition(StrBuf *out, uint32_t verbs)
{
    const Command *command;
    if (verbs == NO_VERB.bit) {
        strbuf_append(out, STR(" -n '__ligature_verb none'"));
        return;
    }
    strbuf_append(out, STR(" -n '__ligature_verb"));
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        if ((command->bit & verbs) != 0) {
            strbuf_appendf(out, " %s%s", command->name,
                           command->bit == VERB_TYPECHECK ? " check" : "");
        }
    }
    strbuf_append_char(out, '\'');
}

// Whether the verb, the first word that is neither an option nor its value, is
// one of those given. "none" is no verb yet.
static void append_fish_verb(StrBuf *out)
{
    strbuf_append(out, STR("function __ligature_verb\n"
                           "    set -l words (commandline -opc)\n"
                           "    set -l i 2\n"
                           "    set -l verb none\n"
                           "    while test $i -le (count $words)\n"
                           "        switch $words[$i]\n"
                           "            case "));
    append_valued(out, " ");
    strbuf_append(out, STR("\n                set i (math $i + 2)\n"
                           "            case '-*'\n"
                           "                set i (math $i + 1)\n"
                           "            case watch\n"
                           "                # Behind it, the next one.\n"
                           "                test $verb = watch; and return 1\n"
                           "                set verb watch\n"
                           "                set i (math $i + 1)\n"
                           "            case '*'\n"
                           "                contains -- $words[$i] $argv\n"
                           "                return\n"
                           "        end\n    end\n"
                           "    contains -- $verb $argv\nend\n"));
}

static void append_fish_option(StrBuf *out, const Command *command,
                               uint32_t row)
{
    const Option *option = option_at(row);
    strbuf_append(out, STR("complete -c ligature"));
    append_fish_condition(out, command->bit);
    strbuf_appendf(out, " -l %s", option->name);
    if (option->letter != 0) {
        strbuf_appendf(out, " -s %c", option->letter);
    }
    switch (value_kind(option)) {
    case VALUE_NONE:
        break;
    case VALUE_CHOICE:
        strbuf_append(out, STR(" -x -a '"));
        append_choices(out, command, row);
        strbuf_append_char(out, '\'');
        break;
    case VALUE_FILE:
        strbuf_append(out, STR(" -r -F"));
        break;
    case VALUE_FOLDER:
        strbuf_append(out, STR(" -x -a '(__fish_complete_directories)'"));
        break;
    case VALUE_OTHER:
        strbuf_append(out, STR(" -x"));
        break;
    }
    strbuf_append(out, STR(" -d "));
    append_fish_text(out, option->help);
    strbuf_append_char(out, '\n');
}

void completions_write_fish(StrBuf *out)
{
    const Command *command;
    strbuf_append(out, STR("# fish completion for ligature; written by "
                           "'ligature completions fish'.\n"
                           "complete -c ligature -f\n"));
    append_fish_verb(out);
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        strbuf_append(out, STR("complete -c ligature"));
        append_fish_condition(out, NO_VERB.bit);
        strbuf_appendf(out, " -a %s -d ", command->name);
        append_fish_text(out, command->summary);
        strbuf_append(out, STR("\ncomplete -c ligature"));
        append_fish_condition(out, command->bit);
        OperandKind kind = operand_kind(command);
        if (kind == OPERAND_FILE) {
            strbuf_append(out, STR(" -F\n"));
        } else {
            strbuf_append(out, STR(" -a '"));
            append_operands(out, kind);
            strbuf_append(out, STR("'\n"));
        }
    }
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        // Rows of one name have no verb in common.
        Command verbs = {.bit = option_at(i)->verbs};
        append_fish_option(out, &verbs, i);
        if (is_first_row(&NO_VERB, i)) {
            append_fish_option(out, &NO_VERB, i);
        }
    }
}
