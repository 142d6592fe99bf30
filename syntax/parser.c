// The core of the parser: tokens, and the entries. The productions are in
// parser_{decls,types,patterns,exprs,atoms}.c, errors in parser_errors.c.
#include "syntax/parser.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#include "syntax/parser_decls.h"
#include "syntax/parser_split.h"

// Tokens that guesses may read in a file of any size.
#define MIN_GUESSED (1 << 20)

// ---- tokens

static void read_tokens(Parser *parser, uint32_t wanted)
{
    uint32_t count = lexer_read(parser->lexer, parser->tokens, wanted);
    parser->token = parser->tokens;
    parser->token_limit = parser->tokens + count;
}

void parser_read(Parser *parser)
{
    read_tokens(parser, LEXER_BATCH);
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
    read_tokens(parser, 0); // a few: where runs are taken, more is not needed
    parser->prev_end = offset;
}

void parser_stop(Parser *parser)
{
    lexer_stop(parser->lexer);
    parser->token->kind = TOKEN_END;
    parser->token_limit = parser->token + 1;
}

// ---- what several productions use

bool parser_at_field_name(const Parser *parser)
{
    TokenKind kind = parser->token->kind;
    return kind == TOKEN_NAME || kind == TOKEN_UPPER_NAME ||
           kind == TOKEN_STRING || kind >= TOKEN_LET;
}

// A key that is computed: [k] = 1, "\(k)" = 1.
static void help_field_name(Parser *parser, Diag *diag)
{
    TokenKind kind = parser->token->kind;
    uint32_t before = parser->prev_end;
    bool is_access =
        before > 0 && parser->module->source.text.data[before - 1] == '.';
    bool is_type =
        parser->bracket != NULL && parser->bracket->items == OF_TYPES;
    if (is_access && kind == TOKEN_STRING_START) {
        parser_help(parser, diag, "a field name has no interpolation");
    } else if (is_access && kind == TOKEN_LEFT_BRACE) {
        parser_help(parser, diag,
                    "each field is taken by itself: { a = record.a, b = "
                    "record.b }");
    } else if (kind == TOKEN_TYPE_VAR) {
        parser_help(parser, diag, "strings stand in double quotes");
    } else if (kind == TOKEN_STAR) {
        parser_help(parser, diag,
                    "a spread has two dots: { ..base, field = value }");
    } else if (is_type && kind == TOKEN_LEFT_BRACKET) {
        parser_help(parser, diag,
                    "what has any names is a Map: 'Map Type' in place of the "
                    "record type");
    } else if (!is_access && (kind == TOKEN_INT || kind == TOKEN_FLOAT)) {
        parser_help(parser, diag,
                    "a name that begins with a digit stands in quotes");
    } else if (!is_access &&
               (kind == TOKEN_STRING_START || kind == TOKEN_LEFT_BRACKET ||
                kind == TOKEN_LEFT_PAREN)) {
        parser_help(parser, diag,
                    "names that are computed are keys of a Map: 'fromList "
                    "[(key, value)]' of std.map");
    }
}

bool parser_other_field_name(Parser *parser, Symbol *out_name, Span *out_span)
{
    if (!parser_at_field_name(parser)) {
        help_field_name(parser, parser_unexpected(parser, "a field name"));
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

void parser_spend_guess(Parser *parser, uint64_t count)
{
    parser->guess_left -=
        count < parser->guess_left ? count : parser->guess_left;
}

void parser_guess_next(Parser *parser, Token *out)
{
    if (parser->guess_left > 0) {
        parser_spend_guess(parser, 1);
        lexer_next(parser->lexer, out);
    } else {
        *out = (Token){.kind = TOKEN_END};
    }
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
    parser->split_from = UINT32_MAX;
    parser->guess_left = MIN_GUESSED + module->source.text.len;
}

static void first_token(Parser *parser)
{
    parser_read(parser);
    parser->prev_end = parser->token->span.start;
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

// But for what is too deep, of which nothing more was read.
static void keep_first_error(Parser *parser, uint32_t diag_count)
{
    const DiagSink *sink = parser->sink;
    for (uint32_t i = diag_count; i < sink->diags.count; i++) {
        if (sink->diags.items[i]->code == DIAG_E0601) {
            return;
        }
    }
    diag_sink_cut(parser->sink, diag_count + 1);
}

// Behind a declaration with errors; NULL where nothing is left of it. Where its
// brackets do not match, what is between them may be anything: only the first
// error is one.
static void note_errors(Parser *parser, const DeclStart *from, const Decl *decl)
{
    const Expr *result = parser->module->ast.result;
    bool drops = from->is_unbalanced;
    assert(parser->sink->diags.count > from->diag_count);
    if (drops) {
        keep_first_error(parser, from->diag_count);
    }
    if (decl != NULL && decl->kind == DECL_LET) {
        const LetDecl *let = &decl->as.let;
        Expr *last = parser_bind_body(&let->binds[let->count - 1]);
        parser_foreign_word(parser, last->span.start, from->diag_count);
        for (uint32_t i = 0; i < let->count && drops; i++) {
            parser_drop_expr(parser, parser_bind_body(&let->binds[i]));
        }
    } else if (drops && result != NULL && result->span.start >= from->start) {
        parser_drop_expr(parser, parser->module->ast.result);
    }
    parser->habits &= HABIT_LET | HABIT_BRACES;
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
        DeclStart from = {
            .kind = parser->token->kind,
            .start = start,
            .doc = parser->token->doc,
            .local_rec_count = parser->local_rec_count,
            .node_count = parser->node_count,
            .diag_count = parser->sink->diags.count,
            .habits = parser->habits,
        };
        bool had_result = parser->result_seen;
        bool made = parser_declaration(parser, first, decl);
        if (UNLIKELY(parser->sink->diags.count > from.diag_count)) {
            made =
                had_result ? made : parser_lost_end(parser, &from, made, decl);
            note_errors(parser, &from, made ? decl : NULL);
        }
        if (!made) {
            // said already, or the final expression
        } else if (UNLIKELY(parser->split != NULL)) {
            keep_declarations(parser, decl, 1);
        } else {
            parser->decls.count++;
        }
        first = false;
        if (parser->failed) {
            parser_recover_declaration(parser, start);
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
    parser_begin(parser, module, max_nesting);
    Str text = module->source.text;
    module->ast.has_dollar =
        text.len > 0 && memchr(text.data, '$', text.len) != NULL;
    lexer_start(parser->lexer, &module->source, module->arena, parser->sink);
    first_token(parser);
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
        module->ast.has_dollar = split.has_dollar;
        parser->split = &split;
        parser->split_from = 0;
        make_room(module, &split);
        node_stack_reserve(&parser->stack, split_bytes(&split));
        parse_module(parser);
    }
    split_free(pieces, &split, module);
    return split.taken;
}
