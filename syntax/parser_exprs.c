// Expressions: operators and application.
#include "syntax/builtins.h"
#include "syntax/parser_internal.h"

// Precedence, loosest first. 0: not a binary operator.
typedef enum Level {
    LEVEL_NONE,
    LEVEL_PIPE,
    LEVEL_COALESCE,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_EQUALITY,
    LEVEL_ORDER,
    LEVEL_CONCAT,
    LEVEL_SUM,
    LEVEL_PRODUCT
} Level;

typedef struct OperatorInfo {
    uint8_t level; // Level
    uint8_t op;    // Operator
} OperatorInfo;

static const OperatorInfo operator_infos[TOKEN_KIND_COUNT] = {
    [TOKEN_PIPE] = {LEVEL_PIPE, OP_PIPE},
    [TOKEN_QUESTION_QUESTION] = {LEVEL_COALESCE, OP_COALESCE},
    [TOKEN_BAR_BAR] = {LEVEL_OR, OP_OR},
    [TOKEN_AND_AND] = {LEVEL_AND, OP_AND},
    [TOKEN_EQUAL_EQUAL] = {LEVEL_EQUALITY, OP_EQ},
    [TOKEN_BANG_EQUAL] = {LEVEL_EQUALITY, OP_NE},
    [TOKEN_LESS] = {LEVEL_ORDER, OP_LT},
    [TOKEN_LESS_EQUAL] = {LEVEL_ORDER, OP_LE},
    [TOKEN_GREATER] = {LEVEL_ORDER, OP_GT},
    [TOKEN_GREATER_EQUAL] = {LEVEL_ORDER, OP_GE},
    [TOKEN_PLUS_PLUS] = {LEVEL_CONCAT, OP_APPEND},
    [TOKEN_PLUS] = {LEVEL_SUM, OP_ADD},
    [TOKEN_MINUS] = {LEVEL_SUM, OP_SUB},
    [TOKEN_STAR] = {LEVEL_PRODUCT, OP_MUL},
    [TOKEN_SLASH] = {LEVEL_PRODUCT, OP_DIV},
    [TOKEN_PERCENT] = {LEVEL_PRODUCT, OP_REM},
};

Expr parser_node(Parser *parser, ExprKind kind, uint32_t start, uint32_t height)
{
    Expr expr = {.kind = (uint8_t)kind, .span = parser_span(parser, start)};
    parser->node_count++;
    parser_set_height(parser, height);
    return expr;
}

Expr *parser_keep_expr(Parser *parser, Expr expr)
{
    return arena_copy(parser->arena, &expr, sizeof expr);
}

// ---- application

// Field accesses and calls behind `expr`.
// postfix -> atom { "." fieldname | "(" args ")" }
static Expr field_access(Parser *parser, Expr record)
{
    uint32_t start = record.span.start;
    uint32_t height = parser->height;
    parser_advance(parser);
    bool is_upper = parser_at(parser, TOKEN_UPPER_NAME);
    bool quoted = parser_at(parser, TOKEN_STRING);
    Symbol name;
    Span span;
    if (!parser_field_name(parser, &name, &span)) {
        return record;
    }
    bool plain = (record.flags & EXPR_PARENTHESISED) == 0;
    bool named =
        plain &&
        (record.kind == EXPR_NAME ||
         (record.kind == EXPR_CTOR && (record.flags & EXPR_QUALIFIED) == 0));
    if (named && is_upper) {
        Expr ctor = parser_node(parser, EXPR_CTOR, start, 1);
        ctor.flags = EXPR_QUALIFIED;
        ctor.as.ctor.symbol = name;
        ctor.as.ctor.module = record.as.name.symbol;
        return ctor;
    }
    if (named) {
        record.kind = EXPR_NAME; // `Lib` of Lib.value is a module's name
    }
    Expr expr = parser_node(parser, EXPR_FIELD, start, height + 1);
    expr.flags = quoted ? EXPR_QUOTED : 0;
    expr.as.field.record = parser_keep_expr(parser, record);
    expr.as.field.field = name;
    expr.as.field.field_start = span.start;
    return expr;
}

static bool at_touching_paren(const Parser *parser)
{
    return parser_at(parser, TOKEN_LEFT_PAREN) && !parser->token.space_before;
}

static Expr finish_call(Parser *parser, uint32_t start, size_t mark,
                        uint32_t height)
{
    uint32_t count;
    Expr *parts = parser_take(parser, mark, Expr, &count);
    Expr call = parser_node(parser, EXPR_CALL, start, height + 1);
    call.as.call.parts = parts;
    call.as.call.count = count;
    Builtin builtin;
    if (parts[0].kind != EXPR_NAME || parts[0].as.name.symbol != SYM_BUILTIN ||
        count != 2 || parts[1].kind != EXPR_STRING || !parser->module->is_std) {
        return call;
    }
    Str name = str_make(parts[1].as.string.data, parts[1].as.string.len);
    if (!builtin_from_name(name, &builtin)) {
        parser_report(parser, DIAG_E0201, parts[1].span,
                      "there is no builtin '%.*s'", STR_ARG(name));
        call.kind = EXPR_ERROR;
        return call;
    }
    Expr expr = parser_node(parser, EXPR_BUILTIN, start, 1);
    expr.as.builtin.index = builtin;
    return expr;
}

