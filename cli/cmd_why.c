// ligature why: where a part of the result comes from.
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output.h"
#include "cli/pipeline.h"
#include "cli/provenance.h"
#include "cli/usage.h"

static void write_answer(Session *session, Str text)
{
    Output output;
    if (output_open(&output, session->settings->output)) {
        output_write(&output, text);
    }
    if (!output_close(&output, true)) {
        Str path = session->settings->output;
        session_error(session, DIAG_E0002, "'%.*s' cannot be written: %s",
                      STR_ARG(path.len > 0 ? path : STR("standard output")),
                      strerror(output.error));
    }
}

static void answer(Session *session)
{
    Provenance provenance;
    StrBuf text = {0};
    if (provenance_find(&provenance, session, 0, session->settings->select)) {
        if (session->settings->why_format == WHY_JSON) {
            provenance_json(&provenance, &text);
        } else {
            bool color = session_wants_color(session->settings, STDOUT_FILENO);
            provenance_text(&provenance, color, &text);
        }
        write_answer(session, strbuf_str(&text));
    }
    strbuf_release(&text);
    provenance_release(&provenance);
}

int cmd_why(Settings *settings)
{
    uint32_t count = settings->operands.count;
    if (count == 0 && settings->expr.len == 0) {
        return usage_error(settings, STR("no file given"), "why");
    }
    if (count > 1) {
        return usage_error(settings, STR("'why' takes one file and one path"),
                           "why");
    }
    settings->no_cache = true; // what was cached has no origins
    Session session;
    session_init(&session, "why", settings);
    if (pipeline_results(&session, settings->operands.items, count)) {
        answer(&session);
    }
    ExitStatus status = session_finish(&session);
    session_release(&session);
    return status;
}
