// Tuples, records and unions: objects of a known number of fields.
#include "eval/value.h"

#include <assert.h>

Value value_tuple(Heap *heap, uint32_t count, Value **out_items)
{
    size_t bytes = sizeof(TupleObject) + count * sizeof(Value);
    TupleObject *tuple = heap_alloc(heap, bytes);
    tuple->header = object_header(VALUE_TUPLE, bytes);
    tuple->count = count;
    tuple->reserved = 0;
    *out_items = tuple->items;
    return (Value){.tag = VALUE_TUPLE, .as.tuple = tuple};
}

Value value_record(Heap *heap, const Shape *shape, Value **out_fields)
{
    size_t bytes = sizeof(RecordObject) + shape->count * sizeof(Value);
    RecordObject *record = heap_alloc(heap, bytes);
    record->header = object_header(VALUE_RECORD, bytes);
    record->shape = shape;
    *out_fields = record->fields;
    return (Value){.tag = VALUE_RECORD, .as.record = record};
}

Value value_union(Heap *heap, const CtorInfo *info, Value **out_fields)
{
    assert(info->arity <= UINT16_MAX);
    Value value = {
        .tag = VALUE_UNION, .arity = (uint16_t)info->arity, .ctor = info->tag};
    if (info->arity == 0) {
        value.as.ctor_info = info;
        return value;
    }
    size_t bytes = sizeof(UnionObject) + info->arity * sizeof(Value);
    UnionObject *object = heap_alloc(heap, bytes);
    object->header = object_header(VALUE_UNION, bytes);
    object->ctor = info;
    *out_fields = object->fields;
    value.as.object = object;
    return value;
}

Value value_without_some(Value value)
{
    while (value.tag == VALUE_UNION && value_ctor(value)->role == CTOR_SOME) {
        value = value.as.object->fields[0];
    }
    return value;
}
