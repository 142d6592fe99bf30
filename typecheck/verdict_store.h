// Where the type cache keeps verdicts that outlive the process: only those of
// modules without diagnostics, so that there is nothing but the hash of the
// interface to keep.
//
// Ownership: the client's, longer than the check.
// Threads:   both functions on any worker.
#ifndef LIGATURE_TYPECHECK_VERDICT_STORE_H
#define LIGATURE_TYPECHECK_VERDICT_STORE_H

#include "support/hash.h"

typedef struct VerdictStore {
    // True with the hash of the module's interface where the key is known.
    // And what is there of its types: typecheck/stored_types.h, or empty.
    bool (*find)(void *ctx, const Hash256 *key, Hash256 *out_interface,
                 Str *out_types);
    void (*keep)(void *ctx, const Hash256 *key, const Hash256 *interface_hash,
                 Str types);
    void *ctx;
} VerdictStore;

#endif
