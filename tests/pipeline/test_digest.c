/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "pipeline/digest.h"

/* Documents as a digest sees them: their order and bytes, in blocks that double. */

static const struct bm_hash_key key = {"0123456789abcde"};
static const struct bm_namespace ns = {.number = 0, .ns = "d.c"};

/* {"": int32} */
static void make(uint8_t out[12], uint32_t number)
{
    static const uint8_t head[7] = {12, 0, 0, 0, 0x10, 0, 0};
    memset(out, 0, 12);
    memcpy(out, head, 6);
    for (int i = 0; i < 4; i++) {
        out[6 + i] = (uint8_t)(number >> 8 * i);
    }
}

/* Numbers 0 … count-1, with one other in the place `odd`; from, to: the places that count. */
static struct bm_digests digest_of(uint32_t count, uint32_t odd, uint64_t from, uint64_t to)
{
    struct bm_digests digests;
    struct bm_error err = BM_ERROR_INIT;
    static const uint32_t at[] = {0, 12};
    cr_assert_eq(bm_digests_init(&digests, 1, &key, &err), BM_OK);
    digests.list[0].from = from;
    digests.list[0].to = to;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t document[12];
        make(document, i == odd ? count : i);
        const struct bm_batch batch = {
            .ns = &ns, .bytes = {document, 12}, .at = at, .count = 1, .ordinal = i};
        cr_assert_eq(bm_digests_batch(&digests, &batch, NULL, 0, &err), BM_OK);
    }
    return digests;
}

Test(digest, a_difference_is_narrowed_down_block_by_block)
{
    enum { COUNT = 10000, ODD = 7777 };
    uint64_t from = 0;
    uint64_t to = UINT64_MAX;
    unsigned reads = 0;
    while (to - from > 1) {
        struct bm_digests a = digest_of(COUNT, COUNT, from, to);
        struct bm_digests b = digest_of(COUNT, ODD, from, to);
        cr_assert_leq(a.list[0].count, BM_DIGEST_BLOCKS);
        cr_assert(bm_digest_differ(&a.list[0], &b.list[0], &from, &to));
        cr_assert_leq(from, ODD);
        cr_assert_gt(to, ODD);
        bm_digests_free(&a);
        bm_digests_free(&b);
        reads++;
    }
    cr_assert_eq(from, ODD);
    cr_assert_eq(reads, 2);
}

Test(digest, of_a_longer_one_the_first_place_behind_the_other_differs)
{
    static const uint32_t counts[] = {0, 1, 4095, 4096, 4097, 8192, 9001};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct bm_digests a = digest_of(counts[i], UINT32_MAX, 0, UINT64_MAX);
        struct bm_digests same = digest_of(counts[i], UINT32_MAX, 0, UINT64_MAX);
        struct bm_digests b = digest_of(counts[i] + 1, UINT32_MAX, 0, UINT64_MAX);
        uint64_t from;
        uint64_t to;
        cr_assert_not(bm_digest_differ(&a.list[0], &same.list[0], &from, &to), "%u", counts[i]);
        cr_assert(bm_digest_differ(&a.list[0], &b.list[0], &from, &to), "%u", counts[i]);
        cr_assert_leq(from, counts[i]);
        cr_assert_gt(to, counts[i]);
        bm_digests_free(&a);
        bm_digests_free(&same);
        bm_digests_free(&b);
    }
}

Test(digest, documents_that_change_places_are_seen)
{
    struct bm_digests a;
    struct bm_digests b;
    struct bm_error err = BM_ERROR_INIT;
    uint8_t bytes[36];
    static const uint32_t at[] = {0, 12, 24};
    cr_assert_eq(bm_digests_init(&a, 1, &key, &err), BM_OK);
    cr_assert_eq(bm_digests_init(&b, 1, &key, &err), BM_OK);
    make(bytes, 1);
    make(bytes + 12, 2);
    make(bytes + 24, 1);
    struct bm_batch batch = {.ns = &ns, .bytes = {bytes, 24}, .at = at, .count = 2};
    cr_assert_eq(bm_digests_batch(&a, &batch, NULL, 0, &err), BM_OK);
    batch.bytes.data = bytes + 12;
    cr_assert_eq(bm_digests_batch(&b, &batch, NULL, 0, &err), BM_OK);
    uint64_t from;
    uint64_t to;
    cr_assert(bm_digest_differ(&a.list[0], &b.list[0], &from, &to));
    cr_assert_eq(from, 0);
    cr_assert(bm_heap_equal(&a.list[0].kept, &b.list[0].kept), "a heap has no order");
    bm_digests_free(&a);
    bm_digests_free(&b);
}
