/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/verify_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "container/names.h"

static enum bm_status add(struct bm_verify *verify, const struct bm_namespace *ns,
                          enum bm_difference_kind kind, const char *what, struct bm_error *err)
{
    const struct bm_difference difference = {.ns = ns->ns, .kind = kind, .what = what};
    return bm_result_add_difference(verify->result, &difference, err);
}

enum bm_status bm_verify_pair(struct bm_verify *verify, struct bm_error *err)
{
    const struct bm_catalog *before = bm_source_catalog(verify->before.work.source);
    const struct bm_catalog *after = bm_source_catalog(verify->after.work.source);
    enum bm_status status = BM_FAIL;
    uint8_t *is_twin = bm_allocate(bm_catalog_count(after), 1, err);
    verify->twins = bm_allocate(bm_catalog_count(before), sizeof *verify->twins, err);
    if (is_twin == NULL || verify->twins == NULL) {
        goto out;
    }
    for (size_t i = 0; i < bm_catalog_count(before); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(before, i);
        if (bm_names_find_written(after, ns, &verify->twins[i], err) != BM_OK) {
            goto out;
        }
        if (verify->twins[i] != NULL) {
            is_twin[verify->twins[i]->number] = 1;
        } else if (add(verify, ns, BM_DIFFERENCE_NAMESPACE_MISSING, NULL, err) != BM_OK) {
            goto out;
        }
    }
    for (size_t i = 0; i < bm_catalog_count(after); i++) {
        if (!is_twin[i] && add(verify, bm_catalog_namespace(after, i),
                               BM_DIFFERENCE_NAMESPACE_EXTRA, NULL, err) != BM_OK) {
            goto out;
        }
    }
    status = BM_OK;
out:
    free(is_twin);
    return status;
}

static enum bm_status compare_metadata(struct bm_verify *verify, const struct bm_namespace *ns,
                                       const struct bm_namespace *twin, struct bm_view expected,
                                       struct bm_error *err)
{
    char what[160];
    size_t at = 0;
    if (ns->metadata_state == BM_METADATA_TOO_LARGE ||
        twin->metadata_state == BM_METADATA_TOO_LARGE) {
        return add(verify, ns, BM_DIFFERENCE_METADATA,
                   "its metadata are larger than what is read, and were not compared", err);
    }
    if (bm_view_equal(expected, twin->metadata)) {
        return BM_OK;
    }
    if (twin->metadata.len == 0) {
        (void)snprintf(what, sizeof what,
                       "its metadata are not in AFTER: a restore makes no "
                       "index of them");
    } else if (expected.len == 0) {
        (void)snprintf(what, sizeof what, "AFTER has metadata that are not in BEFORE");
    } else {
        while (at < expected.len && at < twin->metadata.len &&
               expected.data[at] == twin->metadata.data[at]) {
            at++;
        }
        (void)snprintf(what, sizeof what, "its metadata in AFTER are not the same from byte %zu on",
                       at);
    }
    return add(verify, ns, BM_DIFFERENCE_METADATA, what, err);
}

enum bm_status bm_verify_metadata(struct bm_verify *verify, const struct bm_view *changed,
                                  struct bm_error *err)
{
    const struct bm_catalog *before = bm_source_catalog(verify->before.work.source);
    for (size_t i = 0; i < bm_catalog_count(before); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(before, i);
        struct bm_view expected =
            changed != NULL && changed[i].data != NULL ? changed[i] : ns->metadata;
        if (verify->twins[i] != NULL &&
            compare_metadata(verify, ns, verify->twins[i], expected, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
