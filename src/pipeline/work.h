/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_WORK_H
#define BM_PIPELINE_WORK_H

#include "pipeline/pass.h"
#include "pipeline/rejects.h"

/* What a run holds from its first pass to its last, and the steps that commands are made of. */
struct bm_work {
    const struct bm_run_options *options;
    struct bm_result *result;
    struct bm_source *source;
    const struct bm_source_about *about;
    struct bm_hash_key hash_key;
    struct bm_token_key *token_key;
    struct bm_budget budget;
    struct bm_plan *plan;
    struct bm_packer *packer; /* the output of the pass that is under way or was the last */
    struct bm_ledger *ledger;
    struct bm_rejects *rejects;
    struct bm_replay *replay;   /* NULL, or gives the edits of each pass that judges; lent */
    struct bm_digests *digests; /* NULL, or taken of each pass that judges; lent */
    struct bm_tally *tallies;
};

/* Errors of each are among those of bm_run. */

/* Opens the dump and says what is known of it. */
enum bm_status bm_work_open(struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/* Draws or reads the keys of fingerprints and tokens. */
enum bm_status bm_work_make_keys(struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/* Holds the rules against the catalog. */
enum bm_status bm_work_make_plan(struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/* One pass that judges, and writes where an output is open. */
enum bm_status bm_work_pass(struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/*
 * Passes until one stands; each opens its own output when `writing`. What a pass learned (values
 * that must not become tokens, an _id that needs a set) is kept by the plan, so that each further
 * pass gets further and the last one is right. BM_ERROR_VIOLATION: another pass is needed over
 * input that can be read only once.
 */
enum bm_status bm_work_settle(struct bm_work *work, int writing, struct bm_error *err) BM_MUST_USE;
/* Violations, or damage that a judged path ran into: the output is withheld. */
int bm_work_must_withhold(const struct bm_work *work);
/* BM_ERROR_VIOLATION: more documents would be changed than the limit allows. */
enum bm_status bm_work_check_limit(const struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/* The first document of a group is not in the sets; where it can, a short read fetches it. */
enum bm_status bm_work_fetch_firsts(struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/*
 * The rules that an output is judged by once others are carried out: what they ask for is done,
 * and duplicates that they leave are still left. Lends all of it from the rules.
 */
struct bm_rules bm_work_rules_behind(const struct bm_rules *rules);
/* Moves what was found into the result. */
enum bm_status bm_work_tell(struct bm_work *work, struct bm_error *err) BM_MUST_USE;
/* Frees everything but the result. */
void bm_work_free(struct bm_work *work);

#endif
