#include "cli/print.h"

#include <stdlib.h>

#include "cli/document.h"
#include "cli/output.h"
#include "cli/provenance.h"
#include "cli/result_places.h"
#include "eval/select.h"

typedef struct Printer {
    Session *session;
    Output output;
} Printer;

static bool open_output(Printer *printer)
{
    Session *session = printer->session;
    return output_open(&printer->output, session->settings->output,
                       &session->token);
}

static bool close_output(Printer *printer, bool ok)
{
    Session *session = printer->session;
    ok = output_close(&printer->output, ok) && ok;
    if (printer->output.error != 0) {
        (void)session_unwritable(session, session->settings->output,
                                 printer->output.error);
    }
    return ok;
}

static Str selected_path(Session *session)
{
    StrBuf text = {0};
    select_append_path(&text, &session->select, session->select.count);
    Str path = arena_str(&session->arena, strbuf_str(&text));
    strbuf_release(&text);
    return path;
}

static bool prepare(Printer *printer, uint32_t entry, uint64_t held_bytes,
                    Document *out_document)
{
    Session *session = printer->session;
    const Module *module =
        session->program->modules[session->program->entries[entry]];
    SelectFrom from =
        result_select_from(session, module, session->results[entry]);
    Heap *heap =
        evaluation_heap(session->evaluation, pool_main_worker(session->pool));
    Value value;
    if (!select_apply(&session->select, &from, heap, &session->diags, &value)) {
        return false;
    }
    bool whole = module->ast.result == NULL && session->select.count == 0;
    ResultPlaces places = {session->program, module};
    DocumentOptions options = {
        .format = (FormatChoice)session->settings->format,
        .yaml_stream = session->settings->yaml_stream,
        .yaml_separate = session->program->entry_count > 1,
        .max_bytes = session->program->options.limits.max_output_bytes,
        .held_bytes = held_bytes,
        .path = selected_path(session),
        .source = from.source,
        .span = from.span,
        .locate = whole ? result_locate : NULL,
        .locate_ctx = &places,
    };
    return document_prepare(session, &options, value, out_document);
}

static bool write_bytes(void *ctx, Str bytes)
{
    Printer *printer = ctx;
    run_cache_take_output(printer->session->run_cache, bytes);
    output_write(&printer->output, bytes);
    return printer->output.error == 0;
}

static bool write_documents(Printer *printer, Document *documents,
                            uint32_t count)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += document_bytes(&documents[i]);
    }
    run_cache_expect_output(printer->session->run_cache, bytes);
    bool ok = open_output(printer);
    // Nothing of a result is printed, or all of it, however slowly it is read.
    CancelToken *token = &printer->session->token;
    int64_t deadline_ns = cancel_token_set_deadline(token, INT64_MAX);
    for (uint32_t i = 0; ok && i < count; i++) {
        ok = document_write(&documents[i], write_bytes, printer);
    }
    (void)cancel_token_set_deadline(token, deadline_ns);
    return close_output(printer, ok);
}

bool print_text(Session *session, Str text)
{
    Printer printer = {.session = session};
    bool ok = open_output(&printer) && write_bytes(&printer, text);
    return close_output(&printer, ok);
}

bool print_results(Session *session)
{
    Printer printer = {.session = session};
    uint32_t count = session->program->entry_count;
    Document *documents = mem_calloc((size_t)count + 1, sizeof *documents);
    bool ok = true;
    uint64_t held_bytes = 0; // JSON is made as it is written
    for (uint32_t i = 0; i < count; i++) {
        // All are looked at, so that all that is wrong is reported.
        ok = prepare(&printer, i, held_bytes, &documents[i]) && ok;
        held_bytes += documents[i].text.len;
    }
    // Nothing is printed where the map cannot be written.
    ok = ok && !session_refuses_warnings(session) &&
         source_map_write(session) &&
         write_documents(&printer, documents, count);
    for (uint32_t i = 0; i < count; i++) {
        document_release(&documents[i]);
    }
    free(documents);
    return ok;
}
