/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_VALUES_H
#define BM_KEY_VALUES_H

#include "base/buffer.h"
#include "bsonmend/document.h"
#include "key/arena.h"
#include "key/canonical.h"

/*
 * Values that are only told apart, as a $jsonSchema does it: neither the order of the fields of an
 * object counts nor a collation (mongod unordered_fields_bsonelement_comparator.h). The caller owns
 * them: starts with BM_VALUES_INIT, ends with bm_values_free.
 */
struct bm_values {
    struct bm_arena arena;
    struct bm_view *forms; /* the canonical form of each, in the arena */
    size_t count, capacity;
    struct bm_buffer form; /* of the one that is added */
    struct bm_buffer copy; /* and itself with its fields sorted */
};

#define BM_VALUES_INIT                                                                             \
    ((struct bm_values){.form = BM_BUFFER_INIT(2 * BM_KEY_BYTES_MOST),                             \
                        .copy = BM_BUFFER_INIT(2 * BM_KEY_BYTES_MOST)})

void bm_values_clear(struct bm_values *values); /* none is left, but memory */
/*
 * Adds a value. BM_END: it is nested deeper than the server allows, with the others larger than
 * BM_KEY_BYTES_MOST, or has code with a scope, which not all servers compare alike. BM_FAIL:
 * memory, or damage inside, told by its offset from `origin`.
 */
enum bm_status bm_values_add(struct bm_values *values, const struct bm_element *value,
                             const uint8_t *origin, struct bm_error *err) BM_MUST_USE;
/* The same for all entries of an array, and sorts them. */
enum bm_status bm_values_add_all(struct bm_values *values, const struct bm_element *array,
                                 const uint8_t *origin, struct bm_error *err) BM_MUST_USE;
/* Whether no two of sorted values are equal. */
int bm_values_differ(const struct bm_values *values);
/* Whether one of sorted values equals the only one of others. */
int bm_values_have(const struct bm_values *values, const struct bm_values *one);
void bm_values_free(struct bm_values *values);

#endif
