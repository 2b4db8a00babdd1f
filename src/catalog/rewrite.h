/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CATALOG_REWRITE_H
#define BM_CATALOG_REWRITE_H

#include "base/buffer.h"
#include "bsonmend/catalog.h"

/*
 * Changes to a metadata text: one index made partial, sparse, not unique, or dropped, or a
 * validator for a field. The text is read as mongorestore reads it (catalog/metadata.h); every byte
 * outside the changed entry or option stays, and what is written is in the flavour of the text
 * around it (legacy or canonical Extended JSON).
 */

enum bm_rewrite_kind {
    BM_REWRITE_INDEX,  /* what `index` says with the index called `name` */
    BM_REWRITE_REQUIRE /* a validator that refuses a null, missing or empty fields[0] */
};

/* Borrows everything; it must live as long as the call. */
struct bm_rewrite {
    enum bm_rewrite_kind kind;
    const char *name;             /* BM_REWRITE_INDEX */
    enum bm_index_action index;   /* BM_REWRITE_INDEX; not BM_INDEX_ACTION_KEEP */
    enum bm_partial_type partial; /* BM_INDEX_ACTION_PARTIAL */
    /* BM_REWRITE_REQUIRE: one dotted path. BM_INDEX_ACTION_PARTIAL: the paths that the filter is
     * on, all of them in the index; none: the field of a single-field index. */
    const char *const *fields;
    size_t field_count;
};

enum bm_rewrite_outcome {
    BM_REWRITE_CHANGED,
    BM_REWRITE_FULFILLED, /* it was so already; the text is unchanged */
    BM_REWRITE_ABSENT     /* no index of that name; the text is unchanged */
};

/* What becomes of a document that fails the validator when it is restored. */
enum bm_validation {
    BM_VALIDATION_REFUSES, /* also validationLevel "moderate": a restored document is an insert */
    BM_VALIDATION_OFF,     /* validationLevel "off" */
    BM_VALIDATION_WARNS    /* validationAction "warn": logged and stored */
};

struct bm_rewrite_result {
    enum bm_rewrite_outcome outcome;
    enum bm_validation validation; /* BM_REWRITE_REQUIRE: to be said when it does not refuse */
};

/*
 * Applies the rewrites in their order and appends the new text to *out; results has one place for
 * each. When all are fulfilled or absent the appended text is `text`.
 *
 * Where a name comes twice the later definition counts for mongorestore: that one is rewritten, and
 * a drop takes all of them. `partial` takes sparse off; `nonunique` takes prepareUnique off too.
 *
 * BM_ERROR_USAGE, with what is wrong and without the namespace: the index is the _id index, is of a
 * kind that cannot be made so, or has another filter; fields that are not in the index, or none
 * said for several; a validator for a view, a time-series collection or a text of no bytes; options
 * whose validator is no object. BM_ERROR_CORRUPT: mongorestore could not read the text.
 * On BM_FAIL *out is as it was.
 */
enum bm_status bm_rewrite_metadata(struct bm_view text, const struct bm_rewrite *rewrites,
                                   size_t count, struct bm_rewrite_result *results,
                                   struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;

#endif
