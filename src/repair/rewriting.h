/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_REWRITING_H
#define BM_REPAIR_REWRITING_H

#include "base/buffer.h"
#include "catalog/rewrite.h"

struct bm_plan;
struct bm_target;

/*
 * What rules of indexes and of required fields make of a namespace's metadata. All of it is known
 * before any document; the verdict is then taken with the indexes as they will be.
 */

/* One rule in one namespace, and what came of it. */
struct bm_rewriting_step {
    struct bm_rewrite rewrite;
    struct bm_rewrite_result result;
    int is_named;        /* the rule names the namespace: it beats one that does not */
    const char **fields; /* that a filter is on; owned, lent to the rewrite */
    size_t field_count;
};

struct bm_rewriting {
    struct bm_rewriting_step *steps; /* rules of indexes first, then of required fields */
    size_t step_count, step_capacity;
    struct bm_buffer text; /* the new metadata; empty: it stays as it is */
};

/*
 * Holds the rules against the catalog and makes the new texts: target->after is the namespace as it
 * will be. BM_ERROR_USAGE: a rule that matches nothing or contradicts another, or an index or
 * metadata that cannot be changed so. An index that is gone already counts as dropped.
 */
enum bm_status bm_rewriting_bind(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;
/* The rule that changes an index; NULL: none does, or it was so already. */
const struct bm_rewriting_step *bm_rewriting_find(const struct bm_rewriting *rewriting,
                                                  const char *index);
/* Whether a unique index of the metadata, as it was before, has this field among its keys. */
int bm_rewriting_was_unique_over(const struct bm_namespace *ns, const char *field);
void bm_rewriting_free(struct bm_rewriting *rewriting);

#endif
