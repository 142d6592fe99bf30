// Depth-first: the parts of a value before its own predicates.
#include "eval/check_walk.h"

#include <string.h>

enum { FIRST_STEPS = 8 };

static void push(CheckWalk *walk, Heap *heap, const CheckNode *node,
                 Value value)
{
    if (walk->depth == walk->capacity) {
        uint32_t capacity = walk->capacity * 2;
        CheckStep *steps = heap_alloc(heap, capacity * sizeof *steps);
        memcpy(steps, walk->steps, walk->depth * sizeof *steps);
        walk->steps = steps;
        walk->capacity = capacity;
    }
    walk->steps[walk->depth++] = (CheckStep){.node = node, .value = value};
}

CheckWalk *check_walk_new(Heap *heap, const CheckNode *node, Value value)
{
    CheckWalk *walk = heap_alloc(heap, sizeof *walk);
    *walk = (CheckWalk){.capacity = FIRST_STEPS};
    walk->steps = heap_alloc(heap, FIRST_STEPS * sizeof *walk->steps);
    push(walk, heap, node, value);
    return walk;
}

// Part `i` of the value at the step: false when there are no more.
static bool part_at(const CheckStep *step, uint32_t i,
                    const CheckNode **out_node, Value *out_value)
{
    const CheckNode *node = step->node;
    Value value = step->value;
    switch (node->kind) {
    case CHECK_REFINED: // the base is the value itself
        *out_node = node->parts[0];
        *out_value = value;
        return i == 0;
    case CHECK_LIST:
        if (i >= value_list_count(value)) {
            return false;
        }
        *out_node = node->parts[0];
        *out_value = value_list_at(value, i);
        return true;
    case CHECK_MAP:
        if (i >= value.as.map->count) {
            return false;
        }
        *out_node = node->parts[0];
        *out_value = value_map_value(value.as.map, i);
        return true;
    case CHECK_TUPLE:
        if (i >= node->count) {
            return false;
        }
        *out_node = node->parts[i];
        *out_value = value.as.tuple->items[i];
        return true;
    case CHECK_RECORD: {
        if (i >= node->count) {
            return false;
        }
        int32_t field = shape_find(value.as.record->shape, node->fields[i]);
        *out_node = field >= 0 ? node->parts[i] : NULL;
        *out_value = field >= 0 ? value.as.record->fields[field] : value;
        return true;
    }
    case CHECK_UNION:
        if (i >= value.arity) {
            return false;
        }
        *out_node = node->parts[node->starts[value.ctor] + i];
        *out_value = value.as.object->fields[i];
        return true;
    }
    UNREACHABLE();
}

const CheckNode *check_walk_next(CheckWalk *walk, Heap *heap, int64_t *fuel,
                                 Value *out_value)
{
    while (walk->depth > 0 && --*fuel >= 0) {
        CheckStep *top = &walk->steps[walk->depth - 1];
        const CheckNode *part = NULL;
        Value value;
        uint32_t i = top->next++;
        if (part_at(top, i, &part, &value)) {
            if (part != NULL) {
                push(walk, heap, part, value);
            }
        } else if (top->node->kind == CHECK_REFINED && i == 1) {
            *out_value = top->value; // stays on the stack, for the path
            return top->node;
        } else {
            walk->depth--;
        }
    }
    return NULL;
}

static void append_payload(const CheckStep *step, StrBuf *out)
{
    const CtorInfo *ctor = value_ctor(step->value);
    if (ctor->role == CTOR_SOME) {
        return; // `Some v` prints as v
    }
    strbuf_appendf(out, ".%.*s", STR_ARG(ctor->name));
    if (ctor->arity > 1) {
        strbuf_appendf(out, "[%u]", step->next - 1);
    }
}

void check_walk_path(const CheckWalk *walk, const Interner *interner,
                     StrBuf *out)
{
    for (uint32_t i = 0; i + 1 < walk->depth; i++) {
        const CheckStep *step = &walk->steps[i];
        uint32_t part = step->next - 1;
        switch (step->node->kind) {
        case CHECK_REFINED:
            break;
        case CHECK_LIST:
        case CHECK_TUPLE:
            strbuf_appendf(out, "[%u]", part);
            break;
        case CHECK_MAP: {
            Str key = value_str(value_map_key(step->value.as.map, part));
            strbuf_append(out, STR("[\""));
            strbuf_append_printable(out, key, 80);
            strbuf_append(out, STR("\"]"));
            break;
        }
        case CHECK_RECORD:
            strbuf_appendf(
                out, ".%.*s",
                STR_ARG(symbol_text(interner, step->node->fields[part])));
            break;
        case CHECK_UNION:
            append_payload(step, out);
            break;
        }
    }
}
