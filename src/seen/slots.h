/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_SEEN_SLOTS_H
#define BM_SEEN_SLOTS_H

#include "bsonmend/seen.h"

/*
 * An array of slots that grows without a second copy of a large one: small ones live on the heap,
 * large ones in mapped memory of huge pages that is moved, not copied. Starts zeroed.
 */
struct bm_slots {
    struct bm_fingerprint *at;
    size_t length; /* slots */
    size_t bytes;  /* taken from the budget */
    int mapped;
};

/*
 * Grows to `length` slots: old ones stay where they are in the array, new ones are zero.
 * BM_ERROR_MEMORY: no memory, or over the budget; nothing is changed then.
 */
enum bm_status bm_slots_grow(struct bm_slots *slots, size_t length, struct bm_budget *budget,
                             struct bm_error *err) BM_MUST_USE;
void bm_slots_release(struct bm_slots *slots, struct bm_budget *budget);

#endif
