/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ring.h"

#include <errno.h>
#include <time.h>

/* Between two looks at a stop flag. */
enum { LOOK_EVERY = 50, MILLISECOND = 1000000, SECOND = 1000000000 };

enum bm_status bm_ring_init(struct bm_ring *ring, size_t slots, struct bm_error *err)
{
    *ring = (struct bm_ring){.slots = slots};
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error == 0) {
        /* A clock that nobody sets. */
        (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        error = pthread_cond_init(&ring->changed, &attributes);
        (void)pthread_condattr_destroy(&attributes);
    }
    if (error == 0) {
        error = pthread_mutex_init(&ring->lock, NULL);
        if (error != 0) {
            (void)pthread_cond_destroy(&ring->changed);
        }
    }
    return error == 0 ? BM_OK : bm_fail(err, BM_ERROR_MEMORY, error, "no memory for a thread");
}

void bm_ring_free(struct bm_ring *ring)
{
    (void)pthread_mutex_destroy(&ring->lock);
    (void)pthread_cond_destroy(&ring->changed);
}

static int is_fulfilled(const struct bm_ring *ring, enum bm_ring_wish wish)
{
    switch (wish) {
    case BM_RING_FREE:
        return ring->put - ring->taken < ring->slots;
    case BM_RING_FULL:
        return ring->put > ring->taken;
    case BM_RING_DONE:
    default:
        return ring->put == ring->taken;
    }
}

static int is_hopeless(const struct bm_ring *ring, enum bm_ring_wish wish)
{
    return ring->is_broken || (wish == BM_RING_FULL && ring->is_closed && ring->put == ring->taken);
}

static void add_milliseconds(struct timespec *time, int milliseconds)
{
    time->tv_sec += milliseconds / 1000;
    time->tv_nsec += (long)(milliseconds % 1000) * MILLISECOND;
    if (time->tv_nsec >= SECOND) {
        time->tv_nsec -= SECOND;
        time->tv_sec++;
    }
}

static int is_past(const struct timespec *time)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec > time->tv_sec ||
           (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

/* Waits for a change, but no longer than the next look at flag and clock is away. */
static void wait_a_while(struct bm_ring *ring, const struct bm_ring_patience *patience)
{
    if (patience->stop == NULL && patience->milliseconds < 0) {
        (void)pthread_cond_wait(&ring->changed, &ring->lock);
        return;
    }
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    add_milliseconds(&until, LOOK_EVERY);
    (void)pthread_cond_timedwait(&ring->changed, &ring->lock, &until);
}

static enum bm_ring_answer await(struct bm_ring *ring, enum bm_ring_wish wish,
                                 const struct bm_ring_patience *patience)
{
    struct timespec end = {0};
    if (patience->milliseconds >= 0) {
        (void)clock_gettime(CLOCK_MONOTONIC, &end);
        add_milliseconds(&end, patience->milliseconds);
    }
    for (;;) {
        if (is_hopeless(ring, wish)) {
            return BM_RING_NEVER;
        }
        if (is_fulfilled(ring, wish)) {
            return BM_RING_YES;
        }
        if (patience->stop != NULL && __atomic_load_n(patience->stop, __ATOMIC_RELAXED) != 0) {
            return BM_RING_STOPPED;
        }
        if (patience->milliseconds >= 0 && is_past(&end)) {
            return BM_RING_LATE;
        }
        wait_a_while(ring, patience);
    }
}

enum bm_ring_answer bm_ring_await(struct bm_ring *ring, enum bm_ring_wish wish,
                                  struct bm_ring_patience patience)
{
    int state;
    bm_thread_hold(&state);
    (void)pthread_mutex_lock(&ring->lock);
    enum bm_ring_answer answer = await(ring, wish, &patience);
    (void)pthread_mutex_unlock(&ring->lock);
    bm_thread_let_go(state);
    return answer;
}

/* Of its own count each side alone is the writer. */
size_t bm_ring_next_put(const struct bm_ring *ring)
{
    return (size_t)(ring->put % ring->slots);
}

size_t bm_ring_next_taken(const struct bm_ring *ring)
{
    return (size_t)(ring->taken % ring->slots);
}

enum change { PUT, TAKE, CLOSE, BREAK };

/* Writes what changes and nothing else: the other side reads its own count without the lock. */
static void change(struct bm_ring *ring, enum change what)
{
    (void)pthread_mutex_lock(&ring->lock);
    switch (what) {
    case PUT:
        ring->put++;
        break;
    case TAKE:
        ring->taken++;
        break;
    case CLOSE:
        ring->is_closed = 1;
        break;
    case BREAK:
    default:
        ring->is_broken = 1;
        break;
    }
    (void)pthread_cond_broadcast(&ring->changed);
    (void)pthread_mutex_unlock(&ring->lock);
}

void bm_ring_put(struct bm_ring *ring)
{
    change(ring, PUT);
}

void bm_ring_take(struct bm_ring *ring)
{
    change(ring, TAKE);
}

void bm_ring_close(struct bm_ring *ring)
{
    change(ring, CLOSE);
}

void bm_ring_break(struct bm_ring *ring)
{
    change(ring, BREAK);
}
