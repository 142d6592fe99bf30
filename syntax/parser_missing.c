// What separates is missing: the ';' before the final expression, or the ','
// between two fields. Without it, what follows is read as an argument, and what
// is said then is far from the cause. Such things usually start on a line of
// their own.
#include "syntax/parser_decls.h"

#include "syntax/lexer_internal.h"

// ---- the ';' before the final expression

// Declarations and the final expression usually start in the first column: when
// the first error of a file is in a declaration, it is read once more up to the
// first expression there, and where only its ';' is missing, that is what is
// said.

static bool opens(TokenKind kind)
{
    return kind == TOKEN_LEFT_PAREN || kind == TOKEN_LEFT_BRACKET ||
           kind == TOKEN_LEFT_BRACE || kind == TOKEN_STRING_START;
}

static bool closes(TokenKind kind)
{
    return parser_closer_index(kind) >= 0 || kind == TOKEN_STRING_END;
}

// The first expression at or before `limit` that starts in the first column,
// outside of brackets, behind the start of the declaration. False when there is
// none, or a declaration comes after it.
static bool find_expression(Parser *parser, uint32_t start, uint32_t limit,
                            uint32_t *out_at)
{
    LexerMark mark = lexer_look_ahead(parser->lexer);
    lexer_seek(parser->lexer, start);
    Token token;
    lexer_next(parser->lexer, &token); // the keyword
    bool found = false, follows = false;
    uint32_t depth = 0;
    for (lexer_next(parser->lexer, &token); token.kind != TOKEN_END && !follows;
         lexer_next(parser->lexer, &token)) {
        if (depth == 0 && parser_is_first_column(parser, token.span.start)) {
            follows = parser_is_declaration_keyword(token.kind);
            if (!found && token.span.start <= limit &&
                parser_starts_expression(token.kind)) {
                found = true;
                *out_at = token.span.start;
            }
        }
        depth += opens(token.kind);
        depth -= depth > 0 && closes(token.kind);
    }
    lexer_look_back(parser->lexer, mark);
    return found && !follows;
}

// As it was when the declaration began.
static void go_back(Parser *parser, const DeclStart *from)
{
    parser_forget(parser);
    parser->node_count = from->node_count;
    parser->local_rec_count = from->local_rec_count;
    diag_sink_cut(parser->sink, from->diag_count);
    parser->module->ast.result = NULL;
    parser_seek(parser, from->start);
    parser->token->doc = from->doc;
}

// Whether all of it is there but the ';'.
static bool lacks_end_only(const Parser *parser, const DeclStart *from)
{
    const DiagSink *sink = parser->sink;
    const Diag *diag = sink->diags.items[from->diag_count];
    return sink->error_count == parser->errors_before + 1 &&
           sink->diags.count == from->diag_count + 1 &&
           diag->code == DIAG_E0106 && diag->span.start == parser->prev_end &&
           parser_at(parser, TOKEN_END);
}

bool parser_lost_semicolon(Parser *parser, const DeclStart *from, bool made,
                           Decl *out_decl)
{
    uint32_t at;
    if (!parser_is_declaration_keyword(from->kind) || !from->is_clean ||
        lexer_is_interpolating(parser->lexer) || parser->sink->gave_up ||
        !find_expression(
            parser, from->start,
            parser->sink->diags.items[from->diag_count]->span.start, &at)) {
        return made;
    }
    Split *split = parser->split; // its runs may lead across the end
    uint32_t split_from = parser->split_from;
    parser->split = NULL;
    parser->split_from = UINT32_MAX;
    lexer_set_stop(parser->lexer, at);
    go_back(parser, from);
    made = parser_declaration(parser, false, out_decl);
    bool lost = lacks_end_only(parser, from);
    uint32_t end = parser->prev_end;
    lexer_set_stop(parser->lexer, (uint32_t)parser->module->source.text.len);
    if (lost) {
        diag_sink_cut(parser->sink, from->diag_count);
        parser_unwind(parser);
        parser_seek(parser, at);
        parser->prev_end = end;
        (void)parser_expect(parser, TOKEN_SEMICOLON);
        parser_unwind(parser);
    } else {
        go_back(parser, from);
        made = parser_declaration(parser, false, out_decl);
    }
    parser->split = split;
    parser->split_from = split_from;
    return made;
}

// ---- the ',' between two fields

// What an expression ends with; NULL: with itself.
static Expr *last_part(const Expr *expr)
{
    switch ((int)expr->kind) {
    case EXPR_CHAIN:
        return &expr->as.chain.operands[expr->as.chain.count - 1];
    case EXPR_IF:
        return &expr->as.branch.parts[expr->as.branch.count - 1];
    case EXPR_LAMBDA:
        return &expr->as.lambda->body;
    case EXPR_LET:
        return &expr->as.let->body;
    case EXPR_UNARY:
        return expr->as.unary.operand;
    default:
        return NULL;
    }
}

// name { "." name }, not in parentheses
static bool is_field_path(const Parser *parser, const Expr *expr)
{
    const char *text = parser->module->source.text.data;
    if (!byte_is(text[expr->span.start], BYTE_START)) {
        return false;
    }
    while (expr->kind == EXPR_FIELD) {
        expr = expr->as.field.record;
    }
    return expr->kind == EXPR_NAME;
}

// Takes the last argument off a call, when it is the path of a field and ends
// before the next token; returns where it starts, else UINT32_MAX.
static uint32_t drop_argument(const Parser *parser, Expr *call)
{
    if (call->kind != EXPR_CALL) {
        return UINT32_MAX;
    }
    Expr *parts = call->as.call.parts;
    const Expr *last = &parts[call->as.call.count - 1];
    uint32_t start = last->span.start;
    if (last->span.end != parser->prev_end || !is_field_path(parser, last)) {
        return UINT32_MAX;
    }
    if (--call->as.call.count > 1) {
        call->span.end = parts[call->as.call.count - 1].span.end;
    } else {
        uint8_t op = call->op; // it may be an operand
        expr_copy(call, &parts[0]);
        call->op = op;
    }
    return start;
}

static void report_comma(Parser *parser, uint32_t behind)
{
    Span name = parser->token->span;
    Diag *diag = parser_report(
        parser, DIAG_E0106, (Span){behind, behind},
        "expected ',' or '}', found '%.*s'",
        STR_ARG(str_slice(parser->module->source.text, name.start, name.end)));
    parser_help(parser, diag, "fields are separated by ','");
}

bool parser_lost_comma(Parser *parser, RecordItem *item)
{
    if (lexer_is_interpolating(parser->lexer)) {
        return false;
    }
    Expr *value = record_item_value(item);
    if (parser_at(parser, TOKEN_NAME)) { // behind a name alone
        report_comma(parser, parser->prev_end);
        return true;
    }
    if (!parser_at(parser, TOKEN_EQUALS) && !parser_at(parser, TOKEN_COLON)) {
        return false;
    }
    Expr *end = value;
    for (Expr *part = value; part != NULL; part = last_part(part)) {
        end = part;
    }
    uint32_t start = drop_argument(parser, end);
    if (start == UINT32_MAX) {
        return false;
    }
    value->span.end = end->span.end;
    const char *text = parser->module->source.text.data;
    uint32_t behind = end->span.end;
    for (uint32_t at = behind; text[at] == ' ' || text[at] == ')'; at++) {
        behind = text[at] == ')' ? at + 1 : behind;
    }
    parser_seek(parser, start);
    report_comma(parser, behind);
    return true;
}
