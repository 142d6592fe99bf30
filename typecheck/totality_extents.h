// What totality knows of values: bounds of sizes, integers and lengths of
// lists as against the parameters of the function whose body is walked.
//
// Ownership: items live in the arena of the recursion.
// Threads:   one worker.
#ifndef LIGATURE_TYPECHECK_TOTALITY_EXTENTS_H
#define LIGATURE_TYPECHECK_TOTALITY_EXTENTS_H

#include "syntax/ast.h"

typedef struct Recursion Recursion;

// Items of a tuple, record or constructor that are kept apart.
#define TOTALITY_MAX_ITEMS 8
// Values inside of each other that are kept apart.
#define TOTALITY_MAX_NESTED 16

typedef enum TermKind {
    TERM_NONE,
    TERM_PARAM, // of the function at hand; from param_count on, its opaque
                // expressions; see also LENGTH_OF and HELPER_PARAM
    TERM_CONST  // the same in every call of the recursion
} TermKind;

typedef struct Term {
    TermKind kind;
    uint64_t id;
} Term;

// term + k.
typedef struct Linear {
    bool known;
    Term term;
    int64_t k;
} Linear;

static inline bool term_equal(Term a, Term b)
{
    return a.kind == b.kind && (a.kind == TERM_NONE || a.id == b.id);
}

#define NO_PARAM UINT32_MAX

// An integer that comes with a parameter: the length of the list that it is.
#define LENGTH_OF (UINT32_C(1) << 30)
static inline bool term_is_length(Term term)
{
    return term.kind == TERM_PARAM && (term.id & LENGTH_OF) != 0;
}
// The parameters of helpers, while their results are summed up, are numbered
// from here on, each helper's apart.
#define HELPER_PARAM (UINT32_C(1) << 28)
// The length of what is the same in every call.
#define CONST_LENGTH (UINT64_C(1) << 62)

typedef enum Shape {
    SHAPE_NONE,
    SHAPE_TUPLE,
    SHAPE_RECORD,
    SHAPE_LIST, // as written
    SHAPE_CTOR  // of `ctor`: what holds of the value if it is one of those
} Shape;

typedef struct Helper Helper;
typedef struct Sum Sum; // totality_places.h

// What is known of a value, as against the parameters of the function whose
// body is walked.
typedef struct Extent {
    bool never;            // no value comes out (as far as is known yet)
    bool tiny;             // its size is that of a number
    bool is_float;         // it is computed, of Floats
    uint32_t part_of;      // its size is at most that of this parameter, or
                           // place,
    bool smaller;          // and less
    const Sum *sum;        // its size; NULL: not known
    uint32_t function;     // 1 + index when it is one of the recursion; else 0
    Linear low, high;      // bounds of an integer; where they are equal it is
                           // that (or, with k 0, the same value of any type)
    Linear length_low;     // bounds of the length of a list
    Linear length_high;    //
    uint32_t quotient_of;  // parameter / literal > 1
    uint32_t remainder_by; // something % parameter
    uint32_t remainder_of; // parameter % something
    Shape shape;
    uint32_t item_count;
    uint32_t depth; // of items and bases inside of each other
    const struct Extent *items;
    const Symbol *names;       // SHAPE_RECORD
    const struct Extent *base; // of other fields: `{ ..base, x = 1 }`; or NULL
    uint64_t ctor;             // SHAPE_CTOR
    const struct Implied *implied; // by its being of `ctor`; or NULL
    const Function *lambda;        // the function that it is
    Helper *helper;                // the local recursive function that it is
    uint32_t frame;                // of whose locals these two speak
} Extent;

static inline bool linear_equal(Linear a, Linear b)
{
    return a.known == b.known &&
           (!a.known || (a.k == b.k && term_equal(a.term, b.term)));
}

// The integer that the value is, if that is known.
static inline Linear extent_exact(const Extent *value)
{
    Linear none = {.known = false};
    return linear_equal(value->low, value->high) ? value->low : none;
}

// ---- totality_extents.c

Extent extent_unknown(void);
Extent extent_never(void);
// A value that is the same in every call: what is bound outside.
Extent extent_constant(uint64_t id);
Extent extent_param(uint32_t param);
Extent extent_integer(int64_t value);
// A list of that many elements.
Extent extent_list(uint32_t length);
// A text of so many bytes: of as many characters at most.
Extent extent_text(uint32_t bytes);
// A strict part of a value.
Extent extent_part(const Extent *whole);
// Some of the elements of a list, in any order.
Extent extent_sublist(const Extent *list);
// Elements made out of those of a list, one by one.
Extent extent_mapped(const Extent *list, bool all);
// `items` in the recursion's arena; what is too many or too deep is forgotten.
Extent extent_items(Shape shape, const Extent *items, uint32_t count);
// As it is seen outside of the function that gives it: functions in it lose
// their bodies, whose locals are bound anew by the next call.
Extent extent_outside(Recursion *recursion, Extent value);
// What holds of both.
Extent extent_join(Recursion *recursion, const Extent *a, const Extent *b);
bool extent_equal(const Extent *a, const Extent *b);
// Says of lists of known length what that is as against a parameter's, which
// may be known on the path at hand only.
Extent extent_relative(Recursion *recursion, Extent value);

// ---- totality_integers.c

Linear linear_number(int64_t k);
// The largest m that the integer is known not to fall below; INT64_MIN when
// none.
int64_t linear_least(const Recursion *recursion, Linear low);
// The largest m for which `a - b >= m` is known; INT64_MIN when none.
int64_t linear_least_difference(const Recursion *recursion, Linear a, Linear b);
Linear linear_plus(Linear linear, int64_t k);
// a + b, where one of them is a number.
Linear linear_sum(Linear a, Linear b);
// chain[0] op chain[1] op ..., the values of the operands given.
Extent extent_of_arithmetic(Recursion *recursion, const Expr *chain,
                            const Extent *values);
Extent extent_negated(const Extent *value);

#endif
