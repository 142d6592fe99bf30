// The automatic FromJson: a function from Json to Result, which walks the Json
// by the type's shape (eval/decode.h). Defaults, instances and refinements
// are code of its own, to which the walk jumps.
#include "eval/compile_internal.h"
#include "eval/decode.h"
#include "support/ptr_map.h"

typedef struct NodeEntry {
    const JsonShape *shape;
    DecodeNode *node;
} NodeEntry;

typedef struct Decoder {
    Compiler *c;
    VEC(NodeEntry) entries;        // in the order in which they were come to
    PtrMap nodes;                  // by shape
    VEC(const JsonShape *) leaves; // whose dictionaries are captured, in order
    uint32_t walk;                 // register
    Label *next;
} Decoder;

// ---- nodes

static DecodeNode *node_of(Decoder *d, const JsonShape *shape)
{
    void **known = ptr_map_at(&d->nodes, (uintptr_t)shape, 0);
    if (*known != NULL) {
        return *known;
    }
    Compiler *c = d->c;
    DecodeNode *node = ARENA_NEW(c->arena, DecodeNode);
    *known = node;
    vec_push(&d->entries, (NodeEntry){shape, node});
    *node = (DecodeNode){.kind = shape->kind,
                         .count = shape->count,
                         .fields = shape->fields,
                         .fills = shape->fills,
                         .target = UINT32_MAX};
    uint32_t targets = shape->count;
    if (shape->kind == JSON_EVIDENCE) {
        vec_push(&d->leaves, shape);
    } else if (shape->kind == JSON_UNION) {
        node->module = c->program->modules[shape->module];
        node->type = &node->module->types[shape->type];
        node->ctors = compiler_ctor(c, shape->module, node->type->first_ctor);
        targets = node->type->decl->ctor_count;
    }
    node->targets = arena_array(c->arena, targets, sizeof *node->targets);
    for (uint32_t i = 0; i < targets; i++) {
        node->targets[i] = UINT32_MAX;
    }
    node->parts = arena_array(c->arena, shape->count, sizeof *node->parts);
    for (uint32_t i = 0; i < shape->count; i++) {
        node->parts[i] = node_of(d, shape->parts[i]);
    }
    return node;
}

// ---- code that the walk jumps to

static void emit_part(Decoder *d, uint32_t reg, uint32_t index)
{
    emit_op(d->c, OP_DECODE_PART, reg, d->walk, index);
}

static void put(Decoder *d, uint32_t reg)
{
    emit_op(d->c, OP_DECODE_PUT, d->walk, reg, 0);
    emit_jump(d->c, OP_JUMP, 0, d->next);
}

static uint32_t field_index(const DecodeNode *node, Symbol name)
{
    uint32_t i = 0;
    while (node->fields[i] != name) {
        i++;
    }
    return i;
}

static void compile_default(Decoder *d, DecodeNode *node, uint32_t field)
{
    Compiler *c = d->c;
    const RecordFill *fill = &node->fills[field];
    uint32_t mark = register_mark(c);
    node->targets[field] = c->fn->out.words.count;
    Argument *args =
        arena_array(c->scratch, fill->arg_count + (size_t)1, sizeof *args);
    for (uint32_t i = 0; i < fill->arg_count; i++) {
        args[i] = (Argument){NULL, register_new(c)};
        emit_part(d, args[i].reg, field_index(node, fill->args[i]));
    }
    Callee hidden = {
        .kind = CALLEE_GLOBAL, .module = fill->module, .index = fill->index};
    uint32_t value = register_new(c);
    compile_apply(c, &hidden, args, fill->arg_count, place_reg(value));
    put(d, value);
    register_release(c, mark);
}

// The instance's method, and what it says.
static void compile_leaf(Decoder *d, DecodeNode *node, uint32_t leaf)
{
    Compiler *c = d->c;
    uint32_t mark = register_mark(c);
    node->target = c->fn->out.words.count;
    uint32_t method = registers_new(c, 2);
    emit_op(c, OP_CAPTURED, method, leaf, 0);
    emit_op2(c, OP_METHOD, method, method, 0, method + 1, 0);
    uint32_t result = register_new(c);
    uint32_t json = register_new(c);
    emit_part(d, json, UINT16_MAX);
    emit_op2(c, OP_CALL, result, json, 1, method, 0);
    Label wrong = LABEL_NEW;
    emit_jump2(c, OP_JUMP_TAG_NE, result, 0, 0, prelude_ctor(c, SYM_OK)->tag,
               &wrong);
    emit_op(c, OP_UNION_FIELD, result, result, 0);
    put(d, result);
    label_place(c, &wrong);
    emit_op(c, OP_UNION_FIELD, result, result, 0);
    emit_op(c, OP_DECODE_FAIL, d->walk, result, 0);
    emit_jump(c, OP_JUMP, 0, d->next);
    register_release(c, mark);
}

