#include "cli/lsp_diags.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/diag_flat.h"
#include "cli/json_text.h"
#include "cli/lsp_library.h"
#include "syntax/paths.h"

enum {
    MAX_PER_FILE = 1000, // more are of no use to anybody
    MAX_RELATED = 20,    // of one diagnostic
    MAX_TEXT_BYTES = 4096
};

// ---- files

static LspFile *find_file(const LspFiles *files, Str uri)
{
    for (uint32_t i = 0; i < files->count; i++) {
        if (str_equal(strbuf_str(&files->items[i]->uri), uri)) {
            return files->items[i];
        }
    }
    return NULL;
}

LspFile *lsp_files_get(LspFiles *files, Str uri)
{
    LspFile *file = find_file(files, uri);
    if (file == NULL) {
        file = mem_calloc(1, sizeof *file);
        strbuf_append(&file->uri, uri);
        vec_push(files, file);
    }
    return file;
}

void lsp_files_release(LspFiles *files)
{
    for (uint32_t i = 0; i < files->count; i++) {
        LspFile *file = files->items[i];
        strbuf_release(&file->uri);
        strbuf_release(&file->items);
        vec_release(&file->hashes);
        vec_release(&file->unused);
        vec_release(&file->imported);
        free(file);
    }
    vec_release(files);
}

static bool publish(const LspFile *file, Str items)
{
    StrBuf body = {0};
    strbuf_append(&body, STR("{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/"
                             "publishDiagnostics\",\"params\":{\"uri\":"));
    json_text_append(&body, strbuf_str(&file->uri), SIZE_MAX);
    if (file->is_open) {
        strbuf_appendf(&body, ",\"version\":%lld", (long long)file->version);
    }
    strbuf_append(&body, STR(",\"diagnostics\":["));
    strbuf_append(&body, items);
    strbuf_append(&body, STR("]}}"));
    bool ok = lsp_write(strbuf_str(&body));
    strbuf_release(&body);
    return ok;
}

static bool is_known(const LspFile *file, const LspFile *before)
{
    return before != NULL && before->is_open == file->is_open &&
           before->version == file->version &&
           str_equal(strbuf_str(&before->items), strbuf_str(&file->items));
}

bool lsp_files_publish(const LspFiles *files, const LspFiles *before)
{
    bool ok = true;
    for (uint32_t i = 0; i < before->count && ok; i++) {
        const LspFile *old = before->items[i];
        if (find_file(files, strbuf_str(&old->uri)) == NULL) {
            LspFile closed = {.uri = old->uri};
            ok = publish(&closed, STR(""));
        }
    }
    for (uint32_t i = 0; i < files->count && ok; i++) {
        const LspFile *file = files->items[i];
        if (!is_known(file, find_file(before, strbuf_str(&file->uri)))) {
            ok = publish(file, strbuf_str(&file->items));
        }
    }
    return ok;
}

static bool is_imported(const LspFile *file, uint32_t name)
{
    for (uint32_t i = 0; i < file->imported.count; i++) {
        if (file->imported.items[i] == name) {
            return true;
        }
    }
    return false;
}

// From the last one on, so that those before it stay where they are.
static void drop_imported(LspFile *file)
{
    StrBuf *items = &file->items;
    for (uint32_t i = file->unused.count; i-- > 0;) {
        const LspUnused *unused = &file->unused.items[i];
        if (is_imported(file, unused->name)) {
            memmove(items->data + unused->begin, items->data + unused->end,
                    items->len - unused->end);
            items->len -= unused->end - unused->begin;
        }
    }
    if (items->len > 0 && items->data[0] == ',') {
        items->len--;
        memmove(items->data, items->data + 1, items->len);
    }
}

void lsp_files_drop_imported(LspFiles *files)
{
    for (uint32_t i = 0; i < files->count; i++) {
        if (files->items[i]->imported.count > 0) {
            drop_imported(files->items[i]);
        }
    }
}

// ---- places

// The module of the library that the source is of; NULL: it is of none.
static const Module *library_module(const LspDiags *diags, const Source *source)
{
    const Program *program = diags->program;
    const Module *module = source->order < program->module_count
                               ? program->modules[source->order]
                               : NULL;
    return module != NULL && &module->source == source && module->is_std
               ? module
               : NULL;
}

