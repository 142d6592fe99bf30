#include "syntax/data_tape.h"

#include "support/die.h"
#include "support/hash.h"

TapeCursor *tape_next_items(TapeItems *items, uint32_t *out_count)
{
    if (items->left == 0) {
        return NULL;
    }
    *out_count = items->left;
    if (items->has_runs) {
        TapeWord word = tape_take(items->list);
        if (tape_kind(word) == TAPE_RUN) {
            const DataTape *tape = items->list->tape;
            const TapeRun *run = &tape->runs[tape_number(word)];
            items->run = (TapeCursor){tape, run->words};
            items->left -= run->count;
            *out_count = run->count;
            return &items->run;
        }
        tape_put_back(items->list);
        *out_count = 1; // behind it a run may begin
    }
    items->left -= *out_count;
    return items->list;
}

const DataTape *data_tape_part(const TapeCursor *at, Arena *arena)
{
    DataTape *part = arena_copy(arena, at->tape, sizeof *part);
    part->words = at->at;
    return part;
}

const TapeShape *data_tape_keys(const DataTape *tape)
{
    TapeCursor cursor = tape_start(tape);
    TapeWord word = tape_take(&cursor);
    return tape_kind(word) == TAPE_RECORD ? tape_shape(&cursor, word) : NULL;
}

bool data_tape_has_key(const DataTape *tape, Symbol name)
{
    const TapeShape *shape = data_tape_keys(tape);
    for (uint32_t i = 0; shape != NULL && i < shape->count; i++) {
        if (shape->names[i] == name) {
            return true;
        }
    }
    return false;
}

// What a value holds follows it, so the number of values that are to come is
// all that there is to know.
void tape_skip_any(TapeCursor *at)
{
    uint64_t left = 1;
    while (left > 0) {
        TapeWord word = tape_take(at);
        TapeKind kind = tape_kind(word);
        left--;
        if (kind == TAPE_RECORD) {
            left += tape_shape(at, word)->count;
        } else if (tape_is_list(word)) {
            left += tape_number(word);
        } else if (kind == TAPE_RUN) { // of items, which stand elsewhere
            left -= at->tape->runs[tape_number(word)].count - 1;
        } else if (kind == TAPE_WIDE_INT || kind == TAPE_FLOAT ||
                   kind == TAPE_DECODED) {
            at->at++;
        }
    }
}

const DataTape *const *data_tape_members(const DataTape *tape, Arena *arena)
{
    TapeCursor cursor = tape_start(tape);
    uint32_t count = tape_shape(&cursor, tape_take(&cursor))->count;
    const DataTape **members = arena_array(arena, count, sizeof *members);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            tape_skip(&cursor);
        }
        members[i] = data_tape_part(&cursor, arena);
    }
    return members;
}

// ---- objects at a type

void tape_matches_release(TapeMatches *matches)
{
    free(matches->slots);
    matches->slots = NULL;
    matches->capacity = matches->count = 0;
}

static TapeMatchSlot *find_slot(const TapeMatches *matches,
                                const TapeShape *shape, const JsonShape *plan)
{
    // As tape_matches_at() begins.
    uint64_t hash = ((uintptr_t)shape ^ (uintptr_t)plan >> 4) * HASH_MULTIPLIER;
    uint32_t mask = matches->capacity - 1;
    uint32_t at = (uint32_t)(hash >> 32) & mask;
    while (matches->slots[at].shape != NULL &&
           (matches->slots[at].shape != shape ||
            matches->slots[at].plan != plan)) {
        at = (at + 1) & mask;
    }
    return &matches->slots[at];
}

static void grow(TapeMatches *matches)
{
    TapeMatches larger = *matches;
    larger.capacity = matches->capacity == 0 ? 16 : matches->capacity * 2;
    larger.slots = mem_calloc(larger.capacity, sizeof *larger.slots);
    for (uint32_t i = 0; i < matches->capacity; i++) {
        const TapeMatchSlot *slot = &matches->slots[i];
        if (slot->shape != NULL) {
            *find_slot(&larger, slot->shape, slot->plan) = *slot;
        }
    }
    free(matches->slots);
    *matches = larger;
}

void **tape_matches_add(TapeMatches *matches, const TapeShape *shape,
                        const JsonShape *plan)
{
    if ((matches->count + 1) * 2 > matches->capacity) {
        grow(matches);
    }
    TapeMatchSlot *slot = find_slot(matches, shape, plan);
    if (slot->shape == NULL) {
        *slot = (TapeMatchSlot){shape, plan, NULL};
        matches->count++;
    }
    return &slot->value;
}

static uint32_t field_of(const JsonShape *plan, Symbol name, uint32_t hint)
{
    if (hint < plan->count && plan->fields[hint] == name) {
        return hint;
    }
    for (uint32_t i = 0; i < plan->count; i++) {
        if (plan->fields[i] == name) {
            return i;
        }
    }
    return INDEX_NONE;
}

// Whether all keys are fields. The keys of a shape differ.
static bool match_keys(TapeMatch *match, const TapeShape *shape, uint64_t *seen)
{
    for (uint32_t i = 0; i < shape->count; i++) {
        uint32_t field = field_of(match->plan, shape->names[i], i);
        if (field == INDEX_NONE) {
            return false;
        }
        match->fields[i] = field;
        seen[field / 64] |= UINT64_C(1) << field % 64;
    }
    return true;
}

static bool match_fills(TapeMatch *match, const uint64_t *seen)
{
    const JsonShape *plan = match->plan;
    for (uint32_t i = 0; i < plan->count; i++) {
        if ((seen[i / 64] >> i % 64 & 1) == 0) {
            match->fills[match->fill_count++] = i;
            if (plan->fills[i].name == 0) {
                return false;
            }
        }
    }
    return true;
}

TapeMatch *tape_match_new(Arena *arena, const TapeShape *shape,
                          const JsonShape *plan)
{
    TapeMatch *match = ARENA_NEW(arena, TapeMatch);
    match->plan = plan;
    if (shape->count > plan->count) {
        return match;
    }
    // Many shapes may have few keys each of a type with many fields.
    match->fields = arena_array(arena, shape->count, sizeof *match->fields);
    match->fills =
        arena_array(arena, plan->count - shape->count, sizeof *match->fills);
    uint64_t *seen =
        arena_zalloc(arena, ((size_t)plan->count / 64 + 1) * sizeof *seen);
    match->fits = match_keys(match, shape, seen) && match_fills(match, seen);
    return match;
}

// ---- constructors

const CtorEntry *tape_find_ctor(const Program *program, const JsonShape *plan,
                                Symbol name)
{
    const Module *module = program->modules[plan->module];
    return module_find_ctor(module, &module->types[plan->type], name);
}
