/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_REJECTS_H
#define BM_PIPELINE_REJECTS_H

#include <signal.h>

#include "bsonmend/catalog.h"
#include "bsonmend/report.h"
#include "bsonmend/seen.h"

/*
 * The dump of what rules took out: PATH/DATABASE/COLLECTION.rejects.bson with metadata that has no
 * options and no secondary indexes, so that it restores whole, beside the collection and never over
 * it. A further copy of an _id goes to COLLECTION.rejects-2 and so on; so does the first where the
 * dump has a collection of that name. A namespace has at most 1000 of these.
 */
struct bm_rejects;

struct bm_rejects_options {
    const char *path; /* must not exist */
    const struct bm_catalog *catalog;
    const struct bm_hash_key *hash_key;
    struct bm_budget *budget;          /* of the sets of _id */
    const volatile sig_atomic_t *stop; /* may be NULL */
};

/* Makes a temporary folder beside the path. BM_ERROR_USAGE: that exists, or names nothing;
 * BM_ERROR_IO. Borrows everything. NULL on failure. */
struct bm_rejects *bm_rejects_new(const struct bm_rejects_options *options,
                                  struct bm_error *err) BM_MUST_USE;
/* Takes one document (BM_ACTION_REJECT). BM_ERROR_VIOLATION: too many of one _id; BM_ERROR_IO,
 * BM_ERROR_MEMORY, BM_ERROR_STOPPED. */
enum bm_status bm_rejects_take(struct bm_rejects *rejects, const struct bm_change *change,
                               struct bm_error *err) BM_MUST_USE;
/* Completes, syncs and names the dump; makes none where no document came. */
enum bm_status bm_rejects_finish(struct bm_rejects *rejects, struct bm_error *err) BM_MUST_USE;
/* Takes the name back, after a bm_rejects_finish whose output could not be. */
void bm_rejects_unname(struct bm_rejects *rejects);
/* Without a finish nothing is left. NULL is fine. */
void bm_rejects_free(struct bm_rejects *rejects);

#endif
