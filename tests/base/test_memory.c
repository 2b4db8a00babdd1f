/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/memory.h"

Test(memory, sizes_that_do_not_fit_are_refused)
{
    struct bm_error err = BM_ERROR_INIT;
    size_t out = 0;
    cr_assert_eq(bm_size_add(SIZE_MAX - 1, 1, &out, &err), BM_OK);
    cr_assert_eq(out, SIZE_MAX);
    cr_assert_eq(bm_size_add(SIZE_MAX, 1, &out, &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_MEMORY);
    err = BM_ERROR_INIT;
    cr_assert_eq(bm_size_multiply(SIZE_MAX / 2, 2, &out, &err), BM_OK);
    cr_assert_eq(bm_size_multiply(SIZE_MAX / 2, 3, &out, &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_MEMORY);
}

Test(memory, an_array_grows_and_keeps_its_elements)
{
    struct bm_error err = BM_ERROR_INIT;
    int *numbers = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(bm_grow(&numbers, (size_t)i, &capacity, sizeof *numbers, &err), BM_OK);
        numbers[i] = i;
    }
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(numbers[i], i);
    }
    free(numbers);
}

Test(memory, copies_end_with_a_nul_and_may_hold_one)
{
    struct bm_error err = BM_ERROR_INIT;
    char *copy = bm_copy_view((struct bm_view){(const uint8_t *)"a\0b", 3}, &err);
    cr_assert_eq(memcmp(copy, "a\0b\0", 4), 0);
    free(copy);
    char *text = bm_format_text(&err, "%s:%d", "x", 5);
    cr_assert_str_eq(text, "x:5");
    free(text);
}

Test(memory, little_endian_numbers_at_odd_addresses)
{
    uint8_t bytes[13] = {0};
    bm_put_le64(bytes + 1, 0x1122334455667788u);
    cr_assert_eq(bytes[1], 0x88);
    cr_assert_eq(bytes[8], 0x11);
    cr_assert_eq(bm_le64(bytes + 1), 0x1122334455667788u);
    cr_assert_eq(bm_le32(bytes + 1), 0x55667788u);
    bm_put_le32(bytes + 5, 0xdeadbeefu);
    cr_assert_eq(bm_le32(bytes + 5), 0xdeadbeefu);
}
