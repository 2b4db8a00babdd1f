/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_RUNS_H
#define BM_CONTAINER_RUNS_H

#include "bsonmend/container.h"

/* A batch after its edits, as stretches of whole documents. */

struct bm_run {
    struct bm_view bytes;
    uint32_t documents;
    size_t last; /* length of the last one */
};

struct bm_runs {
    const struct bm_batch *batch;
    const struct bm_edit *edits;
    size_t edit_count;
    size_t edit;       /* the next one */
    uint32_t document; /* the next one */
};

struct bm_runs bm_runs_of(const struct bm_batch *batch, const struct bm_edit *edits,
                          size_t edit_count);
/* 1 with the next stretch, lent as batch and edits are; 0: no more. */
int bm_runs_next(struct bm_runs *runs, struct bm_run *out);

#endif
