// Register code: what a binding or a function compiles to.
//
// Ownership: code, its tables and its constants live in the arena of the
//            machine that compiled it (eval/machine.h) until the evaluation
//            ends.
// Threads:   immutable once compiled, but for the inline caches, which are
//            relaxed atomics.
#ifndef LIGATURE_EVAL_CODE_H
#define LIGATURE_EVAL_CODE_H

#include "concurrent/atomics.h"
#include "eval/value.h"
#include "support/source.h"
#include "syntax/builtins.h"
#include "syntax/elab.h"

typedef enum Op {
#define OP(name, words, operands) OP_##name,
#include "eval/ops.def"
    OP_COUNT
} Op;

// Every operand fits; the compiler reports a function that needs more.
#define REGISTER_MAX 60000u

typedef struct CodeSpan {
    uint32_t at; // from this word on
    Span span;
} CodeSpan;

// Words that ask what a predicate says, expanded where a value meets its type:
// their spans are the value's.
typedef struct CodeAsk {
    uint32_t begin, end;
    Span span; // of the conjunct
    const Source *source;
} CodeAsk;

struct Code {
    const uint64_t *words;
    uint32_t word_count;
    uint32_t arity;
    uint32_t register_count; // parameters first
    uint32_t constant_count;
    uint32_t pointer_count;
    uint32_t span_count;
    uint32_t ask_count;
    const Value *constants;
    const void *const *pointers;
    _Atomic(uint64_t) *caches; // of FIELD: shape id << 32 | field number
    const CodeSpan *spans;     // ascending
    const CodeAsk *asks;       // inner ones first
    const Source *source;      // that the spans are in
    bool is_std;               // part of the standard library
    bool is_part;              // of a long literal: ListParts
    bool in_block;             // one block of mem_alloc() with all its tables,
                               // to be freed once it has run
    uint32_t wraps; // 1 + the Builtin that it calls with its parameters; or 0
    Str name;       // for traces
    const FunctionObject *function; // where it captures nothing
    _Atomic(uint32_t) memo_off;     // CALL_SELF_MEMO: call as usual; relaxed
};

// Whether `code` is that of a builtin standing as a value.
static inline bool code_wraps(const Code *code, Builtin builtin)
{
    return code->wraps == (uint32_t)builtin + 1;
}

// ---- what `pointers` may lead to

// SWITCH_TAG: targets by constructor number. SWITCH_VALUE: targets by `keys`,
// sorted by value_compare. Targets are word numbers.
typedef struct SwitchTable {
    uint32_t count;
    uint32_t otherwise;
    const Value *keys; // NULL for SWITCH_TAG
    uint32_t *targets;
} SwitchTable;

// LIST_PART: a long list literal of a binding, which is compiled and run part
// by part, so that there is never code for all of it, and parts may be done by
// others. Part n has the items from n * part_items on.
typedef struct ListParts {
    struct Slot *slot; // of the binding
    const Expr *list;
    uint32_t part_items;
} ListParts;

// What a loop that may be split builds. Others begin with nothing, and what
// they have is put behind what the owner has.
typedef enum LoopKind {
    LOOP_LIST,   // a builder
    LOOP_SUM,    // an integer; in the next two registers the least and the
                 // greatest that it has been in a chunk: where the owner's sum
                 // would have overflowed on the way it does the items by itself
    LOOP_TEXT,   // a string
    LOOP_VERDICT // a boolean, with which the loop may be left early
} LoopKind;

// UPDATE: a record built from spreads, fields and dotted paths, whose values
// stand in consecutive registers or, when they are many, in a list. Between two
// spreads, items whose paths begin alike stand side by side.
typedef struct RecordPlanItem {
    uint32_t count; // names in the path; 0 for a spread
    uint32_t value; // which of the values
    const Symbol *names;
} RecordPlanItem;
typedef struct RecordPlan {
    uint32_t count;
    bool is_flat; // a spread, then single fields, in the order of the values
    bool in_list;
    const RecordPlanItem *items;
    // Of a flat plan: what it made of the first shape that it met.
    _Atomic(uintptr_t) seen; // const PlanShape *, or 0
} RecordPlan;
typedef struct PlanShape {
    const Shape *from, *to;
    uint32_t fields[]; // of `to`, by item; [0] is unused
} PlanShape;

// FAIL_CHECK: the refinement that a value breaks, and what is shown of it. The
// operands stand in consecutive registers.
typedef struct CheckOperand {
    const Source *source;
    Span span;
    bool is_value; // `x`
    bool applied;  // a function that was applied to x
} CheckOperand;
typedef struct CheckFailure {
    const Source *predicate_source;
    Span predicate; // the conjunct
    Str alias;      // the name of the type; may be empty
    const Source *annotation_source;
    Span annotation;
    const CheckOperand *operands;
    uint32_t operand_count;
    uint32_t param;       // 1 + its number; 0: no parameter
    bool result;          // of a function
    const Expr *constant; // NULL: the machine stops here
    bool soft;            // the message goes to a register
    bool is_default;      // in the default of a field: where constants are
                          // looked at, the record is checked, too
} CheckFailure;

// Items of dictionaries that are not there yet (Value.aux8 of a DICTIONARY).
// They are looked at by METHOD only.
enum {
    DICTIONARY_PLAIN,
    DICTIONARY_SLOT, // as.pointer: the Slot whose value it is
    DICTIONARY_APPLY // as.partial: its function is a DICTIONARY_SLOT
};

// ---- instructions

static inline uint64_t code_word(Op op, uint32_t a, uint32_t b, uint32_t c)
{
    return (uint64_t)op | (uint64_t)(a & 0xffff) << 16 |
           (uint64_t)(b & 0xffff) << 32 | (uint64_t)(c & 0xffff) << 48;
}
static inline uint64_t code_wide(Op op, uint32_t a, uint32_t wide)
{
    return (uint64_t)op | (uint64_t)(a & 0xffff) << 16 | (uint64_t)wide << 32;
}
static inline uint64_t code_pair(uint32_t low, uint32_t high)
{
    return low | (uint64_t)high << 32;
}
static inline Op code_op(uint64_t word)
{
    return (Op)(word & 0xffff);
}
uint32_t op_words(Op op);

// Span of the instruction at or before word `at`.
Span code_span(const Code *code, uint32_t at);
// The innermost that the word is part of, or NULL.
const CodeAsk *code_ask(const Code *code, uint32_t at);
// Text of the instructions, one per line, for tests and debugging.
void code_print(const Code *code, StrBuf *out);

#endif
