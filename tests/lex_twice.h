// A text read token by token and in batches: the same tokens, and the same is
// said about it.
#ifndef LIGATURE_TESTS_LEX_TWICE_H
#define LIGATURE_TESTS_LEX_TWICE_H

#include "syntax/lexer.h"

static inline bool lex_twice_same(const Token *a, const Token *b)
{
    bool same = a->kind == b->kind && a->raw == b->raw &&
                a->overflow == b->overflow && a->span.start == b->span.start &&
                a->span.end == b->span.end && a->doc.start == b->doc.start &&
                a->doc.end == b->doc.end;
    switch ((int)a->kind) {
    case TOKEN_INT:
    case TOKEN_FLOAT:
        return same && a->as.integer == b->as.integer;
    case TOKEN_STRING:
    case TOKEN_STRING_START:
    case TOKEN_STRING_MIDDLE:
    case TOKEN_STRING_END:
        return same && str_equal(str_make(a->as.string.data, a->as.string.len),
                                 str_make(b->as.string.data, b->as.string.len));
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
    case TOKEN_TYPE_VAR:
        return same && a->as.symbol == b->as.symbol;
    default:
        return same;
    }
}

typedef struct LexTwice {
    Lexer *lexer;
    DiagSink sink;
} LexTwice;

static inline void lex_twice_start(LexTwice *side, Interner *interner,
                                   const Source *source, Arena *arena,
                                   uint32_t stop)
{
    diag_sink_init(&side->sink);
    side->lexer = lexer_new(interner);
    lexer_start(side->lexer, source, arena, &side->sink);
    if (stop < source->text.len && side->sink.error_count == 0) {
        lexer_set_stop(side->lexer, stop);
    }
}

// Whether they are the same; tokens that start at `stop` or behind are left
// out.
static inline bool lex_twice(Str text, Interner *interner, uint32_t stop)
{
    Source source = {.path = STR("twice.lig"), .text = text};
    Arena arena;
    arena_init(&arena);
    LexTwice one, many;
    lex_twice_start(&one, interner, &source, &arena, stop);
    lex_twice_start(&many, interner, &source, &arena, stop);
    Token tokens[LEXER_BATCH] = {0};
    Token token = {.kind = TOKEN_ERROR};
    bool same = true, few = true;
    while (same && token.kind != TOKEN_END) {
        uint32_t wanted = few ? 0 : LEXER_BATCH;
        few = !few;
        uint32_t count = lexer_read(many.lexer, tokens, wanted);
        same = count > 0 && count <= LEXER_BATCH;
        for (uint32_t i = 0; same && i < count; i++) {
            lexer_next(one.lexer, &token);
            same = lex_twice_same(&token, &tokens[i]);
        }
        same &= lexer_is_cut(one.lexer) == lexer_is_cut(many.lexer) &&
                one.sink.error_count == many.sink.error_count &&
                one.sink.gave_up == many.sink.gave_up;
    }
    lexer_free(one.lexer);
    lexer_free(many.lexer);
    diag_sink_release(&one.sink);
    diag_sink_release(&many.sink);
    arena_release(&arena);
    return same;
}

#endif
