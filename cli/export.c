#include "cli/export.h"

#include <sys/stat.h>

#include "cli/document.h"
#include "cli/export_dir.h"
#include "cli/overwrite.h"
#include "cli/result_places.h"
#include "cli/watchdog.h"
#include "eval/select.h"
#include "syntax/symbol_map.h"

typedef struct Exporter {
    Session *session;
    const Module *module;
    Span span; // of all that is exported
    Arena arena;
    SymbolMap places; // of fields: index of the binding, or of the item of the
                      // literal that the file ends in
    VEC(ExportFile) files;
    VEC(StrBuf) texts; // of the files
    uint64_t bytes;
} Exporter;

// ---- formats

// By the name that --format has for it; false when it has none.
static bool format_named(Str name, FormatChoice *out)
{
    Str nearest;
    const Option *option = option_find(VERB_EVAL, STR("format"), &nearest);
    Str rest = str_from_c(option->argument);
    for (uint32_t i = 0; rest.len > 0; i++) {
        size_t bar = str_find_byte(rest, '|', 0);
        if (str_equal(str_slice(rest, 0, bar), name)) {
            *out = (FormatChoice)i;
            return true;
        }
        rest = str_slice(rest, bar + 1, rest.len);
    }
    return false;
}

static Str extension_of(Str path)
{
    size_t dot = path.len;
    for (size_t i = path.len; i > 0 && path.data[i - 1] != '/'; i--) {
        if (path.data[i - 1] == '.') {
            dot = i - 1;
            break;
        }
    }
    return str_slice(path, dot, path.len);
}

// A String under a name that says nothing is written as it is.
static bool format_of(const Settings *settings, Str path, Value value,
                      FormatChoice *out)
{
    Str extension = extension_of(path);
    if (settings->has_format) {
        *out = (FormatChoice)settings->format;
        return true;
    }
    if (str_equal(extension, STR(".json"))) {
        return format_named(STR("json"), out);
    }
    if (str_equal(extension, STR(".yaml")) ||
        str_equal(extension, STR(".yml"))) {
        return format_named(STR("yaml"), out);
    }
    if (str_equal(extension, STR(".toml"))) {
        return format_named(STR("toml"), out);
    }
    return (value.tag == VALUE_STRING || str_equal(extension, STR(".txt"))) &&
           format_named(STR("raw"), out);
}

// ---- fields

static void note_places(Exporter *e)
{
    const Module *module = e->module;
    const Expr *result = module->ast.result;
    if (result == NULL) {
        for (uint32_t i = 0; i < module->visible_count; i++) {
            const Binding *binding = &module->bindings[i];
            if (binding->exported) {
                symbol_map_add(&e->places, &e->arena, binding->export_name,
                               (ScopeRef){.index = i});
            }
        }
        return;
    }
    for (uint32_t i = 0;
         result->kind == EXPR_RECORD && i < result->as.record.count; i++) {
        const RecordItem *item = &result->as.record.items[i];
        if (item->name != 0 && record_item_path(item) == NULL) {
            symbol_map_add(&e->places, &e->arena, item->name,
                           (ScopeRef){.index = i});
        }
    }
}

static Span place_of(const Exporter *e, Str name)
{
    const Expr *result = e->module->ast.result;
    Symbol symbol = intern_find(e->session->program->interner, name);
    const ScopeRef *place = symbol_map_find(&e->places, symbol);
    if (place == NULL) {
        return e->span;
    }
    if (result == NULL) {
        return e->module->bindings[place->index].name_span;
    }
    const RecordItem *item = &result->as.record.items[place->index];
    return (Span){item->name_start, record_item_value(item)->span.end};
}

static Diag *refuse(Exporter *e, Str name, const char *why)
{
    StrBuf shown = {0};
    strbuf_append_printable(&shown, name, 200);
    Diag *diag = diag_add(&e->session->diags, DIAG_E0413, &e->module->source,
                          place_of(e, name), "field '%.*s' %s",
                          STR_ARG(strbuf_str(&shown)), why);
    strbuf_release(&shown);
    return diag;
}

