/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* pthread_setattr_default_np */

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bsonmend/codec.h"
#include "support/doubles.h"

/* A thread's stack takes so much of the addresses that room for it is a number of threads. What
 * zstd takes besides is far less, and there is always half a stack for it. */
enum { STACK = 1 << 28, WORKERS = 8, LEN = 3000000 };

static void allow_threads(size_t count)
{
    pthread_attr_t attributes;
    cr_assert_eq(pthread_attr_init(&attributes), 0);
    cr_assert_eq(pthread_attr_setstacksize(&attributes, STACK), 0);
    cr_assert_eq(pthread_setattr_default_np(&attributes), 0);
    cr_assert_eq(pthread_attr_destroy(&attributes), 0);
    unsigned long long pages = 0;
    FILE *sizes = fopen("/proc/self/statm", "r");
    cr_assert_not_null(sizes);
    cr_assert_eq(fscanf(sizes, "%llu", &pages), 1);
    (void)fclose(sizes);
    rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + count * STACK + STACK / 2;
    const struct rlimit limit = {most, most};
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
}

static enum bm_status encode(struct bm_view plain, unsigned workers, struct test_written *written,
                             struct bm_error *err)
{
    const struct bm_compression compression = {.codec = BM_CODEC_ZSTD};
    struct bm_writer *writer =
        bm_encode_new(test_writer_collecting(written), compression, workers, err);
    cr_assert_not_null(writer);
    enum bm_status status = bm_writer_write(writer, plain, err);
    if (status == BM_OK) {
        status = bm_writer_finish(writer, err);
    }
    bm_writer_free(writer);
    return status;
}

Test(zstd_workers, fewer_do_where_the_system_gives_no_more)
{
    struct bm_buffer plain = test_bytes(LEN, 21);
    struct test_written one = TEST_WRITTEN_INIT;
    struct test_written few = TEST_WRITTEN_INIT;
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(encode(bm_buffer_view(&plain), 1, &one, &err), BM_OK, "%s", err.text);
    allow_threads(3);
    cr_assert_eq(encode(bm_buffer_view(&plain), WORKERS, &few, &err), BM_OK, "%s", err.text);
    cr_expect(bm_view_equal(bm_buffer_view(&one.bytes), bm_buffer_view(&few.bytes)));
    bm_buffer_free(&one.bytes);
    bm_buffer_free(&few.bytes);
    bm_buffer_free(&plain);
}

Test(zstd_workers, without_any_thread_it_says_so)
{
    struct bm_buffer plain = test_bytes(LEN, 22);
    struct test_written none = TEST_WRITTEN_INIT;
    struct bm_error err = BM_ERROR_INIT;
    allow_threads(0);
    cr_expect_eq(encode(bm_buffer_view(&plain), WORKERS, &none, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_MEMORY);
    cr_expect_str_eq(err.text, "no thread");
    bm_buffer_free(&none.bytes);
    bm_buffer_free(&plain);
}
