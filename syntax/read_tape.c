// A recursive descent over the bytes, as in read_json.c, without a word about
// what is wrong. The depth is bounded by max_nesting.
#include "syntax/encoding.h"
#include "syntax/json_words.h"
#include "syntax/read_tape_private.h"

// Keys that are compared with each other; more go through the set.
#define FEW_KEYS 8
// Of a piece of tape.
#ifdef NDEBUG
#define CHUNK_WORDS 8192
#else
#define CHUNK_WORDS 8
#endif
// A value takes two words at most, and a jump two.
#define ROOM_WORDS 4

// ---- the tape

static COLD void next_chunk(TapeReader *r)
{
    TapeWord *chunk = arena_array(r->arena, CHUNK_WORDS, sizeof *chunk);
    if (r->cursor != NULL) {
        *r->cursor++ = TAPE_JUMP;
        *r->cursor++ = (TapeWord)(uintptr_t)chunk;
    }
    r->cursor = chunk;
    r->limit = chunk + CHUNK_WORDS;
}

static inline TapeWord *next_words(TapeReader *r)
{
    if (UNLIKELY(r->limit - r->cursor < ROOM_WORDS)) {
        next_chunk(r);
    }
    return r->cursor;
}

TapeWord *tape_next_words(TapeReader *r)
{
    return next_words(r);
}

static inline TapeWord word_of(const TapeReader *r, TapeKind kind,
                               uint32_t number, const char *at)
{
    return (TapeWord)kind | (TapeWord)number << TAPE_KIND_BITS |
           (TapeWord)(at - r->start) << 32;
}

// ---- strings

static inline void skip_space(TapeReader *r)
{
    if (r->at < r->end && (unsigned char)*r->at <= ' ') {
        r->at = json_space_end(r->at, r->end);
    }
}

void tape_skip_space(TapeReader *r)
{
    skip_space(r);
}

static inline bool at_char(const TapeReader *r, char c)
{
    return LIKELY(r->at < r->end) && *r->at == c;
}

// Goes on with the string that begins at `run`, at its first backslash; the
// result lies in the scratch buffer.
static NOINLINE bool decode_string(TapeReader *r, const char *run,
                                   const char *at, Str *out)
{
    strbuf_clear(&r->scratch);
    while (at < r->end && *at != '"') {
        if (*at == 0x7F) { // RFC 8259 allows it
            at = json_plain_end(at + 1, r->end);
            continue;
        }
        if (*at != '\\') {
            return false;
        }
        strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
        if (json_unescape(&at, r->end, &r->scratch) != JSON_ESCAPE_OKAY) {
            return false;
        }
        run = at;
        at = json_plain_end(at, r->end);
    }
    if (at == r->end) {
        return false;
    }
    strbuf_append(&r->scratch, str_make(run, (size_t)(at - run)));
    *out = strbuf_str(&r->scratch);
    r->at = at + 1;
    return true;
}

// The string at the quote at r->at; *out_decoded: it lies in the scratch
// buffer.
static inline bool read_string(TapeReader *r, Str *out, bool *out_decoded)
{
    const char *run = r->at + 1;
    const char *at = json_plain_end(run, r->end);
    if (LIKELY(at < r->end && *at == '"')) {
        *out_decoded = false;
        *out = str_make(run, (size_t)(at - run));
        r->at = at + 1;
        return true;
    }
    *out_decoded = true;
    return decode_string(r, run, at, out);
}

static bool string_value(TapeReader *r)
{
    TapeWord *words = next_words(r);
    const char *start = r->at;
    Str text;
    bool decoded;
    if (!read_string(r, &text, &decoded) || text.len > TAPE_NUMBER_MAX) {
        return false;
    }
    words[0] = word_of(r, decoded ? TAPE_DECODED : TAPE_STRING,
                       (uint32_t)text.len, start);
    if (decoded) {
        text = arena_str(r->arena, text);
        words[1] = (TapeWord)(uintptr_t)text.data;
    }
    r->cursor = words + 1 + decoded;
    return true;
}

// ---- numbers

static NOINLINE bool any_number(TapeReader *r)
{
    TapeWord *words = next_words(r);
    const char *start = r->at;
    JsonNumber number = {0};
    JsonNumberKind kind = json_number(&r->at, r->end, &number);
    words[0] = word_of(r, kind == JSON_NUMBER_INT ? TAPE_WIDE_INT : TAPE_FLOAT,
                       0, start);
    memcpy(&words[1], &number, sizeof number);
    r->cursor = words + 2;
    return kind == JSON_NUMBER_INT || kind == JSON_NUMBER_FLOAT;
}

