/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_COMPARE_H
#define BM_PIPELINE_COMPARE_H

#include "pipeline/pass.h"

/* A catalog and what a pass counted, by the numbers of its namespaces. Lent. */
struct bm_compared {
    const struct bm_catalog *catalog;
    const struct bm_tally *tallies;
};

/*
 * Holds an output that was read back against the input it was packed from: each namespace has as
 * many documents as were packed. BM_FAIL: BM_ERROR_IO with the namespace that differs.
 */
enum bm_status bm_compare_output(const struct bm_compared *packed, const struct bm_compared *found,
                                 struct bm_error *err) BM_MUST_USE;

#endif
