/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "bsonmend/seen.h"

static struct bm_fingerprint of_number(uint64_t number)
{
    static const struct bm_hash_key key = {{7, 1, 9}};
    return bm_fingerprint_of(&key, (struct bm_view){(const uint8_t *)&number, sizeof number});
}

static struct bm_seen *new_set(struct bm_budget *budget)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = bm_seen_new(budget, &err);
    cr_assert_not_null(seen);
    return seen;
}

static void add(struct bm_seen *seen, uint64_t number, enum bm_mark mark)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_seen_add(seen, of_number(number), mark, &err), BM_OK, "%s", err.text);
}

Test(seen, an_empty_set_finds_nothing_and_is_cheap)
{
    struct bm_budget budget = {0, 0};
    struct bm_seen *seen = new_set(&budget);
    struct bm_fingerprint one = of_number(1);
    bm_seen_prefetch(seen, &one, 1);
    bm_seen_mark(seen, one, BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, one), BM_MARK_ABSENT);
    cr_assert_eq(bm_seen_count(seen), 0);
    cr_assert_lt(budget.used, 1024);
    add(seen, 1, BM_MARK_PLAIN);
    cr_assert_lt(budget.used, 1024);
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
}

Test(seen, marks_are_ored)
{
    struct bm_budget budget = {0, 0};
    struct bm_seen *seen = new_set(&budget);
    add(seen, 1, BM_MARK_PLAIN);
    add(seen, 2, BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, of_number(1)), BM_MARK_PLAIN);
    cr_assert_eq(bm_seen_find(seen, of_number(2)), BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, of_number(3)), BM_MARK_ABSENT);
    bm_seen_mark(seen, of_number(1), BM_MARK_SHARED);
    bm_seen_mark(seen, of_number(2), BM_MARK_SHARED);
    bm_seen_mark(seen, of_number(3), BM_MARK_SHARED);
    cr_assert_eq(bm_seen_find(seen, of_number(1)), BM_MARK_SHARED);
    cr_assert_eq(bm_seen_find(seen, of_number(2)), BM_MARK_OURS | BM_MARK_SHARED);
    cr_assert_eq(bm_seen_find(seen, of_number(3)), BM_MARK_ABSENT);
    add(seen, 1, BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, of_number(1)), BM_MARK_OURS | BM_MARK_SHARED);
    cr_assert_eq(bm_seen_count(seen), 2);
    bm_seen_free(seen);
}

