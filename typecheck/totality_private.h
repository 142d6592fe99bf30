// The inside of totality.h: totality_walk.c finds the calls of a recursion
// and what is known at each, totality_extents.c says how values relate to the
// parameters, totality_measures.c what facts and arguments mean for the
// measures, totality.c decides and reports.
//
// Ownership: a Recursion owns its vectors; the rest lives in its arena.
// Threads:   one worker.
#ifndef LIGATURE_TYPECHECK_TOTALITY_PRIVATE_H
#define LIGATURE_TYPECHECK_TOTALITY_PRIVATE_H

#include "support/graph.h"
#include "support/vec.h"
#include "syntax/module.h"
#include "typecheck/size_change.h"

// Facts kept at once; further ones are forgotten, which is safe.
#define TOTALITY_MAX_FACTS 64
// Calls of one recursion; beyond, it is not decided.
#define TOTALITY_MAX_CALLS 2000
// Expressions like `length xs` that may bound an integer, per function.
#define TOTALITY_MAX_OPAQUE 4
// Helpers whose bodies are followed inside each other.
#define TOTALITY_MAX_INLINE 4
// Items of a tuple, record or constructor that are kept apart.
#define TOTALITY_MAX_ITEMS 8

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
// The parameters of helpers, while their results are summed up, are numbered
// from here on, each helper's apart.
#define HELPER_PARAM (UINT32_C(1) << 28)

typedef enum Shape {
    SHAPE_NONE,
    SHAPE_TUPLE,
    SHAPE_RECORD,
    SHAPE_LIST, // as written
    SHAPE_CTOR  // of `ctor`: what holds of the value if it is one of those
} Shape;

typedef struct Helper Helper;

// What is known of a value, as against the parameters of the function whose
// body is walked.
typedef struct Extent {
    bool never;            // no value comes out (as far as is known yet)
    bool tiny;             // its size is that of a number
    uint32_t part_of;      // its size is at most that of this parameter
    bool smaller;          // and less
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
    const struct Extent *items;
    const Symbol *names;    // SHAPE_RECORD
    uint64_t ctor;          // SHAPE_CTOR
    const Function *lambda; // the function that it is
    Helper *helper;         // the local recursive function that it is
    uint32_t frame;         // of whose locals these two speak
} Extent;

typedef struct Interval {
    Linear low, high;
} Interval;

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

// A function whose results are of interest: totality_helpers.c.
struct Helper {
    const Param **params;
    uint32_t param_count;
    const Expr *body;
    const Binding *binding; // NULL: local, in the frame of the walk
    enum { HELPER_NEW, HELPER_OPEN, HELPER_DONE } state;
    bool is_walked;       // its body is being walked with its own parameters
    uint32_t first_param; // HELPER_PARAM + number
    Extent result;
    Helper *next; // of a recursion, in a ring
};

// What the recursions of a module share.
typedef struct Helpers {
    Arena arena;
    Helper **by_binding; // NULL: none yet
} Helpers;

typedef struct Recursion {
    const Program *program;
    const Module *module;
    const uint32_t *members; // bindings, ascending: the functions, or those
                             // around a let
    uint32_t member_count;
    bool is_local; // a let expression
    RecFunction *functions;
    uint32_t function_count;
    VEC(RecCall) calls;
    uint32_t current;   // function whose body is walked
    Extent *locals;     // by local number
    Extent *own_locals; // those of the binding at hand, not of a helper
    uint32_t local_count;
    uint32_t frame, frame_count; // tells the locals of helpers apart
    VEC(uint32_t) touched;       // locals to reset
    bool joining;  // binding the alternatives of an arm: keep what
                   // holds in all of them
    FactVec facts; // of the path
    bool dead;     // a fact that contradicts the others was added
    Arena arena;
    bool escaped;          // a function is used as a value: where
    bool escaped_instance; // as a method of an instance
    uint32_t escaped_function;
    Span escaped_span;
    bool too_large;

    // Following the bodies of helpers, in which no calls are recorded.
    bool follows;
    Helpers *helpers;
    const Helper *open[TOTALITY_MAX_INLINE];
    uint32_t open_count;
    uint32_t depth; // of expressions
    uint32_t work;  // expressions walked
    uint32_t next_param;
    bool quiet; // only a value is wanted, no branches are followed
} Recursion;

