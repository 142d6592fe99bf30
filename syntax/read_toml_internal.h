// What the files read_toml*.c share.
#ifndef LIGATURE_SYNTAX_READ_TOML_INTERNAL_H
#define LIGATURE_SYNTAX_READ_TOML_INTERNAL_H

#include "support/vec.h"
#include "syntax/field_set.h"
#include "syntax/node_stack.h"
#include "syntax/read_toml.h"

// How a key came to be what it is: decides what may be added to it later.
typedef enum TomlKind {
    TOML_VALUE,    // closed; inline tables and arrays too
    TOML_IMPLICIT, // a table that a longer header went through
    TOML_HEADER,   // [a.b]
    TOML_DOTTED,   // a.b = 1 made `a`; open in its section only
    TOML_TABLES,   // [[a]]: its children are the elements
    TOML_ELEMENT   // one of them
} TomlKind;

typedef struct TomlEntry {
    TomlKind kind;
    Symbol name;
    uint32_t name_start;
    uint32_t node;              // in TomlReader.names
    uint32_t depth;             // of nesting
    uint32_t section;           // DOTTED: in which it may grow
    uint32_t first, last, next; // children, in order; 0: none
    uint32_t count;
    Span span; // of a table: the header
    Expr value;
} TomlEntry;

typedef struct TomlReader {
    const char *start;
    const char *at; // start <= at <= end
    const char *end;
    Module *module;
    Interner *interner;
    uint32_t max_nesting;
    bool failed;
    VEC(TomlEntry) entries; // [0] is the root
    FieldSet names;         // (node of a table, key) -> its entry
    uint32_t inline_count;
    uint32_t section;
    NodeStack stack;
    StrBuf scratch;
} TomlReader;

// One part of a dotted key.
typedef struct TomlKey {
    Symbol name;
    uint32_t start;
    Span span;
} TomlKey;

// ---- read_toml.c

// Reports the first error; always false.
bool toml_fail(TomlReader *reader, const char *start, const char *end,
               const char *format, ...) PRINTF_LIKE(4, 5);
bool toml_fail_help(TomlReader *reader, const char *start, const char *end,
                    const char *message, const char *help);
// What stands at `at` where `expected` should.
bool toml_fail_unexpected(TomlReader *reader, const char *expected);
uint32_t toml_offset(const TomlReader *reader, const char *at);
// The pairs of an inline table, at its '{'.
bool toml_inline_table(TomlReader *reader, uint32_t depth, Expr *out);

// ---- read_toml_values.c

bool toml_value(TomlReader *reader, uint32_t depth, Expr *out);
// The string at the quote, on one line or, where `may_be_long`, on several.
bool toml_string(TomlReader *reader, bool may_be_long, Str *out);
void toml_skip_blanks(TomlReader *reader);
// Blanks, comments and line ends. False after reporting.
bool toml_skip_space(TomlReader *reader);
// A comment, and then the end of the line or of the text.
bool toml_end_line(TomlReader *reader);

// ---- read_toml_dates.c

// The end of the date, time or both at `start`; NULL when there is none.
const char *toml_date_end(const char *start, const char *end);

#endif
