/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "bsonmend/reader.h"
#include "support/doubles.h"
#include "support/scratch.h"

/* A pipe that holds bytes and is closed behind them; returns its reading end. */
static int pipe_of(struct bm_view bytes)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], bytes.data, bytes.len), (ssize_t)bytes.len);
    cr_assert_eq(close(ends[1]), 0);
    return ends[0];
}

static const size_t sizes[] = {1, 2, 3, 7, 4096, 0};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

Test(reader_fd, every_chunk_and_every_want)
{
    struct bm_buffer bytes = test_bytes(10001, 1);
    for (size_t c = 0; c < SIZES; c++) {
        for (size_t w = 0; w < SIZES; w++) {
            struct bm_error err = BM_ERROR_INIT;
            struct bm_fd_options options = {
                .fd = pipe_of(bm_buffer_view(&bytes)), .ownership = BM_OWNED, .chunk = sizes[c]};
            struct bm_reader *reader = bm_reader_fd_new(&options, &err);
            cr_assert_not_null(reader);
            size_t want = sizes[w] > 0 ? sizes[w] : BM_READER_MAX;
            struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
            cr_expect_eq(test_read_all(reader, want, &out, &err), BM_END);
            cr_expect(bm_view_equal(bm_buffer_view(&out), bm_buffer_view(&bytes)));
            struct bm_view lent;
            cr_expect_eq(bm_reader_peek(reader, 1, &lent, &err), BM_END);
            cr_expect_eq(lent.len, 0);
            bm_buffer_free(&out);
            bm_reader_free(reader);
            cr_expect_eq(fcntl(options.fd, F_GETFD), -1, "an owned descriptor stays open");
        }
    }
    bm_buffer_free(&bytes);
}

Test(reader_fd, a_view_stays_until_it_is_consumed)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {
        .fd = pipe_of(bm_view_text("abcdefgh")), .ownership = BM_OWNED, .chunk = 3};
    struct bm_reader *reader = bm_reader_fd_new(&options, &err);
    struct bm_view lent;
    cr_assert_eq(bm_reader_peek(reader, 1, &lent, &err), BM_OK);
    cr_expect_eq(lent.len, 3);
    cr_assert_eq(bm_reader_peek(reader, 5, &lent, &err), BM_OK);
    cr_expect_eq(memcmp(lent.data, "abcde", 5), 0);
    bm_reader_consume(reader, 2);
    cr_assert_eq(bm_reader_peek(reader, 6, &lent, &err), BM_OK);
    cr_expect_eq(memcmp(lent.data, "cdefgh", 6), 0);
    cr_assert_eq(bm_reader_peek(reader, 7, &lent, &err), BM_END);
    cr_expect_eq(lent.len, 6);
    bm_reader_free(reader);
}

Test(reader_fd, a_borrowed_descriptor_stays_open)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = pipe_of(bm_view_text("x"))};
    bm_reader_free(bm_reader_fd_new(&options, &err));
    cr_expect_neq(fcntl(options.fd, F_GETFD), -1);
    cr_assert_eq(close(options.fd), 0);
}

Test(reader_fd, what_cannot_be_read)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    const char *path = test_scratch_path(&scratch, "");
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *reader = bm_reader_file_new(path, NULL, &err);
    struct bm_view lent;
    cr_assert_not_null(reader);
    for (int i = 0; i < 2; i++) {
        err = BM_ERROR_INIT;
        cr_expect_eq(bm_reader_peek(reader, 1, &lent, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_eq(err.sys_errno, EISDIR);
        cr_expect_str_eq(err.file, path);
    }
    bm_reader_free(reader);
    err = BM_ERROR_INIT;
    path = test_scratch_path(&scratch, "absent");
    cr_expect_null(bm_reader_file_new(path, NULL, &err));
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_eq(err.sys_errno, ENOENT);
    cr_expect_str_eq(err.file, path);
    test_scratch_remove(&scratch);
}

Test(reader_fd, a_raised_flag_stops_it)
{
    struct bm_error err = BM_ERROR_INIT;
    volatile sig_atomic_t stop = 0;
    struct bm_fd_options options = {
        .fd = pipe_of(bm_view_text("abcdef")), .ownership = BM_OWNED, .chunk = 2, .stop = &stop};
    struct bm_reader *reader = bm_reader_fd_new(&options, &err);
    struct bm_view lent;
    cr_assert_eq(bm_reader_peek(reader, 2, &lent, &err), BM_OK);
    stop = 1;
    cr_expect_eq(bm_reader_peek(reader, 2, &lent, &err), BM_OK, "what is there is still lent");
    cr_expect_eq(bm_reader_peek(reader, 3, &lent, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_STOPPED);
    bm_reader_free(reader);
}

static volatile sig_atomic_t alarmed;

static void note_alarm(int signal_number)
{
    (void)signal_number;
    alarmed = 1;
}

/* read() itself is interrupted here: nothing ever comes out of this pipe. */
Test(reader_fd, a_signal_while_it_waits, .timeout = 20)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    struct sigaction action = {.sa_handler = note_alarm};
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = ends[0], .stop = &alarmed};
    struct bm_reader *reader = bm_reader_fd_new(&options, &err);
    struct bm_view lent;
    (void)alarm(1);
    cr_expect_eq(bm_reader_peek(reader, 1, &lent, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_STOPPED);
    bm_reader_free(reader);
}

/* open() itself waits here, for somebody who never comes. */
Test(reader_fd, a_signal_while_a_named_pipe_is_opened, .timeout = 20)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    const char *path = test_scratch_path(&scratch, "fifo");
    cr_assert_eq(mkfifo(path, 0600), 0);
    struct sigaction action = {.sa_handler = note_alarm};
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    struct itimerval often = {.it_interval = {0, 20000}, .it_value = {0, 20000}};
    cr_assert_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_null(bm_reader_file_new(path, &alarmed, &err));
    cr_expect_eq(err.code, BM_ERROR_STOPPED, "%s", err.text);
    cr_expect_eq(alarmed, 1);
    test_scratch_remove(&scratch);
}

Test(reader_fd, a_descriptor_that_does_not_wait)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    pid_t child = fork();
    if (child == 0) {
        (void)poll(NULL, 0, 50);
        _exit(write(ends[1], "late", 4) == 4 ? 0 : 1);
    }
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = ends[0], .ownership = BM_OWNED};
    struct bm_reader *reader = bm_reader_fd_new(&options, &err);
    struct bm_view lent;
    cr_expect_eq(bm_reader_peek(reader, 4, &lent, &err), BM_OK);
    cr_expect_eq(memcmp(lent.data, "late", 4), 0);
    bm_reader_free(reader);
}
