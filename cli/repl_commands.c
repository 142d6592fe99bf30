#include "cli/repl_commands.h"

#include "cli/command.h"
#include "cli/config.h"
#include "cli/repl_names.h"
#include "cli/untrusted.h"
#include "support/nearest.h"
#include "support/vec.h"
#include "syntax/byte_class.h"

typedef struct ReplCommand {
    const char *name;
    const char *operand; // "" for none; in brackets: it may be left out
    const char *help;
    // NULL: the command takes an input, in the mode.
    void (*run)(Repl *repl, Str operand);
    ReplMode mode;
} ReplCommand;

static void run_load(Repl *repl, Str operand)
{
    repl_load(repl, operand);
}

static void run_reload(Repl *repl, Str operand)
{
    (void)operand;
    repl_reload(repl);
}

static void run_browse(Repl *repl, Str operand)
{
    repl_browse(repl, operand);
}

static void run_doc(Repl *repl, Str operand)
{
    repl_doc(repl, operand);
}

static void run_set(Repl *repl, Str operand);

static void run_reset(Repl *repl, Str operand)
{
    (void)operand;
    repl_reset(repl);
}

static void run_quit(Repl *repl, Str operand)
{
    (void)operand;
    repl->wants_end = true;
}

static void run_help(Repl *repl, Str operand);

// What begins like several is the first of them.
static const ReplCommand commands[] = {
    {"type", "INPUT", "print the type, evaluate nothing", NULL, REPL_TYPE},
    {"time", "INPUT", "evaluate, and print what that took", NULL, REPL_TIME},
    {"load", "FILE", "bring all names of the file into scope", run_load, 0},
    {"reload", "", "check all that was entered and its files", run_reload, 0},
    {"doc", "NAME", "print the type and the comment of a name", run_doc, 0},
    {"browse", "[MODULE]", "list names: std.list, \"./file\", or an import's",
     run_browse, 0},
    {"set", "[OPTION]", "set an option: format json, timeout 2s", run_set, 0},
    {"reset", "", "forget all that was entered", run_reset, 0},
    {"help", "", "print this", run_help, 0},
    {"quit", "", "leave, as Ctrl-D does", run_quit, 0},
};

#define COMMAND_COUNT (sizeof commands / sizeof *commands)

const char *repl_command_name(uint32_t index)
{
    return index < COMMAND_COUNT ? commands[index].name : NULL;
}

static void print(Repl *repl, StrBuf *out)
{
    (void)repl_finish(repl, strbuf_str(out));
    session_next(&repl->session);
    strbuf_release(out);
}

static void fail(Repl *repl)
{
    StrBuf nothing = {0};
    repl->session.failed = true;
    print(repl, &nothing);
}

static void run_help(Repl *repl, Str operand)
{
    (void)operand;
    StrBuf out = {0};
    strbuf_append(&out, STR("An expression prints its value and type, a "
                            "declaration joins the session.\n"));
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        strbuf_appendf(&out, "  :%-7s %-8s  %s\n", commands[i].name,
                       commands[i].operand, commands[i].help);
    }
    strbuf_append(
        &out, STR("  :{                 lines up to ':}' are one input\n"
                  "A command may be cut short. An input that is not "
                  "finished goes on on the next\nline; Ctrl-C drops it.\n"));
    print(repl, &out);
}

// ---- :set

static size_t skip_blanks(Str line, size_t at)
{
    while (at < line.len && byte_is(line.data[at], BYTE_BLANK)) {
        at++;
    }
    return at;
}

static void show_settings(Repl *repl)
{
    Str nearest;
    StrBuf out = {0};
    config_show(command_find(STR("repl"), &nearest), repl->settings, &out);
    print(repl, &out);
}

