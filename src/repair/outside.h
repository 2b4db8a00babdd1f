/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_OUTSIDE_H
#define BM_REPAIR_OUTSIDE_H

#include "bsonmend/key.h"

struct bm_rewriting;

/*
 * Documents that a rule's filter leaves out of an index although they have a value there: one of
 * another type than the filter's. That is counted and said, as nobody asked for it in so many
 * words.
 */
struct bm_outside {
    struct bm_index *index;   /* over the filter's fields; NULL: no rule made the index partial */
    struct bm_keyset *keyset; /* of it alone */
    uint64_t documents;       /* in this pass */
};

/* For the index of that name, where the rules make it partial. */
enum bm_status bm_outside_start(struct bm_outside *outside, const struct bm_rewriting *rewriting,
                                const char *index, struct bm_server server,
                                struct bm_error *err) BM_MUST_USE;
/* Takes a document for which the partial index has no key. BM_FAIL: memory. */
enum bm_status bm_outside_take(struct bm_outside *outside, struct bm_view document,
                               struct bm_error *err) BM_MUST_USE;
void bm_outside_free(struct bm_outside *outside);

#endif
