// A value as text in one of the formats of --format, known to be printable
// before any of it is written.
//
// Ownership: a document borrows the value and the sources it points at.
// Threads:   main thread only; large results are formatted by the pool.
#ifndef LIGATURE_CLI_DOCUMENT_H
#define LIGATURE_CLI_DOCUMENT_H

#include "cli/session.h"
#include "eval/write_json.h"

typedef struct Document {
    JsonDocument *json; // NULL for the other formats
    StrBuf text;
} Document;

typedef struct DocumentOptions {
    FormatChoice format;
    bool yaml_stream;   // the items of a list, which it must be
    bool yaml_lists;    // the items, if it is a list
    bool yaml_separate; // "---" before it
    uint64_t max_bytes;
    uint64_t held_bytes; // of other documents, which are kept meanwhile
    Str path;            // and what diagnostics point at, as in JsonOptions
    const Source *source;
    Span span;
    void (*locate)(void *ctx, Str field, const Source **out_source,
                   Span *out_span);
    void *locate_ctx;
} DocumentOptions;

// False after reporting into session->diags. The document is to be released
// either way.
bool document_prepare(Session *session, const DocumentOptions *options,
                      Value value, Document *out_document);
// Of its text, at least.
uint64_t document_bytes(const Document *document);
// False when the sink said so, or the run was cancelled.
bool document_write(Document *document, JsonSink *sink, void *ctx);
void document_release(Document *document);

#endif
