/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/window.h"

/* Bytes 0, 1, 2 … go in and must come out in that order, whatever moves inside. */
Test(window, bytes_come_out_as_they_went_in)
{
    struct bm_window window = {0};
    struct bm_error err = BM_ERROR_INIT;
    uint8_t in = 0;
    uint8_t out = 0;
    cr_expect_eq(bm_window_view(&window).len, 0);
    for (size_t round = 0; round < 500; round++) {
        size_t added = round * 7 % 40;
        cr_assert_eq(bm_window_reserve(&window, 40, &err), BM_OK);
        cr_assert_geq(window.capacity - window.end, 40);
        for (size_t i = 0; i < added; i++) {
            window.data[window.end++] = in++;
        }
        struct bm_view held = bm_window_view(&window);
        size_t taken = held.len < round * 5 % 37 ? held.len : round * 5 % 37;
        for (size_t i = 0; i < taken; i++) {
            cr_assert_eq(held.data[i], out++);
        }
        bm_window_consume(&window, taken);
        cr_expect_eq(bm_window_view(&window).len, held.len - taken);
    }
    bm_window_free(&window);
    cr_expect_eq(bm_window_view(&window).len, 0);
}

Test(window, memory_follows_what_is_held)
{
    struct bm_window window = {0};
    struct bm_error err = BM_ERROR_INIT;
    for (size_t held = 0; held < 100000; held += 100) {
        cr_assert_eq(bm_window_reserve(&window, 100, &err), BM_OK);
        cr_expect_leq(window.capacity, 2 * (held + 100));
        window.end += 100;
    }
    bm_window_free(&window);
}

Test(window, a_size_that_does_not_add_up)
{
    struct bm_window window = {0};
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_window_reserve(&window, 10, &err), BM_OK);
    window.end = 1;
    cr_expect_eq(bm_window_reserve(&window, SIZE_MAX, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_MEMORY);
    cr_expect_eq(bm_window_view(&window).len, 1);
    bm_window_free(&window);
}
