/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "bsonmend/error.h"

Test(error, the_first_failure_wins_and_upper_layers_only_add)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_fail(&err, BM_ERROR_IO, ENOSPC, "first %d", 1), BM_FAIL);
    cr_assert_eq(bm_fail(&err, BM_ERROR_USAGE, 0, "second"), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_IO);
    cr_assert_eq(err.sys_errno, ENOSPC);
    cr_assert_str_eq(err.text, "first 1");
    cr_assert_eq(bm_error_at(&err, 7), BM_FAIL);
    cr_assert_eq(bm_error_at(&err, 8), BM_FAIL);
    cr_assert_eq(err.offset, 7);
    cr_assert_eq(bm_error_in(&err, "a.b"), BM_FAIL);
    cr_assert_eq(bm_error_in(&err, "c.d"), BM_FAIL);
    cr_assert_str_eq(err.ns, "a.b");
    cr_assert_eq(bm_error_file(&err, "x"), BM_FAIL);
    cr_assert_eq(bm_error_file(&err, "y"), BM_FAIL);
    cr_assert_str_eq(err.file, "x");
}

Test(error, long_texts_are_cut_and_a_long_path_keeps_its_end)
{
    char path[1000];
    memset(path, 'p', sizeof path);
    memcpy(path + sizeof path - 8, "the-end", 8);
    struct bm_error err = BM_ERROR_INIT;
    (void)bm_fail(&err, BM_ERROR_IO, 0, "%s", path);
    (void)bm_error_file(&err, path);
    cr_assert_eq(strlen(err.text), sizeof err.text - 1);
    cr_assert_eq(strlen(err.file), sizeof err.file - 1);
    cr_assert_eq(memcmp(err.file, "...p", 4), 0);
    cr_assert_str_eq(err.file + strlen(err.file) - 7, "the-end");
}

static const struct {
    enum bm_error_code code;
    int exit_status;
} codes[] = {
    {BM_ERROR_NONE, 0},    {BM_ERROR_VIOLATION, 1}, {BM_ERROR_USAGE, 2},  {BM_ERROR_TRUNCATED, 3},
    {BM_ERROR_CORRUPT, 3}, {BM_ERROR_IO, 4},        {BM_ERROR_MEMORY, 4}, {BM_ERROR_STOPPED, 4},
};

Test(error, each_code_has_its_exit_status)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        cr_assert_eq(bm_error_exit(codes[i].code), codes[i].exit_status, "code %d",
                     (int)codes[i].code);
    }
}