static bool number_value(TapeReader *r)
{
    enum { SHORT_DIGITS = 8 }; // that always fit into the word
    const char *at = r->at + (*r->at == '-');
    const char *digits = at;
    uint32_t value = 0;
    while (at < r->end && byte_is(*at, BYTE_DIGIT)) {
        value = value * 10 + (uint32_t)(*at - '0');
        at++;
    }
    if (at == digits || at - digits > SHORT_DIGITS || at == r->end ||
        *at == '.' || (*at | 0x20) == 'e' ||
        (*digits == '0' && at - digits > 1)) {
        return any_number(r);
    }
    value = (*r->at == '-' ? 0 - value : value) & TAPE_NUMBER_MAX;
    *next_words(r) = word_of(r, TAPE_INT, value, r->at);
    r->cursor++;
    r->at = at;
    return true;
}

// ---- lists

static bool enter(TapeReader *r)
{
    if (++r->depth > r->height) {
        r->height = r->depth;
    }
    return r->depth <= r->max_nesting;
}

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

static NOINLINE bool take_items(TapeReader *r, uint64_t *count)
{
    const char *at = r->at;
    const AheadRun *run = run_here(r, false);
    if (run == NULL) {
        return false;
    }
    *next_words(r) = word_of(r, TAPE_RUN, r->taken.count, at);
    r->cursor++;
    vec_push(&r->taken, (TapeRun){run->words, run->count});
    *count += run->count;
    return true;
}

// Members become part of this tape: it jumps there and back.
static NOINLINE bool take_members(TapeReader *r)
{
    const AheadRun *run = run_here(r, true);
    if (run == NULL) {
        return false;
    }
    TapeWord *words = next_words(r);
    r->cursor = words + 2;
    words[0] = TAPE_JUMP;
    words[1] = (TapeWord)(uintptr_t)run->words;
    run->end[0] = TAPE_JUMP;
    run->end[1] = (TapeWord)(uintptr_t)r->cursor;
    for (uint32_t i = 0; i < run->count; i++) {
        vec_push(&r->keys, run->keys[i]);
    }
    tape_skip_space(r);
    return true;
}

static bool list_items(TapeReader *r, TapeShape **likely, uint64_t *count)
{
    for (;;) {
        if (LIKELY(r->next_run == r->end_runs) || !take_items(r, count)) {
            ++*count;
            if (!tape_read_value(r, likely)) {
                return false;
            }
        }
        skip_space(r);
        if (!at_char(r, ',')) {
            break;
        }
        r->at++;
        skip_space(r);
    }
    return at_char(r, ']');
}

