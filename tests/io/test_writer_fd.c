/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "bsonmend/writer.h"
#include "support/doubles.h"
#include "support/scratch.h"

/* Opens a file of the scratch folder for a writer. */
static int open_out(const struct test_scratch *scratch)
{
    int fd = open(test_scratch_path(scratch, "out"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_geq(fd, 0);
    return fd;
}

static void expect_out(const struct test_scratch *scratch, struct bm_view bytes)
{
    struct bm_buffer out = test_scratch_read(scratch, "out");
    cr_expect(bm_view_equal(bm_buffer_view(&out), bytes), "%zu bytes of %zu", out.len, bytes.len);
    bm_buffer_free(&out);
}

static const size_t sizes[] = {1, 2, 3, 7, 100, 4096, 0};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

Test(writer_fd, every_buffer_and_every_write)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    struct bm_buffer bytes = test_bytes(5003, 1);
    for (size_t c = 0; c < SIZES; c++) {
        for (size_t w = 0; w < SIZES; w++) {
            struct bm_error err = BM_ERROR_INIT;
            struct bm_fd_options options = {
                .fd = open_out(&scratch), .ownership = BM_OWNED, .chunk = sizes[c]};
            struct bm_writer *writer = bm_writer_fd_new(&options, &err);
            struct bm_view left = bm_buffer_view(&bytes);
            while (left.len > 0) {
                size_t n = sizes[w] > 0 && sizes[w] < left.len ? sizes[w] : left.len;
                struct bm_view part = {left.data, n};
                cr_assert_eq(bm_writer_write(writer, part, &err), BM_OK);
                left.data += n;
                left.len -= n;
            }
            cr_expect_eq(bm_writer_finish(writer, &err), BM_OK);
            expect_out(&scratch, bm_buffer_view(&bytes));
            bm_writer_free(writer);
            cr_expect_eq(fcntl(options.fd, F_GETFD), -1);
        }
    }
    bm_buffer_free(&bytes);
    test_scratch_remove(&scratch);
}

Test(writer_fd, abandon_flushes_and_free_alone_does_not)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    for (int is_abandoned = 0; is_abandoned < 2; is_abandoned++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_fd_options options = {.fd = open_out(&scratch), .ownership = BM_OWNED};
        struct bm_writer *writer = bm_writer_fd_new(&options, &err);
        cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
        if (is_abandoned) {
            bm_writer_abandon(writer);
        }
        bm_writer_free(writer);
        expect_out(&scratch, bm_view_text(is_abandoned ? "abc" : ""));
    }
    test_scratch_remove(&scratch);
}

Test(writer_fd, a_full_disk)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {
        .fd = open("/dev/full", O_WRONLY), .ownership = BM_OWNED, .path = "/dev/full", .chunk = 4};
    struct bm_writer *writer = bm_writer_fd_new(&options, &err);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
    cr_expect_eq(bm_writer_write(writer, bm_view_text("de"), &err), BM_FAIL);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_eq(err.sys_errno, ENOSPC);
        cr_expect_str_eq(err.file, "/dev/full");
        err = BM_ERROR_INIT;
        cr_expect_eq(bm_writer_finish(writer, &err), BM_FAIL, "it fails again");
    }
    bm_writer_free(writer);
}

Test(writer_fd, a_full_disk_seen_by_finish)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = open("/dev/full", O_WRONLY), .ownership = BM_OWNED};
    struct bm_writer *writer = bm_writer_fd_new(&options, &err);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
    cr_expect_eq(bm_writer_finish(writer, &err), BM_FAIL);
    cr_expect_eq(err.sys_errno, ENOSPC);
    bm_writer_free(writer);
}

Test(writer_fd, a_pipe_without_a_reader)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(close(ends[0]), 0);
    cr_assert_neq(signal(SIGPIPE, SIG_IGN), SIG_ERR);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = ends[1], .ownership = BM_OWNED, .chunk = 1};
    struct bm_writer *writer = bm_writer_fd_new(&options, &err);
    cr_expect_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_eq(err.sys_errno, EPIPE);
    bm_writer_abandon(writer);
    bm_writer_free(writer);
}

/* A stop must not keep back what spoils the output afterwards. */
Test(writer_fd, a_stop_fails_once)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    volatile sig_atomic_t stop = 1;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {
        .fd = open_out(&scratch), .ownership = BM_OWNED, .chunk = 4, .stop = &stop};
    struct bm_writer *writer = bm_writer_fd_new(&options, &err);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
    cr_expect_eq(bm_writer_write(writer, bm_view_text("de"), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_STOPPED);
    err = BM_ERROR_INIT;
    cr_expect_eq(bm_writer_write(writer, bm_view_text("xyz"), &err), BM_OK);
    bm_writer_abandon(writer);
    bm_writer_free(writer);
    expect_out(&scratch, bm_view_text("abcxyz"));
    test_scratch_remove(&scratch);
}

