/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "catalog/build.h"
#include "container/directory.h"

/* The system.indexes.bson of a database whose collections have no metadata files. */

static int ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    size_t end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* mongorestore passes over system.indexes where the folder has a plain metadata file (filepath.go,
 * CreateIntentsForDB); that one is compressed does not keep it from reading. */
static int has_plain_metadata(const struct bm_source *source, const char *db)
{
    for (size_t i = 0; i < bm_catalog_count(source->catalog); i++) {
        const struct bm_input *metadata = &source->slots[i].metadata;
        if (bm_input_exists(metadata) && ends_with(metadata->relative, ".metadata.json") &&
            strcmp(bm_catalog_namespace(source->catalog, i)->db, db) == 0) {
            return 1;
        }
    }
    return 0;
}

/* A file that is cut or damaged is told when its turn comes; here it leaves indexes unknown. */
static enum bm_status read_definitions(struct bm_source *source, const struct bm_namespace *ns,
                                       struct bm_error *err)
{
    struct bm_error problem = BM_ERROR_INIT;
    struct bm_buffer bytes = BM_BUFFER_INIT(BM_SOURCE_TEXT_MAX);
    struct bm_view db = bm_view_text(ns->db);
    enum bm_status status = bm_input_text(&source->slots[ns->number].data, &source->reading,
                                          BM_SOURCE_TEXT_MAX, &bytes, &problem);
    if (status == BM_OK) {
        status = bm_catalog_add_system_indexes(source->catalog, db, bm_buffer_view(&bytes), err);
    } else if (problem.code == BM_ERROR_CORRUPT || problem.code == BM_ERROR_TRUNCATED) {
        status = bm_catalog_refuse_system_indexes(source->catalog, db, problem.text, err);
    } else {
        *err = problem;
    }
    bm_buffer_free(&bytes);
    return status;
}

enum bm_status bm_directory_system_indexes(struct bm_source *source, struct bm_error *err)
{
    for (size_t i = 0; i < bm_catalog_count(source->catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(source->catalog, i);
        if (ns->kind == BM_NAMESPACE_INDEXES && ns->has_data &&
            !has_plain_metadata(source, ns->db) && read_definitions(source, ns, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
