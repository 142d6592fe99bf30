// What the files read_tape_toml*.c share.
#ifndef LIGATURE_SYNTAX_READ_TAPE_TOML_H
#define LIGATURE_SYNTAX_READ_TAPE_TOML_H

#include "syntax/byte_runs.h"
#include "syntax/read_tape_internal.h"

// A CR, which stands before line feeds only, is as good as a space.
static inline void toml_tape_skip_blanks(TapeReader *r)
{
    while (r->at < r->end && (byte_is(*r->at, BYTE_BLANK) || *r->at == '\r')) {
        r->at++;
    }
}

static inline bool toml_tape_at(const TapeReader *r, char c)
{
    return LIKELY(r->at < r->end) && *r->at == c;
}

// A comment, and then the end of the line or of the text.
bool toml_tape_end_line(TapeReader *reader);
// Blanks, comments and line ends.
void toml_tape_skip_space(TapeReader *reader);
// A key goes onto reader->keys; behind it blanks.
bool toml_tape_push_key(TapeReader *reader);
// = value, behind which blanks.
bool toml_tape_read_value(TapeReader *reader);

#endif