Test(seen, same_high_half_is_not_the_same_key)
{
    struct bm_budget budget = {0, 0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = new_set(&budget);
    struct bm_fingerprint a = {.low = 8, .high = UINT64_MAX};
    struct bm_fingerprint b = {.low = 4, .high = UINT64_MAX};
    struct bm_fingerprint c = {.low = 0, .high = UINT64_MAX};
    cr_assert_eq(bm_seen_add(seen, a, BM_MARK_OURS, &err), BM_OK);
    cr_assert_eq(bm_seen_find(seen, b), BM_MARK_ABSENT);
    cr_assert_eq(bm_seen_add(seen, b, BM_MARK_PLAIN, &err), BM_OK);
    cr_assert_eq(bm_seen_find(seen, a), BM_MARK_OURS);
    cr_assert_eq(bm_seen_find(seen, b), BM_MARK_PLAIN);
    cr_assert_eq(bm_seen_find(seen, c), BM_MARK_ABSENT);
    bm_seen_free(seen);
}

/* Runs at the end of the homes, where there is no wrap-around. */
Test(seen, a_crowd_at_the_last_home_stays_findable)
{
    struct bm_budget budget = {0, 0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = new_set(&budget);
    for (uint64_t i = 0; i < 500; i++) {
        struct bm_fingerprint one = {.low = i << 2, .high = UINT64_MAX - i % 7};
        cr_assert_eq(bm_seen_add(seen, one, BM_MARK_PLAIN, &err), BM_OK);
    }
    for (uint64_t i = 0; i < 500; i++) {
        struct bm_fingerprint one = {.low = i << 2, .high = UINT64_MAX - i % 7};
        struct bm_fingerprint other = {.low = i << 2, .high = UINT64_MAX - (i + 1) % 7};
        cr_assert_eq(bm_seen_find(seen, one), BM_MARK_PLAIN);
        cr_assert_eq(bm_seen_find(seen, other), BM_MARK_ABSENT);
    }
    bm_seen_free(seen);
}

/* More entries of one home than spare slots: never from a keyed hash, but it must end. */
Test(seen, hopeless_fingerprints_end_in_a_refusal)
{
    struct bm_budget budget = {0, 0};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = new_set(&budget);
    enum bm_status status = BM_OK;
    uint64_t held = 0;
    while (status == BM_OK && held < 5000) {
        struct bm_fingerprint one = {.low = held << 2, .high = UINT64_MAX};
        status = bm_seen_add(seen, one, BM_MARK_PLAIN, &err);
        held += status == BM_OK;
    }
    cr_assert_eq(status, BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_MEMORY);
    cr_assert_geq(held, 1024);
    for (uint64_t i = 0; i < held; i++) {
        struct bm_fingerprint one = {.low = i << 2, .high = UINT64_MAX};
        cr_assert_eq(bm_seen_find(seen, one), BM_MARK_PLAIN);
    }
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
}

/* Numbers 0 … RANGE-1 at random against an array that knows the marks. */
Test(seen, agrees_with_a_naive_model)
{
    enum { RANGE = 40000 };
    static int model[RANGE];
    struct bm_budget budget = {0, 0};
    struct bm_seen *seen = new_set(&budget);
    for (size_t i = 0; i < RANGE; i++) {
        model[i] = BM_MARK_ABSENT;
    }
    uint64_t state = 88172645463325252u;
    uint64_t count = 0;
    for (size_t step = 0; step < 200000; step++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t number = (state >> 8) % RANGE;
        enum bm_mark mark = (enum bm_mark)(state % 3);
        cr_assert_eq(bm_seen_find(seen, of_number(number)), model[number], "step %zu", step);
        if (state >> 63) {
            bm_seen_mark(seen, of_number(number), mark);
            model[number] =
                model[number] == BM_MARK_ABSENT ? BM_MARK_ABSENT : (int)(model[number] | mark);
        } else {
            add(seen, number, mark);
            count += model[number] == BM_MARK_ABSENT;
            model[number] =
                model[number] == BM_MARK_ABSENT ? (int)mark : (int)(model[number] | mark);
        }
    }
    cr_assert_eq(bm_seen_count(seen), count);
    for (uint64_t i = 0; i < RANGE; i++) {
        cr_assert_eq(bm_seen_find(seen, of_number(i)), model[i]);
    }
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
}

Test(seen, a_budget_refuses_and_the_set_stays)
{
    struct bm_budget budget = {100000, 500};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_seen *seen = new_set(&budget);
    uint64_t held = 0;
    while (bm_seen_add(seen, of_number(held), BM_MARK_OURS, &err) == BM_OK) {
        held++;
    }
    cr_assert_eq(err.code, BM_ERROR_MEMORY);
    cr_assert_gt(held, 1000);
    cr_assert_leq(budget.used, budget.limit);
    uint64_t used = budget.used;
    for (int again = 0; again < 3; again++) {
        err = BM_ERROR_INIT;
        cr_assert_eq(bm_seen_add(seen, of_number(held), BM_MARK_PLAIN, &err), BM_FAIL);
        cr_assert_eq(bm_seen_find(seen, of_number(held)), BM_MARK_ABSENT);
        cr_assert_eq(bm_seen_count(seen), held);
        cr_assert_eq(budget.used, used);
    }
    add(seen, 3, BM_MARK_SHARED); /* there already: needs no room */
    for (uint64_t i = 0; i < held; i++) {
        int mark = i == 3 ? BM_MARK_OURS | BM_MARK_SHARED : BM_MARK_OURS;
        cr_assert_eq(bm_seen_find(seen, of_number(i)), mark);
    }
    budget.limit = 0;
    add(seen, held, BM_MARK_PLAIN);
    cr_assert_eq(bm_seen_find(seen, of_number(held)), BM_MARK_PLAIN);
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 500);
}

Test(seen, two_sets_share_a_budget)
{
    struct bm_budget budget = {0, 0};
    struct bm_seen *one = new_set(&budget);
    struct bm_seen *other = new_set(&budget);
    add(one, 1, BM_MARK_PLAIN);
    uint64_t used = budget.used;
    add(other, 1, BM_MARK_PLAIN);
    cr_assert_eq(budget.used, 2 * used);
    bm_seen_free(one);
    cr_assert_eq(budget.used, used);
    bm_seen_free(other);
    bm_seen_free(NULL);
}

/* Heap, then mapped memory that moves; the price of a key is bounded all the way. */
Test(seen, a_million_keys_in_at_most_32_bytes_each)
{
    struct bm_budget budget = {0, 0};
    struct bm_seen *seen = new_set(&budget);
    double worst = 0;
    for (uint64_t i = 0; i < 1000000; i++) {
        add(seen, i, BM_MARK_PLAIN);
        double each = (double)budget.used / (double)(i + 1);
        worst = i >= 500000 && each > worst ? each : worst;
    }
    printf("a key takes %.1f bytes at a million, %.1f at most from half a million\n",
           (double)budget.used / 1e6, worst);
    cr_assert_leq((double)budget.used / 1e6, 32.0);
    cr_assert_leq(worst, 32.0);
    cr_assert_eq(bm_seen_count(seen), 1000000);
    for (uint64_t i = 0; i < 2000000; i++) {
        int mark = i < 1000000 ? BM_MARK_PLAIN : BM_MARK_ABSENT;
        cr_assert_eq(bm_seen_find(seen, of_number(i)), mark);
    }
    bm_seen_free(seen);
    cr_assert_eq(budget.used, 0);
}
