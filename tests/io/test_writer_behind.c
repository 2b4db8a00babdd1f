/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "bsonmend/writer.h"
#include "support/doubles.h"
#include "support/scratch.h"
#include "support/threads.h"

static struct bm_writer *behind_of(struct bm_writer *downstream, struct bm_overlap overlap)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_writer *writer = bm_writer_behind_new(downstream, &overlap, &err);
    cr_assert_not_null(writer, "%s", err.text);
    return writer;
}

/* Writes in bites; returns what the first failure was, or BM_OK. */
static enum bm_status write_all(struct bm_writer *writer, struct bm_view bytes, size_t bite,
                                struct bm_error *err)
{
    while (bytes.len > 0) {
        size_t n = bytes.len < bite ? bytes.len : bite;
        if (bm_writer_write(writer, (struct bm_view){bytes.data, n}, err) != BM_OK) {
            return BM_FAIL;
        }
        bytes.data += n;
        bytes.len -= n;
    }
    return BM_OK;
}

static const size_t sizes[] = {1, 2, 3, 7, 4096, 0};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

Test(writer_behind, every_slot_and_every_write)
{
    enum { LEN = 2001 };
    static const size_t starts[] = {0, 1, 1000, LEN, LEN + 1};
    struct bm_buffer bytes = test_bytes(LEN, 1);
    for (size_t s = 0; s < SIZES; s++) {
        for (size_t w = 0; w < SIZES; w++) {
            for (size_t k = 0; k < sizeof starts / sizeof starts[0]; k++) {
                struct test_written written = TEST_WRITTEN_INIT;
                struct bm_error err = BM_ERROR_INIT;
                struct bm_writer *writer =
                    behind_of(test_writer_collecting(&written),
                              (struct bm_overlap){.start = starts[k], .slot = sizes[s]});
                size_t bite = sizes[w] > 0 ? sizes[w] : LEN;
                cr_expect_eq(write_all(writer, bm_buffer_view(&bytes), bite, &err), BM_OK);
                cr_expect_eq(bm_writer_finish(writer, &err), BM_OK);
                cr_expect_eq(written.finished, 1);
                bm_writer_free(writer);
                cr_expect_eq(written.freed, 1);
                cr_expect_eq(written.abandoned, 0);
                cr_expect(bm_view_equal(bm_buffer_view(&written.bytes), bm_buffer_view(&bytes)));
                bm_buffer_free(&written.bytes);
            }
        }
    }
    bm_buffer_free(&bytes);
}

/* Told by some write or by finish, never lost, and again by whoever asks. */
Test(writer_behind, a_full_disk_at_every_byte)
{
    enum { LEN = 80 };
    struct bm_buffer bytes = test_bytes(LEN, 2);
    for (size_t limit = 0; limit < LEN; limit++) {
        for (size_t s = 0; s < SIZES; s++) {
            struct test_written written = TEST_WRITTEN_INIT;
            struct bm_error err = BM_ERROR_INIT;
            struct bm_writer *writer =
                behind_of(test_writer_full(&written, limit), (struct bm_overlap){.slot = sizes[s]});
            enum bm_status status = write_all(writer, bm_buffer_view(&bytes), 5, &err);
            if (status == BM_OK) {
                status = bm_writer_finish(writer, &err);
            }
            cr_expect_eq(status, BM_FAIL, "limit %zu", limit);
            cr_expect_eq(err.code, BM_ERROR_IO);
            cr_expect_eq(err.sys_errno, ENOSPC);
            struct bm_error again = BM_ERROR_INIT;
            cr_expect_eq(bm_writer_write(writer, bm_view_text("x"), &again), BM_FAIL);
            cr_expect_eq(again.sys_errno, ENOSPC);
            bm_writer_abandon(writer);
            bm_writer_free(writer);
            cr_expect_eq(written.finished, 0);
            cr_expect_eq(written.abandoned, 1);
            cr_expect_eq(written.freed, 1);
            struct bm_view head = {bytes.data, limit};
            cr_expect(bm_view_equal(bm_buffer_view(&written.bytes), head));
            bm_buffer_free(&written.bytes);
        }
    }
    bm_buffer_free(&bytes);
}

/* A disk that is full just behind the last byte is seen by finish downstream. */
Test(writer_behind, a_finish_that_fails)
{
    struct test_written written = TEST_WRITTEN_INIT;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_writer *writer = behind_of(test_writer_full(&written, 3), (struct bm_overlap){0});
    cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
    cr_expect_eq(bm_writer_finish(writer, &err), BM_FAIL);
    cr_expect_eq(err.sys_errno, ENOSPC);
    bm_writer_free(writer);
    bm_buffer_free(&written.bytes);
}

