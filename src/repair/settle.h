/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_SETTLE_H
#define BM_REPAIR_SETTLE_H

#include "repair/survey.h"

/* The slow way of a document through its judge: damage, changes, keys one by one, findings. */

/* All of it. BM_FAIL as bm_judge_batch. */
enum bm_status bm_settle_document(struct bm_judge *judge, const struct bm_survey *survey,
                                  struct bm_error *err) BM_MUST_USE;
/* Enters the values that stay of fields that are filled, before any token is drawn, so that no
 * token equals one of its own document. The keys are made of the document as it came. */
enum bm_status bm_settle_values(struct bm_judge *judge, const struct bm_subject *subject,
                                struct bm_error *err) BM_MUST_USE;
/* What comes after the changes: the validator, all other keys, the size. The keys are made of
 * `document`. */
enum bm_status bm_settle_rest(struct bm_judge *judge, const struct bm_survey *survey,
                              struct bm_view document, int is_changed,
                              struct bm_error *err) BM_MUST_USE;
/* What of the document as it will be does not hang on keys: its size, and indexes that are not
 * unique. */
enum bm_status bm_settle_whole(struct bm_judge *judge, const struct bm_subject *subject,
                               struct bm_view document, struct bm_error *err) BM_MUST_USE;
/* Damage inside a document that starts at this offset: kept for the report, or counted. BM_FAIL:
 * memory. */
enum bm_status bm_settle_note_damage(struct bm_target *target, uint64_t offset,
                                     const struct bm_error *failure,
                                     struct bm_error *err) BM_MUST_USE;
/* A judged path ran into damage, told by judge->unheard: what the document holds is not known. */
enum bm_status bm_settle_lost(struct bm_judge *judge, const struct bm_survey *survey,
                              struct bm_error *err) BM_MUST_USE;

#endif
