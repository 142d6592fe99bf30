#include "eval/origin.h"

#include "support/die.h"
#include "support/vec.h"

enum {
    // A value that passes more places than that is not followed further: a
    // loop hands it on for ever.
    DEPTH_MAX = 200,
    PART_TEXT_MAX = 60,
    PARTS_MAX = 16,
    COUNTED_BYTES = 1 << 18 // this much at a time
};

struct Origins {
    Arena arena;
    VEC(Origin) items;
    VEC(OriginPart) open; // of expressions that have begun,
    VEC(uint32_t) begins; // each from here on
    uint64_t counted;     // bytes, in the budget of the heaps
};

Origins *origins_new(void)
{
    Origins *origins = mem_calloc(1, sizeof *origins);
    arena_init(&origins->arena);
    vec_push(&origins->items, (Origin){0});
    return origins;
}

void origins_free(Origins *origins)
{
    if (origins != NULL) {
        vec_release(&origins->items);
        vec_release(&origins->open);
        vec_release(&origins->begins);
        arena_release(&origins->arena);
        free(origins);
    }
}

Arena *origins_arena(Origins *origins)
{
    return &origins->arena;
}

const Origin *origin_at(const Origins *origins, uint32_t number)
{
    return &origins->items.items[number];
}

// ---- what values say

static bool has_origin(Value value)
{
    return value.tag <= VALUE_MAP;
}

uint32_t value_origin(Value value)
{
    for (;;) {
        if (has_origin(value)) {
            return value.origin;
        }
        if (value.tag != VALUE_UNION) {
            return 0;
        }
        const CtorInfo *info = value_ctor(value);
        if (info->origin != 0 || info->role != CTOR_SOME) {
            return info->origin;
        }
        value = value.as.object->fields[0];
    }
}

static Value with_origin(Origins *origins, Heap *heap, Value value,
                         uint32_t origin)
{
    if (has_origin(value)) {
        value.origin = origin;
        return value;
    }
    if (value.tag != VALUE_UNION ||
        (value.arity > 0 &&
         !heap_can_hold(heap, (uint64_t)value.arity * sizeof(Value) + 64))) {
        return value;
    }
    CtorInfo *info =
        arena_copy(&origins->arena, value_ctor(value), sizeof *info);
    info->origin = origin;
    Value *fields;
    Value marked = value_union(heap, info, &fields);
    for (uint32_t i = 0; i < value.arity; i++) {
        fields[i] = value.as.object->fields[i];
    }
    return marked;
}

Value origin_clear(Value value)
{
    if (has_origin(value)) {
        value.origin = 0;
    }
    return value;
}

// ---- passing places

static bool within(const OriginSite *inner, const OriginSite *outer)
{
    return inner->source == outer->source &&
           inner->span.start >= outer->span.start &&
           inner->span.end <= outer->span.end;
}

static bool same_place(const OriginSite *a, const OriginSite *b)
{
    return a->source == b->source && a->span.start == b->span.start &&
           a->span.end == b->span.end;
}

// Whether the reader learns nothing from the site who knows the origin: he
// sees the one in the other.
static bool adds_nothing(const Origins *origins, const OriginSite *site,
                         uint32_t number)
{
    const Origin *origin = origin_at(origins, number);
    while (origin->site->kind == FROM_CHECK && site->kind != FROM_CHECK &&
           origin->before != 0) {
        origin = origin_at(origins, origin->before);
    }
    const OriginSite *before = origin->site;
    switch (site->kind) {
    case FROM_BINDING:
    case FROM_FIELD:
    case FROM_CHOSEN:
        return within(before, site);
    case FROM_LITERAL:
    case FROM_DATA:
    case FROM_INPUT:
    case FROM_BUILT:
    case FROM_OPERATOR:
    case FROM_CALL:
    case FROM_NAME:
    case FROM_SELECTED:
        return same_place(before, site);
    case FROM_SPREAD:
    case FROM_CHECK:
        return origin_at(origins, number)->site == site; // a loop
    case FROM_REPLACED:
    case FROM_DEFAULT:
        return false;
    }
    UNREACHABLE();
}

static uint32_t add(Origins *origins, const OriginSite *site, uint32_t before,
                    const OriginPart *parts, uint32_t count)
{
    uint32_t depth = origin_at(origins, before)->depth + 1;
    if (before != 0 &&
        (depth > DEPTH_MAX || adds_nothing(origins, site, before))) {
        return before;
    }
    // What the site remembers is no part of what it says.
    OriginSite *memo = (OriginSite *)(uintptr_t)site;
    if (count == 0 && before == 0 && memo->plain != 0) {
        return memo->plain;
    }
    if (count == 0 && before != 0 && memo->last_before == before) {
        return memo->last;
    }
    if (origins->items.count == UINT32_MAX) {
        return before;
    }
    Origin origin = {
        .site = site, .before = before, .depth = depth, .part_count = count};
    if (count > 0) {
        origin.parts =
            arena_copy(&origins->arena, parts, count * sizeof *parts);
    }
    uint32_t number = origins->items.count;
    vec_push(&origins->items, origin);
    if (count == 0 && before == 0) {
        memo->plain = number;
    } else if (count == 0) {
        memo->last_before = before;
        memo->last = number;
    }
    return number;
}

