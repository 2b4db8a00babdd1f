/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_COMPARE_H
#define BM_KEY_COMPARE_H

#include "bsonmend/document.h"
#include "key/collation.h"
#include "key/refusal.h"

/* How values sort in filters (mongod bsonelement.cpp compareElements). */
struct bm_comparing {
    const struct bm_collation *collation; /* NULL: strings sort by their bytes */
    struct bm_units *units;               /* needed with a collation */
    const uint8_t *origin; /* start of the document that `a` lies in; failures tell offsets in it */
    enum bm_refusal *refusal; /* with a collation: set when BM_END is not for the depth */
};

/* Values of different classes sort by class and are never equal. The class of a missing value is
 * that of undefined. */
int bm_compare_class(uint8_t type);

/*
 * -1, 0 or 1 for two values of one class. BM_END: nested deeper than the server allows, or a string
 * that is slow to compare. BM_FAIL: memory, or damage inside `a`; the inside of `b` must have been
 * checked.
 */
enum bm_status bm_compare_values(const struct bm_comparing *comparing, const struct bm_element *a,
                                 const struct bm_element *b, int *order,
                                 struct bm_error *err) BM_MUST_USE;

#endif