// Calls are recorded, not only a value wanted.
static inline bool totality_records(const Recursion *recursion)
{
    return recursion->open_count == 0 && !recursion->quiet;
}

// ---- totality_walk.c

// Walks the body of functions[index], recording its calls.
void totality_walk(Recursion *recursion, uint32_t index);
// The value of an expression, recording the calls in it.
Extent totality_value(Recursion *recursion, const Expr *expr);
// The same without recording and following branches.
Extent totality_glance(Recursion *recursion, const Expr *expr);
// Joins to `value` what a branch gives, unless its facts contradict each
// other; they are taken back.
void totality_join_branch(Recursion *recursion, Extent *value, Extent branch,
                          uint32_t fact_mark, bool was_dead);

// ---- totality_match.c

void totality_bind_local(Recursion *recursion, uint32_t local, Extent value);
void totality_bind_pattern(Recursion *recursion, const Pattern *pattern,
                           const Extent *value);
void totality_bind_param(Recursion *recursion, const Param *param,
                         Extent value);
uint64_t totality_ctor_id(const NameRef *ref);
Extent totality_walk_match(Recursion *recursion, const Match *match);

// ---- totality_calls.c

// 1 + the place of the binding among the members; else 0.
uint32_t totality_member(const Recursion *recursion, uint32_t binding);
void totality_record_call(Recursion *recursion, uint32_t callee,
                          const Extent *args, uint32_t count, Span span);
// 1 + the index of the function of the recursion that the name means; else 0.
uint32_t totality_function_of(const Recursion *recursion, const Expr *expr);
// A call of a function of the recursion by its name, or the name alone.
Extent totality_call_own(Recursion *recursion, uint32_t callee,
                         const Expr *name, const Extent *args, uint32_t count,
                         Span span);
// parts[0] applied to the other parts and then to `extra`.
Extent totality_call_parts(Recursion *recursion, const Expr *expr,
                           const Extent *extra, uint32_t extra_count,
                           Span span);
Extent totality_call_ctor(Recursion *recursion, const Expr *ctor,
                          const Extent *args, uint32_t count);
// The parameters that are left out may be anything.
Extent totality_walk_lambda(Recursion *recursion, const Function *lambda,
                            const Extent *args, uint32_t count);
// x |> f a |> g
Extent totality_walk_pipe(Recursion *recursion, const Expr *chain);

// ---- totality_extents.c

Extent extent_unknown(void);
Extent extent_never(void);
// A value that is the same in every call: what is bound outside.
Extent extent_constant(uint64_t id);
Extent extent_param(uint32_t param);
Extent extent_integer(int64_t value);
// A list of that many elements.
Extent extent_list(uint32_t length);
// A strict part of a value.
Extent extent_part(const Extent *whole);
// Some of the elements of a list, in any order.
Extent extent_sublist(const Extent *list);
// Elements made out of those of a list, one by one.
Extent extent_mapped(const Extent *list, bool all);
// `items` in the recursion's arena; too many are forgotten.
Extent extent_items(Shape shape, const Extent *items, uint32_t count);
// Item `index` of a tuple, or of the value's constructor.
Extent extent_item(const Extent *whole, Shape shape, uint64_t ctor,
                   uint32_t index);
Extent extent_field(const Extent *record, Symbol name);
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
// The largest m (smallest for most) that the integer is known not to fall
// below (rise above); INT64_MIN (INT64_MAX) when none.
int64_t linear_least(const Recursion *recursion, Linear low);
int64_t linear_most(const Recursion *recursion, Linear high);
// The largest m for which `a - b >= m` is known; INT64_MIN when none.
int64_t linear_least_difference(const Recursion *recursion, Linear a, Linear b);
Linear linear_plus(Linear linear, int64_t k);
// a + b, where one of them is a number.
Linear linear_sum(Linear a, Linear b);
// chain[0] op chain[1] op ..., the values of the operands given.
Extent extent_of_arithmetic(Recursion *recursion, const Expr *chain,
                            const Extent *values);
