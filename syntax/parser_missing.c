// What separates is missing: the ',' between two fields or arms. Without it,
// what follows is read as an argument, and what is said then is far from the
// cause. Such things usually start on a line of their own.
#include "syntax/parser_decls.h"

#include "syntax/lexer_internal.h"

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

static Expr *innermost_last(Expr *expr)
{
    for (Expr *part = expr; part != NULL; part = last_part(part)) {
        expr = part;
    }
    return expr;
}

// name { "." name }, not in parentheses
static bool is_field_path(const Parser *parser, const Expr *expr)
{
    const char *text = parser->module->source.text.data;
    if (!byte_is(text[expr->span.start], BYTE_START)) {
        return false;
    }
    while (expr->kind == EXPR_FIELD) {
        expr = &expr->as.field.of->record;
    }
    return expr->kind == EXPR_NAME;
}

// Leaves so many parts of a call.
static void keep_parts(Expr *call, uint32_t count)
{
    const Expr *parts = call->as.call.parts;
    call->as.call.count = count;
    if (count > 1) {
        call->span.end = parts[count - 1].span.end;
        return;
    }
    uint8_t op = call->op; // it may be an operand
    expr_copy(call, &parts[0]);
    call->op = op;
}

// Takes the last argument off a call, when it is the path of a field and ends
// before the next token; returns where it starts, else UINT32_MAX.
static uint32_t drop_argument(const Parser *parser, Expr *call)
{
    if (call->kind != EXPR_CALL) {
        return UINT32_MAX;
    }
    const Expr *last = &call->as.call.parts[call->as.call.count - 1];
    uint32_t start = last->span.start;
    if (last->span.end != parser->prev_end || !is_field_path(parser, last)) {
        return UINT32_MAX;
    }
    keep_parts(call, call->as.call.count - 1);
    return start;
}

static void report_comma(Parser *parser, uint32_t behind, const char *what)
{
    Span name = parser->token->span;
    Diag *diag = parser_report(
        parser, DIAG_E0106, (Span){behind, behind},
        "expected ',' or '}', found '%.*s'",
        STR_ARG(str_slice(parser->module->source.text, name.start, name.end)));
    if (!parser_help_comment(parser, diag, behind)) {
        parser_help(parser, diag, "%s are separated by ','", what);
    }
}

bool parser_lost_comma(Parser *parser, RecordItem *item)
{
    if (lexer_is_interpolating(parser->lexer)) {
        return false;
    }
    Expr *value = record_item_value(item);
    if (parser_at(parser, TOKEN_NAME)) { // behind a name alone
        report_comma(parser, parser->prev_end, "fields");
        return true;
    }
    if (!parser_at(parser, TOKEN_EQUALS) && !parser_at(parser, TOKEN_COLON)) {
        return false;
    }
    Expr *end = innermost_last(value);
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
    report_comma(parser, behind, "fields");
    return true;
}

// ---- the ',' between two arms

// Where the text of the line starts on which the next token stands; not before
// `limit`.
static uint32_t line_text(const Parser *parser, uint32_t limit)
{
    const char *text = parser->module->source.text.data;
    uint32_t start = parser->token->span.start;
    while (start > limit && !parser_is_first_column(parser, start)) {
        start--;
    }
    while (start < parser->token->span.start &&
           byte_is(text[start], BYTE_BLANK)) {
        start++;
    }
    return start;
}

// Takes off the end of `value` what stands on the line of the next token, when
// that was read as the last arguments; the parser stands there then.
static bool drop_line(Parser *parser, Expr *value, uint32_t *out_behind)
{
    Expr *end = innermost_last(value);
    if (end->kind != EXPR_CALL) {
        return false;
    }
    uint32_t start = line_text(parser, value->span.start);
    uint32_t kept = 1;
    const Expr *parts = end->as.call.parts;
    while (kept < end->as.call.count && parts[kept].span.start < start) {
        kept++;
    }
    if (kept == end->as.call.count || parts[kept].span.start != start) {
        return false;
    }
    keep_parts(end, kept);
    value->span.end = end->span.end;
    *out_behind = end->span.end;
    parser_seek(parser, start);
    return true;
}

bool parser_lost_arm_comma(Parser *parser, Expr *body)
{
    if (lexer_is_interpolating(parser->lexer)) {
        return false;
    }
    if (parser_at(parser, TOKEN_UNDERSCORE) && parser_at_line(parser)) {
        report_comma(parser, parser->prev_end, "arms");
        return true;
    }
    uint32_t behind;
    if (!(parser_at(parser, TOKEN_FAT_ARROW) ||
          parser_at(parser, TOKEN_ARROW) || parser_at(parser, TOKEN_WHEN)) ||
        !drop_line(parser, body, &behind)) {
        return false;
    }
    report_comma(parser, behind, "arms");
    return true;
}

// ---- the ';' between two local bindings, or two methods

