/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_OUTPUT_H
#define BM_PIPELINE_OUTPUT_H

#include "pipeline/work.h"

/* The output of a run and what goes with it, from the first refusal to its name. Errors are among
 * those of bm_run. */

/* Whether it goes to a descriptor, which takes nothing back. */
int bm_output_is_stream(const struct bm_work *work);
/* Refuses what can be told before any reading: metadata that changes where there is none. */
enum bm_status bm_output_refuse(const struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/* Of these: rules that take documents out without a place where they go. */
enum bm_status bm_output_refuse_rejects(const struct bm_work *work,
                                        struct bm_error *err) BM_MUST_USE;
/* Opens the ledger, then the output. */
enum bm_status bm_output_open(struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/* Opens both as the run will, towards nowhere, and drops them: what the run would be refused is
 * told before it reads. */
enum bm_status bm_output_rehearse(struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/* Spoils or removes what there is of it; nothing where there is nothing. */
void bm_output_drop(struct bm_work *work);
/* Judges the output where that is asked for, and gives ledger and output their names. On failure
 * neither has one. */
enum bm_status bm_output_complete(struct bm_work *work, struct bm_error *err) BM_MUST_USE;

#endif
