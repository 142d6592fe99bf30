// Content keys of bindings: equal keys mean equal elaborated code all the way
// down (kinds, operators, literals, local numbers, evidence; references stand
// for what they refer to), and so equal values and steps. Merkle: the
// key of a binding is a hash over its code and the keys of what it names; the
// members of a recursive group are hashed together.
//
// Only bindings whose source text occurs more than once can be equal to
// another; all others are named by their place, without looking into them. So
// a program without copies pays one hash over its text.
//
// Keys hold for one run: they contain symbols, module numbers and addresses.
//
// Ownership: borrows the checked program.
// Threads:   fingerprint_binding() from any thread.
#ifndef LIGATURE_EVAL_FINGERPRINT_H
#define LIGATURE_EVAL_FINGERPRINT_H

#include "concurrent/pool.h"
#include "support/hash.h"
#include "syntax/module.h"

typedef struct Fingerprints Fingerprints;

// By the worker that calls, and those that have nothing to do.
Fingerprints *fingerprints_new(const Program *program, Worker *worker);
void fingerprints_free(Fingerprints *fingerprints);

// False when no other binding has the same text.
MUST_USE bool fingerprint_binding(Fingerprints *fingerprints, uint32_t module,
                                  uint32_t index, Hash128 *out_key);

// Whether evaluating the expression may cost something: there is a call, a
// pipe or a comprehension outside of functions.
bool fingerprint_has_cost(const Expr *expr);

// fingerprint_code.c: appends the code of a binding; `append_ref` appends
// what a reference to another one stands for.
typedef struct FingerprintWriter {
    StrBuf *out;
    const Notes *notes;
    void (*append_ref)(void *ctx, StrBuf *out, uint32_t module, uint32_t index);
    void *ctx;
} FingerprintWriter;
void fingerprint_append_binding(FingerprintWriter *writer,
                                const Binding *binding);

#endif
