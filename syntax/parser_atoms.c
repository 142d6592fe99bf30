// Atoms: literals, names, and what stands in brackets.
#include "syntax/parser_split.h"

#include "syntax/byte_class.h"

// ---- strings

// Joins the pieces of a block string to what they are without indentation.
static void decode_block_pieces(Parser *parser, Expr *parts, uint32_t count,
                                uint32_t indent)
{
    for (uint32_t i = 0; i < count; i += 2) {
        Str raw = str_make(parts[i].as.string.data, parts[i].as.string.len);
        Str text = lexer_block_text(parser->lexer, raw, indent, i == 0,
                                    i == count - 1);
        parts[i].as.string.data = text.data;
        parts[i].as.string.len = (uint32_t)text.len;
    }
}

static void push_piece(Parser *parser)
{
    const Token *token = parser->token;
    Expr piece;
    expr_put(&piece, EXPR_STRING, EXPR_CLOSED, token->span,
             expr_of_parts(token->as.string.data, token->as.string.len));
    parser_push_expr(parser, &piece);
}

// STRING_START expr { STRING_MIDDLE expr } STRING_END: pieces and expressions
// take turns; empty pieces are dropped at the end.
static NOINLINE void interpolation(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    unsigned context = parser->context;
    parser->context = 0;
    bool block = parser->token->raw;
    bool more = true;
    push_piece(parser);
    while (more && !parser->failed) {
        parser_advance(parser);
        Expr part;
        parser_expr(parser, &part);
        parser_note_height(parser, &height);
        parser_push_expr(parser, &part);
        more = parser_at(parser, TOKEN_STRING_MIDDLE);
        if (more || parser_at(parser, TOKEN_STRING_END)) {
            push_piece(parser);
        } else {
            parser_unexpected(parser, "')' after the interpolated value");
        }
    }
    uint32_t indent = parser->token->indent;
    parser->context = context;
    uint32_t count;
    Expr *parts = parser_take(parser, mark, Expr, &count);
    if (!parser->failed) {
        parser_advance(parser);
        if (block) {
            decode_block_pieces(parser, parts, count, indent);
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i % 2 == 1 || parts[i].as.string.len > 0) {
            parts[kept++] = parts[i];
        }
    }
    parser_node(parser, out, EXPR_INTERPOLATION, block ? EXPR_QUOTED : 0, start,
                height + 1, expr_of_parts(parts, kept));
}

// ---- parentheses

// expr [ ":" type ], pushed
static void push_paren_item(Parser *parser, uint32_t *height)
{
    uint32_t start = parser->token->span.start;
    Expr item;
    parser_expr(parser, &item);
    parser_note_height(parser, height);
    if (!parser->failed && parser_accept(parser, TOKEN_COLON)) {
        uint32_t inner = parser->height;
        TypeExpr *type = parser_type(parser);
        parser_note_height(parser, &inner);
        Annotated *annotated = arena_alloc(parser->arena, sizeof *annotated);
        expr_copy(&annotated->expr, &item);
        annotated->type = type;
        parser_node(parser, &item, EXPR_ANNOTATED, 0, start, inner + 1,
                    expr_of_parts(annotated, 0));
        parser_note_height(parser, height);
    }
    parser_push_expr(parser, &item);
}

void parser_push_arguments(Parser *parser, uint32_t *height)
{
    uint32_t start = parser->token->span.start;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_PAREN, OF_EXPRS);
    bool empty = parser_at(parser, TOKEN_RIGHT_PAREN);
    if (!empty) {
        do {
            push_paren_item(parser, height);
        } while (parser_separator(parser, &bracket));
    }
    parser_close(parser, &bracket);
    if (empty) {
        Expr unit;
        parser_node(parser, &unit, EXPR_UNIT, 0, start, 1, expr_of_none());
        parser_note_height(parser, height);
        parser_push_expr(parser, &unit);
    }
}

// "(" ")" | "(" expr ")" | "(" expr ":" type ")" | "(" expr { "," expr } ")"
static NOINLINE void paren_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_PAREN, OF_EXPRS);
    parser->context = bracket.context & IN_PREDICATE;
    if (!parser_at(parser, TOKEN_RIGHT_PAREN)) {
        do {
            push_paren_item(parser, &height);
        } while (parser_separator(parser, &bracket));
    }
    parser_close(parser, &bracket);
    size_t pushed = parser->stack.used - mark;
    if (pushed == sizeof(Expr)) {
        const Expr *item =
            (const Expr *)(const void *)(parser->stack.data + mark);
        expr_copy(out, item);
        parser->stack.used = mark;
        expr_add(out, 0, EXPR_PARENTHESISED);
        expr_set_span(out, parser_span(parser, start));
        parser_set_height(parser, height);
        return;
    }
    if (pushed == 0) {
        parser_node(parser, out, EXPR_UNIT, 0, start, 1, expr_of_none());
        return;
    }
    uint32_t count;
    Expr *items = parser_take(parser, mark, Expr, &count);
    parser_node(parser, out, EXPR_TUPLE, 0, start, height + 1,
                expr_of_parts(items, count));
}

