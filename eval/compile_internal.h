// What the files compile*.c share.
//
// Registers are given out as a stack: a local lives in one for its scope, and
// what is above `next_register` is free. An expression is compiled into a
// register that is written by the last instruction of the expression only, so
// that it may be one that the expression reads (the accumulator of a loop).
#ifndef LIGATURE_EVAL_COMPILE_INTERNAL_H
#define LIGATURE_EVAL_COMPILE_INTERNAL_H

#include <assert.h>

#include "eval/compile.h"
#include "eval/origin.h"
#include "support/ptr_map.h"
#include "syntax/builtins.h"

typedef struct Compiler Compiler;
typedef struct Context Context;
typedef struct FunctionState FunctionState;

#define NO_REGISTER UINT32_MAX

// A place to jump to. Until it is placed, the jumps to it are chained through
// the high halves of their words.
typedef struct Label {
    uint32_t chain; // word + 1 of the newest jump; 0: none
    uint32_t place; // word; UINT32_MAX: not placed
} Label;
#define LABEL_NEW ((Label){0, UINT32_MAX})

typedef enum LocalKind {
    LOCAL_UNSET,
    LOCAL_REGISTER, // in `reg` of `fn`; captured from functions inside it
    LOCAL_SELF,     // the function `fn` itself, inside it; else in `reg` of
                    // the function around it
    LOCAL_FUNCTION, // `expr`: a lambda that is expanded where it is called,
                    // or the name of a function
    LOCAL_EVIDENCE, // a dictionary that is known here
    LOCAL_TEMPLATE  // a function that takes dictionaries: compiled where it is
                    // used, for the dictionaries there
} LocalKind;

typedef struct Template Template;

typedef struct LocalInfo {
    LocalKind kind;
    uint32_t reg;
    FunctionState *fn;
    const Expr *expr;
    const Evidence *evidence;
    Context *context; // of the expression or the evidence
    // SELF: the function's state while it is compiled.
    FunctionState *self;
    uint32_t arity; // of a function bound by let, dictionaries included; or 0
    Template *template_; // TEMPLATE
} LocalInfo;

// A binding whose tree is being compiled: the one asked for, or one of the
// standard library that is expanded where it is called.
struct Context {
    Module *module;
    const Binding *binding;
    const Notes *notes;
    LocalInfo *locals; // by local number
    bool has_span;     // expanded: everything counts as `span`, which is in
    Span span;         // the source of the function compiled
    uint32_t expansion_depth;
    uint32_t value_local; // `x` of the predicate that is being compiled
};

typedef struct Capture {
    LocalInfo *local; // as the function around sees it
} Capture;

// What becomes a function's code.
typedef struct CodeBuffers {
    VEC(uint64_t) words;
    VEC(Value) constants;
    VEC(const void *) pointers;
    VEC(CodeSpan) spans;
    VEC(CodeAsk) asks;
} CodeBuffers;

struct FunctionState {
    FunctionState *parent;
    FunctionState *older; // made before, whether around this one or not
    Arena *arena;         // of the code
    Code *code;           // known before it is complete, for recursion
    LocalInfo *self;      // the local that names the function, or NULL
    Slot *slot;           // of the top-level function that this is, or NULL
    CodeBuffers out;
    VEC(Capture) captures;
    PtrMap capture_numbers; // + 1, by local; once there are many
    uint32_t cache_count;
    uint32_t self_calls; // instructions CALL_SELF
    uint32_t next_register;
    uint32_t register_count;
    Span last_span; // of out.spans
};

struct Compiler {
    Evaluation *evaluation;
    Program *program;
    Arena *arena;
    Heap *heap;
    Specializations *specializations;
    ConstantCache *constants; // NULL: equal ones are not shared
    ConstantCache *defaults;
    Worker *worker; // NULL: nobody helps
    Slot *slot;
    Context *context;
    FunctionState *fn;
    Span span; // of what is being compiled
    bool too_large;
    bool may_be_open; // a part of a function: where it uses a local of that,
                      // `too_large` says so
    bool may_part;    // a long list may be left to be compiled part by part
    uint32_t evidence_depth; // pieces of evidence inside each other,
    uint32_t dictionaries;   // and what the outermost has taken so far
    uint32_t templates;      // bound so far,
    uint32_t open_templates; // and those being compiled, inside each other
    FunctionState *states;   // all, newest first
    CompileMemory *memory;
    bool owns_memory;
    Origins *origins;  // NULL: nobody asks where values come from
    const Expr *whole; // whose operands and arguments are noted; or NULL
    const OriginBranch *branch; // that is being compiled
    bool local_rec;             // inside a function of a `let rec` expression
    bool runs_once;             // see CompileTarget
    Arena *scratch; // of the memory: matrices and the like; until the end
};

