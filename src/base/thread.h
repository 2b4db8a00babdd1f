/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_THREAD_H
#define BM_BASE_THREAD_H

#include <pthread.h>

#include "bsonmend/error.h"

/*
 * A thread of ours. No signal is delivered to it: whoever waits for one has it to itself. It may be
 * cut off in a system call that waits (bm_thread_cut), so its body owns nothing while it makes one.
 * Start it zeroed.
 */
struct bm_thread {
    pthread_t id;
    int is_running; /* started and not waited for */
};

/* Runs body(context) until it returns. BM_ERROR_MEMORY: the system gives no thread; the work can
 * still be done without. */
enum bm_status bm_thread_start(struct bm_thread *thread, void *(*body)(void *), void *context,
                               struct bm_error *err) BM_MUST_USE;
/* Waits until it has ended; nothing where none runs. */
void bm_thread_join(struct bm_thread *thread);
/* Ends it in the system call it waits in, or would wait in next, and waits for that. What it was
 * doing is left as it is: only releasing is legal afterwards. */
void bm_thread_cut(struct bm_thread *thread);

/* Between the two the calling thread is not cut off: it waits for another thread of ours, whose
 * locks must stay usable. *state is the caller's for the time between. */
void bm_thread_hold(int *state);
void bm_thread_let_go(int state);

#endif
