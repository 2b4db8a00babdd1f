/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_SAMPLE_H
#define BM_PIPELINE_SAMPLE_H

#include "bsonmend/report.h"

/* Adds lines of text and pairs of elements to a result; all are copied. */

/* Keeps a change as a before/after pair, the first three for each namespace and field. */
enum bm_status bm_sample_add(struct bm_result *result, const struct bm_change *change,
                             struct bm_error *err) BM_MUST_USE;
enum bm_status bm_note_add(struct bm_result *result, const char *text,
                           struct bm_error *err) BM_MUST_USE;
/* Adds a failure over the input's bytes to the list of damage. */
enum bm_status bm_damage_add(struct bm_result *result, const struct bm_error *failure,
                             struct bm_error *err) BM_MUST_USE;

#endif
