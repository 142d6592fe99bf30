// Builtins over lists and maps.

#include "eval/builtins_internal.h"

// length map
bool builtin_map_length(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)ctx;
    *out = value_int(args[0].as.map->count);
    return true;
}

static bool list_total(BuiltinContext *ctx, Value lists, uint32_t *out_total)
{
    uint64_t total = 0;
    uint32_t count = value_list_count(lists);
    for (uint32_t i = 0; i < count; i++) {
        total += value_list_count(value_list_at(lists, i));
    }
    if (total > LIST_COUNT_MAX) {
        return builtin_no_room(ctx);
    }
    *out_total = (uint32_t)total;
    return builtin_take_steps(ctx, (uint64_t)count + total) &&
           builtin_room(ctx, (total + 8) * sizeof(Value));
}

// concat lists
bool builtin_list_concat(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint32_t total;
    if (!list_total(ctx, args[0], &total)) {
        return false;
    }
    Value *items;
    *out = value_list(ctx->heap, total, &items);
    uint32_t count = value_list_count(args[0]);
    for (uint32_t i = 0; i < count; i++) {
        Value list = value_list_at(args[0], i);
        value_list_copy(items, list, 0, value_list_count(list));
        items += value_list_count(list);
    }
    return true;
}

// reverse list
bool builtin_list_reverse(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint32_t count = value_list_count(args[0]);
    if (count > LIST_COUNT_MAX) {
        return builtin_no_room(ctx);
    }
    if (!builtin_take_steps(ctx, count) ||
        !builtin_room(ctx, ((uint64_t)count + 8) * sizeof(Value))) {
        return false;
    }
    Value *items;
    *out = value_list(ctx->heap, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        items[count - 1 - i] = value_list_at(args[0], i);
    }
    return true;
}

static uint32_t clamp_index(int64_t index, uint32_t count)
{
    return index < 0 ? 0 : index > (int64_t)count ? count : (uint32_t)index;
}

// slice from to list: the elements [from, to), clamped
bool builtin_list_slice(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint32_t count = value_list_count(args[2]);
    uint32_t from = clamp_index(args[0].as.integer, count);
    uint32_t to = clamp_index(args[1].as.integer, count);
    *out = value_list_slice(ctx->heap, args[2], from, to < from ? from : to);
    return true;
}

// zip a b
bool builtin_list_zip(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint32_t a = value_list_count(args[0]);
    uint32_t b = value_list_count(args[1]);
    uint32_t count = a < b ? a : b;
    uint64_t bytes = sizeof(TupleObject) + 3 * sizeof(Value);
    if (count > LIST_COUNT_MAX) {
        return builtin_no_room(ctx);
    }
    if (!builtin_take_steps(ctx, count) ||
        !builtin_room(ctx, ((uint64_t)count + 8) * bytes)) {
        return false;
    }
    Value *items;
    *out = value_list(ctx->heap, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        Value *pair;
        items[i] = value_tuple(ctx->heap, 2, &pair);
        pair[0] = value_list_at(args[0], i);
        pair[1] = value_list_at(args[1], i);
    }
    return true;
}

// range from to
bool builtin_range(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t from = args[0].as.integer;
    int64_t to = args[1].as.integer;
    uint64_t count = to > from ? (uint64_t)to - (uint64_t)from : 0;
    if (count > UINT32_MAX) {
        return builtin_failf(ctx, DIAG_E0408,
                             "a range of %llu elements is longer than a list "
                             "can be (%u)",
                             (unsigned long long)count, (unsigned)UINT32_MAX);
    }
    *out = value_list_range(ctx->heap, from, (uint32_t)count);
    return true;
}
