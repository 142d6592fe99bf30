// Reading ahead: a long text is cut into pieces, and several workers read runs
// of list items and of members in them, from the first place that looks like
// the start of one. Nobody knows whether it is, or lies in a string: the reader
// proper takes a run where it is about to read an item or member at the very
// byte at which the run starts, and reads the rest itself (as
// syntax/parser_split.h has it; compare Pison, Jiang and Zhao 2020).
#include "syntax/read_tape_internal.h"

// Wrong guesses after which a piece is left to the reader proper.
#define MAX_FAILURES 32
// How far something behind a bracket is looked for: this part of a piece.
#define SEARCHED_PART 4

// From so many bytes of text for each worker on its tape is worth large pages.
#define LARGE_SHARE ((size_t)4 << 20)

typedef struct PieceReader {
    TapeReader *reader;
    Arena arena;
    Str text;
    VEC(AheadRun) runs;
    bool found_dirt;
} PieceReader;

struct TapePieces {
    const TapeFormat *format;
    const Module *module;
    Interner *interner;
    uint32_t max_nesting;
    ShapeNumbers *numbers;
    uint32_t piece_count, piece_bytes;
    PieceReader **by_worker;
    uint32_t worker_count;
    VEC(AheadRun) runs; // of all
};

// ---- pieces

// Forgets an item or member that has a fault.
static void rewind_reader(TapeReader *r, TapeWord *cursor, TapeWord *limit,
                          uint32_t keys)
{
    r->cursor = cursor;
    r->limit = limit;
    r->keys.count = keys;
    r->depth = 0;
}

// Reads what follows each other from r->at on, as long as it starts before
// `stop`. False where that ended at something else.
static bool read_run(PieceReader *own, bool of_members, const char *stop)
{
    TapeReader *r = own->reader;
    AheadRun run = {.start = (uint32_t)(r->at - r->start)};
    run.words = tape_words(r);
    uint64_t nodes_before = r->node_count;
    TapeShape *likely = NULL;
    bool okay = true, more = true;
    r->height = 0;
    while (more) {
        TapeWord *cursor = r->cursor, *limit = r->limit;
        okay = r->format->read_part(r, of_members, &likely);
        if (!okay) {
            rewind_reader(r, cursor, limit, of_members ? run.count : 0);
            break;
        }
        run.count++;
        run.resume = (uint32_t)(r->at - r->start);
        run.height = r->height;
        run.node_count = r->node_count - nodes_before;
        more = r->format->next_part(r, of_members) && r->at < stop;
    }
    if (run.count > 0 && of_members) {
        run.keys =
            arena_copy(&own->arena, r->keys.items, run.count * sizeof(Symbol));
        run.end = tape_words(r);
        r->cursor = run.end + 2;
    }
    if (run.count > 0) {
        vec_push(&own->runs, run);
    }
    r->keys.count = 0;
    return okay;
}

static void read_piece(PieceReader *own, uint32_t piece_bytes, uint32_t from,
                       uint32_t to)
{
    TapeReader *r = own->reader;
    const char *stop = r->start + to;
    const char *at = r->start + from;
    const char *near = at + piece_bytes / SEARCHED_PART;
    Str text = own->text;
    size_t rest = text.len - to;
    r->end = stop + (rest < piece_bytes ? rest : piece_bytes);
    bool near_by = r->format->find_part(r, at, near, true) < near;
    size_t wasted = 0;
    for (uint32_t failures = 0;
         failures < MAX_FAILURES && wasted < piece_bytes;) {
        at = r->format->find_part(r, at, stop, near_by);
        if (at >= stop) {
            break;
        }
        r->at = at;
        if (!read_run(own, r->format->at_member(r), stop)) {
            failures++;
            wasted += (size_t)(r->at - at);
        }
        at = r->at > at ? r->at : at + 1;
    }
}

static PieceReader *piece_reader_new(const TapePieces *pieces)
{
    PieceReader *made = mem_calloc(1, sizeof *made);
    arena_init(&made->arena);
    made->text = pieces->module->source.text;
    made->reader =
        tape_reader_new(pieces->format, pieces->module, &made->arena,
                        pieces->interner, pieces->max_nesting, pieces->numbers);
    return made;
}

