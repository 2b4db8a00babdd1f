/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "base/buffer.h"

Test(buffer, grows_and_keeps_what_is_in_it)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer buffer = BM_BUFFER_INIT(100000);
    for (int i = 0; i < 10000; i++) {
        cr_assert_eq(bm_buffer_append_byte(&buffer, (uint8_t)i, &err), BM_OK);
    }
    cr_assert_eq(buffer.len, 10000);
    for (int i = 0; i < 10000; i++) {
        cr_assert_eq(buffer.data[i], (uint8_t)i);
    }
    bm_buffer_free(&buffer);
}

Test(buffer, refuses_to_pass_its_limit_and_stays_as_it_was)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer buffer = BM_BUFFER_INIT(10);
    cr_assert_eq(bm_buffer_append_text(&buffer, "12345", &err), BM_OK);
    cr_assert_eq(bm_buffer_append_text(&buffer, "678901", &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_MEMORY);
    cr_assert(bm_view_equal(bm_buffer_view(&buffer), bm_view_text("12345")));
    err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_append_text(&buffer, "67890", &err), BM_OK);
    cr_assert_eq(bm_buffer_reserve(&buffer, SIZE_MAX, &err), BM_FAIL);
    bm_buffer_free(&buffer);
}

Test(buffer, formats_behind_what_is_there)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer buffer = BM_BUFFER_INIT(1000);
    cr_assert_eq(bm_buffer_append_text(&buffer, "a", &err), BM_OK);
    cr_assert_eq(bm_buffer_printf(&buffer, &err, "%d-%s", 42, "b"), BM_OK);
    cr_assert(bm_view_equal(bm_buffer_view(&buffer), bm_view_text("a42-b")));
    bm_buffer_clear(&buffer);
    cr_assert_eq(buffer.len, 0);
    bm_buffer_free(&buffer);
    cr_assert_eq(buffer.limit, 1000);
}
