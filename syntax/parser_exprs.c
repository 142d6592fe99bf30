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

// What else a token may be where an operand starts, or behind one.
enum {
    ATOM = 1 << 0,   // starts an atom
    PREFIX = 1 << 1, // an operator before its operand
    OPEN = 1 << 2,   // starts a form that extends as far as it can
    BEHIND = 1 << 3, // goes on with the atom before it: as an argument or field
    BETWEEN = 1 << 4 // an operator with an operand before it
};

static const uint8_t token_roles[TOKEN_KIND_COUNT] = {
    [TOKEN_NAME] = ATOM | BEHIND,
    [TOKEN_UPPER_NAME] = ATOM | BEHIND,
    [TOKEN_INT] = ATOM | BEHIND,
    [TOKEN_FLOAT] = ATOM | BEHIND,
    [TOKEN_STRING] = ATOM | BEHIND,
    [TOKEN_STRING_START] = ATOM | BEHIND,
    [TOKEN_LEFT_PAREN] = ATOM | BEHIND,
    [TOKEN_LEFT_BRACKET] = ATOM | BEHIND,
    [TOKEN_LEFT_BRACE] = ATOM | BEHIND,
    [TOKEN_TRUE] = ATOM | BEHIND,
    [TOKEN_FALSE] = ATOM | BEHIND,
    [TOKEN_DOT] = BEHIND,
    [TOKEN_BACKSLASH] = OPEN,
    [TOKEN_LET] = OPEN,
    [TOKEN_IF] = OPEN,
    [TOKEN_MATCH] = OPEN,
    [TOKEN_BANG] = PREFIX,
    [TOKEN_MINUS] = PREFIX | BETWEEN,
    [TOKEN_PIPE] = BETWEEN,
    [TOKEN_QUESTION_QUESTION] = BETWEEN,
    [TOKEN_BAR_BAR] = BETWEEN,
    [TOKEN_AND_AND] = BETWEEN,
    [TOKEN_EQUAL_EQUAL] = BETWEEN,
    [TOKEN_BANG_EQUAL] = BETWEEN,
    [TOKEN_LESS] = BETWEEN,
    [TOKEN_LESS_EQUAL] = BETWEEN,
    [TOKEN_GREATER] = BETWEEN,
    [TOKEN_GREATER_EQUAL] = BETWEEN,
    [TOKEN_PLUS_PLUS] = BETWEEN,
    [TOKEN_PLUS] = BETWEEN,
    [TOKEN_STAR] = BETWEEN,
    [TOKEN_SLASH] = BETWEEN,
    [TOKEN_PERCENT] = BETWEEN,
};

static unsigned next_roles(const Parser *parser)
{
    return token_roles[parser->token->kind];
}

bool parser_at_atom(const Parser *parser)
{
    return (next_roles(parser) & ATOM) != 0 &&
           (!parser_at(parser, TOKEN_LEFT_BRACE) ||
            (parser->context & NO_BRACE) == 0);
}

bool parser_starts_expression(TokenKind kind)
{
    return (token_roles[kind] & (ATOM | OPEN)) != 0;
}

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

// Parts of a node that are looked at before they go over the stack of nodes.
#define FEW_PARTS 4

static inline Expr *keep_parts(Parser *parser, const Expr *parts,
                               uint32_t count)
{
    Expr *kept = arena_alloc(parser->arena, count * sizeof *kept);
    for (uint32_t i = 0; i < count; i++) {
        expr_copy(&kept[i], &parts[i]);
    }
    return kept;
}

// ---- application

