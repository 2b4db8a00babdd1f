/* SPDX-License-Identifier: Apache-2.0 */
#include "key/kind.h"

#include <string.h>

#include "doc/number.h"

/* The first value of the key that is a text: the name of what makes its keys. */
static struct bm_view plugin_of(struct bm_view key)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status next = bm_elements_open(&elements, key, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, &damage)) == BM_OK) {
        if (element.type == BM_TYPE_STRING) {
            return (struct bm_view){element.value.data + 4, element.value.len - 5};
        }
    }
    return (struct bm_view){NULL, 0};
}

static const char *problem_of_plugin(const struct bm_index_spec *spec,
                                     const struct bm_index_home *home, const char **before)
{
    struct bm_view plugin = plugin_of(spec->key);
    if (bm_view_equal(plugin, bm_view_text("2dsphere_bucket"))) {
        return "a geographic index: its keys are cells, which this version does not make";
    }
    if (bm_view_equal(plugin, bm_view_text("geoHaystack")) &&
        bm_server_before(home->server, 5, 0)) {
        return "a geographic index: its keys are cells, which this version does not make";
    }
    *before = BM_REFUSED;
    return "an index of a kind that it does not know, or that cannot be unique";
}

const char *bm_kind_problem(const struct bm_index_spec *spec, const struct bm_index_home *home,
                            const char **before)
{
    *before = "";
    if (!spec->unique && spec->kind != BM_INDEX_BTREE) {
        return "not unique";
    }
    switch (spec->kind) {
    case BM_INDEX_BTREE:
    case BM_INDEX_ID:
        return NULL;
    case BM_INDEX_HASHED:
        *before = BM_REFUSED;
        return "a hashed index cannot be unique";
    case BM_INDEX_WILDCARD:
        *before = BM_REFUSED;
        return "a wildcard index cannot be unique";
    case BM_INDEX_TEXT:
        return "a text index: its keys are words, which this version does not make";
    case BM_INDEX_2D:
    case BM_INDEX_2DSPHERE:
        return "a geographic index: its keys are cells, which this version does not make";
    case BM_INDEX_OTHER:
        break;
    }
    return problem_of_plugin(spec, home, before);
}

/* A pattern of one field _id, ascending or descending, by whatever name. */
static int is_id_pattern(struct bm_view key)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    double number;
    if (bm_elements_open(&elements, key, &damage) != BM_OK ||
        bm_elements_next(&elements, &element, &damage) != BM_OK ||
        !bm_view_equal(element.name, bm_view_text("_id")) || !bm_number_of(&element, &number)) {
        return 0;
    }
    int whole = (number >= 1 && number < 2) || (number <= -1 && number > -2);
    return whole && bm_elements_next(&elements, &element, &damage) == BM_END;
}

const char *bm_options_problem(const struct bm_index_spec *spec, const struct bm_index_home *home)
{
    if (home->kind == BM_NAMESPACE_TIMESERIES && spec->kind != BM_INDEX_ID && spec->unique) {
        return "Unique indexes are not supported on time-series collections";
    }
    if (spec->sparse && spec->partial.len > 0) {
        return "sparse together with a partial filter";
    }
    if (spec->unique && spec->prepare_unique && !bm_server_before(home->server, 6, 0)) {
        return "unique together with prepareUnique";
    }
    if (is_id_pattern(spec->key) && spec->partial.len > 0) {
        return "_id index cannot be a partial index";
    }
    if (is_id_pattern(spec->key) && spec->sparse) {
        return "_id index cannot be sparse";
    }
    return NULL;
}
