// Outlines: what is found is what generalising would make, and counts as much.
#include "tests/harness.h"
#include "typecheck/module_types.h"
#include "typecheck/outline.h"

enum { TYPES = 300, VARS = 3, ROWS = 2, LEVEL = 1 };

typedef struct Fixture {
    Arena arena;
    TypeStore store;
    uint64_t random;
    Type *vars[VARS];
    Type *rows[ROWS];
    ClassInfo classes[2];
} Fixture;

static uint32_t pick(Fixture *f, uint32_t count)
{
    f->random = f->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(f->random >> 33) % count;
}

static Type *type(Fixture *f, uint32_t depth);

static Type *record(Fixture *f, uint32_t depth)
{
    uint32_t count = 1 + pick(f, 3);
    uint32_t turn = pick(f, 2);
    RecordField *fields = arena_zalloc(&f->arena, count * sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i].name = 1 + i;
        fields[i].order = turn != 0 ? count - 1 - i : i;
        fields[i].type = type(f, depth + 1);
    }
    Type *tail = NULL;
    if (pick(f, 3) == 0) {
        tail = f->rows[pick(f, ROWS)];
    } else if (pick(f, 3) == 0) { // a chain
        RecordField *rest = arena_zalloc(&f->arena, sizeof *rest);
        *rest = (RecordField){.name = 9, .type = type(f, depth + 1)};
        tail = type_record(&f->store, rest, 1, f->rows[pick(f, ROWS)]);
    }
    return type_record(&f->store, fields, count, tail);
}

static Type *type(Fixture *f, uint32_t depth)
{
    switch (pick(f, depth < 3 ? 9 : 4)) {
    case 0:
        return type_prim(PRIM_INTEGER);
    case 1:
        return type_prim(PRIM_STRING);
    case 2:
    case 3:
        return f->vars[pick(f, VARS)];
    case 4:
        return type_list(&f->store, type(f, depth + 1));
    case 5: {
        Type **items = arena_alloc(&f->arena, 2 * sizeof *items);
        items[0] = type(f, depth + 1);
        items[1] = type(f, depth + 1);
        return type_tuple(&f->store, items, 2);
    }
    case 6:
    case 7: {
        Type *param = type(f, depth + 1);
        return type_function(&f->store, param, type(f, depth + 1));
    }
    default:
        return record(f, depth);
    }
}

static void setup(Fixture *f)
{
    *f = (Fixture){.random = 42};
    arena_init(&f->arena);
    type_store_init(&f->store, &f->arena, 1000000);
    for (int i = 0; i < VARS; i++) {
        f->vars[i] = type_var(&f->store, LEVEL + 1, 0);
    }
    for (int i = 0; i < ROWS; i++) {
        f->rows[i] = type_var(&f->store, LEVEL + 1, TYPE_IS_ROW);
    }
    f->classes[0].param_count = f->classes[1].param_count = 1;
}

typedef struct Made {
    Type *type;
    SchemeConstraint constraint; // on a type of the place
    uint32_t constraint_count;
    Scheme *scheme;
    uint64_t nodes;
    bool has_outline;
} Made;

static Made make(Fixture *f)
{
    Made made = {.type = type(f, 0)};
    Outline outline;
    made.has_outline = outline_type(&outline, &f->arena, LEVEL, made.type);
    made.constraint.class_ = &f->classes[pick(f, 2)];
    made.constraint.args = &f->vars[pick(f, VARS)];
    made.constraint_count = made.has_outline && pick(f, 2) == 0 &&
                            outline_binds(&outline, made.constraint.args[0]);
    uint64_t before = f->store.node_count;
    Generaliser generaliser;
    generaliser_init(&generaliser, &f->store, LEVEL);
    Type *copy = generalise_type(&generaliser, made.type);
    made.nodes = f->store.node_count - before;
    SchemeConstraint *constraint =
        arena_copy(&f->arena, &made.constraint, sizeof *constraint);
    constraint->args = arena_alloc(&f->arena, sizeof(Type *));
    constraint->args[0] =
        made.constraint_count > 0
            ? generalise_type(&generaliser, made.constraint.args[0])
            : NULL;
    made.scheme = generaliser_scheme(&generaliser, copy, constraint,
                                     made.constraint_count);
    generaliser_release(&generaliser);
    return made;
}