static void compile_ctor_targets(Decoder *d, DecodeNode *node, uint32_t ctor)
{
    Compiler *c = d->c;
    const CtorInfo *info = &node->ctors[ctor];
    if (info->checks == NULL) {
        return;
    }
    uint32_t mark = register_mark(c);
    node->targets[ctor] = c->fn->out.words.count;
    uint32_t value = register_new(c);
    uint32_t message = register_new(c);
    Label wrong = LABEL_NEW;
    for (uint32_t i = 0; i < info->arity; i++) {
        if (info->checks[i] != NULL) {
            emit_part(d, value, i);
            compile_check(c, info->checks[i], value,
                          (CheckUse){.soft = &wrong, .message = message});
        }
    }
    emit_jump(c, OP_JUMP, 0, d->next);
    label_place(c, &wrong);
    emit_op(c, OP_DECODE_FAIL, d->walk, message, 0);
    emit_jump(c, OP_JUMP, 0, d->next);
    register_release(c, mark);
}

static void compile_targets(Decoder *d)
{
    uint32_t leaf = 0;
    for (uint32_t i = 0; i < d->entries.count && !d->c->too_large; i++) {
        DecodeNode *node = d->entries.items[i].node;
        if (node->kind == JSON_EVIDENCE) {
            compile_leaf(d, node, leaf++);
        } else if (node->kind == JSON_RECORD) {
            for (uint32_t f = 0; f < node->count; f++) {
                if (node->fills[f].name != 0 && !node->fills[f].is_none) {
                    compile_default(d, node, f);
                }
            }
        } else if (node->kind == JSON_UNION) {
            for (uint32_t k = 0; k < node->type->decl->ctor_count; k++) {
                compile_ctor_targets(d, node, k);
            }
        }
    }
}

// ---- the decoder

static void give(Compiler *c, uint32_t reg, Symbol ctor)
{
    emit_op2(c, OP_UNION, reg, reg, 0, pointer_index(c, prelude_ctor(c, ctor)),
             0);
    emit_return(c, reg);
}

static Code *compile_decoder(Decoder *d, const Evidence *evidence)
{
    Compiler *c = d->c;
    function_begin(c, STR("fromJson"));
    uint32_t json = register_new(c);
    d->walk = register_new(c);
    uint32_t value = register_new(c);
    Label next = LABEL_NEW;
    Label wrong = LABEL_NEW;
    d->next = &next;
    const DecodeNode *root = d->entries.items[0].node;
    emit_op2(c, OP_DECODE_BEGIN, d->walk, json, 0, pointer_index(c, root), 0);
    label_place(c, &next);
    emit_jump2(c, OP_DECODE_NEXT, value, d->walk, 0, 0, &wrong);
    if (evidence->check != NULL) {
        uint32_t message = register_new(c);
        Label broken = LABEL_NEW;
        Label fine = LABEL_NEW;
        compile_check(c, evidence->check, value,
                      (CheckUse){.soft = &broken, .message = message});
        emit_jump(c, OP_JUMP, 0, &fine);
        label_place(c, &broken);
        emit_move(c, value, message);
        emit_jump(c, OP_JUMP, 0, &wrong);
        label_place(c, &fine);
    }
    give(c, value, SYM_OK);
    compile_targets(d);
    label_place(c, &wrong);
    give(c, value, SYM_ERR);
    return function_end(c, 1);
}

void compile_from_json(Compiler *c, const Evidence *evidence, Context *context,
                       uint32_t reg)
{
    uint32_t mark = register_mark(c);
    Decoder d = {.c = c};
    (void)node_of(&d, evidence->json);
    uint32_t dictionaries = registers_new(c, d.leaves.count);
    for (uint32_t i = 0; i < d.leaves.count; i++) {
        compile_evidence(c, d.leaves.items[i]->evidence, context,
                         dictionaries + i);
    }
    uint32_t item = register_new(c);
    Code *code = compile_decoder(&d, evidence);
    emit_op2(c, OP_CLOSURE, item, dictionaries, d.leaves.count,
             pointer_index(c, code), 0);
    emit_op(c, OP_DICTIONARY_OF, reg, item, 1);
    vec_release(&d.entries);
    ptr_map_release(&d.nodes);
    vec_release(&d.leaves);
    register_release(c, mark);
}
