// Tokens, comments and brackets.
#include "syntax/format_internal.h"

#define INDENT DOC_INDENT_WIDTH

TokenKind fmt_peek(const Formatter *f)
{
    uint32_t next = f->at + (f->at + 1 < f->source->tokens.count);
    return (TokenKind)f->source->tokens.items[next].kind;
}

// ---- comments

// The first comment behind the next token.
static uint32_t comments_end(const Formatter *f)
{
    return f->at + 1 < f->source->tokens.count
               ? f->source->tokens.items[f->at + 1].comments
               : f->source->comments.count;
}

bool fmt_has_comments(const Formatter *f)
{
    return f->comment < comments_end(f);
}

// Comments before the next token that stand on the line of the one before;
// *out_last: whether they end that line.
static uint32_t comments_on_line(const Formatter *f, bool *out_last)
{
    uint32_t end = comments_end(f);
    uint32_t c = f->comment;
    *out_last = false;
    while (c < end && !f->source->comments.items[c].newline_before) {
        *out_last = f->source->comments.items[c].newline_after ||
                    f->source->comments.items[c].line;
        c++;
    }
    return c - f->comment;
}

static void add_comment(Formatter *f, const FormatComment *comment)
{
    doc_text(&f->doc, comment->start, comment->end);
    if (comment->line) {
        doc_add(&f->doc, DOC_NEWLINE);
    }
    f->comment++;
    f->after_opener = false;
}

void fmt_trailing(Formatter *f)
{
    bool last;
    uint32_t count = comments_on_line(f, &last);
    for (uint32_t i = 0; last && i < count; i++) {
        doc_add(&f->doc, DOC_SPACE);
        add_comment(f, &f->source->comments.items[f->comment]);
    }
}

void fmt_comments(Formatter *f)
{
    fmt_trailing(f);
    uint32_t end = comments_end(f);
    TokenKind next = fmt_kind(f);
    // What comes then has its own place to break.
    bool before_closer =
        token_closes(next) || next == TOKEN_COMMA || next == TOKEN_SEMICOLON;
    while (f->comment < end) {
        const FormatComment *comment = &f->source->comments.items[f->comment];
        bool own_line = comment->newline_before &&
                        (comment->line || comment->newline_after);
        if (own_line) {
            doc_add(&f->doc, DOC_NEWLINE);
            if (comment->blank_before && !f->after_opener) {
                doc_add(&f->doc, DOC_BLANK);
            }
        } else if (!f->after_opener) {
            doc_add(&f->doc, DOC_SPACE);
        }
        add_comment(f, comment);
        if (own_line) {
            doc_add(&f->doc, DOC_NEWLINE);
        } else if (!before_closer) {
            doc_add(&f->doc, DOC_SPACE);
        }
    }
}

// ---- tokens

// Comments before a ',' or ';' are better behind it. One that is to document a
// declaration stays where it documents nothing.
static bool defers_comments(const Formatter *f)
{
    if (!fmt_at(f, TOKEN_COMMA) && !fmt_at(f, TOKEN_SEMICOLON)) {
        return false;
    }
    bool last;
    if (comments_on_line(f, &last) > 0 && !last) {
        return false;
    }
    for (uint32_t c = f->comment; c < comments_end(f); c++) {
        if (f->source->comments.items[c].doc) {
            return false;
        }
    }
    return true;
}

void fmt_take(Formatter *f)
{
    if (!defers_comments(f)) {
        fmt_comments(f);
    }
    const FormatToken *token = fmt_token(f);
    if (token->kind == TOKEN_END) {
        return; // the end of what was not understood: seen by the check
    }
    doc_text(&f->doc, token->start, token->end);
    f->after_opener = token_opens(token->kind);
    f->at++;
}

bool fmt_accept(Formatter *f, TokenKind kind)
{
    if (!fmt_at(f, kind)) {
        return false;
    }
    fmt_take(f);
    return true;
}

