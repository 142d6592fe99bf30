// The first look at a text: is it UTF-8, without NUL, and for programs without
// characters that hide code.
//
// Threads: pure but for the sink.
#ifndef LIGATURE_SYNTAX_ENCODING_H
#define LIGATURE_SYNTAX_ENCODING_H

#include <stdbool.h>

#include "support/attributes.h"
#include "support/diag.h"
#include "support/source.h"

typedef enum EncodingRules {
    ENCODING_DATA,   // UTF-8 without NUL
    ENCODING_PROGRAM // and without bidirectional controls or a second BOM
} EncodingRules;

// False after reporting what is wrong (E0101, with the byte offset).
MUST_USE bool encoding_check(const Source *source, EncodingRules rules,
                             DiagSink *sink);
// Whether encoding_check() finds nothing between the byte offsets, which may
// lie inside a character: each character belongs to the part in which it
// starts.
bool encoding_is_clean(Str text, uint32_t from, uint32_t to,
                       EncodingRules rules);
// Length of the byte order mark that the text starts with: 0 or 3.
size_t encoding_bom_length(Str text);

#endif
