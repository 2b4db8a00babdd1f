/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_OVERFLOW_H
#define BM_REPAIR_OVERFLOW_H

#include "bsonmend/repair.h"

/*
 * Namespaces whose keys the budget does not hold. The judge gives up on one when its sets would
 * outgrow the budget; a pass then records all its keys, those of new tokens too, in a key file,
 * which tells which keys more than one document holds. Only those are kept by the sets of the
 * passes after it, which so find what they would have found in any memory.
 *
 * On input that is read once a set that would outgrow the budget goes on in the key file, and the
 * verdict comes at the end: totals are exact, but which keys are shared cannot be told.
 */

struct bm_keyfile;
struct bm_target;
struct bm_track;

/* Of a track: where its set goes on input that is read once. */
struct bm_track_outlet {
    struct bm_outlet base;
    struct bm_plan *plan;
    struct bm_track *track;
};

/* All zero at first. */
struct bm_overflow {
    struct bm_keyfile *keyfile; /* NULL outside a pass that records */
    uint64_t memory;            /* taken from the budget for it */
    struct bm_track **tracks;   /* by the number that their records bear */
    size_t count, capacity;
    uint64_t recorded; /* keys, over all passes */
    uint64_t untold;   /* groups of input that is read once, of which no document is known */
};

/* Whether a namespace can be judged by records when the budget gives it no more: then that is to be
 * done. 0: it can not, or they are what does not fit. */
int bm_overflow_begins(struct bm_plan *plan, struct bm_target *target);
/* Where it can not: BM_ERROR_MEMORY, and what to do about it. */
enum bm_status bm_overflow_refuse(const struct bm_plan *plan, const struct bm_target *target,
                                  struct bm_error *err);
/*
 * Makes a new set of a track what the pass under way needs: one that records, or that holds what
 * is shared. BM_ERROR_USAGE, BM_ERROR_IO: there can be no key file; BM_ERROR_MEMORY.
 */
enum bm_status bm_overflow_prepare(struct bm_plan *plan, const struct bm_target *target,
                                   struct bm_track *track, struct bm_seen *set,
                                   struct bm_error *err) BM_MUST_USE;
/*
 * A token that is drawn while a track's set holds what a sieve does. One that no pass can have
 * recorded, as it was not the first candidate or is for a copy of an _id, may equal a value that
 * the sieve lets pass: the pass is made again, with the token in the sieve. BM_ERROR_MEMORY.
 */
enum bm_status bm_overflow_drawn(struct bm_plan *plan, struct bm_track *track,
                                 struct bm_fingerprint fingerprint,
                                 struct bm_error *err) BM_MUST_USE;
void bm_overflow_forget_unrecorded(struct bm_track *track, struct bm_budget *budget);
/*
 * At the end of a BM_PASS_RECORD: learns which keys are shared. BM_ERROR_MEMORY: the budget does
 * not hold even those; BM_ERROR_IO. At the end of a BM_PASS_JUDGE over input that is read once:
 * adds what went through the key file to what was found.
 */
enum bm_status bm_overflow_conclude(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;
void bm_overflow_free(struct bm_plan *plan);

#endif
