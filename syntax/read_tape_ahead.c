// Reading ahead: a long text is cut into pieces, and several workers read runs
// of list items in them, from the first place that looks like the start of one.
// Nobody knows whether that lies in a list at all, or in a string: the reader
// proper takes a run where it is about to read an item at the very byte at
// which the run starts, and reads the rest itself (as syntax/parser_split.h has
// it; compare Pison, Jiang and Zhao 2020).
#include "syntax/encoding.h"
#include "syntax/json_words.h"
#include "syntax/read_tape_private.h"

// Wrong guesses after which a piece is left to the reader proper.
#define MAX_FAILURES 32
// How far an item that is an object or list is looked for, before any will do:
// this part of a piece.
#define SEARCHED_PART 4

typedef struct PieceReader {
    TapeReader *reader;
    Arena arena;
    VEC(AheadRun) runs;
    bool found_dirt;
} PieceReader;

struct TapePieces {
    const Module *module;
    Interner *interner;
    uint32_t max_nesting;
    uint32_t piece_count, piece_bytes;
    PieceReader **by_worker;
    uint32_t worker_count;
    VEC(AheadRun) runs; // of all
};

// ---- where an item may start

// Behind the comma at or behind `at`, and white space; `end` where there is
// none.
static const char *behind_comma(const char *at, const char *end)
{
    const char *comma = at < end ? memchr(at, ',', (size_t)(end - at)) : NULL;
    return comma == NULL ? end : json_space_end(comma + 1, end);
}

// Whether the comma before `at` stands behind a bracket that closes.
static bool is_behind_bracket(const char *from, const char *at)
{
    do {
        at--;
    } while (at > from && byte_is(*at, BYTE_BLANK | BYTE_LINE));
    do { // it stood at the comma
        at--;
    } while (at > from && byte_is(*at, BYTE_BLANK | BYTE_LINE));
    return at >= from && (*at == '}' || *at == ']');
}

// The first object or list behind another one.
static const char *find_bracket(const char *from, const char *end)
{
    const char *at = behind_comma(from, end);
    while (at < end &&
           ((*at != '{' && *at != '[') || !is_behind_bracket(from, at))) {
        at = behind_comma(at, end);
    }
    return at;
}

static const char *find_item(const char *from, const char *end)
{
    const char *near = from + (end - from) / SEARCHED_PART;
    const char *at = find_bracket(from, near);
    return at < near ? at : behind_comma(from, end);
}

// ---- pieces

// Forgets an item that has a fault.
static void rewind_reader(TapeReader *r, TapeWord *cursor, TapeWord *limit)
{
    r->cursor = cursor;
    r->limit = limit;
    r->keys.count = 0;
    r->depth = 0;
}

// Reads the items from r->at on, as long as they start before `stop`. False
// where that ended at something that is no item.
static bool read_run(PieceReader *own, const char *stop)
{
    TapeReader *r = own->reader;
    AheadRun run = {.start = (uint32_t)(r->at - r->start)};
    run.words = tape_next_words(r);
    uint64_t nodes_before = r->node_count;
    TapeShape *likely = NULL;
    bool okay = true, more = true;
    r->height = 0;
    while (more) {
        TapeWord *cursor = r->cursor, *limit = r->limit;
        okay = tape_read_value(r, &likely);
        tape_skip_space(r);
        okay = okay && r->at < r->end && (*r->at == ',' || *r->at == ']');
        if (!okay) {
            rewind_reader(r, cursor, limit);
            break;
        }
        run.count++;
        run.resume = (uint32_t)(r->at - r->start);
        run.height = r->height;
        run.node_count = r->node_count - nodes_before;
        more = *r->at == ',';
        if (more) {
            r->at++;
            tape_skip_space(r);
            more = r->at < stop;
        }
    }
    if (run.count > 0) {
        vec_push(&own->runs, run);
    }
    return okay;
}

static void read_piece(PieceReader *own, uint32_t from, uint32_t to)
{
    TapeReader *r = own->reader;
    const char *stop = r->start + to;
    const char *at = r->start + from;
    uint32_t failures = 0;
    while (failures < MAX_FAILURES) {
        at = find_item(at, stop);
        if (at >= stop) {
            break;
        }
        r->at = at;
        failures += !read_run(own, stop);
        at = r->at > at ? r->at : at + 1;
    }
}

static PieceReader *piece_reader_new(const TapePieces *pieces)
{
    PieceReader *made = mem_calloc(1, sizeof *made);
    arena_init(&made->arena);
    made->reader = tape_reader_new(pieces->module, &made->arena,
                                   pieces->interner, pieces->max_nesting);
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
    for (uint64_t i = begin; i < end && !(*own)->found_dirt; i++) {
        uint32_t from = (uint32_t)i * pieces->piece_bytes;
        uint32_t to = i + 1 == pieces->piece_count ? (uint32_t)text.len
                                                   : from + pieces->piece_bytes;
        if (!encoding_is_clean(text, from, to, ENCODING_DATA)) {
            (*own)->found_dirt = true;
        } else {
            read_piece(*own, from, to);
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
            AheadRun run = own->runs.items[k];
            run.reader = i;
            vec_push(&pieces->runs, run);
        }
    }
    if (pieces->runs.count > 0) {
        qsort(pieces->runs.items, pieces->runs.count, sizeof(AheadRun),
              by_start);
    }
    return is_clean;
}

TapePieces *tape_pieces_read(const Module *module, Interner *interner,
                             uint32_t max_nesting, Worker *worker,
                             uint32_t piece_bytes, AheadRuns *out_runs)
{
    uint64_t count = module->source.text.len / piece_bytes;
    if (count < 2 || worker == NULL ||
        pool_worker_count(worker_pool(worker)) == 1) {
        return NULL;
    }
    TapePieces *pieces = mem_alloc(sizeof *pieces);
    *pieces =
        (TapePieces){.module = module,
                     .interner = interner,
                     .max_nesting = max_nesting,
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

void tape_pieces_finish(TapePieces *pieces, const TapeReader *reader,
                        Arena *arena, DataTape *tape)
{
    TapeShape ***shapes =
        mem_calloc(pieces->worker_count, sizeof(TapeShape **));
    for (uint32_t i = 0; i < pieces->worker_count; i++) {
        PieceReader *own = pieces->by_worker[i];
        if (own == NULL) {
            continue;
        }
        TapeReader *r = own->reader;
        shapes[i] = arena_copy(arena, r->shapes.items,
                               r->shapes.count * sizeof(TapeShape *));
        for (uint32_t k = 0; k < r->shapes.count; k++) {
            shapes[i][k]->number = tape->shape_count++;
        }
        arena_adopt(arena, &own->arena);
    }
    TapeRun *runs = arena_array(arena, reader->taken.count, sizeof *runs);
    for (uint32_t i = 0; i < reader->taken.count; i++) {
        const AheadRun *run = &reader->taken.items[i];
        runs[i] = (TapeRun){run->words, shapes[run->reader], run->count};
    }
    tape->runs = runs;
    tape->run_count = reader->taken.count;
    free(shapes);
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
