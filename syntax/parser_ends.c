// Where a declaration ends, by the layout of its text: without its ';' or a
// closing bracket it runs on into what follows, and what is said then is far
// from the cause. After an error in a declaration its tokens are looked at once
// more. What stands in the first column outside of all brackets is probably the
// next declaration or the final expression, and what is not indented more than
// the line on which a bracket was opened is probably not inside of it. That is
// a guess: only where the text up to there lacks nothing but its end, it is
// what is said.
#include "syntax/parser_decls.h"

#include "support/vec.h"
#include "syntax/byte_class.h"

// An opening bracket or quote.
typedef struct Opener {
    TokenKind closer;
    uint32_t at;
    uint32_t line;   // where the text of its line starts
    uint32_t indent; // of that line
} Opener;

typedef struct Layout {
    VEC(Opener) open;
    uint32_t before; // end of the token before the current one
    uint32_t line;   // where the text of the current one's line starts
    uint32_t indent; // of that line
    bool starts_line;
    bool is_unbalanced;
    TokenKind extra; // a bracket that closes nothing; TOKEN_END for none
    // By the index of the bracket: the first that closes an opener before the
    // text in it ends, by the indentation.
    struct {
        Span span; // empty for none
        uint32_t opener;
    } early[3];
    uint32_t bracket_at; // what seems to stand behind a bracket
    uint32_t end_at;     // what seems to stand behind the declaration
    bool before_keyword; // and is one
} Layout;

typedef struct GuessedEnd {
    uint32_t at; // what seems to follow the declaration; UINT32_MAX for nothing
    bool before_expression; // the final one, outside of all brackets
} GuessedEnd;

static TokenKind closer_of(TokenKind kind)
{
    switch ((int)kind) {
    case TOKEN_LEFT_PAREN:
        return TOKEN_RIGHT_PAREN;
    case TOKEN_LEFT_BRACKET:
        return TOKEN_RIGHT_BRACKET;
    case TOKEN_LEFT_BRACE:
        return TOKEN_RIGHT_BRACE;
    case TOKEN_STRING_START:
        return TOKEN_STRING_END;
    default:
        return TOKEN_END;
    }
}

static bool closes(TokenKind kind)
{
    return token_closes(kind) || kind == TOKEN_STRING_END;
}

// Finds the line on which a token stands.
static void note_line(const Parser *parser, Span token, Layout *layout)
{
    const char *text = parser->module->source.text.data;
    bool is_new = false;
    for (uint32_t i = layout->before; i < token.start; i++) {
        if (byte_is(text[i], BYTE_LINE)) {
            is_new = true;
            layout->line = i + 1;
        }
    }
    layout->before = token.end;
    if (is_new) {
        uint32_t start = layout->line;
        while (layout->line < token.start &&
               byte_is(text[layout->line], BYTE_BLANK)) {
            layout->line++;
        }
        layout->indent = layout->line - start;
    }
    layout->starts_line = is_new && layout->line == token.start;
}

// Whether `token`, which starts its line, belongs to what is around the
// innermost bracket.
static bool is_outside(const Layout *layout, TokenKind kind)
{
    const Opener *opener = &vec_last(&layout->open);
    if (opener->closer == TOKEN_STRING_END || kind == TOKEN_COMMA) {
        return false; // some write their commas first
    }
    return closes(kind) ? layout->indent < opener->indent
                        : layout->indent <= opener->indent;
}

static void close_bracket(Span span, TokenKind kind, Layout *layout)
{
    if (layout->open.count == 0) {
        layout->extra = kind;
        return;
    }
    const Opener *opener = &vec_last(&layout->open);
    layout->is_unbalanced |= opener->closer != kind;
    int index = parser_closer_index(kind);
    if (index >= 0 && layout->early[index].span.end == 0 &&
        opener->line != layout->line && layout->indent > opener->indent) {
        layout->early[index].span = span;
        layout->early[index].opener = opener->at;
    }
    layout->open.count--;
}

static void note_bracket(const Token *token, Layout *layout)
{
    TokenKind closer = closer_of(token->kind);
    if (closer != TOKEN_END) {
        vec_push(&layout->open, (Opener){closer, token->span.start,
                                         layout->line, layout->indent});
    } else if (closes(token->kind)) {
        close_bracket(token->span, token->kind, layout);
    }
}

// Looks at a token that starts its line; returns whether the declaration ends
// before it for sure.
static bool note_start(const Token *token, bool is_behind, Layout *layout)
{
    uint32_t at = token->span.start;
    bool is_keyword =
        layout->indent == 0 && parser_is_declaration_keyword(token->kind);
    if (layout->open.count > 0) {
        if (layout->bracket_at == UINT32_MAX &&
            is_outside(layout, token->kind)) {
            layout->bracket_at = at;
        }
    } else if (is_behind && layout->indent == 0) {
        return true;
    } else if (is_keyword) {
        layout->end_at = at;
        layout->before_keyword = true;
    } else if (layout->indent == 0 && layout->end_at == UINT32_MAX &&
               parser_starts_expression(token->kind)) {
        layout->end_at = at;
    }
    return is_keyword;
}