static void read_pieces(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    TapePieces *pieces = ctx;
    PieceReader **own = &pieces->by_worker[worker_index(worker)];
    if (*own == NULL) {
        *own = piece_reader_new(pieces);
    }
    Str text = pieces->module->source.text;
    if (text.len / pieces->worker_count > LARGE_SHARE) {
        arena_reserve(&(*own)->arena, pieces->piece_bytes);
    }
    for (uint64_t i = begin; i < end && !(*own)->found_dirt; i++) {
        uint32_t from = (uint32_t)i * pieces->piece_bytes;
        uint32_t to = i + 1 == pieces->piece_count ? (uint32_t)text.len
                                                   : from + pieces->piece_bytes;
        if (!pieces->format->is_clean(text, from, to)) {
            (*own)->found_dirt = true;
        } else {
            read_piece(*own, pieces->piece_bytes, from, to);
        }
    }
}

// ---- the whole

static int by_start(const void *a, const void *b)
{
    const AheadRun *left = a, *right = b;
    return (left->start > right->start) - (left->start < right->start);
}

// False when a piece is not clean.
static bool collect_runs(TapePieces *pieces)
{
    bool is_clean = true;
    for (uint32_t i = 0; i < pieces->worker_count; i++) {
        const PieceReader *own = pieces->by_worker[i];
        is_clean = is_clean && (own == NULL || !own->found_dirt);
        for (uint32_t k = 0; own != NULL && k < own->runs.count; k++) {
            vec_push(&pieces->runs, own->runs.items[k]);
        }
    }
    if (pieces->runs.count > 0) {
        qsort(pieces->runs.items, pieces->runs.count, sizeof(AheadRun),
              by_start);
    }
    return is_clean;
}

TapePieces *tape_pieces_read(const TapeFormat *format, const Module *module,
                             Interner *interner, uint32_t max_nesting,
                             Worker *worker, uint32_t piece_bytes,
                             ShapeNumbers *numbers, AheadRuns *out_runs)
{
    uint64_t count = module->source.text.len / piece_bytes;
    if (count < 2 || worker == NULL) {
        return NULL;
    }
    TapePieces *pieces = mem_alloc(sizeof *pieces);
    *pieces =
        (TapePieces){.format = format,
                     .module = module,
                     .interner = interner,
                     .max_nesting = max_nesting,
                     .numbers = numbers,
                     .piece_count = (uint32_t)count,
                     .piece_bytes = piece_bytes,
                     .worker_count = pool_worker_count(worker_pool(worker))};
    pieces->by_worker = mem_calloc(pieces->worker_count, sizeof(PieceReader *));
    parallel_for(worker, NULL, count, 1, read_pieces, pieces);
    if (!collect_runs(pieces)) {
        tape_pieces_free(pieces);
        return NULL;
    }
    *out_runs = (AheadRuns){pieces->runs.items, pieces->runs.count};
    return pieces;
}

void tape_pieces_finish(TapePieces *pieces, Arena *arena, TapeShape **shapes)
{
    for (uint32_t i = 0; i < pieces->worker_count; i++) {
        PieceReader *own = pieces->by_worker[i];
        if (own == NULL) {
            continue;
        }
        const TapeReader *r = own->reader;
        for (uint32_t k = 0; k < r->shapes.count; k++) {
            shapes[r->shapes.items[k]->number] = r->shapes.items[k];
        }
        arena_adopt(arena, &own->arena);
    }
}

void tape_pieces_free(TapePieces *pieces)
{
    for (uint32_t i = 0; pieces != NULL && i < pieces->worker_count; i++) {
        PieceReader *own = pieces->by_worker[i];
        if (own != NULL) {
            tape_reader_free(own->reader);
            vec_release(&own->runs);
            arena_release(&own->arena);
            free(own);
        }
    }
    if (pieces != NULL) {
        vec_release(&pieces->runs);
        free(pieces->by_worker);
        free(pieces);
    }
}
