// References, highlights and renaming.
#include "cli/json_text.h"
#include "cli/lsp_ask.h"
#include "cli/lsp_diags.h"
#include "cli/lsp_fields.h"
#include "cli/lsp_workspace.h"
#include "syntax/byte_class.h"

static void append_comma(StrBuf *out, uint32_t count)
{
    if (count > 0) {
        strbuf_append_char(out, ',');
    }
}

// ---- what means the same

typedef struct Meaning {
    const NameUse *at;
    bool is_field; // of a record that is known
    FieldSearch field;
} Meaning;

static void meaning_begin(Meaning *meaning, const LspProgram *run,
                          const NameIndex *index, const NameUse *at)
{
    *meaning = (Meaning){.at = at};
    meaning->is_field = at != NULL && at->target.kind == NAME_FIELD &&
                        lsp_fields_begin(&meaning->field, run, index, at);
}

static void meaning_end(Meaning *meaning)
{
    if (meaning->is_field) {
        lsp_fields_end(&meaning->field);
    }
}

// Of names in the module that the index is of.
static bool is_meant(Meaning *meaning, const Module *module,
                     const NameIndex *index, const NameUse *use)
{
    if (meaning->at == NULL) {
        return false;
    }
    return meaning->is_field
               ? lsp_fields_match(&meaning->field, module, index, use)
               : lsp_target_equal(&use->target, &meaning->at->target);
}

// ---- highlights

void lsp_highlight(LspAsk *ask)
{
    enum { READ = 2, WRITE = 3 };
    const LspProgram *run =
        lsp_program_of(ask->checker, ask->documents, ask->document);
    const NameUse *at = lsp_index_find(&run->index, (uint32_t)ask->offset);
    LspLines lines = {0};
    uint32_t count = 0;
    Meaning meaning;
    meaning_begin(&meaning, run, &run->index, at);
    strbuf_append_char(ask->out, '[');
    for (uint32_t i = 0; i < run->index.uses.count; i++) {
        const NameUse *use = &run->index.uses.items[i];
        if (is_meant(&meaning, run->entry, &run->index, use)) {
            append_comma(ask->out, count++);
            strbuf_append(ask->out, STR("{\"range\":"));
            lsp_lines_append_range(&lines, &run->entry->source, use->span,
                                   ask->checker->encoding, ask->out);
            bool writes = use->declares || use->writes;
            strbuf_appendf(ask->out, ",\"kind\":%d}", writes ? WRITE : READ);
        }
    }
    strbuf_append_char(ask->out, ']');
    meaning_end(&meaning);
    lsp_lines_release(&lines);
}

// ---- references

static void open_workspace(const LspAsk *ask, LspWorkspace *workspace)
{
    OpenTexts texts = lsp_documents_texts(ask->documents);
    lsp_workspace_begin(workspace, ask->checker, &texts, ask->document);
}

static const NameUse *use_in_document(const LspWorkspace *workspace,
                                      size_t offset)
{
    return workspace->index_count > 0
               ? lsp_index_find(&workspace->indices[0], (uint32_t)offset)
               : NULL;
}

void lsp_references(LspAsk *ask)
{
    const Expr *context = lsp_member(ask->message, ask->params, STR("context"));
    const Expr *included =
        lsp_member(ask->message, context, STR("includeDeclaration"));
    bool with_declaration = included == NULL || lsp_is_true(included);
    LspWorkspace workspace;
    open_workspace(ask, &workspace);
    LspDiags writer = {.checker = ask->checker,
                       .documents = ask->documents,
                       .document = ask->document,
                       .program = workspace.run.program};
    Meaning meaning;
    meaning_begin(&meaning, &workspace.run, workspace.indices,
                  use_in_document(&workspace, ask->offset));
    uint32_t count = 0;
    strbuf_append_char(ask->out, '[');
    for (uint32_t m = 0; m < workspace.index_count; m++) {
        const Module *module = lsp_workspace_module(&workspace, m);
        const NameIndex *index = &workspace.indices[m];
        for (uint32_t i = 0; i < index->uses.count; i++) {
            const NameUse *use = &index->uses.items[i];
            if (is_meant(&meaning, module, index, use) &&
                (with_declaration || !use->declares)) {
                append_comma(ask->out, count++);
                (void)lsp_diags_append_location(&writer, &module->source,
                                                use->span, ask->out);
            }
        }
    }
    strbuf_append_char(ask->out, ']');
    meaning_end(&meaning);
    lsp_diags_release(&writer);
    lsp_workspace_end(&workspace);
}

// ---- renaming

typedef struct Rename {
    const LspAsk *ask;
    LspWorkspace workspace;
    const NameUse *at;
    Str old_name, new_name;
    VEC(StrBuf) texts; // by entry: what it becomes; data NULL: it stays
} Rename;

static bool is_word(Str name)
{
    if (name.len == 0 || byte_is(name.data[0], BYTE_DIGIT) ||
        name.data[0] == '\'' || str_equal(name, STR("_"))) {
        return false;
    }
    bool ended = false;
    for (size_t i = 0; i < name.len; i++) {
        if (!lsp_is_name_byte(name.data[i]) ||
            (ended && name.data[i] != '\'')) {
            return false;
        }
        ended |= name.data[i] == '\'';
    }
    return !lsp_is_keyword(name);
}

