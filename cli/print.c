#include "cli/print.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "eval/select.h"
#include "eval/write_json.h"
#include "eval/write_text.h"
#include "eval/write_toml.h"
#include "eval/write_yaml.h"

// One result, known to be printable.
typedef struct Document {
    JsonDocument *json; // NULL for the other formats
    StrBuf text;
} Document;

typedef struct Printer {
    Session *session;
    const SelectPath *path; // NULL: all of the result
    Output output;
} Printer;

typedef struct FieldPlaces {
    const Program *program;
    const Module *module;
} FieldPlaces;

// Points at the binding that a field of the result comes from.
static void locate_field(void *ctx, Str field, const Source **out_source,
                         Span *out_span)
{
    const FieldPlaces *places = ctx;
    const Module *module = places->module;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->exported &&
            str_equal(
                symbol_text(places->program->interner, binding->export_name),
                field)) {
            *out_source = &module->source;
            *out_span = binding->name_span;
            return;
        }
    }
}

static Span result_span(const Module *module)
{
    return module->ast.result != NULL ? module->ast.result->span : (Span){0, 0};
}

static bool prepare_json(Printer *printer, const Module *module, Value value,
                         bool compact, Document *out_document)
{
    Session *session = printer->session;
    const Settings *settings = session->settings;
    JsonOptions options = {
        .compact = compact,
        .sort_keys = settings->sort_keys,
        .ascii = settings->ascii,
        .check_precision = settings->check_precision,
        .max_bytes = session->program->options.limits.max_output_bytes,
        .source = &module->source,
        .span = result_span(module),
    };
    FieldPlaces places = {session->program, module};
    if (module->ast.result == NULL && printer->path == NULL) {
        options.locate = locate_field;
        options.locate_ctx = &places;
    }
    out_document->json =
        json_prepare(&options, value, pool_main_worker(session->pool),
                     &session->token, &session->diags);
    return out_document->json != NULL;
}

static bool prepare_text(Printer *printer, const Module *module, Value value,
                         Document *out_document)
{
    Session *session = printer->session;
    uint64_t max_bytes = session->program->options.limits.max_output_bytes;
    if (session->settings->format == FORMAT_TEXT) {
        return text_show(value, &module->source, result_span(module), max_bytes,
                         &session->diags, &out_document->text);
    }
    Str text;
    if (!text_raw(value, &module->source, result_span(module), max_bytes,
                  &session->diags, &text)) {
        return false;
    }
    strbuf_append(&out_document->text, text);
    return true;
}

// ---- YAML and TOML, from compact JSON

static bool append_bytes(void *ctx, Str bytes)
{
    strbuf_append(ctx, bytes);
    return true;
}

static bool too_large(Session *session, const Module *module, uint64_t limit)
{
    Diag *diag = diag_add(&session->diags, DIAG_E0605, &module->source,
                          result_span(module), "the output is over %llu bytes",
                          (unsigned long long)limit);
    diag_help(&session->diags, diag, "raise --max-output or select a part");
    return false;
}

static bool no_list(Session *session, const Module *module)
{
    Diag *diag = diag_add(&session->diags, DIAG_E0409, &module->source,
                          result_span(module),
                          "'--yaml-stream' prints the items of a list, and the "
                          "result is none");
    diag_help(&session->diags, diag, "put it into brackets: [ ... ]");
    return false;
}

static bool convert_yaml(Session *session, const Module *module, Str json,
                         StrBuf *out)
{
    const Settings *settings = session->settings;
    bool stream = settings->yaml_stream;
    YamlOptions options = {
        .ascii = settings->ascii,
        .separate = stream || session->program->entry_count > 1,
        .max_bytes = session->program->options.limits.max_output_bytes,
    };
    bool is_list = true;
    bool okay = stream ? yaml_stream_from_json(json, &options, &is_list, out)
                       : yaml_from_json(json, &options, out);
    if (!is_list) {
        return no_list(session, module);
    }
    return okay || too_large(session, module, options.max_bytes);
}

