/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/index_specs.h"

#include <string.h>

#include "bsonmend/document.h"
#include "catalog/metadata.h"
#include "doc/number.h"

/* No server takes an index over more fields; it also bounds the search for repeated ones. */
#define KEY_FIELDS_MAX 32

static const char legacy_value[] =
    "its key has a value that servers refuse without --convertLegacyIndexes";

static enum bm_index_kind kind_of_name(struct bm_view name)
{
    static const struct {
        const char *name;
        enum bm_index_kind kind;
    } kinds[] = {
        {"hashed", BM_INDEX_HASHED},
        {"text", BM_INDEX_TEXT},
        {"2d", BM_INDEX_2D},
        {"2dsphere", BM_INDEX_2DSPHERE},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (bm_view_equal(name, bm_view_text(kinds[i].name))) {
            return kinds[i].kind;
        }
    }
    return BM_INDEX_OTHER;
}

static int is_wildcard(struct bm_view path)
{
    return path.len >= 3 && memcmp(path.data + path.len - 3, "$**", 3) == 0 &&
           (path.len == 3 || path.data[path.len - 4] == '.');
}

static int has_empty_component(struct bm_view path)
{
    if (path.len == 0 || path.data[0] == '.' || path.data[path.len - 1] == '.') {
        return 1;
    }
    for (size_t i = 1; i < path.len; i++) {
        if (path.data[i] == '.' && path.data[i - 1] == '.') {
            return 1;
        }
    }
    return 0;
}

/* The kind that one field of the key asks for; *problem is set for what no server takes. */
static enum bm_index_kind read_key_field(const struct bm_element *field, const char **problem)
{
    enum bm_index_kind kind = BM_INDEX_BTREE;
    double number;
    if (field->type == BM_TYPE_STRING) {
        struct bm_view name = {field->value.data + 4, field->value.len - 5};
        if (name.len == 0) {
            *problem = legacy_value;
        } else {
            kind = kind_of_name(name);
        }
    } else if (!bm_number_of(field, &number) || !(number < 0 || number > 0)) {
        *problem = legacy_value;
    }
    if (is_wildcard(field->name) && field->type != BM_TYPE_STRING) {
        return BM_INDEX_WILDCARD;
    }
    if (has_empty_component(field->name)) {
        *problem = "its key has a path with an empty name in it";
    }
    return kind;
}

/*
 * Whether a key of one field _id is the default one, by mongorestore's notion (common/idx/idx.go):
 * values of old servers count as what --convertLegacyIndexes would make of them.
 */
static int is_default_id(const struct bm_element *field)
{
    double number;
    if (!bm_element_is_called(field, "_id")) {
        return 0;
    }
    if (field->type == BM_TYPE_STRING) {
        return field->value.len == 5;
    }
    if (!bm_number_of(field, &number)) {
        return 1;
    }
    int tiny = number > -1e-9 && number < 1e-9;
    return tiny ? number >= 0 : number >= 1 && number <= 1;
}

static enum bm_status read_key(struct bm_view key, struct bm_index_spec *out, struct bm_error *err)
{
    struct bm_view names[KEY_FIELDS_MAX];
    size_t count = 0;
    int id = 0;
    struct bm_elements elements;
    struct bm_element field;
    enum bm_status status = bm_elements_open(&elements, key, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &field, err);
        if (status != BM_OK) {
            break;
        }
        if (count == KEY_FIELDS_MAX) {
            out->problem = "its key has more than 32 fields";
            return BM_OK;
        }
        enum bm_index_kind kind = read_key_field(&field, &out->problem);
        if (out->kind == BM_INDEX_BTREE) {
            out->kind = kind;
        }
        id = count == 0 && is_default_id(&field);
        for (size_t i = 0; i < count; i++) {
            if (bm_view_equal(names[i], field.name)) {
                out->problem = "its key names a field twice";
            }
        }
        names[count++] = field.name;
    }
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (count == 0) {
        out->problem = "its key is empty";
    }
    if (count == 1 && id) {
        out->kind = BM_INDEX_ID;
    }
    return BM_OK;
}

static enum bm_status take_field(const struct bm_element *field, struct bm_index_spec *out,
                                 struct bm_error *err)
{
    int is_object = field->type == BM_TYPE_OBJECT;
    if (bm_element_is_called(field, "key")) {
        out->key = is_object ? field->value : (struct bm_view){NULL, 0};
        if (!is_object) {
            out->problem = "its key is no object";
        }
    } else if (bm_element_is_called(field, "partialFilterExpression")) {
        if (is_object) {
            out->partial = field->value;
        } else {
            out->problem = "its partialFilterExpression is no object";
        }
    } else if (bm_element_is_called(field, "collation")) {
        if (is_object) {
            return bm_metadata_collation(field->value, &out->collation, err);
        }
        out->problem = "its collation is no object";
    } else if (bm_element_is_called(field, "unique")) {
        out->unique = bm_element_truth(field);
    } else if (bm_element_is_called(field, "sparse")) {
        out->sparse = bm_element_truth(field);
    } else if (bm_element_is_called(field, "prepareUnique")) {
        out->prepare_unique = bm_element_truth(field);
    } else if (bm_element_is_called(field, "clustered")) {
        out->clustered = bm_element_truth(field);
    }
    return BM_OK;
}

enum bm_status bm_index_spec_read(struct bm_view entry, struct bm_index_spec *out,
                                  struct bm_error *err)
{
    *out = (struct bm_index_spec){.spec = entry, .kind = BM_INDEX_BTREE};
    struct bm_elements elements;
    struct bm_element field;
    enum bm_status status = bm_elements_open(&elements, entry, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &field, err);
        if (status == BM_OK && take_field(&field, out, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (out->key.len == 0) {
        if (out->problem == NULL) {
            out->problem = "it has no key";
        }
        return BM_OK;
    }
    const char *problem = out->problem;
    if (read_key(out->key, out, err) != BM_OK) {
        return BM_FAIL;
    }
    if (out->kind == BM_INDEX_ID && out->partial.len > 0) {
        out->kind = BM_INDEX_BTREE;
    }
    if (out->kind == BM_INDEX_ID) {
        /* What it is comes from the collection; whether the server takes the entry, if that is
         * sent at all, is said by the compiled index. */
        out->problem = NULL;
        out->unique = 1;
        out->sparse = out->prepare_unique = 0;
    } else if (problem != NULL) {
        out->problem = problem;
    }
    return BM_OK;
}
