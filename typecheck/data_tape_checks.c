// The refinements that data on a tape must satisfy, for Module.data_checks: in
// the order in which the walk over a tree finds them (data.c). The data fits
// its type already.
#include "syntax/json_words.h"
#include "typecheck/data_internal.h"
#include "typecheck/data_tape.h"

typedef struct CheckWalk {
    DataReader *d;
    const char *start, *end; // of the text
    TapeMatches matches;
} CheckWalk;

// Walks over a value. Where `wants_end`, it returns where its text ends.
static uint32_t check_value(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                            Place *place, bool wants_end);

// ---- where texts end

static uint32_t offset_of(const CheckWalk *w, const char *at)
{
    return (uint32_t)(at - w->start);
}

static uint32_t string_end(const CheckWalk *w, const char *quote)
{
    const char *at = quote + 1;
    while (*at != '"') {
        at += *at == '\\' ? 2 : 1;
    }
    return offset_of(w, at + 1);
}

// The bracket that closes behind the last part of a list or object, and white
// space.
static uint32_t closer_end(const CheckWalk *w, uint32_t last)
{
    return offset_of(w, json_space_end(w->start + last, w->end)) + 1;
}

// ---- the parts

static uint32_t check_items(CheckWalk *w, JsonShape *const *plans, bool same,
                            TapeCursor *at, TapeWord word, Place *place,
                            bool wants_end)
{
    TapeItems items = tape_items(at, word);
    uint32_t end = tape_offset(word) + 1;
    uint32_t count, next = 0;
    TapeCursor *piece;
    while ((piece = tape_next_items(&items, &count)) != NULL) {
        for (uint32_t i = 0; i < count; i++, next++) {
            Place here = data_item_place(place, next);
            end =
                check_value(w, plans[same ? 0 : next], piece, &here, wants_end);
        }
    }
    return wants_end ? closer_end(w, end) : 0;
}

// The values of an object: by field, or all at one type.
static uint32_t check_members(CheckWalk *w, const JsonShape *plan,
                              TapeCursor *at, TapeWord word, Place *place,
                              bool wants_end)
{
    const TapeShape *shape = tape_shape(at, word);
    const TapeMatch *match =
        plan->kind == JSON_RECORD ? tape_match(&w->matches, shape, plan) : NULL;
    uint32_t end = tape_offset(word) + 1;
    for (uint32_t i = 0; i < shape->count; i++) {
        Place here = data_field_place(place, shape->names[i]);
        const JsonShape *part = plan->kind == JSON_ANY ? plan
                                : match != NULL ? plan->parts[match->fields[i]]
                                                : plan->parts[0];
        end = check_value(w, part, at, &here, wants_end);
    }
    return wants_end ? closer_end(w, end) : 0;
}

static uint32_t check_union(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                            TapeWord word, Place *place, bool wants_end)
{
    if (tape_kind(word) != TAPE_RECORD) {
        (void)tape_text(at, word);
        return wants_end ? string_end(w, w->start + tape_offset(word)) : 0;
    }
    Symbol name = tape_shape(at, word)->names[0];
    uint32_t index, part;
    const Program *program = w->d->c->program;
    if (!tape_find_ctor(program, plan, name, &index, &part)) {
        UNREACHABLE();
    }
    uint32_t count =
        program->modules[plan->module]->ctors[index].decl->arg_count;
    Place payload = data_field_place(place, name);
    uint32_t end =
        count == 1 ? check_value(w, plan->parts[part], at, &payload, wants_end)
                   : check_items(w, plan->parts + part, false, at,
                                 tape_take(at), &payload, wants_end);
    return wants_end ? closer_end(w, end) : 0;
}

static uint32_t check_scalar(const CheckWalk *w, TapeCursor *at, TapeWord word,
                             bool wants_end)
{
    TapeKind kind = tape_kind(word);
    const char *text = w->start + tape_offset(word);
    at->at +=
        kind == TAPE_WIDE_INT || kind == TAPE_FLOAT || kind == TAPE_DECODED;
    if (!wants_end) {
        return 0;
    }
    if (kind == TAPE_STRING || kind == TAPE_DECODED) {
        return string_end(w, text);
    }
    if (kind == TAPE_INT || kind == TAPE_WIDE_INT || kind == TAPE_FLOAT) {
        JsonNumber ignored;
        (void)json_number(&text, w->end, &ignored);
        return offset_of(w, text);
    }
    return tape_offset(word) + (kind == TAPE_FALSE ? 5 : 4);
}

static uint32_t check_parts(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                            Place *place, bool wants_end)
{
    TapeWord word = tape_take(at);
    TapeKind kind = tape_kind(word);
    if (plan->kind == JSON_OPTION && kind != TAPE_NULL) {
        tape_put_back(at);
        return check_value(w, plan->parts[0], at, place, wants_end);
    }
    if (plan->kind == JSON_UNION) {
        return check_union(w, plan, at, word, place, wants_end);
    }
    if (tape_is_list(word) && plan->kind == JSON_ANY) {
        JsonShape *any = (JsonShape *)(uintptr_t)plan;
        return check_items(w, &any, true, at, word, place, wants_end);
    }
    if (tape_is_list(word)) {
        return check_items(w, plan->parts, plan->kind == JSON_LIST, at, word,
                           place, wants_end);
    }
    return kind == TAPE_RECORD
               ? check_members(w, plan, at, word, place, wants_end)
               : check_scalar(w, at, word, wants_end);
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
        value.as.data.tape = data_tape_part(&from, w->d->c->module->arena);
        value.as.data.plan = plan;
    }
    return value;
}

static uint32_t check_value(CheckWalk *w, const JsonShape *plan, TapeCursor *at,
                            Place *place, bool wants_end)
{
    if (plan->refined == NULL) {
        return check_parts(w, plan, at, place, wants_end);
    }
    Expr value = value_of(w, plan, *at);
    value.span.end = check_parts(w, plan, at, place, true);
    data_add_checks(w->d, (Type *)(uintptr_t)plan->refined, place, &value);
    return value.span.end;
}

void data_check_tape(DataReader *d, const DataTape *tape, const JsonShape *plan,
                     Arena *arena)
{
    CheckWalk walk = {.d = d,
                      .start = tape->text.data,
                      .end = tape->text.data + tape->text.len,
                      .matches = {.arena = arena}};
    Place root = {0};
    TapeCursor cursor = tape_start(tape);
    (void)check_value(&walk, plan, &cursor, &root, false);
    tape_matches_release(&walk.matches);
}
