/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_RING_H
#define BM_BASE_RING_H

#include <signal.h>

#include "base/thread.h"

/*
 * The turns of two threads over a ring of slots: one puts, one takes, in order. It counts only;
 * what is in a slot is the caller's, and belongs to the putter from BM_RING_FREE until bm_ring_put,
 * to the taker from BM_RING_FULL until bm_ring_take. All calls are safe from both.
 */
struct bm_ring {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t slots;
    uint64_t put;
    uint64_t taken;
    int is_closed;
    int is_broken;
};

enum bm_ring_wish {
    BM_RING_FREE, /* a slot to put in */
    BM_RING_FULL, /* a slot to take */
    BM_RING_DONE  /* all that was put is taken */
};

enum bm_ring_answer {
    BM_RING_YES,
    BM_RING_NEVER,   /* the ring is broken, or, of a slot to take, closed and empty */
    BM_RING_STOPPED, /* the stop flag was raised before */
    BM_RING_LATE     /* the patience is over */
};

#define BM_RING_FOR_EVER (-1)

/* How long to wait. A signal does not end the wait for another thread, so the flag is looked at
 * every now and then. */
struct bm_ring_patience {
    const volatile sig_atomic_t *stop; /* NULL: never */
    int milliseconds;                  /* or BM_RING_FOR_EVER */
};

enum bm_status bm_ring_init(struct bm_ring *ring, size_t slots, struct bm_error *err) BM_MUST_USE;
void bm_ring_free(struct bm_ring *ring);

/* Waits for a wish. One that is fulfilled is BM_RING_YES whatever the flag says. */
enum bm_ring_answer bm_ring_await(struct bm_ring *ring, enum bm_ring_wish wish,
                                  struct bm_ring_patience patience) BM_MUST_USE;
/* The slots whose turn it is: numbers below `slots`. Each is for its own side alone, which needs no
 * lock for a count that nobody else writes. */
size_t bm_ring_next_put(const struct bm_ring *ring);
size_t bm_ring_next_taken(const struct bm_ring *ring);
void bm_ring_put(struct bm_ring *ring);
void bm_ring_take(struct bm_ring *ring);
/* Nothing more is put; what was put can still be taken. */
void bm_ring_close(struct bm_ring *ring);
/* Nothing more is put or taken. */
void bm_ring_break(struct bm_ring *ring);

#endif
