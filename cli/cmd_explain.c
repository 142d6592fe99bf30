// ligature explain: the page of a diagnostic.
#include <unistd.h>

#include "cli/command.h"
#include "cli/exit_status.h"
#include "cli/explain.h"
#include "cli/output.h"
#include "cli/usage.h"
#include "support/nearest.h"

static int unknown_code(const Settings *settings, Str name)
{
    Nearest nearest;
    nearest_init(&nearest, name);
    for (int code = 0; code < DIAG_CODE_COUNT; code++) {
        nearest_consider(&nearest, str_from_c(diag_code_name((DiagCode)code)));
    }
    StrBuf text = {0};
    strbuf_append(&text, STR("unknown code '"));
    strbuf_append_printable(&text, name, 200);
    strbuf_append_char(&text, '\'');
    if (nearest.best.len > 0) {
        strbuf_appendf(&text, "; did you mean '%.*s'?", STR_ARG(nearest.best));
    }
    strbuf_append(&text, STR("; 'ligature explain' lists all"));
    int status = usage_error(settings, strbuf_str(&text), "explain");
    strbuf_release(&text);
    return status;
}

// As messages write it, or in small letters.
static bool code_of(Str name, DiagCode *out_code)
{
    char upper[8];
    if (name.len > sizeof upper) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return diag_code_from_name(str_make(upper, name.len), out_code);
}

int cmd_explain(Settings *settings)
{
    if (settings->operands.count > 1) {
        return usage_error(settings, STR("'explain' takes one code"),
                           "explain");
    }
    StrBuf text = {0};
    if (settings->operands.count == 0) {
        explain_write_index(&text);
    } else {
        DiagCode code;
        if (!code_of(settings->operands.items[0], &code)) {
            return unknown_code(settings, settings->operands.items[0]);
        }
        explain_write(&text, code);
    }
    bool ok = output_write_fd(STDOUT_FILENO, strbuf_str(&text), NULL);
    strbuf_release(&text);
    return ok ? EXIT_STATUS_OK
              : usage_io_error(settings, "standard output cannot be written");
}