// What was settled when the session began.
static bool is_fixed(const Option *option)
{
    static const char *const names[] = {
        "parallel",    "sequential", "workers",          "untrusted",
        "no-cache",    "no-history", "diagnostics-file", "cache-memory",
        "show-config", "help",       "version"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(option->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool set_option(Repl *repl, const Option *option, Str value)
{
    Session *session = &repl->session;
    Settings *settings = repl->settings;
    if (is_fixed(option) ||
        (settings->untrusted && !untrusted_may_configure(option))) {
        session_error(session, DIAG_E0001,
                      "'%s' cannot be set once the session has begun",
                      option->name);
        return false;
    }
    Str text =
        option->kind == OPTION_FLAG && value.len == 0 ? STR("true") : value;
    // Settings borrow their texts.
    if (!option_set(option, arena_str(&repl->texts, text), ORIGIN_COMMAND_LINE,
                    0, settings)) {
        StrBuf expected = {0};
        option_append_expected(option, &expected);
        session_error(session, DIAG_E0001, "'%s' takes %.*s", option->name,
                      STR_ARG(strbuf_str(&expected)));
        strbuf_release(&expected);
        return false;
    }
    return !settings->untrusted || untrusted_settle(settings, &session->diags);
}

static void report_option(Session *session, Str name, Str nearest)
{
    StrBuf shown = {0};
    strbuf_append_printable(&shown, name, 60);
    bool helps = nearest.len > 0;
    session_error(session, DIAG_E0001, "unknown option '%.*s'%s%.*s%s",
                  STR_ARG(strbuf_str(&shown)), helps ? "; did you mean '" : "",
                  STR_ARG(nearest), helps ? "'?" : "");
    strbuf_release(&shown);
}

// "NAME VALUE" or "NAME=VALUE".
static void run_set(Repl *repl, Str operand)
{
    if (operand.len == 0) {
        show_settings(repl);
        return;
    }
    size_t start = str_starts_with(operand, STR("--")) ? 2 : 0;
    size_t end = start;
    while (end < operand.len && !byte_is(operand.data[end], BYTE_BLANK) &&
           operand.data[end] != '=') {
        end++;
    }
    size_t value = skip_blanks(operand, end);
    if (value < operand.len && operand.data[value] == '=') {
        value = skip_blanks(operand, value + 1);
    }
    Str name = str_slice(operand, start, end);
    Str nearest;
    const Option *option = option_find(VERB_REPL, name, &nearest);
    if (option == NULL) {
        report_option(&repl->session, name, nearest);
        fail(repl);
    } else if (!set_option(repl, option,
                           str_slice(operand, value, operand.len))) {
        fail(repl);
    } else {
        session_next(&repl->session);
    }
}

// ---- the line

// The word behind the ':'; *out_operand is where the next begins.
static Str word_of(Str line, size_t *out_operand)
{
    size_t end = 1;
    while (end < line.len && !byte_is(line.data[end], BYTE_BLANK)) {
        end++;
    }
    *out_operand = skip_blanks(line, end);
    return str_slice(line, 1, end);
}

static const ReplCommand *find(Str word)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (str_equal(str_from_c(commands[i].name), word)) {
            return &commands[i];
        }
    }
    for (size_t i = 0; i < COMMAND_COUNT && word.len > 0; i++) {
        if (str_starts_with(str_from_c(commands[i].name), word)) {
            return &commands[i];
        }
    }
    return NULL;
}

static void report_unknown(Session *session, Str word)
{
    Nearest nearest;
    nearest_init(&nearest, word);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        nearest_consider(&nearest, str_from_c(commands[i].name));
    }
    StrBuf shown = {0};
    strbuf_append_printable(&shown, word, 60);
    if (nearest.best.len > 0) {
        session_error(session, DIAG_E0001,
                      "unknown command ':%.*s'; did you mean ':%.*s'?",
                      STR_ARG(strbuf_str(&shown)), STR_ARG(nearest.best));
    } else {
        session_error(session, DIAG_E0001, "unknown command ':%.*s'",
                      STR_ARG(strbuf_str(&shown)));
        diag_help(&session->diags, vec_last(&session->diags.diags),
                  "':help' lists the commands");
    }
    strbuf_release(&shown);
}

bool repl_command_takes_file(Str name)
{
    const ReplCommand *command = find(name);
    return command != NULL && command->run == run_load;
}

bool repl_command_takes_input(Str line, ReplMode *out_mode, size_t *out_start)
{
    const ReplCommand *command = find(word_of(line, out_start));
    if (command == NULL || command->run != NULL || *out_start == line.len) {
        return false;
    }
    *out_mode = command->mode;
    return true;
}

static void report_operand(Session *session, const ReplCommand *command)
{
    if (*command->operand == '\0') {
        session_error(session, DIAG_E0001, "':%s' takes nothing",
                      command->name);
    } else {
        session_error(session, DIAG_E0001, "':%s' takes %s", command->name,
                      command->operand);
    }
}

void repl_command(Repl *repl, Str line)
{
    Session *session = &repl->session;
    size_t start;
    Str word = word_of(line, &start);
    size_t end = line.len;
    while (end > start && byte_is(line.data[end - 1], BYTE_BLANK)) {
        end--;
    }
    Str operand = str_slice(line, start, end);
    const ReplCommand *command = find(word);
    if (command == NULL) {
        report_unknown(session, word);
    } else if (*command->operand != '[' &&
               (*command->operand != '\0') != (operand.len > 0)) {
        report_operand(session, command);
    } else {
        session_begin_clock(session);
        command->run(repl, operand);
        return;
    }
    fail(repl);
}
