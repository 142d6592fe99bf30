// Places: parts of parameters that can be told apart, and sizes that are put
// together of them.
//
// Ownership: places belong to the Recursion, sums live in its arena.
// Threads:   one worker.
#ifndef LIGATURE_TYPECHECK_TOTALITY_PLACES_H
#define LIGATURE_TYPECHECK_TOTALITY_PLACES_H

#include "typecheck/size_change.h"
#include "typecheck/totality_extents.h"

// Places, which are parts of parameters, are numbered from here on.
#define PLACE_FIRST (UINT32_C(1) << 24)

// A step from a value to a part of it.
typedef enum StepKind {
    STEP_ITEM, // of a constructor
    STEP_TUPLE,
    STEP_FIELD,   // `index` is the name
    STEP_ELEMENT, // of a list
    STEP_REST     // of a list without its first `index` elements
} StepKind;

typedef struct Step {
    StepKind kind;
    uint64_t ctor;
    uint32_t index;
} Step;

static inline Step step_item(uint64_t ctor, uint32_t index)
{
    return (Step){STEP_ITEM, ctor, index};
}

static inline Step step_tuple(uint32_t index)
{
    return (Step){STEP_TUPLE, 0, index};
}

static inline Step step_field(Symbol name)
{
    return (Step){STEP_FIELD, 0, name};
}

static inline Step step_element(uint32_t index)
{
    return (Step){STEP_ELEMENT, 0, index};
}

static inline Step step_rest(uint32_t index)
{
    return (Step){STEP_REST, 0, index};
}

#define MAX_SUM        6
#define MAX_SUM_NUMBER 1000

// A size: at most those of the parts together, and k.
struct Sum {
    uint32_t parts[MAX_SUM]; // parameters and places
    uint32_t count;
    int32_t k;
};

// One step into the value.
Extent extent_step(Recursion *recursion, const Extent *whole, Step step);
// The step to item `index` of what is written.
Step extent_item_step(const Extent *value, uint32_t index);
// What a place of the callee is in a call with these arguments.
Extent extent_at(Recursion *recursion, const Extent *args, uint32_t id);
bool place_is(uint32_t id);
// NO_PARAM of a parameter.
uint32_t place_parent(const Recursion *recursion, uint32_t id);
// The place that is one step further; NO_PARAM: there are too many.
uint32_t place_step(Recursion *recursion, uint32_t parent, Step step);
// The parameter or place that the value is; NO_PARAM: it is none.
uint32_t place_exact(const Recursion *recursion, const Extent *value);
// The innermost around it that is there whatever the parameter is.
uint32_t place_certain(const Recursion *recursion, uint32_t id);
// The innermost that holds both; NO_PARAM: there is none.
uint32_t place_common(const Recursion *recursion, uint32_t a, uint32_t b);
// `id`, which is within `from`, as it is within `to`; NO_PARAM: there are too
// many places.
uint32_t place_move(Recursion *recursion, uint32_t id, uint32_t from,
                    uint32_t to);
bool place_within(const Recursion *recursion, uint32_t id, uint32_t whole);

// The size of a value; NULL: not known.
const Sum *sum_of(Recursion *recursion, const Extent *value);
const Sum *sum_plus(Recursion *recursion, const Sum *a, const Sum *b,
                    int32_t k);
// Of a list, tuple or constructor of these.
const Sum *sum_of_items(Recursion *recursion, const Extent *items,
                        uint32_t count);
// What is no smaller than both; NULL: not known.
const Sum *sum_join(Recursion *recursion, const Sum *a, const Sum *b);
// The innermost place that holds all the parts; NO_PARAM: there is none.
uint32_t sum_whole(const Recursion *recursion, const Sum *sum);
bool sum_equal(const Sum *a, const Sum *b);
// The size as against that of a parameter or place.
SizeArc sum_relate(const Recursion *recursion, const Sum *sum, uint32_t whole);

#endif
