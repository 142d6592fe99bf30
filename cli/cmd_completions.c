// ligature completions: what a shell is to source.
#include <unistd.h>

#include "cli/command.h"
#include "cli/completions.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/usage.h"
#include "support/nearest.h"

typedef struct Shell {
    const char *name;
    void (*write)(StrBuf *out);
} Shell;

static const Shell shells[] = {{"bash", completions_write_bash},
                               {"zsh", completions_write_zsh},
                               {"fish", completions_write_fish}};

static int unknown_shell(const Settings *settings, Str name)
{
    Nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        nearest_consider(&nearest, str_from_c(shells[i].name));
    }
    StrBuf text = {0};
    strbuf_append(&text, STR("'completions' takes bash, zsh or fish, not '"));
    strbuf_append_printable(&text, name, 200);
    strbuf_append_char(&text, '\'');
    if (nearest.best.len > 0) {
        strbuf_appendf(&text, "; did you mean '%.*s'?", STR_ARG(nearest.best));
    }
    int status = usage_error(settings, strbuf_str(&text), "completions");
    strbuf_release(&text);
    return status;
}

int cmd_completions(Settings *settings)
{
    if (settings->operands.count != 1) {
        return usage_error(settings,
                           STR("'completions' takes bash, zsh or fish"),
                           "completions");
    }
    Str name = settings->operands.items[0];
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (str_equal(name, str_from_c(shells[i].name))) {
            StrBuf text = {0};
            shells[i].write(&text);
            bool ok = output_write_fd(STDOUT_FILENO, strbuf_str(&text), NULL);
            strbuf_release(&text);
            return ok ? EXIT_STATUS_OK
                      : usage_io_error(settings,
                                       "standard output cannot be written");
        }
    }
    return unknown_shell(settings, name);
}
