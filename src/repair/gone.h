/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_GONE_H
#define BM_REPAIR_GONE_H

#include "bsonmend/seen.h"

/*
 * The documents of a namespace that were taken out, as ordinals that rise: a byte or two for each
 * in the budget, as the steps from one to the next are kept. All zero at first.
 */
struct bm_gone {
    uint8_t *steps; /* seven bits a byte, the lowest first; the last of a step has no high bit */
    size_t len, capacity;
    uint64_t last; /* ordinal, of the one added last */
    size_t read;   /* bytes that were gone through … */
    uint64_t next; /* … and the ordinal that they lead to */
};

/* BM_FAIL: memory. */
enum bm_status bm_gone_add(struct bm_gone *gone, struct bm_budget *budget, uint64_t ordinal,
                           struct bm_error *err) BM_MUST_USE;
/* Starts going through them; all has been added. */
void bm_gone_start(struct bm_gone *gone);
/* Whether a document was taken out; ordinals asked for rise. */
int bm_gone_has(struct bm_gone *gone, uint64_t ordinal);
void bm_gone_free(struct bm_gone *gone, struct bm_budget *budget); /* leaves it all zero */

#endif
