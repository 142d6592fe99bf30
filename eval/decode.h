// Reading a Json value as a type: the walk of DECODE_NEXT, which stops where
// code of the program has to say something, a default or an instance. An
// explicit stack, so that any depth is fine.
//
// Ownership: nodes live in the compiler's arena, walks in a heap.
// Threads:   nodes are immutable once compiled; a walk has one owner.
#ifndef LIGATURE_EVAL_DECODE_H
#define LIGATURE_EVAL_DECODE_H

#include "eval/builtin_api.h"
#include "syntax/module.h"

// A JsonShape as the machine walks it. Targets are words of the decoder's
// code; UINT32_MAX: none.
typedef struct DecodeNode DecodeNode;
struct DecodeNode {
    JsonKind kind;
    DecodeNode **parts;
    uint32_t count;
    const Symbol *fields;
    const RecordFill *fills; // by field
    uint32_t *targets;       // RECORD: of defaults, by field; UNION: of the
                             // checks of arguments, by constructor
    uint32_t target;         // EVIDENCE
    const Module *module;    // UNION
    const TypeEntry *type;   // UNION, in `module`
    const CtorInfo *ctors;   // UNION
};

typedef struct DecodeFrame {
    const DecodeNode *node;
    Value json;
    Value *parts; // what has been read
    bool *given;  // RECORD: fields that the object has
    uint32_t next, count;
    uint32_t ctor; // UNION
    bool checked;  // UNION: its arguments are
} DecodeFrame;

typedef struct DecodeWalk {
    uint32_t depth, capacity;
    DecodeFrame *frames;
    const DecodeNode *waiting; // an EVIDENCE node whose value is to come
    Value waiting_json;
    Value value; // of the part that was read last
    bool has_value;
    bool failed;
    StrBuf error;
} DecodeWalk;

typedef enum DecodeOutcome {
    DECODE_DONE,  // *out: the value
    DECODE_WRONG, // *out: the message
    DECODE_CALL,  // go on at *out_target, and then with decode_put()
    DECODE_STOP   // steps or memory: the context is set
} DecodeOutcome;

DecodeWalk *decode_begin(BuiltinContext *ctx, const DecodeNode *node,
                         Value json);
DecodeOutcome decode_next(DecodeWalk *walk, BuiltinContext *ctx,
                          Interner *interner, uint32_t *out_target, Value *out);
// Part `index` of the value that is being read; UINT16_MAX: the Json that an
// instance is to read.
Value decode_part(const DecodeWalk *walk, uint32_t index);
// What the code gave: the value that was missing; for checks, nothing.
void decode_put(DecodeWalk *walk, Value value);
// The code found something wrong.
void decode_fail(DecodeWalk *walk, Value message);

#endif
