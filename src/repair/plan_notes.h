/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_PLAN_NOTES_H
#define BM_REPAIR_PLAN_NOTES_H

#include "repair/plan.h"

/* Adds what was found damaged in a namespace. BM_FAIL: memory, as below. */
enum bm_status bm_plan_report_damage(const struct bm_target *target, struct bm_result *result,
                                     struct bm_error *err) BM_MUST_USE;
/* Adds the lines to say: of the rules, of what they changed or did not, of small token spaces. */
enum bm_status bm_plan_report_notes(const struct bm_plan *plan, struct bm_result *result,
                                    struct bm_error *err) BM_MUST_USE;

#endif
