// Parts of a module that are checked beside each other: runs of binding groups
// (check_runs.c), and stretches of a long literal. A part is an Infer of its
// own: it reads what its parent knows, writes the notes and the locals of its
// own expressions, and keeps all else to itself until its parent takes it, in
// the order of the source. What the parts are depends on the module only,
// never on how many workers there are.
//
// A stretch of a literal stands inside a group whose types are not all known.
// It gets a copy of the expected type in which each variable has a stand-in;
// where it binds one, or meets another variable from outside, it is dropped:
// what it wrote in the tree is taken back, and it is done again by the parent
// itself, after those before it.
//
// Ownership: a part owns its lists until it is joined or dropped; types, and
//            what the tree points to, it makes in the arenas of its worker.
// Threads:   one worker has a part at a time; its parent waits meanwhile.
#ifndef LIGATURE_TYPECHECK_INFER_PARTS_H
#define LIGATURE_TYPECHECK_INFER_PARTS_H

#include "syntax/stretches.h"
#include "typecheck/infer_internal.h"

typedef struct StandIn {
    Type *var; // the part's
    Type *real;
} StandIn;

struct Part {
    Infer infer;
    DiagSink sink;
    // Of a stretch:
    struct LogEntry *log;
    VEC(StandIn) stand_ins;
    bool touched;
};

// A part for binding groups.
Part *infer_new_part(const Infer *parent, Worker *worker);
// The parent takes what the part has done.
void infer_join_part(Infer *parent, Part *part);

// A literal whose items can be checked one by one.
typedef struct Stretches Stretches;
struct Stretches {
    Expr *expr; // a list or a record
    uint32_t from, count;
    Type *expected; // of the items, or NULL
    // Checks the items from `begin` to `end`. *state is 0 at first and handed
    // on in order; where it is not 0 any more, so must all that is left be.
    void (*check)(Infer *c, const Stretches *stretches, uint32_t begin,
                  uint32_t end, Type *expected, uint32_t *state);
    void *ctx;
};
// `expr` must be long.
void infer_stretches(Infer *c, const Stretches *stretches);

// Whether it would be split here.
static inline bool infer_is_long(const Infer *c, const Expr *literal)
{
    return stretches_worth(literal, c->grain) && c->part == NULL &&
           c->givens.count == 0 && c->vars.count == 0;
}

#endif
