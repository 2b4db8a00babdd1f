/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_OPLOG_MEND_H
#define BM_REPAIR_OPLOG_MEND_H

#include "bsonmend/repair.h"

struct bm_plan;

/*
 * Makes the oplog follow the fill and unset rules, so that its replay does not bring back what was
 * mended in the collections: documents that are inserted, or put in place of another as a whole,
 * get the token that their collection's document has. Tokens are not held against the values of the
 * collection, nor against each other: rules here ask for at least BM_OPLOG_BITS_MIN bits.
 */
#define BM_OPLOG_BITS_MIN 96.0

struct bm_oplog_mend;

/* Of the namespaces that have such rules by now; the plan must outlive it. NULL: memory. */
struct bm_oplog_mend *bm_oplog_mend_new(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;
void bm_oplog_mend_free(struct bm_oplog_mend *mend); /* NULL is fine */

/* For the next batch of the oplog. */
void bm_oplog_mend_clear(struct bm_oplog_mend *mend);
/* Mends one entry of a batch; what of it may undo what is mended is added to the findings of the
 * plan. An entry damaged inside is one, and passes as it is. BM_FAIL: memory. */
enum bm_status bm_oplog_mend_entry(struct bm_oplog_mend *mend, const struct bm_batch *batch,
                                   uint32_t number, struct bm_error *err) BM_MUST_USE;
/* Edits and changes of the batch, lent until bm_oplog_mend_clear. */
struct bm_edits bm_oplog_mend_edits(struct bm_oplog_mend *mend);

#endif
