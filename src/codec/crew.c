/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/crew.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/thread.h"

enum { SLOTS = BM_CREW_MOST + 1 };

struct slot {
    void *job;
    int is_done;
};

struct bm_crew {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void (*work)(void *job);
    struct bm_thread threads[BM_CREW_MOST];
    size_t thread_count;
    struct slot slots[SLOTS]; /* by number */
    uint64_t given;
    uint64_t begun;
    int is_over;
};

static void *do_jobs(void *context)
{
    struct bm_crew *crew = context;
    (void)pthread_mutex_lock(&crew->lock);
    for (;;) {
        while (crew->begun == crew->given && !crew->is_over) {
            (void)pthread_cond_wait(&crew->changed, &crew->lock);
        }
        if (crew->is_over) {
            break;
        }
        struct slot *slot = &crew->slots[crew->begun++ % SLOTS];
        (void)pthread_mutex_unlock(&crew->lock);
        crew->work(slot->job);
        (void)pthread_mutex_lock(&crew->lock);
        slot->is_done = 1;
        (void)pthread_cond_broadcast(&crew->changed);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    return NULL;
}

struct bm_crew *bm_crew_new(unsigned threads, void (*work)(void *job), struct bm_error *err)
{
    struct bm_crew *crew = bm_allocate(1, sizeof *crew, err);
    if (crew == NULL) {
        return NULL;
    }
    crew->work = work;
    (void)pthread_mutex_init(&crew->lock, NULL); /* neither can fail with these arguments */
    (void)pthread_cond_init(&crew->changed, NULL);
    size_t wanted = threads < BM_CREW_MOST ? threads : BM_CREW_MOST;
    while (crew->thread_count < wanted &&
           bm_thread_start(&crew->threads[crew->thread_count], do_jobs, crew, err) == BM_OK) {
        crew->thread_count++;
    }
    if (crew->thread_count == 0) {
        bm_crew_free(crew);
        return NULL;
    }
    return crew;
}

void bm_crew_give(struct bm_crew *crew, void *job)
{
    (void)pthread_mutex_lock(&crew->lock);
    crew->slots[crew->given++ % SLOTS] = (struct slot){.job = job};
    (void)pthread_cond_broadcast(&crew->changed);
    (void)pthread_mutex_unlock(&crew->lock);
}

void bm_crew_await(struct bm_crew *crew, uint64_t number)
{
    int state;
    bm_thread_hold(&state);
    (void)pthread_mutex_lock(&crew->lock);
    while (!crew->slots[number % SLOTS].is_done) {
        (void)pthread_cond_wait(&crew->changed, &crew->lock);
    }
    (void)pthread_mutex_unlock(&crew->lock);
    bm_thread_let_go(state);
}

void bm_crew_free(struct bm_crew *crew)
{
    if (crew == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&crew->lock);
    crew->is_over = 1;
    (void)pthread_cond_broadcast(&crew->changed);
    (void)pthread_mutex_unlock(&crew->lock);
    for (size_t i = 0; i < crew->thread_count; i++) {
        bm_thread_join(&crew->threads[i]);
    }
    (void)pthread_cond_destroy(&crew->changed);
    (void)pthread_mutex_destroy(&crew->lock);
    free(crew);
}
