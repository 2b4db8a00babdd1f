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

/*
 * Options that must be a bool (or a number), and since which server that is so; before, any value
 * was taken for true or false. Facts: mongod index_key_validate.cpp, validateIndexSpec.
 */
static const struct {
    const char *name;
    const char *problem;
    int major, minor;
    int takes_numbers;
} flags[] = {
    {"unique", "the field 'unique' is not convertible to bool", 5, 0, 1},
    {"sparse", "the field 'sparse' is not convertible to bool", 5, 0, 1},
    {"background", "the field 'background' is not convertible to bool", 5, 0, 1},
    {"dropDups", "the field 'dropDups' is not convertible to bool", 5, 0, 1},
    {"prepareUnique", "the field 'prepareUnique' is not convertible to bool", 6, 0, 1},
    {"hidden", "the field 'hidden' must be a bool", 4, 4, 0},
};

static const char *flag_problem(const struct bm_element *option, const struct bm_index_home *home)
{
    double number;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (bm_view_equal(option->name, bm_view_text(flags[i].name)) &&
            !bm_server_before(home->server, flags[i].major, flags[i].minor) &&
            option->type != BM_TYPE_BOOL &&
            !(flags[i].takes_numbers && bm_number_of(option, &number))) {
            return flags[i].problem;
        }
    }
    return NULL;
}

const char *bm_option_types_problem(const struct bm_index_spec *spec,
                                    const struct bm_index_home *home)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element option;
    const char *problem = NULL;
    /* mongorestore leaves the default _id index to the server, whatever its entry says. */
    if (spec->kind == BM_INDEX_ID || spec->spec.len == 0 ||
        bm_elements_open(&elements, spec->spec, &damage) != BM_OK) {
        return NULL;
    }
    while (problem == NULL && bm_elements_next(&elements, &option, &damage) == BM_OK) {
        problem = flag_problem(&option, home);
    }
    return problem;
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
