// Sharing: what is equal is one node, whatever its hash.
#include "tests/harness.h"
#include "typecheck/module_types.h"
#include "typecheck/type_share.h"

enum { SAME_HASH = 7 };

typedef struct Fixture {
    Arena arena;
    TypeStore store;
    TypeShare share;
} Fixture;

static void setup(Fixture *f)
{
    *f = (Fixture){0};
    arena_init(&f->arena);
    type_store_init(&f->store, &f->arena, 1000000);
}

static void teardown(Fixture *f)
{
    type_share_release(&f->share);
    arena_release(&f->arena);
}

static Type *record(Fixture *f, uint32_t order, Type *type)
{
    RecordField *fields = arena_zalloc(&f->arena, 2 * sizeof *fields);
    fields[0] = (RecordField){.name = 1, .order = order, .type = type};
    fields[1] = (RecordField){.name = 2, .order = 1 - order, .type = type};
    return type_record(&f->store, fields, 2, NULL);
}

static Type *shared(Fixture *f, Type *type, uint64_t hash)
{
    SharedType *entry = type_share_at(&f->share, type, hash);
    if (entry->type == NULL) {
        entry->type = type;
    }
    return entry->type;
}

TEST(equal_nodes_are_one)
{
    Fixture f;
    setup(&f);
    Type *text = type_prim(PRIM_STRING);
    Type *number = type_prim(PRIM_INTEGER);
    Type *a = record(&f, 0, text);
    CHECK(shared(&f, a, SAME_HASH) == a);
    CHECK(shared(&f, record(&f, 0, text), SAME_HASH) == a);
    Type *others[] = {
        record(&f, 1, text), // shown in another order
        record(&f, 0, number),
        type_list(&f.store, text),
        type_list(&f.store, number),
        type_function(&f.store, text, text),
        type_function(&f.store, text, number),
        record(&f, 0, a),
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK(shared(&f, others[i], SAME_HASH) == others[i]);
    }
    CHECK(shared(&f, type_list(&f.store, number), SAME_HASH) == others[3]);
    CHECK_EQ_INT(f.share.count, 8);
    teardown(&f);
}

// for all a b. a -> item
static Scheme *scheme(Fixture *f, uint32_t item, const ClassInfo *class_)
{
    Generaliser generaliser;
    generaliser_init(&generaliser, &f->store, 0);
    Type *vars[] = {type_var(&f->store, 1, 0), type_var(&f->store, 1, 0)};
    Type *type = generalise_type(&generaliser,
                                 type_function(&f->store, vars[0], vars[item]));
    SchemeConstraint *constraint = arena_zalloc(&f->arena, sizeof *constraint);
    constraint->class_ = class_;
    constraint->args = arena_alloc(&f->arena, sizeof(Type *));
    constraint->args[0] = generalise_type(&generaliser, vars[0]);
    Scheme *result =
        generaliser_scheme(&generaliser, type, constraint, class_ != NULL);
    generaliser_release(&generaliser);
    return result;
}

static const Scheme *shared_scheme(Fixture *f, const Scheme *made)
{
    SharedType *entry = type_share_scheme_at(&f->share, made, SAME_HASH);
    if (entry->type == NULL) {
        entry->type = made->type;
        entry->scheme = made;
    }
    return entry->scheme;
}

TEST(schemes_differ_by_variables_and_constraints)
{
    Fixture f;
    setup(&f);
    ClassInfo num = {.param_count = 1};
    ClassInfo ord = {.param_count = 1};
    const Scheme *made[] = {scheme(&f, 0, NULL), scheme(&f, 1, NULL),
                            scheme(&f, 0, &num), scheme(&f, 0, &ord)};
    for (int i = 0; i < 4; i++) {
        CHECK(shared_scheme(&f, made[i]) == made[i]);
    }
    CHECK(shared_scheme(&f, scheme(&f, 0, NULL)) == made[0]);
    CHECK(shared_scheme(&f, scheme(&f, 1, NULL)) == made[1]);
    CHECK(shared_scheme(&f, scheme(&f, 0, &num)) == made[2]);
    CHECK(shared_scheme(&f, scheme(&f, 0, &ord)) == made[3]);
    teardown(&f);
}

TEST(many_are_found_again)
{
    enum { COUNT = 1000 };
    Fixture f;
    setup(&f);
    Type *made[COUNT];
    Type *inner = type_prim(PRIM_FLOAT);
    for (uint32_t i = 0; i < COUNT; i++) {
        made[i] = inner = type_list(&f.store, inner);
        CHECK(shared(&f, made[i], type_share_mix(0, i)) == made[i]);
    }
    inner = type_prim(PRIM_FLOAT);
    for (uint32_t i = 0; i < COUNT; i++) {
        Type *again = type_list(&f.store, inner);
        inner = shared(&f, again, type_share_mix(0, i));
        CHECK(inner == made[i]);
    }
    CHECK_EQ_INT(f.share.count, COUNT);
    teardown(&f);
}

TEST_MAIN(RUN(equal_nodes_are_one),
          RUN(schemes_differ_by_variables_and_constraints),
          RUN(many_are_found_again))
