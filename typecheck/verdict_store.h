// Where the type cache keeps verdicts that outlive the process: only those of
// modules without diagnostics, so that there is little to keep.
//
// Ownership: the client's, longer than the check.
// Threads:   both functions on any worker.
#ifndef LIGATURE_TYPECHECK_VERDICT_STORE_H
#define LIGATURE_TYPECHECK_VERDICT_STORE_H

#include "support/hash.h"

typedef struct StoredVerdict {
    Hash256 interface_hash;
    Str types;           // typecheck/stored_types.h, or empty
    uint64_t type_nodes; // that the check made
} StoredVerdict;

typedef struct VerdictStore {
    // True where the key is known.
    bool (*find)(void *ctx, const Hash256 *key, StoredVerdict *out);
    void (*keep)(void *ctx, const Hash256 *key, const StoredVerdict *verdict);
    void *ctx;
} VerdictStore;

#endif
