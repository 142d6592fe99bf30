// Operators and application.
#include "syntax/format_internal.h"

#define INDENT DOC_INDENT_WIDTH

enum { LEVEL_PIPE = 1, LEVEL_OR = 3, LEVEL_EQUALITY = 5, LEVEL_ORDER = 6 };

// Precedence, loosest first; 0: no binary operator.
static uint32_t operator_level(TokenKind kind)
{
    static const uint8_t levels[TOKEN_KIND_COUNT] = {
        [TOKEN_PIPE] = LEVEL_PIPE,
        [TOKEN_QUESTION_QUESTION] = 2,
        [TOKEN_BAR_BAR] = LEVEL_OR,
        [TOKEN_AND_AND] = 4,
        [TOKEN_EQUAL_EQUAL] = LEVEL_EQUALITY,
        [TOKEN_BANG_EQUAL] = LEVEL_EQUALITY,
        [TOKEN_LESS] = LEVEL_ORDER,
        [TOKEN_LESS_EQUAL] = LEVEL_ORDER,
        [TOKEN_GREATER] = LEVEL_ORDER,
        [TOKEN_GREATER_EQUAL] = LEVEL_ORDER,
        [TOKEN_PLUS_PLUS] = 7,
        [TOKEN_PLUS] = 8,
        [TOKEN_MINUS] = 8,
        [TOKEN_STAR] = 9,
        [TOKEN_SLASH] = 9,
        [TOKEN_PERCENT] = 9,
    };
    return levels[kind];
}

// ---- application

// atom { "." fieldname | "(" args ")" }
static Shape postfix(Formatter *f)
{
    TokenKind kind = fmt_kind(f);
    bool after_number = kind == TOKEN_INT || kind == TOKEN_FLOAT;
    Shape shape = fmt_atom(f);
    for (;;) {
        if (fmt_at(f, TOKEN_DOT)) {
            if (after_number) {
                fmt_space(f); // `1.x` is no number
            }
            fmt_take(f);
            fmt_take(f);
            shape = SHAPE_PLAIN;
        } else if (fmt_at(f, TOKEN_LEFT_PAREN) && !fmt_token(f)->space_before) {
            shape = fmt_arguments(f);
        } else {
            return shape;
        }
        after_number = false;
    }
}

// postfix { postfix }. The last argument, when it is in brackets that break,
// begins behind the others: f x { ... }.
static Shape application(Formatter *f, uint32_t slot)
{
    Shape shape = postfix(f);
    if (!fmt_at_atom(f)) {
        return shape;
    }
    uint32_t group = doc_group(&f->doc, slot);
    doc_indent_if(&f->doc, group, INDENT);
    uint32_t end = 0;
    uint32_t line = 0;
    for (uint32_t count = 0; fmt_at_atom(f); count++) {
        bool has_comments = fmt_has_comments(f);
        bool paren = fmt_at(f, TOKEN_LEFT_PAREN);
        uint32_t closer = fmt_token(f)->partner;
        end = doc_add(&f->doc, DOC_NOP);
        line = fmt_break(f, DOC_LINE);
        shape = postfix(f);
        if (paren && count == 0 && f->at == closer + 1) {
            shape = SHAPE_TAIL; // Some (...)
        }
        shape = has_comments ? SHAPE_PLAIN : shape;
    }
    if (shape >= SHAPE_TAIL) {
        doc_patch(&f->doc, end, DOC_CLOSE, group);
        doc_patch(&f->doc, line, DOC_LINE_OF, group);
    } else {
        doc_close(&f->doc, group);
    }
    doc_indent_if(&f->doc, group, -INDENT);
    return shape == SHAPE_BLOCK ? SHAPE_TAIL : shape;
}

// ---- operators

// {"!" | "-"} application
static Shape unary(Formatter *f, uint32_t slot)
{
    bool plain = true;
    while (fmt_at(f, TOKEN_MINUS) || fmt_at(f, TOKEN_BANG)) {
        bool minus = fmt_at(f, TOKEN_MINUS);
        fmt_take(f);
        if (minus && fmt_at(f, TOKEN_MINUS)) {
            fmt_space(f); // `--` starts a comment
        }
        plain = false;
    }
    Shape shape = fmt_at_open_expr(f) ? fmt_open_expr(f) : application(f, slot);
    return plain ? shape : SHAPE_PLAIN;
}

static Shape binary(Formatter *f, uint32_t level);

// The operators of one level, each on a line of its own when they break.
static void operator_chain(Formatter *f, uint32_t slot, uint32_t level,
                           bool implicit)
{
    uint32_t group = doc_group(&f->doc, slot);
    doc_indent_if(&f->doc, group, INDENT);
    while (operator_level(fmt_kind(f)) == level) {
        if (!implicit) {
            fmt_break(f, DOC_LINE);
        }
        implicit = false;
        fmt_take_space(f);
        (void)binary(f, level + 1);
    }
    doc_indent_if(&f->doc, group, -INDENT);
    doc_close(&f->doc, group);
}

static Shape binary(Formatter *f, uint32_t level)
{
    uint32_t slot = fmt_slot(f);
    uint32_t first = operator_level(fmt_kind(f));
    // The left side of a comparison may be left out in a refinement.
    bool implicit = first == LEVEL_EQUALITY || first == LEVEL_ORDER;
    Shape shape = implicit ? SHAPE_PLAIN : unary(f, slot);
    while (operator_level(fmt_kind(f)) >= level) {
        operator_chain(f, slot, operator_level(fmt_kind(f)), implicit);
        implicit = false;
        shape = SHAPE_PLAIN;
    }
    return shape;
}

void fmt_predicate(Formatter *f)
{
    (void)binary(f, LEVEL_OR);
}

Shape fmt_expr(Formatter *f)
{
    return binary(f, LEVEL_PIPE);
}
