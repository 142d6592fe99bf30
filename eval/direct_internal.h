// What the files direct*.c share.
#ifndef LIGATURE_EVAL_DIRECT_INTERNAL_H
#define LIGATURE_EVAL_DIRECT_INTERNAL_H

#include "eval/direct.h"
#include "eval/machine_internal.h"

enum {
    DIRECT_LOCALS_MAX = 256,
    DIRECT_CALLS_MAX = 32,      // depth
    DIRECT_STACK_MAX = 1 << 18, // bytes of the C stack
    // Looks into functions are paid for by the code that calls them: what runs
    // a body much more often than it is written is better compiled.
    DIRECT_CREDIT = 256,
    DIRECT_CREDIT_PER_NODE = 8
};

typedef struct Direct {
    Machine *m;
    Evaluation *evaluation;
    Module *const *modules;
    const Module *module; // that the tree is of
    Value *locals;        // of the binding whose tree it is, by number;
                          // dictionaries are VALUE_DICTIONARY with the Evidence
    Heap *heap;
    int64_t steps; // that code would have taken
    int64_t steps_max;
    int64_t credit;
    int32_t gain; // of credit by an expression; negative in functions
    uint32_t calls;
    uint32_t top;       // of `stack`
    uint64_t outermost; // place of the function that was called first
    DirectMemory *memory;
    uintptr_t floor; // of the C stack
    Value stack[DIRECT_LOCALS_MAX];
} Direct;

// All of these: false where the walk gives up.

MUST_USE bool direct_value(Direct *d, const Expr *expr, Value *out);
// Applies a function, constructor or builtin to `count` expressions and, where
// that is not NULL, one more value.
MUST_USE bool direct_call(Direct *d, const Expr *callee, const Expr *args,
                          uint32_t count, const Value *last, Value *out);
// The value of a top-level binding that is done, or is a literal.
MUST_USE bool direct_global(Direct *d, uint32_t module, uint32_t index,
                            Value *out);
// The value of an EXPR_STRING.
Value direct_text(const Direct *d, const Expr *expr);
// What a dictionary is: an instance without context, or an automatic one that
// is structural. NULL: something else.
const Evidence *direct_evidence(const Direct *d, const Evidence *evidence);
// Binds a pattern that cannot fail in `locals`.
MUST_USE bool direct_bind(Direct *d, const Pattern *pattern, Value value,
                          Value *locals);

static inline const Note *direct_note(const Direct *d, uint32_t note,
                                      NoteKind kind)
{
    return note < NOTE_FIRST ? NULL : note_find(&d->module->notes, note, kind);
}

// What is neither wrapped in Some, nor checked, nor applied to the value of a
// refinement.
static inline bool direct_is_plain(const Expr *expr)
{
    enum { ODD = EXPR_WRAP_SOME | EXPR_APPLY_VALUE | EXPR_HAS_CHECK };
    return LIKELY((expr->flags & ODD) == 0) ||
           (expr->flags & (ODD | EXPR_CHECKED)) ==
               (EXPR_HAS_CHECK | EXPR_CHECKED);
}

// The same as direct_value(), where it is small on the spot.
MUST_USE static inline bool direct_operand(Direct *d, const Expr *expr,
                                           Value *out)
{
    enum { ODD = EXPR_WRAP_SOME | EXPR_APPLY_VALUE | EXPR_AS_FLOAT };
    if (expr->note < NOTE_FIRST && (expr->flags & ODD) == 0) {
        if (expr->kind == EXPR_NAME && expr->as.name.ref == REF_LOCAL) {
            *out = d->locals[expr->as.name.index];
            return true;
        }
        if (expr->kind == EXPR_INT) {
            *out = value_int(expr->as.integer.value);
            return true;
        }
        if (expr->kind == EXPR_STRING) {
            *out = direct_text(d, expr);
            return true;
        }
    }
    return direct_value(d, expr, out);
}

// ---- direct_calls.c

typedef struct DirectCall {
    const Module *module;
    const Binding *binding;
    const Function *function;
    Value *locals; // its own
} DirectCall;

// Makes room for the locals of a function of the program that takes `count`
// arguments, which are to be bound next. `evidence`: the note of its name, or
// NULL. Those of the library may be expanded where they are called, and take
// other steps. The caller resets Direct.top.
MUST_USE bool direct_begin_call(Direct *d, uint32_t module, uint32_t index,
                                uint32_t count, const Note *evidence,
                                DirectCall *out);
MUST_USE bool direct_end_call(Direct *d, const DirectCall *call, Value *out);

// ---- direct_data.c

// A list, tuple or record literal.
MUST_USE bool direct_data(Direct *d, const Expr *expr, Value *out);
MUST_USE bool direct_values(Direct *d, const Expr *exprs, uint32_t count,
                            Value *out);
MUST_USE bool direct_comprehension(Direct *d, const Expr *expr, Value *out);

// ---- direct_operators.c

MUST_USE bool direct_chain(Direct *d, const Expr *expr, Value *out);
MUST_USE bool direct_unary(Direct *d, const Expr *expr, Value *out);
MUST_USE bool direct_interpolation(Direct *d, const Expr *expr, Value *out);
MUST_USE bool direct_match(Direct *d, const Expr *expr, Value *out);

#endif
