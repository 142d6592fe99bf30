// Types as written.
#include "syntax/format_internal.h"

#define INDENT DOC_INDENT_WIDTH

static bool at_atype(const Formatter *f)
{
    TokenKind kind = fmt_kind(f);
    return kind == TOKEN_UPPER_NAME || kind == TOKEN_NAME ||
           kind == TOKEN_TYPE_VAR || kind == TOKEN_LEFT_PAREN ||
           kind == TOKEN_LEFT_BRACKET || kind == TOKEN_LEFT_BRACE;
}

// fieldname [ "?" ] ":" type [ "=" expr ] | ".." [ tyvar ]
static Shape field(Formatter *f)
{
    if (fmt_accept(f, TOKEN_DOT_DOT)) {
        if (fmt_at(f, TOKEN_NAME) || fmt_at(f, TOKEN_TYPE_VAR)) {
            fmt_take(f);
        }
        f->no_last_comma = true;
        return SHAPE_PLAIN;
    }
    fmt_take(f);
    fmt_accept(f, TOKEN_QUESTION);
    fmt_take_space(f); // :
    (void)fmt_type(f);
    fmt_default(f);
    return SHAPE_PLAIN;
}

void fmt_atype(Formatter *f)
{
    static const BracketStyle paren = {.item = fmt_type, .hug = true};
    static const BracketStyle list = {.item = fmt_type};
    static const BracketStyle record = {
        .item = field, .space = true, .keep_broken = true, .single = true};
    switch ((int)fmt_kind(f)) {
    case TOKEN_LEFT_PAREN:
        (void)fmt_bracket(f, &paren);
        break;
    case TOKEN_LEFT_BRACKET:
        (void)fmt_bracket(f, &list);
        break;
    case TOKEN_LEFT_BRACE:
        (void)fmt_bracket(f, &record);
        break;
    default:
        fmt_take(f);
        if (fmt_accept(f, TOKEN_DOT)) {
            fmt_take(f);
        }
    }
}

// Name { atype } | atype. A constructor's "(" may touch its name, and a type's
// may not.
Shape fmt_apptype(Formatter *f)
{
    TokenKind kind = fmt_kind(f);
    bool takes = kind == TOKEN_UPPER_NAME ||
                 (kind == TOKEN_NAME && fmt_peek(f) == TOKEN_DOT);
    uint32_t slot = fmt_slot(f);
    fmt_atype(f);
    if (!takes || !at_atype(f)) {
        return kind == TOKEN_LEFT_BRACE ? SHAPE_BLOCK : SHAPE_PLAIN;
    }
    if (fmt_at(f, TOKEN_LEFT_PAREN) && !fmt_token(f)->space_before) {
        fmt_atype(f);
    }
    uint32_t group = doc_group(&f->doc, slot);
    doc_indent_if(&f->doc, group, INDENT);
    uint32_t end = 0;
    uint32_t line = 0;
    bool is_record = false;
    while (at_atype(f)) {
        bool has_comments = fmt_has_comments(f);
        is_record = fmt_at(f, TOKEN_LEFT_BRACE) && !has_comments;
        end = doc_add(&f->doc, DOC_NOP);
        line = fmt_break(f, DOC_LINE);
        fmt_atype(f);
    }
    if (is_record) {
        doc_patch(&f->doc, end, DOC_CLOSE, group);
        doc_patch(&f->doc, line, DOC_LINE_OF, group);
    } else {
        doc_close(&f->doc, group);
    }
    doc_indent_if(&f->doc, group, -INDENT);
    return is_record ? SHAPE_BLOCK : SHAPE_PLAIN;
}

// apptype { ("where" | "with") predicate }
static Shape refined(Formatter *f)
{
    uint32_t slot = fmt_slot(f);
    Shape shape = fmt_apptype(f);
    if (!fmt_at(f, TOKEN_WHERE) && !fmt_at(f, TOKEN_WITH)) {
        return shape;
    }
    uint32_t group = doc_group(&f->doc, slot);
    doc_indent_if(&f->doc, group, INDENT);
    while (fmt_at(f, TOKEN_WHERE) || fmt_at(f, TOKEN_WITH)) {
        // Behind the brackets of a record there is no line to break.
        fmt_break(f, shape == SHAPE_BLOCK ? DOC_SPACE : DOC_LINE);
        fmt_take_space(f);
        fmt_predicate(f);
    }
    doc_indent_if(&f->doc, group, -INDENT);
    doc_close(&f->doc, group);
    return shape;
}

// [ context "=>" ] refined { "->" refined }
Shape fmt_type(Formatter *f)
{
    uint32_t slot = fmt_slot(f);
    Shape shape = refined(f);
    if (!fmt_at(f, TOKEN_FAT_ARROW) && !fmt_at(f, TOKEN_ARROW)) {
        return shape;
    }
    uint32_t group = doc_group(&f->doc, slot);
    if (fmt_at(f, TOKEN_FAT_ARROW)) {
        fmt_space(f);
        fmt_take(f);
        fmt_break(f, DOC_LINE);
        (void)refined(f);
    }
    while (fmt_at(f, TOKEN_ARROW)) {
        fmt_break(f, DOC_LINE);
        fmt_take_space(f);
        (void)refined(f);
    }
    doc_close(&f->doc, group);
    return SHAPE_PLAIN;
}
