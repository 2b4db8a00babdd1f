/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_BUILDS_H
#define BM_REPAIR_BUILDS_H

#include "repair/plan.h"

/*
 * The indexes of a namespace that are not unique: of them only what fails their build is of
 * interest, since one that fails loses them all.
 */
struct bm_builds {
    struct bm_hazards *hazards; /* NULL: no document can fail one of them */
    const struct bm_index **indexes;
    size_t *tracks; /* their numbers */
    size_t count;
    int has_special; /* some index is of a kind that only doubts are told of */
};

enum bm_status bm_builds_start(struct bm_builds *builds, const struct bm_target *target,
                               struct bm_error *err) BM_MUST_USE;
/* Takes a document as it will be. Damage in it was told. BM_FAIL: memory. */
enum bm_status bm_builds_take(struct bm_builds *builds, struct bm_plan *plan,
                              struct bm_target *target, struct bm_view document,
                              const struct bm_document_place *place,
                              struct bm_error *err) BM_MUST_USE;
void bm_builds_free(struct bm_builds *builds);

#endif
