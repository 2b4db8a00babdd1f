/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_ADVICE_REPORT_H
#define BM_REPAIR_ADVICE_REPORT_H

#include "repair/advice.h"

/* What is advised, and what no advice reaches. */

/* Fills the options that mend an index's duplicates, or why there is none. BM_FAIL: memory. */
enum bm_status bm_advice_report(const struct bm_plan *plan, const struct bm_target *target,
                                const struct bm_track *track, struct bm_index_result *out,
                                struct bm_error *err) BM_MUST_USE;
/* Fills result->hindrance, once all indexes are reported. BM_FAIL: memory. */
enum bm_status bm_advice_hindrance(const struct bm_plan *plan, struct bm_result *result,
                                   struct bm_error *err) BM_MUST_USE;

#endif
