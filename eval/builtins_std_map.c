// Builtins of std/map.lig.
#include "eval/builtins_std.h"
#include "eval/map_builder.h"

// fromList pairs: later ones win, the first place is kept
bool builtin_map_from_list(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint32_t count = value_list_count(args[0]);
    MapBuilder builder;
    if (!builtin_take_steps(ctx, count)) {
        return false;
    }
    if (!map_builder_init(&builder, ctx->heap, count)) {
        return builtin_no_room(ctx);
    }
    for (uint32_t i = 0; i < count; i++) {
        const TupleObject *pair = value_list_at(args[0], i).as.tuple;
        bool fresh;
        map_builder_put(&builder, pair->items[0], &fresh)->value =
            pair->items[1];
    }
    *out = map_builder_finish(&builder);
    return true;
}

// A list for `count` items that each need `extra` bytes beside.
static bool new_list(BuiltinContext *ctx, uint32_t count, size_t extra,
                     Value **out_items, Value *out)
{
    if (!builtin_take_steps(ctx, count) ||
        !builtin_room(ctx, ((uint64_t)count + 8) * (sizeof(Value) + extra))) {
        return false;
    }
    *out = value_list(ctx->heap, count, out_items);
    return true;
}

// toList map
bool builtin_map_to_list(BuiltinContext *ctx, const Value *args, Value *out)
{
    const MapObject *map = args[0].as.map;
    Value *items;
    if (!new_list(ctx, map->count, sizeof(TupleObject) + 2 * sizeof(Value),
                  &items, out)) {
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        Value *pair;
        items[i] = value_tuple(ctx->heap, 2, &pair);
        pair[0] = value_map_key(map, i);
        pair[1] = value_map_value(map, i);
    }
    return true;
}

// keys map
bool builtin_map_keys(BuiltinContext *ctx, const Value *args, Value *out)
{
    const MapObject *map = args[0].as.map;
    Value *items;
    if (!new_list(ctx, map->count, 0, &items, out)) {
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        items[i] = value_map_key(map, i);
    }
    return true;
}

// values map
bool builtin_map_values(BuiltinContext *ctx, const Value *args, Value *out)
{
    const MapObject *map = args[0].as.map;
    Value *items;
    if (!new_list(ctx, map->count, 0, &items, out)) {
        return false;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        items[i] = value_map_value(map, i);
    }
    return true;
}

// get key map
bool builtin_map_get(BuiltinContext *ctx, const Value *args, Value *out)
{
    int64_t found = value_map_find(args[1], value_str(args[0]));
    *out = found >= 0 ? builtin_some(ctx, value_map_value(args[1].as.map,
                                                          (uint32_t)found))
                      : builtin_none(ctx);
    return true;
}

// contains key map
bool builtin_map_contains(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)ctx;
    *out = value_bool(value_map_find(args[1], value_str(args[0])) >= 0);
    return true;
}

// What copying a map may cost beyond the call, in steps.
static uint64_t copy_steps(const MapObject *map)
{
    return map->count / 8;
}

// insert key value map
bool builtin_map_insert(BuiltinContext *ctx, const Value *args, Value *out)
{
    return value_map_insert(ctx->heap, args[2], args[0], args[1], out) ||
           builtin_no_room(ctx);
}

// remove key map
bool builtin_map_remove(BuiltinContext *ctx, const Value *args, Value *out)
{
    return value_map_remove(ctx->heap, args[1], value_str(args[0]), out) ||
           builtin_no_room(ctx);
}

// merge a b: b wins
bool builtin_map_merge(BuiltinContext *ctx, const Value *args, Value *out)
{
    const MapObject *from = args[0].as.map;
    const MapObject *with = args[1].as.map;
    uint64_t copied =
        value_map_changes_little(from, with) ? 0 : copy_steps(from);
    return builtin_take_steps(ctx, copied + with->count) &&
           (value_map_merge(ctx->heap, args[0], args[1], out) ||
            builtin_no_room(ctx));
}

// map_with_values values map: the same keys
bool builtin_map_with_values(BuiltinContext *ctx, const Value *args, Value *out)
{
    const MapObject *map = args[1].as.map;
    MapBuilder builder;
    if (!builtin_take_steps(ctx, map->count)) {
        return false;
    }
    if (!map_builder_init(&builder, ctx->heap, map->count)) {
        return builtin_no_room(ctx);
    }
    for (uint32_t i = 0; i < map->count; i++) {
        map_builder_add(&builder, (MapEntry){value_map_key(map, i),
                                             value_list_at(args[0], i)});
    }
    *out = map_builder_finish(&builder);
    return true;
}
