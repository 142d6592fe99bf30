#include "cli/repl_commands.h"

#include "support/nearest.h"
#include "support/vec.h"

typedef struct ReplCommand {
    const char *name;
    const char *operand; // "" for none
    const char *help;
    // NULL: the command takes an input, in the mode.
    void (*run)(Repl *repl, Str operand);
    ReplMode mode;
} ReplCommand;

static void run_load(Repl *repl, Str operand)
{
    repl_load(repl, operand);
}

static void run_reset(Repl *repl, Str operand)
{
    (void)operand;
    repl_cut(repl, 0);
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
    {"reset", "", "forget all that was entered", run_reset, 0},
    {"help", "", "print this", run_help, 0},
    {"quit", "", "leave, as Ctrl-D does", run_quit, 0},
};

#define COMMAND_COUNT (sizeof commands / sizeof *commands)

const char *repl_command_name(uint32_t index)
{
    return index < COMMAND_COUNT ? commands[index].name : NULL;
}

static void run_help(Repl *repl, Str operand)
{
    (void)operand;
    StrBuf out = {0};
    strbuf_append(&out, STR("An expression prints its value and type, a "
                            "declaration joins the session.\n"));
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        strbuf_appendf(&out, "  :%-7s %-8s %s\n", commands[i].name,
                       commands[i].operand, commands[i].help);
    }
    strbuf_append(&out, STR("  :{ ... :} several lines as one input\n"));
    (void)repl_finish(repl, strbuf_str(&out));
    session_next(&repl->session);
    strbuf_release(&out);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t skip_blanks(Str line, size_t at)
{
    while (at < line.len && is_blank(line.data[at])) {
        at++;
    }
    return at;
}

// The word behind the ':'; *out_operand is where the next begins.
static Str word_of(Str line, size_t *out_operand)
{
    size_t end = 1;
    while (end < line.len && !is_blank(line.data[end])) {
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
    while (end > start && is_blank(line.data[end - 1])) {
        end--;
    }
    Str operand = str_slice(line, start, end);
    const ReplCommand *command = find(word);
    if (command == NULL) {
        report_unknown(session, word);
    } else if ((*command->operand != '\0') != (operand.len > 0)) {
        report_operand(session, command);
    } else {
        command->run(repl, operand);
        return;
    }
    session->failed = true;
    (void)repl_finish(repl, STR(""));
    session_next(session);
}
