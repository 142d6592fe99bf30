// Runs: noting what a loop has read, keeping it, and taking it. The pieces are
// parsed in parser_pieces.c.
#include "syntax/parser_split.h"

#include "syntax/lexer_internal.h"

static size_t node_size(RunKind kind)
{
    return kind == RUN_ITEMS    ? sizeof(Expr)
           : kind == RUN_FIELDS ? sizeof(RecordItem)
                                : sizeof(Decl);
}

// ---- making runs

void split_loop_begin(const Parser *parser, RunLoop *loop, RunKind kind)
{
    loop->kind = kind;
    loop->mark = loop->used = parser->stack.used; // nothing is noted
    loop->first = (RunStart){parser->node_count, parser->local_rec_count,
                             parser->token->span.start, parser->token->doc};
}

void split_loop_note(const Parser *parser, RunLoop *loop, uint32_t height)
{
    if (UNLIKELY(parser->failed || parser->sink->diags.count > 0 ||
                 parser->lexer->is_cut)) {
        return;
    }
    loop->used = parser->stack.used;
    loop->node_count = parser->node_count;
    loop->local_rec_count = parser->local_rec_count;
    loop->resume = parser->prev_end;
    loop->height = height;
}

static unsigned closed_items(const Expr *items, uint32_t count)
{
    unsigned closed = EXPR_CLOSED;
    for (uint32_t i = 0; i < count; i++) {
        closed &= items[i].flags;
    }
    return closed;
}

static unsigned closed_fields(const RecordItem *items, uint32_t count)
{
    unsigned closed = EXPR_CLOSED;
    for (uint32_t i = 0; i < count; i++) {
        closed &= items[i].name != 0 ? items[i].plain.flags : 0;
    }
    return closed;
}

void split_loop_keep(Parser *parser, const RunLoop *loop)
{
    Split *split = parser->split;
    size_t bytes = loop->used - loop->mark;
    if (!split->is_ahead || bytes == 0) {
        return;
    }
    void *nodes =
        arena_copy(&split->arena, parser->stack.data + loop->mark, bytes);
    uint32_t count = (uint32_t)(bytes / node_size(loop->kind));
    unsigned closed = loop->kind == RUN_ITEMS    ? closed_items(nodes, count)
                      : loop->kind == RUN_FIELDS ? closed_fields(nodes, count)
                                                 : 0;
    const RunStart *first = &loop->first;
    vec_push(
        &split->runs,
        (Run){
            .kind = loop->kind,
            .closed = closed,
            .start = first->start,
            .resume = loop->resume,
            .height = loop->height,
            .count = count,
            .local_rec_count = loop->local_rec_count - first->local_rec_count,
            .node_count = loop->node_count - first->node_count,
            .doc = first->doc,
            .nodes = nodes,
        });
}

// ---- taking runs

uint32_t split_count(const Split *split, RunKind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < split->runs.count; i++) {
        const Run *run = &split->runs.items[i];
        count += run->kind == kind ? run->count : 0;
    }
    return count;
}

size_t split_bytes(const Split *split)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < split->runs.count; i++) {
        const Run *run = &split->runs.items[i];
        // Declarations are not put on the stack.
        bytes += run->kind == RUN_DECLS ? 0 : run->count * node_size(run->kind);
    }
    return bytes;
}

static bool may_take(const Parser *parser)
{
    // Where the runs end depends on nothing else than the text as long as
    // there are no errors, which the loops recover from.
    return parser->sink->error_count == parser->errors_before &&
           parser->depth <= parser->max_nesting / 2 &&
           !lexer_is_interpolating(parser->lexer);
}

// Comments before a declaration belong to it.
static bool fits(const Parser *parser, const Run *run, RunKind kind)
{
    const Span *doc = &parser->token->doc;
    return run->kind == kind &&
           (kind != RUN_DECLS ||
            (!parser->result_seen && run->doc.start == doc->start &&
             run->doc.end == doc->end));
}

// Of the first run that starts behind `at`.
static uint32_t next_start(const Split *split, uint32_t at)
{
    for (uint32_t i = split->next; i < split->runs.count; i++) {
        if (split->runs.items[i].start > at) {
            return split->runs.items[i].start;
        }
    }
    return UINT32_MAX;
}

const Run *split_take(Parser *parser, RunKind kind)
{
    Split *split = parser->split;
    uint32_t at = parser->token->span.start;
    while (split->next < split->runs.count &&
           split->runs.items[split->next].start < at) {
        split->next++;
    }
    parser->split_from = next_start(split, at);
    for (uint32_t i = split->next;
         i < split->runs.count && split->runs.items[i].start == at; i++) {
        const Run *run = &split->runs.items[i];
        if (fits(parser, run, kind) && may_take(parser)) {
            split->taken += run->node_count;
            parser->node_count += run->node_count;
            parser->local_rec_count += run->local_rec_count;
            parser_seek(parser, run->resume);
            return run;
        }
    }
    return NULL;
}

static NOINLINE bool take_runs(Parser *parser, RunLoop *loop, TokenKind closer,
                               uint32_t *height, unsigned *closed)
{
    const Run *run;
    while (!parser_at(parser, closer) &&
           (run = split_take(parser, loop->kind)) != NULL) {
        node_stack_push(&parser->stack, run->nodes,
                        run->count * node_size(run->kind));
        *height = run->height > *height ? run->height : *height;
        *closed &= run->closed;
    }
    return !parser_at(parser, closer);
}

bool split_loop_next(Parser *parser, RunLoop *loop, TokenKind closer,
                     uint32_t *height, unsigned *closed)
{
    if (parser->split->is_ahead) {
        split_loop_note(parser, loop, *height);
        return true;
    }
    return take_runs(parser, loop, closer, height, closed);
}
