/* SPDX-License-Identifier: Apache-2.0 */
#include "container/frame.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "support/archive_builder.h"
#include "support/doubles.h"

enum { CHUNKS = 6 };
static const size_t chunks[CHUNKS] = {1, 2, 3, 7, 4096, 0};

/* Reads all of it; returns how many documents came before what ended it. */
static uint64_t read_documents(struct bm_view bytes, size_t chunk, uint32_t most,
                               enum bm_framing framing, enum bm_item *item, struct bm_error *err)
{
    struct bm_error none = BM_ERROR_INIT;
    struct bm_reader *reader = bm_reader_memory_new(bytes, chunk, &none);
    struct bm_frame frame;
    cr_assert(reader != NULL && bm_frame_init(&frame, framing, reader, 0, &none) == BM_OK);
    uint64_t count = 0;
    uint64_t offset = 0;
    struct bm_batch batch = {0};
    enum bm_status status;
    while ((status = bm_frame_next(&frame, most, &batch, item, err)) == BM_OK &&
           *item == BM_ITEM_DOCUMENTS) {
        cr_assert_geq(batch.count, 1);
        cr_assert_leq(batch.count, most);
        cr_assert_eq(batch.offset, offset);
        cr_assert_eq(batch.at[0], 0);
        for (uint32_t i = 0; i < batch.count; i++) {
            cr_assert_eq(batch.at[i + 1] - batch.at[i], bm_le32(batch.bytes.data + batch.at[i]));
        }
        cr_assert_eq(batch.at[batch.count], batch.bytes.len);
        cr_assert_arr_eq(batch.bytes.data, bytes.data + offset, batch.bytes.len);
        offset += batch.bytes.len;
        count += batch.count;
    }
    bm_frame_free(&frame);
    bm_reader_free(reader);
    return status == BM_OK ? count : count + 1000000;
}

static struct bm_buffer three(void)
{
    struct bm_buffer out = TEST_ARCHIVE_INIT;
    test_build_document(&out, "{}");
    test_build_document(&out, "{'a': 'some text of some length'}");
    test_build_document(&out, "{'_id': 1}");
    return out;
}

Test(frame, every_chunk_size_gives_the_same_documents)
{
    struct bm_buffer bytes = three();
    for (size_t i = 0; i < CHUNKS; i++) {
        for (uint32_t most = 1; most < 5; most++) {
            struct bm_error err = BM_ERROR_INIT;
            enum bm_item item;
            cr_expect_eq(read_documents(bm_buffer_view(&bytes), chunks[i], most, BM_FRAMING_FILE,
                                        &item, &err),
                         3);
            cr_expect_eq(item, BM_ITEM_END);
        }
    }
    bm_buffer_free(&bytes);
}

Test(frame, a_terminator_ends_a_run_in_archives_only)
{
    struct bm_buffer bytes = three();
    test_build_terminator(&bytes);
    struct bm_error err = BM_ERROR_INIT;
    enum bm_item item;
    cr_expect_eq(read_documents(bm_buffer_view(&bytes), 0, 9, BM_FRAMING_ARCHIVE, &item, &err), 3);
    cr_expect_eq(item, BM_ITEM_TERMINATOR);
    cr_expect_eq(read_documents(bm_buffer_view(&bytes), 0, 9, BM_FRAMING_FILE, &item, &err),
                 1000003);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_str_eq(err.text, "a document length of -1 bytes is less than 5");
    cr_expect_eq(err.offset, bytes.len - 4);
    bm_buffer_free(&bytes);
}

/* Only a cut between two documents cannot be seen in a file. */
Test(frame, every_cut_is_told)
{
    struct bm_buffer bytes = three();
    size_t second = 5;
    size_t third = bytes.len - 14;
    for (size_t len = 0; len < bytes.len; len++) {
        for (size_t i = 0; i < CHUNKS; i++) {
            struct bm_error err = BM_ERROR_INIT;
            enum bm_item item;
            uint64_t count = read_documents((struct bm_view){bytes.data, len}, chunks[i], 9,
                                            BM_FRAMING_FILE, &item, &err);
            size_t start = len < second ? 0 : len < third ? second : third;
            uint64_t whole = len < second ? 0 : len < third ? 1 : 2;
            if (len == start) {
                cr_expect_eq(count, whole);
                continue;
            }
            cr_expect_eq(count, whole + 1000000);
            cr_expect_eq(err.code, BM_ERROR_TRUNCATED);
            cr_expect_eq(err.offset, start);
        }
    }
    bm_buffer_free(&bytes);
}

