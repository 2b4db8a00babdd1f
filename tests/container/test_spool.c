/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "bsonmend/codec.h"
#include "bsonmend/container.h"
#include "container/spool.h"
#include "io/unnamed.h"
#include "support/doubles.h"
#include "support/dump.h"
#include "support/scratch.h"
#include "support/streams.h"

static struct test_scratch scratch;

static void setup(void)
{
    test_scratch_make(&scratch);
    test_scratch_write(&scratch, "spool/inside", bm_view_text("kept"));
}

static void teardown(void)
{
    test_scratch_remove(&scratch);
}

TestSuite(spool, .init = setup, .fini = teardown);

static const char *folder(void)
{
    return test_scratch_path(&scratch, "spool");
}

static struct bm_spool *spool_of(struct bm_reader *from, const char *where, struct bm_error *err)
{
    cr_assert_not_null(from);
    struct bm_spool *spool = bm_spool_new(from, where, NULL, err);
    bm_reader_free(from);
    return spool;
}

/* Lengths around the buffers on the way; the same bytes each time, and no name in the folder. */
Test(spool, what_came_is_read_again)
{
    static const size_t lengths[] = {0, 1, 1000, 1048575, 1048576, 1048577, 5000000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer bytes = test_bytes(lengths[i], 7);
        struct bm_spool *spool =
            spool_of(bm_reader_memory_new(bm_buffer_view(&bytes), 65536, &err), folder(), &err);
        cr_assert_not_null(spool, "%s", err.text);
        cr_expect_eq(bm_spool_bytes(spool), lengths[i]);
        cr_expect_eq(test_scratch_count(&scratch, "spool"), 1);
        for (int pass = 0; pass < 3; pass++) {
            struct bm_buffer again = BM_BUFFER_INIT(lengths[i] + 1);
            const struct bm_fd_options how = {.path = "a pipe"};
            struct bm_reader *reader = bm_spool_read(spool, &how, &err);
            cr_assert_not_null(reader, "%s", err.text);
            cr_expect_eq(test_read_all(reader, 1, &again, &err), BM_END, "%s", err.text);
            cr_expect(bm_view_equal(bm_buffer_view(&again), bm_buffer_view(&bytes)));
            bm_reader_free(reader);
            bm_buffer_free(&again);
        }
        bm_spool_free(spool);
        bm_buffer_free(&bytes);
    }
}

Test(spool, a_stream_that_fails_gives_none)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer bytes = test_bytes(300000, 8);
    cr_expect_null(
        spool_of(test_reader_failing(bm_buffer_view(&bytes), 200000, 1000), folder(), &err));
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_eq(err.sys_errno, EIO);
    bm_buffer_free(&bytes);
}

Test(spool, a_place_that_is_no_folder)
{
    static const char *const places[] = {"absent", "spool/inside"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        const char *place = test_scratch_path(&scratch, places[i]);
        cr_expect_eq(bm_unnamed_open(place, &err), -1);
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%s: %s", places[i], err.text);
        cr_expect_str_eq(err.file, place);
    }
}

/* Noise that zstd cannot shorten, past what a file may hold. */
Test(spool, a_full_folder)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer bytes = BM_BUFFER_INIT(1 << 22);
    uint32_t state = 1;
    for (size_t i = 0; i < 2000000; i++) {
        state = state * 1664525 + 1013904223;
        cr_assert_eq(bm_buffer_append_byte(&bytes, (uint8_t)(state >> 24), &err), BM_OK);
    }
    struct rlimit before;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit full = {.rlim_cur = 100000, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    struct bm_spool *spool =
        spool_of(bm_reader_memory_new(bm_buffer_view(&bytes), 0, &err), folder(), &err);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    cr_expect_null(spool);
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_eq(err.sys_errno, EFBIG);
    cr_expect_str_eq(err.text, "cannot write");
    cr_expect_eq(strncmp(err.file, "--spool ", 8), 0, "%s", err.file);
    bm_buffer_free(&bytes);
}

static void expect_twice(struct bm_view bytes, enum bm_codec codec)
{
    struct bm_error err = BM_ERROR_INIT;
    test_dump_pipe_in(bytes);
    const struct bm_source_options in = {.db = "d", .collection = "c", .spool = folder()};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_assert_not_null(source, "%s", err.text);
    cr_expect_eq(bm_source_about(source)->repeatable, 1);
    cr_expect_eq(bm_source_about(source)->codec, codec);
    for (int pass = 0; pass < 3; pass++) {
        uint64_t read = 0;
        cr_expect_eq(test_dump_read(source, &read), 2);
        cr_expect_eq(read, 10);
    }
    bm_source_free(source);
}

/* A pipe keeps what it is: its codec is told by what came through it, not by what it is kept in. */
Test(spool, a_pipe_is_repeatable_in_each_codec)
{
    static const enum bm_codec codecs[] = {BM_CODEC_NONE, BM_CODEC_GZIP, BM_CODEC_ZSTD};
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        const struct bm_view plain = TEST_TEXT("\x05\0\0\0\0\x05\0\0\0\0");
        struct bm_buffer coded = BM_BUFFER_INIT(1 << 20);
        struct bm_error err = BM_ERROR_INIT;
        if (codecs[i] == BM_CODEC_NONE) {
            cr_assert_eq(bm_buffer_append(&coded, plain, &err), BM_OK);
        } else {
            test_stream_encode(plain, (struct bm_compression){codecs[i], 1}, 0, &coded);
        }
        expect_twice(bm_buffer_view(&coded), codecs[i]);
        bm_buffer_free(&coded);
    }
}
