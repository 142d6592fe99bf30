// The keyed hash and the content hash.
#include "support/hash.h"

#include "tests/harness.h"

// Computed with an implementation of SipHash-1-3 of other origin (CPython's,
// with the key all zero; and the reference key 00 01 02 ...).
TEST(keyed_hash_has_reference_values)
{
    HashKey reference = {UINT64_C(0x0706050403020100),
                         UINT64_C(0x0f0e0d0c0b0a0908)};
    CHECK(hash_keyed(reference, STR("")) == UINT64_C(0xabac0158050fc4dc));
}

TEST(keyed_hash_depends_on_key_and_every_byte)
{
    HashKey a = {1, 2}, b = {1, 3};
    CHECK(hash_keyed(a, STR("name")) == hash_keyed(a, STR("name")));
    CHECK(hash_keyed(a, STR("name")) != hash_keyed(b, STR("name")));
    CHECK(hash_keyed(a, STR("a")) != hash_keyed(a, STR("a\0")));
    char text[32] = {0};
    uint64_t plain = hash_keyed(a, str_make(text, sizeof text));
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = 1;
        CHECK(hash_keyed(a, str_make(text, sizeof text)) != plain);
        text[i] = 0;
    }
    HashKey random = hash_key_random(), again = hash_key_random();
    CHECK(random.k0 != again.k0 || random.k1 != again.k1);
}

TEST(content_hash_is_xxh3)
{
    // The value that the XXH3 specification gives for the empty input.
    Hash128 empty = hash128(STR(""));
    CHECK(empty.high == UINT64_C(0x99aa06d3014798d8));
    CHECK(empty.low == UINT64_C(0x6001c324468d497f));
    Hash128 a = hash128(STR("a")), b = hash128(STR("b"));
    CHECK(!hash128_equal(a, b));
    CHECK(hash128_equal(a, hash128(STR("a"))));
    CHECK(!hash128_equal(hash128_combine(a, b), hash128_combine(b, a)));
}

TEST_MAIN(RUN(keyed_hash_has_reference_values),
          RUN(keyed_hash_depends_on_key_and_every_byte),
          RUN(content_hash_is_xxh3))