Test(frame, lengths_are_checked_before_anything_is_read)
{
    static const struct {
        uint32_t length;
        const char *file;
        const char *archive;
    } cases[] = {
        {0, "a document length of 0 bytes is less than 5",
         "0 is neither a valid BSON length nor an archive terminator"},
        {4, "a document length of 4 bytes is less than 5",
         "4 is neither a valid BSON length nor an archive terminator"},
        {16793601, "a document length of 16793601 bytes is over 16793600",
         "16793601 is neither a valid BSON length nor an archive terminator"},
        {0x80000000, "a document length of -2147483648 bytes is less than 5",
         "-2147483648 is neither a valid BSON length nor an archive terminator"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t bytes[8] = {0};
        bm_put_le32(bytes, cases[i].length);
        struct bm_view view = {bytes, sizeof bytes};
        struct bm_error err = BM_ERROR_INIT;
        enum bm_item item;
        (void)read_documents(view, 0, 9, BM_FRAMING_FILE, &item, &err);
        cr_expect_str_eq(err.text, cases[i].file);
        cr_expect_eq(err.code, BM_ERROR_CORRUPT);
        cr_expect_eq(err.offset, 0);
        struct bm_error other = BM_ERROR_INIT;
        (void)read_documents(view, 0, 9, BM_FRAMING_ARCHIVE, &item, &other);
        cr_expect_str_eq(other.text, cases[i].archive);
    }
}

Test(frame, the_last_byte_must_be_zero)
{
    struct bm_buffer bytes = three();
    bytes.data[bytes.len - 1] = 7;
    struct bm_error err = BM_ERROR_INIT;
    enum bm_item item;
    cr_expect_eq(read_documents(bm_buffer_view(&bytes), 0, 9, BM_FRAMING_FILE, &item, &err),
                 1000002);
    cr_expect_str_eq(err.text, "a document of 14 bytes ends with byte 07, not 0");
    cr_expect_eq(err.offset, bytes.len - 14);
    bm_buffer_free(&bytes);
}

/* The longest document there is, between two small ones, from a reader that lends little. */
Test(frame, a_large_document_is_lent_whole)
{
    size_t large = 16793600;
    size_t len = 5 + large + 5;
    uint8_t *bytes = calloc(1, len);
    cr_assert_not_null(bytes);
    bm_put_le32(bytes, 5);
    bm_put_le32(bytes + 5, (uint32_t)large);
    bm_put_le32(bytes + 5 + large, 5);
    static const size_t lends[] = {4096, 1 << 20, 0};
    for (size_t i = 0; i < 3; i++) {
        struct bm_error err = BM_ERROR_INIT;
        enum bm_item item;
        cr_expect_eq(read_documents((struct bm_view){bytes, len}, lends[i], BM_FRAME_DOCUMENTS,
                                    BM_FRAMING_FILE, &item, &err),
                     3);
    }
    free(bytes);
}

Test(frame, batches_are_bounded)
{
    enum { COUNT = 20000 };
    size_t len = (size_t)COUNT * 5;
    uint8_t *bytes = calloc(1, len);
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < COUNT; i++) {
        bm_put_le32(bytes + i * 5, 5);
    }
    struct bm_error err = BM_ERROR_INIT;
    enum bm_item item;
    cr_expect_eq(read_documents((struct bm_view){bytes, len}, 0, BM_FRAME_DOCUMENTS,
                                BM_FRAMING_FILE, &item, &err),
                 COUNT);
    free(bytes);
}

Test(frame, a_reader_that_fails_says_where)
{
    struct bm_buffer bytes = three();
    for (size_t limit = 0; limit <= bytes.len; limit++) {
        struct bm_error none = BM_ERROR_INIT;
        struct bm_error err = BM_ERROR_INIT;
        struct bm_reader *reader = test_reader_failing(bm_buffer_view(&bytes), limit, 3);
        struct bm_frame frame;
        cr_assert_eq(bm_frame_init(&frame, BM_FRAMING_FILE, reader, 0, &none), BM_OK);
        struct bm_batch batch;
        enum bm_item item;
        enum bm_status status;
        while ((status = bm_frame_next(&frame, 9, &batch, &item, &err)) == BM_OK &&
               item != BM_ITEM_END) {
        }
        cr_expect_eq(status, BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_leq(err.offset, limit);
        bm_frame_free(&frame);
        bm_reader_free(reader);
    }
    bm_buffer_free(&bytes);
}