// A loop makes origins for ever that nobody will ask for.
static void count_memory(Origins *origins, Heap *heap)
{
    uint64_t bytes =
        arena_bytes(&origins->arena) + origins->items.capacity * sizeof(Origin);
    if (UNLIKELY(bytes >= origins->counted + COUNTED_BYTES)) {
        heap_count(heap, bytes - origins->counted);
        origins->counted = bytes;
    }
}

Value origin_mark(Origins *origins, Heap *heap, const OriginSite *site,
                  Value value)
{
    count_memory(origins, heap);
    const OriginPart *parts = NULL;
    uint32_t count = 0;
    if (site->collects) {
        uint32_t from = vec_pop(&origins->begins);
        count = origins->open.count - from;
        parts = origins->open.items + from;
        origins->open.count = from;
    }
    if (!has_origin(value) && value.tag != VALUE_UNION) {
        return value;
    }
    uint32_t before = value_origin(value);
    if (site->kind == FROM_SELECTED && count > 0) {
        // The value came with the record: of that only the origin counts.
        count = parts[0].origin != 0;
    } else if (before != 0) {
        count = 0; // what was there before has parts of its own
    }
    uint32_t origin = add(origins, site, before, parts, count);
    return origin == before ? value : with_origin(origins, heap, value, origin);
}

void origin_begin(Origins *origins)
{
    vec_push(&origins->begins, origins->open.count);
}

// Numbers, truths, constructors and short strings.
static Str text_of(Origins *origins, Value value)
{
    bool is_plain = value.tag <= VALUE_STRING ||
                    (value.tag == VALUE_UNION && value.arity == 0);
    StrBuf text = {0};
    Str shown = {0};
    if (value.tag == VALUE_STRING && value.as.string->len > PART_TEXT_MAX) {
        Str whole = value_str(value);
        size_t end = utf8_start(whole, PART_TEXT_MAX - 3);
        shown =
            arena_printf(&origins->arena, "\"%.*s...\"", (int)end, whole.data);
    } else if (is_plain && value_show(&text, value, UINT64_C(1) << 16)) {
        shown = arena_str(&origins->arena, strbuf_str(&text));
    }
    strbuf_release(&text);
    return shown;
}

void origin_part(Origins *origins, const OriginPlace *place, Value value)
{
    uint32_t from = vec_last(&origins->begins);
    if ((!has_origin(value) && value.tag != VALUE_UNION) ||
        origins->open.count - from >= PARTS_MAX) {
        return;
    }
    OriginPart part = {place, text_of(origins, value), value_origin(value)};
    vec_push(&origins->open, part);
}

// ---- records that are put together

// What the items before `end` have made of the path `names`.
static bool find_before(const RecordPlan *plan, const Value *values,
                        uint32_t end, const Symbol *names, uint32_t count,
                        Value *out)
{
    for (uint32_t i = end; i-- > 0;) {
        const RecordPlanItem *item = &plan->items[i];
        Value value = values[item->value];
        if (item->count > 0) {
            if (item->count == count &&
                memcmp(item->names, names, count * sizeof *names) == 0) {
                *out = value;
                return true;
            }
            continue;
        }
        bool found = true;
        for (uint32_t n = 0; n < count && found; n++) {
            int32_t field = value.tag == VALUE_RECORD
                                ? shape_find(value.as.record->shape, names[n])
                                : -1;
            found = field >= 0;
            value = found ? value.as.record->fields[field] : value;
        }
        if (found) {
            *out = value;
            return true;
        }
    }
    return false;
}

static Value replace(Origins *origins, Heap *heap, const OriginSite *site,
                     Value value, Value old)
{
    if ((!has_origin(value) && value.tag != VALUE_UNION) ||
        (!has_origin(old) && old.tag != VALUE_UNION)) {
        return value;
    }
    OriginPart part = {NULL, text_of(origins, old), value_origin(old)};
    uint32_t origin = add(origins, site, value_origin(value), &part, 1);
    return with_origin(origins, heap, value, origin);
}

static void update_spread(Origins *origins, Heap *heap,
                          const OriginUpdate *update, Value *values, uint32_t i)
{
    Value *spread = &values[update->plan->items[i].value];
    const RecordObject *record = spread->as.record;
    const Shape *shape = record->shape;
    if (spread->tag != VALUE_RECORD ||
        !heap_can_hold(heap, (uint64_t)shape->count * sizeof(Value) + 64)) {
        return;
    }
    Value *fields;
    Value marked = value_record(heap, shape, &fields);
    marked.origin = spread->origin;
    for (uint32_t f = 0; f < shape->count; f++) {
        Value old;
        fields[f] =
            origin_mark(origins, heap, update->sites[i], record->fields[f]);
        if (find_before(update->plan, values, i, &shape->names[f], 1, &old)) {
            fields[f] =
                replace(origins, heap, update->replaced[i], fields[f], old);
        }
    }
    *spread = marked;
}

void origin_update(Origins *origins, Heap *heap, const OriginUpdate *update,
                   Value *values)
{
    const RecordPlan *plan = update->plan;
    uint32_t others = 0; // items that may say the same as item i
    for (uint32_t i = 0; i < plan->count; i++) {
        const RecordPlanItem *item = &plan->items[i];
        if (item->count == 0) {
            update_spread(origins, heap, update, values, i);
            others = i + 1;
            continue;
        }
        Value *value = &values[item->value];
        Value old;
        *value = origin_mark(origins, heap, update->sites[i], *value);
        if (find_before(plan, values, others, item->names, item->count, &old)) {
            *value = replace(origins, heap, update->replaced[i], *value, old);
        }
    }
}
