// Type class evidence: dictionaries, and methods that are known without one.
#include "eval/compile_internal.h"

#include <assert.h>

#include "support/ptr_map.h"

// ---- what is known

static bool is_derived_ord(const Compiler *c, const Evidence *evidence)
{
    return evidence->kind == EVIDENCE_DERIVED &&
           c->program->modules[evidence->module]
                   ->classes[evidence->index]
                   .name == SYM_CLASS_ORD;
}

static uint32_t prelude_class(const Compiler *c, Symbol name)
{
    const Module *prelude = c->program->modules[MODULE_PRELUDE];
    for (uint32_t i = 0; i < prelude->class_count; i++) {
        if (prelude->classes[i].name == name) {
            return i;
        }
    }
    UNREACHABLE();
}

static bool is_structural(Compiler *c, const Evidence *evidence,
                          Context *context);

// Unions may be parts of themselves. The recursion is as deep as that which
// made the shape.
static bool shape_is_structural(Compiler *c, const DerivedShape *shape,
                                Context *context, PtrMap *seen)
{
    if (shape->kind == DERIVED_EVIDENCE) {
        KnownEvidence part = evidence_resolve(c, shape->evidence, context);
        return is_structural(c, part.evidence, part.context);
    }
    void **known = ptr_map_at(seen, (uintptr_t)shape, 0);
    bool okay = true;
    if (*known == NULL) {
        *known = seen;
        for (uint32_t i = 0; i < shape->count && okay; i++) {
            okay = shape_is_structural(c, shape->parts[i], context, seen);
        }
    }
    return okay;
}

// Whether an automatic instance is structural all through. One that was wanted
// before all types were known has a shape; its parts tell what became of them.
static bool is_structural(Compiler *c, const Evidence *evidence,
                          Context *context)
{
    if (evidence->kind != EVIDENCE_DERIVED || evidence->json != NULL) {
        return false;
    }
    if (evidence->shape == NULL) {
        return true;
    }
    PtrMap seen = {0};
    bool okay = shape_is_structural(c, evidence->shape, context, &seen);
    ptr_map_release(&seen);
    return okay;
}

// The superclass of known evidence, where that is known; else NULL.
static const Evidence *known_super(Compiler *c, KnownEvidence known,
                                   uint32_t index)
{
    const Evidence *evidence = known.evidence;
    if (evidence->kind == EVIDENCE_INSTANCE && evidence->arg_count == 0) {
        const InstanceEntry *entry =
            &c->program->modules[evidence->module]->instances[evidence->index];
        return index < entry->super_count ? entry->supers[index] : NULL;
    }
    if (is_derived_ord(c, evidence) &&
        is_structural(c, evidence, known.context)) {
        Evidence *eq = ARENA_NEW(c->scratch, Evidence);
        eq->kind = EVIDENCE_DERIVED;
        eq->module = MODULE_PRELUDE;
        eq->index = prelude_class(c, SYM_CLASS_EQ);
        return eq;
    }
    return NULL;
}

KnownEvidence evidence_follow(Compiler *c, const Evidence *evidence,
                              Context *context)
{
    for (;;) {
        if (evidence->kind == EVIDENCE_LOCAL && context->locals != NULL &&
            context->locals[evidence->local].kind == LOCAL_EVIDENCE) {
            const LocalInfo *info = &context->locals[evidence->local];
            evidence = info->evidence;
            context = info->context;
            continue;
        }
        if (evidence->kind == EVIDENCE_SUPER) {
            KnownEvidence below =
                evidence_resolve(c, evidence->args[0], context);
            const Evidence *super = known_super(c, below, evidence->index);
            if (super != NULL) {
                evidence = super;
                context = below.context;
                continue;
            }
        }
        return (KnownEvidence){evidence, context};
    }
}

// ---- methods

static Callee derived_method(Symbol method)
{
    Builtin builtin = method == SYM_METHOD_EQ        ? BUILTIN_EQ
                      : method == SYM_METHOD_COMPARE ? BUILTIN_COMPARE
                                                     : BUILTIN_SHOW;
    return (Callee){.kind = CALLEE_BUILTIN, .index = (uint32_t)builtin};
}

// Index of the hidden binding that is `method` of an instance.
static uint32_t instance_method(const Compiler *c, const Evidence *evidence,
                                Symbol method)
{
    const InstanceDecl *decl =
        c->program->modules[evidence->module]->instances[evidence->index].decl;
    for (uint32_t i = 0; i < decl->method_count; i++) {
        if (decl->methods[i].name == method) {
            return decl->hidden[i];
        }
    }
    UNREACHABLE(); // the checker demands all methods
}

