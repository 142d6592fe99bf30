#include "cli/lsp_library.h"

#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "syntax/std_files.h"

static const Str uri_start = STR_INIT(LSP_LIBRARY_SCHEME ":/");
static const Str path_start = STR_INIT("std/");

void lsp_library_append_uri(const Module *module, StrBuf *out)
{
    Str path = module->source.path;
    strbuf_append(out, uri_start);
    strbuf_append(out, str_slice(path, path_start.len, path.len));
}

bool lsp_library_has_uri(Str uri)
{
    return str_starts_with(uri, uri_start);
}

void lsp_library_text(LspAsk *ask)
{
    Str uri, text;
    StrBuf path = {0};
    strbuf_append(&path, path_start);
    if (lsp_get_string(lsp_member(ask->message, ask->params, STR("uri")),
                       &uri) &&
        lsp_library_has_uri(uri)) {
        strbuf_append(&path, str_slice(uri, uri_start.len, uri.len));
    }
    if (std_file(strbuf_str(&path), &text)) {
        strbuf_append(ask->out, STR("{\"text\":"));
        json_text_append(ask->out, text, SIZE_MAX);
        strbuf_append_char(ask->out, '}');
    } else {
        ask->refusal = "there is no such text in the library";
    }
    strbuf_release(&path);
}
