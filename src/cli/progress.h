/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_PROGRESS_H
#define BM_CLI_PROGRESS_H

#include <stdint.h>

/* Progress on standard error, a line every three seconds in mongorestore's shape. */
struct progress {
    uint64_t total; /* bytes, 0: not known */
    int64_t last;   /* milliseconds on the monotonic clock */
};

/* Starts the clock; dump NULL: standard input. The total is known where the bytes of a regular file
 * are those of the dump. */
void progress_start(struct progress *progress, const char *dump);
/* bm_progress's update; context is a struct progress. */
void progress_update(void *context, const char *ns, uint64_t documents, uint64_t bytes);
/* Milliseconds on the monotonic clock. */
int64_t progress_now(void);

#endif
