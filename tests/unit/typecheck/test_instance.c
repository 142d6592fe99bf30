// Instances of schemes: what matching settles, what it leaves, and what is
// made on demand.
#include "tests/harness.h"
#include "typecheck/instance.h"
#include "typecheck/unify.h"

typedef struct Fixture {
    Arena arena;
    TypeStore store;
    Instance instance;
} Fixture;

static void setup(Fixture *f)
{
    arena_init(&f->arena);
    type_store_init(&f->store, &f->arena, 1000000);
}

static Type *record(Fixture *f, uint32_t count, Symbol first,
                    Type *const *types, Type *tail)
{
    RecordField *fields = arena_zalloc(&f->arena, count * sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] =
            (RecordField){.name = first + i, .order = i, .type = types[i]};
    }
    return type_record(&f->store, fields, count, tail);
}

static Type *var(Fixture *f)
{
    return type_var(&f->store, 2, 0);
}

static Type *row(Fixture *f)
{
    return type_var(&f->store, 2, TYPE_IS_ROW);
}

// The scheme of `type`, all of whose variables are bound, in use at level 2.
static const Scheme *open(Fixture *f, Type *type)
{
    Generaliser generaliser;
    generaliser_init(&generaliser, &f->store, 1);
    Type *copy = generalise_type(&generaliser, type);
    const Scheme *scheme = generaliser_scheme(&generaliser, copy, NULL, 0);
    generaliser_release(&generaliser);
    instance_open(&f->instance, scheme, &f->store, &f->arena, 2);
    return scheme;
}

TEST(matching_needs_no_variables)
{
    Fixture f;
    setup(&f);
    Type *a = var(&f);
    const Scheme *scheme =
        open(&f, type_function(&f.store, record(&f, 1, 5, &a, row(&f)), a));
    Type *param = scheme->type->as.function.param;
    Type *result = scheme->type->as.function.result;
    Type *types[3] = {type_prim(PRIM_STRING), type_prim(PRIM_INTEGER),
                      type_prim(PRIM_BOOLEAN)};
    Type *given = record(&f, 3, 4, types, NULL);
    uint64_t nodes = f.store.node_count;
    CHECK(instance_known(&f.instance, result) == NULL);
    CHECK(instance_match(&f.instance, param, given));
    CHECK(instance_known(&f.instance, result) == types[1]);
    CHECK(instance_type(&f.instance, result) == types[1]);
    CHECK(f.store.node_count == nodes);
    // Whoever asks for the rest of the record gets it.
    Type *made = instance_type(&f.instance, param);
    Type *rest = made->as.record.tail;
    CHECK_EQ_INT(rest->kind, TYPE_RECORD);
    CHECK_EQ_INT(rest->as.record.count, 2);
    CHECK_EQ_INT(rest->as.record.fields[0].name, 4);
    CHECK_EQ_INT(rest->as.record.fields[1].name, 6);
    CHECK(types_equal(made, given));
    arena_release(&f.arena);
}

TEST(a_match_that_fails_changes_nothing)
{
    Fixture f;
    setup(&f);
    Type *a = var(&f);
    Type *two[2] = {a, a};
    const Scheme *scheme =
        open(&f, type_function(&f.store, record(&f, 2, 5, two, row(&f)), a));
    Type *param = scheme->type->as.function.param;
    Type *result = scheme->type->as.function.result;
    Type *differ[2] = {type_prim(PRIM_STRING), type_prim(PRIM_INTEGER)};
    Type *same[2] = {type_prim(PRIM_INTEGER), type_prim(PRIM_INTEGER)};
    CHECK(!instance_match(&f.instance, param, record(&f, 2, 5, differ, NULL)));
    CHECK(instance_known(&f.instance, result) == NULL);
    CHECK(!instance_match(&f.instance, param, record(&f, 1, 5, same, NULL)));
    CHECK(!instance_match(&f.instance, param, type_prim(PRIM_INTEGER)));
    CHECK(instance_known(&f.instance, result) == NULL);
    CHECK(instance_match(&f.instance, param, record(&f, 2, 5, same, NULL)));
    CHECK(instance_known(&f.instance, result) == same[0]);
    arena_release(&f.arena);
}

TEST(closed_records_take_no_more)
{
    Fixture f;
    setup(&f);
    Type *a = var(&f);
    const Scheme *scheme =
        open(&f, type_function(&f.store, record(&f, 1, 5, &a, NULL), a));
    Type *param = scheme->type->as.function.param;
    Type *types[2] = {type_prim(PRIM_STRING), type_prim(PRIM_STRING)};
    CHECK(!instance_match(&f.instance, param, record(&f, 2, 5, types, NULL)));
    CHECK(
        !instance_match(&f.instance, param, record(&f, 1, 5, types, row(&f))));
    CHECK(instance_match(&f.instance, param, record(&f, 1, 5, types, NULL)));
    arena_release(&f.arena);
}

TEST(variables_are_taken_but_not_bound)
{
    Fixture f;
    setup(&f);
    Type *a = var(&f);
    const Scheme *scheme =
        open(&f, type_function(&f.store, a, type_list(&f.store, a)));
    Type *param = scheme->type->as.function.param;
    Type *deep = type_var(&f.store, 7, 0);
    CHECK(instance_match(&f.instance, param, deep));
    CHECK(instance_known(&f.instance, param) == deep);
    CHECK_EQ_INT(deep->as.var.level, 2);
    // It would have to become a String; and a list has no such element yet.
    CHECK(!instance_match(&f.instance, param, type_prim(PRIM_STRING)));
    CHECK(!instance_match(&f.instance, scheme->type->as.function.result, deep));
    CHECK(deep->link == NULL);
    Type *list = instance_type(&f.instance, scheme->type->as.function.result);
    CHECK(list->as.con.args[0] == deep);
    arena_release(&f.arena);
}

TEST(unsettled_types_are_left_to_unification)
{
    Fixture f;
    setup(&f);
    Type *a = var(&f);
    const Scheme *scheme =
        open(&f, type_function(&f.store, a, type_prim(PRIM_UNIT)));
    Type *param = scheme->type->as.function.param;
    CHECK(!instance_match(&f.instance, param, type_list(&f.store, var(&f))));
    CHECK(!instance_match(&f.instance, param,
                          type_skolem(&f.store, 9, SYM_X, 0)));
    CHECK(instance_known(&f.instance, param) == NULL);
    Type *fresh = instance_type(&f.instance, param);
    CHECK_EQ_INT(fresh->kind, TYPE_VAR);
    CHECK(instance_type(&f.instance, param) == fresh);
    arena_release(&f.arena);
}

TEST(long_schemes_are_made_without_recursion)
{
    enum { PARAMS = 100000 };
    Fixture f;
    setup(&f);
    Type *type = type_prim(PRIM_UNIT);
    for (uint32_t i = 0; i < PARAMS; i++) {
        type = type_function(&f.store, var(&f), type);
    }
    const Scheme *scheme = open(&f, type);
    Type *made = instance_type(&f.instance, scheme->type);
    CHECK(!instance_match(&f.instance, scheme->type, made));
    uint32_t count = 0;
    for (; made->kind == TYPE_FUNCTION; count++) {
        made = made->as.function.result;
    }
    CHECK_EQ_INT(count, PARAMS);
    arena_release(&f.arena);
}

TEST_MAIN(RUN(matching_needs_no_variables),
          RUN(a_match_that_fails_changes_nothing),
          RUN(closed_records_take_no_more),
          RUN(variables_are_taken_but_not_bound),
          RUN(unsettled_types_are_left_to_unification),
          RUN(long_schemes_are_made_without_recursion))
