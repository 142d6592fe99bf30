// The wrappers of functions that a check speaks of.
#include "eval/compile_internal.h"
#include "eval/contracts.h"
#include "support/ptr_map.h"

// A wrapper: the function that a shape says is wrapped, from parameter `from`
// on, so many at once.
typedef struct Wrapper {
    const CheckShape *shape;
    Str name;
    uint32_t from, count;
    const WrapNode *rest; // of the result, where functions are in it
} Wrapper;

typedef struct NodeEntry {
    const CheckShape *shape;
    WrapNode *node;
    Str name;
} NodeEntry;

typedef struct Contracts {
    Compiler *c;
    const RefinementCheck *check;
    VEC(NodeEntry) entries; // in the order in which they were come to
    PtrMap nodes;           // by shape
    VEC(Wrapper) wrappers;
} Contracts;

// ---- nodes

static WrapNode *node_of(Contracts *contracts, const CheckShape *shape,
                         Str name);

static void fill_node(Contracts *contracts, WrapNode *node,
                      const CheckShape *shape, Str name)
{
    Compiler *c = contracts->c;
    WrapNode **parts = arena_zalloc(c->arena, shape->count * sizeof *parts);
    for (uint32_t i = 0; i < shape->count; i++) {
        Str part = shape->kind == CHECK_RECORD
                       ? symbol_text(c->program->interner, shape->fields[i])
                   : shape->kind == CHECK_FUNCTION ? (Str){0}
                                                   : name;
        if (shape->parts[i] != NULL) {
            parts[i] = node_of(contracts, shape->parts[i], part);
        }
    }
    node->parts = parts;
    node->fields = shape->fields;
    node->count = shape->count;
    if (shape->kind == CHECK_UNION) {
        node->starts = check_union_starts(c, shape);
    } else if (shape->kind == CHECK_FUNCTION) {
        node->wraps = true;
        node->params = shape->count - 1;
        node->by_steps = node->params > 1 && node->params <= WRAP_STEPS_MAX;
    }
}

// Shapes are trees but for unions; the height of types bounds the depth.
static WrapNode *node_of(Contracts *contracts, const CheckShape *shape,
                         Str name)
{
    void **known = ptr_map_at(&contracts->nodes, (uintptr_t)shape, 0);
    if (*known != NULL) {
        return *known;
    }
    WrapNode *node = ARENA_NEW(contracts->c->arena, WrapNode);
    *known = node;
    node->kind = shape->kind;
    vec_push(&contracts->entries, (NodeEntry){shape, node, name});
    fill_node(contracts, node, shape, name);
    return node;
}

// Which nodes have functions in them: what leads to one that has.
static void mark_nodes(Contracts *contracts)
{
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = contracts->entries.count; i-- > 0;) {
            WrapNode *node = contracts->entries.items[i].node;
            for (uint32_t p = 0; !node->wraps && p < node->count; p++) {
                node->wraps = node->parts[p] != NULL && node->parts[p]->wraps;
                changed |= node->wraps;
            }
        }
    }
}

// ---- wrappers

static void plan_function(Contracts *contracts, const NodeEntry *entry)
{
    Compiler *c = contracts->c;
    WrapNode *node = entry->node;
    WrapNode *result = node->parts[node->params];
    const WrapNode *rest = result != NULL && result->wraps ? result : NULL;
    node->first = contracts->wrappers.count;
    Wrapper all = {entry->shape, entry->name, 0, node->params, rest};
    vec_push(&contracts->wrappers, all);
    for (uint32_t i = 0; node->by_steps && i < node->params; i++) {
        Wrapper one = {entry->shape, entry->name, i, 1, rest};
        if (i + 1 < node->params) {
            WrapNode *next = ARENA_NEW(c->arena, WrapNode);
            *next = *node;
            next->taken = i + 1;
            next->params = node->params - next->taken;
            one.rest = next;
        }
        vec_push(&contracts->wrappers, one);
    }
}

typedef struct Registers {
    uint32_t table, function, args;
} Registers;

