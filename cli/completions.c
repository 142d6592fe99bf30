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
    OPERAND_SHELL,
    OPERAND_CACHE
} OperandKind;

static OperandKind operand_kind(const Command *command)
{
    switch (command->bit) {
    case VERB_EXPLAIN:
        return OPERAND_CODE;
    case VERB_HELP:
        return OPERAND_VERB;
    case VERB_COMPLETIONS:
        return OPERAND_SHELL;
    case VERB_CACHE:
        return OPERAND_CACHE;
    default:
        return OPERAND_FILE;
    }
}

static const Command *next_command(uint32_t *index)
{
    return command_at((*index)++);
}

// "a|b|c" with another separator.
static void append_choices(StrBuf *out, const char *choices, char separator)
{
    for (; *choices != '\0'; choices++) {
        strbuf_append_char(out, *choices == '|' ? separator : *choices);
    }
}

static void append_verbs(StrBuf *out)
{
    const Command *command;
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        strbuf_appendf(out, "%s%s", i > 1 ? " " : "", command->name);
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
        break;
    case OPERAND_CODE:
        append_codes(out);
        break;
    case OPERAND_VERB:
        append_verbs(out);
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
        if ((option->verbs & command->bit) == 0 || kind == VALUE_NONE) {
            continue;
        }
        strbuf_appendf(out, "    '%s --%s'", command->name, option->name);
        if (option->letter != 0) {
            strbuf_appendf(out, "|'%s -%c'", command->name, option->letter);
        }
        strbuf_append(out, STR(")\n        "));
        if (kind == VALUE_CHOICE) {
            strbuf_append(out, STR("_ligature_words '"));
            append_choices(out, option->argument, ' ');
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
                   "    %s)\n        if [[ $cur == -* ]]; then\n"
                   "            _ligature_words '",
                   command->name);
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        if ((option->verbs & command->bit) != 0) {
            strbuf_appendf(out, "--%s ", option->name);
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

void completions_write_bash(StrBuf *out)
{
    const Command *command;
    strbuf_append(out,
                  STR("# bash completion for ligature; written by 'ligature "
                      "completions bash'.\n"
                      "_ligature_words() {\n"
                      "    COMPREPLY=($(compgen -W \"$1\" -- \"$cur\"))\n}\n\n"
                      "_ligature() {\n"
                      "    local cur prev verb\n"
                      "    COMPREPLY=()\n"
                      "    cur=${COMP_WORDS[COMP_CWORD]}\n"
                      "    if ((COMP_CWORD == 1)); then\n"
                      "        _ligature_words '"));
    append_verbs(out);
    strbuf_append(out, STR(" --help --version'\n"
                           "        return\n    fi\n"
                           "    verb=${COMP_WORDS[1]}\n"
                           "    [[ $verb == check ]] && verb=typecheck\n"
                           "    prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                           "    # '=' is a word of its own.\n"
                           "    if [[ $cur == = ]]; then\n"
                           "        cur=\n"
                           "    elif [[ $prev == = ]]; then\n"
                           "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                           "    fi\n"
                           "    case \"$verb $prev\" in\n"));
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        append_bash_values(out, command);
    }
    strbuf_append(out, STR("    esac\n    case $verb in\n"));
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

static void append_zsh_option(StrBuf *out, const Option *option)
{
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
        append_choices(out, option->argument, ' ');
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

static void append_zsh_verb(StrBuf *out, const Command *command)
{
    strbuf_appendf(out, "    %s%s)\n        _arguments -s -S", command->name,
                   command->bit == VERB_TYPECHECK ? "|check" : "");
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        if ((option_at(i)->verbs & command->bit) != 0) {
            append_zsh_option(out, option_at(i));
        }
    }
    OperandKind kind = operand_kind(command);
    if (kind == OPERAND_FILE) {
        strbuf_append(out, STR(" \\\n            '*:file:_files' ;;\n"));
    } else {
        strbuf_appendf(out, " \\\n            '1:%s:(", command->name);
        append_operands(out, kind);
        strbuf_append(out, STR(")' ;;\n"));
    }
}

void completions_write_zsh(StrBuf *out)
{
    const Command *command;
    strbuf_append(out, STR("#compdef ligature\n"
                           "# Written by 'ligature completions zsh'.\n"
                           "_ligature() {\n"
                           "    local -a verbs\n"
                           "    if ((CURRENT == 2)); then\n"
                           "        verbs=("));
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        strbuf_appendf(out, "\n            '%s:", command->name);
        append_zsh_text(out, command->summary);
        strbuf_append_char(out, '\'');
    }
    strbuf_append(out, STR("\n        )\n"
                           "        _describe -t verbs verb verbs\n"
                           "        return\n    fi\n"
                           "    local verb=$words[2]\n"
                           "    shift words\n"
                           "    ((CURRENT--))\n"
                           "    case $verb in\n"));
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
    strbuf_append(out, STR(" -n '__fish_seen_subcommand_from"));
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        if ((command->bit & verbs) != 0) {
            strbuf_appendf(out, " %s%s", command->name,
                           command->bit == VERB_TYPECHECK ? " check" : "");
        }
    }
    strbuf_append_char(out, '\'');
}

static void append_fish_option(StrBuf *out, const Option *option)
{
    strbuf_append(out, STR("complete -c ligature"));
    append_fish_condition(out, option->verbs);
    strbuf_appendf(out, " -l %s", option->name);
    if (option->letter != 0) {
        strbuf_appendf(out, " -s %c", option->letter);
    }
    switch (value_kind(option)) {
    case VALUE_NONE:
        break;
    case VALUE_CHOICE:
        strbuf_append(out, STR(" -x -a '"));
        append_choices(out, option->argument, ' ');
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
    for (uint32_t i = 0; (command = next_command(&i)) != NULL;) {
        strbuf_appendf(out,
                       "complete -c ligature -n __fish_use_subcommand "
                       "-a %s -d ",
                       command->name);
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
        append_fish_option(out, option_at(i));
    }
}
