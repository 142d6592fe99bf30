// Literals, names, and what stands in brackets.
#include "syntax/format_internal.h"

bool fmt_at_atom(const Formatter *f)
{
    switch ((int)fmt_kind(f)) {
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_STRING_START:
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return true;
    case TOKEN_LEFT_BRACE:
        return !f->no_brace;
    default:
        return false;
    }
}

// ---- parentheses

// expr [ ":" type ]
static Shape paren_item(Formatter *f)
{
    Shape shape = fmt_expr(f);
    if (fmt_at(f, TOKEN_COLON)) {
        fmt_take_space(f);
        (void)fmt_type(f);
        shape = SHAPE_PLAIN;
    }
    return shape;
}

Shape fmt_arguments(Formatter *f)
{
    static const BracketStyle style = {.item = paren_item, .hug = true};
    (void)fmt_bracket(f, &style);
    return SHAPE_TAIL;
}

// A tuple, or one expression.
static Shape paren(Formatter *f)
{
    static const BracketStyle style = {.item = paren_item, .hug = true};
    bool hugged = fmt_bracket(f, &style);
    return hugged || f->items > 1 ? SHAPE_TAIL : SHAPE_PLAIN;
}

// ---- lists

// expr { clause }: the item of a comprehension goes on to its end.
static Shape list_item(Formatter *f)
{
    Shape shape = fmt_expr(f);
    while (fmt_at(f, TOKEN_FOR) || fmt_at(f, TOKEN_IF)) {
        bool is_filter = fmt_at(f, TOKEN_IF);
        fmt_break(f, DOC_LINE);
        fmt_take_space(f);
        if (!is_filter) {
            (void)fmt_pattern(f);
            fmt_space(f);
            fmt_take_space(f); // in
        }
        (void)fmt_expr(f);
        f->no_last_comma = true;
        f->is_comprehension = true;
    }
    return shape;
}

// Whether a list holds nothing but numbers.
static bool is_number_list(const Formatter *f)
{
    for (uint32_t i = f->at + 1; i < fmt_token(f)->partner; i++) {
        TokenKind kind = (TokenKind)f->source->tokens.items[i].kind;
        if (kind != TOKEN_INT && kind != TOKEN_FLOAT && kind != TOKEN_MINUS &&
            kind != TOKEN_COMMA) {
            return false;
        }
    }
    return true;
}

static Shape list(Formatter *f)
{
    static const BracketStyle style = {.item = list_item, .single = true};
    static const BracketStyle numbers = {
        .item = list_item, .single = true, .fill = true};
    (void)fmt_bracket(f, is_number_list(f) ? &numbers : &style);
    bool is_comprehension = f->is_comprehension;
    f->is_comprehension = false;
    return is_comprehension ? SHAPE_TAIL : SHAPE_BLOCK;
}

// ---- records

// ".." expr | fieldname { "." fieldname } [ ":" type ] "=" expr | name
static Shape record_item(Formatter *f)
{
    if (fmt_accept(f, TOKEN_DOT_DOT)) {
        (void)fmt_expr(f);
        return SHAPE_PLAIN;
    }
    fmt_take(f);
    while (fmt_accept(f, TOKEN_DOT)) {
        fmt_take(f);
    }
    if (fmt_at(f, TOKEN_COLON)) {
        fmt_take_space(f);
        (void)fmt_type(f);
    }
    fmt_default(f);
    return SHAPE_PLAIN;
}

static Shape record(Formatter *f)
{
    static const BracketStyle style = {.item = record_item,
                                       .space = true,
                                       .keep_broken = true,
                                       .single = true};
    (void)fmt_bracket(f, &style);
    return SHAPE_BLOCK;
}

Shape fmt_atom(Formatter *f)
{
    switch ((int)fmt_kind(f)) {
    case TOKEN_LEFT_PAREN:
        return paren(f);
    case TOKEN_LEFT_BRACKET:
        return list(f);
    case TOKEN_LEFT_BRACE:
        return record(f);
    default: {
        fmt_take(f);
        // A block string begins on the line of what it is for.
        bool multi = vec_last(&f->doc.ops).kind == DOC_MULTI;
        f->head = f->doc.ops.count - 1;
        return multi ? SHAPE_BLOCK : SHAPE_PLAIN;
    }
    }
}
