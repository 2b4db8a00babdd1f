/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "bsonmend/reader.h"
#include "support/doubles.h"
#include "support/threads.h"

static struct bm_reader *ahead_of(struct bm_reader *upstream, struct bm_overlap overlap)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *reader = bm_reader_ahead_new(upstream, &overlap, &err);
    cr_assert_not_null(reader, "%s", err.text);
    return reader;
}

static const size_t sizes[] = {1, 2, 3, 7, 4096, 0};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static void expect_all(struct bm_reader *reader, size_t want, struct bm_view bytes)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    cr_expect_eq(test_read_all(reader, want, &out, &err), BM_END, "%s", err.text);
    cr_expect(bm_view_equal(bm_buffer_view(&out), bytes));
    struct bm_view lent;
    cr_expect_eq(bm_reader_peek(reader, 1, &lent, &err), BM_END);
    cr_expect_eq(lent.len, 0);
    bm_buffer_free(&out);
    bm_reader_free(reader);
}

/* The reader below poisons what it lent as soon as it is asked again. */
Test(reader_ahead, every_slot_and_every_want)
{
    enum { LEN = 3001 };
    static const size_t starts[] = {0, 1, 1000, LEN, LEN + 1};
    struct bm_buffer bytes = test_bytes(LEN, 1);
    struct bm_view view = bm_buffer_view(&bytes);
    for (size_t s = 0; s < SIZES; s++) {
        for (size_t w = 0; w < SIZES; w++) {
            for (size_t k = 0; k < sizeof starts / sizeof starts[0]; k++) {
                struct bm_overlap overlap = {.start = starts[k], .slot = sizes[s]};
                size_t want = sizes[w] > 0 ? sizes[w] : BM_READER_MAX;
                expect_all(ahead_of(test_reader_growing(view), overlap), want, view);
            }
        }
    }
    bm_buffer_free(&bytes);
}

/* A want that changes: views cross the ends of slots, and come back from there. */
Test(reader_ahead, wants_of_all_lengths_in_turn)
{
    enum { LEN = 50000, LONGEST = 700 };
    struct bm_buffer bytes = test_bytes(LEN, 2);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *memory = bm_reader_memory_new(bm_buffer_view(&bytes), 97, &err);
    struct bm_reader *reader = ahead_of(memory, (struct bm_overlap){.slot = 100});
    size_t at = 0;
    for (size_t want = 1; at + LONGEST < LEN; want = want % LONGEST + 13) {
        struct bm_view lent;
        cr_assert_eq(bm_reader_peek(reader, want, &lent, &err), BM_OK);
        cr_assert_geq(lent.len, want);
        cr_assert_eq(memcmp(lent.data, bytes.data + at, lent.len), 0, "at %zu", at);
        bm_reader_consume(reader, want / 2 + 1);
        at += want / 2 + 1;
    }
    bm_reader_free(reader);
    bm_buffer_free(&bytes);
}

/* All bytes before a failure come first, and it stays. */
Test(reader_ahead, a_failure_at_every_byte)
{
    enum { LEN = 60 };
    struct bm_buffer bytes = test_bytes(LEN, 3);
    for (size_t limit = 0; limit < LEN; limit++) {
        for (size_t s = 0; s < SIZES; s++) {
            struct bm_reader *reader =
                ahead_of(test_reader_failing(bm_buffer_view(&bytes), limit, 3),
                         (struct bm_overlap){.slot = sizes[s], .start = limit % 9});
            struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
            for (int again = 0; again < 2; again++) {
                struct bm_error err = BM_ERROR_INIT;
                cr_expect_eq(test_read_all(reader, 1, &out, &err), BM_FAIL);
                cr_expect_eq(err.code, BM_ERROR_IO);
                cr_expect_eq(err.sys_errno, EIO);
            }
            cr_expect(bm_view_equal(bm_buffer_view(&out), (struct bm_view){bytes.data, limit}));
            bm_buffer_free(&out);
            bm_reader_free(reader);
        }
    }
    bm_buffer_free(&bytes);
}

Test(reader_ahead, a_small_input_makes_no_thread)
{
    enum { LEN = 5000 };
    struct bm_buffer bytes = test_bytes(LEN, 4);
    size_t before = test_threads();
    for (int is_small = 0; is_small < 2; is_small++) {
        struct bm_reader *reader =
            ahead_of(test_reader_growing(bm_buffer_view(&bytes)),
                     (struct bm_overlap){.start = is_small ? LEN : LEN / 2, .slot = 100});
        struct bm_error err = BM_ERROR_INIT;
        struct bm_view lent;
        for (size_t at = 0; at < LEN * 3 / 4; at += 10) {
            cr_assert_eq(bm_reader_peek(reader, 10, &lent, &err), BM_OK);
            bm_reader_consume(reader, 10);
        }
        cr_expect_eq(test_threads(), is_small ? before : before + 1);
        bm_reader_free(reader);
    }
    bm_buffer_free(&bytes);
}

/* A pipe with four bytes that stays open; its reading end. */
static int stalled_pipe(int ends[2])
{
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "abcd", 4), 4);
    return ends[0];
}

static struct bm_reader *ahead_of_pipe(int fd, const volatile sig_atomic_t *stop)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_fd_options options = {.fd = fd, .ownership = BM_OWNED, .stop = stop};
    struct bm_reader *below = bm_reader_fd_new(&options, &err);
    cr_assert_not_null(below);
    return ahead_of(below, (struct bm_overlap){.stop = stop});
}

Test(reader_ahead, free_does_not_wait_for_a_stalled_pipe, .timeout = 20)
{
    int ends[2];
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *reader = ahead_of_pipe(stalled_pipe(ends), NULL);
    struct bm_view lent;
    cr_assert_eq(bm_reader_peek(reader, 4, &lent, &err), BM_OK);
    cr_expect_eq(memcmp(lent.data, "abcd", 4), 0);
    bm_reader_free(reader);
    cr_assert_eq(close(ends[1]), 0);
}

static volatile sig_atomic_t alarmed;

static void note_alarm(int signal_number)
{
    (void)signal_number;
    __atomic_store_n(&alarmed, 1, __ATOMIC_RELAXED);
}

Test(reader_ahead, a_signal_while_it_waits, .timeout = 20)
{
    int ends[2];
    struct sigaction action = {.sa_handler = note_alarm};
    cr_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
    struct bm_reader *reader = ahead_of_pipe(stalled_pipe(ends), &alarmed);
    struct bm_view lent;
    (void)alarm(1);
    for (int again = 0; again < 2; again++) {
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(bm_reader_peek(reader, 5, &lent, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_STOPPED);
    }
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(bm_reader_peek(reader, 4, &lent, &err), BM_OK, "what is there is still lent");
    bm_reader_free(reader);
    cr_assert_eq(close(ends[1]), 0);
}
