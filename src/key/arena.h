/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_ARENA_H
#define BM_KEY_ARENA_H

#include "bsonmend/error.h"

/*
 * Memory for the keys of one document: pieces stay where they are until the arena is reset, and a
 * reset keeps what the next document will most likely need. Starts zeroed.
 */
struct bm_arena {
    struct bm_arena_block *block; /* the one in use; older ones hang behind it */
    size_t taken;                 /* bytes of all pieces */
};

/* Memory aligned for any type, not zeroed. NULL: BM_ERROR_MEMORY in *err. */
void *bm_arena_take(struct bm_arena *arena, size_t bytes, struct bm_error *err) BM_MUST_USE;
/* Ends the life of all pieces. */
void bm_arena_reset(struct bm_arena *arena);
void bm_arena_free(struct bm_arena *arena);

#endif
