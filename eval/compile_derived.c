// Automatic Eq, Ord and Show of types with user-written instances inside:
// functions that go through a value as the type's shape says. Each union of
// the shape has a function of its own, so that types may be recursive, and so
// has what is shared. All
// functions of one dictionary capture the same thing: the dictionaries of the
// parts, in the order of `leaves`.
#include <assert.h>
#include <stdlib.h>

#include "eval/compile_derived.h"

// ---- what is in the shape

bool derived_has_function(const DerivedShape *shape)
{
    return shape->kind == DERIVED_UNION || (shape->shared && shape->count > 0);
}

static void collect(Derived *d, const DerivedShape *shape)
{
    if (shape->kind == DERIVED_EVIDENCE) {
        for (uint32_t i = 0; i < d->leaves.count; i++) {
            if (d->leaves.items[i] == shape) {
                return;
            }
        }
        vec_push(&d->leaves, shape);
    } else if (derived_has_function(shape)) {
        for (uint32_t i = 0; i < d->functions.count; i++) {
            if (d->functions.items[i].shape == shape) {
                return;
            }
        }
        vec_push(&d->functions, (DerivedFunction){shape, NULL});
    } else {
        for (uint32_t i = 0; i < shape->count; i++) {
            collect(d, shape->parts[i]);
        }
    }
}

// They are entered from a list, not from within each other.
static void collect_all(Derived *d, const DerivedShape *root)
{
    collect(d, root);
    for (uint32_t f = 0; f < d->functions.count; f++) {
        const DerivedShape *shape = d->functions.items[f].shape;
        for (uint32_t i = 0; i < shape->count; i++) {
            collect(d, shape->parts[i]);
        }
    }
}

static Code *function_code(const Derived *d, const DerivedShape *shape)
{
    for (uint32_t i = 0; i < d->functions.count; i++) {
        if (d->functions.items[i].shape == shape) {
            return d->functions.items[i].code;
        }
    }
    UNREACHABLE();
}

// The method of a part that has a dictionary, in a new register.
static uint32_t leaf_method(Derived *d, const DerivedShape *shape)
{
    Compiler *c = d->c;
    uint32_t leaf = 0;
    while (d->leaves.items[leaf] != shape) {
        leaf++;
    }
    uint32_t reg = register_new(c);
    emit_op(c, OP_CAPTURED, reg, leaf, 0);
    uint32_t index = 0;
    if (d->leaves_are_ord && d->method == DERIVED_EQ) {
        emit_op(c, OP_ITEM, reg, reg, 0);
    } else if (d->method == DERIVED_COMPARE) {
        index = 1; // behind the superclass
    }
    uint32_t free_register = register_new(c);
    emit_op2(c, OP_METHOD, reg, reg, index, free_register, 0);
    return reg;
}

// Calls a function of one or two values; the result in a new register.
uint32_t derived_part_call(Derived *d, const DerivedShape *shape,
                           const uint32_t *values, uint32_t count)
{
    Compiler *c = d->c;
    uint32_t result = register_new(c);
    bool is_leaf = shape->kind == DERIVED_EVIDENCE;
    uint32_t method = is_leaf ? leaf_method(d, shape) : 0;
    uint32_t first = registers_new(c, count);
    for (uint32_t i = 0; i < count; i++) {
        emit_move(c, first + i, values[i]);
    }
    if (is_leaf) {
        emit_op2(c, OP_CALL, result, first, count, method, 0);
    } else {
        emit_op2(c, OP_CALL_CODE, result, first, count,
                 pointer_index(c, function_code(d, shape)), 0);
    }
    return result;
}

// ---- going through pairs of values: Eq and Ord

// Where a pair is found to differ: Eq goes to `differ`; Ord has the order in
// `order` when it goes there.
typedef struct Pair {
    Derived *d;
    uint32_t order;
    Label *differ;
} Pair;

static void pair_value(Pair *pair, const DerivedShape *shape, uint32_t a,
                       uint32_t b);

static void pair_order(Pair *pair, Symbol ordering)
{
    compile_ctor_value(pair->d->c, prelude_ctor(pair->d->c, ordering),
                       pair->order);
}

static void pair_decide(Pair *pair, uint32_t result)
{
    Compiler *c = pair->d->c;
    if (pair->d->method == DERIVED_EQ) {
        emit_jump(c, OP_JUMP_UNLESS, result, pair->differ);
        return;
    }
    emit_move(c, pair->order, result);
    emit_jump2(c, OP_JUMP_TAG_NE, pair->order, 0, 0,
               prelude_ctor(c, SYM_EQ)->tag, pair->differ);
}

