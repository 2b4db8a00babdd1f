/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_PROGRESS_H
#define BM_CLI_PROGRESS_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

/*
 * Progress in mongorestore's shape: a line every three seconds, for the namespace that is read,
 *
 *   2026-11-24T08:00:03.000+0000<TAB>[######......]  a.b  12.3MB/45.6MB  (27.0%)
 *
 * without bar, whole and percentage where the whole is not known (archives, pipes, codecs).
 */
struct progress {
    FILE *stream;                                  /* lent */
    int (*clock)(clockid_t id, struct timespec *); /* clock_gettime, or what stands for it */
    int64_t last;                                  /* of the last line: progress_now */
};

/* The first line comes three seconds after this. */
void progress_start(struct progress *progress);
/* bm_progress's update; context is a struct progress. */
void progress_update(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                     uint64_t total);
/* Milliseconds on the monotonic clock; 0: there is none. */
int64_t progress_now(const struct progress *progress);

#endif