bool parser_lost_semicolon(Parser *parser, Expr *value, bool is_local)
{
    uint32_t behind;
    if ((!parser_at(parser, TOKEN_EQUALS) && !parser_at(parser, TOKEN_COLON)) ||
        lexer_is_interpolating(parser->lexer) ||
        !drop_line(parser, value, &behind)) {
        return false;
    }
    Span name = parser->token->span;
    Diag *diag = parser_report(
        parser, DIAG_E0106, (Span){behind, behind},
        is_local ? "expected ';' or 'in', found '%.*s'"
                 : "expected ';', found '%.*s'",
        STR_ARG(str_slice(parser->module->source.text, name.start, name.end)));
    parser_help(parser, diag,
                is_local ? "bindings are separated by ';'"
                         : "a method ends with ';'");
    return true;
}

bool parser_lost_loose_end(Parser *parser, Expr *value)
{
    uint32_t behind;
    if (parser->failed || lexer_is_interpolating(parser->lexer) ||
        (parser->habits & HABIT_LET) == 0) {
        return false;
    }
    if (parser_at(parser, TOKEN_END)) {
        parser_drop_expr(parser, value); // the final expression may be in it
        return true;
    }
    return parser_at_next_declaration(parser) ||
           ((parser_at(parser, TOKEN_EQUALS) ||
             parser_at(parser, TOKEN_COLON)) &&
            drop_line(parser, value, &behind));
}

bool parser_lost_signature_end(Parser *parser, Span method)
{
    if (parser->failed || !parser_at(parser, TOKEN_COLON)) {
        return false;
    }
    Str text = parser->module->source.text;
    uint32_t start = line_text(parser, method.end);
    uint32_t end = start;
    while (byte_is(text.data[end], BYTE_IDENT)) {
        end++;
    }
    if (start == method.end || end != parser->prev_end) {
        return false;
    }
    uint32_t behind = start;
    while (byte_is(text.data[behind - 1], BYTE_BLANK) ||
           byte_is(text.data[behind - 1], BYTE_LINE)) {
        behind--;
    }
    Diag *diag = parser_error(parser, DIAG_E0106, (Span){behind, behind},
                              "expected ';', found '%.*s'",
                              STR_ARG(str_slice(text, start, end)));
    parser_help(parser, diag, "the type of a method ends with ';'");
    return true;
}

// ---- the '=' between a type and a value in brackets

// Whether the tokens of the lexer go on as a record or list does that is no
// type.
static bool at_value(Parser *parser, TokenKind opener)
{
    Token token;
    lexer_next(parser->lexer, &token);
    if (opener == TOKEN_LEFT_BRACKET && token.kind == TOKEN_LEFT_BRACE) {
        opener = TOKEN_LEFT_BRACE;
        lexer_next(parser->lexer, &token);
    }
    if (opener == TOKEN_LEFT_BRACKET) {
        return token.kind == TOKEN_STRING || token.kind == TOKEN_INT ||
               token.kind == TOKEN_FLOAT || token.kind == TOKEN_STRING_START ||
               token.kind == TOKEN_LEFT_PAREN;
    }
    bool is_spread = token.kind == TOKEN_DOT_DOT;
    lexer_next(parser->lexer, &token);
    return token.kind == TOKEN_EQUALS ||
           (is_spread && token.kind == TOKEN_NAME);
}

// Where the value starts behind the names that a type at `start` begins with,
// and what stands in the place of the '=' before it; 0 for nowhere. A context
// has names behind that of its class.
static uint32_t find_value(Parser *parser, uint32_t start, Span *out_place)
{
    LexerMark mark = lexer_look_ahead(parser->lexer);
    lexer_seek(parser->lexer, start);
    Token token;
    uint32_t names = 0;
    for (lexer_next(parser->lexer, &token);
         token.kind == TOKEN_UPPER_NAME || token.kind == TOKEN_NAME ||
         token.kind == TOKEN_DOT;
         lexer_next(parser->lexer, &token)) {
        names++;
    }
    uint32_t at = token.span.start;
    *out_place = token.span;
    bool is_arrow = names == 1 && token.kind == TOKEN_FAT_ARROW;
    at = is_arrow ? token.span.end : at;
    bool found =
        is_arrow ||
        (names > 0 &&
         (token.kind == TOKEN_LEFT_BRACE || token.kind == TOKEN_LEFT_BRACKET) &&
         at_value(parser, token.kind));
    lexer_look_back(parser->lexer, mark);
    return found ? at : 0;
}

bool parser_lost_equals(Parser *parser, uint32_t start, uint32_t diag_count)
{
    if (lexer_is_interpolating(parser->lexer) || parser->sink->gave_up) {
        return false;
    }
    uint32_t next = parser->token->span.start;
    uint32_t end = parser->prev_end;
    Span place;
    uint32_t at = find_value(parser, start, &place);
    parser_seek(parser, at != 0 ? at : next);
    if (at == 0) {
        parser->prev_end = end;
        return false;
    }
    parser_take_back(parser, diag_count);
    bool is_arrow = place.end == at;
    TokenKind found = is_arrow ? TOKEN_FAT_ARROW : parser->token->kind;
    Diag *diag =
        parser_report(parser, DIAG_E0106, place, "expected '=', found %s",
                      token_kind_text(found));
    parser_help(parser, diag, "a value stands behind '='");
    return true;
}
