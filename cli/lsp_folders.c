// The folders that the client works in.
#include <limits.h>
#include <stdlib.h>

#include "cli/lsp_workspace.h"
#include "syntax/paths.h"

// Symbolic links are resolved, as they are in the paths of documents.
static void add_path(LspChecker *checker, Str path)
{
    char given[PATH_MAX], real[PATH_MAX];
    if (paths_c_string(path, given, sizeof given) == NULL ||
        realpath(given, real) == NULL) {
        return;
    }
    Str found = str_from_c(real);
    for (uint32_t i = 0; i < checker->folders.count; i++) {
        if (str_equal(checker->folders.items[i], found)) {
            return;
        }
    }
    vec_push(&checker->folders, arena_str(&checker->memory, found));
}

static bool path_of(const Expr *uri, StrBuf *out_path)
{
    Str text;
    strbuf_clear(out_path);
    return lsp_get_string(uri, &text) && lsp_uri_path(text, out_path);
}

static void add_list(LspChecker *checker, const LspMessage *message,
                     const Expr *list)
{
    StrBuf path = {0};
    bool is_list = list != NULL && list->kind == EXPR_LIST;
    for (uint32_t i = 0; is_list && i < list->as.list.count; i++) {
        if (path_of(lsp_member(message, &list->as.list.items[i], STR("uri")),
                    &path)) {
            add_path(checker, strbuf_str(&path));
        }
    }
    strbuf_release(&path);
}

static void remove_list(LspChecker *checker, const LspMessage *message,
                        const Expr *list)
{
    StrBuf path = {0};
    bool is_list = list != NULL && list->kind == EXPR_LIST;
    for (uint32_t i = 0; is_list && i < list->as.list.count; i++) {
        if (!path_of(lsp_member(message, &list->as.list.items[i], STR("uri")),
                     &path)) {
            continue;
        }
        uint32_t kept = 0;
        for (uint32_t k = 0; k < checker->folders.count; k++) {
            if (!str_equal(checker->folders.items[k], strbuf_str(&path))) {
                checker->folders.items[kept++] = checker->folders.items[k];
            }
        }
        checker->folders.count = kept;
    }
    strbuf_release(&path);
}

void lsp_folders_begin(LspChecker *checker, const LspMessage *message,
                       const Expr *params)
{
    StrBuf path = {0};
    Str plain;
    add_list(checker, message,
             lsp_member(message, params, STR("workspaceFolders")));
    if (checker->folders.count == 0 &&
        path_of(lsp_member(message, params, STR("rootUri")), &path)) {
        add_path(checker, strbuf_str(&path));
    } else if (checker->folders.count == 0 &&
               lsp_get_string(lsp_member(message, params, STR("rootPath")),
                              &plain)) {
        add_path(checker, plain);
    }
    strbuf_release(&path);
}

void lsp_folders_change(LspChecker *checker, const LspMessage *message,
                        const Expr *params)
{
    const Expr *event = lsp_member(message, params, STR("event"));
    remove_list(checker, message, lsp_member(message, event, STR("removed")));
    add_list(checker, message, lsp_member(message, event, STR("added")));
}
