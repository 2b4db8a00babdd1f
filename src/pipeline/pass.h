/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_PASS_H
#define BM_PIPELINE_PASS_H

#include "bsonmend/run.h"
#include "pipeline/digest.h"
#include "pipeline/rejects.h"
#include "pipeline/replay.h"

/* What one pass counted of a namespace, by its number in the catalog. */
struct bm_tally {
    uint64_t documents;
    uint64_t bytes;
    uint64_t packed; /* documents handed to the packer and not dropped */
};

/* One pass over a dump: the only loop over documents. Everything is lent by the caller. */
struct bm_pass_run {
    struct bm_source *source;
    struct bm_plan *plan; /* NULL: nothing is judged (list) */
    enum bm_pass purpose;
    struct bm_packer *packer;   /* NULL: nothing is written */
    struct bm_ledger *ledger;   /* NULL: no ledger */
    struct bm_rejects *rejects; /* NULL: what is taken out goes nowhere */
    struct bm_result *samples;  /* collects before/after pairs there; NULL: none */
    struct bm_replay *replay;   /* edits in place of judges; NULL: none */
    struct bm_digests *digests; /* takes what is made of each namespace; NULL: nothing does */
    const struct bm_progress *progress;
    const volatile sig_atomic_t *stop;
    struct bm_tally *tallies; /* one for each namespace of the catalog, set anew by the pass */
    uint64_t bytes;           /* out: decoded bytes read */
};

/*
 * Reads the dump once from its start to its end (BM_PASS_FIRST: until all is known that was looked
 * for), judges, and hands events and edits to the packer.
 * Once the plan knows that what is written cannot become the output, nothing more is written, but
 * reading goes on so that everything is found. BM_FAIL: *err; what was counted up to there stands.
 */
enum bm_status bm_pass_run(struct bm_pass_run *run, struct bm_error *err) BM_MUST_USE;

#endif
