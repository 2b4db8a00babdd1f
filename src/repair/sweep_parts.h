/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_SWEEP_PARTS_H
#define BM_REPAIR_SWEEP_PARTS_H

#include "repair/sweep.h"

/* What the two passes of a look ahead gather, and what is decided of it: of sweep.c and
 * sweep_decide.c alone. All of it is drawn from the budget of the keys. */

/* A document that holds keys which others hold as well. */
struct bm_holder {
    uint64_t ordinal;
    size_t rank_at;      /* in the ranks */
    const uint8_t *rank; /* the same, from bm_sweep_decide on */
    size_t key_at;
    uint32_t key_count;
    uint32_t rank_len;
    uint8_t rank_type;
    uint8_t has_rank;   /* 0: by the ordinal alone, behind those that have one */
    int8_t direction;   /* 1: a larger rank comes first, -1: a smaller one */
    uint8_t is_damaged; /* it stays as it is, whatever others hold */
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
    uint8_t *ranks; /* values that rank, as the dump has them */
    size_t rank_bytes, rank_capacity;
    /* Decided: */
    struct bm_lost *lost; /* sorted */
    size_t lost_count, lost_capacity;
    struct bm_rejected *rejected; /* by ordinal */
    size_t rejected_count, rejected_capacity;
};

/* Gives back what was gathered, once it is decided. */
void bm_sweep_forget_holders(struct bm_sweep *sweep, struct bm_budget *budget);

#endif
