/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_RUNNING_H
#define BM_TESTS_RUNNING_H

#include "base/buffer.h"
#include "bsonmend/bsonmend.h"
#include "support/scratch.h"

/* Whole runs over small dumps made in a folder of their own. */

/* Metadata of a collection with a unique index over `t`. */
extern const char running_unique_token[];

/* The one run of a test: fix of d/c.bson to out.bson, unless the test changes its options. */
struct running {
    struct test_scratch scratch;
    struct bm_buffer dump; /* what running_add made up to now */
    struct bm_rules rules;
    struct bm_run_options options;
    struct bm_result result;
    struct bm_error err;
    char input[256];
    char output[256];
};
extern struct running running;

void running_start(void); /* a file `key` and the metadata of d/c are there */
void running_stop(void);
/* Runs; result and err are those of this run alone. */
enum bm_status running_run(void);
/* Appends {_id: id, t: token}; token NULL: null. */
void running_add(int32_t id, const char *token);
/* Writes what was added as a file and starts anew. */
void running_put(const char *name);

#endif