static bool list_value(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = next_words(r);
    const char *start = r->at;
    uint64_t count = 0;
    uint32_t taken = r->taken.count;
    if (!enter(r)) {
        return false;
    }
    r->cursor++;
    r->at++;
    skip_space(r);
    if (!at_char(r, ']') && !list_items(r, likely, &count)) {
        return false;
    }
    r->at++;
    r->depth--;
    *word = word_of(r, r->taken.count > taken ? TAPE_PARTS : TAPE_LIST,
                    (uint32_t)count, start);
    return count <= TAPE_NUMBER_MAX;
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
        const char *end = texts[i].data + texts[i].len;
        shape->is_plain &= json_plain_end(texts[i].data, end) == end;
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

// The shape of the keys from `mark` on; NULL: two are the same, or there are
// too many.
static TapeShape *find_shape(TapeReader *r, uint32_t mark)
{
    const Symbol *names = r->keys.items + mark;
    uint32_t count = r->keys.count - mark;
    uint64_t hash = r->hash_key ^ count;
    for (uint32_t i = 0; i < count; i++) {
        hash = (hash ^ names[i]) * UINT64_C(0x9E3779B97F4A7C15);
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

// ---- objects

// ':' and the value behind a key, up to what follows it.
static bool member_value(TapeReader *r, TapeShape **likely)
{
    skip_space(r);
    if (!at_char(r, ':')) {
        return false;
    }
    r->at++;
    skip_space(r);
    if (!tape_read_value(r, likely)) {
        return false;
    }
    skip_space(r);
    return true;
}

// Behind a member: whether another one follows.
static bool next_member(TapeReader *r)
{
    if (!at_char(r, ',')) {
        return false;
    }
    r->at++;
    skip_space(r);
    return true;
}

bool tape_read_member(TapeReader *r, TapeShape **likely)
{
    Str key;
    bool decoded;
    if (!at_char(r, '"') || !read_string(r, &key, &decoded)) {
        return false;
    }
    const char *end = decoded ? key.data + key.len : r->end;
    vec_push(&r->keys, name_cache_intern(&r->names, r->interner, key, end));
    return member_value(r, likely);
}

// The members from the one at r->at on. Objects in a map look like each other.
static bool any_members(TapeReader *r)
{
    TapeShape *likely = NULL;
    do {
        if (LIKELY(r->next_run == r->end_runs) || !take_members(r)) {
            if (!tape_read_member(r, &likely)) {
                return false;
            }
        }
    } while (next_member(r));
    return at_char(r, '}');
}

static inline bool at_key(const TapeReader *r, Str key)
{
    const char *at = r->at;
    return (size_t)(r->end - at) >= key.len + 2 && *at == '"' &&
           at[key.len + 1] == '"' && memcmp(at + 1, key.data, key.len) == 0;
}

// Members as in the object before; where they go another way, *shape is NULL
// and their keys are on the stack.
static bool likely_members(TapeReader *r, TapeShape **shape)
{
    const TapeShape *likely = *shape;
    uint32_t i = 0;
    bool more = true;
    while (more && i < likely->count && at_key(r, likely->texts[i])) {
        r->at += likely->texts[i].len + 2;
        if (!member_value(r, &likely->likely[i])) {
            return false;
        }
        i++;
        more = next_member(r);
    }
    if (i == likely->count && !more) {
        return at_char(r, '}');
    }
    *shape = NULL;
    for (uint32_t k = 0; k < i; k++) {
        vec_push(&r->keys, likely->names[k]);
    }
    return more ? any_members(r) : at_char(r, '}');
}

static bool record_value(TapeReader *r, TapeShape **likely)
{
    TapeWord *word = next_words(r);
    const char *start = r->at;
    uint32_t mark = r->keys.count;
    TapeShape *shape = *likely;
    if (!enter(r)) {
        return false;
    }
    r->cursor++;
    r->at++;
    skip_space(r);
    if (at_char(r, '}')) {
        shape = NULL;
    } else if (shape != NULL && shape->is_plain) {
        if (!likely_members(r, &shape)) {
            return false;
        }
    } else {
        shape = NULL;
        if (!any_members(r)) {
            return false;
        }
    }
    if (shape == NULL) {
        shape = find_shape(r, mark);
        *likely = shape;
    }
    if (shape == NULL) {
        return false;
    }
    r->at++;
    r->depth--;
    *word = word_of(r, TAPE_RECORD, shape->number, start);
    return true;
}

// ---- values

static bool word_value(TapeReader *r)
{
    static const struct {
        Str text;
        TapeKind kind;
    } words[] = {{STR_INIT("true"), TAPE_TRUE},
                 {STR_INIT("false"), TAPE_FALSE},
                 {STR_INIT("null"), TAPE_NULL}};
    Str rest = str_make(r->at, (size_t)(r->end - r->at));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_starts_with(rest, words[i].text)) {
            *next_words(r) = word_of(r, words[i].kind, 0, r->at);
            r->cursor++;
            r->at += words[i].text.len;
            return true;
        }
    }
    return false;
}

bool tape_read_value(TapeReader *r, TapeShape **likely)
{
    r->node_count++;
    char c = LIKELY(r->at < r->end) ? *r->at : 0;
    if (c == '"') {
        return string_value(r);
    }
    if (c == '{') {
        return record_value(r, likely);
    }
    if (c == '[') {
        return list_value(r, likely);
    }
    return c == '-' || byte_is(c, BYTE_DIGIT) ? number_value(r) : word_value(r);
}

// ---- the whole

TapeReader *tape_reader_new(const Module *module, Arena *arena,
                            Interner *interner, uint32_t max_nesting,
                            ShapeNumbers *numbers)
{
    TapeReader *r = mem_calloc(1, sizeof *r);
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
    vec_release(&r->taken);
    vec_release(&r->keys);
    vec_release(&r->shapes);
    field_set_release(&r->fields);
    strbuf_release(&r->scratch);
    free(r->table);
    free(r);
}

static bool read_root(TapeReader *r, Span *out_span)
{
    TapeShape *likely = NULL;
    skip_space(r);
    out_span->start = (uint32_t)(r->at - r->start);
    if (!tape_read_value(r, &likely)) {
        return false;
    }
    out_span->end = (uint32_t)(r->at - r->start);
    skip_space(r);
    return r->at == r->end;
}

static DataTape *finish(TapeReader *r, const TapeWord *words,
                        TapePieces *pieces)
{
    DataTape *tape = ARENA_NEW(r->arena, DataTape);
    tape->text = str_make(r->start, (size_t)(r->end - r->start));
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

bool data_tape_read(Module *module, Interner *interner, uint32_t max_nesting,
                    Worker *worker, uint32_t piece_bytes)
{
    Str text = module->source.text;
    AheadRuns runs = {0};
    ShapeNumbers numbers = {0};
    TapePieces *pieces = tape_pieces_read(module, interner, max_nesting, worker,
                                          piece_bytes, &numbers, &runs);
    if (pieces == NULL &&
        !encoding_is_clean(text, 0, (uint32_t)text.len, ENCODING_DATA)) {
        return false;
    }
    TapeReader *r =
        tape_reader_new(module, module->arena, interner, max_nesting, &numbers);
    if (runs.count > 0) {
        r->next_run = runs.items;
        r->end_runs = runs.items + runs.count;
    }
    const TapeWord *words = next_words(r);
    Span span;
    bool okay = read_root(r, &span);
    if (okay) {
        Expr *value = ARENA_NEW(module->arena, Expr);
        *value = (Expr){.kind = EXPR_DATA, .flags = EXPR_CLOSED, .span = span};
        value->as.data.tape = finish(r, words, pieces);
        module->ast.result = value;
        module->ast.node_count += r->node_count;
    }
    tape_reader_free(r);
    tape_pieces_free(pieces);
    return okay;
}
