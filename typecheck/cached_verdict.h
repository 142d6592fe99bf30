// What the type cache keeps of a module: what the check said, and the hash of
// the interface.
//
// Ownership: a verdict owns its arena, in which all of it lives.
// Threads:   immutable once made.
#ifndef LIGATURE_TYPECHECK_CACHED_VERDICT_H
#define LIGATURE_TYPECHECK_CACHED_VERDICT_H

#include "syntax/module.h"
#include "typecheck/digest.h"

typedef struct CachedDiag CachedDiag;

typedef struct CachedVerdict {
    Arena arena; // of what follows
    Digest interface_hash;
    uint64_t type_nodes; // that the check made
    bool has_interface;  // the hash was made: an importer was there to ask
    Str path; // of the module, where there are diagnostics: they may name it
    CachedDiag *diags;
    uint32_t diag_count;
} CachedVerdict;

// Without an interface or diagnostics.
CachedVerdict *cached_verdict_new(void);
// The diagnostics from `first` on; NULL where one points into another file.
CachedVerdict *cached_verdict_make(const Module *module, uint32_t first);
void cached_verdict_free(CachedVerdict *verdict);
// Says the diagnostics again.
void cached_verdict_replay(const CachedVerdict *verdict, Module *module);

#endif
