/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator_parts.h"

#define OF_SCHEMA " of $jsonSchema is not judged"

static int is_text_or_list_of_texts(const struct bm_element *value)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element entry;
    size_t count = 0;
    if (value->type != BM_TYPE_ARRAY) {
        return value->type == BM_TYPE_STRING;
    }
    enum bm_status next = bm_elements_open(&elements, value->value, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, &damage)) == BM_OK) {
        if (entry.type != BM_TYPE_STRING) {
            return 0;
        }
        count++;
    }
    return count > 0;
}

static enum bm_status add_types(const struct bm_asking *asking, const struct bm_element *keyword,
                                unsigned depth, struct bm_error *err)
{
    (void)depth;
    if (!is_text_or_list_of_texts(keyword)) {
        return bm_asking_add_doubt(asking, keyword, OF_SCHEMA, err);
    }
    const struct bm_asked asked = {bm_view_text("x"), "$type", keyword, keyword};
    return bm_asking_add_filter(asking, BM_DEMAND_TYPE, &asked, err);
}

static enum bm_status add_required(const struct bm_asking *asking, const struct bm_element *keyword,
                                   unsigned depth, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    size_t number;
    (void)depth;
    if (keyword->type != BM_TYPE_ARRAY || !is_text_or_list_of_texts(keyword)) {
        return bm_asking_add_doubt(asking, keyword, OF_SCHEMA, err);
    }
    enum bm_status next = bm_elements_open(&elements, keyword->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        if (bm_asking_add(asking, BM_DEMAND_PRESENT, &number, err) != BM_OK) {
            return BM_FAIL;
        }
        asking->validator->demands[number].name =
            (struct bm_view){entry.value.data + 4, entry.value.len - 5};
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_property(const struct bm_asking *asking,
                                   const struct bm_element *property, unsigned depth,
                                   struct bm_error *err)
{
    size_t number;
    if (property->type != BM_TYPE_OBJECT) {
        return bm_asking_add_doubt(asking, property, OF_SCHEMA, err);
    }
    if (bm_asking_add(asking, BM_DEMAND_FIELD, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    asking->validator->demands[number].name = property->name;
    enum bm_status status =
        depth >= BM_DEMAND_DEPTH_MOST
            ? bm_asking_add_unknown(asking, property, OF_SCHEMA, BM_SCOPE_ALL, err)
            : bm_asking_add_schema(asking, property->value, depth + 1, err);
    bm_asking_close(asking, number);
    return status;
}

static enum bm_status add_properties(const struct bm_asking *asking,
                                     const struct bm_element *keyword, unsigned depth,
                                     struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element property;
    if (keyword->type != BM_TYPE_OBJECT) {
        return bm_asking_add_doubt(asking, keyword, OF_SCHEMA, err);
    }
    enum bm_status next = bm_elements_open(&elements, keyword->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &property, err)) == BM_OK) {
        if (add_property(asking, &property, depth, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_nothing(const struct bm_asking *asking, const struct bm_element *keyword,
                                  unsigned depth, struct bm_error *err)
{
    (void)asking;
    (void)keyword;
    (void)depth;
    (void)err;
    return BM_OK;
}

/* The keywords that the server knows (json_schema_parser.cpp): what each adds, NULL: it is not
 * judged for the values in its scope. */
static const struct {
    const char *name;
    enum bm_status (*add)(const struct bm_asking *, const struct bm_element *, unsigned,
                          struct bm_error *);
    enum bm_demand_scope scope;
} keywords[] = {
    {"additionalItems", NULL, BM_SCOPE_ARRAYS},
    {"additionalProperties", NULL, BM_SCOPE_OBJECTS},
    {"allOf", NULL, BM_SCOPE_ALL},
    {"anyOf", NULL, BM_SCOPE_ALL},
    {"bsonType", add_types, BM_SCOPE_ALL},
    {"dependencies", NULL, BM_SCOPE_OBJECTS},
    {"description", add_nothing, BM_SCOPE_ALL},
    {"encrypt", NULL, BM_SCOPE_ALL},
    {"encryptMetadata", NULL, BM_SCOPE_ALL},
    {"enum", NULL, BM_SCOPE_ALL},
    {"exclusiveMaximum", NULL, BM_SCOPE_NUMBERS},
    {"exclusiveMinimum", NULL, BM_SCOPE_NUMBERS},
    {"items", NULL, BM_SCOPE_ARRAYS},
    {"maxItems", NULL, BM_SCOPE_ARRAYS},
    {"maxLength", NULL, BM_SCOPE_STRINGS},
    {"maxProperties", NULL, BM_SCOPE_OBJECTS},
    {"maximum", NULL, BM_SCOPE_NUMBERS},
    {"minItems", NULL, BM_SCOPE_ARRAYS},
    {"minLength", NULL, BM_SCOPE_STRINGS},
    {"minProperties", NULL, BM_SCOPE_OBJECTS},
    {"minimum", NULL, BM_SCOPE_NUMBERS},
    {"multipleOf", NULL, BM_SCOPE_NUMBERS},
    {"not", NULL, BM_SCOPE_ALL},
    {"oneOf", NULL, BM_SCOPE_ALL},
    {"pattern", NULL, BM_SCOPE_STRINGS},
    {"patternProperties", NULL, BM_SCOPE_OBJECTS},
    {"properties", add_properties, BM_SCOPE_OBJECTS},
    {"required", add_required, BM_SCOPE_OBJECTS},
    {"title", add_nothing, BM_SCOPE_ALL},
    {"type", NULL, BM_SCOPE_ALL},
    {"uniqueItems", NULL, BM_SCOPE_ARRAYS},
};

static enum bm_status add_keyword(const struct bm_asking *asking, const struct bm_element *keyword,
                                  unsigned depth, struct bm_error *err)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (bm_element_is_called(keyword, keywords[i].name)) {
            return keywords[i].add != NULL
                       ? keywords[i].add(asking, keyword, depth, err)
                       : bm_asking_add_unknown(asking, keyword, OF_SCHEMA, keywords[i].scope, err);
        }
    }
    return bm_asking_add_doubt(asking, keyword, OF_SCHEMA, err);
}

enum bm_status bm_asking_add_schema(const struct bm_asking *asking, struct bm_view schema,
                                    unsigned depth, struct bm_error *err)
{
    size_t all;
    struct bm_elements elements;
    struct bm_element keyword;
    if (bm_asking_add(asking, BM_DEMAND_ALL, &all, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, schema, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &keyword, err)) == BM_OK) {
        if (add_keyword(asking, &keyword, depth, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    bm_asking_close(asking, all);
    return next == BM_END ? BM_OK : BM_FAIL;
}
