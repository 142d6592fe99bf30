// Types as text: names, brackets, records, cuts, differences.
#include "tests/harness.h"
#include "typecheck/type_print.h"

typedef struct Fixture {
    Program program;
    Module module, other;
    Module *modules[2];
    TypeEntry types[2];
    ClassEntry classes[2];
    Arena arena;
    TypeStore store;
} Fixture;

static Symbol sym(Fixture *f, const char *text)
{
    return intern(f->program.interner, str_from_c(text));
}

static void setup(Fixture *f)
{
    *f = (Fixture){.program = {.interner = symbols_new()}};
    arena_init(&f->arena);
    type_store_init(&f->store, &f->arena, 1000000);
    f->modules[0] = &f->module;
    f->modules[1] = &f->other;
    f->program.modules = f->modules;
    f->program.module_count = 2;
    f->types[0].name = sym(f, "Shape");
    f->types[1].name = sym(f, "Option");
    f->classes[0].name = sym(f, "Num");
    f->classes[1].name = sym(f, "Eq");
    f->module.types = f->types;
    f->module.type_count = 2;
    f->module.classes = f->classes;
    f->module.name = STR("main");
    f->other = f->module;
    f->other.name = STR("lib");
}

static void teardown(Fixture *f)
{
    arena_release(&f->arena);
    interner_free(f->program.interner);
}

static Type *shape(Fixture *f, uint32_t module)
{
    return type_con(&f->store, module, 0, NULL, 0);
}

static Type *option(Fixture *f, Type *item)
{
    Type **args = arena_array(&f->arena, 1, sizeof *args);
    args[0] = item;
    return type_con(&f->store, 0, 1, args, 1);
}

static Type *pair(Fixture *f, Type *a, Type *b)
{
    Type **items = arena_array(&f->arena, 2, sizeof *items);
    items[0] = a;
    items[1] = b;
    return type_tuple(&f->store, items, 2);
}

static Type *of_four(Fixture *f, Type *item)
{
    Type **args = arena_array(&f->arena, 4, sizeof *args);
    for (int i = 0; i < 4; i++) {
        args[i] = item;
    }
    return type_con(&f->store, 0, 0, args, 4);
}

// {a: A, b: B}; b may be NULL.
static Type *record(Fixture *f, const char *a, Type *a_type, const char *b,
                    Type *b_type, Type *tail)
{
    RecordField *fields = arena_zalloc(&f->arena, 2 * sizeof *fields);
    fields[0] = (RecordField){.name = sym(f, a), .order = 0, .type = a_type};
    if (b != NULL) {
        fields[1] =
            (RecordField){.name = sym(f, b), .order = 1, .type = b_type};
    }
    return type_record(&f->store, fields, b != NULL ? 2 : 1, tail);
}

#define PRINTED(type, text)                                                    \
    CHECK_EQ_STR(type_print(&f.program, NULL, (type), &f.arena), STR(text))

TEST(brackets)
{
    Fixture f;
    setup(&f);
    Type *i = type_prim(PRIM_INTEGER);
    Type *s = type_prim(PRIM_STRING);
    Type *fn = type_function(&f.store, i, s);
    PRINTED(type_function(&f.store, fn, fn),
            "(Integer -> String) -> Integer -> String");
    PRINTED(type_list(&f.store, fn), "List (Integer -> String)");
    PRINTED(type_list(&f.store, type_list(&f.store, i)), "List (List Integer)");
    PRINTED(option(&f, shape(&f, 0)), "Option Shape");
    PRINTED(pair(&f, fn, i), "(Integer -> String, Integer)");
    teardown(&f);
}

TEST(variables_by_appearance)
{
    Fixture f;
    setup(&f);
    Type *x = type_var(&f.store, 1, 0);
    Type *y = type_var(&f.store, 1, 0);
    PRINTED(type_function(&f.store, y, type_function(&f.store, x, y)),
            "a -> b -> a");
    // A name that the user wrote is not given to another variable.
    Type *written = type_skolem(&f.store, 1, sym(&f, "a"), 0);
    PRINTED(type_function(&f.store, x, written), "b -> a");
    Type *literal = type_var(&f.store, 1, TYPE_IS_LITERAL);
    PRINTED(literal, "Integer");
    Type *g = type_generic(&f.store, 7, 0);
    PRINTED(pair(&f, g, g), "(a, a)");
    teardown(&f);
}