static bool convert_toml(Session *session, const Module *module, Str json,
                         StrBuf *out)
{
    const Limits *limits = &session->program->options.limits;
    TomlOptions options = {
        .ascii = session->settings->ascii,
        .max_bytes = limits->max_output_bytes,
        .max_nesting = limits->max_nesting,
        .source = &module->source,
        .span = result_span(module),
    };
    return toml_from_json(json, &options, &session->diags, out);
}

static bool prepare_converted(Printer *printer, const Module *module,
                              Value value, Document *out_document)
{
    Session *session = printer->session;
    Document json = {0};
    StrBuf text = {0};
    bool okay = prepare_json(printer, module, value, true, &json) &&
                json_document_write(json.json, append_bytes, &text);
    if (okay && session->settings->format == FORMAT_TOML) {
        okay = convert_toml(session, module, strbuf_str(&text),
                            &out_document->text);
    } else if (okay) {
        okay = convert_yaml(session, module, strbuf_str(&text),
                            &out_document->text);
    }
    json_document_free(json.json);
    strbuf_release(&text);
    return okay;
}

static bool prepare(Printer *printer, uint32_t entry, Document *out_document)
{
    Session *session = printer->session;
    const Module *module =
        session->program->modules[session->program->entries[entry]];
    Value value = session->results[entry];
    if (printer->path != NULL) {
        Heap *heap = evaluation_heap(session->evaluation,
                                     pool_main_worker(session->pool));
        if (!select_apply(printer->path, value, heap, &session->diags,
                          &value)) {
            return false;
        }
    }
    switch ((FormatChoice)session->settings->format) {
    case FORMAT_JSON:
        return prepare_json(printer, module, value, session->settings->compact,
                            out_document);
    case FORMAT_YAML:
    case FORMAT_TOML:
        return prepare_converted(printer, module, value, out_document);
    case FORMAT_TEXT:
    case FORMAT_RAW:
        break;
    }
    return prepare_text(printer, module, value, out_document);
}

static bool write_bytes(void *ctx, Str bytes)
{
    Output *output = ctx;
    output_write(output, bytes);
    return output->error == 0;
}

static bool write_documents(Printer *printer, Document *documents,
                            uint32_t count)
{
    Session *session = printer->session;
    Str path = session->settings->output;
    bool ok = output_open(&printer->output, path);
    printer->output.token = &session->token;
    for (uint32_t i = 0; ok && i < count; i++) {
        if (documents[i].json != NULL) {
            ok = json_document_write(documents[i].json, write_bytes,
                                     &printer->output);
        } else {
            ok = write_bytes(&printer->output, strbuf_str(&documents[i].text));
        }
    }
    ok = output_close(&printer->output, ok) && ok;
    if (printer->output.error != 0 &&
        cancel_token_poll(&session->token) == CANCEL_NONE) {
        session_error(session, DIAG_E0002, "'%.*s' cannot be written: %s",
                      STR_ARG(path.len > 0 ? path : STR("standard output")),
                      strerror(printer->output.error));
    }
    return ok;
}

static bool print_selected(Printer *printer)
{
    uint32_t count = printer->session->program->entry_count;
    Document *documents = mem_calloc((size_t)count + 1, sizeof *documents);
    bool ok = true;
    for (uint32_t i = 0; i < count; i++) {
        // All are looked at, so that all that is wrong is reported.
        ok = prepare(printer, i, &documents[i]) && ok;
    }
    ok = ok && !session_refuses_warnings(printer->session) &&
         write_documents(printer, documents, count);
    for (uint32_t i = 0; i < count; i++) {
        json_document_free(documents[i].json);
        strbuf_release(&documents[i].text);
    }
    free(documents);
    return ok;
}

bool print_results(Session *session)
{
    Printer printer = {.session = session};
    Arena arena;
    arena_init(&arena);
    SelectPath path;
    bool ok = true;
    if (session->settings->select.len > 0) {
        ok = select_parse(session->settings->select, &arena, &path,
                          &session->diags);
        printer.path = &path;
    }
    ok = ok && print_selected(&printer);
    arena_release(&arena);
    return ok;
}
