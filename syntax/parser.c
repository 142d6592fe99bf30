// The core of the parser: tokens, errors, recovery, and the two entries. The
// productions are in parser_{decls,types,patterns,exprs,atoms}.c.
#include "syntax/parser.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include "syntax/byte_class.h"
#include "syntax/parser_decls.h"
#include "syntax/parser_split.h"

// Errors in one file after which it is given up.
#define MAX_ERRORS 1000
// Bytes of a name shown in a message.
#define MAX_SHOWN 60

// ---- tokens

void parser_read(Parser *parser)
{
    uint32_t count = lexer_read(parser->lexer, parser->tokens);
    parser->token = parser->tokens;
    parser->token_limit = parser->tokens + count;
}

void parser_unread(Parser *parser)
{
    if (parser->token + 1 != parser->token_limit) {
        parser->token_limit = parser->token + 1;
        lexer_seek(parser->lexer, parser->token->span.end);
    }
}

void parser_seek(Parser *parser, uint32_t offset)
{
    lexer_seek(parser->lexer, offset);
    parser_read(parser);
    parser->prev_end = offset;
}

void parser_stop(Parser *parser)
{
    lexer_stop(parser->lexer);
    parser->token->kind = TOKEN_END;
    parser->token_limit = parser->token + 1;
}

// ---- errors

static uint32_t error_count(const Parser *parser)
{
    return parser->sink->error_count - parser->errors_before;
}

static Diag *add_diag(Parser *parser, DiagCode code, Span span,
                      const char *format, va_list args)
{
    if (parser->failed || (parser->unbalanced && code != DIAG_E0601) ||
        error_count(parser) >= MAX_ERRORS) {
        return NULL;
    }
    Diag *diag = diag_addv(parser->sink, code, &parser->module->source, span,
                           format, args);
    if (error_count(parser) >= MAX_ERRORS) {
        parser->sink->gave_up = true;
        parser_stop(parser);
    }
    return diag;
}

Diag *parser_report(Parser *parser, DiagCode code, Span span,
                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diag *diag = add_diag(parser, code, span, format, args);
    va_end(args);
    return diag;
}

Diag *parser_error(Parser *parser, DiagCode code, Span span, const char *format,
                   ...)
{
    va_list args;
    va_start(args, format);
    Diag *diag = add_diag(parser, code, span, format, args);
    va_end(args);
    parser->failed = true;
    return diag;
}

