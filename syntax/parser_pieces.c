// The pieces of a text, each parsed from the first place in it that looks like
// the start of an item, a field or a declaration. Behind what cannot be parsed
// goes on after the next comma, semicolon or opening bracket, where brackets
// may close that were not opened here.
#include <assert.h>

#include "syntax/encoding.h"
#include "syntax/parser_decls.h"
#include "syntax/parser_split.h"

// Failures in one piece after which it is left to the parser proper: a guess
// about where it started was wrong.
#define MAX_FAILURES 100

// Loops inside of items note how far they are only in the last so-manieth of a
// piece: it is for those that its end cuts.
#define NOTED_PART 4

// So many pieces are enough for a worker: each costs what lies across its ends.
#define ENOUGH_PIECES 128

// Of the tree, about, for a byte of text.
#define TREE_BYTES_PER_BYTE 4
// From so many bytes of text for each worker on, the memory of its tree comes
// in blocks of megabytes, and that of its runs, which are far smaller.
#define LARGE_SHARE      (1 << 19)
#define VERY_LARGE_SHARE (16 << 20)

typedef struct Piecewise {
    bool found_dirt; // a piece is not valid UTF-8, or has what must not be
    Parser parser;
    Module *part; // stands for the module, whose text it borrows
    Split split;
} Piecewise;

struct Pieces {
    const Module *module; // read only
    Interner *interner;
    uint32_t max_nesting;
    uint32_t piece_bytes;
    uint32_t piece_count;
    uint32_t worker_count;
    Piecewise **by_worker; // each slot is its worker's
};

// ---- where to start

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool may_precede(char c)
{
    return c == ',' || c == ';' || c == '[' || c == '{';
}

// The first line in [from, to) that follows one that ends as items do.
static uint32_t find_line(const char *text, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at < to;) {
        const char *line_end = memchr(text + at, '\n', to - at);
        if (line_end == NULL) {
            return to;
        }
        uint32_t end = (uint32_t)(line_end - text);
        uint32_t last = end;
        while (last > at && (is_blank(text[last - 1]) || //
                             text[last - 1] == '\r')) {
            last--;
        }
        at = end + 1;
        if (last > from && may_precede(text[last - 1])) {
            return at;
        }
    }
    return to;
}

// The first place in [from, to) behind a bracket that closes and a comma.
static uint32_t find_closed(const char *text, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at + 1 < to; at++) {
        if ((text[at] == '}' || text[at] == ']') &&
            (text[at + 1] == ',' || text[at + 1] == ';')) {
            return at + 2;
        }
    }
    return to;
}

// ---- what to parse

// Whether `name =`, `name :` or `name.name =` comes next.
static bool at_field(Parser *parser)
{
    if (parser_at(parser, TOKEN_DOT_DOT)) {
        return true;
    }
    if (!parser_at_field_name(parser)) {
        return false;
    }
    parser_unread(parser);
    LexerMark mark = lexer_look_ahead(parser->lexer);
    Token token;
    lexer_next(parser->lexer, &token);
    while (token.kind == TOKEN_DOT) {
        lexer_next(parser->lexer, &token);
        lexer_next(parser->lexer, &token);
    }
    lexer_look_back(parser->lexer, mark);
    return token.kind == TOKEN_EQUALS || token.kind == TOKEN_COLON;
}

static bool guess(Parser *parser, RunKind *out_kind)
{
    if (lexer_is_interpolating(parser->lexer)) {
        return false;
    }
    if (parser_at_next_declaration(parser)) {
        *out_kind = RUN_DECLS;
        return true;
    }
    if (at_field(parser)) {
        *out_kind = RUN_FIELDS;
        return true;
    }
    *out_kind = RUN_ITEMS;
    return parser_at_atom(parser) || parser_at_open_expr(parser) ||
           parser_at(parser, TOKEN_MINUS) || parser_at(parser, TOKEN_BANG);
}

// ---- parsing

static bool no_problem(const Parser *parser)
{
    return !parser->failed && parser->sink->diags.count == 0 &&
           !lexer_is_cut(parser->lexer);
}

