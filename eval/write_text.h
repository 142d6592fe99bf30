// The formats `text` (a String as it is, anything else as Ligature source, and
// a line break) and `raw` (a String as it is and nothing else).
//
// Threads: pure, but for the sinks given.
#ifndef LIGATURE_EVAL_WRITE_TEXT_H
#define LIGATURE_EVAL_WRITE_TEXT_H

#include "eval/value.h"
#include "support/diag.h"

// E0409 at the place given (source may be NULL) when `value`, which stands at
// `path` in the result, is no String; else *out_text borrows it.
MUST_USE bool text_raw(Value value, Str path, const Source *source, Span span,
                       uint64_t max_bytes, DiagSink *diags, Str *out_text);
// E0605 when it would be more than `max_bytes`.
MUST_USE bool text_show(Value value, const Source *source, Span span,
                        uint64_t max_bytes, DiagSink *diags, StrBuf *out);

#endif