void parser_help(Parser *parser, Diag *diag, const char *format, ...)
{
    if (diag == NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    diag_helpv(parser->sink, diag, format, args);
    va_end(args);
}

void parser_label(Parser *parser, Diag *diag, Span span, const char *format,
                  ...)
{
    if (diag == NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    diag_labelv(parser->sink, diag, &parser->module->source, span, format,
                args);
    va_end(args);
}

Str parser_shown(Parser *parser, Symbol symbol)
{
    StrBuf text = {0};
    strbuf_append_printable(&text, symbol_text(parser->interner, symbol),
                            MAX_SHOWN);
    Str shown = arena_str(&parser->sink->arena, strbuf_str(&text));
    strbuf_release(&text);
    return shown;
}

// The next token as messages name it.
static Str found_text(Parser *parser)
{
    TokenKind kind = parser->token->kind;
    if (kind != TOKEN_NAME && kind != TOKEN_UPPER_NAME &&
        kind != TOKEN_TYPE_VAR) {
        return str_from_c(token_kind_text(kind));
    }
    Str name = parser_shown(parser, parser->token->as.symbol);
    return arena_printf(&parser->sink->arena,
                        kind == TOKEN_TYPE_VAR ? "''%.*s'" : "'%.*s'",
                        STR_ARG(name));
}

static const char *bracket_text(TokenKind closer)
{
    return closer == TOKEN_RIGHT_PAREN     ? "'('"
           : closer == TOKEN_RIGHT_BRACKET ? "'['"
                                           : "'{'";
}

static bool is_declaration_keyword(TokenKind kind)
{
    return kind == TOKEN_LET || kind == TOKEN_TYPE || kind == TOKEN_TYPECLASS ||
           kind == TOKEN_INSTANCE || kind == TOKEN_IMPORT ||
           kind == TOKEN_EXPORT || kind == TOKEN_INPUT;
}

// Whether the next token stands in the first column.
static bool at_first_column(const Parser *parser)
{
    uint32_t start = parser->token->span.start;
    const char *text = parser->module->source.text.data;
    return start == 0 || text[start - 1] == '\n' || text[start - 1] == '\r';
}

bool parser_at_next_declaration(const Parser *parser)
{
    return is_declaration_keyword(parser->token->kind) &&
           at_first_column(parser);
}

// Reports that `bracket` is not closed where the next token stands.
static void unclosed_bracket(Parser *parser, const Bracket *bracket)
{
    Diag *diag = parser_error(
        parser, DIAG_E0107, (Span){bracket->start, bracket->start + 1},
        "%s is not closed", bracket_text(bracket->closer));
    parser_label(parser, diag, parser->token->span, "expected %s before this",
                 token_kind_text(bracket->closer));
}

Diag *parser_unexpected(Parser *parser, const char *expected)
{
    if (parser->failed || parser_at(parser, TOKEN_ERROR)) {
        parser->failed = true; // the lexer has reported it
        return NULL;
    }
    if (parser_at(parser, TOKEN_END) && parser->bracket != NULL) {
        unclosed_bracket(parser, parser->bracket);
        return NULL;
    }
    Str found = found_text(parser);
    Diag *diag =
        parser_error(parser, DIAG_E0106, parser->token->span,
                     "expected %s, found %.*s", expected, STR_ARG(found));
    Str text = parser->module->source.text;
    uint32_t behind = parser->token->span.end;
    if (parser_at(parser, TOKEN_COLON) && behind < text.len &&
        text.data[behind] == ':') {
        parser_help(parser, diag,
                    "there is no '::': '[x, ..rest]' takes a list apart, "
                    "'[x] ++ rest' puts one together");
    }
    return diag;
}

// Whether the next token stands on another line than the last one ended on.
static bool at_new_line(const Parser *parser)
{
    const char *text = parser->module->source.text.data;
    for (uint32_t i = parser->prev_end; i < parser->token->span.start; i++) {
        if (byte_is(text[i], BYTE_LINE)) {
            return true;
        }
    }
    return false;
}

// Where a mark is missing: behind the last token when a new line begins.
static Span missing_place(const Parser *parser)
{
    if (parser_at(parser, TOKEN_END) || at_new_line(parser)) {
        return (Span){parser->prev_end, parser->prev_end};
    }
    return parser->token->span;
}

bool parser_at_open_argument(const Parser *parser)
{
    return parser_at_open_expr(parser) && !parser_at_next_declaration(parser);
}

bool parser_expect(Parser *parser, TokenKind kind)
{
    if (parser_accept(parser, kind)) {
        return true;
    }
    Span place = missing_place(parser);
    Diag *diag = parser_unexpected(parser, token_kind_text(kind));
    if (diag == NULL) {
        return false;
    }
    if (kind == TOKEN_SEMICOLON) {
        diag->span = place;
        if (parser_at(parser, TOKEN_EQUALS)) {
            parser_help(parser, diag, "bindings start with 'let'");
        } else if (parser_at_open_argument(parser)) {
            parser_help(parser, diag,
                        "as an argument it stands in parentheses; a "
                        "declaration ends with ';'");
        } else {
            parser_help(parser, diag, "a declaration ends with ';'");
        }
    }
    return false;
}

void parser_too_deep(Parser *parser)
{
    if (parser->failed) {
        // While an error is unwound: the heights of what is broken count
        // for nothing.
        return;
    }
    Diag *diag = parser_error(parser, DIAG_E0601, parser->token->span,
                              "the nesting is deeper than %u levels",
                              (unsigned)parser->max_nesting);
    parser_help(parser, diag,
                "give parts a name with 'let', or raise --max-nesting");
    parser_stop(parser);
}

// ---- brackets and recovery

void parser_open(Parser *parser, Bracket *bracket, TokenKind closer)
{
    *bracket = (Bracket){parser->bracket, parser->token->span.start, closer,
                         parser->context};
    parser->bracket = bracket;
    parser->open[parser_closer_index(closer)]++;
    parser->context = 0;
    parser_advance(parser);
}

// Skips to the ',' or the closing bracket of `bracket`; false when neither
// comes before something that belongs further out.
static bool skip_item(Parser *parser, const Bracket *bracket)
{
    uint32_t depth = 0;
    for (;; parser_advance(parser)) {
        TokenKind kind = parser->token->kind;
        if (kind == TOKEN_END || parser_at_next_declaration(parser)) {
            return false;
        }
        if (kind == TOKEN_LEFT_PAREN || kind == TOKEN_LEFT_BRACKET ||
            kind == TOKEN_LEFT_BRACE || kind == TOKEN_STRING_START) {
            depth++;
        } else if (depth > 0) {
            depth -= parser_closer_index(kind) >= 0 || kind == TOKEN_STRING_END;
        } else if (kind == TOKEN_COMMA || kind == bracket->closer) {
            parser->failed = false;
            return true;
        } else if (kind == TOKEN_SEMICOLON || kind == TOKEN_STRING_MIDDLE ||
                   kind == TOKEN_STRING_END ||
                   (parser_closer_index(kind) >= 0 &&
                    parser->open[parser_closer_index(kind)] > 0)) {
            return false;
        }
    }
}

static bool recover_item(Parser *parser, const Bracket *bracket)
{
    lexer_set_quiet(parser->lexer, true);
    bool found = skip_item(parser, bracket);
    lexer_set_quiet(parser->lexer, false);
    return found;
}

// Reports that neither ',' nor the closing bracket follows an item.
static void bad_separator(Parser *parser, const Bracket *bracket)
{
    TokenKind kind = parser->token->kind;
    int index = parser_closer_index(kind);
    if (parser->failed || kind == TOKEN_ERROR) {
        parser->failed = true;
    } else if (index >= 0 && parser->open[index] == 0) {
        Diag *diag = parser_error(parser, DIAG_E0107, parser->token->span,
                                  "%s closes nothing", token_kind_text(kind));
        parser_label(parser, diag, (Span){bracket->start, bracket->start + 1},
                     "this %s is open", bracket_text(bracket->closer));
    } else if (index >= 0 || kind == TOKEN_END ||
               parser_at_next_declaration(parser)) {
        unclosed_bracket(parser, bracket);
    } else {
        Span place = missing_place(parser);
        Str found = found_text(parser);
        Diag *diag = parser_error(
            parser, DIAG_E0106, place, "expected ',' or %s, found %.*s",
            token_kind_text(bracket->closer), STR_ARG(found));
        parser_label(parser, diag, (Span){bracket->start, bracket->start + 1},
                     "this %s is open", bracket_text(bracket->closer));
        if (parser_at_open_argument(parser)) {
            parser_help(parser, diag,
                        "as an argument it stands in parentheses");
        }
    }
}

bool parser_other_separator(Parser *parser, const Bracket *bracket)
{
    if (parser->failed || !parser_at(parser, bracket->closer)) {
        bad_separator(parser, bracket);
        if (!recover_item(parser, bracket)) {
            return false;
        }
    }
    return parser_accept(parser, TOKEN_COMMA) &&
           !parser_at(parser, bracket->closer);
}

void parser_close(Parser *parser, const Bracket *bracket)
{
    parser->bracket = bracket->outer;
    parser->open[parser_closer_index(bracket->closer)]--;
    parser->context = bracket->context;
    if (parser_at(parser, bracket->closer)) {
        parser_advance(parser);
        return;
    }
    if (!parser->failed) {
        bad_separator(parser, bracket);
    }
    // What closes the bracket around this one: only this one is broken.
    if (parser->bracket != NULL && parser_at(parser, parser->bracket->closer)) {
        parser->failed = false;
        parser->unbalanced = true;
    }
}

// Skips to the next declaration; what is wrong on the way is not reported.
static void skip_declaration(Parser *parser)
{
    while (!parser_at(parser, TOKEN_END) &&
           !parser_at_next_declaration(parser)) {
        bool ends = parser_at(parser, TOKEN_SEMICOLON);
        lexer_set_quiet(parser->lexer, !ends);
        parser_advance(parser);
        if (ends && (is_declaration_keyword(parser->token->kind) ||
                     at_first_column(parser))) {
            return;
        }
    }
}

static void recover_declaration(Parser *parser, uint32_t start)
{
    parser->failed = false;
    parser->bracket = NULL;
    parser->context = 0;
    parser->depth = 0;
    parser->stack.used = 0;
    memset(parser->open, 0, sizeof parser->open);
    if (parser->token->span.start == start) {
        lexer_set_quiet(parser->lexer, true);
        parser_advance(parser);
    }
    skip_declaration(parser);
    lexer_set_quiet(parser->lexer, false);
}

// ---- what several productions use

bool parser_at_field_name(const Parser *parser)
{
    TokenKind kind = parser->token->kind;
    return kind == TOKEN_NAME || kind == TOKEN_UPPER_NAME ||
           kind == TOKEN_STRING || kind >= TOKEN_LET;
}

bool parser_other_field_name(Parser *parser, Symbol *out_name, Span *out_span)
{
    if (!parser_at_field_name(parser)) {
        Diag *diag = parser_unexpected(parser, "a field name");
        if (parser_at(parser, TOKEN_STRING_START)) {
            parser_help(parser, diag, "a field name has no interpolation");
        }
        return false;
    }
    const Token *token = parser->token;
    *out_name = token->kind == TOKEN_STRING
                    ? intern(parser->interner, str_make(token->as.string.data,
                                                        token->as.string.len))
                    : token->as.symbol;
    *out_span = token->span;
    parser_advance(parser);
    return true;
}

void parser_duplicate_field(Parser *parser, Symbol name, Span first,
                            Span second)
{
    Str shown = parser_shown(parser, name);
    Diag *diag = parser_report(parser, DIAG_E0109, second,
                               "the field '%.*s' stands twice in this record",
                               STR_ARG(shown));
    parser_label(parser, diag, first, "first here");
}

TokenKind parser_peek(Parser *parser)
{
    if (lexer_is_interpolating(parser->lexer)) {
        return TOKEN_ERROR; // a declaration where a string does not end
    }
    parser_unread(parser);
    LexerMark mark = lexer_look_ahead(parser->lexer);
    Token token;
    lexer_next(parser->lexer, &token);
    lexer_look_back(parser->lexer, mark);
    return token.kind;
}

// ---- entries

void parser_init(Parser *parser, Interner *interner)
{
    *parser = (Parser){
        .interner = interner,
        .lexer = lexer_new(interner),
    };
}

void parser_release(Parser *parser)
{
    lexer_free(parser->lexer);
    node_stack_release(&parser->stack);
    field_set_release(&parser->fields);
    vec_release(&parser->decls);
}

Parser *parser_new(Interner *interner)
{
    Parser *parser = mem_alloc(sizeof *parser);
    parser_init(parser, interner);
    return parser;
}

void parser_free(Parser *parser)
{
    if (parser != NULL) {
        parser_release(parser);
        free(parser);
    }
}

void parser_begin(Parser *parser, Module *module, uint32_t max_nesting)
{
    memset(parser, 0, offsetof(Parser, interner));
    parser->module = module;
    parser->arena = module->arena;
    parser->sink = &module->diags;
    parser->max_nesting = max_nesting;
    parser->errors_before = module->diags.error_count;
}

static void first_token(Parser *parser)
{
    parser_read(parser);
    parser->prev_end = parser->token->span.start;
}

// parser_begin() up to the first token.
static void begin(Parser *parser, Module *module, uint32_t max_nesting)
{
    parser_begin(parser, module, max_nesting);
    lexer_start(parser->lexer, &module->source, module->arena, parser->sink);
    first_token(parser);
}

static void finish(Parser *parser)
{
    Module *module = parser->module;
    if (parser->sink->error_count > parser->errors_before) {
        module->broken = true;
    }
    module->ast.node_count += parser->node_count;
    module->ast.has_local_rec |= parser->local_rec_count > 0;
    parser->stack.used = 0; // what is broken may leave nodes there
    node_stack_trim(&parser->stack);
    field_set_trim(&parser->fields);
}

// Adds declarations of a text that was parsed ahead. How many there will be is
// nearly known: they go where they stay.
static void keep_declarations(Parser *parser, const Decl *decls, uint32_t count)
{
    ModuleAst *ast = &parser->module->ast;
    uint32_t *room = &parser->split->decl_room;
    if ((uint64_t)ast->decl_count + count > *room) {
        uint32_t grown = (ast->decl_count + count) / 2 * 3 + 16;
        Decl *moved = arena_array(parser->arena, grown, sizeof *moved);
        if (ast->decl_count > 0) {
            memcpy(moved, ast->decls, ast->decl_count * sizeof *moved);
        }
        ast->decls = moved;
        *room = grown;
    }
    memcpy(ast->decls + ast->decl_count, decls, count * sizeof *decls);
    ast->decl_count += count;
}

// Those that were parsed ahead.
static bool take_declarations(Parser *parser)
{
    const Run *run = split_take(parser, RUN_DECLS);
    if (run != NULL) {
        keep_declarations(parser, run->nodes, run->count);
    }
    return run != NULL;
}

static void make_room(Module *module, Split *split)
{
    enum {
        PER_PIECE = 2, // that lie across the end of one
        MANY = 1 << 14
    };
    uint32_t room = split_count(split, RUN_DECLS);
    if (room > 0) {
        split->decl_room = room + split->runs.count * PER_PIECE;
        if (room >= MANY) {
            // In large pages, as what later passes will add.
            arena_reserve(module->arena, split->decl_room * sizeof(Decl));
        }
        module->ast.decls =
            arena_array(module->arena, split->decl_room, sizeof(Decl));
    }
}

static void parse_module(Parser *parser)
{
    Module *module = parser->module;
    bool first = true;
    vec_clear(&parser->decls);
    while (!parser_at(parser, TOKEN_END)) {
        uint32_t start = parser->token->span.start;
        if (UNLIKELY(parser->split != NULL) && take_declarations(parser)) {
            first = false;
            continue;
        }
        vec_reserve(&parser->decls, 1);
        Decl *decl = &parser->decls.items[parser->decls.count];
        if (!parser_declaration(parser, first, decl)) {
            // said already, or the final expression
        } else if (UNLIKELY(parser->split != NULL)) {
            keep_declarations(parser, decl, 1);
        } else {
            parser->decls.count++;
        }
        first = false;
        if (parser->failed) {
            recover_declaration(parser, start);
        }
        parser->unbalanced = false;
    }
    if (parser->decls.count > 0) {
        module->ast.decl_count = parser->decls.count;
        module->ast.decls = arena_copy(module->arena, parser->decls.items,
                                       (size_t)parser->decls.count *
                                           sizeof *parser->decls.items);
    }
    finish(parser);
}

void parser_parse(Parser *parser, Module *module, uint32_t max_nesting)
{
    const Arena *arena = module->arena;
    const char *start = arena->cursor;
    const char *limit = arena->limit;
    begin(parser, module, max_nesting);
    parse_module(parser);
    if (arena->limit == limit) { // still in the same chunk
        module->tree = str_make(start, (size_t)(arena->cursor - start));
    }
}

void parser_parse_module(Module *module, Interner *interner,
                         uint32_t max_nesting)
{
    Parser parser;
    parser_init(&parser, interner);
    parser_parse(&parser, module, max_nesting);
    parser_release(&parser);
}

uint64_t parser_parse_split(Parser *parser, Module *module,
                            uint32_t max_nesting, Worker *worker,
                            uint32_t piece_bytes)
{
    Split split = {0};
    Pieces *pieces = split_parse_ahead(module, parser->interner, max_nesting,
                                       worker, piece_bytes, &split);
    if (pieces == NULL) {
        parser_parse(parser, module, max_nesting);
    } else {
        parser_begin(parser, module, max_nesting);
        lexer_start_valid(parser->lexer, &module->source, module->arena,
                          parser->sink);
        first_token(parser);
        parser->split = &split;
        make_room(module, &split);
        node_stack_reserve(&parser->stack, split_bytes(&split));
        parse_module(parser);
    }
    split_free(pieces, &split, module);
    return split.taken;
}

Expr *parser_parse_expr(Module *module, Interner *interner,
                        uint32_t max_nesting)
{
    Parser parser;
    parser_init(&parser, interner);
    begin(&parser, module, max_nesting);
    Expr *expr = parser_new_expr(&parser);
    parser_accept(&parser, TOKEN_SEMICOLON);
    if (!parser_at(&parser, TOKEN_END)) {
        parser_unexpected(&parser, "the end of the expression");
    }
    bool ok = module->diags.error_count == parser.errors_before;
    finish(&parser);
    parser_release(&parser);
    return ok ? expr : NULL;
}
