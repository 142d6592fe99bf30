// Unification: variables, levels, structure. Rows are in unify_records.c.
#include "typecheck/unify.h"

#include "support/ptr_map.h"
#include "typecheck/scheme.h"
#include "typecheck/unify_internal.h"

enum {
    // A unification that passes more nodes than this links equal nodes.
    LINK_AFTER = 128,
    MEMO_AFTER = 128,
    // What is bound to a variable is walked each time, which is quadratic where
    // it grows by a node (the identity applied to itself, n times). So many
    // nodes may be walked for each that --max-type-nodes lets a binding have.
    WALKS_PER_NODE = 16,
    WALKS_PER_ASKING = 1 << 22
};

void unifier_release(Unifier *unifier)
{
    vec_release(&unifier->linked);
}

bool unify_fail(Unifier *unifier, UnifyFailure failure, Type *expected,
                Type *found)
{
    unifier->failure = failure;
    unifier->expected = expected;
    unifier->found = found;
    return false;
}

// ---- occurs check and levels

// What a walk over the types below a variable's new value looks for.
typedef struct Walk {
    const Type *var; // NULL: only levels
    uint64_t count;  // of nodes
    uint32_t level;
    uint32_t mark;
    UnifyFailure failure;
    Type *skolem;
    bool failed;
} Walk;

static void walk_type(Walk *walk, Type *type, uint32_t depth);

static void walk_children(Walk *walk, Type *type, uint32_t depth)
{
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        for (uint32_t i = 0; i < type->as.con.count; i++) {
            walk_type(walk, type->as.con.args[i], depth);
        }
        break;
    case TYPE_TUPLE:
        for (uint32_t i = 0; i < type->as.tuple.count; i++) {
            walk_type(walk, type->as.tuple.items[i], depth);
        }
        break;
    case TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            walk_type(walk, type->as.record.fields[i].type, depth);
        }
        break;
    case TYPE_FUNCTION:
        walk_type(walk, type->as.function.param, depth);
        break;
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
}

static void walk_leaf(Walk *walk, Type *type)
{
    if (type == walk->var) {
        walk->failed = true;
        walk->failure = UNIFY_ENDLESS;
    } else if (type->kind == TYPE_SKOLEM) {
        if (type->as.var.level > walk->level) {
            walk->failed = true;
            walk->failure = UNIFY_ESCAPE;
            walk->skolem = type;
        }
    } else if (type->as.var.level > walk->level) {
        type->as.var.level = walk->level;
    }
}

// The last child of a function or record is walked in the loop, so that long
// chains of parameters and tails need no stack. Walks deeper than the bound
// on types can only be in types that generalisation refuses.
static void walk_type(Walk *walk, Type *type, uint32_t depth)
{
    if (depth > 2 * TYPE_MAX_HEIGHT) {
        walk->failed = true;
        walk->failure = UNIFY_ENDLESS;
        return;
    }
    for (;;) {
        type = type_resolve(type);
        if ((type->flags & TYPE_HAS_VARS) == 0 || walk->failed) {
            return;
        }
        if (type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM) {
            walk_leaf(walk, type);
            return;
        }
        if (type->mark == walk->mark) {
            return;
        }
        type->mark = walk->mark;
        walk->count++;
        walk_children(walk, type, depth + 1);
        if (type->kind == TYPE_FUNCTION) {
            type = type->as.function.result;
        } else if (type->kind == TYPE_RECORD && type->as.record.tail != NULL) {
            type = type->as.record.tail;
        } else {
            return;
        }
    }
}

void unify_lower(Unifier *unifier, Type *type, uint32_t level)
{
    Walk walk = {.level = level, .mark = ++unifier->store->next_mark};
    walk_type(&walk, type, 0);
}

// Counts what was walked. False where that is too much for one binding: types
// are as good as too large then, and where the run is over.
static bool may_walk_on(Unifier *unifier, uint64_t count)
{
    TypeStore *store = unifier->store;
    uint64_t before = store->walked_count;
    store->walked_count += count;
    if (store->walked_count / WALKS_PER_NODE <= store->node_limit &&
        (before / WALKS_PER_ASKING == store->walked_count / WALKS_PER_ASKING ||
         unifier->goes_on == NULL || unifier->goes_on(unifier->ctx))) {
        return true;
    }
    store->walked_count = UINT64_MAX / 2; // and so are all that follow
    store->exceeded = true;
    return false;
}