TEST(records)
{
    Fixture f;
    setup(&f);
    Type *i = type_prim(PRIM_INTEGER);
    Type *row = type_var(&f.store, 1, TYPE_IS_ROW);
    PRINTED(record(&f, "zeta", i, "alpha", i, NULL),
            "{ zeta: Integer, alpha: Integer }");
    PRINTED(type_record(&f.store, NULL, 0, NULL), "{}");
    PRINTED(type_record(&f.store, NULL, 0, row), "{ .. }");
    Type *open = record(&f, "my key", i, NULL, NULL, row);
    PRINTED(open, "{ \"my key\": Integer, .. }");
    PRINTED(type_function(&f.store, open, open),
            "{ \"my key\": Integer, ..a } -> { \"my key\": Integer, ..a }");
    teardown(&f);
}

TEST(schemes)
{
    Fixture f;
    setup(&f);
    Type *g = type_generic(&f.store, 0, 0);
    Type *h = type_generic(&f.store, 1, 0);
    PrintedConstraint some[] = {{0, 0, &h, 1}, {0, 1, &g, 1}, {0, 1, &g, 1}};
    Type *fn = type_function(&f.store, g, h);
    CHECK_EQ_STR(
        type_print_scheme(&f.program, NULL, fn, some, 1, 4096, &f.arena),
        STR("Num b => a -> b"));
    CHECK_EQ_STR(
        type_print_scheme(&f.program, NULL, fn, some, 3, 4096, &f.arena),
        STR("(Eq a, Num b) => a -> b"));
    CHECK_EQ_STR(
        type_print_constraint(
            &f.program, NULL,
            &(PrintedConstraint){0, 1, (Type *[]){type_list(&f.store, g)}, 1},
            &f.arena),
        STR("Eq (List a)"));
    teardown(&f);
}

TEST(shared_graphs_are_cut)
{
    Fixture f;
    setup(&f);
    Type *a = type_prim(PRIM_INTEGER);
    Type *b = type_prim(PRIM_INTEGER);
    for (int i = 0; i < 60; i++) {
        a = pair(&f, a, a);
        b = pair(&f, b, b);
    }
    Str text = type_print(&f.program, NULL, a, &f.arena);
    CHECK(text.len > 100 && text.len <= TYPE_PRINT_MAX_BYTES);
    CHECK(utf8_validate(text) == text.len);
    // Equal but for their addresses: compared by nodes, not by paths.
    TypeDifference same = type_difference(&f.program, NULL, a, b, &f.arena);
    CHECK(same.expected.len <= TYPE_PRINT_MAX_BYTES);
    Type *left = pair(&f, a, type_prim(PRIM_STRING));
    Type *right = pair(&f, b, type_prim(PRIM_FLOAT));
    TypeDifference diff =
        type_difference(&f.program, NULL, left, right, &f.arena);
    CHECK_EQ_STR(diff.expected, STR("(…, String)"));
    CHECK_EQ_STR(diff.found, STR("(…, Float)"));
    CHECK_EQ_STR(diff.path, STR(".1"));
    teardown(&f);
}

TEST(differences_everywhere_are_cut)
{
    Fixture f;
    setup(&f);
    Type *a = type_prim(PRIM_INTEGER);
    Type *b = type_prim(PRIM_STRING);
    Type *c = a;
    Type *d = b;
    for (int i = 0; i < 20; i++) {
        a = record(&f, "x", a, "y", a, NULL);
        b = record(&f, "x", b, "y", b, NULL);
        c = of_four(&f, c);
        d = of_four(&f, d);
    }
    TypeDifference diff = type_difference(&f.program, NULL, a, b, &f.arena);
    CHECK(diff.expected.len <= TYPE_PRINT_MAX_BYTES);
    CHECK(diff.found.len <= TYPE_PRINT_MAX_BYTES);
    CHECK(str_starts_with(diff.path, STR(".x.x.x")));
    diff = type_difference(&f.program, NULL, c, d, &f.arena);
    CHECK(diff.expected.len <= TYPE_PRINT_MAX_BYTES);
    CHECK(diff.found.len <= TYPE_PRINT_MAX_BYTES);
    teardown(&f);
}

