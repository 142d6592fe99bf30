// The classes of std.record, solved from the first argument on: a record whose
// fields are known decides the types that belong to it, as the functional
// dependencies of Jones (2000) do. What is not known yet waits. Nothing is
// passed at run time but an empty dictionary: values know their fields.
#include "typecheck/classes_internal.h"

#include <stdlib.h>

#include "support/ptr_map.h"
#include "typecheck/type_share.h"

typedef struct RecordSolver {
    Infer *c;
    const Wanted *origin;
    const ClassInfo *class_;
    Type **args;
    bool waits;
    bool failed;
} RecordSolver;

static Diag *fail(RecordSolver *s, const char *format, ...) PRINTF_LIKE(2, 3);

static Diag *fail(RecordSolver *s, const char *format, ...)
{
    s->failed = true;
    if (s->c->quiet) {
        return NULL;
    }
    StrBuf text = {0};
    va_list args;
    va_start(args, format);
    strbuf_appendv(&text, format, args);
    va_end(args);
    Diag *diag = infer_error(s->c, DIAG_E0210, s->origin->span, "%.*s",
                             STR_ARG(strbuf_str(&text)));
    strbuf_release(&text);
    return diag;
}

static bool is_assumable(const Type *type)
{
    return type->kind == TYPE_VAR ||
           (type->kind == TYPE_SKOLEM && (type->flags & TYPE_IS_OPEN) != 0);
}

// Whether something in a record is still to be found, a literal's type say.
static bool is_unsettled(Type *type)
{
    type = type_resolve(type);
    if ((type->flags & TYPE_HAS_VARS) == 0 || type->kind != TYPE_RECORD) {
        return type->kind == TYPE_VAR;
    }
    for (uint32_t i = 0; i < type->as.record.count; i++) {
        if (is_unsettled(type->as.record.fields[i].type)) {
            return true;
        }
    }
    return type->as.record.tail != NULL && is_unsettled(type->as.record.tail);
}

// An assumption may say it once all that decides is settled.
static bool may_be_assumed(const RecordSolver *s)
{
    uint32_t inputs = record_class_inputs(s->class_->records);
    bool unsettled = false;
    for (uint32_t a = 0; a < s->class_->param_count; a++) {
        unsettled |= (inputs >> a & 1) != 0 && is_unsettled(s->args[a]);
    }
    for (uint32_t i = 0; unsettled && i < s->c->givens.count; i++) {
        if (s->c->givens.items[i].class_ == s->class_) {
            return true;
        }
    }
    return false;
}

// The record's fields in their order. False where they are not known (yet).
static bool known_fields(RecordSolver *s, Type *type, RecordField **out,
                         uint32_t *out_count)
{
    type = type_resolve(type);
    Type *tail = NULL;
    if (type->kind == TYPE_RECORD) {
        tail = type_record_tail(type);
    }
    if (is_assumable(tail != NULL ? tail : type)) {
        s->waits = true;
        return false;
    }
    if (type->kind == TYPE_ERROR ||
        (tail != NULL && tail->kind == TYPE_ERROR)) {
        s->failed = true;
        return false;
    }
    bool may_be = type->kind == TYPE_RECORD || type->kind == TYPE_SKOLEM;
    if (!may_be) {
        Diag *diag =
            fail(s, "%.*s is no record", STR_ARG(infer_print(s->c, type)));
        if (diag != NULL && type_is_prim(type, PRIM_JSON)) {
            diag_help(s->c->sink, diag,
                      "'decode' of std.encoding reads an object as a Map Json, "
                      "which 'merge' of std.map takes");
        }
        return false;
    }
    if (type->kind != TYPE_RECORD || tail != NULL) {
        if (may_be_assumed(s)) {
            s->waits = true;
            return false;
        }
        Diag *diag = fail(s, "the fields of %.*s are not all known here",
                          STR_ARG(infer_print(s->c, type)));
        if (diag != NULL) {
            diag_help(s->c->sink, diag,
                      "give it a closed record type, or leave the annotation "
                      "out");
        }
        return false;
    }
    *out = type_record_fields(type, s->c->scratch, out_count, &tail);
    return true;
}

