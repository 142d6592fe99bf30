// Values as JSON (LANGUAGE.md section 7). A document is prepared first: the
// whole value is known to be printable, and within the output limit, before
// anything reaches the sink.
//
//   None          left out as a field of a record, null elsewhere (an entry
//                 of a map too: its key says something)
//   Some v        v; Some None, at any depth of Somes, is E0407
//   unions        "Name", {"Name": payload}, {"Name": [a, b]}
//   functions     E0406 with their path (.services[3].handler)
//
// Small documents are kept as text; large ones are written out again, so that
// memory stays bounded. Long lists, records and maps are formatted by several
// workers where some are idle.
//
// Ownership: a document borrows the value, which must outlive it.
// Threads:   called by the worker given; uses its pool.
#ifndef LIGATURE_EVAL_WRITE_JSON_H
#define LIGATURE_EVAL_WRITE_JSON_H

#include "concurrent/pool.h"
#include "concurrent/trace.h"
#include "eval/value.h"
#include "support/diag.h"

typedef struct JsonOptions {
    bool compact;         // on one line, without spaces
    bool sort_keys;       // in byte order, of records and maps
    bool ascii;           // escape all but ASCII
    bool check_precision; // W0401 for integers beyond 2^53
    bool unmeasured;      // nobody asks for the exact length: what is seen
                          // to be printable is written once
    uint64_t max_bytes;   // of the text; beyond is E0605
    uint32_t max_nesting; // of its brackets; beyond is E0601. 0: any
    Str path;             // of the value in the result, in diagnostics
    // What diagnostics point at: NULL for no place. `locate` (may be NULL)
    // finds a better one for the field of the top-level record that holds the
    // culprit; it leaves the outputs alone when it knows none.
    const Source *source;
    Span span;
    void (*locate)(void *ctx, Str field, const Source **out_source,
                   Span *out_span);
    void *locate_ctx;
    Trace *trace; // of the parts written by several workers; NULL: none
} JsonOptions;

typedef struct JsonDocument JsonDocument;

// NULL when the value cannot be printed (diagnostics are in `diags`) or the
// token was cancelled (none). `worker` and `token` may be NULL. The options
// are copied.
JsonDocument *json_prepare(const JsonOptions *options, Value value,
                           Worker *worker, CancelToken *token, DiagSink *diags);
// Bytes of the text, the line break at its end included. At least so many where
// they were not to be measured.
uint64_t json_document_bytes(const JsonDocument *document);
// False when it could not take the bytes.
typedef bool JsonSink(void *ctx, Str bytes);
// The one that appends to a StrBuf, `ctx`.
bool json_sink_append(void *ctx, Str bytes);
// Writes the text. False when the sink said so or the token was cancelled.
MUST_USE bool json_document_write(JsonDocument *document, JsonSink *sink,
                                  void *ctx);
void json_document_free(JsonDocument *document);

// Appends a value that is known to be printable, compact or as it stands at
// `level` levels of indentation; for toJson and small texts. False over
// max_bytes or when it is not printable after all.
MUST_USE bool json_append(const JsonOptions *options, Value value,
                          uint32_t level, StrBuf *out);

#endif
