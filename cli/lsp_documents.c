#include "cli/lsp_documents.h"

#include <limits.h>
#include <stdlib.h>

#include "cli/lsp_library.h"
#include "syntax/paths.h"

static void document_free(LspDocument *document)
{
    strbuf_release(&document->uri);
    strbuf_release(&document->path);
    strbuf_release(&document->text);
    vec_release(&document->tokens);
    free(document);
}

void lsp_documents_release(LspDocuments *documents)
{
    for (uint32_t i = 0; i < documents->items.count; i++) {
        document_free(documents->items.items[i]);
    }
    vec_release(&documents->items);
    vec_release(&documents->texts);
}

static void set_text(StrBuf *buf, Str text)
{
    strbuf_clear(buf);
    strbuf_append(buf, text);
}

LspDocument *lsp_documents_find(const LspDocuments *documents, Str uri)
{
    for (uint32_t i = 0; i < documents->items.count; i++) {
        if (str_equal(strbuf_str(&documents->items.items[i]->uri), uri)) {
            return documents->items.items[i];
        }
    }
    return NULL;
}

LspDocument *lsp_documents_of_path(const LspDocuments *documents, Str path)
{
    for (uint32_t i = 0; i < documents->items.count; i++) {
        if (str_equal(strbuf_str(&documents->items.items[i]->path), path)) {
            return documents->items.items[i];
        }
    }
    return NULL;
}

// Symbolic links of the file, or of its folder where it is not there yet, are
// resolved.
static void find_path(LspDocument *document)
{
    StrBuf *path = &document->path;
    strbuf_clear(path);
    if (!lsp_uri_path(strbuf_str(&document->uri), path) ||
        path->len >= PATH_MAX) {
        strbuf_clear(path);
        return;
    }
    char given[PATH_MAX], real[PATH_MAX];
    (void)paths_c_string(strbuf_str(path), given, sizeof given);
    if (realpath(given, real) != NULL) {
        set_text(path, str_from_c(real));
        return;
    }
    Str base = paths_basename(str_from_c(given));
    Str dir = paths_dirname(str_from_c(given));
    char folder[PATH_MAX];
    if (paths_c_string(dir, folder, sizeof folder) != NULL &&
        realpath(folder, real) != NULL) {
        set_text(path, str_from_c(real));
        if (path->len > 1) {
            strbuf_append_char(path, '/');
        }
        strbuf_append(path, base);
    }
}

static bool is_data_name(Str path)
{
    static const char *const endings[] = {".json", ".yaml", ".yml", ".toml",
                                          ".txt"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (str_ends_with(path, str_from_c(endings[i]))) {
            return true;
        }
    }
    return false;
}

LspDocument *lsp_documents_open(LspDocuments *documents, Str uri, Str text,
                                int64_t version)
{
    LspDocument *document = lsp_documents_find(documents, uri);
    if (document == NULL) {
        document = mem_calloc(1, sizeof *document);
        strbuf_append(&document->uri, uri);
        document->is_data = is_data_name(uri);
        document->is_library = lsp_library_has_uri(uri);
        find_path(document);
        vec_push(&documents->items, document);
    }
    set_text(&document->text, text);
    document->version = version;
    return document;
}

void lsp_documents_close(LspDocuments *documents, Str uri)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < documents->items.count; i++) {
        LspDocument *document = documents->items.items[i];
        if (str_equal(strbuf_str(&document->uri), uri)) {
            document_free(document);
        } else {
            documents->items.items[kept++] = document;
        }
    }
    documents->items.count = kept;
}

// ---- changes

static void replace(StrBuf *buf, size_t start, size_t end, Str text)
{
    size_t tail = buf->len - end;
    (void)strbuf_reserve(buf, text.len);
    memmove(buf->data + start + text.len, buf->data + end, tail);
    if (text.len > 0) {
        memcpy(buf->data + start, text.data, text.len);
    }
    buf->len = start + text.len + tail;
}

bool lsp_get_offset(const LspMessage *message, const Expr *position, Str text,
                    LspEncoding encoding, size_t *out)
{
    int64_t line, character;
    if (!lsp_get_integer(lsp_member(message, position, STR("line")), &line) ||
        !lsp_get_integer(lsp_member(message, position, STR("character")),
                         &character)) {
        return false;
    }
    *out = lsp_text_offset(text, line > 0 ? (uint64_t)line : 0,
                           character > 0 ? (uint64_t)character : 0, encoding);
    return true;
}

void lsp_document_change(LspDocument *document, const LspMessage *message,
                         const Expr *changes, LspEncoding encoding)
{
    bool is_list = changes != NULL && changes->kind == EXPR_LIST;
    for (uint32_t i = 0; is_list && i < changes->as.list.count; i++) {
        const Expr *change = &changes->as.list.items[i];
        Str text;
        if (!lsp_get_string(lsp_member(message, change, STR("text")), &text)) {
            continue;
        }
        const Expr *range = lsp_member(message, change, STR("range"));
        Str before = strbuf_str(&document->text);
        size_t start, end;
        if (range == NULL) {
            set_text(&document->text, text);
        } else if (lsp_get_offset(message,
                                  lsp_member(message, range, STR("start")),
                                  before, encoding, &start) &&
                   lsp_get_offset(message,
                                  lsp_member(message, range, STR("end")),
                                  before, encoding, &end)) {
            replace(&document->text, start, end > start ? end : start, text);
        }
    }
}

// ---- texts

static int compare_paths(const void *a, const void *b)
{
    return str_compare(((const OpenText *)a)->path,
                       ((const OpenText *)b)->path);
}

OpenTexts lsp_sort_texts(OpenText *texts, uint32_t count)
{
    if (count > 0) {
        qsort(texts, count, sizeof *texts, compare_paths);
    }
    return (OpenTexts){texts, count};
}

OpenTexts lsp_documents_texts(LspDocuments *documents)
{
    vec_clear(&documents->texts);
    for (uint32_t i = 0; i < documents->items.count; i++) {
        LspDocument *document = documents->items.items[i];
        find_path(document);
        if (document->path.len > 0) {
            OpenText open = {strbuf_str(&document->path),
                             strbuf_str(&document->text)};
            vec_push(&documents->texts, open);
        }
    }
    return lsp_sort_texts(documents->texts.items, documents->texts.count);
}
