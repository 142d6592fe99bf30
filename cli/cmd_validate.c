// ligature validate: data files against a type.
#include "cli/command.h"
#include "cli/pipeline.h"
#include "cli/usage.h"

// The place of the '#' in FILE#Type; the length where there is none.
static size_t find_hash(Str text)
{
    size_t at = text.len;
    while (at > 0 && text.data[at - 1] != '#') {
        at--;
    }
    return at == 0 ? text.len : at - 1;
}

int cmd_validate(Settings *settings)
{
    Str type = settings->type;
    size_t hash = find_hash(type);
    if (type.len == 0 || hash == 0 || hash + 1 >= type.len) {
        return usage_error(settings, STR("'validate' needs '--type FILE#Type'"),
                           "validate");
    }
    if (settings->operands.count == 0) {
        return usage_error(settings, STR("no data file given"), "validate");
    }
    Session session;
    session_init(&session, VERB_VALIDATE, settings);
    pipeline_validate(&session, str_slice(type, 0, hash),
                      str_slice(type, hash + 1, type.len));
    ExitStatus status = session_finish(&session);
    session_release(&session);
    return status;
}