static bool add_text(Exporter *e, Str path, Value value, FormatChoice format)
{
    Session *session = e->session;
    uint64_t max_bytes = session->program->options.limits.max_output_bytes;
    StrBuf field = {0};
    select_append_path(&field, &session->select, session->select.count);
    strbuf_append_char(&field, '.');
    strbuf_append_key(&field, path, 80);
    DocumentOptions options = {
        .format = format,
        .yaml_lists = session->settings->yaml_stream,
        .max_bytes = max_bytes - (e->bytes < max_bytes ? e->bytes : max_bytes),
        .held_bytes = e->bytes,
        .path = strbuf_str(&field),
        .source = &e->module->source,
        .span = place_of(e, path),
    };
    Document document;
    StrBuf text = {0};
    bool ok = document_prepare(session, &options, value, &document) &&
              document_write(&document, json_sink_append, &text);
    document_release(&document);
    strbuf_release(&field);
    if (!ok) {
        strbuf_release(&text);
        return false;
    }
    Str copy = arena_printf(&e->arena, "%.*s%c", STR_ARG(path), '\0');
    copy.len--;
    e->bytes += text.len;
    vec_push(&e->files, (ExportFile){.path = copy, .text = strbuf_str(&text)});
    vec_push(&e->texts, text);
    return true;
}

static bool add_field(Exporter *e, Str name, Value value)
{
    if (value.tag == VALUE_UNION && value_ctor(value)->role == CTOR_NONE) {
        return true; // left out, as in JSON
    }
    if (value.tag == VALUE_UNION && value_ctor(value)->role == CTOR_SOME) {
        value = value.as.object->fields[0];
    }
    const char *why = export_path_error(name);
    if (why != NULL) {
        StrBuf text = {0};
        strbuf_appendf(&text, "names no output file: the name %s", why);
        strbuf_append_char(&text, '\0');
        Diag *diag = refuse(e, name, text.data);
        diag_help(&e->session->diags, diag,
                  "names are paths inside the folder: \"deploy.yaml\", "
                  "\"app/config.json\"");
        strbuf_release(&text);
        return false;
    }
    FormatChoice format;
    if (!format_of(e->session->settings, name, value, &format)) {
        Diag *diag = refuse(e, name, "does not say its format");
        diag_help(&e->session->diags, diag,
                  "end the name in .json, .yaml, .toml or .txt, or give "
                  "--format");
        return false;
    }
    return add_text(e, name, value, format);
}

static bool add_fields(Exporter *e, Value value)
{
    bool ok = true;
    if (value.tag == VALUE_RECORD) {
        const RecordObject *record = value.as.record;
        for (uint32_t i = 0; i < record->shape->count; i++) {
            ok = add_field(e, record->shape->texts[i], record->fields[i]) && ok;
        }
        return ok;
    }
    if (value.tag == VALUE_MAP) {
        const MapObject *map = value.as.map;
        for (uint32_t i = 0; i < map->count; i++) {
            ok = add_field(e, value_str(value_map_key(map, i)),
                           value_map_value(map, i)) &&
                 ok;
        }
        return ok;
    }
    Diag *diag =
        diag_add(&e->session->diags, DIAG_E0413, &e->module->source, e->span,
                 "the result is no record: there are no files to "
                 "export");
    diag_help(&e->session->diags, diag,
              "let it be a record whose fields are named after files: "
              "{ \"deploy.yaml\" = ... }");
    return false;
}

static bool select_part(Exporter *e, Value *value)
{
    Session *session = e->session;
    if (session->select.count == 0) {
        note_places(e); // else the fields are not those of the module
        return true;
    }
    Heap *heap =
        evaluation_heap(session->evaluation, pool_main_worker(session->pool));
    SelectFrom from = result_select_from(session, e->module, *value);
    e->span = from.span;
    return select_apply(&session->select, &from, heap, &session->diags, value);
}

// ---- what is said

static void append_line(StrBuf *out, const char *what, Str dir, Str path)
{
    strbuf_append(out, str_from_c(what));
    strbuf_append_printable(out, dir, 4096);
    strbuf_append(out, str_ends_with(dir, STR("/")) ? STR("") : STR("/"));
    strbuf_append_printable(out, path, 4096);
    strbuf_append_char(out, '\n');
}