// In the order in which they are written, which says what the others are: the
// numbers of symbols depend on scheduling.
static void unify_all(RecordSolver *s, const RecordField *fields,
                      uint32_t count, Type *item)
{
    Infer *c = s->c;
    RecordField *written =
        arena_copy(c->scratch, fields, count * sizeof *fields);
    if (count > 1) {
        qsort(written, count, sizeof *written, type_compare_order);
    }
    for (uint32_t i = 0; i < count && !s->failed; i++) {
        if (!unify(&c->unifier, item, written[i].type)) {
            Diag *diag =
                fail(s, "the fields are not all of one type: '%.*s' is %.*s",
                     STR_ARG(infer_name_text(c, written[i].name)),
                     STR_ARG(infer_print(c, written[i].type)));
            if (diag != NULL) {
                diag_note(c->sink, diag, "the others are %.*s",
                          STR_ARG(infer_print(c, item)));
            }
        }
    }
}

// The result's type is decided.
static void unify_result(RecordSolver *s, Type *expected, Type *found)
{
    if (!s->failed && !s->waits) {
        s->failed = !infer_unify(s->c, s->origin->span, expected, found, NULL);
    }
}

static void solve_mapped(RecordSolver *s)
{
    RecordField *fields;
    uint32_t count;
    if (!known_fields(s, s->args[0], &fields, &count)) {
        return;
    }
    unify_all(s, fields, count, s->args[1]);
    TypeStore *store = &s->c->store;
    RecordField *mapped = arena_array(store->arena, count, sizeof *mapped);
    for (uint32_t i = 0; i < count; i++) {
        mapped[i] = (RecordField){.name = fields[i].name,
                                  .order = fields[i].order,
                                  .type = s->args[3]};
    }
    unify_result(s, s->args[2], type_record(store, mapped, count, NULL));
}

// ---- merge

static Type *merge_types(RecordSolver *s, Type *a, Type *b);

// Of a field that both have.
static Type *merge_field(RecordSolver *s, Symbol name, Type *a, Type *b)
{
    a = type_resolve(a);
    b = type_resolve(b);
    bool a_known = a->kind != TYPE_VAR && a->kind != TYPE_SKOLEM;
    bool b_known = b->kind != TYPE_VAR && b->kind != TYPE_SKOLEM;
    bool a_record = a->kind == TYPE_RECORD;
    bool b_record = b->kind == TYPE_RECORD;
    if (a == b || (a_known && !a_record) || (b_known && !b_record) ||
        ((a->flags | b->flags) & TYPE_IS_LITERAL) != 0) {
        return b; // one of them is no record
    }
    if (a_record && b_record) {
        return merge_types(s, a, b);
    }
    if ((a_record || is_assumable(a)) && (b_record || is_assumable(b))) {
        s->waits = true;
    } else if (!s->failed) {
        (void)fail(s,
                   "field '%.*s' may be a record, whose fields are not known",
                   STR_ARG(infer_name_text(s->c, name)));
    }
    return type_error();
}

