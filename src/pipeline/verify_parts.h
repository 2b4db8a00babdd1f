/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_VERIFY_PARTS_H
#define BM_PIPELINE_VERIFY_PARTS_H

#include "pipeline/digest.h"
#include "pipeline/work.h"

/* One of the two dumps of a verification. */
struct bm_verify_side {
    struct bm_run_options options;
    struct bm_work work;
    struct bm_digests digests;
};

struct bm_verify {
    const struct bm_run_options *options;
    struct bm_result *result;
    struct bm_result unheard; /* of BEFORE: it is AFTER that is told of */
    struct bm_result unheard_rejects;
    struct bm_rules rules_behind;
    struct bm_verify_side before, after;
    struct bm_replay *replay; /* NULL: no ledger */
    /* AFTER's namespaces by the numbers of BEFORE's, NULL: not there; owned. */
    const struct bm_namespace **twins;
};

/* Errors of each are among those of bm_verify. */

/* Holds the namespaces of the two catalogs together: sets the twins and adds what one dump has and
 * the other has not to the result. */
enum bm_status bm_verify_pair(struct bm_verify *verify, struct bm_error *err) BM_MUST_USE;
/* Adds the metadata that differ from what is expected: `changed` by BEFORE's numbers, an element
 * with data NULL or no array: BEFORE's own text. */
enum bm_status bm_verify_metadata(struct bm_verify *verify, const struct bm_view *changed,
                                  struct bm_error *err) BM_MUST_USE;
/* One more pass over BEFORE, changed as it is to be, or over AFTER as it is; for the digests. */
enum bm_status bm_verify_read_before(struct bm_verify *verify, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_verify_read_after(struct bm_verify *verify, struct bm_error *err) BM_MUST_USE;
/* Adds the first document that differs of each namespace, from the digests of both sides. */
enum bm_status bm_verify_find(struct bm_verify *verify, struct bm_error *err) BM_MUST_USE;

/*
 * Adds what options->rejects holds otherwise than the digests of BEFORE have it taken out: of each
 * namespace the documents of all its files, whose order does not count; and what keeps them from
 * restoring whole: metadata of their own, or an _id twice in a collection.
 */
enum bm_status bm_verify_rejects(struct bm_verify *verify, struct bm_error *err) BM_MUST_USE;

#endif
