// The inside of totality.h: totality_walk.c finds the calls of a recursion
// and what is known at each, totality_extents.c says how values relate to the
// parameters, totality_measures.c what facts and arguments mean for the
// measures, totality.c decides and reports.
//
// Ownership: a Recursion owns its vectors; the rest lives in its arena.
// Threads:   one worker.
#ifndef LIGATURE_TYPECHECK_TOTALITY_PRIVATE_H
#define LIGATURE_TYPECHECK_TOTALITY_PRIVATE_H

#include "support/vec.h"
#include "syntax/module.h"
#include "typecheck/size_change.h"

// Facts kept at once; further ones are forgotten, which is safe.
#define TOTALITY_MAX_FACTS 64
// Calls of one recursion; beyond, it is not decided.
#define TOTALITY_MAX_CALLS 2000
// Expressions like `length xs` that may bound an integer, per function.
#define TOTALITY_MAX_OPAQUE 4

typedef enum TermKind {
    TERM_NONE,
    TERM_PARAM, // of the function at hand; from param_count on, its opaque
                // expressions
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

// What is known of a value, as against the parameters of the function whose
// body is walked.
typedef struct Extent {
    uint32_t part_of;      // its size is at most that of this parameter
    bool smaller;          // and less
    uint32_t function;     // 1 + index when it is one of the recursion; else 0
    Linear linear;         // an integer (or, with k 0, the same value)
    uint32_t quotient_of;  // parameter / literal > 1
    uint32_t remainder_by; // something % parameter
    uint32_t remainder_of; // parameter % something
} Extent;

typedef enum FactKind {
    FACT_AT_LEAST, // plus - minus + k >= 0
    FACT_DIFFERS   // plus - minus + k != 0
} FactKind;

typedef struct Fact {
    FactKind kind;
    Term plus, minus;
    int64_t k;
} Fact;

typedef VEC(Fact) FactVec;

typedef enum MeasureKind {
    MEASURE_SIZE, // of the data `first`
    MEASURE_DOWN, // first, an integer
    MEASURE_UP,   // -second
    MEASURE_GAP,  // first - second
    MEASURE_ABS   // |first|
} MeasureKind;

typedef struct Measure {
    MeasureKind kind;
    uint32_t first, second;
} Measure;

typedef struct RecFunction {
    Symbol name;
    Span name_span;
    const Param **params; // of its lambdas that follow each other
    uint32_t param_count;
    const Expr *body;
    bool is_rec_value; // no function; reported (E0217)
    uint32_t opaque_count;
    const Expr *opaque[TOTALITY_MAX_OPAQUE];
    VEC(Measure) measures;
} RecFunction;

typedef struct RecCall {
    uint32_t caller, callee;
    Span span;
    Extent *args; // as many as the callee has parameters
    Fact *facts;
    uint32_t fact_count;
} RecCall;

typedef struct Recursion {
    const Program *program;
    const Module *module;
    const BindingGroup *group; // the functions, or the group around a let
    bool is_local;             // a let expression
    RecFunction *functions;
    uint32_t function_count;
    VEC(RecCall) calls;
    uint32_t current; // function whose body is walked
    Extent *locals;   // by local number
    uint32_t local_count;
    VEC(uint32_t) touched; // locals to reset
    bool joining;          // binding the alternatives of an arm: keep what
                           // holds in all of them
    FactVec facts;         // of the path
    Arena arena;
    bool escaped; // a function is used as a value: where
    uint32_t escaped_function;
    Span escaped_span;
    bool too_large;
} Recursion;

// ---- totality_walk.c

// Walks the body of functions[index], recording its calls.
void totality_walk(Recursion *recursion, uint32_t index);

// ---- totality_extents.c

Extent extent_unknown(void);
// A value that is the same in every call: what is bound outside.
Extent extent_constant(uint64_t id);
Extent extent_param(uint32_t param);
// A strict part of a value.
Extent extent_part(const Extent *whole);
Extent extent_of(Recursion *recursion, const Expr *expr);
// Of `callee` (a function, perhaps with arguments) applied to `last`.
Extent extent_of_applied(const Recursion *recursion, const Expr *callee,
                         const Extent *last);
// What holds of both.
Extent extent_join(const Extent *a, const Extent *b);
// The name of a function of the standard library; len 0 for anything else.
Str totality_library_name(const Recursion *recursion, const Expr *callee);
// Whether the local is that parameter under its own name.
bool totality_is_param(const RecFunction *function, uint32_t param,
                       uint32_t local);

// ---- totality_measures.c

// Adds what follows from `condition` being `holds`.
void facts_assume(Recursion *recursion, const Expr *condition, bool holds);
void facts_add(Recursion *recursion, FactKind kind, Linear plus, Linear minus,
               int64_t k);
// Whether `plus - minus` (parameters; TERM_NONE for none) is known not to
// fall below something that stays the same.
bool facts_bound(const Fact *facts, uint32_t count, Term plus, Term minus);

// Once all calls are known: what is measured of each function.
void measures_collect(Recursion *recursion);
// The arcs of a call, in the recursion's arena.
uint8_t *measures_relate(Recursion *recursion, const RecCall *call);

#endif
