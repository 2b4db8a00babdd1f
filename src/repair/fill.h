/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_FILL_H
#define BM_REPAIR_FILL_H

#include "base/buffer.h"
#include "repair/plan.h"

/* Where the fill and unset rules of a namespace find something empty in one document. */

/* An array gone through: behind which component of the path, at which position. */
struct bm_fill_step {
    size_t component;
    uint64_t position;
};

/* Small, as one document can hold a million of them; no document is longer than a uint32_t tells.
 */
struct bm_fill_place {
    struct bm_view raw; /* the element that stands there; len 0: missing */
    uint32_t raw_value; /* bytes of its value, the end of raw */
    uint32_t fill;      /* number of the rule in its target */
    uint32_t at;        /* bytes from the document's start: the element, or where it goes */
    uint32_t parent_at; /* in the walk's parents */
    uint32_t step_at;   /* in the walk's steps */
    uint32_t value_at, value_len; /* of the token; for whoever makes it */
    uint8_t type;
    uint8_t is_wished; /* not empty by the rule, but wished for */
    uint8_t empty;     /* enum bm_emptiness */
    uint8_t present;   /* components of the path that are there above it */
    uint8_t parent_count, step_count;
};
_Static_assert(2 * BM_FILL_COMPONENTS_MAX <= UINT8_MAX, "a place counts its parents in a byte");

/* Memory that is used again for each document; all zero at first. */
struct bm_fill_walk {
    struct bm_fill_place *places; /* in ascending order of `at`, then of the rules */
    size_t count, capacity;
    size_t *parents; /* positions of the length fields above a place, outermost first */
    size_t parent_count, parent_capacity;
    struct bm_fill_step *steps;
    size_t step_count, step_capacity;
    uint64_t added, removed; /* bytes, by what was found; parents that are missing not counted */
    int is_overgrown;
    struct bm_fill_step stack_steps[BM_FILL_COMPONENTS_MAX];
    size_t stack_parents[2 * BM_FILL_COMPONENTS_MAX];
};

/* Makes the components of fill->field, which lend from it. BM_FAIL: memory, or
 * BM_ERROR_USAGE: too many. */
enum bm_status bm_fill_split(struct bm_fill *fill, struct bm_error *err) BM_MUST_USE;

/*
 * What beside the empty is to be found: asked for each value that a rule's path leads to and that
 * is not empty by it, in an array (at the end of the path too) for each entry; NULL: the field is
 * missing.
 */
struct bm_fill_wish {
    int (*wants)(void *context, size_t fill, const struct bm_element *value);
    void *context;
};

/* Finds all places of one document; wish NULL: what is empty. BM_FAIL: memory, or BM_ERROR_CORRUPT
 * where the way to a field runs into damage. A document that would be larger than any reader takes
 * is not to be changed: walk->is_overgrown, and no places. */
enum bm_status bm_fill_find(struct bm_fill_walk *walk, const struct bm_target *target,
                            struct bm_view document, const struct bm_fill_wish *wish,
                            struct bm_error *err) BM_MUST_USE;
void bm_fill_walk_free(struct bm_fill_walk *walk);

/*
 * Appends the element that goes in for the first of `count` places at one position of a document,
 * and for all others that its missing parents serve: those are moved up, *served of them. `values`
 * holds the tokens.
 */
enum bm_status bm_fill_append(const struct bm_target *target, struct bm_fill_place *places,
                              size_t count, struct bm_view values, struct bm_buffer *out,
                              size_t *served, struct bm_error *err) BM_MUST_USE;

/* Appends a place's path down to its outermost element that is added or changed, with positions. */
enum bm_status bm_fill_path(const struct bm_fill_walk *walk, const struct bm_target *target,
                            const struct bm_fill_place *place, struct bm_buffer *out,
                            struct bm_error *err) BM_MUST_USE;

#endif
