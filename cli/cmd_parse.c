// ligature parse: one file's syntax tree as JSON.
#include "cli/command.h"
#include "cli/overwrite.h"
#include "cli/session.h"
#include "cli/usage.h"
#include "syntax/ast_json.h"
#include "syntax/loader.h"

static bool write_tree(Session *session, const Module *module)
{
    StrBuf text = {0};
    ast_json_write(module, session->program->interner, &text);
    bool ok =
        session_write(session, session->settings->output, strbuf_str(&text));
    strbuf_release(&text);
    return ok;
}

int cmd_parse(Settings *settings)
{
    if (settings->operands.count != 1) {
        return usage_wrong_operands(settings, STR("'parse' takes one file"),
                                    "parse");
    }
    Session session;
    session_init(&session, VERB_PARSE, settings);
    Module *module = NULL;
    if (!session.failed) {
        module =
            loader_parse_file(session.program, settings->operands.items[0]);
        session.failed = module == NULL || module->broken ||
                         !overwrite_refuse(&session) ||
                         !write_tree(&session, module);
    }
    if (module != NULL) {
        diag_sink_merge(&session.diags, &module->diags);
    }
    ExitStatus status = session_finish(&session);
    session_release(&session);
    module_free(module);
    return status;
}
