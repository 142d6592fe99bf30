// ligature validate: data files against a type.
#include "cli/command.h"
#include "cli/pipeline.h"
#include "cli/usage.h"

int cmd_validate(Settings *settings)
{
    if (settings->operands.count == 0) {
        return usage_wrong_operands(settings, STR("no data file given"),
                                    "validate");
    }
    Str schema = settings_schema(settings);
    Str type = str_slice(settings->type, schema.len + 1, settings->type.len);
    if (schema.len == 0 || type.len == 0) {
        return usage_error(settings, STR("'validate' needs '--type FILE#Type'"),
                           "validate");
    }
    Session session;
    session_init(&session, VERB_VALIDATE, settings);
    pipeline_validate(&session, schema, type);
    ExitStatus status = session_finish(&session);
    session_release(&session);
    return status;
}