// Binds `var`, which is resolved, to the resolved `type`.
static bool bind_var(Unifier *unifier, Type *var, Type *type, bool var_expected)
{
    Type *expected = var_expected ? var : type;
    Type *found = var_expected ? type : var;
    bool is_literal = (var->flags & TYPE_IS_LITERAL) != 0;
    if (type->kind == TYPE_VAR) {
        if (type->as.var.level > var->as.var.level) {
            type->as.var.level = var->as.var.level;
        }
        type->flags |= var->flags & TYPE_IS_LITERAL;
        var->link = type;
        return true;
    }
    if (is_literal && type->kind != TYPE_ERROR &&
        !unifier->literal_fits(unifier->ctx, type)) {
        return unify_fail(unifier, UNIFY_LITERAL, expected, found);
    }
    if ((type->flags & TYPE_HAS_VARS) != 0) {
        Walk walk = {.var = var,
                     .level = var->as.var.level,
                     .mark = ++unifier->store->next_mark};
        walk_type(&walk, type, 0);
        if (!may_walk_on(unifier, walk.count)) {
            var->link = type_error();
            return true;
        }
        if (walk.failed) {
            if (walk.failure == UNIFY_ESCAPE) {
                return unify_fail(unifier, UNIFY_ESCAPE, walk.skolem, type);
            }
            return unify_fail(unifier, walk.failure, expected, found);
        }
    }
    var->link = type_strip(unifier->store, type);
    return true;
}

bool unify_bind_row(Unifier *unifier, Type *var, Type *row)
{
    return bind_var(unifier, var, row, true);
}

// ---- structure

static bool unify_items(Unifier *unifier, Type *const *expected,
                        Type *const *found, uint32_t count, uint32_t depth)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!unify_types(unifier, expected[i], found[i], depth)) {
            return false;
        }
    }
    return true;
}

static bool unify_vars(Unifier *unifier, Type *expected, Type *found)
{
    if (found->kind == TYPE_VAR && expected->kind == TYPE_VAR) {
        // Keep rows rows, and the older variable.
        return expected->as.var.serial > found->as.var.serial
                   ? bind_var(unifier, expected, found, true)
                   : bind_var(unifier, found, expected, false);
    }
    if (found->kind == TYPE_VAR) {
        return bind_var(unifier, found, expected, false);
    }
    if (expected->kind == TYPE_VAR) {
        return bind_var(unifier, expected, found, true);
    }
    return unify_fail(unifier, UNIFY_RIGID, expected, found);
}

static bool unify_structure(Unifier *unifier, Type *expected, Type *found,
                            uint32_t depth)
{
    switch ((TypeKind)expected->kind) {
    case TYPE_CON:
        if (!type_same_con(expected, found)) {
            return unify_fail(unifier, UNIFY_MISMATCH, expected, found);
        }
        return unify_items(unifier, expected->as.con.args, found->as.con.args,
                           expected->as.con.count, depth);
    case TYPE_TUPLE:
        if (expected->as.tuple.count != found->as.tuple.count) {
            return unify_fail(unifier, UNIFY_MISMATCH, expected, found);
        }
        return unify_items(unifier, expected->as.tuple.items,
                           found->as.tuple.items, expected->as.tuple.count,
                           depth);
    case TYPE_RECORD:
        return unify_records(unifier, expected, found, depth);
    case TYPE_FUNCTION: // the result is unified by the caller's loop
        return unify_types(unifier, expected->as.function.param,
                           found->as.function.param, depth);
    case TYPE_GENERIC:
        if (expected->as.generic.index == found->as.generic.index) {
            return true;
        }
        return unify_fail(unifier, UNIFY_MISMATCH, expected, found);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_REFINED:
        break;
    }
    return true;
}

// Says that two nodes stand for the same type from now on.
static void link_nodes(Unifier *unifier, Type *expected, Type *found)
{
    if (++unifier->steps <= LINK_AFTER || expected->kind == TYPE_RECORD) {
        return;
    }
    if ((found->flags & TYPE_HAS_VARS) != 0) {
        found->link = expected;
        vec_push(&unifier->linked, found);
    } else if ((expected->flags & TYPE_HAS_VARS) != 0) {
        expected->link = found;
        vec_push(&unifier->linked, expected);
    }
}