// Fields of `a` in their places, and then what only `b` has.
static Type *merge_types(RecordSolver *s, Type *a, Type *b)
{
    RecordField *left;
    RecordField *right;
    uint32_t left_count;
    uint32_t right_count;
    bool known = known_fields(s, a, &left, &left_count);
    if (!known_fields(s, b, &right, &right_count) || !known) {
        return type_error();
    }
    TypeStore *store = &s->c->store;
    RecordField *merged = arena_array(
        store->arena, (uint64_t)left_count + right_count, sizeof *merged);
    uint32_t count = 0;
    uint32_t end = 0;
    for (uint32_t i = 0; i < left_count; i++) {
        RecordField *other = type_fields_find(right, right_count, left[i].name);
        Type *type = other == NULL ? left[i].type
                                   : merge_field(s, left[i].name, left[i].type,
                                                 other->type);
        merged[count++] = (RecordField){
            .name = left[i].name, .order = left[i].order, .type = type};
        end = left[i].order >= end ? left[i].order + 1 : end;
    }
    RecordField *by_order =
        arena_copy(s->c->scratch, right, right_count * sizeof *by_order);
    if (right_count > 1) {
        qsort(by_order, right_count, sizeof *by_order, type_compare_order);
    }
    for (uint32_t i = 0; i < right_count; i++) {
        if (type_fields_find(left, left_count, by_order[i].name) == NULL) {
            merged[count++] = (RecordField){.name = by_order[i].name,
                                            .order = end++,
                                            .type = by_order[i].type};
        }
    }
    return type_record(store, merged, count, NULL);
}

void records_improve(Infer *c, const ClassInfo *class_, Type **args)
{
    uint32_t inputs = record_class_inputs(class_->records);
    uint32_t i;
    ConstraintWalk walk = constraint_index_walk(&c->given_index, class_, args);
    while (constraint_walk_next(&walk, &i)) {
        const Given *given = &c->givens.items[i];
        bool same = given->class_ == class_;
        for (uint32_t a = 0; same && a < class_->param_count; a++) {
            same =
                (inputs >> a & 1) == 0 || types_equal(given->args[a], args[a]);
        }
        // What is decided now may decide constraints that wait. Where they
        // differ, the constraint is reported.
        for (uint32_t a = 0; same && a < class_->param_count; a++) {
            if (!types_equal(given->args[a], args[a])) {
                same = unify(&c->unifier, given->args[a], args[a]);
                c->improved |= same;
            }
        }
    }
}

// ---- constraints that agree

// A hash looks at the first level whole, and at so many nodes below.
enum { HASH_DEPTH = 4, HASH_NODES = 256 };

typedef struct InputHash {
    Arena *scratch;
    uint32_t nodes; // left to look at
} InputHash;

static uint64_t hash_type(InputHash *h, Type *type, uint32_t depth);

static uint64_t hash_all(InputHash *h, uint64_t hash, Type *const *types,
                         uint32_t count, uint32_t depth)
{
    for (uint32_t i = 0; i < count; i++) {
        hash = type_share_mix(hash, hash_type(h, types[i], depth));
    }
    return hash;
}

static uint64_t hash_record(InputHash *h, Type *record, uint32_t depth)
{
    uint32_t count;
    Type *tail;
    RecordField *fields = type_record_fields(record, h->scratch, &count, &tail);
    uint64_t hash = tail == NULL ? 0 : hash_type(h, tail, depth);
    for (uint32_t i = 0; i < count; i++) {
        hash = type_share_mix(hash, fields[i].name);
        hash = hash_all(h, hash, &fields[i].type, 1, depth);
    }
    return hash;
}

// The same for equal types; different types of one hash are compared.
static uint64_t hash_type(InputHash *h, Type *type, uint32_t depth)
{
    type = type_resolve(type);
    uint64_t hash = type->kind;
    if (type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM) {
        return type_share_mix(hash, (uintptr_t)type);
    }
    if (depth > 0 && (depth == HASH_DEPTH || h->nodes == 0)) {
        return hash;
    }
    h->nodes -= depth > 0;
    depth++;
    switch ((TypeKind)type->kind) {
    case TYPE_RECORD:
        return type_share_mix(hash, hash_record(h, type, depth));
    case TYPE_CON:
        hash = type_share_con(type->as.con.module, type->as.con.index);
        return hash_all(h, hash, type->as.con.args, type->as.con.count, depth);
    case TYPE_TUPLE:
        return hash_all(h, hash, type->as.tuple.items, type->as.tuple.count,
                        depth);
    case TYPE_FUNCTION:
        hash = hash_all(h, hash, &type->as.function.param, 1, depth);
        return hash_all(h, hash, &type->as.function.result, 1, depth);
    case TYPE_GENERIC:
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_REFINED:
        return hash;
    }
    UNREACHABLE();
}