struct CompileMemory {
    bool taken; // by a compiler at work
    Arena scratch;
    VEC(CodeBuffers) spare; // empty
    Slot *special;          // that specialized_slot() found last
    uint32_t guesses[64];   // by pointer: its number in the code at work, or
                            // anything; see pointer_index()
};

// A value to be had: `tail` returns it from the function.
typedef struct Place {
    uint32_t reg;
    bool tail;
} Place;
static inline Place place_reg(uint32_t reg)
{
    return (Place){reg, false};
}

// ---- compile.c: instructions, registers, constants

// Makes a compiler for code of the slot's binding; what it made comes back,
// or NULL when it was too large.
void compiler_begin(Compiler *c, Evaluation *evaluation,
                    const CompileTarget *target, Slot *slot);
const Code *compiler_end(Compiler *c, const Code *code);

void emit_op(Compiler *c, Op op, uint32_t a, uint32_t b, uint32_t d);
void emit_op2(Compiler *c, Op op, uint32_t a, uint32_t b, uint32_t d,
              uint32_t low, uint32_t high);
void emit_wide(Compiler *c, Op op, uint32_t a, uint32_t wide);
void emit_move(Compiler *c, uint32_t to, uint32_t from);
void emit_const(Compiler *c, uint32_t to, Value value);
void emit_return(Compiler *c, uint32_t reg);
// Jumps: JUMP, JUMP_IF, JUMP_UNLESS; and those of two words.
void emit_jump(Compiler *c, Op op, uint32_t a, Label *label);
void emit_jump2(Compiler *c, Op op, uint32_t a, uint32_t b, uint32_t d,
                uint32_t low, Label *label);
void label_place(Compiler *c, Label *label);
uint32_t pointer_index(Compiler *c, const void *pointer);

uint32_t register_new(Compiler *c);
uint32_t registers_new(Compiler *c, uint32_t count);
static inline uint32_t register_mark(const Compiler *c)
{
    return c->fn->next_register;
}
static inline void register_release(Compiler *c, uint32_t mark)
{
    c->fn->next_register = mark;
}
// After the value is in place.reg: returns it, in tail position.
static inline void place_done(Compiler *c, Place place)
{
    if (place.tail) {
        emit_return(c, place.reg);
    }
}

// The span to use for what follows; returns the old one.
static inline Span compiler_set_span(Compiler *c, Span span)
{
    Span old = c->span;
    c->span = c->context->has_span ? c->context->span : span;
    return old;
}
const CtorInfo *prelude_ctor(const Compiler *c, Symbol name);
const CtorInfo *compiler_ctor(const Compiler *c, uint32_t module,
                              uint32_t index);
Context *context_new(Compiler *c, uint32_t module, uint32_t binding);

FunctionState *function_begin(Compiler *c, Str name);
// Pops it and returns the finished code.
Code *function_end(Compiler *c, uint32_t arity);
Value function_constant(Compiler *c, const Code *code);

// ---- compile_exprs.c

void compile_into(Compiler *c, const Expr *expr, Place place);
void compile_expr(Compiler *c, const Expr *expr, uint32_t reg);
// Neither checked nor wrapped in Some.
void compile_unchecked(Compiler *c, const Expr *expr, uint32_t reg);
// A register that holds the value: the local's own, or a new one.
uint32_t compile_operand(Compiler *c, const Expr *expr);
// Jumps to `target` when the condition is `sense`, else goes on.
void compile_condition(Compiler *c, const Expr *expr, bool sense,
                       Label *target);