// After an item or field, or before a bracket that closes: notes it, and
// returns whether another one follows.
static bool item_follows(Parser *parser, RunLoop *loop, uint32_t height)
{
    TokenKind closer =
        loop->kind == RUN_ITEMS ? TOKEN_RIGHT_BRACKET : TOKEN_RIGHT_BRACE;
    if (parser_at(parser, closer)) {
        split_loop_note(parser, loop, height);
        return false;
    }
    if (!parser_accept(parser, TOKEN_COMMA)) {
        return false;
    }
    split_loop_note(parser, loop, height);
    return !parser_at(parser, closer);
}

static bool declaration_follows(Parser *parser, RunLoop *loop)
{
    Decl decl;
    if (!parser_declaration(parser, false, &decl)) {
        return false;
    }
    parser_push(parser, &decl);
    split_loop_note(parser, loop, 0);
    return parser_at_next_declaration(parser);
}

// Parses as many as there are, and keeps those without problems.
static void parse_run(Parser *parser, RunKind kind)
{
    RunLoop loop;
    split_loop_begin(parser, &loop, kind);
    uint32_t height = 0;
    unsigned closed = 0;
    bool more = true;
    while (more && no_problem(parser)) {
        if (kind == RUN_DECLS) {
            more = declaration_follows(parser, &loop);
            continue;
        }
        if (kind == RUN_ITEMS) {
            Expr item;
            parser_expr(parser, &item);
            parser_note_height(parser, &height);
            parser_push_expr(parser, &item);
        } else {
            parser_push_record_item(parser, &height, &closed);
        }
        more = item_follows(parser, &loop, height);
    }
    split_loop_keep(parser, &loop);
}

// Makes the parser as good as new; the next token stays.
static void reset(Parser *parser)
{
    parser_forget(parser);
    diag_sink_release(parser->sink);
    diag_sink_init(parser->sink);
    parser->module->ast = (ModuleAst){0};
    parser->token_limit = parser->token + 1;
    lexer_seek(parser->lexer, parser->token->span.end);
}

// Parses [from, to); at `from`, an item may start.
static void parse_piece(Parser *parser, uint32_t from, uint32_t to)
{
    lexer_set_stop(parser->lexer, to);
    parser->split_from = to - (to - from) / NOTED_PART;
    parser_seek(parser, from);
    uint32_t failures = 0;
    bool may_start = true;
    while (!parser_at(parser, TOKEN_END) && failures < MAX_FAILURES) {
        uint32_t start = parser->token->span.start;
        RunKind kind;
        if (may_start && guess(parser, &kind)) {
            parse_run(parser, kind);
            may_start = no_problem(parser);
            if (!no_problem(parser) || parser->result_seen) {
                failures++;
            }
            bool at_end = parser_at(parser, TOKEN_END);
            reset(parser);
            if (at_end) {
                break;
            }
        }
        if (parser->token->span.start == start || !may_start) {
            TokenKind passed = parser->token->kind;
            may_start = passed == TOKEN_COMMA || passed == TOKEN_SEMICOLON ||
                        passed == TOKEN_LEFT_BRACKET ||
                        passed == TOKEN_LEFT_BRACE;
            parser_advance(parser);
        }
    }
    reset(parser);
}

static Piecewise *piecewise_new(const Pieces *pieces)
{
    Piecewise *made = mem_calloc(1, sizeof *made);
    Module *part = module_new();
    part->source = pieces->module->source;
    part->is_std = pieces->module->is_std;
    made->part = part;
    made->split.is_ahead = true;
    arena_init(&made->split.arena);
    parser_init(&made->parser, pieces->interner);
    parser_begin(&made->parser, part, pieces->max_nesting / 2);
    made->parser.split = &made->split;
    lexer_start_valid(made->parser.lexer, &part->source, part->arena,
                      &part->diags);
    return made;
}