// ---- lists

// What follows the pattern of a clause; `for a, b in` says what it is to be.
static void expect_in(Parser *parser, const Pattern *pattern)
{
    if (pattern->kind == PATTERN_ERROR && !parser_at(parser, TOKEN_IN)) {
        parser->failed = true; // that is said
        return;
    }
    if (!parser->failed && parser_at(parser, TOKEN_COMMA)) {
        Diag *diag = parser_report(parser, DIAG_E0106, parser->token->span,
                                   "expected 'in', found ','");
        parser_help(parser, diag,
                    "a pair is taken apart in parentheses: for (a, b) in list");
    }
    while (!parser->failed && parser_accept(parser, TOKEN_COMMA)) {
        (void)parser_pattern(parser);
    }
    parser_expect(parser, TOKEN_IN);
}

// clause -> "for" pattern "in" expr | "if" expr, pushed
static void push_clause(Parser *parser, uint32_t *height)
{
    Clause clause = {.is_filter = parser_at(parser, TOKEN_IF)};
    parser_advance(parser);
    if (!clause.is_filter) {
        clause.pattern = parser_pattern(parser);
        parser_note_height(parser, height);
        expect_in(parser, &clause.pattern);
    }
    parser_expr(parser, &clause.expr);
    parser_note_height(parser, height);
    parser_push(parser, &clause);
}

// "[" expr clause { clause } "]", from the first clause on
static void comprehension(Parser *parser, Bracket *bracket, uint32_t height,
                          const Expr *body, Expr *out)
{
    bracket->items = OF_OTHERS;
    Comprehension *node = ARENA_NEW(parser->arena, Comprehension);
    expr_copy(&node->body, body);
    size_t mark = parser->stack.used;
    while (!parser->failed &&
           (parser_at(parser, TOKEN_FOR) || parser_at(parser, TOKEN_IF))) {
        push_clause(parser, &height);
    }
    if (!parser->failed && !parser_at(parser, TOKEN_RIGHT_BRACKET)) {
        Diag *diag = parser_unexpected(parser, "'for', 'if' or ']'");
        parser_help_foreign(parser, diag);
    }
    bool failed = parser->failed;
    if (failed) {
        while (parser_separator(parser, bracket)) {
            // The items behind a broken comprehension are read and dropped.
            Expr dropped;
            parser_expr(parser, &dropped);
        }
    }
    parser_close(parser, bracket);
    node->clauses = parser_take(parser, mark, Clause, &node->count);
    parser_node(parser, out, EXPR_COMPREHENSION, 0, bracket->start, height + 1,
                expr_of_parts(node, 0));
    if (failed) {
        parser_drop_expr(parser, out);
    }
}

// The next token, an expression of its own, pushed
static inline void push_plain(Parser *parser, uint32_t *height,
                              unsigned *closed)
{
    Expr *item = parser_push_room(parser, Expr);
    parser_plain(parser, parser->token, item);
    *closed &= item->flags;
    parser_note_height(parser, height);
    parser_advance(parser);
}

// "[" [ expr { "," expr } ] "]"
static NOINLINE void list_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    unsigned closed = EXPR_CLOSED;
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACKET, OF_EXPRS);
    if (!parser_at(parser, TOKEN_RIGHT_BRACKET)) {
        RunLoop loop;
        if (UNLIKELY(parser->split != NULL)) {
            split_loop_begin(parser, &loop, RUN_ITEMS);
        }
        do {
            if (UNLIKELY(parser->token->span.start >= parser->split_from) &&
                !split_loop_next(parser, &loop, TOKEN_RIGHT_BRACKET, &height,
                                 &closed)) {
                break;
            }
            if (parser_at_plain_item(parser, parser->token,
                                     TOKEN_RIGHT_BRACKET)) {
                push_plain(parser, &height, &closed);
                continue;
            }
            Expr item;
            parser_expr(parser, &item);
            parser_note_height(parser, &height);
            if (UNLIKELY(parser_at(parser, TOKEN_FOR)) &&
                parser->stack.used == mark && !parser->failed) {
                comprehension(parser, &bracket, height, &item, out);
                return;
            }
            closed &= item.flags;
            parser_push_expr(parser, &item);
        } while (parser_separator(parser, &bracket));
        if (UNLIKELY(parser->split != NULL) && lexer_is_cut(parser->lexer)) {
            split_loop_keep(parser, &loop);
        }
    }
    parser_close(parser, &bracket);
    uint32_t count;
    Expr *items = parser_take(parser, mark, Expr, &count);
    parser_node(parser, out, EXPR_LIST, closed, start, height + 1,
                expr_of_parts(items, count));
}