void fmt_take_space(Formatter *f)
{
    fmt_take(f);
    fmt_space(f);
}

void fmt_drop(Formatter *f)
{
    f->source->tokens.items[f->at++].dropped = true;
}

void fmt_space(Formatter *f)
{
    doc_add(&f->doc, DOC_SPACE);
}

uint32_t fmt_break(Formatter *f, DocKind kind)
{
    fmt_trailing(f);
    return doc_add(&f->doc, kind);
}

uint32_t fmt_slot(Formatter *f)
{
    fmt_comments(f);
    return doc_slot(&f->doc);
}

void fmt_item_start(Formatter *f)
{
    fmt_comments(f);
    if (fmt_token(f)->blank_before) {
        doc_add(&f->doc, DOC_FORCE);
        doc_add(&f->doc, DOC_BLANK);
    }
}

// ---- brackets

// Takes the items and the commas between them; their number.
static uint32_t take_items(Formatter *f, const BracketStyle *style,
                           uint32_t closer, Shape *out_shape)
{
    uint32_t count = 0;
    for (;;) {
        f->no_last_comma = false;
        *out_shape = style->item(f);
        count++;
        if (!fmt_at(f, TOKEN_COMMA)) {
            return count;
        }
        if (f->at + 1 == closer) {
            fmt_drop(f);
            return count;
        }
        fmt_take(f);
        bool fill = style->fill && !fmt_token(f)->blank_before;
        fmt_break(f, fill ? DOC_FILL : DOC_LINE);
        fmt_item_start(f);
    }
}

// Between the brackets; true when a single item touches them.
static bool bracket_items(Formatter *f, const BracketStyle *style,
                          uint32_t closer, uint32_t *out_count)
{
    DocKind kind = style->space ? DOC_LINE : DOC_SOFT;
    if (style->keep_broken && fmt_token(f)->newline_before) {
        doc_add(&f->doc, DOC_FORCE);
    }
    bool may_hug = style->hug && !fmt_has_comments(f);
    uint32_t indent = f->doc.ops.count;
    doc_indent(&f->doc, INDENT);
    uint32_t first = fmt_break(f, kind);
    fmt_comments(f);
    Shape shape;
    uint32_t count = take_items(f, style, closer, &shape);
    *out_count = count;
    if (may_hug && count == 1 && shape != SHAPE_PLAIN) {
        doc_patch(&f->doc, indent, DOC_NOP, 0);
        doc_patch(&f->doc, first, DOC_NOP, 0);
        return true;
    }
    if (!f->no_last_comma && (count > 1 || style->single)) {
        doc_mark(&f->doc, DOC_IF_BREAK, ',');
    }
    fmt_comments(f);
    doc_indent(&f->doc, -INDENT);
    fmt_break(f, kind);
    return false;
}

static void empty_bracket(Formatter *f)
{
    if (!fmt_has_comments(f)) {
        return;
    }
    doc_indent(&f->doc, INDENT);
    fmt_comments(f);
    doc_indent(&f->doc, -INDENT);
    fmt_break(f, DOC_SOFT);
}

bool fmt_bracket(Formatter *f, const BracketStyle *style)
{
    uint32_t slot = fmt_slot(f);
    uint32_t group = doc_group(&f->doc, slot);
    f->doc.groups.items[group].brackets = !style->hug;
    uint32_t closer = fmt_token(f)->partner;
    bool no_brace = f->no_brace;
    f->no_brace = false;
    fmt_take(f);
    bool hugged = false;
    uint32_t count = 0;
    if (f->at == closer) {
        empty_bracket(f);
    } else {
        hugged = bracket_items(f, style, closer, &count);
    }
    f->no_last_comma = false;
    f->no_brace = no_brace;
    fmt_take(f);
    doc_close(&f->doc, group);
    f->head = slot;
    f->items = count;
    return hugged;
}
