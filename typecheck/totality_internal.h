// The inside of totality.h. totality_walk.c, _calls.c and _match.c find the
// calls of a recursion, with the facts of the path to each, and give values
// (totality_extents.h), which _places.c takes apart; _library.c and _helpers.c
// know the results of other functions, _instances.c the calls through classes;
// _facts.c says what follows from facts, _measures.c what they and arguments
// mean for the measures; totality.c decides, _report.c says why.
//
// Ownership: a Recursion owns its vectors; the rest lives in its arena.
// Threads:   one worker.
#ifndef LIGATURE_TYPECHECK_TOTALITY_INTERNAL_H
#define LIGATURE_TYPECHECK_TOTALITY_INTERNAL_H

#include "support/graph.h"
#include "support/ptr_map.h"
#include "support/vec.h"
#include "syntax/module.h"
#include "typecheck/totality.h"
#include "typecheck/totality_places.h"

// Facts kept at once; further ones are forgotten, which is safe.
#define TOTALITY_MAX_FACTS 64
// Calls of one recursion; beyond, it is not decided.
#define TOTALITY_MAX_CALLS 2000
// Expressions like `length xs` that may bound an integer, per function.
#define TOTALITY_MAX_OPAQUE 4
// Helpers whose bodies are followed inside each other.
#define TOTALITY_MAX_INLINE 4

typedef enum FactKind {
    FACT_AT_LEAST, // plus - minus + k >= 0
    FACT_DIFFERS   // plus - minus + k != 0
} FactKind;

typedef struct Interval {
    Linear low, high;
} Interval;

// plus - minus + k >= 0, of a value that is of its constructor.
typedef struct Implied {
    Interval plus, minus;
    int64_t k;
} Implied;

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

typedef struct Place {
    uint32_t parent; // parameter or place
    Step step;
} Place;

typedef struct RecFunction {
    Symbol name;
    Span name_span;
    const Param **params; // of its lambdas that follow each other
    uint32_t param_count;
    const Expr *body;
    bool is_rec_value; // no function; reported (E0217)
    bool has_sizes;    // among its measures
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
    const Module *module;   // of the body
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
    PtrMap by_binding; // (Module, index) -> Helper
    TotalityReads reads;
} Helpers;

struct Recursion {
    const Program *program;
    const Module *module;    // of the recursion
    const Module *here;      // of the code that is walked
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
    VEC(Place) places;
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
};

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
// The binding of a method taken from an instance of this module, or
// UINT32_MAX.
uint32_t totality_method_binding(const Recursion *recursion, const Expr *name);
// Records the calls of instances' methods where a method (0: any) is taken
// from item `index` of the evidence on a node, and applied. What the arguments
// leave out may be anything.
void totality_use_item(Recursion *recursion, uint32_t note, uint32_t index,
                       Symbol method, const Extent *args, uint32_t count,
                       Span span);
// Whether the class of the node is that of an instance that a user wrote, of
// which nothing is known.
bool totality_is_written(const Recursion *recursion, uint32_t note);
// The same for the dictionaries that a name is applied to.
void totality_use_name(Recursion *recursion, const Expr *name,
                       const Extent *args, uint32_t count, Span span);

// ---- totality_helpers.c

void helpers_init(Helpers *helpers);
void helpers_release(Helpers *helpers);
// The parameters of lambdas that follow each other, and what is behind them.
const Param **totality_params(Arena *arena, const Expr *value,
                              uint32_t *out_count, const Expr **out_body);
// The result of a helper with these arguments, of which there are enough.
Extent helper_result(Recursion *recursion, Helper *helper, const Extent *args,
                     uint32_t count);
// What the helper's results have in common, in the terms of the arguments.
Extent helper_summary(Recursion *recursion, Helper *helper, const Extent *args);
// NULL where the binding is no function whose body may be followed.
Helper *helper_of_binding(Recursion *recursion, uint32_t module,
                          uint32_t index);
// Whether enough was followed for one recursion; counts the calls.
bool totality_tired(Recursion *recursion);
// Makes helpers of the functions of a local recursion.
void helpers_of_let(Recursion *recursion, const Let *let);
// The result of a function given as such.
Extent lambda_result(Recursion *recursion, const Function *lambda,
                     const Extent *args, uint32_t count);

// ---- totality_facts.c

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
// Whether `plus - minus != number` is a fact.
bool facts_exclude(const Fact *facts, uint32_t count, Term plus, Term minus,
                   int64_t number);

// ---- totality_measures.c

// Once all calls are known: what is measured of each function, of its
// parameters only or of places too.
void measures_collect(Recursion *recursion, bool with_places);
// The arcs of a call, in the recursion's arena.
uint8_t *measures_relate(Recursion *recursion, const RecCall *call);

// ---- totality_types.c

// Reports the unions of the module that let functions call themselves without
// 'rec'.
void totality_check_types(const Program *program, const Module *module,
                          DiagSink *diags);

// ---- totality_report.c

// The name of a function of the recursion, in its arena.
Str totality_name(Recursion *recursion, uint32_t index);
// Says which calls make the cycle, why nothing is shown to get smaller along
// it, and what to do.
void totality_explain(Recursion *recursion, const uint32_t *cycle,
                      uint32_t length, DiagSink *diags, Diag *diag);

#endif
