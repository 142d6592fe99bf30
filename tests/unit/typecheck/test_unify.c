// Unification by itself: rows, sharing, levels, failures.
#include "tests/harness.h"
#include "typecheck/instance.h"
#include "typecheck/unify.h"

typedef struct Fixture {
    Arena arena;
    TypeStore store;
    Unifier unifier;
} Fixture;

static bool any_literal(void *ctx, Type *type)
{
    (void)ctx;
    return type_is_prim(type, PRIM_INTEGER) || type_is_prim(type, PRIM_FLOAT);
}

static void setup(Fixture *f)
{
    *f = (Fixture){0};
    arena_init(&f->arena);
    type_store_init(&f->store, &f->arena, 1000000);
    f->unifier = (Unifier){
        .store = &f->store, .scratch = &f->arena, .literal_fits = any_literal};
}

static void teardown(Fixture *f)
{
    unifier_release(&f->unifier);
    arena_release(&f->arena);
}

static Type *record1(Fixture *f, Symbol name, Type *type, Type *tail)
{
    RecordField *field = arena_zalloc(&f->arena, sizeof *field);
    field->name = name;
    field->type = type;
    return type_record(&f->store, field, 1, tail);
}

static Type *row(Fixture *f)
{
    return type_var(&f->store, 1, TYPE_IS_ROW);
}

TEST(open_records_take_fields_of_each_other)
{
    Fixture f;
    setup(&f);
    Type *a = record1(&f, 1, type_prim(PRIM_STRING), row(&f));
    Type *b = record1(&f, 2, type_prim(PRIM_INTEGER), row(&f));
    CHECK(unify(&f.unifier, a, b));
    CHECK(types_equal(a, b));
    uint32_t count;
    Type *tail;
    type_record_fields(a, &f.arena, &count, &tail);
    CHECK_EQ_INT(count, 2);
    CHECK(tail != NULL && tail->kind == TYPE_VAR);
    Type *closed = record1(&f, 1, type_prim(PRIM_STRING), NULL);
    CHECK(!unify(&f.unifier, closed, a));
    CHECK_EQ_INT(f.unifier.failure, UNIFY_FIELDS);
    teardown(&f);
}

TEST(a_row_does_not_contain_itself)
{
    Fixture f;
    setup(&f);
    Type *rest = row(&f);
    Type *a = record1(&f, 1, type_prim(PRIM_STRING), rest);
    Type *b = record1(&f, 2, type_prim(PRIM_STRING), rest);
    CHECK(!unify(&f.unifier, a, b));
    Type *var = type_var(&f.store, 1, 0);
    CHECK(!unify(&f.unifier, var, type_list(&f.store, var)));
    CHECK_EQ_INT(f.unifier.failure, UNIFY_ENDLESS);
    teardown(&f);
}

TEST(skolems_stay_apart_and_inside)
{
    Fixture f;
    setup(&f);
    Type *a = type_skolem(&f.store, 2, 1, 0);
    Type *b = type_skolem(&f.store, 2, 2, 0);
    CHECK(unify(&f.unifier, a, a));
    CHECK(!unify(&f.unifier, a, b));
    CHECK_EQ_INT(f.unifier.failure, UNIFY_RIGID);
    Type *outer = type_var(&f.store, 1, 0);
    CHECK(!unify(&f.unifier, outer, type_list(&f.store, a)));
    CHECK_EQ_INT(f.unifier.failure, UNIFY_ESCAPE);
    teardown(&f);
}

TEST(literals_become_numbers_only)
{
    Fixture f;
    setup(&f);
    Type *a = type_var(&f.store, 1, TYPE_IS_LITERAL);
    Type *b = type_var(&f.store, 1, 0);
    CHECK(unify(&f.unifier, a, b));
    CHECK(!unify(&f.unifier, b, type_prim(PRIM_STRING)));
    CHECK_EQ_INT(f.unifier.failure, UNIFY_LITERAL);
    CHECK(unify(&f.unifier, b, type_prim(PRIM_FLOAT)));
    CHECK(type_is_prim(type_resolve(a), PRIM_FLOAT));
    teardown(&f);
}

static Type *doubled(Fixture *f, Type *leaf, int times)
{
    for (int i = 0; i < times; i++) {
        Type **items = arena_array(&f->arena, 2, sizeof *items);
        items[0] = items[1] = leaf;
        leaf = type_tuple(&f->store, items, 2);
    }
    return leaf;
}

