/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/list.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "bsonmend/key.h"

static enum bm_status pattern_text(const struct bm_index_spec *spec, char **out,
                                   struct bm_error *err)
{
    enum bm_status status = BM_FAIL;
    struct bm_buffer text = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    const struct bm_index_home home = {bm_server_parse(NULL), BM_NAMESPACE_COLLECTION};
    struct bm_index *index = bm_index_new(spec, &home, err);
    if (index != NULL && bm_pattern_text(index, &text, err) == BM_OK) {
        *out = bm_copy_view(bm_buffer_view(&text), err);
        status = *out != NULL ? BM_OK : BM_FAIL;
    }
    bm_index_free(index);
    bm_buffer_free(&text);
    return status;
}

static enum bm_status list_index(const struct bm_index_spec *spec, struct bm_index_result *out,
                                 struct bm_error *err)
{
    out->unique = spec->unique;
    out->name = bm_copy_text(spec->name, err);
    char *key = bm_copy_view(spec->key, err);
    if (key == NULL || out->name == NULL) {
        free(key);
        return BM_FAIL;
    }
    out->key = (struct bm_view){(const uint8_t *)key, spec->key.len};
    if (spec->problem != NULL) {
        out->reason = bm_copy_text(spec->problem, err);
        return out->reason != NULL ? BM_OK : BM_FAIL;
    }
    return pattern_text(spec, &out->key_text, err);
}

static enum bm_status list_namespace(const struct bm_namespace *ns, const struct bm_tally *tally,
                                     struct bm_namespace_result *out, struct bm_error *err)
{
    out->kind = ns->kind;
    out->documents = tally->documents;
    out->bytes = tally->bytes;
    out->ns = bm_copy_text(ns->ns, err);
    out->indexes = bm_allocate(ns->index_count, sizeof *out->indexes, err);
    if (out->ns == NULL || out->indexes == NULL) {
        return BM_FAIL;
    }
    if (ns->metadata_problem != NULL) {
        out->reason = bm_copy_text(ns->metadata_problem, err);
        if (out->reason == NULL) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < ns->index_count; i++) {
        out->index_count++;
        if (list_index(&ns->indexes[i], &out->indexes[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_list_report(const struct bm_catalog *catalog, const struct bm_rules *rules,
                              const struct bm_tally *tallies, struct bm_result *result,
                              struct bm_error *err)
{
    size_t count = bm_catalog_count(catalog);
    result->namespaces = bm_allocate(count, sizeof *result->namespaces, err);
    if (result->namespaces == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        if (!bm_rules_select(rules, ns->ns)) {
            continue;
        }
        struct bm_namespace_result *out = &result->namespaces[result->namespace_count++];
        if (list_namespace(ns, &tallies[i], out, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
