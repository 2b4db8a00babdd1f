/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/compare.h"

#include <inttypes.h>

static uint64_t documents_of(const struct bm_compared *found, const struct bm_namespace *ns)
{
    const struct bm_namespace *twin =
        bm_catalog_find(found->catalog, bm_view_text(ns->db), bm_view_text(ns->collection));
    return twin != NULL ? found->tallies[twin->number].documents : 0;
}

enum bm_status bm_compare_output(const struct bm_compared *packed, const struct bm_compared *found,
                                 struct bm_error *err)
{
    for (size_t i = 0; i < bm_catalog_count(packed->catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(packed->catalog, i);
        uint64_t written = packed->tallies[i].packed;
        uint64_t there = documents_of(found, ns);
        if (written != there) {
            (void)bm_fail(err, BM_ERROR_IO, 0,
                          "the output holds %" PRIu64 " documents where %" PRIu64
                          " were written; it is withheld",
                          there, written);
            return bm_error_in(err, ns->ns);
        }
    }
    return BM_OK;
}