Test(writer_fd, a_stop_does_not_keep_abandon_from_flushing)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    volatile sig_atomic_t stop = 1;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = open_out(&scratch), .ownership = BM_OWNED, .stop = &stop};
    struct bm_writer *writer = bm_writer_fd_new(&options, &err);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
    bm_writer_abandon(writer);
    bm_writer_free(writer);
    expect_out(&scratch, bm_view_text("abc"));
    test_scratch_remove(&scratch);
}

/* A pipe that holds all it can but `room` bytes; *filled are in it. */
static void make_full_pipe(int ends[2], size_t room, size_t *filled)
{
    static const uint8_t filling[65536];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_neq(fcntl(ends[1], F_SETFL, O_NONBLOCK), -1);
    *filled = 0;
    for (ssize_t n; (n = write(ends[1], filling, sizeof filling)) > 0;) {
        *filled += (size_t)n;
    }
    cr_assert_eq(errno, EAGAIN);
    cr_assert_neq(fcntl(ends[1], F_SETFL, 0), -1);
    uint8_t taken[65536];
    cr_assert_leq(room, sizeof taken);
    cr_assert_eq(read(ends[0], taken, room), (ssize_t)room);
    *filled -= room;
}

enum { PAGE = 4096, FOR_EVER = 30 };

/* It must come back, though nobody will ever read; criterion ends it if it does not. */
Test(writer_fd, a_stalled_reader_does_not_hold_a_stop, .timeout = FOR_EVER)
{
    int ends[2];
    size_t filled;
    make_full_pipe(ends, 0, &filled);
    volatile sig_atomic_t stop = 0;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = ends[1], .ownership = BM_OWNED, .stop = &stop};
    struct bm_writer *writer = bm_writer_fd_new(&options, &err);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
    stop = 1;
    bm_writer_abandon(writer);
    bm_writer_free(writer);
    cr_expect_eq(close(ends[0]), 0);
}

/* What spoils the output follows a failed write, and may be more than there is room for. */
Test(writer_fd, after_a_stop_a_pipe_gets_what_fits, .timeout = FOR_EVER)
{
    enum { MORE = 3 * PAGE };
    int ends[2];
    size_t filled;
    make_full_pipe(ends, PAGE, &filled);
    volatile sig_atomic_t stop = 1;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {
        .fd = ends[1], .ownership = BM_OWNED, .chunk = PAGE, .stop = &stop};
    struct bm_writer *writer = bm_writer_fd_new(&options, &err);
    struct bm_buffer bytes = test_bytes(MORE, 1);
    cr_expect_eq(bm_writer_write(writer, bm_buffer_view(&bytes), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_STOPPED);
    err = BM_ERROR_INIT;
    cr_expect_eq(bm_writer_write(writer, bm_buffer_view(&bytes), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_STOPPED);
    bm_writer_abandon(writer);
    bm_writer_free(writer);
    uint8_t *out = malloc(filled + MORE);
    cr_assert_not_null(out);
    size_t got = 0;
    for (ssize_t n; (n = read(ends[0], out + got, filled + MORE - got)) > 0;) {
        got += (size_t)n;
    }
    cr_expect_eq(got, filled + PAGE);
    cr_expect_eq(memcmp(out + filled, bytes.data, PAGE), 0);
    free(out);
    bm_buffer_free(&bytes);
    cr_expect_eq(close(ends[0]), 0);
}

static volatile sig_atomic_t alarmed;

static void raise_alarm(int signal_number)
{
    (void)signal_number;
    alarmed = 1;
}

/* The stop comes while an output that failed for another reason is being abandoned. The timer goes
 * on, so that a signal between the look at the flag and the write does no harm. */
Test(writer_fd, a_stop_during_abandon, .timeout = FOR_EVER)
{
    int ends[2];
    size_t filled;
    make_full_pipe(ends, 0, &filled);
    struct sigaction action = {.sa_handler = raise_alarm};
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = ends[1], .ownership = BM_OWNED, .stop = &alarmed};
    struct bm_writer *writer = bm_writer_fd_new(&options, &err);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
    struct itimerval often = {.it_interval = {0, 20000}, .it_value = {0, 20000}};
    cr_assert_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
    bm_writer_abandon(writer);
    bm_writer_free(writer);
    cr_expect_eq(alarmed, 1);
    cr_expect_eq(close(ends[0]), 0);
}
