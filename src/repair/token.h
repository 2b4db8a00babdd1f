/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_TOKEN_H
#define BM_REPAIR_TOKEN_H

#include "base/buffer.h"
#include "bsonmend/repair.h"

/* What one candidate of a token is a function of, besides the token key and the shape. */
struct bm_token_place {
    const char *ns;
    const char *field;
    struct bm_view id;  /* raw _id element, len 0: none, then the ordinal stands for it */
    int id_came_before; /* an earlier document holds this _id: the ordinal is added */
    uint64_t ordinal;
    const uint64_t *positions; /* in the arrays along the path, outermost first */
    size_t position_count;
};

/*
 * Appends the encoded BSON value of candidate `attempt` (from 1) and gives its type. Any change to
 * what this computes changes the tokens that a kept key stands for.
 */
enum bm_status bm_token_make(const struct bm_token_key *key, const struct bm_token_shape *shape,
                             const struct bm_token_place *place, uint32_t attempt, uint8_t *type,
                             struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;

/* The bytes of its BSON value, the same for every token of a shape; BM_TOKEN_UNSAID: 0. */
size_t bm_token_bytes(const struct bm_token_shape *shape);

#endif