// What meets an error is an error: it causes no further messages.
static void silence(Type *a, Type *b)
{
    if (a->kind == TYPE_VAR) {
        a->link = b;
    } else if (b->kind == TYPE_VAR) {
        b->link = a;
    }
}

static bool is_variable(const Type *type)
{
    return type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM;
}

bool unify_types(Unifier *unifier, Type *expected, Type *found, uint32_t depth)
{
    if (depth > 2 * TYPE_MAX_HEIGHT) {
        unifier->store->exceeded = true;
        return true;
    }
    for (;;) {
        expected = type_resolve(expected);
        found = type_resolve(found);
        if (expected == found) {
            return true;
        }
        if (expected->kind == TYPE_ERROR || found->kind == TYPE_ERROR) {
            silence(expected, found);
            return true;
        }
        if (is_variable(expected) || is_variable(found)) {
            return unify_vars(unifier, expected, found);
        }
        if (expected->kind != found->kind) {
            return unify_fail(unifier, UNIFY_MISMATCH, expected, found);
        }
        if (((expected->flags | found->flags) & TYPE_HAS_VARS) == 0 &&
            types_equal(expected, found)) {
            return true;
        }
        Type *next_expected = NULL;
        Type *next_found = NULL;
        if (expected->kind == TYPE_FUNCTION) {
            next_expected = expected->as.function.result;
            next_found = found->as.function.result;
        }
        if (!unify_structure(unifier, expected, found, depth + 1)) {
            return false;
        }
        link_nodes(unifier, expected, found);
        if (next_expected == NULL) {
            return true;
        }
        expected = next_expected;
        found = next_found;
    }
}

// Looks for a type that contains itself. Nodes on the way to the one at work
// have the mark `open`, finished ones `done`.
typedef struct CycleSearch {
    uint64_t count; // of nodes
    uint32_t open;
    uint32_t done;
} CycleSearch;

static bool is_finite(CycleSearch *search, Type *type, uint32_t depth);

static bool are_finite(CycleSearch *search, Type *const *items, uint32_t count,
                       uint32_t depth)
{
    bool finite = true;
    for (uint32_t i = 0; i < count && finite; i++) {
        finite = is_finite(search, items[i], depth);
    }
    return finite;
}

// But for the last child of a function or record.
static bool has_finite_children(CycleSearch *search, const Type *type,
                                uint32_t depth)
{
    bool finite = true;
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        return are_finite(search, type->as.con.args, type->as.con.count, depth);
    case TYPE_TUPLE:
        return are_finite(search, type->as.tuple.items, type->as.tuple.count,
                          depth);
    case TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count && finite; i++) {
            finite = is_finite(search, type->as.record.fields[i].type, depth);
        }
        return finite;
    case TYPE_FUNCTION:
        return is_finite(search, type->as.function.param, depth);
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return true;
}

static Type *last_child(const Type *type)
{
    return type->kind == TYPE_FUNCTION ? type->as.function.result
           : type->kind == TYPE_RECORD ? type->as.record.tail
                                       : NULL;
}

static bool is_finite(CycleSearch *search, Type *type, uint32_t depth)
{
    bool finite = depth <= 2 * TYPE_MAX_HEIGHT;
    Type *at = type;
    while (finite && at != NULL) {
        at = type_resolve(at);
        if ((at->flags & TYPE_HAS_VARS) == 0 || is_variable(at) ||
            at->mark == search->done) {
            break;
        }
        finite = at->mark != search->open;
        if (finite) {
            at->mark = search->open;
            search->count++;
            finite = has_finite_children(search, at, depth + 1);
            at = last_child(at);
        }
    }
    for (at = type; finite && at != NULL; at = last_child(at)) {
        at = type_resolve(at);
        if (at->mark != search->open) {
            break;
        }
        at->mark = search->done;
    }
    return finite;
}

static bool are_both_finite(Unifier *unifier, Type *expected, Type *found)
{
    CycleSearch search = {.open = ++unifier->store->next_mark,
                          .done = ++unifier->store->next_mark};
    bool finite =
        is_finite(&search, expected, 0) && is_finite(&search, found, 0);
    return may_walk_on(unifier, search.count) && finite;
}

static void link_all(const Unifier *unifier, Type *to)
{
    for (uint32_t i = 0; i < unifier->linked.count; i++) {
        unifier->linked.items[i]->link = to;
    }
}

