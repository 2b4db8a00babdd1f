/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "bsonmend/reader.h"

struct lend_case {
    size_t chunk;
    size_t want;
    enum bm_status status;
    size_t lent;
};

/* Of ten bytes. */
static const struct lend_case cases[] = {
    {0, 1, BM_OK, 10},   {0, 10, BM_OK, 10},   {0, 11, BM_END, 10}, {1, 1, BM_OK, 1},
    {1, 4, BM_OK, 4},    {3, 1, BM_OK, 3},     {3, 4, BM_OK, 4},    {3, 10, BM_OK, 10},
    {3, 11, BM_END, 10}, {4096, 1, BM_OK, 10},
};

Test(reader_memory, lends_the_larger_of_want_and_chunk)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_view bytes = bm_view_text("0123456789");
        struct bm_error err = BM_ERROR_INIT;
        struct bm_reader *reader = bm_reader_memory_new(bytes, cases[i].chunk, &err);
        struct bm_view lent;
        cr_expect_eq(bm_reader_peek(reader, cases[i].want, &lent, &err), cases[i].status, "%zu", i);
        cr_expect_eq(lent.data, bytes.data);
        cr_expect_eq(lent.len, cases[i].lent, "%zu: %zu", i, lent.len);
        bm_reader_consume(reader, lent.len);
        cr_expect_eq(bm_reader_peek(reader, 1, &lent, &err), cases[i].lent == 10 ? BM_END : BM_OK);
        bm_reader_free(reader);
    }
}

Test(reader_memory, nothing)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *reader = bm_reader_memory_new((struct bm_view){NULL, 0}, 1, &err);
    struct bm_view lent;
    cr_expect_eq(bm_reader_peek(reader, 1, &lent, &err), BM_END);
    cr_expect_eq(lent.len, 0);
    bm_reader_free(reader);
    bm_reader_free(NULL);
}
