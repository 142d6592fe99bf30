// The ';' that is missing before the final expression. Without it, the
// expression is read as an argument of the declaration's value, or as the rest
// of its type, and what is said then is far from the cause. Declarations and
// the final expression usually start in the first column: when the first error
// of a file is in a declaration, it is read once more up to the first
// expression there, and where only its ';' is missing, that is what is said.
#include "syntax/parser_decls.h"

#include "syntax/lexer_internal.h"

static bool starts_expression(TokenKind kind)
{
    switch ((int)kind) {
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_STRING_START:
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_LEFT_BRACE:
    case TOKEN_BACKSLASH:
    case TOKEN_IF:
    case TOKEN_MATCH:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return true;
    }
    return false;
}

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
                starts_expression(token.kind)) {
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
    parser_unwind(parser);
    parser->unbalanced = false;
    parser->result_seen = false;
    parser->late_decl_reported = false;
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
