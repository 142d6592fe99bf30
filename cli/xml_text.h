// Text inside XML and HTML: any bytes come out as well-formed text.
//
// Threads: pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_XML_TEXT_H
#define LIGATURE_CLI_XML_TEXT_H

#include <stddef.h>

#include "support/str.h"

// Appends `text` for use as character data. What XML 1.0 has no place for
// becomes a visible escape; line breaks stay. What is longer than `max_bytes`
// is cut and ends in "...".
void xml_text_append(StrBuf *out, Str text, size_t max_bytes);
// The same on one line, for quoted attributes too, where a line break would be
// read as a blank: it is an escape, so that what stands behind it is no command
// to a CI runner.
void xml_line_append(StrBuf *out, Str text, size_t max_bytes);

#endif
