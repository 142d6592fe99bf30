// Declarations.
#include "syntax/format_internal.h"

#define INDENT DOC_INDENT_WIDTH

// The last ';', which some declarations may leave out.
static void end_declaration(Formatter *f)
{
    if (fmt_at(f, TOKEN_SEMICOLON)) {
        fmt_take(f);
    } else {
        doc_mark(&f->doc, DOC_MARK, ';');
    }
}

// "let" [ "rec" ] bind { "and" bind } ";"
static void let_decl(Formatter *f)
{
    fmt_take_space(f);
    if (fmt_at(f, TOKEN_REC)) {
        fmt_take_space(f);
    }
    fmt_bind(f);
    while (fmt_at(f, TOKEN_AND)) {
        fmt_break(f, DOC_NEWLINE);
        fmt_item_start(f);
        fmt_take_space(f);
        fmt_bind(f);
    }
    fmt_take(f); // ;
}

// ---- imports and exports

// name [ "as" name ]
static Shape item(Formatter *f)
{
    fmt_take(f);
    if (fmt_at(f, TOKEN_AS)) {
        fmt_space(f);
        fmt_take_space(f);
        fmt_take(f);
    }
    return SHAPE_PLAIN;
}

static void braced_items(Formatter *f)
{
    static const BracketStyle style = {
        .item = item, .space = true, .single = true};
    (void)fmt_bracket(f, &style);
}

// string | name { "." name }
static void dotted(Formatter *f)
{
    fmt_take(f);
    while (fmt_accept(f, TOKEN_DOT)) {
        fmt_take(f);
    }
}

static void import_decl(Formatter *f)
{
    fmt_take_space(f);
    if (fmt_at(f, TOKEN_LEFT_BRACE)) {
        braced_items(f);
        fmt_space(f);
        fmt_take_space(f); // from
        dotted(f);
    } else {
        dotted(f);
        if (fmt_at(f, TOKEN_AS)) {
            fmt_space(f);
            fmt_take_space(f);
            fmt_take(f);
        }
        if (fmt_at(f, TOKEN_LEFT_BRACE)) {
            fmt_space(f);
            braced_items(f);
        } else if (fmt_at(f, TOKEN_COLON)) {
            fmt_take_space(f);
            (void)fmt_type(f);
        }
    }
    fmt_take(f); // ;
}

// items | "{" items "}", behind "export"
static void export_items(Formatter *f)
{
    if (fmt_at(f, TOKEN_LEFT_BRACE)) {
        braced_items(f);
        end_declaration(f);
        return;
    }
    uint32_t group = doc_group(&f->doc, fmt_slot(f));
    doc_indent(&f->doc, INDENT);
    (void)item(f);
    while (fmt_at(f, TOKEN_COMMA)) {
        TokenKind next = fmt_peek(f);
        if (next != TOKEN_NAME && next != TOKEN_UPPER_NAME) {
            fmt_drop(f);
            break;
        }
        fmt_take(f);
        fmt_break(f, DOC_FILL);
        (void)item(f);
    }
    doc_indent(&f->doc, -INDENT);
    end_declaration(f);
    doc_close(&f->doc, group);
}

// ---- types

// Whether a '|' comes at `at` or later in the declaration, outside of brackets.
static bool has_bar(const Formatter *f, uint32_t at)
{
    for (;; at++) {
        const FormatToken *token = &f->source->tokens.items[at];
        switch ((int)token->kind) {
        case TOKEN_BAR:
            return true;
        case TOKEN_SEMICOLON:
        case TOKEN_END:
            return false;
        case TOKEN_LEFT_PAREN:
        case TOKEN_LEFT_BRACKET:
        case TOKEN_LEFT_BRACE:
            at = token->partner;
            break;
        default:
            break;
        }
    }
}

// [ "|" ] ctor { "|" ctor }: on one line, or one a line, each behind a '|'.
// The first '|' is needed before a single constructor only.
static void union_body(Formatter *f, bool leading)
{
    if (leading && fmt_token(f)->newline_before) {
        doc_add(&f->doc, DOC_FORCE);
    }
    if (leading && !has_bar(f, f->at + 1)) {
        fmt_take_space(f);
    } else {
        if (leading) {
            fmt_drop(f);
            fmt_comments(f);
        }
        doc_mark(&f->doc, DOC_IF_BREAK, '|');
    }
    (void)fmt_apptype(f);
    while (fmt_at(f, TOKEN_BAR)) {
        fmt_break(f, DOC_LINE);
        fmt_item_start(f);
        fmt_take_space(f);
        (void)fmt_apptype(f);
    }
}

