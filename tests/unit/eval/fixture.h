// A heap, shapes and a few constructors for tests of eval/.
#ifndef LIGATURE_TESTS_EVAL_FIXTURE_H
#define LIGATURE_TESTS_EVAL_FIXTURE_H

#include "eval/value.h"
#include "tests/harness.h"

typedef struct Fixture {
    HeapBudget budget;
    Heap heap;
    Interner *interner;
    ShapeTable *shapes;
    CtorInfo some, none, cons, nil;
} Fixture;

static inline void fixture_init(Fixture *f)
{
    heap_budget_init(&f->budget, UINT64_MAX, 1);
    heap_init(&f->heap, &f->budget);
    f->interner = interner_new(NULL, 0);
    f->shapes = shape_table_new(f->interner);
    f->some = (CtorInfo){STR("Some"), 0, 1, CTOR_SOME, 0, NULL};
    f->none = (CtorInfo){STR("None"), 1, 0, CTOR_NONE, 0, NULL};
    f->cons = (CtorInfo){STR("Cons"), 0, 2, CTOR_PLAIN, 0, NULL};
    f->nil = (CtorInfo){STR("Nil"), 1, 0, CTOR_PLAIN, 0, NULL};
}

static inline void fixture_release(Fixture *f)
{
    shape_table_free(f->shapes);
    interner_free(f->interner);
    heap_release(&f->heap);
}

static inline bool value_equal(Value a, Value b)
{
    int order = 1;
    return value_compare_counted(a, b, true, NULL, NULL, &order) && order == 0;
}

static inline Value make_string(Fixture *f, const char *text)
{
    return value_string(&f->heap, str_from_c(text));
}

static inline Value make_list(Fixture *f, uint32_t count, const Value *items)
{
    Value *out;
    Value list = value_list(&f->heap, count, &out);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = items[i];
    }
    return list;
}

static inline Value make_union(Fixture *f, const CtorInfo *ctor,
                               const Value *args)
{
    Value *out;
    Value value = value_union(&f->heap, ctor, &out);
    for (uint32_t i = 0; i < ctor->arity; i++) {
        out[i] = args[i];
    }
    return value;
}

static inline Value make_tuple(Fixture *f, Value a, Value b)
{
    Value *out;
    Value tuple = value_tuple(&f->heap, 2, &out);
    out[0] = a;
    out[1] = b;
    return tuple;
}

// `names` separated by single spaces.
static inline Value make_record(Fixture *f, const char *names,
                                const Value *values)
{
    Symbol symbols[64];
    uint32_t count = 0;
    Str rest = str_from_c(names);
    while (rest.len > 0) {
        size_t end = str_find_byte(rest, ' ', 0);
        symbols[count++] = intern(f->interner, str_slice(rest, 0, end));
        rest = str_slice(rest, end + 1, rest.len);
    }
    Value *out;
    Value record =
        value_record(&f->heap, shape_intern(f->shapes, symbols, count), &out);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = values[i];
    }
    return record;
}

// Cons (n - 1) (... (Cons 0 Nil)).
static inline Value make_chain(Fixture *f, uint32_t count)
{
    Value chain = make_union(f, &f->nil, NULL);
    for (uint32_t i = 0; i < count; i++) {
        chain = make_union(f, &f->cons, (Value[]){value_int(i), chain});
    }
    return chain;
}

#endif