uint32_t number_tag(Compiler *c, const Expr *expr)
{
    uint32_t tag = expr_tag(c, expr);
    const Note *note = note_evidence(c, expr->note);
    if (note == NULL || tag != ELAB_NONE) {
        return tag;
    }
    const Evidence *known =
        evidence_resolve(c, note->as.evidence.items[0], c->context).evidence;
    if (known->kind != EVIDENCE_INSTANCE || known->module != MODULE_PRELUDE ||
        known->arg_count != 0) {
        return tag;
    }
    uint32_t hidden = instance_method(c, known, SYM_METHOD_ADD);
    const Expr *add = program_binding(c->program, known->module, hidden)->value;
    bool is_float = add->as.builtin.index == (uint32_t)BUILTIN_FLOAT_ADD;
    return is_float ? ELAB_FLOAT : ELAB_INT;
}

static Callee known_method(Compiler *c, KnownEvidence known, Symbol method)
{
    const Evidence *evidence = known.evidence;
    uint32_t hidden = instance_method(c, evidence, method);
    const Expr *value =
        program_binding(c->program, evidence->module, hidden)->value;
    if (value->kind == EXPR_BUILTIN) {
        return (Callee){.kind = CALLEE_BUILTIN,
                        .index = value->as.builtin.index};
    }
    Callee callee = {.kind = CALLEE_GLOBAL,
                     .module = evidence->module,
                     .index = hidden,
                     .evidence_count = evidence->arg_count};
    callee.evidence = arena_array(c->scratch, evidence->arg_count + 1,
                                  sizeof *callee.evidence);
    for (uint32_t i = 0; i < evidence->arg_count; i++) {
        callee.evidence[i] = (KnownEvidence){evidence->args[i], known.context};
    }
    return callee;
}

Callee evidence_class_method(Compiler *c, const Evidence *evidence,
                             Context *context, uint32_t class_module,
                             uint32_t method_index)
{
    const Module *module = c->program->modules[class_module];
    const MethodEntry *method = &module->methods[method_index];
    KnownEvidence known = evidence_resolve(c, evidence, context);
    if (known.evidence->kind == EVIDENCE_INSTANCE) {
        return known_method(c, known, method->name);
    }
    if (is_structural(c, known.evidence, known.context)) {
        return derived_method(method->name);
    }
    const ClassDecl *decl = module->classes[method->class_].decl;
    return (Callee){.kind = CALLEE_METHOD,
                    .index = decl->superclass_count + method->slot,
                    .dictionary = known};
}

Callee evidence_method(Compiler *c, const Evidence *evidence, Context *context,
                       Symbol method)
{
    const Module *prelude = c->program->modules[MODULE_PRELUDE];
    for (uint32_t i = 0; i < prelude->method_count; i++) {
        if (prelude->methods[i].name == method) {
            return evidence_class_method(c, evidence, context, MODULE_PRELUDE,
                                         i);
        }
    }
    UNREACHABLE();
}

// ---- dictionaries

static Value dictionary_new(Compiler *c, uint32_t count, Value **out_items)
{
    Value tuple = value_tuple(c->heap, count, out_items);
    tuple.tag = VALUE_DICTIONARY;
    return tuple;
}

static Value slot_item(const Slot *slot)
{
    return (Value){
        .tag = VALUE_DICTIONARY, .aux8 = DICTIONARY_SLOT, .as.pointer = slot};
}

static Value method_item(Compiler *c, const Evidence *evidence, Symbol method)
{
    uint32_t hidden = instance_method(c, evidence, method);
    const Expr *value =
        program_binding(c->program, evidence->module, hidden)->value;
    if (value->kind == EXPR_BUILTIN) {
        return builtin_wrapper(c, (Builtin)value->as.builtin.index);
    }
    return slot_item(evaluation_slot(c->evaluation, evidence->module, hidden));
}

static const ClassDecl *instance_class(const Compiler *c,
                                       const Evidence *evidence)
{
    const NameRef *ref = &c->program->modules[evidence->module]
                              ->instances[evidence->index]
                              .decl->head.ref;
    return c->program->modules[ref->module]->classes[ref->index].decl;
}

static Value derived_dictionary(Compiler *c, const Evidence *evidence)
{
    Symbol name =
        c->program->modules[evidence->module]->classes[evidence->index].name;
    Value *items;
    if (evidence->module != MODULE_PRELUDE) {
        return dictionary_new(c, 0, &items); // a class without methods
    }
    if (name == SYM_CLASS_ORD) {
        Value ord = dictionary_new(c, 2, &items);
        Value *eq_items;
        items[0] = dictionary_new(c, 1, &eq_items);
        eq_items[0] = builtin_wrapper(c, BUILTIN_EQ);
        items[1] = builtin_wrapper(c, BUILTIN_COMPARE);
        return ord;
    }
    Value dictionary = dictionary_new(c, 1, &items);
    items[0] =
        builtin_wrapper(c, name == SYM_CLASS_EQ ? BUILTIN_EQ : BUILTIN_SHOW);
    return dictionary;
}

