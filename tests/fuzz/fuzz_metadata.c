/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata text: read or refused, never both; what is read is sound BSON; the text stays as it is.
 * What is rewritten can be read again, and a second time changes nothing. */
#include "fuzz/fuzz.h"

#include "base/buffer.h"
#include "bsonmend/key.h"
#include "catalog/build.h"
#include "catalog/rewrite.h"
#include "doc/extjson.h"

static void check_index(const struct bm_index_spec *spec)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer text = BM_BUFFER_INIT(1u << 24);
    FUZZ_HOLDS(spec->name != NULL);
    FUZZ_HOLDS(spec->spec.len == 0 || bm_document_check(spec->spec, NULL, &err) == BM_OK);
    FUZZ_HOLDS(spec->key.len == 0 || bm_document_check(spec->key, NULL, &err) == BM_OK);
    FUZZ_HOLDS(spec->problem != NULL || spec->key.len > 5);
    const struct bm_index_home home = {bm_server_parse(NULL), BM_NAMESPACE_COLLECTION};
    struct bm_index *index = bm_index_new(spec, &home, &err);
    FUZZ_HOLDS(index != NULL);
    FUZZ_HOLDS(spec->problem == NULL || bm_index_reason(index) != NULL);
    FUZZ_HOLDS(bm_index_reason(index) != NULL || bm_pattern_text(index, &text, &err) == BM_OK);
    bm_index_free(index);
    bm_buffer_free(&text);
}

static void check_rewrite(struct bm_view text, const struct bm_rewrite *rewrite)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer once = BM_BUFFER_INIT(1u << 25);
    struct bm_buffer twice = BM_BUFFER_INIT(1u << 25);
    struct bm_rewrite_result result;
    if (bm_rewrite_metadata(text, rewrite, 1, &result, &once, &err) == BM_OK) {
        struct bm_view now = bm_buffer_view(&once);
        FUZZ_HOLDS((result.outcome == BM_REWRITE_CHANGED) == !bm_view_equal(now, text));
        FUZZ_HOLDS(bm_rewrite_metadata(now, rewrite, 1, &result, &twice, &err) == BM_OK);
        FUZZ_HOLDS(result.outcome != BM_REWRITE_CHANGED);
        FUZZ_HOLDS(bm_view_equal(bm_buffer_view(&twice), now));
    } else {
        FUZZ_HOLDS(err.code != BM_ERROR_NONE && once.len == 0);
    }
    bm_buffer_free(&once);
    bm_buffer_free(&twice);
}

static void check_rewrites(const struct bm_namespace *ns)
{
    static const char *const fields[] = {"a"};
    struct bm_rewrite require = {.kind = BM_REWRITE_REQUIRE, .fields = fields, .field_count = 1};
    check_rewrite(ns->metadata, &require);
    for (size_t i = 0; i < ns->index_count && i < 4; i++) {
        for (int action = BM_INDEX_ACTION_PARTIAL; action <= BM_INDEX_ACTION_DROP; action++) {
            struct bm_rewrite rewrite = {.kind = BM_REWRITE_INDEX,
                                         .name = ns->indexes[i].name,
                                         .index = (enum bm_index_action)action,
                                         .partial = BM_PARTIAL_BIN_DATA};
            check_rewrite(ns->metadata, &rewrite);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer bson = BM_BUFFER_INIT(1u << 25);
    const struct bm_namespace *ns = NULL;
    struct bm_view text = {data, size};
    struct bm_catalog *catalog = bm_catalog_new(&err);
    FUZZ_HOLDS(catalog != NULL);
    struct bm_catalog_entry entry = {
        .db = bm_view_text("d"), .collection = bm_view_text("c"), .has_data = 1, .metadata = text};
    FUZZ_HOLDS(bm_catalog_add(catalog, &entry, &ns, &err) == BM_OK);
    enum bm_status status = bm_json_parse(text, &bson, &err);
    if (status == BM_OK) {
        FUZZ_HOLDS(bm_document_check(bm_buffer_view(&bson), NULL, &err) == BM_OK);
    }
    FUZZ_HOLDS((size == 0) == (ns->metadata_state == BM_METADATA_ABSENT));
    /* JSON that is no metadata (an index list that is none) is unreadable too, never the reverse.
     */
    FUZZ_HOLDS(status == BM_OK || ns->metadata_state != BM_METADATA_READ);
    FUZZ_HOLDS(ns->metadata_state != BM_METADATA_UNREADABLE || ns->metadata_problem != NULL);
    FUZZ_HOLDS(bm_view_equal(ns->metadata, text));
    for (size_t i = 0; i < ns->index_count; i++) {
        check_index(&ns->indexes[i]);
    }
    if (ns->metadata_state == BM_METADATA_READ) {
        check_rewrites(ns);
    }
    bm_catalog_free(catalog);
    bm_buffer_free(&bson);
    return 0;
}
