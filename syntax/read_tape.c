// What the readers of all formats share: words, shapes, and runs that were read
// ahead.
#include "support/hash.h"
#include "syntax/encoding.h"
#include "syntax/read_tape_internal.h"

// Keys that are compared with each other; more go through the set.
#define FEW_KEYS 8
// Of a piece of tape.
#ifdef NDEBUG
#define CHUNK_WORDS 8192
#else
#define CHUNK_WORDS 8
#endif
// ---- the tape

TapeWord *tape_next_chunk(TapeReader *r)
{
    TapeWord *chunk = arena_array(r->arena, CHUNK_WORDS, sizeof *chunk);
    if (r->cursor != NULL) {
        *r->cursor++ = TAPE_JUMP;
        *r->cursor++ = (TapeWord)(uintptr_t)chunk;
    }
    r->cursor = chunk;
    r->limit = chunk + CHUNK_WORDS;
    return chunk;
}

// ---- runs

// The run that begins here, if there is one that may stand so deep.
static const AheadRun *run_here(TapeReader *r, bool of_members)
{
    uint32_t at = (uint32_t)(r->at - r->start);
    while (r->next_run < r->end_runs && r->next_run->start < at) {
        r->next_run++;
    }
    const AheadRun *run = r->next_run;
    if (run == r->end_runs || run->start > at ||
        (run->keys != NULL) != of_members ||
        r->depth + run->height > r->max_nesting) {
        return NULL;
    }
    r->node_count += run->node_count;
    r->at = r->start + run->resume;
    return run;
}

bool tape_take_items(TapeReader *r, uint64_t *count)
{
    const char *at = r->at;
    const AheadRun *run = run_here(r, false);
    if (run == NULL) {
        return false;
    }
    *tape_words(r) = tape_word(r, TAPE_RUN, r->taken.count, at);
    r->cursor++;
    vec_push(&r->taken, (TapeRun){run->words, run->count});
    *count += run->count;
    return true;
}

// Members become part of this tape: it jumps there and back.
bool tape_take_members(TapeReader *r)
{
    const AheadRun *run = run_here(r, true);
    if (run == NULL) {
        return false;
    }
    TapeWord *words = tape_words(r);
    r->cursor = words + 2;
    words[0] = TAPE_JUMP;
    words[1] = (TapeWord)(uintptr_t)run->words;
    run->end[0] = TAPE_JUMP;
    run->end[1] = (TapeWord)(uintptr_t)r->cursor;
    for (uint32_t i = 0; i < run->count; i++) {
        vec_push(&r->keys, run->keys[i]);
    }
    return true;
}

// ---- shapes

static void grow_table(TapeReader *r)
{
    r->table_size = r->table_size == 0 ? 16 : r->table_size * 2;
    free(r->table);
    r->table = mem_calloc(r->table_size, sizeof(TapeShape *));
    for (uint32_t i = 0; i < r->shapes.count; i++) {
        TapeShape *shape = r->shapes.items[i];
        TapeShape **home = &r->table[shape->hash & (r->table_size - 1)];
        shape->next = *home;
        *home = shape;
    }
}

static bool keys_differ(TapeReader *r, const Symbol *names, uint32_t count)
{
    if (count <= FEW_KEYS) {
        for (uint32_t i = 1; i < count; i++) {
            for (uint32_t k = 0; k < i; k++) {
                if (names[i] == names[k]) {
                    return false;
                }
            }
        }
        return true;
    }
    bool added = true;
    field_set_begin(&r->fields);
    for (uint32_t i = 0; i < count && added; i++) {
        (void)field_set_add(&r->fields, 0, names[i], &added);
    }
    return added;
}

static TapeShape *new_shape(TapeReader *r, const Symbol *names, uint32_t count,
                            uint64_t hash)
{
    enum { NUMBERS = 64 };
    if (r->next_number == r->end_number) {
        r->next_number = fetch_add_relaxed(&r->numbers->next, NUMBERS);
        r->end_number = r->next_number + NUMBERS;
    }
    if (!keys_differ(r, names, count) || r->end_number > TAPE_NUMBER_MAX) {
        return NULL;
    }
    TapeShape *shape = ARENA_NEW(r->arena, TapeShape);
    Str *texts = arena_array(r->arena, count, sizeof *texts);
    shape->number = r->next_number++;
    shape->count = count;
    shape->hash = hash;
    shape->names = arena_copy(r->arena, names, count * sizeof *names);
    shape->texts = texts;
    shape->likely = arena_zalloc(r->arena, count * sizeof *shape->likely);
    shape->is_plain = true;
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = symbol_text(r->interner, names[i]);
        texts[i] = texts[i].len > 0 ? texts[i] : STR(""); // never NULL
        shape->is_plain &= r->format->is_plain_key(texts[i]);
    }
    vec_push(&r->shapes, shape);
    if (r->shapes.count > r->table_size / 2) {
        grow_table(r);
    } else {
        TapeShape **home = &r->table[hash & (r->table_size - 1)];
        shape->next = *home;
        *home = shape;
    }
    return shape;
}

