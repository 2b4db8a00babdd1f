/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "repair/gone.h"

/* Steps of every length come back as the ordinals they were. */
Test(gone, ordinals_come_back)
{
    static const uint64_t ordinals[] = {0,     1,     127,       128,           255,
                                        16511, 16512, 268435711, 1000000000000, UINT64_C(1) << 63};
    size_t count = sizeof ordinals / sizeof *ordinals;
    for (size_t first = 0; first < count; first++) {
        struct bm_budget budget = {0};
        struct bm_gone gone = {.steps = NULL};
        struct bm_error err = BM_ERROR_INIT;
        for (size_t i = first; i < count; i++) {
            cr_assert_eq(bm_gone_add(&gone, &budget, ordinals[i], &err), BM_OK);
        }
        bm_gone_start(&gone);
        for (size_t i = first; i < count; i++) {
            cr_expect(bm_gone_has(&gone, ordinals[i]), "%zu", i);
            uint64_t between = ordinals[i] + 1;
            int is_there = i + 1 < count && ordinals[i + 1] == between;
            cr_expect_eq(bm_gone_has(&gone, between), is_there, "%zu", i);
        }
        bm_gone_free(&gone, &budget);
        cr_expect_eq(budget.used, 0);
    }
}

Test(gone, none)
{
    struct bm_gone gone = {.steps = NULL};
    bm_gone_start(&gone);
    cr_expect(!bm_gone_has(&gone, 0));
}

/* A million documents, each second one: a byte each, and as much again while it grows. */
Test(gone, takes_a_byte_a_document)
{
    struct bm_budget budget = {.limit = 2200000};
    struct bm_gone gone = {.steps = NULL};
    struct bm_error err = BM_ERROR_INIT;
    for (uint64_t i = 0; i < 1000000; i++) {
        cr_assert_eq(bm_gone_add(&gone, &budget, 2 * i, &err), BM_OK, "%s", err.text);
    }
    enum bm_status status = BM_OK;
    for (uint64_t i = 1000000; i < 3000000 && status == BM_OK; i++) {
        status = bm_gone_add(&gone, &budget, 2 * i, &err);
    }
    cr_expect_eq(status, BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_MEMORY);
    cr_expect_eq(budget.refused, 1);
    bm_gone_free(&gone, &budget);
    cr_expect_eq(budget.used, 0);
}