// `&&` or `||`.
bool is_logic(const Expr *expr);
// The type tag of an operator (ELAB_*).
static inline uint32_t expr_tag(const Compiler *c, const Expr *expr)
{
    return note_tag(c->context->notes, expr->note);
}
// Whether checks of the expression are left to do.
static inline bool has_checks(const Compiler *c, const Expr *expr)
{
    assert((expr->flags & EXPR_HAS_CHECK) != 0 ||
           note_find(c->context->notes, expr->note, NOTE_CHECK) == NULL);
    (void)c;
    return UNLIKELY(expr_awaits_check(expr));
}
// Wrapped in Some, checked, or applied to the value of a refinement.
static inline bool is_special(const Compiler *c, const Expr *expr)
{
    return (expr->flags & (EXPR_WRAP_SOME | EXPR_APPLY_VALUE)) != 0 ||
           has_checks(c, expr);
}
const Expr *strip_annotations(const Compiler *c, const Expr *expr);

// compile_into() without marks of origins.
void compile_value_into(Compiler *c, const Expr *expr, Place place);

// ---- compile_origins.c: nothing is done where the code does not explain

bool explains(const Compiler *c);
// compile_into() where it does.
void compile_explained(Compiler *c, const Expr *expr, Place place);
// The value of a constant, as it is written.
Value origin_constant(Compiler *c, const Expr *expr, Value value);
// The operand or argument is in the register.
void origin_operand(Compiler *c, const Expr *expr, uint32_t reg);
// The value in the register has passed the checks on the note.
void origin_checks(Compiler *c, uint32_t note, uint32_t reg);
// It becomes the field of the item, has been filled in, or is the binding's.
void origin_field(Compiler *c, const RecordItem *item, uint32_t reg);
void origin_default(Compiler *c, const RecordFill *fill, uint32_t reg);
Value origin_constant_default(Compiler *c, const Expr *record,
                              const RecordFill *fill, Value value);
void origin_binding(Compiler *c, const Binding *binding, uint32_t reg);
// The values of a plan of `items`, from register `first` on or in the list
// there.
void origin_items(Compiler *c, const RecordPlan *plan, const RecordItem *items,
                  uint32_t first);
// What follows lies in a branch, until c->branch is what it was, which is what
// this returns.
const OriginBranch *origin_branch(Compiler *c, Span condition, bool is_match,
                                  bool sense);

// ---- compile_constants.c

// Whether constant_value() and constant_plain() need be asked.
static inline bool may_be_constant(const Expr *expr)
{
    enum {
        KINDS = 1 << EXPR_INT | 1 << EXPR_CHAIN | 1 << EXPR_UNARY |
                1 << EXPR_UNIT | 1 << EXPR_STRING | 1 << EXPR_FLOAT |
                1 << EXPR_BOOL
    };
    return ((unsigned)KINDS >> expr->kind & 1) != 0 ||
           (expr->flags & EXPR_CLOSED) != 0;
}
// Value of a constant expression, folded; false when it is none.
bool constant_value(Compiler *c, const Expr *expr, Value *out);
// The same without what is special about the expression itself.
bool constant_plain(Compiler *c, const Expr *expr, Value *out);

// ---- tape_values.c

// The value of an EXPR_DATA that was read at a type. False: code of the program
// would have to run for it.
bool tape_value(Compiler *c, const Expr *expr, Value *out);

// ---- compile_checks.c

// For the message: what is checked.
typedef struct CheckUse {
    uint32_t param;       // 1 + its number, of the function that begins here
    bool result;          // of a function that was called
    const Expr *constant; // a constant: the code goes on after a failure
    Label *soft;          // where the code goes on after a failure, with the
    uint32_t message;     // message in this register; NULL: it stops
    Label *quiet;         // where it goes on without a word
} CheckUse;
// Code that stops where the value in `reg` breaks a refinement. Functions in it
// are wrapped: then `reg` is written.
void compile_check(Compiler *c, const RefinementCheck *check, uint32_t reg,
                   CheckUse use);
// The same for all checks on `note`.
void compile_checks(Compiler *c, uint32_t note, uint32_t reg, CheckUse use);
// Whether one of them writes its register.
bool checks_wrap(const Compiler *c, uint32_t note);
// The first part of each constructor of a CHECK_UNION.
uint32_t *check_union_starts(Compiler *c, const CheckShape *shape);
// Of a constructor's arguments, which stand in registers from `first` on.
void compile_ctor_checks(Compiler *c, const RefinementCheck *const *checks,
                         uint32_t count, uint32_t first);

// ---- compile_contracts.c

// Wraps the functions in the value in `reg` as the check says.
void compile_contracts(Compiler *c, const RefinementCheck *check, uint32_t reg);

// ---- compile_operators.c