// As if the scheme had the hash of the outline.
static bool finds(Fixture *f, const Made *made, const Scheme *scheme)
{
    TypeShare share = {0};
    Outline o;
    CHECK(outline_type(&o, &f->arena, LEVEL, made->type));
    CHECK_EQ_INT(o.made, made->nodes);
    CHECK_EQ_INT(o.generic_count, made->scheme->generic_count);
    uint64_t hash = type_share_scheme(o.hash, o.count, o.root);
    for (uint32_t i = 0; i < made->constraint_count; i++) {
        hash = type_share_mix(hash, (uintptr_t)made->constraint.class_);
        uint32_t number = made->scheme->constraints[0].args[0]->mark;
        hash = type_share_mix(hash, type_share_number(number));
    }
    SharedType *slot = type_share_scheme_at(&share, scheme, hash);
    slot->type = scheme->type;
    slot->scheme = scheme;
    const Scheme *found =
        outline_find(&o, &share, &made->constraint, made->constraint_count);
    CHECK(found == NULL || found == scheme);
    type_share_release(&share);
    return found != NULL;
}

static bool same(const Scheme *a, const Scheme *b)
{
    TypeShare share = {0};
    SharedType *slot = type_share_scheme_at(&share, a, 7);
    slot->type = a->type;
    slot->scheme = a;
    bool result = type_share_scheme_at(&share, b, 7)->scheme == a;
    type_share_release(&share);
    return result;
}

TEST(finds_what_would_be_made)
{
    Fixture f;
    setup(&f);
    static Made made[TYPES];
    uint32_t outlined = 0;
    uint32_t equal = 0;
    for (uint32_t i = 0; i < TYPES; i++) {
        made[i] = make(&f);
        outlined += made[i].has_outline;
    }
    for (uint32_t i = 0; i < TYPES; i++) {
        for (uint32_t k = 0; made[i].has_outline && k < TYPES; k++) {
            bool expected = made[i].scheme->node_count > 0 &&
                            same(made[i].scheme, made[k].scheme);
            CHECK_EQ_INT(finds(&f, &made[i], made[k].scheme), expected);
            equal += expected && i != k;
        }
    }
    CHECK(outlined > TYPES / 2); // and so it says something
    CHECK(equal > TYPES / 10);
    arena_release(&f.arena);
}

TEST(what_is_never_shared_has_none)
{
    Fixture f;
    setup(&f);
    Outline o;
    Type *outer = type_var(&f.store, LEVEL, 0);
    Type *deep = f.vars[0];
    Type *wide = f.vars[0];
    for (int i = 0; i <= OUTLINE_DEPTH; i++) {
        deep = type_list(&f.store, deep);
    }
    for (int i = 0; i <= OUTLINE_PARAMS; i++) {
        wide = type_function(&f.store, f.vars[0], wide);
    }
    // By its flags it has a variable.
    Type *bound = type_var(&f.store, LEVEL + 1, 0);
    Type *list = type_list(&f.store, bound);
    bound->link = type_prim(PRIM_INTEGER);
    Type *types[] = {outer,
                     type_function(&f.store, f.vars[0], outer),
                     deep,
                     wide,
                     list,
                     type_function(&f.store, f.vars[0], list),
                     type_function(&f.store, f.vars[0], type_error())};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        CHECK(!outline_type(&o, &f.arena, LEVEL, types[i]));
    }
    CHECK(outline_type(&o, &f.arena, LEVEL, f.vars[0]));
    CHECK(outline_binds(&o, f.vars[0]) && !outline_binds(&o, f.vars[1]));
    arena_release(&f.arena);
}

TEST_MAIN(RUN(finds_what_would_be_made), RUN(what_is_never_shared_has_none))
