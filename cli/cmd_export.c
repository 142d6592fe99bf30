// ligature export: the fields of a result to the files of a folder.
#include "cli/command.h"
#include "cli/pipeline.h"
#include "cli/usage.h"

int cmd_export(Settings *settings)
{
    if (settings->out.len == 0) {
        return usage_error(settings, STR("no folder given: --out DIR"),
                           "export");
    }
    if (settings->operands.count != 1 &&
        (settings->operands.count != 0 || settings->expr.len == 0)) {
        return usage_wrong_operands(settings, STR("'export' takes one file"),
                                    "export");
    }
    Session session;
    session_init(&session, VERB_EXPORT, settings);
    pipeline_eval(&session, settings->operands.items, settings->operands.count);
    ExitStatus status = session_finish(&session);
    session_release(&session);
    return status;
}
