// What the files of the formatter share: the cursor over tokens and comments,
// and one function per production, each of which appends to the document what
// the tokens of its production look like. The file was parsed before without
// errors, so nothing is checked; that no token is lost is checked at the end
// (format.c).
//
// Comments are appended before the token that they stand before (own lines) or
// behind the token that they follow on its line, and are never reordered. They
// go outside of the groups that start at the token after them, so that a
// comment line does not break what follows it.
#ifndef LIGATURE_SYNTAX_FORMAT_INTERNAL_H
#define LIGATURE_SYNTAX_FORMAT_INTERNAL_H

#include "syntax/format_doc.h"
#include "syntax/format_tokens.h"
#include "syntax/module.h"

typedef struct Formatter {
    Doc doc;
    FormatTokens *source;
    const Module *module;
    uint32_t at;           // the next token
    uint32_t comment;      // the next comment
    uint32_t head;         // where the last bracket starts: an operation
    uint32_t items;        // in the last bracket
    bool no_brace;         // '{' opens the arms of a match, not a record
    bool after_opener;     // the token before opened a bracket
    bool no_last_comma;    // the item before takes none behind it
    bool is_comprehension; // the list that is being read
} Formatter;

// How an expression may stand behind '=' and the like.
typedef enum Shape {
    SHAPE_PLAIN,
    SHAPE_LAMBDA, // hugged by parentheses
    SHAPE_TAIL,   // ends in a bracket that breaks: may begin on the same line
    SHAPE_BLOCK   // is such a bracket: begins on the same line
} Shape;

// ---- format_cursor.c

static inline TokenKind fmt_kind(const Formatter *f)
{
    return (TokenKind)f->source->tokens.items[f->at].kind;
}
static inline bool fmt_at(const Formatter *f, TokenKind kind)
{
    return fmt_kind(f) == kind;
}
static inline const FormatToken *fmt_token(const Formatter *f)
{
    return &f->source->tokens.items[f->at];
}
// The token after the next one.
TokenKind fmt_peek(const Formatter *f);
// Whether comments stand before the next token.
bool fmt_has_comments(const Formatter *f);
// The comments that end the line of the token before.
void fmt_trailing(Formatter *f);
// All comments before the next token.
void fmt_comments(Formatter *f);
// The next token, with the comments before it.
void fmt_take(Formatter *f);
// The same if it is of `kind`.
bool fmt_accept(Formatter *f, TokenKind kind);
// The token and a space.
void fmt_take_space(Formatter *f);
// Passes over an optional mark.
void fmt_drop(Formatter *f);
void fmt_space(Formatter *f);
// A LINE, SOFT, FILL or NEWLINE; returns its index.
uint32_t fmt_break(Formatter *f, DocKind kind);
// A slot behind the comments before the next token.
uint32_t fmt_slot(Formatter *f);
// What stands between two items: keeps an empty line.
void fmt_item_start(Formatter *f);

// What stands in brackets.
typedef struct BracketStyle {
    Shape (*item)(Formatter *f);
    bool space;       // inside, on one line: { a }
    bool keep_broken; // where the first item stands on a line of its own
    bool fill;        // as many items on a line as fit
    bool single;      // a comma goes behind a single item as well
    bool hug;         // a single item may touch the brackets
} BracketStyle;
// True when a single item touches the brackets.
bool fmt_bracket(Formatter *f, const BracketStyle *style);

// ---- format_exprs.c

Shape fmt_expr(Formatter *f);
// An or-level expression.
void fmt_predicate(Formatter *f);

// ---- format_atoms.c

Shape fmt_atom(Formatter *f);
bool fmt_at_atom(const Formatter *f);
Shape fmt_arguments(Formatter *f);

// ---- format_forms.c

// [ "=" expr ]
void fmt_default(Formatter *f);
// name {param} [":" type] "=" expr
void fmt_bind(Formatter *f);
bool fmt_at_open_expr(const Formatter *f);
Shape fmt_open_expr(Formatter *f);

// ---- format_types.c

Shape fmt_type(Formatter *f);
void fmt_atype(Formatter *f);
Shape fmt_apptype(Formatter *f);

// ---- format_patterns.c

Shape fmt_pattern(Formatter *f);
// Parameters, each behind a place to break but the first of a lambda.
void fmt_params(Formatter *f, bool lambda);

// ---- format_decls.c

// The declaration that starts at the next token, or the final expression.
void fmt_declaration(Formatter *f, const Decl *decl);

#endif