void compile_chain(Compiler *c, const Expr *expr, Place place);
void compile_unary(Compiler *c, const Expr *expr, Place place);
void compile_interpolation(Compiler *c, const Expr *expr, uint32_t reg);
void compile_comparison_jump(Compiler *c, const Expr *chain, bool sense,
                             Label *target);
bool is_comparison(const Expr *expr);

// ---- compile_records.c

void compile_record(Compiler *c, const Expr *expr, uint32_t reg);
bool constant_record(Compiler *c, const Expr *expr, Value *out);
// The default of a field, where it is a constant.
bool constant_fill(Compiler *c, const RecordFill *fill, Value *out);
// Of a record with EXPR_AS_MAP.
bool constant_map(Compiler *c, const Expr *expr, Value *out);
void compile_list(Compiler *c, const Expr *expr, uint32_t reg);
void compile_tuple(Compiler *c, const Expr *expr, uint32_t reg);
void emit_field(Compiler *c, uint32_t to, uint32_t record, Symbol field);
void compile_module_value(Compiler *c, const Expr *expr, uint32_t reg);

// ---- compile_names.c: locals and references

void local_set(Compiler *c, uint32_t local, uint32_t reg);
LocalInfo *local_info(Compiler *c, uint32_t local);
// Register of a local, loading captured ones; `hint` when it must be loaded
// (or NO_REGISTER for a new one).
uint32_t local_register(Compiler *c, LocalInfo *info, uint32_t hint);
void compile_local(Compiler *c, LocalInfo *info, uint32_t reg);
void compile_name(Compiler *c, const Expr *expr, Place place);
void emit_global(Compiler *c, uint32_t module, uint32_t index, uint32_t reg);
void compile_ctor_value(Compiler *c, const CtorInfo *info, uint32_t reg);
// A function value for a builtin.
Value builtin_wrapper(Compiler *c, Builtin builtin);

// ---- compile_calls.c

// A dictionary and the context that its locals belong to.
typedef struct KnownEvidence {
    const Evidence *evidence;
    Context *context;
} KnownEvidence;

// What is called: an expression, or a thing known to the compiler.
typedef enum CalleeKind {
    CALLEE_EXPR,
    CALLEE_LAMBDA,   // expanded
    CALLEE_REGISTER, // `local`, or `reg` where that is NULL
    CALLEE_GLOBAL,   // module, index
    CALLEE_BUILTIN,  // index
    CALLEE_CTOR,
    CALLEE_METHOD,  // item `index` of `dictionary`
    CALLEE_TEMPLATE // `local`
} CalleeKind;

typedef struct Callee {
    CalleeKind kind;
    const Expr *expr;
    Context *context; // LAMBDA: that it belongs to
    LocalInfo *local;
    uint32_t reg;
    uint32_t module, index;
    const CtorInfo *ctor;
    bool by_name; // CTOR: the arguments that are expressions have their checks
    KnownEvidence dictionary;
    // Dictionaries that come before the arguments.
    KnownEvidence *evidence;
    uint32_t evidence_count;
} Callee;

// An argument: an expression of the current context, or a register.
typedef struct Argument {
    const Expr *expr; // or NULL
    uint32_t reg;
} Argument;

void compile_call(Compiler *c, const Expr *expr, Place place);
// EXPR_APPLY_VALUE: the expression applied to the value of the refinement.
void compile_value_call(Compiler *c, const Expr *expr, Place place);
// Finds out what an expression in call position is. Nothing is emitted yet
// for EXPR; see callee_prepare().
Callee callee_of(Compiler *c, const Expr *expr, uint32_t arg_count);
// Without looking at what is special about the expression.
Callee callee_of_plain(Compiler *c, const Expr *expr, uint32_t arg_count);
// Evaluates what must be evaluated once, so that the callee can be applied
// many times (in a loop).
void callee_prepare(Compiler *c, Callee *callee);
void compile_apply(Compiler *c, const Callee *callee, const Argument *args,
                   uint32_t count, Place place);
void compile_builtin(Compiler *c, Builtin builtin, const Argument *args,
                     uint32_t count, Place place);
uint32_t argument_operand(Compiler *c, const Argument *arg);
void argument_into(Compiler *c, const Argument *arg, uint32_t reg);
uint32_t arguments_run(Compiler *c, const Argument *args, uint32_t count);

