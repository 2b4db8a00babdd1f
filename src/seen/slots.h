/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_SEEN_SLOTS_H
#define BM_SEEN_SLOTS_H

#include "bsonmend/seen.h"

/* Slots come in groups, whose tags are looked at in one step. */
#define BM_GROUP_SLOTS 8u

/* What a group takes of the budget. */
#define BM_GROUP_BYTES (BM_GROUP_SLOTS * (1 + sizeof(struct bm_fingerprint)))

/* Memory at the start of a cache line: small pieces are of the heap, large ones mapped. */
struct bm_piece {
    void *at;
    size_t bytes;
    int mapped;
};

/*
 * The slots of a set, and a byte beside each: its tag, 0 while the slot is free. Tags lie together:
 * those of a million keys are so few that they stay in the processor's caches. Starts zeroed.
 */
struct bm_slots {
    uint8_t (*tags)[BM_GROUP_SLOTS];
    struct bm_fingerprint (*groups)[BM_GROUP_SLOTS];
    size_t count; /* of groups */
    size_t bytes; /* taken from the budget */
    struct bm_piece of_tags;
    struct bm_piece of_groups;
};

/*
 * A larger array whose tags are all 0, to take the place of `old`. The budget counts the larger one
 * only: `old` is to be used up while the other is filled. BM_ERROR_MEMORY: no memory, or over the
 * budget; nothing is changed then.
 */
enum bm_status bm_slots_outgrow(const struct bm_slots *old, size_t groups, struct bm_slots *out,
                                struct bm_budget *budget, struct bm_error *err) BM_MUST_USE;
void bm_slots_free(struct bm_slots *slots); /* the memory; the budget is the set's matter */

/* Groups that share a page of a large array. */
#define BM_PAGE_GROUPS ((size_t)16384)

/*
 * Says during a move of all entries from an array to the one that outgrew it, from start to end:
 * the groups of this page of the old one are empty now, and no group from *in_use on was filled in
 * the new one. The page goes to where the next entries will be written, with a new *in_use behind
 * it: the system need not give and clear another, which is the dearest part of growth, and at no
 * time are both arrays in memory whole. BM_ERROR_MEMORY: the new array has a hole there.
 */
enum bm_status bm_slots_hand_over(struct bm_slots *old, size_t page, struct bm_slots *grown,
                                  size_t *in_use, struct bm_error *err) BM_MUST_USE;

#endif
