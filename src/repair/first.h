/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_FIRST_H
#define BM_REPAIR_FIRST_H

#include "repair/survey.h"

/*
 * BM_PASS_FIRST: looks for the first documents of the groups that the pass before found; a set of
 * keys does not know who brought them in. No verdict is taken, nothing is counted, no set is
 * filled but with the tokens of this pass. BM_FAIL: memory, or no free token.
 */
enum bm_status bm_first_look(struct bm_judge *judge, const struct bm_batch *batch,
                             struct bm_error *err) BM_MUST_USE;

#endif
