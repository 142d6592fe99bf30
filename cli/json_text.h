// JSON text of our own: strings of any bytes come out as valid JSON in valid
// UTF-8, and nothing in it can act on a terminal or a CI log.
//
// Threads: pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_JSON_TEXT_H
#define LIGATURE_CLI_JSON_TEXT_H

#include <stddef.h>

#include "support/str.h"

// Appends `text` as a JSON string. NUL and other control characters, bidi
// controls and marks without a width become \u escapes, bytes that are not
// UTF-8 become the text "\xNN". What is longer than `max_bytes` is cut and
// ends in "...".
void json_text_append(StrBuf *out, Str text, size_t max_bytes);

#endif
