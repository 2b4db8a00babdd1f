/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "bsonmend/seen.h"

static struct bm_hash_key counting_key(void)
{
    struct bm_hash_key key;
    for (uint8_t i = 0; i < sizeof key.bytes; i++) {
        key.bytes[i] = i;
    }
    return key;
}

/* The authors' test vectors of SipHash-2-4-128: key 00 … 0f, input 00, 01, … */
static const struct {
    size_t len;
    uint64_t low, high;
} vectors[] = {
    {0, UINT64_C(0xe6a825ba047f81a3), UINT64_C(0x930255c71472f66d)},
    {1, UINT64_C(0x44af996bd8c187da), UINT64_C(0x45fc229b11597634)},
};

Test(fingerprint, is_siphash_without_two_bits)
{
    uint8_t input[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    struct bm_hash_key key = counting_key();
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct bm_fingerprint got =
            bm_fingerprint_of(&key, (struct bm_view){input, vectors[i].len});
        cr_assert_eq(got.low, vectors[i].low & ~UINT64_C(3), "case %zu: %lx", i, got.low);
        cr_assert_eq(got.high, vectors[i].high, "case %zu: %lx", i, got.high);
    }
}

Test(fingerprint, takes_a_view_of_nothing)
{
    struct bm_hash_key key = counting_key();
    struct bm_fingerprint got = bm_fingerprint_of(&key, (struct bm_view){NULL, 0});
    cr_assert_eq(got.high, vectors[0].high);
}

Test(fingerprint, depends_on_the_key)
{
    struct bm_hash_key one = counting_key();
    struct bm_hash_key other = counting_key();
    other.bytes[15] ^= 1;
    struct bm_fingerprint a = bm_fingerprint_of(&one, bm_view_text("x"));
    struct bm_fingerprint b = bm_fingerprint_of(&other, bm_view_text("x"));
    cr_assert(a.low != b.low && a.high != b.high);
}

Test(fingerprint, random_keys_differ)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_hash_key a, b;
    cr_assert_eq(bm_hash_key_random(&a, &err), BM_OK);
    cr_assert_eq(bm_hash_key_random(&b, &err), BM_OK);
    cr_assert_neq(memcmp(a.bytes, b.bytes, sizeof a.bytes), 0);
}