Extent extent_negated(const Extent *value);

// ---- totality_library.c

// Library functions that call a function with the elements of a list.
typedef struct ListFunction {
    const char *name;
    uint32_t function, list; // arguments
    uint32_t element;        // parameter of the function
} ListFunction;

const ListFunction *totality_list_function(const Recursion *recursion,
                                           const Expr *callee);
// The result of a function of the standard library, if it is known.
bool totality_library_result(Recursion *recursion, const Expr *callee,
                             const Extent *args, uint32_t count,
                             Extent *out_result);
// A call of names with names, which has the same value as long as the
// parameters in it do.
Extent totality_opaque(Recursion *recursion, const Expr *call);
// Whether the local is that parameter under its own name.
bool totality_is_param(const RecFunction *function, uint32_t param,
                       uint32_t local);

// ---- totality_instances.c

// The components of the graph of calls: bindings, and from binding_count on
// instances.
Components totality_graph(const Module *module, Arena *arena);
// The evidence on a node, where it may lead back to the recursion; or NULL.
const Note *totality_evidence(const Recursion *recursion, uint32_t note);
// The binding of a method taken from an instance of this module, or
// UINT32_MAX.
uint32_t totality_method_binding(const Recursion *recursion, const Expr *name);
// Records the calls of instances' methods where a method (0: any) is taken
// from the evidence and applied. What the arguments leave out may be anything.
void totality_use_method(Recursion *recursion, const Evidence *evidence,
                         Symbol method, const Extent *args, uint32_t count,
                         Span span);
// The same for the dictionaries that a name is applied to.
void totality_use_name(Recursion *recursion, const Expr *name,
                       const Extent *args, uint32_t count, Span span);

// ---- totality_helpers.c

void helpers_init(Helpers *helpers, const Module *module);
void helpers_release(Helpers *helpers);
// The parameters of lambdas that follow each other, and what is behind them.
const Param **totality_params(Arena *arena, const Expr *value,
                              uint32_t *out_count, const Expr **out_body);
// The result of a helper with these arguments, of which there are enough.
Extent helper_result(Recursion *recursion, Helper *helper, const Extent *args,
                     uint32_t count);
// What the helper's results have in common, in the terms of the arguments.
Extent helper_summary(Recursion *recursion, Helper *helper, const Extent *args);
// NULL where the binding is no function of this module.
Helper *helper_of_binding(Recursion *recursion, uint32_t module,
                          uint32_t index);
// Whether enough was followed for one recursion; counts the calls.
bool totality_tired(Recursion *recursion);
// Makes helpers of the functions of a local recursion.
void helpers_of_let(Recursion *recursion, const Let *let);
// The result of a function given as such.
Extent lambda_result(Recursion *recursion, const Function *lambda,
                     const Extent *args, uint32_t count);

// ---- totality_measures.c

// Adds what follows from `condition` being `holds`.
void facts_assume(Recursion *recursion, const Expr *condition, bool holds);
// plus - minus + k >= 0
void facts_at_least(Recursion *recursion, const Interval *plus,
                    const Interval *minus, int64_t k);
void facts_equal(Recursion *recursion, const Interval *a, const Interval *b);
void facts_differ(Recursion *recursion, const Interval *a, const Interval *b);
// The largest m for which `plus - minus >= m` follows; INT64_MIN when none.
int64_t facts_least(const Fact *facts, uint32_t count, Term plus, Term minus);
// Whether `plus - minus` (parameters; TERM_NONE for none) is known not to
// fall below something that stays the same.
bool facts_bound(const Fact *facts, uint32_t count, Term plus, Term minus);

// Once all calls are known: what is measured of each function.
void measures_collect(Recursion *recursion);
// The arcs of a call, in the recursion's arena.
uint8_t *measures_relate(Recursion *recursion, const RecCall *call);

#endif
