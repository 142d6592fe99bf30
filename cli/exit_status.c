// Diagnostics to the code that the process ends with.
#include "cli/exit_status.h"

#include <string.h>

static ExitStatus status_of_code(DiagCode code)
{
    const char *name = diag_code_name(code);
    if (code == DIAG_E0001 || code == DIAG_E0504) {
        return EXIT_STATUS_USAGE;
    }
    if (code == DIAG_E0002) {
        return EXIT_STATUS_IO;
    }
    if (code == DIAG_E0003) {
        return EXIT_STATUS_BUG;
    }
    if (code == DIAG_E0608) {
        return EXIT_STATUS_TIMEOUT;
    }
    if (strncmp(name, "E06", 3) == 0 && code != DIAG_E0609) {
        return EXIT_STATUS_LIMIT;
    }
    return EXIT_STATUS_FAILED;
}

// Higher wins when several codes apply.
static int status_rank(ExitStatus status)
{
    switch (status) {
    case EXIT_STATUS_OK:
        return 0;
    case EXIT_STATUS_FAILED:
        return 1;
    case EXIT_STATUS_LIMIT:
        return 2;
    case EXIT_STATUS_TIMEOUT:
        return 3;
    case EXIT_STATUS_IO:
        return 4;
    case EXIT_STATUS_USAGE:
        return 5;
    case EXIT_STATUS_INTERRUPTED:
    case EXIT_STATUS_TERMINATED:
        return 6;
    case EXIT_STATUS_BUG:
        return 7;
    }
    return 7;
}

ExitStatus exit_status_worse(ExitStatus a, ExitStatus b)
{
    return status_rank(b) > status_rank(a) ? b : a;
}

ExitStatus exit_status_of(const DiagSink *diags, bool werror)
{
    ExitStatus status = EXIT_STATUS_OK;
    if (diags->error_count == 0 && !werror) {
        return status; // there may be a hundred thousand warnings
    }
    for (uint32_t i = 0; i < diags->diags.count; i++) {
        const Diag *diag = diags->diags.items[i];
        Severity severity = diag_code_severity(diag->code);
        bool counts = severity == SEVERITY_ERROR ||
                      (werror && severity == SEVERITY_WARNING);
        ExitStatus one = counts ? status_of_code(diag->code) : EXIT_STATUS_OK;
        status = exit_status_worse(status, one);
    }
    return status;
}

void exit_status_require_error(DiagSink *diags, bool werror)
{
    if (exit_status_of(diags, werror) == EXIT_STATUS_OK) {
        Diag *diag = diag_add(diags, DIAG_E0003, NULL, (Span){0, 0},
                              "the run has no result, and no error says why");
        diag_help(diags, diag,
                  "this is a bug in ligature; please report it with the "
                  "program that shows it");
    }
}
