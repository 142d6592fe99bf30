#include "cli/lsp_ask.h"

bool lsp_ask_range(const LspAsk *ask, size_t *out_start, size_t *out_end)
{
    Str text = strbuf_str(&ask->document->text);
    const Expr *range = lsp_member(ask->message, ask->params, STR("range"));
    return lsp_get_offset(ask->message,
                          lsp_member(ask->message, range, STR("start")), text,
                          ask->checker->encoding, out_start) &&
           lsp_get_offset(ask->message,
                          lsp_member(ask->message, range, STR("end")), text,
                          ask->checker->encoding, out_end);
}