// "type" Name { tyvar } "=" ( union | type ) ";"
static void type_decl(Formatter *f)
{
    fmt_take_space(f);
    while (!fmt_at(f, TOKEN_EQUALS) && !fmt_at(f, TOKEN_END)) {
        fmt_take_space(f);
    }
    fmt_take(f);
    uint32_t group = doc_group(&f->doc, doc_slot(&f->doc));
    doc_indent_if(&f->doc, group, INDENT);
    fmt_break(f, DOC_LINE);
    fmt_comments(f);
    uint32_t end = doc_add(&f->doc, DOC_NOP);
    Shape shape = SHAPE_PLAIN;
    bool leading = fmt_at(f, TOKEN_BAR);
    if (leading || has_bar(f, f->at)) {
        union_body(f, leading);
    } else {
        shape = fmt_type(f);
    }
    if (shape == SHAPE_BLOCK) {
        doc_patch(&f->doc, end, DOC_CLOSE, group);
    } else {
        doc_close(&f->doc, group);
    }
    doc_indent_if(&f->doc, group, -INDENT);
    fmt_take(f); // ;
}

// ---- classes and instances

static bool is_inside(const Formatter *f, const Decl *decl)
{
    return fmt_token(f)->start < decl->span.end && !fmt_at(f, TOKEN_END);
}

// "superclass" constraint { "," constraint } ";" | name ":" type ";"
static void class_member(Formatter *f)
{
    if (!fmt_at(f, TOKEN_SUPERCLASS)) {
        fmt_take(f);
        fmt_take_space(f); // :
        (void)fmt_type(f);
        fmt_take(f); // ;
        return;
    }
    fmt_take_space(f);
    (void)fmt_apptype(f);
    while (fmt_at(f, TOKEN_COMMA)) {
        if (fmt_peek(f) == TOKEN_SEMICOLON) {
            fmt_drop(f);
            break;
        }
        fmt_take_space(f);
        (void)fmt_apptype(f);
    }
    fmt_take(f); // ;
}

// The members of a class or the methods of an instance, a line each.
static void members(Formatter *f, const Decl *decl)
{
    fmt_take(f); // where
    doc_indent(&f->doc, INDENT);
    while (is_inside(f, decl)) {
        fmt_break(f, DOC_NEWLINE);
        fmt_item_start(f);
        if (decl->kind == DECL_CLASS) {
            class_member(f);
        } else {
            fmt_bind(f);
            fmt_take(f); // ;
        }
    }
    fmt_trailing(f);
    doc_indent(&f->doc, -INDENT);
}

// "typeclass" Name { tyvar } "where" members
static void class_decl(Formatter *f, const Decl *decl)
{
    while (!fmt_at(f, TOKEN_WHERE) && !fmt_at(f, TOKEN_END)) {
        fmt_take_space(f);
    }
    members(f, decl);
}

// "instance" [ context "=>" ] Name { atype } "where" methods
static void instance_decl(Formatter *f, const Decl *decl)
{
    fmt_take_space(f);
    (void)fmt_apptype(f);
    fmt_space(f);
    if (fmt_at(f, TOKEN_FAT_ARROW)) {
        fmt_take_space(f);
        (void)fmt_apptype(f);
        fmt_space(f);
    }
    members(f, decl);
}

// "input" name ":" type [ "=" expr ] ";"
static void input_decl(Formatter *f)
{
    fmt_take_space(f);
    fmt_take(f);
    fmt_take_space(f); // :
    (void)fmt_type(f);
    fmt_default(f);
    fmt_take(f); // ;
}

static void declaration(Formatter *f, const Decl *decl)
{
    if (fmt_at(f, TOKEN_EXPORT)) {
        fmt_take_space(f);
    }
    switch ((DeclKind)decl->kind) {
    case DECL_LET:
        let_decl(f);
        break;
    case DECL_INPUT:
        input_decl(f);
        break;
    case DECL_IMPORT:
        import_decl(f);
        break;
    case DECL_EXPORT:
        export_items(f);
        break;
    case DECL_TYPE:
        type_decl(f);
        break;
    case DECL_CLASS:
        class_decl(f, decl);
        break;
    case DECL_INSTANCE:
        instance_decl(f, decl);
        break;
    case DECL_ERROR: // of broken files, which are not formatted
        break;
    }
}

void fmt_declaration(Formatter *f, const Decl *decl)
{
    if (decl != NULL) {
        declaration(f, decl);
    } else if (fmt_at(f, TOKEN_MODULE)) {
        fmt_take_space(f);
        dotted(f);
        fmt_take(f); // ;
    } else {
        (void)fmt_expr(f);
    }
    while (fmt_at(f, TOKEN_SEMICOLON)) {
        fmt_drop(f);
    }
    fmt_trailing(f);
}
