// The refinements that data on a tape must satisfy, for Module.data_checks: in
// the order in which the walk over a tree finds them (data.c). The data fits
// its type already.
#include "typecheck/data_internal.h"
#include "typecheck/data_tape.h"

typedef struct CheckWalk {
    DataReader *d;
    TapeMatches matches;
} CheckWalk;

static void check_value(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                        Place *place);

// ---- the parts

static void check_items(CheckWalk *w, JsonShape *const *plans, bool same,
                        TapeCursor *at, TapeWord word, Place *place)
{
    TapeItems items = tape_items(at, word);
    uint32_t count, next = 0;
    TapeCursor *piece;
    while ((piece = tape_next_items(&items, &count)) != NULL) {
        for (uint32_t i = 0; i < count; i++, next++) {
            Place here = data_item_place(place, next);
            check_value(w, plans[same ? 0 : next], piece, &here);
        }
    }
}

// The values of an object: by field, or all at one type.
static void check_members(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                          TapeWord word, Place *place)
{
    const TapeShape *shape = tape_shape(at, word);
    const TapeMatch *match =
        plan->kind == JSON_RECORD ? tape_match(&w->matches, shape, plan) : NULL;
    for (uint32_t i = 0; i < shape->count; i++) {
        Place here = data_field_place(place, shape->names[i]);
        here.index = i;
        const JsonShape *part = plan->kind == JSON_ANY ? plan
                                : match != NULL ? plan->parts[match->fields[i]]
                                                : plan->parts[0];
        check_value(w, part, at, &here);
    }
}

static void check_union(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                        TapeWord word, Place *place)
{
    if (tape_kind(word) != TAPE_RECORD) {
        (void)tape_text(at, word);
        return;
    }
    Symbol name = tape_shape(at, word)->names[0];
    const CtorEntry *ctor = tape_find_ctor(w->d->c->program, plan, name);
    if (ctor == NULL) {
        UNREACHABLE();
    }
    JsonShape **args = plan->parts + ctor->first_arg;
    Place payload = data_field_place(place, name);
    if (ctor->decl->arg_count == 1) {
        check_value(w, args[0], at, &payload);
    } else {
        check_items(w, args, false, at, tape_take(at), &payload);
    }
}

static void check_parts(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                        Place *place)
{
    TapeWord word = tape_take(at);
    TapeKind kind = tape_kind(word);
    if (plan->kind == JSON_OPTION && kind != TAPE_NULL) {
        tape_put_back(at);
        check_value(w, plan->parts[0], at, place);
    } else if (plan->kind == JSON_UNION) {
        check_union(w, plan, at, word, place);
    } else if (tape_is_list(word) && plan->kind == JSON_ANY) {
        JsonShape *any = (JsonShape *)(uintptr_t)plan;
        check_items(w, &any, true, at, word, place);
    } else if (tape_is_list(word)) {
        check_items(w, plan->parts, plan->kind == JSON_LIST, at, word, place);
    } else if (kind == TAPE_RECORD) {
        check_members(w, plan, at, word, place);
    } else {
        at->at +=
            kind == TAPE_WIDE_INT || kind == TAPE_FLOAT || kind == TAPE_DECODED;
    }
}

// ---- what is checked

// The value at the cursor, as the check evaluates it.
static Expr value_of(const CheckWalk *w, const JsonShape *plan, TapeCursor at)
{
    TapeCursor from = at;
    TapeWord word = tape_take(&at);
    Expr value = {.flags = EXPR_CLOSED,
                  .span = {tape_offset(word), tape_offset(word)}};
    if (plan->kind == JSON_INTEGER) {
        value.kind = EXPR_INT;
        value.as.integer.value = tape_int(&at, word);
    } else if (plan->kind == JSON_STRING) {
        Str text = tape_text(&at, word);
        value.kind = EXPR_STRING;
        value.as.string.data = text.data;
        value.as.string.len = (uint32_t)text.len;
    } else {
        value.kind = EXPR_DATA;
        Arena *arena = w->d->c->module->arena;
        expr_set_data(&value, arena, data_tape_part(&from, arena), plan);
    }
    return value;
}

static void check_value(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                        Place *place)
{
    if (!plan->may_be_refined) {
        tape_skip(at);
        return;
    }
    if (plan->refined == NULL) {
        check_parts(w, plan, at, place);
        return;
    }
    Expr value = value_of(w, plan, *at);
    check_parts(w, plan, at, place);
    data_add_checks(w->d, (Type *)(uintptr_t)plan->refined, place, &value,
                    true);
}

void data_check_tape(DataReader *d, const DataTape *tape, const JsonShape *plan,
                     Arena *arena)
{
    CheckWalk walk = {.d = d, .matches = {.arena = arena}};
    Place root = {0};
    TapeCursor cursor = tape_start(tape);
    check_value(&walk, plan, &cursor, &root);
    tape_matches_release(&walk.matches);
}
