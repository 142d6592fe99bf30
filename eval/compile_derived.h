// What compile_derived.c (Eq and Ord) and compile_derived_show.c share.
#ifndef LIGATURE_EVAL_COMPILE_DERIVED_H
#define LIGATURE_EVAL_COMPILE_DERIVED_H

#include "eval/compile_internal.h"

typedef enum DerivedMethod {
    DERIVED_EQ,
    DERIVED_COMPARE,
    DERIVED_SHOW
} DerivedMethod;

typedef struct DerivedFunction {
    const DerivedShape *shape;
    Code *code;
} DerivedFunction;

typedef struct Derived {
    Compiler *c;
    DerivedMethod method;
    bool leaves_are_ord;              // their Eq is their superclass
    VEC(const DerivedShape *) leaves; // of kind DERIVED_EVIDENCE
    VEC(DerivedFunction) functions;   // of derived_has_function()
} Derived;

// Whether the shape has a function of its own: a union, as it may be in itself,
// and what is met in several places, lest the code be a tree of what is a
// graph.
bool derived_has_function(const DerivedShape *shape);

// Calls the function of a shape, or the method of a part that has a
// dictionary, with `count` values; the result in a new register.
uint32_t derived_part_call(Derived *d, const DerivedShape *shape,
                           const uint32_t *values, uint32_t count);
// Emits the cases of a union value in `reg`; each ends by itself.
typedef void CtorCase(void *ctx, const CtorInfo *info,
                      DerivedShape *const *parts);
void derived_ctor_cases(Derived *d, const DerivedShape *shape, uint32_t reg,
                        CtorCase *each, void *ctx);
// The body of the function that shows: its parameter is register 0.
void derived_show(Derived *d, const DerivedShape *shape, bool is_own);

#endif