Test(writer_behind, abandon_writes_all_and_free_alone_need_not)
{
    enum { LEN = 5000 };
    struct bm_buffer bytes = test_bytes(LEN, 3);
    for (int is_abandoned = 0; is_abandoned < 2; is_abandoned++) {
        struct test_written written = TEST_WRITTEN_INIT;
        struct bm_error err = BM_ERROR_INIT;
        struct bm_writer *writer = behind_of(test_writer_collecting(&written),
                                             (struct bm_overlap){.start = 100, .slot = 64});
        cr_assert_eq(write_all(writer, bm_buffer_view(&bytes), 99, &err), BM_OK);
        if (is_abandoned) {
            bm_writer_abandon(writer);
            cr_expect(bm_view_equal(bm_buffer_view(&written.bytes), bm_buffer_view(&bytes)));
        }
        bm_writer_free(writer);
        cr_expect_eq(written.abandoned, (unsigned)is_abandoned);
        cr_expect_eq(written.finished, 0);
        cr_expect_eq(written.freed, 1);
        bm_buffer_free(&written.bytes);
    }
    bm_buffer_free(&bytes);
}

Test(writer_behind, a_small_output_makes_no_thread)
{
    struct test_written written = TEST_WRITTEN_INIT;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_writer *writer =
        behind_of(test_writer_collecting(&written), (struct bm_overlap){.start = 4});
    size_t before = test_threads();
    cr_assert_eq(write_all(writer, bm_view_text("abcd"), 1, &err), BM_OK);
    cr_expect_eq(test_threads(), before);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("e"), &err), BM_OK);
    cr_expect_eq(test_threads(), before + 1);
    cr_expect_eq(bm_writer_finish(writer, &err), BM_OK);
    cr_expect(bm_view_equal(bm_buffer_view(&written.bytes), bm_view_text("abcde")));
    bm_writer_free(writer);
    bm_buffer_free(&written.bytes);
}

static struct bm_writer *behind_of_fd(int fd, const volatile sig_atomic_t *stop)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = fd, .ownership = BM_OWNED, .chunk = 1, .stop = stop};
    struct bm_writer *below = bm_writer_fd_new(&options, &err);
    cr_assert_not_null(below);
    return behind_of(below, (struct bm_overlap){.slot = 4096, .stop = stop});
}

/* The thread sees the flag at its next write; the one after that is told. */
Test(writer_behind, what_spoils_an_output_goes_out_after_a_stop)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    volatile sig_atomic_t stop = 1;
    struct bm_buffer bytes = test_bytes(100000, 4);
    int fd = open(test_scratch_path(&scratch, "out"), O_WRONLY | O_CREAT | O_EXCL, 0600);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_writer *writer = behind_of_fd(fd, &stop);
    cr_expect_eq(write_all(writer, bm_buffer_view(&bytes), 1000, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_STOPPED);
    err = BM_ERROR_INIT;
    cr_expect_eq(bm_writer_write(writer, bm_view_text("stray"), &err), BM_OK);
    bm_writer_abandon(writer);
    bm_writer_free(writer);
    struct bm_buffer out = test_scratch_read(&scratch, "out");
    cr_expect(bm_view_equal(bm_buffer_view(&out), bm_view_text("stray")));
    bm_buffer_free(&out);
    bm_buffer_free(&bytes);
    test_scratch_remove(&scratch);
}

static volatile sig_atomic_t alarmed;

static void raise_alarm(int signal_number)
{
    (void)signal_number;
    __atomic_store_n(&alarmed, 1, __ATOMIC_RELAXED);
}

enum { FOR_EVER = 30 };

/* What is written to a pipe that nobody reads until a write fails; more than pipe and slots hold.
 */
static void fill_stalled_pipe(struct bm_writer *writer)
{
    struct bm_buffer bytes = test_bytes(2000000, 5);
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(bm_writer_write(writer, bm_buffer_view(&bytes), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_STOPPED);
    bm_buffer_free(&bytes);
}

/* The thread waits in write() for a reader that never reads; criterion ends the test if anything
 * waits for it. */
Test(writer_behind, a_stalled_reader_does_not_hold_a_stop, .timeout = FOR_EVER)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct sigaction action = {.sa_handler = raise_alarm};
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    struct bm_writer *writer = behind_of_fd(ends[1], &alarmed);
    (void)alarm(1);
    fill_stalled_pipe(writer);
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(bm_writer_write(writer, bm_view_text("stray"), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_STOPPED);
    bm_writer_abandon(writer);
    bm_writer_free(writer);
    cr_expect_eq(close(ends[0]), 0);
}

Test(writer_behind, a_stop_during_abandon, .timeout = FOR_EVER)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct sigaction action = {.sa_handler = raise_alarm};
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    struct bm_writer *writer = behind_of_fd(ends[1], &alarmed);
    struct bm_buffer bytes = test_bytes(75000, 6);
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_writer_write(writer, bm_buffer_view(&bytes), &err), BM_OK);
    (void)alarm(1);
    bm_writer_abandon(writer);
    cr_expect_eq(alarmed, 1);
    bm_writer_free(writer);
    bm_buffer_free(&bytes);
    cr_expect_eq(close(ends[0]), 0);
}

Test(writer_behind, free_does_not_wait_for_a_stalled_reader, .timeout = FOR_EVER)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct bm_writer *writer = behind_of_fd(ends[1], NULL);
    struct bm_buffer bytes = test_bytes(75000, 7);
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_writer_write(writer, bm_buffer_view(&bytes), &err), BM_OK);
    bm_writer_free(writer);
    bm_buffer_free(&bytes);
    cr_expect_eq(close(ends[0]), 0);
}