// ---- literals and names

const uint64_t parser_plain_heads[TOKEN_KIND_COUNT] = {
    [TOKEN_NAME] = EXPR_HEAD(EXPR_NAME, 0, 0),
    [TOKEN_UPPER_NAME] = EXPR_HEAD(EXPR_CTOR, 0, 0),
    [TOKEN_INT] = EXPR_HEAD(EXPR_INT, 0, EXPR_CLOSED),
    [TOKEN_FLOAT] = EXPR_HEAD(EXPR_FLOAT, 0, EXPR_CLOSED),
    [TOKEN_STRING] = EXPR_HEAD(EXPR_STRING, 0, EXPR_CLOSED),
    [TOKEN_TRUE] = EXPR_HEAD(EXPR_BOOL, 0, EXPR_CLOSED),
    [TOKEN_FALSE] = EXPR_HEAD(EXPR_BOOL, 0, EXPR_CLOSED),
};

void parser_odd_literal(Parser *parser, const Token *token, Expr *out)
{
    if (token->raw) {
        expr_add(out, 0, EXPR_QUOTED);
        return;
    }
    Diag *diag = parser_report(parser, DIAG_E0104, token->span,
                               "this integer does not fit into 64 bits");
    parser_help(parser, diag, "only its negative does");
}

static bool is_before_digit(const Parser *parser)
{
    Str text = parser->module->source.text;
    uint32_t end = parser->token->span.end;
    return end < text.len && byte_is(text.data[end], BYTE_DIGIT);
}

static NOINLINE void no_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    if (parser_foreign_string(parser)) {
        parser_error_node(parser, out, start, 1);
        return;
    }
    Diag *diag = parser_unexpected(parser, "an expression");
    bool is_path = parser_at(parser, TOKEN_DOT_DOT) &&
                   str_starts_with(str_slice(parser->module->source.text, start,
                                             parser->module->source.text.len),
                                   STR("../"));
    if (is_path ||
        (!parser_at(parser, TOKEN_DOT_DOT) && !parser_at(parser, TOKEN_IN))) {
        parser_help_foreign(parser, diag);
    }
    switch ((int)parser->token->kind) {
    case TOKEN_UNDERSCORE:
        parser_help(parser, diag, "'_' is a pattern; it has no value");
        break;
    case TOKEN_DOT_DOT:
        if (!is_path) {
            parser_help(parser, diag,
                        "a spread '..' stands in a record; lists are joined "
                        "with '++'");
        }
        break;
    case TOKEN_LEFT_BRACE:
        parser_help(parser, diag,
                    "a record as the subject of a match stands in "
                    "parentheses");
        break;
    case TOKEN_FOR:
        parser_help(parser, diag, "a comprehension is [expr for x in list]");
        break;
    case TOKEN_PLUS:
    case TOKEN_STAR:
    case TOKEN_PLUS_PLUS:
        if (diag != NULL && diag->more->helps.count == 0) {
            parser_help(parser, diag, "%s",
                        is_before_digit(parser)
                            ? "a number has no '+' before it"
                            : "an operator is no function: \\x y -> x + y is "
                              "one");
        }
        break;
    default:
        if (diag != NULL && diag->more->helps.count == 0) {
            parser_help_keyword(parser, diag);
        }
    }
    parser_error_node(parser, out, parser->token->span.start, 1);
}

void parser_atom(Parser *parser, Expr *out)
{
    switch ((int)parser->token->kind) {
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        parser_plain(parser, parser->token, out);
        parser_advance(parser);
        return;
    case TOKEN_LEFT_BRACKET:
        list_expr(parser, out);
        return;
    case TOKEN_LEFT_PAREN:
        paren_expr(parser, out);
        return;
    case TOKEN_STRING_START:
        interpolation(parser, out);
        return;
    case TOKEN_LEFT_BRACE:
        if (LIKELY((parser->context & NO_BRACE) == 0)) {
            parser_record(parser, out);
            return;
        }
        break;
    }
    no_expr(parser, out);
}