TEST(shared_graphs_cost_their_size)
{
    Fixture f;
    setup(&f);
    Type *a = doubled(&f, type_var(&f.store, 1, 0), 60);
    Type *b = doubled(&f, type_prim(PRIM_STRING), 60);
    CHECK(unify(&f.unifier, a, b));
    CHECK(types_equal(a, b));
    Generaliser generaliser;
    generaliser_init(&generaliser, &f.store, 0);
    Type *open = doubled(&f, type_var(&f.store, 1, 0), 60);
    Type *type = generalise_type(&generaliser, open);
    Scheme *scheme = generaliser_scheme(&generaliser, type, NULL, 0);
    generaliser_release(&generaliser);
    CHECK_EQ_INT(scheme->generic_count, 1);
    CHECK_EQ_INT(scheme->node_count, 61);
    Instance instance;
    instance_open(&instance, scheme, &f.store, &f.arena, 1);
    CHECK(unify(&f.unifier, instance_type(&instance, type), b));
    teardown(&f);
}

TEST(failures_leave_large_types_as_they_were)
{
    Fixture f;
    setup(&f);
    Type *a = type_var(&f.store, 1, 0);
    Type *left = type_prim(PRIM_STRING);
    Type *right = type_prim(PRIM_INTEGER);
    for (int i = 0; i < 300; i++) {
        left = type_function(&f.store, a, left);
        right = type_function(&f.store, a, right);
    }
    CHECK(!unify(&f.unifier, left, right));
    CHECK(!types_equal(left, right));
    teardown(&f);
}

// `count` parameters `param` before `result`; the type after the first one is
// *out_rest.
static Type *long_function(Fixture *f, Type *param, Type *result, int count,
                           Type **out_rest)
{
    for (int i = 0; i < count; i++) {
        *out_rest = result;
        result = type_function(&f->store, param, result);
    }
    return result;
}

// Both are so long that nodes are linked on the way to where it shows.
TEST(long_types_do_not_contain_themselves)
{
    Type *const ends[] = {type_error(), type_prim(PRIM_STRING), NULL};
    for (int i = 0; i < 3; i++) {
        Fixture f;
        setup(&f);
        Type *a = type_var(&f.store, 1, 0);
        Type *end = ends[i] != NULL ? ends[i] : type_var(&f.store, 1, 0);
        Type *rest;
        Type *whole = long_function(&f, a, end, 1000, &rest);
        CHECK(!unify(&f.unifier, whole, rest));
        CHECK(i == 1 || f.unifier.failure == UNIFY_ENDLESS);
        // Whoever walks over them comes to an end.
        uint32_t steps = 0;
        for (Type *at = type_resolve(whole);
             at->kind == TYPE_FUNCTION && steps < 3000; steps++) {
            at = type_resolve(at->as.function.result);
        }
        CHECK(steps < 3000);
        unify_lower(&f.unifier, whole, 0);
        teardown(&f);
    }
}

// The links hide the variable from the type that it is bound to.
TEST(variables_are_bound_to_no_type_with_them)
{
    Fixture f;
    setup(&f);
    Type *a = type_var(&f.store, 1, 0);
    Type *b = type_var(&f.store, 1, 0);
    Type *c = type_var(&f.store, 1, 0);
    Type *rest;
    Type *left = long_function(&f, a, b, 1000, &rest);
    Type *pair[2] = {left, c};
    Type *other[2] = {rest, left};
    CHECK(!unify(&f.unifier, type_tuple(&f.store, pair, 2),
                 type_tuple(&f.store, other, 2)));
    for (int i = 0; i < 2; i++) {
        uint32_t steps = 0;
        for (Type *at = type_resolve(pair[i]);
             at->kind == TYPE_FUNCTION && steps < 3000; steps++) {
            at = type_resolve(at->as.function.result);
        }
        CHECK(steps < 3000);
    }
    teardown(&f);
}

TEST_MAIN(RUN(open_records_take_fields_of_each_other),
          RUN(a_row_does_not_contain_itself),
          RUN(skolems_stay_apart_and_inside), RUN(literals_become_numbers_only),
          RUN(shared_graphs_cost_their_size),
          RUN(failures_leave_large_types_as_they_were),
          RUN(long_types_do_not_contain_themselves),
          RUN(variables_are_bound_to_no_type_with_them))
