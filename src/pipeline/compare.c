/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/compare.h"

#include <inttypes.h>

#include "container/names.h"

enum bm_status bm_compare_output(const struct bm_compared *packed, const struct bm_compared *found,
                                 struct bm_error *err)
{
    for (size_t i = 0; i < bm_catalog_count(packed->catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(packed->catalog, i);
        uint64_t written = packed->tallies[i].packed;
        const struct bm_namespace *twin;
        if (bm_names_find_written(found->catalog, ns, &twin, err) != BM_OK) {
            return BM_FAIL;
        }
        uint64_t there = twin != NULL ? found->tallies[twin->number].documents : 0;
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