// Integers: the lengths of lists, the numbers of constructors.
static void pair_numbers(Pair *pair, uint32_t a, uint32_t b, bool reversed)
{
    Compiler *c = pair->d->c;
    if (pair->d->method == DERIVED_EQ) {
        emit_jump2(c, OP_JUMP_NE_INT, a, b, 0, 0, pair->differ);
        return;
    }
    Label same = LABEL_NEW;
    emit_jump2(c, OP_JUMP_EQ_INT, a, b, 0, 0, &same);
    pair_order(pair, reversed ? SYM_GT : SYM_LT);
    emit_jump2(c, OP_JUMP_LT_INT, a, b, 0, 0, pair->differ);
    pair_order(pair, reversed ? SYM_LT : SYM_GT);
    emit_jump(c, OP_JUMP, 0, pair->differ);
    label_place(c, &same);
}

static void pair_data(Pair *pair, uint32_t a, uint32_t b)
{
    Compiler *c = pair->d->c;
    if (pair->d->method == DERIVED_EQ) {
        emit_jump2(c, OP_JUMP_NE_DATA, a, b, 0, 0, pair->differ);
        return;
    }
    uint32_t first = registers_new(c, 2);
    emit_move(c, first, a);
    emit_move(c, first + 1, b);
    emit_op2(c, OP_BUILTIN, first, first, 2, BUILTIN_COMPARE, 0);
    pair_decide(pair, first);
}

static void pair_list(Pair *pair, const DerivedShape *item, uint32_t a,
                      uint32_t b)
{
    Compiler *c = pair->d->c;
    uint32_t counts = registers_new(c, 2);
    emit_op(c, OP_LIST_COUNT, counts, a, 0);
    emit_op(c, OP_LIST_COUNT, counts + 1, b, 0);
    if (pair->d->method == DERIVED_EQ) {
        pair_numbers(pair, counts, counts + 1, false);
    }
    uint32_t state = registers_new(c, 3);
    uint32_t left = register_new(c);
    uint32_t right = register_new(c);
    Label next = LABEL_NEW;
    Label body = LABEL_NEW;
    Label end = LABEL_NEW;
    emit_jump2(c, OP_LOOP_BEGIN, state, a, 0, 0, &next);
    label_place(c, &body);
    emit_op(c, OP_ADD_INT_K, right, state + 1, (uint32_t)-1);
    emit_jump2(c, OP_JUMP_LE_INT, counts + 1, right, 0, 0, &end);
    emit_op(c, OP_LIST_INDEX, right, right, b);
    pair_value(pair, item, left, right);
    label_place(c, &next);
    emit_jump2(c, OP_LOOP_NEXT, left, state, 0, 0, &body);
    label_place(c, &end);
    pair_numbers(pair, counts, counts + 1, false);
}

// A map as the list of its entries, sorted by key.
static uint32_t sorted_entries(Compiler *c, uint32_t map)
{
    uint32_t first = registers_new(c, 2);
    emit_move(c, first, map);
    emit_move(c, first + 1, map);
    emit_op2(c, OP_BUILTIN, first, first, 1, BUILTIN_MAP_KEYS, 0);
    emit_op2(c, OP_BUILTIN, first + 1, first + 1, 1, BUILTIN_MAP_TO_LIST, 0);
    emit_op2(c, OP_BUILTIN, first, first, 2, BUILTIN_LIST_SORT_DATA, 0);
    return first;
}

static void pair_map(Pair *pair, DerivedShape *value, uint32_t a, uint32_t b)
{
    static const DerivedShape key = {.kind = DERIVED_DATA};
    DerivedShape *parts[2] = {(DerivedShape *)&key, value};
    DerivedShape entry = {.kind = DERIVED_TUPLE, .parts = parts, .count = 2};
    Compiler *c = pair->d->c;
    uint32_t left = sorted_entries(c, a);
    uint32_t right = sorted_entries(c, b);
    pair_list(pair, &entry, left, right);
}

typedef struct NamedField {
    Str text;
    uint32_t index;
} NamedField;

static int named_compare(const void *a, const void *b)
{
    return str_compare(((const NamedField *)a)->text,
                       ((const NamedField *)b)->text);
}

