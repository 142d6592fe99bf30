#include "cli/diag_write.h"

#include <stdlib.h>
#include <string.h>

#include "cli/diag_github.h"
#include "cli/diag_json.h"
#include "cli/diag_junit.h"
#include "cli/diag_sarif.h"
#include "cli/diag_text.h"
#include "cli/version.h"
#include "support/die.h"
#include "support/limits.h"

DiagnosticsChoice diag_write_format(const Settings *settings)
{
    if (settings->diagnostics != DIAGNOSTICS_AUTO) {
        return (DiagnosticsChoice)settings->diagnostics;
    }
    const char *github = getenv("GITHUB_ACTIONS");
    return github != NULL && strcmp(github, "true") == 0 ? DIAGNOSTICS_GITHUB
                                                         : DIAGNOSTICS_TEXT;
}

bool diag_write_is_document(const Settings *settings)
{
    DiagnosticsChoice format = diag_write_format(settings);
    return format == DIAGNOSTICS_JSON || format == DIAGNOSTICS_SARIF ||
           format == DIAGNOSTICS_JUNIT;
}

void diag_write(StrBuf *out, const DiagSink *sink, const Settings *settings,
                bool color)
{
    DiagTextOptions options = {.color = color,
                               .max_errors = limits_default().max_errors,
                               .werror = settings->werror};
    if (settings->max_errors != 0) {
        options.max_errors = settings->max_errors > UINT32_MAX
                                 ? UINT32_MAX
                                 : (uint32_t)settings->max_errors;
    }
    switch (diag_write_format(settings)) {
    case DIAGNOSTICS_AUTO:
    case DIAGNOSTICS_TEXT:
        diag_text_write(out, sink, &options);
        break;
    case DIAGNOSTICS_JSON:
        diag_json_write(out, sink);
        break;
    case DIAGNOSTICS_SARIF:
        diag_sarif_write(out, sink, settings->werror);
        break;
    case DIAGNOSTICS_GITHUB:
        diag_github_write(out, sink, options.max_errors);
        break;
    case DIAGNOSTICS_JUNIT:
        diag_junit_write(out, sink, settings->werror);
        break;
    }
}

// Nothing can be formatted by then: the documents are written beforehand,
// around where the message goes.
void diag_write_prepare_death(const Settings *settings)
{
    switch (diag_write_format(settings)) {
    case DIAGNOSTICS_AUTO:
    case DIAGNOSTICS_TEXT:
        die_set_frame(NULL);
        break;
    case DIAGNOSTICS_JSON: {
        static const DieFrame frame = {
            "{\"version\":1,\"diagnostics\":[{\"code\":\"",
            "\","
            "\"severity\":\"error\",\"message\":\"",
            "\",\"file\":null,\"line\":null,\"column\":null,"
            "\"endLine\":null,\"endColumn\":null,\"labels\":[],\"notes\":[],"
            "\"help\":[],\"trace\":[]}]}\n"};
        die_set_frame(&frame);
        break;
    }
    case DIAGNOSTICS_SARIF: {
        static const DieFrame frame = {
            "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
            "\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{"
            "\"name\":\"ligature\",\"version\":\"" LIGATURE_VERSION "\"}},"
            "\"results\":[],\"invocations\":[{\"executionSuccessful\":false,"
            "\"toolExecutionNotifications\":[{\"associatedRule\":{\"id\":\"",
            "\"},\"level\":\"error\",\"message\":{\"text\":\"", "\"}}]}]}]}\n"};
        die_set_frame(&frame);
        break;
    }
    case DIAGNOSTICS_GITHUB: {
        static const DieFrame frame = {"::error title=", "::", "\n"};
        die_set_frame(&frame);
        break;
    }
    case DIAGNOSTICS_JUNIT: {
        static const DieFrame frame = {
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "
            "name=\"ligature\" tests=\"1\" failures=\"0\" errors=\"1\">\n"
            "<testsuite name=\"ligature\" tests=\"1\" failures=\"0\" "
            "errors=\"1\">\n<testcase name=\"ligature\" "
            "classname=\"ligature\"><error type=\"",
            "\">", "</error></testcase>\n</testsuite>\n</testsuites>\n"};
        die_set_frame(&frame);
        break;
    }
    }
}
