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
void bm_contest_free(struct bm_contest *contest);

#endif
