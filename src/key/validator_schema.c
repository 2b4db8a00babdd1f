/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator_keywords.h"

#include <string.h>

/* A schema within another. `said` is one, or lists it. */
static enum bm_status add_schema(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 const struct bm_element *said, struct bm_error *err)
{
    if (said->type != BM_TYPE_OBJECT) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    return keyword->depth >= BM_DEMAND_DEPTH_MOST
               ? bm_asking_add_unknown(asking, said, BM_OF_SCHEMA, BM_SCOPE_ALL, err)
               : bm_asking_add_schema(asking, said->value, keyword->depth + 1, err);
}

/* ---- objects ---- */

/* The server takes a name with a point in it for a path, and one without letters for none. */
static int is_plain_name(struct bm_view name)
{
    return name.len > 0 && memchr(name.data, '.', name.len) == NULL;
}

static enum bm_status add_present(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                  struct bm_view name, struct bm_error *err)
{
    size_t number;
    if (!is_plain_name(name)) {
        return bm_keyword_leave_open(asking, keyword, err);
    }
    if (bm_asking_add(asking, BM_DEMAND_PRESENT, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->scope = keyword->scope;
    bm_asking_last(asking)->name = name;
    return BM_OK;
}

/* Of names that are listed all. */
static enum bm_status add_names(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                const struct bm_element *list, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    if (!bm_keyword_lists_texts(list)) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    enum bm_status next = bm_elements_open(&elements, list->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        const struct bm_view name = {entry.value.data + 4, entry.value.len - 5};
        if (add_present(asking, keyword, name, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_required(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                   struct bm_error *err)
{
    return add_names(asking, keyword, keyword->element, err);
}

/* The object has no field of that name, or the others listed, or meets the schema. */
static enum bm_status add_dependency(const struct bm_asking *asking,
                                     const struct bm_keyword *keyword,
                                     const struct bm_element *dependency, struct bm_error *err)
{
    size_t any;
    size_t none;
    size_t all;
    if (bm_asking_add(asking, BM_DEMAND_ANY, &any, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->scope = keyword->scope;
    if (bm_asking_add(asking, BM_DEMAND_NONE, &none, err) != BM_OK ||
        add_present(asking, keyword, dependency->name, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_close(asking, none);
    if (bm_asking_add(asking, BM_DEMAND_ALL, &all, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = dependency->type == BM_TYPE_ARRAY
                                ? add_names(asking, keyword, dependency, err)
                                : add_schema(asking, keyword, dependency, err);
    bm_asking_close(asking, all);
    bm_asking_close(asking, any);
    return status;
}

static enum bm_status add_property(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                   const struct bm_element *property, struct bm_error *err)
{
    size_t number;
    if (!is_plain_name(property->name)) {
        return bm_keyword_leave_open(asking, keyword, err);
    }
    if (bm_asking_add(asking, BM_DEMAND_FIELD, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->scope = keyword->scope;
    bm_asking_last(asking)->name = property->name;
    enum bm_status status = add_schema(asking, keyword, property, err);
    bm_asking_close(asking, number);
    return status;
}

/* What adds one of the elements of a keyword that is an object. */
typedef enum bm_status adder(const struct bm_asking *asking, const struct bm_keyword *keyword,
                             const struct bm_element *element, struct bm_error *err);

static enum bm_status add_each(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               adder *add, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    if (keyword->element->type != BM_TYPE_OBJECT) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    enum bm_status next = bm_elements_open(&elements, keyword->element->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        if (add(asking, keyword, &element, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_properties(const struct bm_asking *asking,
                                     const struct bm_keyword *keyword, struct bm_error *err)
{
    return add_each(asking, keyword, add_property, err);
}

static enum bm_status add_dependencies(const struct bm_asking *asking,
                                       const struct bm_keyword *keyword, struct bm_error *err)
{
    return add_each(asking, keyword, add_dependency, err);
}

/* What may be a schema, or true: anything, or false: nothing. Adds a demand that holds it. */
static enum bm_status add_rest(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               enum bm_demand_kind kind, size_t *number, struct bm_error *err)
{
    size_t nothing;
    const struct bm_element *element = keyword->element;
    if (bm_asking_add(asking, kind, number, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = BM_OK;
    if (element->type != BM_TYPE_BOOL) {
        status = add_schema(asking, keyword, element, err);
    } else if (element->value.data[0] == 0) {
        status = bm_asking_add(asking, BM_DEMAND_ANY, &nothing, err);
    }
    bm_asking_close(asking, *number);
    asking->validator->demands[*number].scope = keyword->scope;
    return status;
}

static enum bm_status add_others(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 struct bm_error *err)
{
    size_t number;
    struct bm_element patterns;
    struct bm_element properties;
    if (bm_keyword_sibling(keyword, "patternProperties", &patterns)) {
        return bm_keyword_leave_open(asking, keyword, err);
    }
    if (add_rest(asking, keyword, BM_DEMAND_OTHERS, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_keyword_sibling(keyword, "properties", &properties) &&
        properties.type == BM_TYPE_OBJECT) {
        asking->validator->demands[number].named = properties.value;
    }
    return BM_OK;
}

/* ---- arrays ---- */

/* One schema for each place. */
static enum bm_status add_places(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    size_t number;
    enum bm_status next = bm_elements_open(&elements, keyword->element->value, err);
    for (uint64_t place = 0;
         next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK; place++) {
        if (bm_asking_add(asking, BM_DEMAND_ITEMS, &number, err) != BM_OK) {
            return BM_FAIL;
        }
        bm_asking_last(asking)->scope = keyword->scope;
        bm_asking_last(asking)->least = place;
        bm_asking_last(asking)->most = place;
        if (add_schema(asking, keyword, &entry, err) != BM_OK) {
            return BM_FAIL;
        }
        bm_asking_close(asking, number);
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_items(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                struct bm_error *err)
{
    size_t number;
    if (keyword->element->type == BM_TYPE_ARRAY) {
        return add_places(asking, keyword, err);
    }
    if (keyword->element->type == BM_TYPE_BOOL) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    if (add_rest(asking, keyword, BM_DEMAND_ITEMS, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    asking->validator->demands[number].most = UINT64_MAX;
    return BM_OK;
}

/* What stands behind the places that have a schema each; without such nothing is. */
static enum bm_status add_more_items(const struct bm_asking *asking,
                                     const struct bm_keyword *keyword, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element items;
    struct bm_element entry;
    size_t number;
    uint64_t places = 0;
    int has_places = bm_keyword_sibling(keyword, "items", &items) && items.type == BM_TYPE_ARRAY;
    if (add_rest(asking, keyword, BM_DEMAND_ITEMS, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!has_places) {
        asking->validator->demands[number].least = UINT64_MAX;
        return BM_OK;
    }
    enum bm_status next = bm_elements_open(&elements, items.value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        places++;
    }
    asking->validator->demands[number].least = places;
    asking->validator->demands[number].most = UINT64_MAX;
    return next == BM_END ? BM_OK : BM_FAIL;
}

/* ---- several schemas ---- */

static enum bm_status add_list(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               enum bm_demand_kind kind, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    size_t number;
    if (keyword->element->type != BM_TYPE_ARRAY) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    if (bm_asking_add(asking, kind, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, keyword->element->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        if (add_schema(asking, keyword, &entry, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    bm_asking_close(asking, number);
    if (next != BM_END) {
        return BM_FAIL;
    }
    return asking->validator->count > number + 1 ? BM_OK : bm_keyword_doubt(asking, keyword, err);
}

static enum bm_status add_all_of(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 struct bm_error *err)
{
    return add_list(asking, keyword, BM_DEMAND_ALL, err);
}

static enum bm_status add_any_of(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 struct bm_error *err)
{
    return add_list(asking, keyword, BM_DEMAND_ANY, err);
}

static enum bm_status add_one_of(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 struct bm_error *err)
{
    return add_list(asking, keyword, BM_DEMAND_ONE, err);
}

static enum bm_status add_not(const struct bm_asking *asking, const struct bm_keyword *keyword,
                              struct bm_error *err)
{
    size_t number;
    if (bm_asking_add(asking, BM_DEMAND_NONE, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = add_schema(asking, keyword, keyword->element, err);
    bm_asking_close(asking, number);
    return status;
}

static enum bm_status add_nothing(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                  struct bm_error *err)
{
    (void)asking;
    (void)keyword;
    (void)err;
    return BM_OK;
}

/* The keywords that the server knows (json_schema_parser.cpp) and what each adds. */
static const struct {
    const char *name;
    enum bm_status (*add)(const struct bm_asking *, const struct bm_keyword *, struct bm_error *);
    enum bm_demand_scope scope;
} keywords[] = {
    {"additionalItems", add_more_items, BM_SCOPE_ARRAYS},
    {"additionalProperties", add_others, BM_SCOPE_OBJECTS},
    {"allOf", add_all_of, BM_SCOPE_ALL},
    {"anyOf", add_any_of, BM_SCOPE_ALL},
    {"bsonType", bm_keyword_bson_type, BM_SCOPE_ALL},
    {"dependencies", add_dependencies, BM_SCOPE_OBJECTS},
    {"description", add_nothing, BM_SCOPE_ALL},
    {"encrypt", bm_keyword_leave_open, BM_SCOPE_ALL},
    {"encryptMetadata", bm_keyword_leave_open, BM_SCOPE_ALL},
    {"enum", bm_keyword_enum, BM_SCOPE_ALL},
    {"exclusiveMaximum", bm_keyword_exclusive, BM_SCOPE_NUMBERS},
    {"exclusiveMinimum", bm_keyword_exclusive, BM_SCOPE_NUMBERS},
    {"items", add_items, BM_SCOPE_ARRAYS},
    {"maxItems", bm_keyword_most, BM_SCOPE_ARRAYS},
    {"maxLength", bm_keyword_most, BM_SCOPE_STRINGS},
    {"maxProperties", bm_keyword_most, BM_SCOPE_OBJECTS},
    {"maximum", bm_keyword_maximum, BM_SCOPE_NUMBERS},
    {"minItems", bm_keyword_least, BM_SCOPE_ARRAYS},
    {"minLength", bm_keyword_least, BM_SCOPE_STRINGS},
    {"minProperties", bm_keyword_least, BM_SCOPE_OBJECTS},
    {"minimum", bm_keyword_minimum, BM_SCOPE_NUMBERS},
    {"multipleOf", bm_keyword_multiple, BM_SCOPE_NUMBERS},
    {"not", add_not, BM_SCOPE_ALL},
    {"oneOf", add_one_of, BM_SCOPE_ALL},
    {"pattern", bm_keyword_leave_open, BM_SCOPE_STRINGS},
    {"patternProperties", bm_keyword_leave_open, BM_SCOPE_OBJECTS},
    {"properties", add_properties, BM_SCOPE_OBJECTS},
    {"required", add_required, BM_SCOPE_OBJECTS},
    {"title", add_nothing, BM_SCOPE_ALL},
    {"type", bm_keyword_type, BM_SCOPE_ALL},
    {"uniqueItems", bm_keyword_unique, BM_SCOPE_ARRAYS},
};

static enum bm_status add_keyword(const struct bm_asking *asking, struct bm_keyword *keyword,
                                  struct bm_error *err)
{
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        if (bm_element_is_called(keyword->element, keywords[i].name) &&
            !bm_document_repeats(keyword->schema, keyword->element)) {
            keyword->scope = keywords[i].scope;
            return keywords[i].add(asking, keyword, err);
        }
    }
    return bm_keyword_doubt(asking, keyword, err);
}

enum bm_status bm_asking_add_schema(const struct bm_asking *asking, struct bm_view schema,
                                    unsigned depth, struct bm_error *err)
{
    size_t all;
    struct bm_elements elements;
    struct bm_element element;
    if (bm_asking_add(asking, BM_DEMAND_ALL, &all, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, schema, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        struct bm_keyword keyword = {&element, schema, depth, BM_SCOPE_ALL};
        if (add_keyword(asking, &keyword, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    bm_asking_close(asking, all);
    return next == BM_END ? BM_OK : BM_FAIL;
}