// Equal nodes that are linked hide from each other what would not fit in the
// end: a type and its own part. So links are looked through afterwards (as in
// unification by congruence closure, Baader & Snyder 2001).
bool unify(Unifier *unifier, Type *expected, Type *found)
{
    unifier->steps = 0;
    vec_clear(&unifier->linked);
    bool okay = unify_types(unifier, expected, found, 0);
    if (unifier->linked.count == 0) {
        return okay;
    }
    if (okay && are_both_finite(unifier, expected, found)) {
        return true;
    }
    link_all(unifier, NULL);
    if (okay) {
        (void)unify_fail(unifier, UNIFY_ENDLESS, expected, found);
    }
    // A variable may have been bound to a type of which a link hid it.
    if (!are_both_finite(unifier, expected, found)) {
        link_all(unifier, type_error());
    }
    return false;
}

// ---- equality

typedef struct Equality {
    uint32_t steps;
    PtrMap memo; // pairs that are equal
} Equality;

static bool equal_types(Equality *equality, Type *a, Type *b, uint32_t depth);

static bool equal_items(Equality *equality, Type *const *a, Type *const *b,
                        uint32_t count, uint32_t depth)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!equal_types(equality, a[i], b[i], depth)) {
            return false;
        }
    }
    return true;
}

static bool equal_fields(Equality *equality, const RecordField *a,
                         const RecordField *b, uint32_t count, uint32_t depth)
{
    for (uint32_t i = 0; i < count; i++) { // names first: they are quick
        if (a[i].name != b[i].name) {
            return false;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!equal_types(equality, a[i].type, b[i].type, depth)) {
            return false;
        }
    }
    return true;
}

static bool equal_records(Equality *equality, Type *a, Type *b, uint32_t depth)
{
    if (a->as.record.tail == NULL && b->as.record.tail == NULL) {
        return a->as.record.count == b->as.record.count &&
               equal_fields(equality, a->as.record.fields, b->as.record.fields,
                            a->as.record.count, depth);
    }
    Arena arena;
    arena_init(&arena);
    uint32_t a_count;
    uint32_t b_count;
    Type *a_tail;
    Type *b_tail;
    RecordField *left = type_record_fields(a, &arena, &a_count, &a_tail);
    RecordField *right = type_record_fields(b, &arena, &b_count, &b_tail);
    bool equal =
        a_count == b_count && (a_tail == NULL) == (b_tail == NULL) &&
        equal_fields(equality, left, right, a_count, depth) &&
        (a_tail == NULL || equal_types(equality, a_tail, b_tail, depth));
    arena_release(&arena);
    return equal;
}

static bool equal_nodes(Equality *equality, Type *a, Type *b, uint32_t depth)
{
    switch ((TypeKind)a->kind) {
    case TYPE_CON:
        return type_same_con(a, b) &&
               equal_items(equality, a->as.con.args, b->as.con.args,
                           a->as.con.count, depth);
    case TYPE_TUPLE:
        return a->as.tuple.count == b->as.tuple.count &&
               equal_items(equality, a->as.tuple.items, b->as.tuple.items,
                           a->as.tuple.count, depth);
    case TYPE_FUNCTION:
        return equal_types(equality, a->as.function.param, b->as.function.param,
                           depth) &&
               equal_types(equality, a->as.function.result,
                           b->as.function.result, depth);
    case TYPE_RECORD:
        return equal_records(equality, a, b, depth);
    case TYPE_GENERIC:
        return a->as.generic.index == b->as.generic.index;
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_REFINED:
        break;
    }
    return false; // variables are equal to themselves only
}

static bool equal_types(Equality *equality, Type *a, Type *b, uint32_t depth)
{
    a = type_resolve(a);
    b = type_resolve(b);
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind || depth > 4 * TYPE_MAX_HEIGHT) {
        return false;
    }
    if (equality->memo.count > 0 &&
        ptr_map_find(&equality->memo, (uintptr_t)a, (uintptr_t)b) != NULL) {
        return true;
    }
    if (!equal_nodes(equality, a, b, depth + 1)) {
        return false;
    }
    if (++equality->steps > MEMO_AFTER) {
        *ptr_map_at(&equality->memo, (uintptr_t)a, (uintptr_t)b) = a;
    }
    return true;
}

bool types_equal(Type *a, Type *b)
{
    Equality equality = {0};
    bool equal = equal_types(&equality, a, b, 0);
    ptr_map_release(&equality.memo);
    return equal;
}