TEST(only_the_difference_stands_out)
{
    Fixture f;
    setup(&f);
    Type *i = type_prim(PRIM_INTEGER);
    Type *s = type_prim(PRIM_STRING);
    Type *left = record(
        &f, "name", s, "services",
        type_list(&f.store, record(&f, "host", s, "port", i, NULL)), NULL);
    Type *right = record(
        &f, "name", s, "services",
        type_list(&f.store, record(&f, "host", s, "port", s, NULL)), NULL);
    TypeDifference diff =
        type_difference(&f.program, NULL, left, right, &f.arena);
    CHECK_EQ_STR(diff.expected,
                 STR("{ …, services: List { …, port: Integer } }"));
    CHECK_EQ_STR(diff.found, STR("{ …, services: List { …, port: String } }"));
    CHECK_EQ_STR(diff.path, STR(".services[].port"));
    CHECK_EQ_STR(diff.missing, STR(""));
    teardown(&f);
}

TEST(missing_and_extra_fields)
{
    Fixture f;
    setup(&f);
    Type *i = type_prim(PRIM_INTEGER);
    Type *left = record(&f, "host", i, "port", i, NULL);
    Type *right = record(&f, "host", i, "prot", i, NULL);
    TypeDifference diff =
        type_difference(&f.program, NULL, left, right, &f.arena);
    CHECK_EQ_STR(diff.expected, STR("{ …, port: Integer }"));
    CHECK_EQ_STR(diff.found, STR("{ …, prot: Integer }"));
    CHECK_EQ_STR(diff.missing, STR("'port'"));
    CHECK_EQ_STR(diff.extra, STR("'prot'"));
    // An open record lacks nothing.
    Type *row = type_var(&f.store, 1, TYPE_IS_ROW);
    Type *open = record(&f, "port", i, NULL, NULL, row);
    diff = type_difference(&f.program, NULL, open, right, &f.arena);
    CHECK_EQ_STR(diff.missing, STR("'port'"));
    CHECK_EQ_STR(diff.extra, STR(""));
    teardown(&f);
}

TEST(variables_do_not_differ)
{
    Fixture f;
    setup(&f);
    Type *x = type_var(&f.store, 1, 0);
    Type *i = type_prim(PRIM_INTEGER);
    Type *s = type_prim(PRIM_STRING);
    TypeDifference diff =
        type_difference(&f.program, NULL, type_function(&f.store, i, s),
                        type_function(&f.store, x, i), &f.arena);
    CHECK_EQ_STR(diff.expected, STR("… -> String"));
    CHECK_EQ_STR(diff.found, STR("… -> Integer"));
    // Two types of one name say where they come from.
    diff =
        type_difference(&f.program, NULL, shape(&f, 0), shape(&f, 1), &f.arena);
    CHECK_EQ_STR(diff.expected, STR("main.Shape"));
    CHECK_EQ_STR(diff.found, STR("lib.Shape"));
    teardown(&f);
}

TEST(wide_records_are_bounded)
{
    Fixture f;
    setup(&f);
    enum { WIDTH = 20000 };
    RecordField *a = arena_zalloc(&f.arena, WIDTH * sizeof *a);
    RecordField *b = arena_zalloc(&f.arena, WIDTH * sizeof *b);
    for (uint32_t i = 0; i < WIDTH; i++) {
        char name[32];
        snprintf(name, sizeof name, "field%u", i);
        a[i] = (RecordField){.name = sym(&f, name), .order = i};
        b[i] = a[i];
        a[i].type = type_prim(PRIM_INTEGER);
        b[i].type = type_prim(PRIM_STRING);
    }
    Type *left = type_record(&f.store, a, WIDTH, NULL);
    Type *right = type_record(&f.store, b, WIDTH, NULL);
    CHECK(type_print(&f.program, NULL, left, &f.arena).len <=
          TYPE_PRINT_MAX_BYTES);
    TypeDifference diff =
        type_difference(&f.program, NULL, left, right, &f.arena);
    CHECK_EQ_STR(diff.path, STR(".field0"));
    CHECK_EQ_STR(diff.found, STR("{ field0: String, field1: String, "
                                 "field2: String, … }"));
    teardown(&f);
}

TEST_MAIN(RUN(brackets), RUN(variables_by_appearance), RUN(records),
          RUN(schemes), RUN(shared_graphs_are_cut),
          RUN(differences_everywhere_are_cut),
          RUN(only_the_difference_stands_out), RUN(missing_and_extra_fields),
          RUN(variables_do_not_differ), RUN(wide_records_are_bounded))