static Expr postfix_from(Parser *parser, Expr expr)
{
    while (!parser->failed) {
        if (parser_at(parser, TOKEN_DOT)) {
            expr = field_access(parser, expr);
        } else if (at_touching_paren(parser)) {
            uint32_t height = parser->height;
            size_t mark = parser->stack.used;
            parser_push(parser, &expr);
            while (at_touching_paren(parser) && !parser->failed) {
                parser_push_arguments(parser, &height);
            }
            expr = finish_call(parser, expr.span.start, mark, height);
        } else {
            break;
        }
    }
    return expr;
}

// An argument, pushed. A list in parentheses is several.
static void push_argument(Parser *parser, uint32_t *height)
{
    Expr arg = parser_atom(parser);
    if (arg.kind == EXPR_TUPLE && (arg.flags & EXPR_PARENTHESISED) == 0 &&
        !parser_at(parser, TOKEN_DOT)) {
        parser_note_height(parser, height);
        node_stack_push(&parser->stack, arg.as.tuple.items,
                        arg.as.tuple.count * sizeof(Expr));
        return;
    }
    arg = postfix_from(parser, arg);
    parser_note_height(parser, height);
    parser_push(parser, &arg);
}

// app -> postfix { postfix | "(" expr { "," expr } ")" }, whose first atom was
// read
static Expr application(Parser *parser, Expr atom, uint32_t start)
{
    Expr head = postfix_from(parser, atom);
    if (LIKELY(!parser_at_atom(parser)) || parser->failed) {
        return head;
    }
    uint32_t height = parser->height;
    size_t mark = parser->stack.used;
    if (head.kind == EXPR_CALL && (head.flags & EXPR_PARENTHESISED) == 0) {
        // f(x) y is f x y.
        node_stack_push(&parser->stack, head.as.call.parts,
                        head.as.call.count * sizeof(Expr));
        height--;
    } else {
        parser_push(parser, &head);
    }
    while (parser_at_atom(parser) && !parser->failed) {
        push_argument(parser, &height);
    }
    return finish_call(parser, start, mark, height);
}

// ---- operators

// -5 is a literal: what is left of `- operand` when operand is a plain number.
static bool fold_negation(Expr *operand, bool is_minimum)
{
    if ((operand->flags & EXPR_PARENTHESISED) != 0) {
        return false;
    }
    if (operand->kind == EXPR_INT && is_minimum) {
        return true;
    }
    if (operand->kind == EXPR_INT && operand->as.integer.value >= 0) {
        operand->as.integer.value = -operand->as.integer.value;
        return true;
    }
    if (operand->kind == EXPR_FLOAT && !(operand->as.number.value < 0)) {
        operand->as.number.value = -operand->as.number.value;
        return true;
    }
    return false;
}

// unary -> ("!" | "-") unary | app
static Expr unary(Parser *parser)
{
    uint32_t start = parser->token.span.start;
    bool is_minus = parser_at(parser, TOKEN_MINUS);
    if (LIKELY(!is_minus && !parser_at(parser, TOKEN_BANG))) {
        return parser_at_open_expr(parser)
                   ? parser_open_expr(parser)
                   : application(parser, parser_atom(parser), start);
    }
    if (!parser_enter(parser)) {
        parser_leave(parser);
        return parser_node(parser, EXPR_ERROR, start, 1);
    }
    parser_advance(parser);
    bool is_minimum =
        is_minus && parser_at(parser, TOKEN_INT) && parser->token.overflow;
    if (is_minimum) {
        parser->token.overflow = false;
    }
    Expr operand = unary(parser);
    parser_leave(parser);
    if (is_minus && fold_negation(&operand, is_minimum)) {
        operand.span.start = start;
        return operand;
    }
    Expr expr = parser_node(parser, EXPR_UNARY, start, parser->height + 1);
    expr.as.unary.op = is_minus ? OP_NEG : OP_NOT;
    expr.as.unary.operand = parser_keep_expr(parser, operand);
    return expr;
}

static bool is_rising(Operator op)
{
    return op == OP_LT || op == OP_LE;
}

// Reports a chain that means nothing, at its second operator.
static void check_chain(Parser *parser, Level level, Operator first,
                        Operator op, Span span)
{
    if (level == LEVEL_EQUALITY) {
        Diag *diag = parser_report(parser, DIAG_E0108, span,
                                   "'==' and '!=' do not chain");
        parser_help(parser, diag, "write a == b && b == c");
    } else if (level == LEVEL_ORDER && is_rising(first) != is_rising(op)) {
        Diag *diag = parser_report(
            parser, DIAG_E0108, span,
            "this chain of comparisons changes its direction from '%s' to "
            "'%s'",
            operator_text(first), operator_text(op));
        parser_help(parser, diag, "write a %s b && b %s c",
                    operator_text(first), operator_text(op));
    }
}

