// Builtins of std/record.lig: values know their fields.
#include "eval/builtins_std.h"
#include "eval/map_builder.h"

// Steps and room for a value of `count` parts.
static bool begin(BuiltinContext *ctx, uint64_t count)
{
    return builtin_take_steps(ctx, count) &&
           builtin_room(ctx, (count + 8) * 2 * sizeof(Value));
}

// fields record
bool builtin_record_fields(BuiltinContext *ctx, const Value *args, Value *out)
{
    const Shape *shape = args[0].as.record->shape;
    Value *items;
    if (!begin(ctx, 4 * (uint64_t)shape->count)) {
        return false;
    }
    *out = value_list(ctx->heap, shape->count, &items);
    for (uint32_t i = 0; i < shape->count; i++) {
        items[i] = value_string(ctx->heap, shape->texts[i]);
    }
    return true;
}

// The values of the fields in order.
bool builtin_record_values(BuiltinContext *ctx, const Value *args, Value *out)
{
    const RecordObject *record = args[0].as.record;
    uint32_t count = record->shape->count;
    Value *items;
    if (!begin(ctx, count)) {
        return false;
    }
    *out = value_list(ctx->heap, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = record->fields[i];
    }
    return true;
}

// A list of as many values, and the record whose fields they become.
bool builtin_record_with_values(BuiltinContext *ctx, const Value *args,
                                Value *out)
{
    const Shape *shape = args[1].as.record->shape;
    Value *fields;
    if (!begin(ctx, shape->count)) {
        return false;
    }
    *out = value_record(ctx->heap, shape, &fields);
    for (uint32_t i = 0; i < shape->count; i++) {
        fields[i] = value_list_at(args[0], i);
    }
    return true;
}

// toMap record
bool builtin_record_to_map(BuiltinContext *ctx, const Value *args, Value *out)
{
    const RecordObject *record = args[0].as.record;
    const Shape *shape = record->shape;
    MapBuilder builder;
    if (!begin(ctx, 4 * (uint64_t)shape->count)) {
        return false;
    }
    if (!map_builder_init(&builder, ctx->heap, shape->count)) {
        return builtin_no_room(ctx);
    }
    for (uint32_t i = 0; i < shape->count; i++) {
        bool fresh;
        Value key = value_string(ctx->heap, shape->texts[i]);
        map_builder_put(&builder, key, &fresh)->value = record->fields[i];
    }
    *out = map_builder_finish(&builder);
    return true;
}

// ---- merge

// The fields of both, those of `a` in their places.
static const Shape *merged_shape(BuiltinContext *ctx, const Shape *a,
                                 const Shape *b)
{
    Symbol *names =
        mem_alloc(((size_t)a->count + b->count + 1) * sizeof *names);
    uint32_t count = a->count;
    memcpy(names, a->names, a->count * sizeof *names);
    for (uint32_t i = 0; i < b->count; i++) {
        if (shape_find(a, b->names[i]) < 0) {
            names[count++] = b->names[i];
        }
    }
    const Shape *shape =
        count > a->count ? shape_intern(ctx->shapes, names, count) : a;
    free(names);
    return shape;
}

// The height of types bounds the depth.
static bool merge(BuiltinContext *ctx, Value a, Value b, Value *out)
{
    if (a.tag != VALUE_RECORD || b.tag != VALUE_RECORD) {
        *out = b;
        return true;
    }
    const RecordObject *left = a.as.record;
    const RecordObject *right = b.as.record;
    uint64_t total = (uint64_t)left->shape->count + right->shape->count;
    if (!begin(ctx, total)) {
        return false;
    }
    const Shape *shape = merged_shape(ctx, left->shape, right->shape);
    Value *fields;
    *out = value_record(ctx->heap, shape, &fields);
    memcpy(fields, left->fields, left->shape->count * sizeof *fields);
    for (uint32_t i = 0; i < right->shape->count; i++) {
        int32_t at = shape_find(shape, right->shape->names[i]);
        bool both = (uint32_t)at < left->shape->count;
        if (!both) {
            fields[at] = right->fields[i];
        } else if (!merge(ctx, left->fields[at], right->fields[i],
                          &fields[at])) {
            return false;
        }
    }
    return true;
}

// merge first second
bool builtin_record_merge(BuiltinContext *ctx, const Value *args, Value *out)
{
    return merge(ctx, args[0], args[1], out);
}
