/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_READER_H
#define BSONMEND_READER_H

#include <signal.h>

#include "bsonmend/error.h"

/*
 * Bytes are pulled. A reader lends a view of what comes next; the caller consumes what it has used.
 * A concrete reader embeds struct bm_reader first and sets ops; code outside it uses the functions.
 */
struct bm_reader;

struct bm_reader_ops {
    const char *name;
    /*
     * Lends at least `want` bytes (1 … BM_READER_MAX), usually more.
     * BM_OK: out->len >= want. BM_END: fewer than `want` are left, all of them are lent, and the
     * input ended where it may end. BM_FAIL: *err says why; the reader is useless from then on and
     * fails again with the same error. The view lives until the next call on this reader.
     */
    enum bm_status (*peek)(struct bm_reader *reader, size_t want, struct bm_view *out,
                           struct bm_error *err);
    /* Moves on by n bytes, at most the length last lent. */
    void (*consume)(struct bm_reader *reader, size_t n);
    /* Frees the reader and what it owns (upstream, descriptor); keeps errno. */
    void (*free)(struct bm_reader *reader);
};

struct bm_reader {
    const struct bm_reader_ops *ops;
};

/* The largest `want`: the longest document any mongo tool writes (an oplog entry) fits. */
#define BM_READER_MAX ((size_t)16793600)
/* The usual unit of reading, in bytes. */
#define BM_READER_CHUNK ((size_t)1 << 20)

enum bm_status bm_reader_peek(struct bm_reader *reader, size_t want, struct bm_view *out,
                              struct bm_error *err) BM_MUST_USE;
void bm_reader_consume(struct bm_reader *reader, size_t n);
void bm_reader_free(struct bm_reader *reader); /* NULL is fine */

enum bm_ownership { BM_BORROWED, BM_OWNED };

/* How a descriptor is read. All but fd may be left 0. */
struct bm_fd_options {
    int fd;
    enum bm_ownership ownership;       /* BM_OWNED: closed by free */
    size_t chunk;                      /* bytes asked of read() at once; 0: BM_READER_CHUNK */
    const char *path;                  /* for messages, copied; NULL: none */
    const volatile sig_atomic_t *stop; /* non-zero there makes a call fail with BM_ERROR_STOPPED */
};

/* A reader over a descriptor from its current position. NULL on failure (then fd stays the
 * caller's). */
struct bm_reader *bm_reader_fd_new(const struct bm_fd_options *options,
                                   struct bm_error *err) BM_MUST_USE;

/*
 * Opens a file for reading; `stop` may be NULL. A named pipe that nobody writes to is waited for;
 * raising the flag, by a signal that interrupts the call, ends that with BM_ERROR_STOPPED. NULL on
 * failure: BM_ERROR_IO with errno and path.
 */
struct bm_reader *bm_reader_file_new(const char *path, const volatile sig_atomic_t *stop,
                                     struct bm_error *err) BM_MUST_USE;

/*
 * A reader over memory that lends at most max(want, chunk) bytes at a time (chunk 0: everything).
 * The bytes stay the caller's and must outlive the reader.
 */
struct bm_reader *bm_reader_memory_new(struct bm_view bytes, size_t chunk,
                                       struct bm_error *err) BM_MUST_USE;

/* How a decorator lets another thread work beside its user. All may be left 0. */
struct bm_overlap {
    size_t start; /* bytes that go through before there is a thread */
    size_t slot;  /* bytes handed over at once, of which four are kept; 0: BM_OVERLAP_SLOT */
    const volatile sig_atomic_t *stop; /* ends every wait with BM_ERROR_STOPPED; NULL: never */
};

/* Small enough that what one thread wrote is still in a cache when the other one reads it. */
#define BM_OVERLAP_SLOT ((size_t)1 << 18)
/* For a start: less is done before a thread has begun. */
#define BM_OVERLAP_START ((size_t)1 << 20)

/*
 * A reader over `upstream` whose bytes another thread reads, and decodes, ahead of their use: the
 * same bytes, ends and failures in the same order. From overlap->start bytes on upstream belongs to
 * that thread; where the system gives none it goes on without. The stop flag ends a wait for a
 * stalled upstream; free does so as well, and waits for the thread. Owns upstream. NULL on failure:
 * BM_ERROR_MEMORY; upstream then stays the caller's.
 */
struct bm_reader *bm_reader_ahead_new(struct bm_reader *upstream, const struct bm_overlap *overlap,
                                      struct bm_error *err) BM_MUST_USE;

#endif