// ---- compile_expand.c: functions of the library expanded in place

bool expand_global(Compiler *c, const Callee *callee, const Argument *args,
                   uint32_t count, Place place);
// The body of the lambda, with its parameters bound and its context current,
// until expand_end().
typedef struct Expansion {
    const Expr *body;
    Context *context;
    Span span;
    uint32_t mark;
} Expansion;
Expansion expand_begin(Compiler *c, const Callee *callee, const Argument *args,
                       uint32_t count);
void expand_end(Compiler *c, const Expansion *expansion);
// How often the body names the local.
uint32_t function_uses(const Function *function, uint32_t local);

// ---- compile_intrinsics.c

void compile_intrinsic(Compiler *c, Builtin builtin, const Argument *args,
                       Place place);

// ---- compile_loops.c

void compile_comprehension(Compiler *c, const Expr *expr, uint32_t reg);
// A long list literal that uses no locals of the code around it. False: it is
// short, or may use them.
bool compile_list_parts(Compiler *c, const Expr *expr, uint32_t reg);
void compile_fold(Compiler *c, const Argument *args, bool right, uint32_t reg);
void compile_all_any(Compiler *c, const Argument *args, bool all, uint32_t reg);

// ---- compile_functions.c

void compile_lambda(Compiler *c, const Expr *expr, uint32_t reg);
void compile_let(Compiler *c, const Expr *expr, Place place);
static inline bool is_lambda(const Expr *expr)
{
    return expr->kind == EXPR_LAMBDA && (expr->flags & EXPR_WRAP_SOME) == 0;
}
// The function made from `code`, which captures what `state` says.
void emit_closure(Compiler *c, Code *code, FunctionState *state, uint32_t reg);
// Code of a function: dictionaries, then parameters. `function` may be NULL
// (a value that takes dictionaries only).
Code *compile_function(Compiler *c, const Function *function, const Expr *body,
                       const Note *generalised, Str name, LocalInfo *self,
                       Slot *slot, FunctionState **out_state);

// ---- compile_evidence.c

// What a dictionary is where it is known.
KnownEvidence evidence_follow(Compiler *c, const Evidence *evidence,
                              Context *context);
static inline KnownEvidence
evidence_resolve(Compiler *c, const Evidence *evidence, Context *context)
{
    return evidence->kind == EVIDENCE_INSTANCE
               ? (KnownEvidence){evidence, context}
               : evidence_follow(c, evidence, context);
}
void compile_evidence(Compiler *c, const Evidence *evidence, Context *context,
                      uint32_t reg);
// The tag of an operator of Num: ELAB_INT or ELAB_FLOAT also where the
// dictionary is known to be that of the type.
uint32_t number_tag(Compiler *c, const Expr *expr);
// A method out of a dictionary: of a class of the prelude by its name, of any
// by its number among Module.methods.
Callee evidence_method(Compiler *c, const Evidence *evidence, Context *context,
                       Symbol method);
Callee evidence_class_method(Compiler *c, const Evidence *evidence,
                             Context *context, uint32_t class_module,
                             uint32_t method_index);
// The NOTE_EVIDENCE on `note` in the current context, or NULL.
static inline const Note *note_evidence(const Compiler *c, uint32_t note)
{
    return note < NOTE_FIRST
               ? NULL
               : note_find(c->context->notes, note, NOTE_EVIDENCE);
}

// ---- compile_special.c: functions at known dictionaries

// The slot of a binding's function at the dictionaries that the callee gives,
// or NULL where these are not known.
Slot *specialized_slot(Compiler *c, const Callee *callee);
void template_bind(Compiler *c, const Bind *bind);
// What a use of a template calls: dictionaries that are known are left out.
Callee template_callee(Compiler *c, const Callee *callee);

// ---- compile_derived.c

void compile_derived(Compiler *c, const Evidence *evidence, Context *context,
                     uint32_t reg);

// ---- compile_decode.c

// The dictionary of an automatic FromJson.
void compile_from_json(Compiler *c, const Evidence *evidence, Context *context,
                       uint32_t reg);

// ---- compile_patterns.c: patterns that cannot fail

void compile_pattern(Compiler *c, const Pattern *pattern, uint32_t reg);

// ---- compile_match.c (the tree), compile_switch.c (its code)

void compile_match(Compiler *c, const Expr *expr, Place place);

#endif