// Records are ordered by their fields in the byte order of the names.
static void pair_record(Pair *pair, const DerivedShape *shape, uint32_t a,
                        uint32_t b)
{
    Compiler *c = pair->d->c;
    NamedField *fields =
        arena_array(c->scratch, (size_t)shape->count + 1, sizeof *fields);
    for (uint32_t i = 0; i < shape->count; i++) {
        fields[i] = (NamedField){
            symbol_text(c->program->interner, shape->fields[i]), i};
    }
    qsort(fields, shape->count, sizeof *fields, named_compare);
    uint32_t both = registers_new(c, 2);
    for (uint32_t i = 0; i < shape->count; i++) {
        uint32_t field = fields[i].index;
        emit_field(c, both, a, shape->fields[field]);
        emit_field(c, both + 1, b, shape->fields[field]);
        pair_value(pair, shape->parts[field], both, both + 1);
    }
}

static void pair_union(Pair *pair, const DerivedShape *shape, uint32_t a,
                       uint32_t b);

// The parts of a value, which is no leaf.
static void pair_parts(Pair *pair, const DerivedShape *shape, uint32_t a,
                       uint32_t b)
{
    Compiler *c = pair->d->c;
    switch (shape->kind) {
    case DERIVED_DATA:
        pair_data(pair, a, b);
        break;
    case DERIVED_EVIDENCE:
        UNREACHABLE();
    case DERIVED_UNION:
        pair_union(pair, shape, a, b);
        break;
    case DERIVED_LIST:
        pair_list(pair, shape->parts[0], a, b);
        break;
    case DERIVED_MAP:
        pair_map(pair, shape->parts[0], a, b);
        break;
    case DERIVED_TUPLE: {
        uint32_t both = registers_new(c, 2);
        for (uint32_t i = 0; i < shape->count; i++) {
            emit_op(c, OP_ITEM, both, a, i);
            emit_op(c, OP_ITEM, both + 1, b, i);
            pair_value(pair, shape->parts[i], both, both + 1);
        }
        break;
    }
    case DERIVED_RECORD:
        pair_record(pair, shape, a, b);
        break;
    }
}

static void pair_value(Pair *pair, const DerivedShape *shape, uint32_t a,
                       uint32_t b)
{
    Compiler *c = pair->d->c;
    uint32_t mark = register_mark(c);
    if (shape->kind == DERIVED_EVIDENCE || derived_has_function(shape)) {
        uint32_t values[2] = {a, b};
        pair_decide(pair, derived_part_call(pair->d, shape, values, 2));
    } else {
        pair_parts(pair, shape, a, b);
    }
    register_release(c, mark);
}

// ---- going through the constructors of a union

typedef struct Ctors {
    const CtorInfo *infos;
    uint32_t count;
} Ctors;

static Ctors union_ctors(const Compiler *c, const DerivedShape *shape)
{
    const TypeEntry *type =
        &c->program->modules[shape->module]->types[shape->type];
    return (Ctors){compiler_ctor(c, shape->module, type->first_ctor),
                   type->decl->ctor_count};
}

void derived_ctor_cases(Derived *d, const DerivedShape *shape, uint32_t reg,
                        CtorCase *each, void *ctx)
{
    Compiler *c = d->c;
    Ctors ctors = union_ctors(c, shape);
    SwitchTable *table = ARENA_NEW(c->arena, SwitchTable);
    table->count = ctors.count;
    table->targets = arena_array(c->arena, ctors.count, sizeof(uint32_t));
    emit_wide(c, OP_SWITCH_TAG, reg, pointer_index(c, table));
    DerivedShape *const *parts = shape->parts;
    for (uint32_t i = 0; i < ctors.count; i++) {
        uint32_t mark = register_mark(c);
        table->targets[i] = c->fn->out.words.count;
        each(ctx, &ctors.infos[i], parts);
        parts += ctors.infos[i].arity;
        register_release(c, mark);
    }
}

typedef struct PairCase {
    Pair *pair;
    uint32_t a, b;
    Label *same;
} PairCase;

static void pair_ctor(void *ctx, const CtorInfo *info,
                      DerivedShape *const *parts)
{
    PairCase *all = ctx;
    Compiler *c = all->pair->d->c;
    uint32_t both = registers_new(c, 2);
    for (uint32_t i = 0; i < info->arity; i++) {
        emit_op(c, OP_UNION_FIELD, both, all->a, i);
        emit_op(c, OP_UNION_FIELD, both + 1, all->b, i);
        pair_value(all->pair, parts[i], both, both + 1);
    }
    emit_jump(c, OP_JUMP, 0, all->same);
}