// Walks over the tokens behind the keyword at `start`, to the next declaration.
static void read_layout(Parser *parser, uint32_t start, Layout *layout)
{
    LexerMark mark = lexer_look_ahead(parser->lexer);
    lexer_seek(parser->lexer, start);
    Token token;
    parser_guess_next(parser, &token); // a keyword, mostly
    note_bracket(&token, layout);
    TokenKind before = token.kind;
    layout->before = token.span.end;
    layout->line = start;
    for (parser_guess_next(parser, &token);
         token.kind != TOKEN_END && layout->extra == TOKEN_END;
         parser_guess_next(parser, &token)) {
        note_line(parser, token.span, layout);
        if (layout->starts_line &&
            note_start(&token, before == TOKEN_SEMICOLON, layout)) {
            break;
        }
        note_bracket(&token, layout);
        before = token.kind;
    }
    layout->is_unbalanced |= layout->open.count > 0 || parser->guess_left == 0;
    lexer_look_back(parser->lexer, mark);
}

// As it was when the declaration began.
static void go_back(Parser *parser, const DeclStart *from)
{
    parser_forget(parser);
    parser->node_count = from->node_count;
    parser->habits = from->habits;
    parser->local_rec_count = from->local_rec_count;
    diag_sink_cut(parser->sink, from->diag_count);
    parser->module->ast.result = NULL;
    parser_seek(parser, from->start);
    parser->token->doc = from->doc;
}

// Whether all of it is there but its end: where an expression follows, the ';'.
static bool lacks_end_only(const Parser *parser, const DeclStart *from,
                           bool before_expression)
{
    const DiagSink *sink = parser->sink;
    if (sink->diags.count != from->diag_count + 1 ||
        !parser_at(parser, TOKEN_END)) {
        return false;
    }
    const Diag *diag = sink->diags.items[from->diag_count];
    return !before_expression ||
           (diag->code == DIAG_E0106 && diag->span.start == parser->prev_end);
}

// Reads the declaration as if it ended before `end`.
static bool ends_at(Parser *parser, const DeclStart *from, GuessedEnd guess,
                    bool *out_made, Decl *out_decl)
{
    lexer_set_stop(parser->lexer, guess.at);
    go_back(parser, from);
    *out_made = parser_declaration(parser, false, out_decl);
    bool lost = lacks_end_only(parser, from, guess.before_expression);
    lexer_set_stop(parser->lexer, (uint32_t)parser->module->source.text.len);
    if (lost) {
        uint32_t end = parser->prev_end;
        parser_unwind(parser);
        parser->unbalanced = false;
        parser_seek(parser, guess.at);
        parser->prev_end = end;
        if (!parser_is_first_column(parser, guess.at) ||
            !(parser_at_next_declaration(parser) ||
              parser_starts_expression(parser->token->kind))) {
            parser_recover_declaration(parser, UINT32_MAX);
        }
    }
    return lost;
}

// A bracket that closes something too early leaves another one over, which is
// what the parser has met.
static void report_early(Parser *parser, const Layout *layout,
                         const DeclStart *from)
{
    int index = parser_closer_index(layout->extra);
    if (index < 0 || layout->early[index].span.end == 0 || !parser->failed ||
        parser->sink->diags.count != from->diag_count + 1) {
        return;
    }
    Str text = parser->module->source.text;
    uint32_t opener = layout->early[index].opener;
    parser_take_back(parser, from->diag_count);
    Diag *diag = parser_error(parser, DIAG_E0107, layout->early[index].span,
                              "one %s too many from here on",
                              token_kind_text(layout->extra));
    parser_label(parser, diag, (Span){opener, opener + 1},
                 "this one closes this '%c'", text.data[opener]);
}

// Also says which bracket is one too many.
static GuessedEnd guess_end(Parser *parser, DeclStart *from)
{
    Layout layout = {
        .extra = TOKEN_END,
        .bracket_at = UINT32_MAX,
        .end_at = UINT32_MAX,
    };
    read_layout(parser, from->start, &layout);
    vec_release(&layout.open);
    from->is_unbalanced = layout.is_unbalanced || layout.extra != TOKEN_END;
    if (layout.extra != TOKEN_END) {
        report_early(parser, &layout, from);
        return (GuessedEnd){.at = UINT32_MAX};
    }
    if (parser->guess_left == 0) {
        return (GuessedEnd){.at = UINT32_MAX}; // not all was looked at
    }
    if (layout.is_unbalanced && layout.bracket_at != UINT32_MAX) {
        return (GuessedEnd){.at = layout.bracket_at};
    }
    uint32_t error = parser->sink->diags.items[from->diag_count]->span.start;
    return (GuessedEnd){
        .at = layout.end_at <= error ? layout.end_at : UINT32_MAX,
        .before_expression = !layout.before_keyword,
    };
}

bool parser_lost_end(Parser *parser, DeclStart *from, bool made, Decl *out_decl)
{
    if (lexer_is_interpolating(parser->lexer) || parser->sink->gave_up) {
        return made;
    }
    GuessedEnd guess = guess_end(parser, from);
    if (guess.at == UINT32_MAX || !parser_is_declaration_keyword(from->kind)) {
        return made;
    }
    uint32_t reached = parser->token->span.start;
    Split *split = parser->split; // its runs may lead across the end
    uint32_t split_from = parser->split_from;
    parser->split = NULL;
    parser->split_from = UINT32_MAX;
    if (!ends_at(parser, from, guess, &made, out_decl)) {
        go_back(parser, from);
        made = parser_declaration(parser, false, out_decl);
    } else if (reached > guess.at) {
        // Read once more from there on, maybe in vain again.
        parser_spend_guess(parser, reached - guess.at);
    }
    parser->split = split;
    parser->split_from = split_from;
    return made;
}