static Expr binary(Parser *parser, Level level);

// The operators of one level behind `first`.
static Expr operator_chain(Parser *parser, Expr first, uint32_t start,
                           Level level)
{
    uint32_t height = parser->height;
    size_t mark = parser->stack.used;
    Operator first_op = OP_NONE;
    bool reported = false;
    parser_push(parser, &first);
    while (operator_infos[parser->token.kind].level == level &&
           !parser->failed) {
        Operator op = (Operator)operator_infos[parser->token.kind].op;
        if (first_op == OP_NONE) {
            first_op = op;
        } else if (!reported) {
            uint32_t errors = parser->sink->error_count;
            check_chain(parser, level, first_op, op, parser->token.span);
            reported = parser->sink->error_count > errors;
        }
        parser_advance(parser);
        Expr operand = binary(parser, (Level)(level + 1));
        operand.op = (uint8_t)op;
        parser_note_height(parser, &height);
        parser_push(parser, &operand);
    }
    uint32_t count;
    Expr *operands = parser_take(parser, mark, Expr, &count);
    Expr chain = parser_node(parser, EXPR_CHAIN, start, height + 1);
    chain.as.chain.operands = operands;
    chain.as.chain.count = count;
    return chain;
}

static bool at_comparison(const Parser *parser)
{
    uint8_t level = operator_infos[parser->token.kind].level;
    return level == LEVEL_EQUALITY || level == LEVEL_ORDER;
}

// The value `x` of a refinement, where it was left out.
static Expr implicit_value(Parser *parser)
{
    uint32_t start = parser->token.span.start;
    Expr expr = parser_node(parser, EXPR_NAME, start, 1);
    expr.span = (Span){start, start};
    expr.flags = EXPR_IMPLICIT;
    expr.as.name.symbol = SYM_X;
    return expr;
}

// The operators of `level` and tighter behind `left`.
static Expr operators(Parser *parser, Expr left, uint32_t start, Level level)
{
    while (UNLIKELY(operator_infos[parser->token.kind].level >= level) &&
           !parser->failed) {
        left = operator_chain(parser, left, start,
                              (Level)operator_infos[parser->token.kind].level);
    }
    return left;
}

// An expression of operators of `level` and tighter.
static Expr binary(Parser *parser, Level level)
{
    uint32_t start = parser->token.span.start;
    bool implicit = (parser->context & IN_PREDICATE) != 0 &&
                    level <= LEVEL_EQUALITY && at_comparison(parser);
    Expr left = UNLIKELY(implicit) ? implicit_value(parser) : unary(parser);
    return operators(parser, left, start, level);
}

Expr parser_predicate(Parser *parser)
{
    uint32_t start = parser->token.span.start;
    if (!parser_enter(parser)) {
        parser_leave(parser);
        return parser_node(parser, EXPR_ERROR, start, 1);
    }
    unsigned context = parser->context;
    parser->context |= IN_PREDICATE;
    Expr expr = binary(parser, LEVEL_OR);
    parser->context = context;
    parser_leave(parser);
    return expr;
}

// Whether no operand or operator begins with `kind`, which follows an item.
static bool ends_expr(TokenKind kind)
{
    return kind == TOKEN_COMMA || kind == TOKEN_RIGHT_BRACE ||
           kind == TOKEN_RIGHT_BRACKET || kind == TOKEN_SEMICOLON;
}

// Whether an atom comes that is mostly an operand of nothing.
static bool at_data(const Parser *parser)
{
    static const bool starts[TOKEN_KIND_COUNT] = {
        [TOKEN_INT] = true,        [TOKEN_FLOAT] = true,
        [TOKEN_STRING] = true,     [TOKEN_TRUE] = true,
        [TOKEN_FALSE] = true,      [TOKEN_LEFT_BRACKET] = true,
        [TOKEN_LEFT_BRACE] = true,
    };
    return starts[parser->token.kind] && (parser->context & NO_BRACE) == 0;
}

Expr parser_expr(Parser *parser)
{
    uint32_t start = parser->token.span.start;
    if (!parser_enter(parser)) {
        parser_leave(parser);
        return parser_node(parser, EXPR_ERROR, start, 1);
    }
    Expr expr;
    if (at_data(parser)) {
        // Data is mostly made of these.
        expr = parser_atom(parser);
        if (LIKELY(ends_expr(parser->token.kind))) {
            parser_leave(parser);
            return expr;
        }
        expr = application(parser, expr, start);
        expr = operators(parser, expr, start, LEVEL_PIPE);
    } else {
        expr = binary(parser, LEVEL_PIPE);
    }
    parser_leave(parser);
    return expr;
}