static void pair_union(Pair *pair, const DerivedShape *shape, uint32_t a,
                       uint32_t b)
{
    Compiler *c = pair->d->c;
    Label same = LABEL_NEW;
    uint32_t tags = registers_new(c, 2);
    emit_op(c, OP_TAG, tags, a, 0);
    emit_op(c, OP_TAG, tags + 1, b, 0);
    // Option is declared `Some a | None` and ordered None < Some.
    pair_numbers(pair, tags, tags + 1,
                 union_ctors(c, shape).infos->role != CTOR_PLAIN);
    PairCase all = {pair, a, b, &same};
    derived_ctor_cases(pair->d, shape, a, pair_ctor, &all);
    label_place(c, &same);
}

// ---- functions and dictionaries

// The body of the function for `shape`: its own, or that of the whole, which
// calls its own where it has one.
static void emit_function(Derived *d, const DerivedShape *shape, bool is_own)
{
    Compiler *c = d->c;
    if (d->method == DERIVED_SHOW) {
        derived_show(d, shape, is_own);
        return;
    }
    uint32_t both = registers_new(c, 2);
    Label differ = LABEL_NEW;
    Pair pair = {d, register_new(c), &differ};
    if (is_own) {
        pair_parts(&pair, shape, both, both + 1);
    } else {
        pair_value(&pair, shape, both, both + 1);
    }
    if (d->method == DERIVED_EQ) {
        emit_op(c, OP_BOOL, pair.order, 1, 0);
        emit_return(c, pair.order);
        label_place(c, &differ);
        emit_op(c, OP_BOOL, pair.order, 0, 0);
    } else {
        pair_order(&pair, SYM_EQ);
        label_place(c, &differ);
    }
    emit_return(c, pair.order);
}

static Code *compile_method_code(Derived *d, const DerivedShape *shape,
                                 bool is_own, Code *code)
{
    static const Str names[] = {STR_INIT("eq"), STR_INIT("compare"),
                                STR_INIT("show")};
    Compiler *c = d->c;
    FunctionState *fn = function_begin(c, names[d->method]);
    if (code != NULL) {
        *code = *fn->code; // known to its callers before
        fn->code = code;
    }
    emit_function(d, shape, is_own);
    Code *done = function_end(c, d->method == DERIVED_SHOW ? 1 : 2);
    assert(fn->captures.count == 0);
    return done;
}

// The function for one method, in `reg`. `dictionaries` are those of the
// leaves, in consecutive registers.
static void compile_method(Derived *d, DerivedMethod method,
                           const DerivedShape *shape, uint32_t dictionaries,
                           uint32_t reg)
{
    Compiler *c = d->c;
    d->method = method;
    for (uint32_t i = 0; i < d->functions.count; i++) {
        d->functions.items[i].code = ARENA_NEW(c->arena, Code);
    }
    for (uint32_t i = 0; i < d->functions.count; i++) {
        (void)compile_method_code(d, d->functions.items[i].shape, true,
                                  d->functions.items[i].code);
    }
    Code *code = compile_method_code(d, shape, false, NULL);
    emit_op2(c, OP_CLOSURE, reg, dictionaries, d->leaves.count,
             pointer_index(c, code), 0);
}

void compile_derived(Compiler *c, const Evidence *evidence, Context *context,
                     uint32_t reg)
{
    Symbol name =
        c->program->modules[evidence->module]->classes[evidence->index].name;
    const DerivedShape *shape = evidence->shape;
    uint32_t mark = register_mark(c);
    Derived d = {.c = c, .leaves_are_ord = name == SYM_CLASS_ORD};
    collect_all(&d, shape);
    uint32_t dictionaries = registers_new(c, d.leaves.count);
    for (uint32_t i = 0; i < d.leaves.count; i++) {
        compile_evidence(c, d.leaves.items[i]->evidence, context,
                         dictionaries + i);
    }
    uint32_t items = registers_new(c, 2);
    if (name == SYM_CLASS_ORD) {
        compile_method(&d, DERIVED_EQ, shape, dictionaries, items);
        emit_op(c, OP_DICTIONARY_OF, items, items, 1);
        compile_method(&d, DERIVED_COMPARE, shape, dictionaries, items + 1);
        emit_op(c, OP_DICTIONARY_OF, reg, items, 2);
    } else {
        compile_method(&d, name == SYM_CLASS_EQ ? DERIVED_EQ : DERIVED_SHOW,
                       shape, dictionaries, items);
        emit_op(c, OP_DICTIONARY_OF, reg, items, 1);
    }
    vec_release(&d.leaves);
    vec_release(&d.functions);
    register_release(c, mark);
}