// A source of the library is no file.
static bool is_file(const LspDiags *diags, const Source *source)
{
    return diag_flat_file(source) != NULL &&
           library_module(diags, source) == NULL;
}

// Of an open document, the URI that the client gave it.
static void append_uri(const LspDiags *diags, const Source *source, StrBuf *out)
{
    Str shown = source->path;
    char path[PATH_MAX], real[PATH_MAX];
    if (lsp_documents_find(diags->documents, shown) != NULL) { // no file
        strbuf_append(out, shown);
        return;
    }
    StrBuf full = {0};
    if (shown.data[0] != '/' && getcwd(path, sizeof path) != NULL) {
        strbuf_append(&full, str_from_c(path));
        strbuf_append_char(&full, '/');
    }
    strbuf_append(&full, shown);
    Str found = strbuf_str(&full);
    if (paths_c_string(found, path, sizeof path) != NULL &&
        realpath(path, real) != NULL) {
        found = str_from_c(real);
    }
    const LspDocument *open = lsp_documents_of_path(diags->documents, found);
    if (open != NULL) {
        strbuf_append(out, strbuf_str(&open->uri));
    } else {
        lsp_uri_append(found, out);
    }
    strbuf_release(&full);
}

// The document itself may not be on disk, so that its path leads nowhere.
void lsp_diags_append_uri(const LspDiags *diags, const Source *source,
                          StrBuf *out)
{
    const Program *program = diags->program;
    bool own = !is_file(diags, source) ||
               (program->entry_count > 0 &&
                &program->modules[program->entries[0]]->source == source);
    if (own) {
        strbuf_append(out, strbuf_str(&diags->document->uri));
    } else {
        append_uri(diags, source, out);
    }
}

// ---- one diagnostic

bool lsp_diags_append_location(LspDiags *diags, const Source *source, Span span,
                               StrBuf *out)
{
    const Module *library = library_module(diags, source);
    StrBuf uri = {0};
    if (is_file(diags, source)) {
        lsp_diags_append_uri(diags, source, &uri);
    } else if (library != NULL && diags->checker->takes_library) {
        lsp_library_append_uri(library, &uri);
    } else {
        return false;
    }
    strbuf_append(out, STR("{\"uri\":"));
    json_text_append(out, strbuf_str(&uri), SIZE_MAX);
    strbuf_append(out, STR(",\"range\":"));
    lsp_lines_append_range(&diags->label_lines, source, span,
                           diags->checker->encoding, out);
    strbuf_append_char(out, '}');
    strbuf_release(&uri);
    return true;
}

static void append_related(LspDiags *diags, const Source *source, Span span,
                           Str message, uint32_t *count, StrBuf *out)
{
    if (!is_file(diags, source) || *count == MAX_RELATED) {
        return;
    }
    strbuf_append(out,
                  *count > 0 ? STR(",{\"location\":") : STR("{\"location\":"));
    (void)lsp_diags_append_location(diags, source, span, out);
    strbuf_append(out, STR(",\"message\":"));
    json_text_append(out, message, MAX_TEXT_BYTES);
    strbuf_append_char(out, '}');
    *count += 1;
}

// Labels, then the calls that led there.
static void append_all_related(LspDiags *diags, const Diag *diag, StrBuf *out)
{
    uint32_t count = 0;
    strbuf_append(out, STR(",\"relatedInformation\":["));
    for (uint32_t i = 0; i < diag->more->labels.count; i++) {
        const DiagLabel *label = &diag->more->labels.items[i];
        append_related(diags, label->source, label->span, label->message,
                       &count, out);
    }
    for (uint32_t i = 0; i < diag->more->trace.count; i++) {
        const DiagFrame *frame = &diag->more->trace.items[i];
        StrBuf text = {0};
        strbuf_append(&text, STR("in call to "));
        strbuf_append_printable(&text, frame->function, 120);
        append_related(diags, frame->source, frame->span, strbuf_str(&text),
                       &count, out);
        strbuf_release(&text);
    }
    strbuf_append_char(out, ']');
}

