/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_CONTEST_H
#define BM_REPAIR_CONTEST_H

#include "repair/survey.h"

/*
 * A document of a namespace whose rules change or take out what holds a key that another holds
 * already. Ranked documents are taken in their order, on keys after unset and fill: a key held
 * already in an index that is refilled gives its field (in an array the entries at fault) a new
 * token, and the keys are made anew; then a key held already in an index that rejects sends the
 * document away as it came, holding nothing; else it stays and holds its keys in all unique
 * indexes. Where rank order is the order of the dump what is held already is known; else a look
 * ahead has decided (repair/sweep.h).
 */

/* Settles one document that is not damaged. BM_FAIL as bm_judge_batch. */
enum bm_status bm_contest_settle(struct bm_judge *judge, struct bm_survey *survey,
                                 struct bm_error *err) BM_MUST_USE;
/*
 * BM_PASS_FIRST: changes a whole document as bm_contest_settle did, and counts nothing. What no
 * later document needs in order to be changed the same way is not held. *document as
 * bm_mender_change has it, or as it came; one that was taken out is not to be given. BM_FAIL:
 * memory.
 */
enum bm_status bm_contest_redo(struct bm_judge *judge, const struct bm_subject *subject,
                               struct bm_view *document, struct bm_error *err) BM_MUST_USE;
void bm_contest_free(struct bm_contest *contest);

#endif
