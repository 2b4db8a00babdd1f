/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_SWEEP_H
#define BM_REPAIR_SWEEP_H

#include "repair/survey.h"

/*
 * The look ahead of a namespace whose rank order is not that of the dump. Two passes: one marks the
 * keys that several documents share, one gathers the documents that hold such keys, with their rank
 * (BM_PASS_SHARED, BM_PASS_GATHER). Those are then taken in rank order, by the rule of
 * repair/contest.h: a document that shares no key holds all its own and disturbs nobody. Tokens are
 * shared with no one, so that none need be known for it.
 *
 * Where the budget does not hold all keys of the first pass it is made once more, and records them
 * (repair/overflow.h). What is gathered of the shared ones must fit: the order of ranks goes
 * through all of them.
 */
struct bm_sweep;

/* In those passes: takes a batch, and at its namespace's END keeps what the judge has of it. */
enum bm_status bm_sweep_look(struct bm_judge *judge, const struct bm_batch *batch,
                             struct bm_error *err) BM_MUST_USE;
enum bm_status bm_sweep_keep(struct bm_judge *judge, struct bm_error *err) BM_MUST_USE;
/*
 * After both: who loses what. BM_ERROR_VIOLATION: documents that share a key cannot be ranked, as
 * the field that ranks them holds arrays or values of several types; BM_ERROR_MEMORY: the budget
 * does not hold what they share.
 */
enum bm_status bm_sweep_decide(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;

/* Whether duplicates of an index are refilled or set aside. */
int bm_sweep_is_contested(const struct bm_track *track);
/* Whether the document loses this key of an index that is refilled. NULL: nothing was decided. */
int bm_sweep_loses(const struct bm_sweep *sweep, uint64_t ordinal, size_t track,
                   struct bm_fingerprint fingerprint);
/* The track for whose sake the document is taken out, BM_NO_TRACK: it stays. */
size_t bm_sweep_rejects(const struct bm_sweep *sweep, uint64_t ordinal);
void bm_sweep_free(struct bm_sweep *sweep, struct bm_budget *budget); /* NULL is fine */

#endif
