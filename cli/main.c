// argv to a verb through the table of commands.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "cli/command.h"
#include "cli/config.h"
#include "cli/diag_write.h"
#include "cli/output.h"
#include "cli/usage.h"
#include "cli/version.h"
#include "cli/watch.h"
#include "concurrent/thread.h"
#include "support/die.h"
#include "support/heap_hint.h"

static int print_version(const Settings *settings)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("ligature " LIGATURE_VERSION "\n"));
    return usage_print_text(settings, &text);
}

// Adds the environment and the project file to the command line.
static int run_settled(const Command *command, Settings *settings)
{
    DiagSink diags;
    diag_sink_init(&diags);
    int status;
    bool ok = config_complete(command, settings, &diags);
    diag_write_prepare_death(settings);
    if (!ok) {
        status = usage_diags(settings, &diags);
    } else if (settings->show_config) {
        StrBuf text = {0};
        config_show(command, settings, &text);
        status = usage_print_text(settings, &text);
    } else {
        status = command->run(settings);
    }
    diag_sink_release(&diags);
    return status;
}

// Once, or in one child after the other.
static int run_or_watch(const Command *command, bool watched,
                        Settings *settings)
{
    int status;
    if (watched && !settings->show_config &&
        !watch_start(command, settings, &status)) {
        return status;
    }
    return run_settled(command, settings);
}

// `read` is what could be read of the options: a message does not go where one
// of them wants something else.
static int refuse_options(const Command *command, const Settings *scanned,
                          const Settings *read, Str message)
{
    Settings careful = *scanned;
    careful.output = read->output;
    careful.source_map = read->source_map;
    careful.report = read->report;
    careful.trace = read->trace;
    return usage_error(&careful, message, command->name);
}

static int run_command(const Command *command, bool watched, int argc,
                       char **argv, const Settings *scanned)
{
    uint32_t verbs = command->bit | (watched ? VERB_WATCH : 0);
    Settings settings = {0};
    StrBuf error = {0};
    int status;
    if (!options_parse(verbs, argc, argv, &settings, &error)) {
        status =
            refuse_options(command, scanned, &settings, strbuf_str(&error));
    } else if (settings.help) {
        status = usage_print_help(&settings, command);
    } else if (settings.version) {
        status = print_version(&settings);
    } else {
        status = run_or_watch(command, watched, &settings);
    }
    strbuf_release(&error);
    settings_release(&settings);
    return status;
}

typedef struct MainCall {
    int argc;
    char **argv;
    int status;
} MainCall;

// ---- the verb

static const Option *short_option(char letter)
{
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        if (option_at(i)->letter == letter) {
            return option_at(i);
        }
    }
    return NULL;
}

// Whether there is such an option, of whatever verb; *out_takes_next: the next
// argument is its value. Options of one name or letter are alike in that.
static bool is_option(Str arg, bool *out_takes_next)
{
    const Option *option = NULL;
    size_t end = 1;
    if (arg.data[1] == '-') {
        Str nearest;
        end = str_find_byte(arg, '=', 0);
        option = option_find(VERB_ALL, str_slice(arg, 2, end), &nearest);
    } else {
        do {
            option = short_option(arg.data[end++]);
        } while (option != NULL && option->kind == OPTION_FLAG &&
                 end < arg.len);
    }
    *out_takes_next =
        option != NULL && option->kind != OPTION_FLAG && end == arg.len;
    return option != NULL;
}

// The first operand is the verb: it goes to the front. False where there is
// none before the first option that is unknown.
static bool find_verb(int argc, char **argv)
{
    int at = 1;
    for (; at < argc; at++) {
        Str arg = str_from_c(argv[at]);
        if (arg.len < 2 || arg.data[0] != '-') {
            break;
        }
        if (str_equal(arg, STR("--"))) {
            at++;
            break;
        }
        bool takes_next;
        if (!is_option(arg, &takes_next)) {
            return false;
        }
        at += takes_next;
    }
    if (at >= argc) {
        return false;
    }
    char *verb = argv[at];
    memmove(&argv[2], &argv[1], (size_t)(at - 1) * sizeof *argv);
    argv[1] = verb;
    return true;
}

// Options alone ask for help or the version, or are wrong.
static int run_without_verb(int argc, char **argv, const Settings *scanned)
{
    Settings settings = {0};
    StrBuf error = {0};
    int status;
    if (!options_parse(VERB_ALL, argc, argv, &settings, &error)) {
        status = usage_error(scanned, strbuf_str(&error), NULL);
    } else if (settings.help) {
        status = usage_print_help(scanned, NULL);
    } else if (settings.version) {
        status = print_version(scanned);
    } else {
        status = usage_error(scanned, STR("no verb given"), NULL);
    }
    strbuf_release(&error);
    settings_release(&settings);
    return status;
}

static int run_watched(const Command *watch, int argc, char **argv,
                       const Settings *scanned)
{
    if (!find_verb(argc, argv)) {
        return run_command(watch, false, argc - 1, argv + 1, scanned);
    }
    Str verb = str_from_c(argv[1]);
    Str nearest;
    const Command *command = command_find(verb, &nearest);
    if (command == NULL) {
        return usage_unknown_verb(scanned, verb, nearest);
    }
    if ((command->bit & VERB_WATCHED) == 0) {
        StrBuf text = {0};
        strbuf_appendf(&text, "'watch' runs verbs that read files, not '%s'",
                       command->name);
        int status = usage_error(scanned, strbuf_str(&text), "watch");
        strbuf_release(&text);
        return status;
    }
    return run_command(command, true, argc - 2, argv + 2, scanned);
}

static int run_main(int argc, char **argv)
{
    Settings scanned = {0};
    options_scan_diagnostics(argc - 1, argv + 1, &scanned);
    diag_write_prepare_death(&scanned);
    if (!find_verb(argc, argv)) {
        return run_without_verb(argc - 1, argv + 1, &scanned);
    }
    Str verb = str_from_c(argv[1]);
    Str nearest;
    const Command *command = command_find(verb, &nearest);
    if (command == NULL) {
        return usage_unknown_verb(&scanned, verb, nearest);
    }
    if (command->bit == VERB_WATCH) {
        return run_watched(command, argc - 1, argv + 1, &scanned);
    }
    return run_command(command, false, argc - 2, argv + 2, &scanned);
}

static void *run_on_thread(void *argument)
{
    MainCall *call = argument;
    call->status = run_main(call->argc, call->argv);
    return NULL;
}

// The number of a standard stream that is closed would be that of the next file
// that is opened, which would then be read or written for it. It stays one that
// fails.
static void hold_closed_streams(void)
{
    for (int stream = 0; stream <= 2; stream++) {
        if (fcntl(stream, F_GETFD) < 0) {
            (void)open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY);
        }
    }
}

// The passes recurse over nested source, as deep as --max-nesting allows. When
// the stack that we were given is small they run on a thread with a large one.
int main(int argc, char **argv)
{
    enum { STACK_NEEDED = 7 << 20, STACK_MADE = 64 << 20 };
    hold_closed_streams();
    heap_hint_init();
    (void)signal(SIGXFSZ, SIG_IGN); // EFBIG as an error of write
    die_set_cleanup(output_abandon);
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < STACK_NEEDED) {
        MainCall call = {argc, argv, 0};
        Thread thread;
        if (thread_start(&thread, run_on_thread, &call, STACK_MADE)) {
            thread_join(&thread);
            return call.status;
        }
    }
    return run_main(argc, argv);
}
