/* SPDX-License-Identifier: Apache-2.0 */
#include "key/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>

#include "base/memory.h"

#define BLOCK_FIRST ((size_t)4096)
/* A larger block is given back at the next reset: one huge document is no reason to keep it. */
#define BLOCK_KEPT ((size_t)1 << 20)

struct bm_arena_block {
    struct bm_arena_block *older;
    size_t used;
    size_t size;
    alignas(max_align_t) uint8_t bytes[];
};

static enum bm_status add_block(struct bm_arena *arena, size_t bytes, struct bm_error *err)
{
    size_t size = arena->block != NULL ? arena->block->size : BLOCK_FIRST / 2;
    size = size < BLOCK_KEPT ? size * 2 : size;
    size = size < bytes ? bytes : size;
    size_t total;
    if (bm_size_add(size, sizeof(struct bm_arena_block), &total, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_arena_block *block = malloc(total);
    if (block == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, ENOMEM, "no memory for %zu bytes of keys", size);
    }
    block->older = arena->block;
    block->used = 0;
    block->size = size;
    arena->block = block;
    return BM_OK;
}

void *bm_arena_take(struct bm_arena *arena, size_t bytes, struct bm_error *err)
{
    size_t rounded;
    if (bm_size_add(bytes, alignof(max_align_t) - 1, &rounded, err) != BM_OK) {
        return NULL;
    }
    rounded -= rounded % alignof(max_align_t);
    struct bm_arena_block *block = arena->block;
    if (block == NULL || rounded > block->size - block->used) {
        if (add_block(arena, rounded, err) != BM_OK) {
            return NULL;
        }
        block = arena->block;
    }
    void *piece = block->bytes + block->used;
    block->used += rounded;
    arena->taken += rounded;
    return piece;
}

static void free_older(struct bm_arena_block *block)
{
    while (block != NULL) {
        struct bm_arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void bm_arena_reset(struct bm_arena *arena)
{
    struct bm_arena_block *block = arena->block;
    arena->taken = 0;
    if (block == NULL) {
        return;
    }
    free_older(block->older);
    block->older = NULL;
    block->used = 0;
    if (block->size > BLOCK_KEPT) {
        free(block);
        arena->block = NULL;
    }
}

void bm_arena_free(struct bm_arena *arena)
{
    free_older(arena->block);
    arena->block = NULL;
}
