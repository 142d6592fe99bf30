#include "cli/print.h"

#include <stdlib.h>
#include <string.h>

#include "cli/output.h"
#include "eval/select.h"
#include "eval/write_json.h"
#include "eval/write_text.h"

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
                         Document *out_document)
{
    Session *session = printer->session;
    const Settings *settings = session->settings;
    JsonOptions options = {
        .compact = settings->compact,
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
    return session->settings->format == FORMAT_JSON
               ? prepare_json(printer, module, value, out_document)
               : prepare_text(printer, module, value, out_document);
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
