#include "syntax/data_tape.h"

TapeCursor *tape_next_items(TapeItems *items, uint32_t *out_count)
{
    if (items->left == 0) {
        return NULL;
    }
    *out_count = items->left;
    const DataTape *tape = items->list->tape;
    // In a run there are no others.
    if (tape->run_count > 0 && items->list->shapes == tape->shapes) {
        TapeWord word = tape_take(items->list);
        if (tape_kind(word) == TAPE_RUN) {
            const TapeRun *run = &tape->runs[tape_number(word)];
            items->run = (TapeCursor){tape, run->words, run->shapes};
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

bool data_tape_has_key(const DataTape *tape, Symbol name)
{
    TapeCursor cursor = tape_start(tape);
    TapeWord word = tape_take(&cursor);
    if (tape_kind(word) != TAPE_RECORD) {
        return false;
    }
    const TapeShape *shape = tape_shape(&cursor, word);
    for (uint32_t i = 0; i < shape->count; i++) {
        if (shape->names[i] == name) {
            return true;
        }
    }
    return false;
}

// ---- objects at a type

TapeMatches tape_matches_new(const DataTape *tape, Arena *arena)
{
    size_t size = tape->shape_count * sizeof(TapeMatch *);
    return (TapeMatches){arena, arena_zalloc(arena, size)};
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
static bool match_keys(TapeMatch *match, const TapeShape *shape, bool *seen)
{
    if (shape->count > match->plan->count) {
        return false;
    }
    for (uint32_t i = 0; i < shape->count; i++) {
        uint32_t field = field_of(match->plan, shape->names[i], i);
        if (field == INDEX_NONE) {
            return false;
        }
        match->fields[i] = field;
        seen[field] = true;
    }
    return true;
}

static bool match_fills(TapeMatch *match, const bool *seen)
{
    const JsonShape *plan = match->plan;
    for (uint32_t i = 0; i < plan->count; i++) {
        if (!seen[i]) {
            match->fills[match->fill_count++] = i;
            if (plan->fills[i].name == 0) {
                return false;
            }
        }
    }
    return true;
}

TapeMatch *tape_match_slow(TapeMatches *matches, const TapeShape *shape,
                           const JsonShape *plan)
{
    TapeMatch **first = &matches->by_shape[shape->number];
    for (TapeMatch *known = *first; known != NULL; known = known->next) {
        if (known->plan == plan) {
            return known;
        }
    }
    Arena *arena = matches->arena;
    TapeMatch *match = ARENA_NEW(arena, TapeMatch);
    match->plan = plan;
    match->fields = arena_array(arena, plan->count, sizeof *match->fields);
    match->fills = arena_array(arena, plan->count, sizeof *match->fills);
    bool *seen = arena_zalloc(arena, plan->count * sizeof *seen);
    match->fits = match_keys(match, shape, seen) && match_fills(match, seen);
    match->next = *first;
    *first = match;
    return match;
}

// ---- constructors

bool tape_find_ctor(const Program *program, const JsonShape *plan, Symbol name,
                    uint32_t *out_index, uint32_t *out_first_part)
{
    const Module *module = program->modules[plan->module];
    const TypeEntry *entry = &module->types[plan->type];
    *out_first_part = 0;
    for (uint32_t i = 0; i < entry->decl->ctor_count; i++) {
        const CtorEntry *ctor = &module->ctors[entry->first_ctor + i];
        if (ctor->name == name) {
            *out_index = entry->first_ctor + i;
            return true;
        }
        *out_first_part += ctor->decl->arg_count;
    }
    return false;
}