// Field accesses and calls behind `expr`.
// postfix -> atom { "." fieldname | "(" args ")" }
static void field_access(Parser *parser, Expr *record)
{
    uint32_t start = record->span.start;
    uint32_t height = parser->height;
    parser_advance(parser);
    bool is_upper = parser_at(parser, TOKEN_UPPER_NAME);
    bool quoted = parser_at(parser, TOKEN_STRING);
    Symbol name;
    Span span;
    if (!parser_field_name(parser, &name, &span)) {
        return;
    }
    bool plain = (record->flags & EXPR_PARENTHESISED) == 0;
    bool named =
        plain &&
        (record->kind == EXPR_NAME ||
         (record->kind == EXPR_CTOR && (record->flags & EXPR_QUALIFIED) == 0));
    if (named && is_upper) {
        Symbol module = record->as.name.symbol;
        parser_node(parser, record, EXPR_CTOR, EXPR_QUALIFIED, start, 1,
                    (ExprContents){expr_word(name, REF_UNRESOLVED), module});
        return;
    }
    if (named) {
        // `Lib` of Lib.value is a module's name.
        expr_put(record, EXPR_NAME, 0, record->span,
                 expr_of_name(record->as.name.symbol));
    }
    FieldOf *of = arena_alloc(parser->arena, sizeof *of);
    expr_copy(&of->record, record);
    of->name_start = span.start;
    parser_node(parser, record, EXPR_FIELD, quoted ? EXPR_QUOTED : 0, start,
                height + 1, expr_of_parts(of, name));
}

static bool at_touching_paren(const Parser *parser)
{
    return parser_at(parser, TOKEN_LEFT_PAREN) &&
           parser->token->span.start == parser->prev_end;
}

// `builtin "name"`, of which the parts are no call.
static void builtin_call(Parser *parser, Expr *call)
{
    const Expr *parts = call->as.call.parts;
    if (parts[1].kind != EXPR_STRING || !parser->module->is_std) {
        return;
    }
    Builtin builtin;
    Str name = str_make(parts[1].as.string.data, parts[1].as.string.len);
    if (!builtin_from_name(name, &builtin)) {
        parser_report(parser, DIAG_E0201, parts[1].span,
                      "there is no builtin '%.*s'", STR_ARG(name));
        call->kind = EXPR_ERROR;
        return;
    }
    parser_node(parser, call, EXPR_BUILTIN, 0, call->span.start, 1,
                (ExprContents){expr_word(builtin, 0), 0});
}

static void set_call(Parser *parser, Expr *out, uint32_t start, Expr *parts,
                     uint32_t count, uint32_t height)
{
    parser_node(parser, out, EXPR_CALL, 0, start, height + 1,
                expr_of_parts(parts, count));
    if (UNLIKELY(count == 2 && parts[0].kind == EXPR_NAME &&
                 parts[0].as.name.symbol == SYM_BUILTIN)) {
        builtin_call(parser, out);
    }
}

static void finish_call(Parser *parser, Expr *out, uint32_t start, size_t mark,
                        uint32_t height)
{
    uint32_t count;
    Expr *parts = parser_take(parser, mark, Expr, &count);
    set_call(parser, out, start, parts, count, height);
}

static NOINLINE void field_or_call(Parser *parser, Expr *expr)
{
    while (!parser->failed) {
        if (parser_at(parser, TOKEN_DOT)) {
            field_access(parser, expr);
        } else if (at_touching_paren(parser)) {
            uint32_t height = parser->height;
            size_t mark = parser->stack.used;
            parser_push_expr(parser, expr);
            do {
                parser_push_arguments(parser, &height);
            } while (at_touching_paren(parser));
            finish_call(parser, expr, expr->span.start, mark, height);
        } else {
            break;
        }
    }
}

static inline void postfix_from(Parser *parser, Expr *expr)
{
    if (parser_at(parser, TOKEN_DOT) || at_touching_paren(parser)) {
        field_or_call(parser, expr);
    }
}

static bool is_bare(const Expr *expr, ExprKind kind)
{
    return expr->kind == kind && (expr->flags & EXPR_PARENTHESISED) == 0;
}

static inline void atom(Parser *parser, Expr *out)
{
    if (parser_is_plain(parser->token->kind)) {
        parser_plain(parser, parser->token, out);
        parser_advance(parser);
    } else {
        parser_atom(parser, out);
    }
}

// An argument. A list in parentheses is several: then a tuple is left.
static void argument(Parser *parser, uint32_t *height, Expr *out)
{
    atom(parser, out);
    if (!is_bare(out, EXPR_TUPLE) || parser_at(parser, TOKEN_DOT)) {
        postfix_from(parser, out);
    }
    parser_note_height(parser, height);
}

// f(x) y is f x y, and f (x, y) too.
static void push_part(Parser *parser, const Expr *part, ExprKind several)
{
    if (is_bare(part, several)) {
        // Calls and tuples keep their parts at the same place.
        node_stack_push(&parser->stack, part->as.tuple.items,
                        part->as.tuple.count * sizeof(Expr));
    } else {
        parser_push_expr(parser, part);
    }
}

