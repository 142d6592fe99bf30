// Where values come from. In an evaluation that explains, every value carries
// the number of its origin: the place that made it and those that it has
// passed since, oldest last. The number stands where the value has room
// (Value.origin; of a union in a CtorInfo of its own), so it goes wherever the
// value goes, through builtins and containers as well; what makes a new value
// has none, and the code marks it where the expression ends that made it.
//
// Code that explains is compiled so (eval/compile_origins.c); other code has
// none of this.
//
// Ownership: all that is in Origins lives as long as it does.
// Threads:   one owner: an evaluation that explains has one worker.
#ifndef LIGATURE_EVAL_ORIGIN_H
#define LIGATURE_EVAL_ORIGIN_H

#include "eval/code.h"
#include "eval/value.h"
#include "support/arena.h"
#include "syntax/elab.h"

typedef enum OriginKind {
    FROM_LITERAL,  // written there
    FROM_DATA,     // likewise, in a data file
    FROM_INPUT,    // given from outside for the input `name`
    FROM_BUILT,    // a record, list or tuple put together there
    FROM_OPERATOR, // computed by an operator, or text with parts
    FROM_CALL,     // returned by what is called there
    FROM_NAME,     // read there by the name of a binding
    FROM_SELECTED, // read there from a field; parts[0] is the record
    FROM_BINDING,  // the value of the binding there
    FROM_FIELD,    // became a field of the record there
    FROM_SPREAD,   // came with the record that is spread there
    FROM_REPLACED, // took the place of parts[0] there
    FROM_CHOSEN,   // by ??
    FROM_DEFAULT,  // filled in: the record there leaves out the field `name`
    FROM_CHECK     // satisfies the refinements of the annotation there
} OriginKind;

// In which branch of an `if` or `match` a place lies: for the reader.
typedef struct OriginBranch OriginBranch;
struct OriginBranch {
    const OriginBranch *outer;
    const Source *source;
    Span condition; // or of the pattern
    bool is_match;
    bool sense; // what the condition was
};

// A place in the program that values pass.
typedef struct OriginSite {
    OriginKind kind;
    bool collects; // ends what an OP_ORIGIN_BEGIN began
    const Source *source;
    Span span;
    Str name; // of what is called, of the binding or the field; or the operator
    const Source
        *other_source; // DEFAULT: where the default is written; or NULL
    Span other;
    const OriginBranch *branch;   // innermost; or NULL
    const RefinementCheck *check; // CHECK
    uint32_t plain;               // the origin that is this place alone; or 0
    uint32_t last_before, last;   // what it made of which the last time
} OriginSite;

// An operand or argument.
typedef struct OriginPlace {
    const Source *source;
    Span span;
} OriginPlace;

typedef struct OriginPart {
    const OriginPlace *place; // NULL: it has none of its own
    Str text;                 // of the value, where that is short
    uint32_t origin;
} OriginPart;

typedef struct Origin {
    const OriginSite *site;
    uint32_t before; // the next older one; 0: this is what made the value
    uint32_t depth;
    uint32_t part_count;
    const OriginPart *parts;
} Origin;

// The items of a RecordPlan: a site for each.
typedef struct OriginUpdate {
    const RecordPlan *plan;
    OriginSite **sites;
    OriginSite **replaced; // the same places, as FROM_REPLACED
} OriginUpdate;

typedef struct Origins Origins;
Origins *origins_new(void);
void origins_free(Origins *origins);
Arena *origins_arena(Origins *origins); // for sites

// 0: not known. Looks through Some.
uint32_t value_origin(Value value);
// Numbers are from 1 on.
const Origin *origin_at(const Origins *origins, uint32_t number);

// ---- for the machine and the compiler

// The value, which has passed the site. Functions are left as they are.
Value origin_mark(Origins *origins, Heap *heap, const OriginSite *site,
                  Value value);
// The value without what it says of its origin.
Value origin_clear(Value value);
void origin_begin(Origins *origins);
void origin_part(Origins *origins, const OriginPlace *place, Value value);
void origin_update(Origins *origins, Heap *heap, const OriginUpdate *update,
                   Value *values);

#endif