static bool is_upper(Str name)
{
    return name.data[0] >= 'A' && name.data[0] <= 'Z';
}

// A default names earlier fields of its record as if they were local.
static bool is_field(const NameIndex *index, const NameTarget *target)
{
    for (uint32_t i = 0; i < index->uses.count; i++) {
        const NameUse *use = &index->uses.items[i];
        if (use->is_field && lsp_target_equal(&use->target, target)) {
            return true;
        }
    }
    return target->kind == NAME_FIELD;
}

// Why the name cannot be renamed, whatever to; NULL: it can.
static const char *find_refusal(const Rename *rename)
{
    const NameUse *at = rename->at;
    const LspWorkspace *workspace = &rename->workspace;
    if (at == NULL) {
        return "there is no name to be renamed";
    }
    const Module *home = workspace->run.program->modules[at->target.module];
    if (is_field(&workspace->indices[0], &at->target)) {
        return "fields cannot be renamed: records have no declaration";
    }
    if (at->target.kind == NAME_TYPE_VAR) {
        return "type variables are not renamed";
    }
    if (at->target.kind == NAME_MODULE) {
        return "modules are called as their files are";
    }
    if (at->target.kind == NAME_PRIM || home->is_std) {
        return "the name is the library's";
    }
    if (lsp_workspace_entry(workspace, at->target.module) == UINT32_MAX) {
        return "the name is declared outside of the folder";
    }
    if (workspace->is_partial) {
        return "the folder has too many files to find all that use the name";
    }
    return NULL;
}

static Str text_at(const Module *module, Span span)
{
    return str_slice(module->source.text, span.start, span.end);
}

static void find_at(Rename *rename)
{
    open_workspace(rename->ask, &rename->workspace);
    rename->at = use_in_document(&rename->workspace, rename->ask->offset);
    if (rename->at != NULL) {
        rename->old_name = text_at(lsp_workspace_module(&rename->workspace, 0),
                                   rename->at->span);
    }
}

void lsp_prepare_rename(LspAsk *ask)
{
    Rename rename = {.ask = ask};
    find_at(&rename);
    ask->refusal = find_refusal(&rename);
    if (ask->refusal == NULL) {
        LspLines lines = {0};
        strbuf_append(ask->out, STR("{\"range\":"));
        lsp_lines_append_range(
            &lines, &lsp_workspace_module(&rename.workspace, 0)->source,
            rename.at->span, ask->checker->encoding, ask->out);
        strbuf_append(ask->out, STR(",\"placeholder\":"));
        json_text_append(ask->out, rename.old_name, SIZE_MAX);
        strbuf_append_char(ask->out, '}');
        lsp_lines_release(&lines);
    }
    lsp_workspace_end(&rename.workspace);
}

// A name that an import gives to it elsewhere stays.
static bool is_renamed(const Rename *rename, const Module *module,
                       const NameUse *use)
{
    return lsp_target_equal(&use->target, &rename->at->target) &&
           str_equal(text_at(module, use->span), rename->old_name);
}

static void append_new_name(const Rename *rename, const NameUse *use,
                            StrBuf *out)
{
    if (use->is_pun) {
        strbuf_append(out, rename->old_name);
        strbuf_append(out, STR(" = "));
    }
    strbuf_append(out, rename->new_name);
}

static void rename_in_text(const Rename *rename, uint32_t entry, StrBuf *out)
{
    const Module *module = lsp_workspace_module(&rename->workspace, entry);
    const NameIndex *index = &rename->workspace.indices[entry];
    size_t done = 0;
    for (uint32_t i = 0; i < index->uses.count; i++) {
        const NameUse *use = &index->uses.items[i];
        if (is_renamed(rename, module, use)) {
            strbuf_append(
                out, str_slice(module->source.text, done, use->span.start));
            append_new_name(rename, use, out);
            done = use->span.end;
        }
    }
    if (done > 0) {
        strbuf_append(
            out, str_slice(module->source.text, done, module->source.text.len));
    }
}

static uint32_t count_errors(const DiagSink *sink)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        count +=
            diag_code_severity(sink->diags.items[i]->code) == SEVERITY_ERROR;
    }
    return count;
}

// The next use that is no field's, for `{ name }` becomes one of both, and no
// type variable's, which nothing else can be taken for.
static const NameUse *next_use(const NameIndex *index, uint32_t *at)
{
    while (*at < index->uses.count) {
        const NameUse *use = &index->uses.items[(*at)++];
        if (use->target.kind != NAME_FIELD &&
            use->target.kind != NAME_TYPE_VAR) {
            return use;
        }
    }
    return NULL;
}

static bool are_same(const NameIndex *before, const NameIndex *after)
{
    uint32_t i = 0, k = 0;
    const NameUse *one, *other;
    do {
        one = next_use(before, &i);
        other = next_use(after, &k);
    } while (one != NULL && other != NULL &&
             lsp_target_equal(&one->target, &other->target));
    return one == NULL && other == NULL;
}

