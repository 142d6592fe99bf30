// Values as TOML 1.0. What can be printed, and as what, is decided by the JSON
// writer; this turns its compact text into tables. TOML has no null, and a
// document is a table.
//
// Threads: any.
#ifndef LIGATURE_EVAL_WRITE_TOML_H
#define LIGATURE_EVAL_WRITE_TOML_H

#include "support/attributes.h"
#include "support/diag.h"
#include "support/str.h"

typedef struct TomlOptions {
    bool ascii;           // escape all but ASCII
    uint64_t max_bytes;   // of the text; beyond is E0605
    uint32_t max_nesting; // E0601
    Str path;             // of the value in the result, in diagnostics
    const Source *source; // what diagnostics point at
    Span span;
} TomlOptions;

// Appends `json`, a document of the JSON writer with `compact`. False after
// reporting what TOML cannot say (E0409, E0601, E0605).
MUST_USE bool toml_from_json(Str json, const TomlOptions *options,
                             DiagSink *diags, StrBuf *out);

#endif
