#include "cli/usage.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/diag_write.h"
#include "cli/exit_status.h"
#include "cli/help_page.h"
#include "cli/output.h"
#include "cli/overwrite.h"
#include "cli/watchdog.h"
#include "support/diag.h"
#include "syntax/file_notice.h"

static void show(const Settings *settings, const DiagSink *sink)
{
    StrBuf text = {0};
    diag_write(&text, sink, settings, false);
    bool in_file = false;
    if (settings->diagnostics_file.len > 0 && !overwrite_is_spared(settings)) {
        // A pipe that nobody reads must not hide the message.
        watchdog_only_wake();
        CancelToken token;
        cancel_token_init(&token, NULL, settings_deadline_ns(settings));
        Output output;
        if (output_open(&output, settings->diagnostics_file, &token)) {
            output_write(&output, strbuf_str(&text));
        }
        in_file = output_close(&output, true);
    }
    if (!in_file) {
        (void)output_write_fd(STDERR_FILENO, strbuf_str(&text), NULL);
    }
    strbuf_release(&text);
}

int usage_error(const Settings *settings, Str message, const char *verb)
{
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *diag = diag_add(&sink, DIAG_E0001, NULL, (Span){0, 0}, "%.*s",
                          STR_ARG(message));
    diag_help(&sink, diag, "see 'ligature help%s%s'", verb != NULL ? " " : "",
              verb != NULL ? verb : "");
    show(settings, &sink);
    diag_sink_release(&sink);
    file_notice_send(settings->notice_pipe,
                     &(FileNotice){.kind = FILE_NOTICE_HOPELESS});
    return EXIT_STATUS_USAGE;
}

int usage_wrong_operands(const Settings *settings, Str message,
                         const char *verb)
{
    Settings careful = *settings;
    if (overwrite_is_file(settings->diagnostics_file)) {
        careful.diagnostics_file = STR("");
    }
    return usage_error(&careful, message, verb);
}

int usage_unknown_verb(const Settings *settings, Str verb, Str nearest)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("unknown verb '"));
    strbuf_append_printable(&text, verb, 200);
    strbuf_append_char(&text, '\'');
    if (nearest.len > 0) {
        strbuf_appendf(&text, "; did you mean '%.*s'?", STR_ARG(nearest));
    }
    int status = usage_error(settings, strbuf_str(&text), NULL);
    strbuf_release(&text);
    return status;
}

int usage_diags(const Settings *settings, DiagSink *diags)
{
    int status = EXIT_STATUS_IO;
    for (uint32_t i = 0; i < diags->diags.count; i++) {
        if (diag_at(diags, i)->code != DIAG_E0002) {
            status = EXIT_STATUS_USAGE;
        }
    }
    diag_sink_sort(diags);
    show(settings, diags);
    return status;
}

int usage_io_error(const Settings *settings, const char *what)
{
    int error = errno;
    DiagSink sink;
    diag_sink_init(&sink);
    (void)diag_add(&sink, DIAG_E0002, NULL, (Span){0, 0}, "%s: %s", what,
                   strerror(error));
    show(settings, &sink);
    diag_sink_release(&sink);
    return EXIT_STATUS_IO;
}

int usage_print_text(const Settings *settings, StrBuf *text)
{
    bool ok = output_write_fd(STDOUT_FILENO, strbuf_str(text), NULL);
    strbuf_release(text);
    return ok ? EXIT_STATUS_OK
              : usage_io_error(settings, "standard output cannot be written");
}

int usage_print_help(const Settings *settings, const Command *command)
{
    StrBuf text = {0};
    if (command != NULL) {
        help_page_of_verb(command, &text);
    } else {
        help_page_of_program(&text);
    }
    return usage_print_text(settings, &text);
}