static bool print_outcome(Exporter *e, const ExportOutcome *outcome)
{
    Str dir = e->session->settings->out;
    uint32_t written = 0;
    StrBuf text = {0};
    for (uint32_t i = 0; i < e->files.count; i++) {
        if (e->files.items[i].written) {
            append_line(&text, "wrote ", dir, e->files.items[i].path);
            written++;
        }
    }
    for (uint32_t i = 0; i < outcome->removed.count; i++) {
        append_line(&text, "removed ", dir, outcome->removed.items[i]);
    }
    strbuf_appendf(&text, "%u written, %u unchanged, %u removed\n", written,
                   e->files.count - written, outcome->removed.count);
    bool ok = session_write(e->session, STR(""), strbuf_str(&text));
    strbuf_release(&text);
    return ok;
}

static bool print_changes(Exporter *e, const ExportOutcome *outcome,
                          StrBuf *diff)
{
    Str dir = e->session->settings->out;
    StrBuf names = {0};
    for (uint32_t i = 0; i < e->files.count; i++) {
        if (e->files.items[i].written) {
            append_line(&names, "", dir, e->files.items[i].path);
        }
    }
    for (uint32_t i = 0; i < outcome->removed.count; i++) {
        append_line(&names, "", dir, outcome->removed.items[i]);
    }
    e->session->differs = names.len > 0;
    bool ok = session_write(e->session, STR(""),
                            strbuf_str(diff != NULL ? diff : &names));
    strbuf_release(&names);
    return ok;
}

// Of the fields' names: what is read stays, and what other options ask for is
// written later. A link is replaced itself, and no folder behind one is written
// to.
static bool spare_others(Exporter *e)
{
    FileIdentities sources = overwrite_files_read(e->session);
    bool ok = true;
    StrBuf path = {0};
    for (uint32_t i = 0; i < e->files.count; i++) {
        struct stat info;
        strbuf_clear(&path);
        strbuf_append(&path, e->session->settings->out);
        strbuf_append_char(&path, '/');
        strbuf_append(&path, e->files.items[i].path);
        strbuf_append_char(&path, '\0');
        const char *why =
            lstat(path.data, &info) == 0 && overwrite_was_read(&sources, &info)
                ? "would replace a file that the program reads"
            : overwrite_is_output(e->session->settings,
                                  str_make(path.data, path.len - 1))
                ? "is a file that an option asks for"
                : NULL;
        if (why != NULL) {
            (void)refuse(e, e->files.items[i].path, why);
            ok = false;
        }
    }
    strbuf_release(&path);
    vec_release(&sources);
    return ok;
}

static bool write_dir(Exporter *e)
{
    ExportOutcome outcome;
    bool ok = export_dir_write(e->session, e->session->settings->out,
                               e->files.items, e->files.count,
                               e->session->settings->prune, &outcome) &&
              print_outcome(e, &outcome);
    export_outcome_release(&outcome);
    return ok;
}

static bool compare_dir(Exporter *e)
{
    const Settings *settings = e->session->settings;
    ExportOutcome outcome;
    StrBuf text = {0};
    StrBuf *diff = settings->diff ? &text : NULL;
    bool ok =
        export_dir_compare(e->session, settings->out, e->files.items,
                           e->files.count, settings->prune, diff, &outcome) &&
        print_changes(e, &outcome, diff);
    strbuf_release(&text);
    export_outcome_release(&outcome);
    return ok;
}

static bool write_files(Exporter *e)
{
    watchdog_stop();
    const ExportFile *a, *b;
    if (!export_sort(e->files.items, e->files.count, &a, &b)) {
        StrBuf why = {0};
        strbuf_append(&why, STR("collides with '"));
        strbuf_append_printable(&why, a->path, 200);
        strbuf_append(&why, STR("'"));
        strbuf_append_char(&why, '\0');
        (void)refuse(e, b->path, why.data);
        strbuf_release(&why);
        return false;
    }
    if (!spare_others(e) || session_refuses_warnings(e->session)) {
        return false;
    }
    return e->session->settings->check || e->session->settings->diff
               ? compare_dir(e)
               : write_dir(e);
}

bool export_results(Session *session)
{
    const Program *program = session->program;
    const Module *module = program->modules[program->entries[0]];
    Exporter e = {
        .session = session, .module = module, .span = result_span(module)};
    arena_init(&e.arena);
    Value value = session->results[0];
    bool ok =
        select_part(&e, &value) && add_fields(&e, value) && write_files(&e);
    for (uint32_t i = 0; i < e.texts.count; i++) {
        strbuf_release(&e.texts.items[i]);
    }
    vec_release(&e.texts);
    vec_release(&e.files);
    arena_release(&e.arena);
    return ok;
}
