// Hashes. Names out of programs and data go through the keyed hash, which
// prepared inputs cannot attack (SipHash-1-3, Aumasson and Bernstein 2012);
// content keys through XXH3-128 of libxxhash.
//
// Threads: pure functions.
#ifndef LIGATURE_SUPPORT_HASH_H
#define LIGATURE_SUPPORT_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "support/str.h"

typedef struct HashKey {
    uint64_t k0, k1;
} HashKey;

// Random from the system, so that no input can prepare collisions.
HashKey hash_key_random(void);
uint64_t hash_keyed(HashKey key, Str text);

// 2^64 over the golden ratio. The upper bits of a product with it tell numbers
// and addresses apart that lie close together (Fibonacci hashing: Knuth, The
// Art of Computer Programming 3, 6.4). For what no input can choose.
#define HASH_MULTIPLIER UINT64_C(0x9E3779B97F4A7C15)

typedef struct Hash128 {
    uint64_t low, high;
} Hash128;

static inline bool hash128_equal(Hash128 a, Hash128 b)
{
    return a.low == b.low && a.high == b.high;
}
// Content hash; equal in every process.
Hash128 hash128(Str bytes);
// Order-dependent combination.
Hash128 hash128_combine(Hash128 a, Hash128 b);

// For what outlives the process: nobody can prepare two contents of one hash
// (SHA-256). The tag keeps kinds of content apart.
typedef struct Hash256 {
    uint8_t bytes[32];
} Hash256;
Hash256 hash256(uint8_t tag, Str bytes);

#endif
