/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_SWEEP_PARTS_H
#define BM_REPAIR_SWEEP_PARTS_H

#include "repair/sweep.h"

/* What the two passes of a look ahead gather, and what is decided of it: of sweep.c and
 * sweep_decide.c alone. */

/* A document that holds keys which others hold as well. */
struct bm_holder {
    uint64_t ordinal;
    int direction;          /* 1: a larger rank comes first, -1: a smaller one */
    int has_rank;           /* 0: by the ordinal alone, behind those that have one */
    struct bm_element rank; /* its type; its value from bm_sweep_decide on */
    size_t rank_at;         /* in the ranks */
    size_t key_at, key_count;
};

struct bm_lost {
    uint64_t ordinal;
    struct bm_lost_key key;
};

struct bm_rejected {
    uint64_t ordinal;
    size_t track;
};

struct bm_sweep {
    struct bm_seen **shared; /* by track, NULL: none, or given back */
    size_t track_count;
    struct bm_holder *holders;
    size_t holder_count, holder_capacity;
    struct bm_lost_key *keys; /* of the holders */
    size_t key_count, key_capacity;
    struct bm_buffer ranks; /* values that rank, as the dump has them */
    /* Decided: */
    struct bm_lost *lost; /* sorted */
    size_t lost_count, lost_capacity;
    struct bm_rejected *rejected; /* by ordinal */
    size_t rejected_count, rejected_capacity;
};

/* Whether duplicates of an index are refilled or set aside. */
int bm_sweep_is_contested(const struct bm_track *track);
/* Gives back what was gathered, once it is decided. */
void bm_sweep_forget_holders(struct bm_sweep *sweep);

#endif
