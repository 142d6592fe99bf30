// The type of data that has none, of a tape: what data_infer.c finds of a tree,
// in one pass over all values. Where values of one place have no single type
// there is none, and data_infer.c says so.
#include "typecheck/data_tape.h"

#include <stdlib.h>

typedef struct GuessField GuessField;

typedef enum GuessForm {
    GUESS_NOTHING,
    GUESS_BOOL,
    GUESS_NUMBER,
    GUESS_STRING,
    GUESS_LIST,
    GUESS_RECORD
} GuessForm;

// The values of one place.
typedef struct Guess {
    GuessForm form;
    bool has_float;
    uint32_t null_count;
    uint32_t count;     // of others
    struct Guess *item; // LIST; NULL: none so far
    GuessField *fields; // RECORD, the newest first
    uint32_t field_count;
    const TapeShape *shape; // of the last object
    GuessField **by_key;    // its fields
} Guess;

struct GuessField {
    Symbol name;
    uint32_t order;
    Guess guess;
    GuessField *next;
};

typedef struct Guesser {
    Infer *c;
    Arena *arena;
    PtrMap fields;  // (Guess, name) -> GuessField
    PtrMap keys;    // (Guess, TapeShape) -> GuessField **
    uint32_t order; // of the next field that was not seen before
} Guesser;

// False where the values have no single type.
static bool guess_value(Guesser *g, Guess *guess, TapeCursor *at);

static GuessField *field_of(Guesser *g, Guess *guess, Symbol name)
{
    void **known = ptr_map_at(&g->fields, (uintptr_t)guess, name);
    if (*known == NULL) {
        GuessField *field = ARENA_NEW(g->arena, GuessField);
        field->name = name;
        field->order = g->order++;
        field->next = guess->fields;
        guess->fields = field;
        guess->field_count++;
        *known = field;
    }
    return *known;
}

static GuessField **fields_of(Guesser *g, Guess *guess, const TapeShape *shape)
{
    void **known = ptr_map_at(&g->keys, (uintptr_t)guess, (uintptr_t)shape);
    if (*known == NULL) {
        GuessField **fields =
            arena_array(g->arena, shape->count, sizeof *fields);
        for (uint32_t i = 0; i < shape->count; i++) {
            fields[i] = field_of(g, guess, shape->names[i]);
        }
        *known = fields;
    }
    return *known;
}

static bool guess_record(Guesser *g, Guess *guess, TapeCursor *at,
                         TapeWord word)
{
    const TapeShape *shape = tape_shape(at, word);
    if (guess->shape != shape) {
        guess->shape = shape;
        guess->by_key = fields_of(g, guess, shape);
    }
    GuessField **fields = guess->by_key; // it stays while others are read
    for (uint32_t i = 0; i < shape->count; i++) {
        if (!guess_value(g, &fields[i]->guess, at)) {
            return false;
        }
    }
    return true;
}

static bool guess_list(Guesser *g, Guess *guess, TapeCursor *at, TapeWord word)
{
    if (guess->item == NULL) {
        guess->item = ARENA_NEW(g->arena, Guess);
    }
    TapeItems items = tape_items(at, word);
    uint32_t count;
    TapeCursor *piece;
    while ((piece = tape_next_items(&items, &count)) != NULL) {
        for (uint32_t i = 0; i < count; i++) {
            if (!guess_value(g, guess->item, piece)) {
                return false;
            }
        }
    }
    return true;
}

static GuessForm form_of(TapeKind kind)
{
    switch (kind) {
    case TAPE_FALSE:
    case TAPE_TRUE:
        return GUESS_BOOL;
    case TAPE_INT:
    case TAPE_WIDE_INT:
    case TAPE_FLOAT:
        return GUESS_NUMBER;
    case TAPE_STRING:
    case TAPE_DECODED:
        return GUESS_STRING;
    case TAPE_LIST:
    case TAPE_PARTS:
        return GUESS_LIST;
    case TAPE_RECORD:
        return GUESS_RECORD;
    case TAPE_NULL:
    case TAPE_JUMP:
    case TAPE_RUN:
        break;
    }
    return GUESS_NOTHING;
}

static bool guess_value(Guesser *g, Guess *guess, TapeCursor *at)
{
    TapeWord word = tape_take(at);
    TapeKind kind = tape_kind(word);
    if (kind == TAPE_NULL) {
        guess->null_count++;
        return true;
    }
    GuessForm form = form_of(kind);
    if (UNLIKELY(guess->form != form)) {
        if (guess->form != GUESS_NOTHING) {
            return false;
        }
        guess->form = form;
    }
    guess->count++;
    if (form == GUESS_RECORD) {
        return guess_record(g, guess, at, word);
    }
    if (form == GUESS_LIST) {
        return guess_list(g, guess, at, word);
    }
    guess->has_float |= kind == TAPE_FLOAT;
    at->at +=
        kind == TAPE_WIDE_INT || kind == TAPE_FLOAT || kind == TAPE_DECODED;
    return true;
}

// ---- types

static Type *type_of(Guesser *g, const Guess *guess);

static int by_name(const void *a, const void *b)
{
    const RecordField *left = a, *right = b;
    return (left->name > right->name) - (left->name < right->name);
}

static Type *record_of(Guesser *g, const Guess *guess)
{
    Infer *c = g->c;
    RecordField *fields =
        arena_array(c->store.arena, guess->field_count, sizeof *fields);
    uint32_t count = 0;
    for (const GuessField *at = guess->fields; at != NULL; at = at->next) {
        const Guess *value = &at->guess;
        Type *type = type_of(g, value);
        bool everywhere = value->count + value->null_count == guess->count;
        if (!everywhere && !infer_is_option(c, type)) {
            type = infer_option_of(c, type);
        }
        fields[count++] =
            (RecordField){.name = at->name, .order = at->order, .type = type};
    }
    if (count > 1) {
        qsort(fields, count, sizeof *fields, by_name);
    }
    return type_record(&c->store, fields, count, NULL);
}

static Type *list_of(Guesser *g, const Guess *item)
{
    bool is_empty = item == NULL || (item->count == 0 && item->null_count == 0);
    return type_list(&g->c->store,
                     is_empty ? type_prim(PRIM_JSON) : type_of(g, item));
}

static Type *form_type(Guesser *g, const Guess *guess)
{
    switch (guess->form) {
    case GUESS_BOOL:
        return type_prim(PRIM_BOOLEAN);
    case GUESS_NUMBER:
        return type_prim(guess->has_float ? PRIM_FLOAT : PRIM_INTEGER);
    case GUESS_STRING:
        return type_prim(PRIM_STRING);
    case GUESS_LIST:
        return list_of(g, guess->item);
    case GUESS_RECORD:
        return record_of(g, guess);
    case GUESS_NOTHING: // all are null
        break;
    }
    return type_prim(PRIM_JSON);
}

static Type *type_of(Guesser *g, const Guess *guess)
{
    Type *type = form_type(g, guess);
    return guess->null_count > 0 ? infer_option_of(g->c, type) : type;
}

Type *data_guess_tape(Infer *c, const DataTape *tape)
{
    Guesser guesser = {.c = c};
    Arena arena;
    arena_init(&arena);
    guesser.arena = &arena;
    Guess root = {0};
    TapeCursor cursor = tape_start(tape);
    Type *type =
        guess_value(&guesser, &root, &cursor) ? type_of(&guesser, &root) : NULL;
    ptr_map_release(&guesser.fields);
    ptr_map_release(&guesser.keys);
    arena_release(&arena);
    return c->store.exceeded ? NULL : type;
}
