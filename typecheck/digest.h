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

// A few bytes stand for themselves, which is no hash that anybody could find:
// half of it is zero. `kind` keeps numbers and texts apart.
static inline Digest digest_short(uint8_t kind, const void *bytes, size_t len)
{
    Digest digest = {{kind, (uint8_t)len}};
    if (len > 0) {
        memcpy(digest.bytes + 2, bytes, len);
    }
    return digest;
}

static inline Digest digest_text(DigestKind kind, Str text)
{
    enum { SHORT = 14 };
    if (kind == DIGEST_STRONG) {
        return text.len <= SHORT ? digest_short('t', text.data, text.len)
                                 : hash256('t', text);
    }
    return digest_widen(hash128(text));
}

static inline Digest digest_number(DigestKind kind, uint64_t number)
{
    if (kind == DIGEST_STRONG) {
        return digest_short('n', &number, sizeof number);
    }
    Str bytes = str_make((const char *)&number, sizeof number);
    return digest_widen(hash128(bytes));
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
