/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <signal.h>

enum bm_status bm_thread_start(struct bm_thread *thread, void *(*body)(void *), void *context,
                               struct bm_error *err)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* a thread has the mask of its maker */
    int error = pthread_create(&thread->id, NULL, body, context);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        return bm_fail(err, BM_ERROR_MEMORY, error, "no thread");
    }
    thread->is_running = 1;
    return BM_OK;
}

void bm_thread_join(struct bm_thread *thread)
{
    if (thread->is_running) {
        (void)pthread_join(thread->id, NULL);
        thread->is_running = 0;
    }
}

void bm_thread_cut(struct bm_thread *thread)
{
    if (thread->is_running) {
        (void)pthread_cancel(thread->id);
    }
    bm_thread_join(thread);
}

void bm_thread_hold(int *state)
{
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, state);
}

void bm_thread_let_go(int state)
{
    (void)pthread_setcancelstate(state, NULL);
}
