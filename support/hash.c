// SipHash-1-3: one round per word, three to finish; keyed, so that names made
// to collide need the key (Aumasson and Bernstein, "SipHash: a fast
// short-input PRF", 2012).
#include "support/hash.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <sys/random.h>
#include <time.h>
#include <xxhash.h>

typedef struct SipState {
    uint64_t v0, v1, v2, v3;
} SipState;

static inline uint64_t rotate_left(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64 - bits);
}

static inline void sip_round(SipState *s)
{
    s->v0 += s->v1;
    s->v1 = rotate_left(s->v1, 13) ^ s->v0;
    s->v0 = rotate_left(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate_left(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate_left(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate_left(s->v1, 17) ^ s->v2;
    s->v2 = rotate_left(s->v2, 32);
}

static inline uint64_t read_word(const char *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

uint64_t hash_keyed(HashKey key, Str text)
{
    SipState s = {key.k0 ^ UINT64_C(0x736f6d6570736575),
                  key.k1 ^ UINT64_C(0x646f72616e646f6d),
                  key.k0 ^ UINT64_C(0x6c7967656e657261),
                  key.k1 ^ UINT64_C(0x7465646279746573)};
    size_t whole = text.len & ~(size_t)7;
    for (size_t i = 0; i < whole; i += 8) {
        uint64_t word = read_word(text.data + i);
        s.v3 ^= word;
        sip_round(&s);
        s.v0 ^= word;
    }
    uint64_t last = (uint64_t)text.len << 56;
    for (size_t i = whole; i < text.len; i++) {
        last |= (uint64_t)(unsigned char)text.data[i] << (8 * (i - whole));
    }
    s.v3 ^= last;
    sip_round(&s);
    s.v0 ^= last;
    s.v2 ^= 0xFF;
    sip_round(&s);
    sip_round(&s);
    sip_round(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

HashKey hash_key_random(void)
{
    HashKey key;
    ssize_t got;
    do {
        got = getrandom(&key, sizeof key, 0);
    } while (got < 0 && errno == EINTR);
    if (got != (ssize_t)sizeof key) {
        // A sandbox without the system call: the time and the randomised
        // addresses of this process are what is left.
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        key.k0 = (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
        key.k1 = (uint64_t)(uintptr_t)&now ^ (uint64_t)(uintptr_t)getrandom;
    }
    return key;
}

Hash128 hash128(Str bytes)
{
    XXH128_hash_t hash = XXH3_128bits(bytes.data, bytes.len);
    return (Hash128){hash.low64, hash.high64};
}

Hash128 hash128_combine(Hash128 a, Hash128 b)
{
    uint64_t words[4] = {a.low, a.high, b.low, b.high};
    return hash128(str_make((const char *)words, sizeof words));
}

Hash256 hash256(uint8_t tag, Str bytes)
{
    struct sha256_ctx sha;
    sha256_init(&sha);
    sha256_update(&sha, sizeof tag, &tag);
    sha256_update(&sha, bytes.len, (const uint8_t *)bytes.data);
    Hash256 hash;
    sha256_digest(&sha, sizeof hash.bytes, hash.bytes);
    return hash;
}
