// argv to a verb through the table of commands.
#include <sys/resource.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/usage.h"
#include "concurrent/thread.h"
#include "support/heap_hint.h"

#define LIGATURE_VERSION "0.1.0"

static int print_text(StrBuf *text)
{
    bool ok = output_write_fd(STDOUT_FILENO, strbuf_str(text));
    strbuf_release(text);
    return ok ? EXIT_STATUS_OK : usage_io_error("standard output");
}

static int print_help(const Command *command)
{
    StrBuf text = {0};
    if (command != NULL) {
        options_help(command, &text);
    } else {
        commands_help(&text);
    }
    return print_text(&text);
}

int cmd_help(Settings *settings)
{
    if (settings->operands.count == 0) {
        return print_help(NULL);
    }
    Str nearest;
    const Command *command =
        command_find(settings->operands.items[0], &nearest);
    if (command == NULL) {
        return usage_unknown_verb(settings->operands.items[0], nearest);
    }
    return print_help(command);
}

static int print_version(void)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("ligature " LIGATURE_VERSION "\n"));
    return print_text(&text);
}

static int run_command(const Command *command, int argc, char **argv)
{
    Settings settings = {0};
    StrBuf error = {0};
    int status;
    if (!options_parse(command->bit, argc, argv, &settings, &error)) {
        status = usage_error(&settings, strbuf_str(&error), command->name);
    } else if (settings.help) {
        status = print_help(command);
    } else if (settings.version) {
        status = print_version();
    } else {
        status = command->run(&settings);
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

static int run_main(int argc, char **argv)
{
    if (argc < 2) {
        return usage_error(NULL, STR("no verb given"), NULL);
    }
    Str verb = str_from_c(argv[1]);
    if (str_equal(verb, STR("--help")) || str_equal(verb, STR("-h"))) {
        return print_help(NULL);
    }
    if (str_equal(verb, STR("--version")) || str_equal(verb, STR("-V"))) {
        return print_version();
    }
    Str nearest;
    const Command *command = command_find(verb, &nearest);
    if (command == NULL) {
        return usage_unknown_verb(verb, nearest);
    }
    return run_command(command, argc - 2, argv + 2);
}

static void *run_on_thread(void *argument)
{
    MainCall *call = argument;
    call->status = run_main(call->argc, call->argv);
    return NULL;
}

// The passes recurse over nested source, as deep as --max-nesting allows. When
// the stack that we were given is small they run on a thread with a large one.
int main(int argc, char **argv)
{
    enum { STACK_NEEDED = 7 << 20, STACK_MADE = 64 << 20 };
    heap_hint_init();
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