// app -> postfix { postfix | "(" expr { "," expr } ")" }, whose first atom was
// read. Mostly there are few parts, which wait here for their number.
static NOINLINE void application(Parser *parser, Expr *head, uint32_t start)
{
    postfix_from(parser, head);
    if (!parser_at_atom(parser) || parser->failed) {
        return;
    }
    bool is_call = is_bare(head, EXPR_CALL);
    bool spreads = is_call;
    uint32_t height = parser->height - is_call;
    Expr few[FEW_PARTS];
    expr_copy(&few[0], head);
    uint32_t count = 1;
    bool more = true;
    while (more && !spreads && count < FEW_PARTS) {
        argument(parser, &height, &few[count]);
        spreads = is_bare(&few[count++], EXPR_TUPLE);
        more = parser_at_atom(parser) && !parser->failed;
    }
    if (LIKELY(!more && !spreads)) {
        set_call(parser, head, start, keep_parts(parser, few, count), count,
                 height);
        return;
    }
    size_t mark = parser->stack.used;
    push_part(parser, &few[0], EXPR_CALL);
    for (uint32_t i = 1; i < count; i++) {
        push_part(parser, &few[i], EXPR_TUPLE);
    }
    while (parser_at_atom(parser) && !parser->failed) {
        argument(parser, &height, &few[0]);
        push_part(parser, &few[0], EXPR_TUPLE);
    }
    finish_call(parser, head, start, mark, height);
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

static void operand(Parser *parser, Expr *out);

// ("!" | "-") unary
static void prefix(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    bool is_minus = parser_at(parser, TOKEN_MINUS);
    if (!parser_enter(parser)) {
        parser_leave(parser);
        parser_error_node(parser, out, start, 1);
        return;
    }
    parser_advance(parser);
    bool is_minimum =
        is_minus && parser_at(parser, TOKEN_INT) && parser->token->overflow;
    if (is_minimum) {
        parser->token->overflow = false;
    }
    operand(parser, out);
    parser_leave(parser);
    if (is_minus && fold_negation(out, is_minimum)) {
        out->span.start = start;
        return;
    }
    Expr *kept = parser_keep_expr(parser, out);
    parser_node(parser, out, EXPR_UNARY, 0, start, parser->height + 1,
                expr_of_parts(kept, is_minus ? OP_NEG : OP_NOT));
}

// unary -> ("!" | "-") unary | app
static void operand(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    if ((next_roles(parser) & PREFIX) != 0) {
        prefix(parser, out);
    } else if ((next_roles(parser) & OPEN) != 0) {
        parser_open_expr(parser, out);
    } else {
        atom(parser, out);
        application(parser, out, start);
    }
}

static bool is_rising(Operator op)
{
    return op == OP_LT || op == OP_LE;
}

// Reports, once, a chain that means nothing: the next operator comes after
// `first`.
static void check_chain(Parser *parser, Level level, Operator first,
                        bool *reported)
{
    Operator op = (Operator)operator_infos[parser->token->kind].op;
    Span span = parser->token->span;
    uint32_t errors = parser->sink->error_count;
    if (*reported) {
        return;
    }
    Span word;
    if (level == LEVEL_EQUALITY && parser_foreign_or(parser, &word)) {
        Diag *diag = parser_report(parser, DIAG_E0108, word,
                                   "expected an operator, found 'or'");
        parser_help(parser, diag, "the disjunction is written '||'");
    } else if (level == LEVEL_EQUALITY) {
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
    *reported = parser->sink->error_count > errors;
}

static inline void binary(Parser *parser, Level level, Expr *out);

static bool goes_on(const Parser *parser, Level level)
{
    return operator_infos[parser->token->kind].level == level &&
           !parser->failed;
}

// An operator and the operand behind it.
static inline void operator_and_operand(Parser *parser, Level level,
                                        uint32_t *height, Expr *out)
{
    uint8_t op = operator_infos[parser->token->kind].op;
    parser_advance(parser);
    binary(parser, (Level)(level + 1), out);
    expr_add(out, op, 0);
    parser_note_height(parser, height);
}

// The operators of one level behind the first operand, mostly one or two.
static NOINLINE void operator_chain(Parser *parser, Expr *first, uint32_t start,
                                    Level level)
{
    uint32_t height = parser->height;
    Expr few[FEW_PARTS];
    expr_copy(&few[0], first);
    operator_and_operand(parser, level, &height, &few[1]);
    const Operator op = (Operator)few[1].op;
    uint32_t count = 2;
    bool reported = false;
    while (goes_on(parser, level) && count < FEW_PARTS) {
        check_chain(parser, level, op, &reported);
        operator_and_operand(parser, level, &height, &few[count++]);
    }
    Expr *operands;
    if (LIKELY(!goes_on(parser, level))) {
        operands = keep_parts(parser, few, count);
    } else {
        size_t mark = parser->stack.used;
        node_stack_push(&parser->stack, few, sizeof few);
        while (goes_on(parser, level)) {
            check_chain(parser, level, op, &reported);
            operator_and_operand(parser, level, &height, &few[0]);
            parser_push_expr(parser, &few[0]);
        }
        operands = parser_take(parser, mark, Expr, &count);
    }
    parser_node(parser, first, EXPR_CHAIN, 0, start, height + 1,
                expr_of_parts(operands, count));
}

static bool at_comparison(const Parser *parser)
{
    uint8_t level = operator_infos[parser->token->kind].level;
    return level == LEVEL_EQUALITY || level == LEVEL_ORDER;
}

// The value `x` of a refinement, where it was left out.
static void implicit_value(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    parser_node(parser, out, EXPR_NAME, EXPR_IMPLICIT, start, 1,
                expr_of_name(SYM_X));
    expr_set_span(out, (Span){start, start});
}

// What follows an operand on `level` and tighter.
static inline void operators(Parser *parser, Level level, uint32_t start,
                             Expr *out)
{
    while (operator_infos[parser->token->kind].level >= level &&
           !parser->failed) {
        operator_chain(parser, out, start,
                       (Level)operator_infos[parser->token->kind].level);
    }
}

// The same behind an atom.
static NOINLINE void behind_atom(Parser *parser, Level level, Expr *out)
{
    uint32_t start = out->span.start;
    if ((next_roles(parser) & BEHIND) != 0) {
        application(parser, out, start);
    }
    operators(parser, level, start, out);
}

static NOINLINE void no_atom(Parser *parser, Level level, Expr *out)
{
    uint32_t start = parser->token->span.start;
    if ((parser->context & IN_PREDICATE) != 0 && level <= LEVEL_EQUALITY &&
        at_comparison(parser)) {
        implicit_value(parser, out);
    } else {
        operand(parser, out);
    }
    operators(parser, level, start, out);
}

// An expression of operators of `level` and tighter. Mostly it is an atom and
// nothing else.
static inline void binary(Parser *parser, Level level, Expr *out)
{
    if (UNLIKELY((next_roles(parser) & ATOM) == 0)) {
        no_atom(parser, level, out);
        return;
    }
    atom(parser, out);
    if ((next_roles(parser) & (BEHIND | BETWEEN)) != 0) {
        behind_atom(parser, level, out);
    }
}

// An expression that `level` begins with.
static NOINLINE void nested(Parser *parser, Level level, Expr *out)
{
    if (LIKELY(parser_enter(parser))) {
        binary(parser, level, out);
    } else {
        parser_error_node(parser, out, parser->token->span.start, 1);
    }
    parser_leave(parser);
}

void parser_predicate(Parser *parser, Expr *out)
{
    unsigned context = parser->context;
    parser->context |= IN_PREDICATE;
    nested(parser, LEVEL_OR, out);
    parser->context = context;
}

void parser_expr(Parser *parser, Expr *out)
{
    // Most values are a literal or a name alone, which nest nothing.
    if (UNLIKELY(!parser_is_plain(parser->token->kind) || parser->failed ||
                 parser->depth >= parser->max_nesting)) {
        nested(parser, LEVEL_PIPE, out);
        return;
    }
    parser_plain(parser, parser->token, out);
    parser_advance(parser);
    if ((next_roles(parser) & (BEHIND | BETWEEN)) != 0) {
        parser->depth++;
        behind_atom(parser, LEVEL_PIPE, out);
        parser->depth--;
    }
}
