// Patterns and parameters.
#include "syntax/format_internal.h"

static bool at_argument(const Formatter *f)
{
    switch ((int)fmt_kind(f)) {
    case TOKEN_UNDERSCORE:
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_LEFT_BRACE:
        return true;
    default:
        return false;
    }
}

// pattern | ".." [ name | "_" ]
static Shape list_item(Formatter *f)
{
    if (!fmt_accept(f, TOKEN_DOT_DOT)) {
        return fmt_pattern(f);
    }
    if (fmt_at(f, TOKEN_NAME) || fmt_at(f, TOKEN_UNDERSCORE)) {
        fmt_take(f);
    }
    f->no_last_comma = true;
    return SHAPE_PLAIN;
}

// fieldname [ "=" pattern ] | ".."
static Shape field(Formatter *f)
{
    if (fmt_accept(f, TOKEN_DOT_DOT)) {
        f->no_last_comma = true;
        return SHAPE_PLAIN;
    }
    fmt_take(f);
    if (fmt_at(f, TOKEN_EQUALS)) {
        fmt_space(f);
        fmt_take_space(f);
        (void)fmt_pattern(f);
    }
    return SHAPE_PLAIN;
}

// pattern [ ":" type ]
static Shape param_item(Formatter *f)
{
    (void)fmt_pattern(f);
    if (fmt_at(f, TOKEN_COLON)) {
        fmt_take_space(f);
        (void)fmt_type(f);
    }
    return SHAPE_PLAIN;
}

static void primary(Formatter *f, bool with_args);

// [ name "." ] Name { apat }
static void named(Formatter *f, bool with_args)
{
    bool is_ctor = fmt_at(f, TOKEN_UPPER_NAME);
    fmt_take(f);
    if (fmt_accept(f, TOKEN_DOT)) {
        is_ctor = true;
        fmt_take(f);
    }
    while (is_ctor && with_args && at_argument(f)) {
        if (!fmt_at(f, TOKEN_LEFT_PAREN) || fmt_token(f)->space_before) {
            fmt_space(f);
        }
        primary(f, false);
    }
}

static void primary(Formatter *f, bool with_args)
{
    static const BracketStyle paren = {.item = param_item};
    static const BracketStyle list = {.item = list_item, .single = true};
    static const BracketStyle record = {
        .item = field, .space = true, .single = true};
    switch ((int)fmt_kind(f)) {
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
        named(f, with_args);
        break;
    case TOKEN_LEFT_PAREN:
        (void)fmt_bracket(f, &paren);
        break;
    case TOKEN_LEFT_BRACKET:
        (void)fmt_bracket(f, &list);
        break;
    case TOKEN_LEFT_BRACE:
        (void)fmt_bracket(f, &record);
        break;
    case TOKEN_MINUS:
        fmt_take(f);
        fmt_take(f);
        break;
    default:
        fmt_take(f);
    }
}

Shape fmt_pattern(Formatter *f)
{
    primary(f, true);
    while (fmt_at(f, TOKEN_AS)) {
        fmt_space(f);
        fmt_take_space(f);
        fmt_take(f);
    }
    return SHAPE_PLAIN;
}

void fmt_params(Formatter *f, bool lambda)
{
    bool first = lambda;
    while (fmt_at(f, TOKEN_NAME) || fmt_at(f, TOKEN_UNDERSCORE) ||
           fmt_at(f, TOKEN_LEFT_PAREN) || fmt_at(f, TOKEN_LEFT_BRACE)) {
        bool bare = fmt_at(f, TOKEN_NAME) || fmt_at(f, TOKEN_UNDERSCORE);
        if (!first) {
            fmt_break(f, DOC_FILL);
        }
        first = false;
        primary(f, false);
        if (lambda && bare && fmt_at(f, TOKEN_COLON)) {
            fmt_take_space(f);
            fmt_atype(f);
        }
    }
}
