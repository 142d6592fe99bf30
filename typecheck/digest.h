// Hashes of what the checker reads and shows. Inside a process the fast hash
// is enough; what is kept on disk needs one that withstands prepared contents.
//
// Threads: pure functions.
#ifndef LIGATURE_TYPECHECK_DIGEST_H
#define LIGATURE_TYPECHECK_DIGEST_H

#include <string.h>

#include "support/hash.h"

typedef Hash256 Digest;

typedef enum DigestKind {
    DIGEST_FAST,  // 128 bits, the rest is zero
    DIGEST_STRONG // SHA-256
} DigestKind;

static inline Hash128 digest_key(const Digest *digest)
{
    Hash128 key;
    memcpy(&key, digest->bytes, sizeof key);
    return key;
}

static inline Digest digest_widen(Hash128 hash)
{
    Digest digest = {{0}};
    memcpy(digest.bytes, &hash, sizeof hash);
    return digest;
}

static inline Digest digest_text(DigestKind kind, Str text)
{
    return kind == DIGEST_STRONG ? hash256('t', text)
                                 : digest_widen(hash128(text));
}

static inline Digest digest_number(DigestKind kind, uint64_t number)
{
    Str bytes = str_make((const char *)&number, sizeof number);
    return kind == DIGEST_STRONG ? hash256('n', bytes)
                                 : digest_widen(hash128(bytes));
}

// Order-dependent.
static inline Digest digest_combine(DigestKind kind, Digest a, Digest b)
{
    if (kind == DIGEST_FAST) {
        return digest_widen(hash128_combine(digest_key(&a), digest_key(&b)));
    }
    Digest both[2] = {a, b};
    return hash256('c', str_make((const char *)both, sizeof both));
}

#endif