static void parse_pieces(void *ctx, uint64_t begin, uint64_t end,
                         Worker *worker)
{
    Pieces *pieces = ctx;
    Piecewise **own = &pieces->by_worker[worker_index(worker)];
    if (*own == NULL) {
        *own = piecewise_new(pieces);
    }
    Str text = pieces->module->source.text;
    size_t share = text.len / pieces->worker_count;
    if (share > LARGE_SHARE) {
        arena_reserve((*own)->part->arena,
                      (size_t)pieces->piece_bytes * TREE_BYTES_PER_BYTE);
    }
    if (share > VERY_LARGE_SHARE) {
        arena_reserve(&(*own)->split.arena, pieces->piece_bytes);
    }
    for (uint64_t i = begin; i < end && !(*own)->found_dirt; i++) {
        uint32_t from = (uint32_t)(i * text.len / pieces->piece_count);
        uint32_t to = (uint32_t)((i + 1) * text.len / pieces->piece_count);
        uint32_t at = i == 0 ? (uint32_t)lexer_text_start(text)
                             : find_line(text.data, from, to);
        at = at < to ? at : find_closed(text.data, from, to);
        if (!encoding_is_clean(text, from, to, ENCODING_PROGRAM)) {
            (*own)->found_dirt = true;
        }
        (*own)->split.has_dollar |=
            memchr(text.data + from, '$', to - from) != NULL;
        if (at < to && !(*own)->found_dirt) {
            parse_piece(&(*own)->parser, at, to);
        }
    }
}

// ---- the whole

static int by_start(const void *a, const void *b)
{
    const Run *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

// False when a piece is not clean.
static bool collect_runs(const Pieces *pieces, Split *out_split)
{
    bool is_clean = true;
    for (uint32_t i = 0; i < pieces->worker_count; i++) {
        const Piecewise *piecewise = pieces->by_worker[i];
        is_clean &= piecewise == NULL || !piecewise->found_dirt;
        out_split->has_dollar |=
            piecewise != NULL && piecewise->split.has_dollar;
        for (uint32_t k = 0;
             piecewise != NULL && k < piecewise->split.runs.count; k++) {
            vec_push(&out_split->runs, piecewise->split.runs.items[k]);
        }
    }
    if (out_split->runs.count > 0) {
        qsort(out_split->runs.items, out_split->runs.count, sizeof(Run),
              by_start);
    }
    return is_clean;
}

void split_free(Pieces *pieces, Split *split, Module *module)
{
    vec_release(&split->runs);
    for (uint32_t i = 0; pieces != NULL && i < pieces->worker_count; i++) {
        Piecewise *piecewise = pieces->by_worker[i];
        if (piecewise == NULL) {
            continue;
        }
        if (module != NULL) {
            arena_adopt(module->arena, piecewise->part->arena);
        }
        parser_release(&piecewise->parser);
        module_free(piecewise->part);
        vec_release(&piecewise->split.runs);
        arena_release(&piecewise->split.arena);
        free(piecewise);
    }
    if (pieces != NULL) {
        free(pieces->by_worker);
        free(pieces);
    }
}

Pieces *split_parse_ahead(const Module *module, Interner *interner,
                          uint32_t max_nesting, Worker *worker,
                          uint32_t piece_bytes, Split *out_split)
{
    uint64_t bytes = module->source.text.len;
    uint32_t worker_count = pool_worker_count(worker_pool(worker));
    uint64_t count = bytes / piece_bytes;
    assert(bytes < UINT32_MAX); // the loader takes no longer ones
    if (count < 2) {
        return NULL;
    }
    if (count > ENOUGH_PIECES * worker_count) {
        count = ENOUGH_PIECES * worker_count;
    }
    Pieces *pieces = mem_alloc(sizeof *pieces);
    *pieces = (Pieces){
        .module = module,
        .interner = interner,
        .max_nesting = max_nesting,
        .piece_bytes = (uint32_t)(bytes / count),
        .piece_count = (uint32_t)count,
        .worker_count = worker_count,
    };
    pieces->by_worker =
        mem_calloc(pieces->worker_count, sizeof *pieces->by_worker);
    parallel_for(worker, NULL, count, 1, parse_pieces, pieces);
    if (!collect_runs(pieces, out_split)) {
        split_free(pieces, out_split, NULL);
        return NULL;
    }
    return pieces;
}