static void check_part(Contracts *contracts, const CheckShape *part,
                       const Registers *regs, uint32_t reg, CheckUse use)
{
    Compiler *c = contracts->c;
    if (part == NULL) {
        return;
    }
    RefinementCheck *check = ARENA_NEW(c->arena, RefinementCheck);
    *check = *contracts->check;
    check->shape = part;
    check->looks = part->kind != CHECK_FUNCTION;
    check->wraps = false;
    compile_check(c, check, reg, use);
    WrapNode *node = node_of(contracts, part, (Str){0});
    if (node->wraps) {
        emit_op2(c, OP_WRAP, reg, reg, regs->table, pointer_index(c, node), 0);
    }
}

// The call, and what is said of its result.
static void call_wrapped(Contracts *contracts, const Wrapper *wrapper,
                         const Registers *regs)
{
    Compiler *c = contracts->c;
    const CheckShape *shape = wrapper->shape;
    bool is_last = wrapper->from + wrapper->count + 1 == shape->count;
    const CheckShape *result = is_last ? shape->parts[shape->count - 1] : NULL;
    uint32_t value = register_new(c);
    uint32_t window = registers_new(c, wrapper->count);
    for (uint32_t i = 0; i < wrapper->count; i++) {
        emit_move(c, window + i, regs->args + i);
    }
    if (result == NULL && wrapper->rest == NULL) {
        emit_op2(c, OP_TAIL_CALL, 0, window, wrapper->count, regs->function, 0);
        return;
    }
    emit_op2(c, OP_CALL, value, window, wrapper->count, regs->function, 0);
    if (is_last) {
        check_part(contracts, result, regs, value, (CheckUse){.result = true});
    } else {
        emit_op2(c, OP_WRAP, value, value, regs->table,
                 pointer_index(c, wrapper->rest), 0);
    }
    emit_return(c, value);
}

static void compile_wrapper(Contracts *contracts, const Wrapper *wrapper,
                            uint32_t reg)
{
    Compiler *c = contracts->c;
    FunctionState *fn = function_begin(
        c, wrapper->name.len > 0 ? wrapper->name : STR("function"));
    uint32_t first = registers_new(c, 2 + wrapper->count);
    Registers regs = {first, first + 1, first + 2};
    for (uint32_t i = 0; i < wrapper->count; i++) {
        check_part(contracts, wrapper->shape->parts[wrapper->from + i], &regs,
                   regs.args + i, (CheckUse){.param = wrapper->from + i + 1});
    }
    call_wrapped(contracts, wrapper, &regs);
    Code *code = function_end(c, 2 + wrapper->count);
    emit_closure(c, code, fn, reg);
}

void compile_contracts(Compiler *c, const RefinementCheck *check, uint32_t reg)
{
    Str name = {0};
    if (check->name != 0) {
        name = symbol_text(c->program->interner, check->name);
    }
    Contracts contracts = {.c = c, .check = check};
    const WrapNode *root = node_of(&contracts, check->shape, name);
    mark_nodes(&contracts);
    uint32_t nodes = contracts.entries.count;
    for (uint32_t i = 0; i < nodes; i++) {
        NodeEntry entry = contracts.entries.items[i];
        if (entry.shape->kind == CHECK_FUNCTION) {
            plan_function(&contracts, &entry);
        }
    }
    uint32_t mark = register_mark(c);
    uint32_t count = contracts.wrappers.count;
    uint32_t first = registers_new(c, count);
    for (uint32_t i = 0; i < count && !c->too_large; i++) {
        Wrapper wrapper = contracts.wrappers.items[i];
        compile_wrapper(&contracts, &wrapper, first + i);
    }
    emit_op(c, OP_TUPLE, first, first, count);
    emit_op2(c, OP_WRAP, reg, reg, first, pointer_index(c, root), 0);
    register_release(c, mark);
    vec_release(&contracts.entries);
    ptr_map_release(&contracts.nodes);
    vec_release(&contracts.wrappers);
}
