// Bodies of classes and instances in braces, as other languages write them.
// They are read as they are meant, and what is wrong is said once.
#include "syntax/parser_decls.h"

#include "syntax/byte_class.h"

// Whether an opening brace stands on the line on which `span` ends.
static bool is_behind(const Parser *parser, Span span)
{
    const Token *token = parser->token;
    if (token->kind != TOKEN_LEFT_BRACE ||
        lexer_is_interpolating(parser->lexer)) {
        return false;
    }
    for (uint32_t i = span.end; i < token->span.start; i++) {
        if (byte_is(parser->module->source.text.data[i], BYTE_LINE)) {
            return false;
        }
    }
    return true;
}

// Whether what begins with the brace cannot be the file's final expression: it
// holds a ';', or does not end the file. Methods have a ';' soon, so that not
// much is looked at: a file may be full of braces that nobody closes.
static bool is_no_record(Parser *parser)
{
    enum { LOOKED_AT = 1024 }; // tokens
    parser_unread(parser);
    LexerMark mark = lexer_look_ahead(parser->lexer);
    Token token;
    uint32_t depth = 1, count = 0;
    bool found = false;
    do {
        lexer_next(parser->lexer, &token);
        found = found || (depth == 1 && token.kind == TOKEN_SEMICOLON);
        depth += token_opens(token.kind) || token.kind == TOKEN_STRING_START;
        depth -= token_closes(token.kind) || token.kind == TOKEN_STRING_END;
        count++;
    } while (token.kind != TOKEN_END && depth > 0 && !found &&
             count < LOOKED_AT);
    if (depth == 0 && token.kind == TOKEN_RIGHT_BRACE) {
        lexer_next(parser->lexer, &token);
        if (token.kind == TOKEN_SEMICOLON) {
            lexer_next(parser->lexer, &token);
        }
        found = token.kind != TOKEN_END;
    }
    lexer_look_back(parser->lexer, mark);
    return found;
}

bool parser_at_method_brace(Parser *parser)
{
    if (lexer_is_interpolating(parser->lexer)) {
        return false;
    }
    parser_unread(parser);
    LexerMark mark = lexer_look_ahead(parser->lexer);
    Token token;
    lexer_next(parser->lexer, &token);
    bool found = token.kind == TOKEN_NAME;
    lexer_next(parser->lexer, &token);
    found = found && token.kind != TOKEN_COLON && token.kind != TOKEN_QUESTION;
    lexer_look_back(parser->lexer, mark);
    return found;
}

bool parser_methods_begin(Parser *parser, const char *help)
{
    if (parser->failed) {
        return false;
    }
    Span before = {parser->prev_end, parser->prev_end};
    bool is_where = parser_at(parser, TOKEN_WHERE);
    if (is_where) {
        before = parser->token->span;
        parser_advance(parser);
    }
    if (!is_behind(parser, before) || (is_where && !is_no_record(parser))) {
        if (!is_where) {
            parser_expect(parser, TOKEN_WHERE);
        }
        return false;
    }
    if ((parser->habits & HABIT_BRACES) == 0) {
        parser->habits |= HABIT_BRACES;
        Diag *diag = parser_report(
            parser, DIAG_E0106, parser->token->span,
            is_where
                ? "methods stand without braces"
                : "expected 'where' and methods without braces, found '{'");
        parser_help(parser, diag, "%s", help);
    }
    parser_advance(parser);
    return true;
}

void parser_methods_end(Parser *parser)
{
    if (!parser->failed && parser_expect(parser, TOKEN_RIGHT_BRACE)) {
        parser_accept(parser, TOKEN_SEMICOLON);
    }
}
