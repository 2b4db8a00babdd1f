/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CODEC_CREW_H
#define BM_CODEC_CREW_H

#include "bsonmend/error.h"

/*
 * Threads that do jobs of one kind, several at once. Jobs are given and awaited by one user, each
 * known by its number: the first is 0. A job is the crew's from bm_crew_give until bm_crew_await
 * has returned.
 */
struct bm_crew;

/* More threads than this are not made, however many are asked for. */
enum { BM_CREW_MOST = 64 };

/* `work` does one job, in any of the threads. NULL: no memory, or not even one thread. */
struct bm_crew *bm_crew_new(unsigned threads, void (*work)(void *job),
                            struct bm_error *err) BM_MUST_USE;
/* At most BM_CREW_MOST + 1 jobs may be given and not awaited. */
void bm_crew_give(struct bm_crew *crew, void *job);
/* Waits until the job of this number is done. */
void bm_crew_await(struct bm_crew *crew, uint64_t number);
/* Waits for the jobs that were begun; others are not done any more. NULL is fine. */
void bm_crew_free(struct bm_crew *crew);

#endif