TapeShape *tape_find_shape(TapeReader *r, uint32_t mark)
{
    const Symbol *names = r->keys.items + mark;
    uint32_t count = r->keys.count - mark;
    uint64_t hash = r->hash_key ^ count;
    for (uint32_t i = 0; i < count; i++) {
        hash = (hash ^ names[i]) * HASH_MULTIPLIER;
        hash ^= hash >> 32;
    }
    TapeShape *shape =
        r->table_size > 0 ? r->table[hash & (r->table_size - 1)] : NULL;
    while (shape != NULL &&
           (shape->hash != hash || shape->count != count ||
            memcmp(shape->names, names, count * sizeof *names) != 0)) {
        shape = shape->next;
    }
    r->keys.count = mark;
    return shape != NULL ? shape : new_shape(r, names, count, hash);
}

// ---- the whole

TapeReader *tape_reader_new(const TapeFormat *format, const Module *module,
                            Arena *arena, Interner *interner,
                            uint32_t max_nesting, ShapeNumbers *numbers)
{
    TapeReader *r = mem_calloc(1, sizeof *r);
    r->format = format;
    Str text = module->source.text;
    r->start = text.len > 0 ? text.data : "";
    r->end = r->start + text.len;
    r->at = r->start + encoding_bom_length(text);
    r->arena = arena;
    r->interner = interner;
    r->max_nesting = max_nesting;
    r->numbers = numbers;
    r->hash_key = hash_key_random().k0;
    vec_reserve(&r->keys, 1); // is never NULL
    return r;
}

void tape_reader_free(TapeReader *r)
{
    vec_release(&r->frames);
    vec_release(&r->path);
    vec_release(&r->taken);
    vec_release(&r->keys);
    vec_release(&r->shapes);
    field_set_release(&r->fields);
    strbuf_release(&r->scratch);
    free(r->table);
    free(r);
}

static DataTape *finish(TapeReader *r, const TapeWord *words,
                        TapePieces *pieces)
{
    DataTape *tape = ARENA_NEW(r->arena, DataTape);
    tape->text = str_make(r->start, (size_t)(r->end - r->start));
    tape->strings = r->start + r->format->quote_bytes;
    tape->format = r->format->format;
    tape->tree = arena_zalloc(r->arena, sizeof *tape->tree);
    tape->words = words;
    tape->runs =
        arena_copy(r->arena, r->taken.items, r->taken.count * sizeof(TapeRun));
    tape->run_count = r->taken.count;
    tape->shape_count = load_relaxed(&r->numbers->next);
    TapeShape **shapes =
        arena_zalloc(r->arena, tape->shape_count * sizeof *shapes);
    for (uint32_t i = 0; i < r->shapes.count; i++) {
        shapes[r->shapes.items[i]->number] = r->shapes.items[i];
    }
    if (pieces != NULL) {
        tape_pieces_finish(pieces, r->arena, shapes);
    }
    tape->shapes = shapes;
    return tape;
}

static const TapeFormat *format_of(DataFormat format)
{
    switch (format) {
    case DATA_JSON:
        return &tape_of_json;
    case DATA_YAML:
        return &tape_of_yaml;
    case DATA_TOML:
        return &tape_of_toml;
    }
    UNREACHABLE();
}

bool data_tape_read(Module *module, DataFormat data_format, Interner *interner,
                    uint32_t max_nesting, Worker *worker, uint32_t piece_bytes)
{
    Str text = module->source.text;
    const TapeFormat *format = format_of(data_format);
    AheadRuns runs = {0};
    ShapeNumbers numbers = {0};
    TapePieces *pieces = tape_pieces_read(format, module, interner, max_nesting,
                                          worker, piece_bytes, &numbers, &runs);
    if (pieces == NULL && !format->is_clean(text, 0, (uint32_t)text.len)) {
        return false;
    }
    TapeReader *r = tape_reader_new(format, module, module->arena, interner,
                                    max_nesting, &numbers);
    if (runs.count > 0) {
        r->next_run = runs.items;
        r->end_runs = runs.items + runs.count;
    }
    const TapeWord *words = tape_words(r);
    Span span;
    bool okay = format->read_root(r, &span);
    if (okay) {
        Expr *value = ARENA_NEW(module->arena, Expr);
        *value = (Expr){.kind = EXPR_DATA, .flags = EXPR_CLOSED, .span = span};
        expr_set_data(value, module->arena, finish(r, words, pieces), NULL);
        module->ast.result = value;
        module->ast.node_count += r->node_count;
    }
    tape_reader_free(r);
    tape_pieces_free(pieces);
    return okay;
}
