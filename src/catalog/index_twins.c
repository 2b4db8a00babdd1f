/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/index_specs.h"

#include "bsonmend/document.h"
#include "doc/number.h"

/* No collection takes more, so that what comes further behind needs no comparing. */
#define COMPARED_MOST 65

/* As the server compares key patterns: in order, numbers by value (bsonobj.cpp, woCompare). */
static int same_direction(const struct bm_element *a, const struct bm_element *b)
{
    double one;
    double other;
    if (!bm_view_equal(a->name, b->name)) {
        return 0;
    }
    if (bm_number_of(a, &one) && bm_number_of(b, &other)) {
        return one >= other && one <= other;
    }
    return a->type == b->type && bm_view_equal(a->value, b->value);
}

static int same_key(struct bm_view a, struct bm_view b)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements left, right;
    struct bm_element one, other;
    if (a.len == 0 || b.len == 0 || bm_elements_open(&left, a, &damage) != BM_OK ||
        bm_elements_open(&right, b, &damage) != BM_OK) {
        return 0;
    }
    for (;;) {
        enum bm_status next = bm_elements_next(&left, &one, &damage);
        if (bm_elements_next(&right, &other, &damage) != next || next == BM_FAIL) {
            return 0;
        }
        if (next == BM_END) {
            return 1;
        }
        if (!same_direction(&one, &other)) {
            return 0;
        }
    }
}

static int are_twins(const struct bm_index_spec *a, const struct bm_index_spec *b)
{
    return (a->kind == BM_INDEX_TEXT && b->kind == BM_INDEX_TEXT) || same_key(a->key, b->key);
}

void bm_index_twins_find(struct bm_index_spec *specs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        /* A clustered collection has no _id index. */
        specs[i].place = i > 0 && specs[0].clustered ? i - 1 : i;
        specs[i].twin = NULL;
        for (size_t j = i; j > 1 && i < COMPARED_MOST && specs[i].twin == NULL; j--) {
            specs[i].twin = are_twins(&specs[i], &specs[j - 1]) ? &specs[j - 1] : NULL;
        }
    }
}
