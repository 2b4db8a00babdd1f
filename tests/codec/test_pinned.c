/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdint.h>

#include "codec/pinned.h"

Test(pinned, a_place_that_was_given_back_is_given_again)
{
    struct bm_error err = BM_ERROR_INIT;
    void *first = bm_pinned_new(3000000, &err);
    cr_assert_not_null(first);
    uintptr_t place = (uintptr_t)first;
    bm_pinned_free(first, 3000000);
    for (int i = 0; i < 10; i++) {
        void *again = bm_pinned_new(3000000, &err);
        cr_assert_eq((uintptr_t)again, place);
        cr_assert_eq(*(uint8_t *)again, 0);
        *(uint8_t *)again = 1;
        bm_pinned_free(again, 3000000);
    }
}

Test(pinned, several_lie_side_by_side_in_a_row_that_is_always_the_same)
{
    struct bm_error err = BM_ERROR_INIT;
    void *pieces[4];
    for (int i = 0; i < 4; i++) {
        pieces[i] = bm_pinned_new(3000000, &err);
        cr_assert_not_null(pieces[i]);
    }
    cr_assert_eq((uintptr_t)pieces[0] % 0x100000, 0);
    for (int i = 1; i < 4; i++) {
        cr_assert_eq((uintptr_t)pieces[i] - (uintptr_t)pieces[i - 1], 3 * 0x100000);
    }
    for (int i = 0; i < 4; i++) {
        bm_pinned_free(pieces[i], 3000000);
    }
}
