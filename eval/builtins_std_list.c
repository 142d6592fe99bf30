// Builtins of std/list.lig.
#include <stdlib.h>

#include "eval/builtins_std.h"
#include "eval/map_builder.h"
#include "support/die.h"

// list_item index list: the index is known to be in the list
bool builtin_list_item(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t index = args[0].as.integer;
    if (index < 0 || index >= value_list_count(args[1])) {
        return builtin_fail(ctx, DIAG_E0408, STR("no element has the index"));
    }
    *out = value_list_at(args[1], (uint32_t)index);
    return true;
}

// list_push list item: the item behind the list's
bool builtin_list_push(BuiltinContext *ctx, const Value *args, Value *out)
{
    Value *items;
    if (value_list_count(args[0]) == 0) {
        *out = value_list(ctx->heap, 1, &items);
        items[0] = args[1];
        return true;
    }
    // A list of the one item that lives no longer than this call: it is
    // copied, the other list not being empty.
    ListObject one = {
        .header = object_header(VALUE_LIST, sizeof one),
        .count = 1,
        .items = &args[1],
    };
    return value_list_append(ctx->heap, args[0],
                             (Value){.tag = VALUE_LIST, .as.list = &one},
                             out) ||
           builtin_no_room(ctx);
}

// replicate count item
bool builtin_list_replicate(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t count = args[0].as.integer < 0 ? 0 : args[0].as.integer;
    if (!builtin_take_steps(ctx, (uint64_t)count)) {
        return false;
    }
    if (count > LIST_COUNT_MAX) {
        return builtin_no_room(ctx);
    }
    if (!builtin_room(ctx, ((uint64_t)count + 8) * sizeof(Value))) {
        return false;
    }
    Value *items;
    *out = value_list(ctx->heap, (uint32_t)count, &items);
    for (int64_t i = 0; i < count; i++) {
        items[i] = args[1];
    }
    return true;
}

// chunk size list
bool builtin_list_chunk(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t size = args[0].as.integer;
    uint32_t total = value_list_count(args[1]);
    if (size <= 0) {
        return builtin_fail(ctx, DIAG_E0402,
                            STR("the size of a chunk must be at least 1"));
    }
    if (size > UINT32_MAX) {
        size = UINT32_MAX;
    }
    uint32_t count =
        (uint32_t)(((uint64_t)total + (uint64_t)size - 1) / (uint64_t)size);
    uint64_t each = sizeof(Value) + sizeof(ListObject);
    if (!builtin_take_steps(ctx, total) ||
        !builtin_room(ctx, (count + UINT64_C(8)) * each +
                               (uint64_t)total * sizeof(Value))) {
        return false;
    }
    Value list = args[1];
    if (!value_list_flatten(ctx->heap, &list)) {
        return builtin_no_room(ctx);
    }
    Value *items;
    *out = value_list(ctx->heap, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t from = (uint64_t)i * (uint64_t)size;
        uint64_t to = from + (uint64_t)size;
        items[i] = value_list_slice(ctx->heap, list, (uint32_t)from,
                                    to < total ? (uint32_t)to : total);
    }
    return true;
}

// Number of the group of every item, and the sizes of the groups; the values
// in the builder are not set yet.
static void number_groups(MapBuilder *builder, Value keys, uint32_t count,
                          uint32_t *group_of, uint32_t *sizes)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool fresh;
        MapEntry *entry =
            map_builder_put(builder, value_list_at(keys, i), &fresh);
        if (fresh) {
            entry->value = value_int(groups);
            sizes[groups++] = 0;
        }
        group_of[i] = (uint32_t)entry->value.as.integer;
        sizes[group_of[i]]++;
    }
}

static void fill_groups(Heap *heap, MapBuilder *builder, Value list,
                        uint32_t count, const uint32_t *group_of,
                        const uint32_t *sizes)
{
    MapEntry *entries = (MapEntry *)builder->buffer->items;
    Value **ends = mem_calloc((size_t)builder->count + 1, sizeof *ends);
    for (uint32_t g = 0; g < builder->count; g++) {
        entries[g].value = value_list(heap, sizes[g], &ends[g]);
    }
    for (uint32_t i = 0; i < count; i++) {
        *ends[group_of[i]]++ = value_list_at(list, i);
    }
    free(ends);
}

// list_group keys list: a map from each key to the items that have it
bool builtin_list_group(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint32_t count = value_list_count(args[1]);
    uint64_t each = sizeof(ListObject) + sizeof(ListBuffer) + sizeof(Value);
    MapBuilder builder;
    if (!builtin_take_steps(ctx, count) ||
        !builtin_room(ctx, (uint64_t)count * (each + 2 * sizeof(MapEntry)))) {
        return false;
    }
    if (!map_builder_init(&builder, ctx->heap, count)) {
        return builtin_no_room(ctx);
    }
    uint32_t *scratch = mem_calloc(2 * (size_t)count + 1, sizeof *scratch);
    number_groups(&builder, args[0], count, scratch, scratch + count);
    fill_groups(ctx->heap, &builder, args[1], count, scratch, scratch + count);
    free(scratch);
    *out = map_builder_finish(&builder);
    return true;
}