static uint64_t hash_inputs(Infer *c, const Wanted *wanted)
{
    InputHash h = {.scratch = c->scratch, .nodes = HASH_NODES};
    uint32_t inputs = record_class_inputs(wanted->class_->records);
    uint64_t hash = (uintptr_t)wanted->class_;
    for (uint32_t i = 0; i < wanted->class_->param_count; i++) {
        if ((inputs >> i & 1) != 0) {
            hash = hash_all(&h, hash, &wanted->args[i], 1, 0);
        }
    }
    return hash;
}

static bool same_inputs(const Wanted *a, const Wanted *b)
{
    uint32_t inputs = record_class_inputs(a->class_->records);
    bool same = a->class_ == b->class_;
    for (uint32_t i = 0; same && i < a->class_->param_count; i++) {
        same = (inputs >> i & 1) == 0 || types_equal(a->args[i], b->args[i]);
    }
    return same;
}

// The inputs decide the rest. Whether something was not yet so, and is now.
static bool unify_rest(Infer *c, const Wanted *a, const Wanted *b)
{
    bool differ = false;
    for (uint32_t i = 0; i < a->class_->param_count; i++) {
        if (!types_equal(a->args[i], b->args[i])) {
            differ = true;
            if (!unify(&c->unifier, a->args[i], b->args[i])) {
                return false;
            }
        }
    }
    return differ;
}

// One of those that are looked through for the inputs of others.
typedef struct Agreed {
    const Wanted *wanted;
    struct Agreed *next; // of the same hash
} Agreed;

void infer_agree(Infer *c, uint32_t from)
{
    PtrMap seen = {0};
    for (uint32_t i = from; i < c->wanted.count; i++) {
        const Wanted *wanted = &c->wanted.items[i];
        if (wanted->class_->records == RECORD_CLASS_NONE) {
            continue;
        }
        void **slot =
            ptr_map_at(&seen, (uintptr_t)hash_inputs(c, wanted) | 1, 0);
        Agreed *agreed = *slot;
        while (agreed != NULL && !same_inputs(agreed->wanted, wanted)) {
            agreed = agreed->next;
        }
        if (agreed != NULL) {
            c->improved |= unify_rest(c, agreed->wanted, wanted);
            continue;
        }
        agreed = arena_alloc(c->scratch, sizeof *agreed);
        *agreed = (Agreed){.wanted = wanted, .next = *slot};
        *slot = agreed;
    }
    ptr_map_release(&seen);
}

Outcome records_solve(Infer *c, const Wanted *origin, const ClassInfo *class_,
                      Type **args, Evidence **slot)
{
    RecordSolver s = {.c = c, .origin = origin, .class_ = class_, .args = args};
    RecordField *fields;
    uint32_t count;
    switch (class_->records) {
    case RECORD_CLASS_KNOWN:
        (void)known_fields(&s, args[0], &fields, &count);
        break;
    case RECORD_CLASS_FIELDS:
        if (known_fields(&s, args[0], &fields, &count)) {
            unify_all(&s, fields, count, args[1]);
        }
        break;
    case RECORD_CLASS_MAPPED:
        solve_mapped(&s);
        break;
    case RECORD_CLASS_MERGED: {
        Type *merged = merge_types(&s, args[0], args[1]);
        unify_result(&s, args[2], merged);
        break;
    }
    case RECORD_CLASS_NONE:
        UNREACHABLE();
    }
    if (s.waits && !s.failed) {
        return classes_defer(c, origin, class_, args, slot);
    }
    *slot = classes_new_evidence(c, EVIDENCE_DERIVED);
    (*slot)->module = class_->module;
    (*slot)->index = class_->index;
    c->improved = true; // the other types are known now
    return s.failed ? OUTCOME_REFUSED : OUTCOME_SOLVED;
}
