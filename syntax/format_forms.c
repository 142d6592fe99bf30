// Bindings, and the expressions that extend as far to the right as they can.
#include "syntax/format_internal.h"

#define INDENT      DOC_INDENT_WIDTH
#define LET_INDENT  4 // the width of `let `
#define TYPE_INDENT 4

// `least`: the shape that may begin on the same line. It does not, unless it is
// a bracket by itself, when the group `after` is broken.
static Shape right_side_with(Formatter *f, Shape least, uint32_t after)
{
    uint32_t slot = doc_slot(&f->doc);
    uint32_t group = doc_group(&f->doc, slot);
    uint32_t whole = doc_group(&f->doc, slot);
    doc_indent_if(&f->doc, group, INDENT);
    fmt_break(f, DOC_LINE);
    fmt_comments(f);
    uint32_t end = doc_add(&f->doc, DOC_NOP);
    Shape shape = fmt_expr(f);
    if (shape == SHAPE_TAIL) {
        f->doc.groups.items[group].rest = whole;
        f->doc.groups.items[group].after = after;
    }
    if (shape >= least) {
        // Only what comes up to its bracket has to fit.
        f->doc.groups.items[group].head = f->head;
        doc_patch(&f->doc, end, DOC_CLOSE, group);
    } else {
        doc_close(&f->doc, group);
    }
    doc_indent_if(&f->doc, group, -INDENT);
    doc_close(&f->doc, whole);
    return shape;
}

// What follows '=', '->', '=>', 'then' and 'else': on the same line, or on
// lines of its own.
static Shape right_side(Formatter *f)
{
    return right_side_with(f, SHAPE_TAIL, DOC_NONE);
}

void fmt_default(Formatter *f)
{
    if (fmt_at(f, TOKEN_EQUALS)) {
        fmt_space(f);
        fmt_take(f);
        (void)right_side(f);
    }
}

void fmt_bind(Formatter *f)
{
    uint32_t slot = fmt_slot(f);
    fmt_take(f);
    uint32_t group = doc_group(&f->doc, slot);
    doc_indent(&f->doc, TYPE_INDENT);
    fmt_params(f, false);
    if (fmt_accept(f, TOKEN_COLON)) {
        fmt_break(f, DOC_FILL);
        (void)fmt_type(f);
    }
    doc_indent(&f->doc, -TYPE_INDENT);
    fmt_space(f);
    fmt_take(f); // =
    doc_close(&f->doc, group);
    (void)right_side_with(f, SHAPE_TAIL, group);
}

// "\" params "->" expr
static Shape lambda(Formatter *f)
{
    uint32_t slot = fmt_slot(f);
    fmt_take(f);
    uint32_t group = doc_group(&f->doc, slot);
    doc_indent(&f->doc, TYPE_INDENT);
    fmt_params(f, true);
    doc_indent(&f->doc, -TYPE_INDENT);
    fmt_space(f);
    fmt_take(f); // ->
    doc_close(&f->doc, group);
    return right_side(f) >= SHAPE_TAIL ? SHAPE_TAIL : SHAPE_LAMBDA;
}

// "let" [ "rec" ] bind { (";" | "and") bind } [ ";" ] "in" expr: further binds
// stand below the first one, `and` below `let`.
static Shape let_expr(Formatter *f)
{
    uint32_t slot = fmt_slot(f);
    uint32_t group = doc_group(&f->doc, slot);
    // Whether there are several binds, for their indentation.
    uint32_t several = doc_flag(&f->doc);
    fmt_take_space(f);
    if (fmt_at(f, TOKEN_REC)) {
        fmt_take_space(f);
    }
    for (;;) {
        doc_indent_if(&f->doc, several, LET_INDENT);
        fmt_bind(f);
        if (fmt_at(f, TOKEN_SEMICOLON) && fmt_peek(f) == TOKEN_IN) {
            fmt_drop(f);
        }
        bool ends = fmt_at(f, TOKEN_SEMICOLON);
        if (ends) {
            f->doc.groups.items[several].broken = true;
            fmt_take(f);
            fmt_break(f, DOC_LINE);
            fmt_item_start(f);
        }
        doc_indent_if(&f->doc, several, -LET_INDENT);
        if (fmt_at(f, TOKEN_AND)) {
            fmt_break(f, DOC_LINE);
            fmt_item_start(f);
            fmt_take_space(f);
        } else if (!ends) {
            break;
        }
    }
    fmt_space(f);
    fmt_take(f); // in
    fmt_break(f, DOC_LINE);
    (void)fmt_expr(f);
    doc_close(&f->doc, group);
    return SHAPE_PLAIN;
}

// "if" expr "then" expr {"else" "if" expr "then" expr} "else" expr
static Shape if_expr(Formatter *f)
{
    uint32_t slot = fmt_slot(f);
    uint32_t group = doc_group(&f->doc, slot);
    while (fmt_at(f, TOKEN_IF)) {
        fmt_take_space(f);
        (void)fmt_expr(f);
        fmt_space(f);
        fmt_take(f); // then
        (void)right_side_with(f, SHAPE_BLOCK, DOC_NONE);
        fmt_break(f, DOC_LINE);
        fmt_take(f); // else
        if (fmt_at(f, TOKEN_IF)) {
            fmt_space(f);
        }
    }
    (void)right_side(f);
    doc_close(&f->doc, group);
    return SHAPE_PLAIN;
}

// pattern { "|" pattern } [ "when" expr ] "=>" expr
static Shape arm(Formatter *f)
{
    uint32_t slot = fmt_slot(f);
    uint32_t group = doc_group(&f->doc, slot);
    (void)fmt_pattern(f);
    while (fmt_at(f, TOKEN_BAR)) {
        fmt_break(f, DOC_LINE);
        fmt_take_space(f);
        (void)fmt_pattern(f);
    }
    if (fmt_at(f, TOKEN_WHEN)) {
        doc_indent(&f->doc, INDENT);
        fmt_break(f, DOC_LINE);
        fmt_take_space(f);
        (void)fmt_expr(f);
        doc_indent(&f->doc, -INDENT);
    }
    fmt_space(f);
    fmt_take(f); // =>
    doc_close(&f->doc, group);
    (void)right_side(f);
    return SHAPE_PLAIN;
}

// "match" expr "{" arm { "," arm } "}"
static Shape match(Formatter *f)
{
    static const BracketStyle style = {
        .item = arm, .space = true, .keep_broken = true, .single = true};
    fmt_take_space(f);
    bool no_brace = f->no_brace;
    f->no_brace = true;
    uint32_t slot = fmt_slot(f);
    uint32_t group = doc_group(&f->doc, slot);
    (void)fmt_expr(f);
    doc_close(&f->doc, group);
    f->no_brace = no_brace;
    doc_patch(&f->doc, fmt_break(f, DOC_LINE), DOC_LINE_OF, group);
    (void)fmt_bracket(f, &style);
    return SHAPE_TAIL;
}

bool fmt_at_open_expr(const Formatter *f)
{
    TokenKind kind = fmt_kind(f);
    return kind == TOKEN_BACKSLASH || kind == TOKEN_LET || kind == TOKEN_IF ||
           kind == TOKEN_MATCH;
}

Shape fmt_open_expr(Formatter *f)
{
    TokenKind kind = fmt_kind(f);
    return kind == TOKEN_BACKSLASH ? lambda(f)
           : kind == TOKEN_LET     ? let_expr(f)
           : kind == TOKEN_IF      ? if_expr(f)
                                   : match(f);
}
