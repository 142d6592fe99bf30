// Which of the inputs of a session another one needs: those that declare a name
// which it mentions, with those that they need in turn. A name in a string or a
// comment counts as well; too many do no harm.
//
// Ownership: a ReplNeeds owns all.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_REPL_NEEDS_H
#define LIGATURE_CLI_REPL_NEEDS_H

#include "support/hash.h"
#include "support/ptr_map.h"
#include "support/vec.h"
#include "syntax/module.h"

typedef VEC(Hash128) NameHashes;

typedef struct NeedsInput {
    NameHashes mentions;
    bool always; // it brings what has no name: imports, instances, files
} NeedsInput;

// Of a name: the input that declares it.
typedef struct NeedsName {
    uint32_t input;
    uint32_t before; // of the same name, plus 1; 0: none
} NeedsName;

typedef struct ReplNeeds {
    VEC(NeedsInput) inputs;
    VEC(NeedsName) names;
    PtrMap latest; // by the hash of a name: an index into `names`, plus 1
} ReplNeeds;

void repl_needs_release(ReplNeeds *needs);
// The next input, with its tree; NULL for a file.
void repl_needs_add(ReplNeeds *needs, const Module *module,
                    const Interner *interner);
// Sets out_needed[i] of the inputs that `text` needs, entered behind all, and
// of as many of the latest, with what those need.
void repl_needs_find(const ReplNeeds *needs, Str text, uint32_t latest,
                     bool *out_needed);

#endif
