// What the files read_tape_yaml*.c share.
#ifndef LIGATURE_SYNTAX_READ_TAPE_YAML_H
#define LIGATURE_SYNTAX_READ_TAPE_YAML_H

#include "syntax/byte_runs.h"
#include "syntax/read_tape_internal.h"

// Of keys in bytes: YAML has them at most 1024 characters long.
#define YAML_MAX_KEY 1000

static inline ptrdiff_t yaml_column(const TapeReader *r)
{
    return LIKELY(r->at < r->end) ? r->at - r->line : -1;
}

// Of clean text: it has no other bytes below. A CR stands before line feeds
// only.
static inline bool yaml_is_space(char c)
{
    return (unsigned char)c <= ' ';
}

// What may stand behind ':' and '-' where they are no part of a scalar.
static inline bool yaml_is_gap(const TapeReader *r, const char *at)
{
    return at == r->end || yaml_is_space(*at);
}

static inline bool yaml_at_dash(const TapeReader *r)
{
    return r->at < r->end && *r->at == '-' && yaml_is_gap(r, r->at + 1);
}

static inline bool yaml_at_colon(const TapeReader *r)
{
    return r->at < r->end && *r->at == ':' && yaml_is_gap(r, r->at + 1);
}

static inline void yaml_skip_spaces(TapeReader *r)
{
    while (r->at < r->end && yaml_is_space(*r->at) && *r->at != '\n') {
        r->at++;
    }
}

static inline bool yaml_at_quote(const TapeReader *r)
{
    return *r->at == '"' || *r->at == '\'';
}

static inline bool yaml_at_block(const TapeReader *r)
{
    return *r->at == '|' || *r->at == '>';
}

static inline bool yaml_at_bracket(const TapeReader *r)
{
    return *r->at == '[' || *r->at == '{';
}

// ---- read_tape_yaml.c
// The line feed at or behind `at`, or the end.
const char *yaml_line_end(const TapeReader *reader, const char *at);
// Where a document starts or ends.
bool yaml_at_marker(const TapeReader *reader);
// From the start of a line to the first one that holds something.
void yaml_find_content(TapeReader *reader);

// ---- read_tape_yaml_scalars.c
typedef struct YamlScalar {
    Str text;
    bool is_plain;
    bool is_decoded; // it lies in the scratch buffer
} YamlScalar;

// The scalar of one line at reader->at, behind which the reader goes on; behind
// a plain one at the end of its text, or at the ':' that makes it a key. False
// where it is none, or of another kind.
bool yaml_scan_quoted(TapeReader *reader, YamlScalar *out);
bool yaml_scan_scalar(TapeReader *reader, YamlScalar *out);
// The same of more lines, in quotes, in a collection at `column`.
bool yaml_scan_long_quoted(TapeReader *reader, ptrdiff_t column,
                           YamlScalar *out);
// Adds the lines behind a plain one that are indented more than `column`, if
// they are of it.
bool yaml_scan_more_lines(TapeReader *reader, ptrdiff_t column,
                          YamlScalar *scalar);
// Its value, which starts at `start`.
bool yaml_put_scalar(TapeReader *reader, const YamlScalar *scalar,
                     const char *start);
void yaml_put_null(TapeReader *reader);
void yaml_push_key(TapeReader *reader, const YamlScalar *key);
// The block at the '|' or '>' at reader->at in a collection at `column`, up to
// the next line that holds something.
bool yaml_text_block(TapeReader *reader, ptrdiff_t column);

// ---- read_tape_yaml_flow.c
// The collection at the bracket at reader->at, in a block one at `column`.
bool yaml_flow_collection(TapeReader *reader, TapeShape **likely,
                          ptrdiff_t column);

#endif
