// ligature why: where a part of the result comes from.
#include <unistd.h>

#include "cli/command.h"
#include "cli/pipeline.h"
#include "cli/provenance.h"
#include "cli/usage.h"

static void answer(Session *session)
{
    Provenance provenance;
    StrBuf text = {0};
    if (provenance_find(&provenance, session, 0) &&
        !session_refuses_warnings(session)) {
        if (session->settings->why_format == WHY_JSON) {
            provenance_json(&provenance, &text);
        } else {
            bool color = session_wants_color(session->settings, STDOUT_FILENO);
            provenance_text(&provenance, color, &text);
        }
        (void)session_write(session, session->settings->output,
                            strbuf_str(&text));
    }
    strbuf_release(&text);
    provenance_release(&provenance);
}

int cmd_why(Settings *settings)
{
    uint32_t count = settings->operands.count;
    if (count == 0 && settings->expr.len == 0) {
        return usage_wrong_operands(settings, STR("no file given"), "why");
    }
    if (count > 1) {
        return usage_error(settings, STR("'why' takes one file and one path"),
                           "why");
    }
    settings->no_cache = true; // what was cached has no origins
    Session session;
    session_init(&session, VERB_WHY, settings);
    if (pipeline_results(&session, settings->operands.items, count)) {
        answer(&session);
    }
    ExitStatus status = session_finish(&session);
    session_release(&session);
    return status;
}