// Whether every name means what it has meant before.
static bool means_the_same(const LspWorkspace *before,
                           const LspWorkspace *after)
{
    bool same =
        before->index_count == after->index_count &&
        before->run.program->module_count == after->run.program->module_count &&
        count_errors(&before->run.diags) == count_errors(&after->run.diags);
    for (uint32_t m = 0; same && m < before->index_count; m++) {
        same = are_same(&before->indices[m], &after->indices[m]);
    }
    return same;
}

// Checks all files as they would be.
static bool is_safe(const Rename *rename)
{
    OpenTexts open = lsp_documents_texts(rename->ask->documents);
    VEC(OpenText) texts = {0};
    const FileList *files = &rename->workspace.files;
    for (uint32_t i = 0; i < files->paths.count; i++) {
        if (rename->texts.items[i].len > 0) {
            vec_push(&texts, (OpenText){files->paths.items[i],
                                        strbuf_str(&rename->texts.items[i])});
        }
    }
    uint32_t changed = texts.count;
    for (size_t i = 0; i < open.count; i++) {
        bool is_known = false;
        for (uint32_t k = 0; k < changed && !is_known; k++) {
            is_known = str_equal(texts.items[k].path, open.items[i].path);
        }
        if (!is_known) {
            vec_push(&texts, open.items[i]);
        }
    }
    open = lsp_sort_texts(texts.items, texts.count);
    LspDocument document = *rename->ask->document;
    if (rename->texts.items[0].len > 0) {
        document.text = rename->texts.items[0];
    }
    LspWorkspace after;
    lsp_workspace_begin(&after, rename->ask->checker, &open, &document);
    bool same = means_the_same(&rename->workspace, &after);
    lsp_workspace_end(&after);
    vec_release(&texts);
    return same;
}

static void append_edits(const Rename *rename, uint32_t entry, StrBuf *out)
{
    const Module *module = lsp_workspace_module(&rename->workspace, entry);
    const NameIndex *index = &rename->workspace.indices[entry];
    LspLines lines = {0};
    uint32_t count = 0;
    strbuf_append(out, STR(":["));
    for (uint32_t i = 0; i < index->uses.count; i++) {
        const NameUse *use = &index->uses.items[i];
        if (is_renamed(rename, module, use)) {
            StrBuf text = {0};
            append_new_name(rename, use, &text);
            append_comma(out, count++);
            strbuf_append(out, STR("{\"range\":"));
            lsp_lines_append_range(&lines, &module->source, use->span,
                                   rename->ask->checker->encoding, out);
            strbuf_append(out, STR(",\"newText\":"));
            json_text_append(out, strbuf_str(&text), SIZE_MAX);
            strbuf_append_char(out, '}');
            strbuf_release(&text);
        }
    }
    strbuf_append_char(out, ']');
    lsp_lines_release(&lines);
}

static void append_changes(const Rename *rename, StrBuf *out)
{
    LspDiags writer = {.checker = rename->ask->checker,
                       .documents = rename->ask->documents,
                       .document = rename->ask->document,
                       .program = rename->workspace.run.program};
    uint32_t count = 0;
    strbuf_append(out, STR("{\"changes\":{"));
    for (uint32_t m = 0; m < rename->workspace.index_count; m++) {
        if (rename->texts.items[m].len > 0) {
            StrBuf uri = {0};
            const Module *module = lsp_workspace_module(&rename->workspace, m);
            lsp_diags_append_uri(&writer, &module->source, &uri);
            append_comma(out, count++);
            json_text_append(out, strbuf_str(&uri), SIZE_MAX);
            append_edits(rename, m, out);
            strbuf_release(&uri);
        }
    }
    strbuf_append(out, STR("}}"));
}

static const char *rename_all(Rename *rename, StrBuf *out)
{
    const char *refusal = find_refusal(rename);
    if (refusal != NULL) {
        return refusal;
    }
    if (!is_word(rename->new_name)) {
        return "the new name is no name of Ligature";
    }
    if (is_upper(rename->new_name) != is_upper(rename->old_name)) {
        return "types and constructors begin with a capital, other names do "
               "not";
    }
    for (uint32_t i = 0; i < rename->workspace.index_count; i++) {
        vec_push(&rename->texts, (StrBuf){0});
        rename_in_text(rename, i, &vec_last(&rename->texts));
    }
    if (!is_safe(rename)) {
        return "under the new name something would mean another thing, or no "
               "longer be right";
    }
    append_changes(rename, out);
    return NULL;
}

void lsp_rename(LspAsk *ask)
{
    Rename rename = {.ask = ask};
    if (!lsp_get_string(lsp_member(ask->message, ask->params, STR("newName")),
                        &rename.new_name)) {
        ask->refusal = "there is no new name";
        return;
    }
    find_at(&rename);
    ask->refusal = rename_all(&rename, ask->out);
    for (uint32_t i = 0; i < rename.texts.count; i++) {
        strbuf_release(&rename.texts.items[i]);
    }
    vec_release(&rename.texts);
    lsp_workspace_end(&rename.workspace);
}