static void append_message(LspDiags *diags, const Diag *diag, StrBuf *out)
{
    StrBuf text = {0};
    SourceIndex index = {0};
    diag_flat_append(&text, &index, diag, !diags->checker->takes_related);
    for (uint32_t i = 0;
         diags->checker->takes_related && i < diag->more->labels.count; i++) {
        const DiagLabel *label = &diag->more->labels.items[i];
        if (!is_file(diags, label->source)) {
            strbuf_append_char(&text, '\n');
            strbuf_append_printable(&text, label->message, MAX_TEXT_BYTES);
        }
    }
    json_text_append(out, strbuf_str(&text), SIZE_MAX);
    source_index_release(&index);
    strbuf_release(&text);
}

void lsp_diags_append(LspDiags *diags, const Diag *diag, StrBuf *out)
{
    static const int severities[] = {
        [SEVERITY_ERROR] = 1, [SEVERITY_WARNING] = 2, [SEVERITY_NOTE] = 3};
    strbuf_append(out, STR("{\"range\":"));
    if (is_file(diags, diag->source)) {
        lsp_lines_append_range(&diags->lines, diag->source, diag->span,
                               diags->checker->encoding, out);
    } else {
        strbuf_append(out, STR("{\"start\":{\"line\":0,\"character\":0},"
                               "\"end\":{\"line\":0,\"character\":0}}"));
    }
    strbuf_appendf(out,
                   ",\"severity\":%d,\"code\":\"%s\",\"source\":\"ligature\","
                   "\"message\":",
                   severities[diag_code_severity(diag->code)],
                   diag_code_name(diag->code));
    append_message(diags, diag, out);
    if (diag->code == DIAG_W0201 || diag->code == DIAG_W0202) {
        strbuf_append(out, STR(",\"tags\":[1]")); // shown as not used
    }
    if (diags->checker->takes_related &&
        (diag->more->labels.count > 0 || diag->more->trace.count > 0)) {
        append_all_related(diags, diag, out);
    }
    strbuf_append_char(out, '}');
}

// Unless it is there already.
static void add_item(LspFile *file, const Diag *diag, Str item)
{
    Hash128 hash = hash128(item);
    for (uint32_t i = 0; i < file->hashes.count; i++) {
        if (hash128_equal(file->hashes.items[i], hash)) {
            return;
        }
    }
    vec_push(&file->hashes, hash);
    size_t begin = file->items.len;
    if (file->count++ > 0) {
        strbuf_append_char(&file->items, ',');
    }
    strbuf_append(&file->items, item);
    if (diag->code == DIAG_W0201) {
        vec_push(&file->unused,
                 ((LspUnused){begin, file->items.len, diag->span.start}));
    }
}

// What the document imports is used, whatever the check of that file alone
// says.
static void note_imported(LspDiags *diags)
{
    StrBuf uri = {0};
    for (uint32_t m = 0; m < diags->program->module_count; m++) {
        const Module *module = diags->program->modules[m];
        const UnusedNames *unused = module->unused;
        LspFile *file = NULL;
        for (uint32_t i = 0; unused != NULL && i < unused->count; i++) {
            if (!load_relaxed(&unused->imported[i])) {
                continue;
            }
            if (file == NULL) {
                strbuf_clear(&uri);
                lsp_diags_append_uri(diags, &module->source, &uri);
                file = lsp_files_get(diags->files, strbuf_str(&uri));
            }
            const Binding *binding = &module->bindings[unused->bindings[i]];
            vec_push(&file->imported, binding->name_span.start);
        }
    }
    strbuf_release(&uri);
}

void lsp_diags_add(LspDiags *diags, const DiagSink *sink)
{
    StrBuf uri = {0};
    StrBuf item = {0};
    LspFile *file = NULL;
    const Source *last = NULL;
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        const Source *source = sink->diags.items[i]->source;
        if (file == NULL || source != last) {
            strbuf_clear(&uri);
            lsp_diags_append_uri(diags, source, &uri);
            file = lsp_files_get(diags->files, strbuf_str(&uri));
            last = source;
        }
        if (file->count < MAX_PER_FILE) {
            strbuf_clear(&item);
            const Diag *diag = diag_at(sink, i);
            lsp_diags_append(diags, diag, &item);
            add_item(file, diag, strbuf_str(&item));
        }
    }
    note_imported(diags);
    strbuf_release(&item);
    strbuf_release(&uri);
    lsp_diags_release(diags);
}

void lsp_diags_release(LspDiags *diags)
{
    lsp_lines_release(&diags->lines);
    lsp_lines_release(&diags->label_lines);
}
