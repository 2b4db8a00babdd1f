/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_DRAW_H
#define BM_REPAIR_DRAW_H

#include "repair/mender.h"

/* The tokens of the document that a mender changes: candidates are drawn until one is free. */

/*
 * Appends to mender->values, for a place that the walk found, the first candidate that is no value
 * of the field and no token of ours, and keeps it. BM_FAIL: memory, or BM_ERROR_VIOLATION: none of
 * so many attempts was free.
 */
enum bm_status bm_draw_token(struct bm_mender *mender, const struct bm_subject *subject,
                             struct bm_fill_place *place, struct bm_error *err) BM_MUST_USE;
/* Forgets the tokens that were kept for the document. */
void bm_draw_forget(struct bm_mender *mender);

#endif
