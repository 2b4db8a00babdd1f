/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdalign.h>
#include <string.h>

#include "key/arena.h"

Test(arena, pieces_stay_where_they_are)
{
    enum { COUNT = 2000 };
    static uint8_t *pieces[COUNT];
    struct bm_arena arena = {.block = NULL};
    struct bm_error err = BM_ERROR_INIT;
    for (size_t i = 0; i < COUNT; i++) {
        pieces[i] = bm_arena_take(&arena, i, &err);
        cr_assert_not_null(pieces[i]);
        cr_assert_eq((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)(i % 251), i);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t at = 0; at < i; at++) {
            cr_assert_eq(pieces[i][at], i % 251);
        }
    }
    bm_arena_free(&arena);
}

Test(arena, a_reset_uses_its_memory_again)
{
    struct bm_arena arena = {.block = NULL};
    struct bm_error err = BM_ERROR_INIT;
    void *first = bm_arena_take(&arena, 100, &err);
    bm_arena_reset(&arena);
    cr_assert_eq(bm_arena_take(&arena, 100, &err), first);
    bm_arena_reset(&arena);
    cr_assert_not_null(bm_arena_take(&arena, (size_t)8 << 20, &err));
    bm_arena_reset(&arena);
    cr_assert_null(arena.block, "a huge block was kept");
    bm_arena_free(&arena);
}

Test(arena, a_size_that_overflows_is_refused)
{
    struct bm_arena arena = {.block = NULL};
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_null(bm_arena_take(&arena, SIZE_MAX - 3, &err));
    cr_assert_eq(err.code, BM_ERROR_MEMORY);
    bm_arena_free(&arena);
}