// Superclasses and contexts may lead to the same class in many ways, and each
// way is a dictionary of its own.
static bool take_dictionary(Compiler *c)
{
    c->too_large |= ++c->dictionaries > REGISTER_MAX;
    return !c->too_large;
}

// The dictionary as a constant; false when it depends on others that are
// known at run time only.
static bool static_dictionary(Compiler *c, const Evidence *evidence,
                              Context *context, Value *out)
{
    if (is_structural(c, evidence, context)) {
        *out = derived_dictionary(c, evidence);
        return true;
    }
    if (evidence->kind != EVIDENCE_INSTANCE || evidence->arg_count != 0 ||
        !take_dictionary(c)) {
        return false;
    }
    const InstanceEntry *entry =
        &c->program->modules[evidence->module]->instances[evidence->index];
    const ClassDecl *decl = instance_class(c, evidence);
    assert(entry->super_count == decl->superclass_count);
    Value *items;
    *out =
        dictionary_new(c, decl->superclass_count + decl->method_count, &items);
    for (uint32_t i = 0; i < entry->super_count; i++) {
        if (!static_dictionary(c, entry->supers[i], context, &items[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < decl->method_count; i++) {
        items[entry->super_count + i] =
            method_item(c, evidence, decl->methods[i].name);
    }
    return true;
}

// An instance that takes dictionaries: made at run time.
static void compile_instance(Compiler *c, KnownEvidence known, uint32_t reg)
{
    if (!take_dictionary(c)) {
        return;
    }
    const Evidence *evidence = known.evidence;
    const InstanceEntry *entry =
        &c->program->modules[evidence->module]->instances[evidence->index];
    const ClassDecl *decl = instance_class(c, evidence);
    uint32_t supers = entry->super_count;
    uint32_t args = registers_new(c, evidence->arg_count);
    Context *context = ARENA_NEW(c->scratch, Context);
    *context = *known.context;
    context->locals =
        arena_zalloc(c->scratch, (evidence->arg_count + 1) * sizeof(LocalInfo));
    for (uint32_t i = 0; i < evidence->arg_count; i++) {
        compile_evidence(c, evidence->args[i], known.context, args + i);
        context->locals[i] =
            (LocalInfo){.kind = LOCAL_REGISTER, .reg = args + i, .fn = c->fn};
    }
    uint32_t first = registers_new(c, supers + decl->method_count);
    for (uint32_t i = 0; i < supers; i++) {
        compile_evidence(c, entry->supers[i], context, first + i);
    }
    for (uint32_t i = 0; i < decl->method_count; i++) {
        Value item = method_item(c, evidence, decl->methods[i].name);
        uint32_t to = first + supers + i;
        if (item.tag == VALUE_DICTIONARY && evidence->arg_count > 0) {
            emit_op2(c, OP_METHOD_ITEM, to, args, evidence->arg_count,
                     pointer_index(c, item.as.pointer), 0);
        } else {
            emit_const(c, to, item);
        }
    }
    emit_op(c, OP_DICTIONARY_OF, reg, first, supers + decl->method_count);
}

void compile_evidence(Compiler *c, const Evidence *evidence, Context *context,
                      uint32_t reg)
{
    uint32_t mark = register_mark(c);
    KnownEvidence known = evidence_resolve(c, evidence, context);
    Value dictionary;
    if (c->evidence_depth++ == 0) {
        c->dictionaries = 0;
    }
    switch (known.evidence->kind) {
    case EVIDENCE_LOCAL:
        compile_local(c, &known.context->locals[known.evidence->local], reg);
        break;
    case EVIDENCE_SUPER: {
        uint32_t below = register_new(c);
        compile_evidence(c, known.evidence->args[0], known.context, below);
        emit_op(c, OP_ITEM, reg, below, known.evidence->index);
        break;
    }
    case EVIDENCE_INSTANCE:
        if (static_dictionary(c, known.evidence, known.context, &dictionary)) {
            emit_const(c, reg, dictionary);
        } else {
            compile_instance(c, known, reg);
        }
        break;
    case EVIDENCE_DERIVED:
        if (static_dictionary(c, known.evidence, known.context, &dictionary)) {
            emit_const(c, reg, dictionary);
        } else if (known.evidence->json != NULL) {
            compile_from_json(c, known.evidence, known.context, reg);
        } else {
            compile_derived(c, known.evidence, known.context, reg);
        }
        break;
    }
    c->evidence_depth--;
    register_release(c, mark);
}
