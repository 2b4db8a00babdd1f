/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator_keywords.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "doc/number.h"
#include "key/number.h"

int bm_keyword_sibling(const struct bm_keyword *keyword, const char *name,
                       struct bm_element *sibling)
{
    struct bm_error damage = BM_ERROR_INIT;
    return bm_document_find(keyword->schema, bm_view_text(name), sibling, &damage) == BM_OK;
}

enum bm_status bm_keyword_doubt(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                struct bm_error *err)
{
    return bm_asking_add_doubt(asking, keyword->element, BM_OF_SCHEMA, err);
}

enum bm_status bm_keyword_leave_open(const struct bm_asking *asking,
                                     const struct bm_keyword *keyword, struct bm_error *err)
{
    return bm_asking_add_unknown(asking, keyword->element, BM_OF_SCHEMA, keyword->scope, err);
}

/* ---- types ---- */

static struct bm_view text_of(const struct bm_element *string)
{
    return (struct bm_view){string->value.data + 4, string->value.len - 5};
}

int bm_keyword_lists_texts(const struct bm_element *element)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element entry;
    struct bm_values values = BM_VALUES_INIT;
    if (element->type != BM_TYPE_ARRAY ||
        bm_elements_open(&elements, element->value, &damage) != BM_OK) {
        return 0;
    }
    while (bm_elements_next(&elements, &entry, &damage) == BM_OK) {
        if (entry.type != BM_TYPE_STRING) {
            return 0;
        }
    }
    int differ = bm_values_add_all(&values, element, element->value.data, &damage) == BM_OK &&
                 values.count > 0 && bm_values_differ(&values);
    bm_values_free(&values);
    return differ;
}

enum bm_status bm_keyword_bson_type(const struct bm_asking *asking,
                                    const struct bm_keyword *keyword, struct bm_error *err)
{
    const struct bm_element *element = keyword->element;
    struct bm_element other;
    if ((element->type != BM_TYPE_STRING && !bm_keyword_lists_texts(element)) ||
        bm_keyword_sibling(keyword, "type", &other)) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    const struct bm_asked asked = {bm_view_text("x"), "$type", element, element};
    if (bm_asking_add_filter(asking, BM_DEMAND_TYPE, &asked, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_demand *demand = bm_asking_last(asking);
    if (demand->kind == BM_DEMAND_TYPE) {
        memcpy(demand->types, demand->filter->conditions[0].types, sizeof demand->types);
    }
    return BM_OK;
}

/* Marks the types of one name of JSON Schema; 0: the server knows none. "integer" is refused. */
static int mark_type(const struct bm_element *name, uint8_t *types)
{
    static const struct {
        const char *name;
        uint8_t type;
    } known[] = {
        {"array", BM_TYPE_ARRAY},   {"boolean", BM_TYPE_BOOL},  {"null", BM_TYPE_NULL},
        {"object", BM_TYPE_OBJECT}, {"string", BM_TYPE_STRING}, {"number", BM_TYPE_DOUBLE},
        {"number", BM_TYPE_INT32},  {"number", BM_TYPE_INT64},  {"number", BM_TYPE_DECIMAL128}};
    int any = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint8_t type = known[i].type;
        if (bm_view_equal(text_of(name), bm_view_text(known[i].name))) {
            types[type / 8] = (uint8_t)(types[type / 8] | 1u << type % 8);
            any = 1;
        }
    }
    return any;
}

static int mark_types(const struct bm_element *names, uint8_t *types)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element name;
    if (names->type == BM_TYPE_STRING) {
        return mark_type(names, types);
    }
    if (!bm_keyword_lists_texts(names) ||
        bm_elements_open(&elements, names->value, &damage) != BM_OK) {
        return 0;
    }
    while (bm_elements_next(&elements, &name, &damage) == BM_OK) {
        if (!mark_type(&name, types)) {
            return 0;
        }
    }
    return 1;
}

enum bm_status bm_keyword_type(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               struct bm_error *err)
{
    size_t number;
    uint8_t types[sizeof asking->validator->demands->types] = {0};
    if (!mark_types(keyword->element, types)) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    if (bm_asking_add(asking, BM_DEMAND_TYPE, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    memcpy(bm_asking_last(asking)->types, types, sizeof types);
    return BM_OK;
}

/* ---- lists ---- */

static enum bm_status add_listed(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 struct bm_values *values, struct bm_error *err)
{
    size_t number;
    const struct bm_element *element = keyword->element;
    enum bm_status status = bm_values_add_all(values, element, element->value.data, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_END) {
        return bm_keyword_leave_open(asking, keyword, err);
    }
    if (values->count == 0 || !bm_values_differ(values)) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    struct bm_values *listed = bm_allocate(1, sizeof *listed, err);
    if (listed == NULL || bm_asking_add(asking, BM_DEMAND_LISTED, &number, err) != BM_OK) {
        free(listed);
        return BM_FAIL;
    }
    *listed = *values;
    *values = BM_VALUES_INIT;
    bm_asking_last(asking)->listed = listed;
    return BM_OK;
}

enum bm_status bm_keyword_enum(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               struct bm_error *err)
{
    if (keyword->element->type != BM_TYPE_ARRAY) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    struct bm_values values = BM_VALUES_INIT;
    enum bm_status status = add_listed(asking, keyword, &values, err);
    bm_values_free(&values);
    return status;
}

enum bm_status bm_keyword_unique(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 struct bm_error *err)
{
    size_t number;
    if (keyword->element->type != BM_TYPE_BOOL) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    if (!bm_element_truth(keyword->element)) {
        return BM_OK;
    }
    if (bm_asking_add(asking, BM_DEMAND_UNIQUE, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->scope = keyword->scope;
    return BM_OK;
}

/* ---- bounds ---- */

static int is_number(const struct bm_element *element)
{
    double value;
    return bm_number_of(element, &value);
}

static enum bm_status add_bound(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                const char *exclusive, const char *const *operations,
                                struct bm_error *err)
{
    struct bm_element truth;
    if (!is_number(keyword->element)) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    int excludes = bm_keyword_sibling(keyword, exclusive, &truth) && bm_element_truth(&truth);
    const struct bm_asked asked = {bm_view_text("x"), operations[excludes], keyword->element,
                                   keyword->element};
    if (bm_asking_add_filter(asking, BM_DEMAND_VALUE, &asked, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->scope = keyword->scope;
    return BM_OK;
}

enum bm_status bm_keyword_minimum(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                  struct bm_error *err)
{
    static const char *const operations[] = {"$gte", "$gt"};
    return add_bound(asking, keyword, "exclusiveMinimum", operations, err);
}

enum bm_status bm_keyword_maximum(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                  struct bm_error *err)
{
    static const char *const operations[] = {"$lte", "$lt"};
    return add_bound(asking, keyword, "exclusiveMaximum", operations, err);
}

enum bm_status bm_keyword_exclusive(const struct bm_asking *asking,
                                    const struct bm_keyword *keyword, struct bm_error *err)
{
    struct bm_element bound;
    const char *name =
        bm_element_is_called(keyword->element, "exclusiveMinimum") ? "minimum" : "maximum";
    return keyword->element->type == BM_TYPE_BOOL && bm_keyword_sibling(keyword, name, &bound)
               ? BM_OK
               : bm_keyword_doubt(asking, keyword, err);
}

/* ---- lengths ---- */

/* No document is as long, and a double tells all whole numbers up to it apart. */
#define LENGTH_MOST ((int64_t)1 << 53)

/* BM_FAIL: it is no whole number from 0 to what 64 bits hold. BM_END: it cannot be told here. */
static enum bm_status read_length(const struct bm_element *element, uint64_t *length)
{
    double value;
    uint8_t bytes[8];
    if (!bm_number_of(element, &value) || !(value >= 0)) {
        return BM_FAIL;
    }
    if (element->type == BM_TYPE_INT64) {
        *length = bm_le64(element->value.data);
        return BM_OK;
    }
    if (value >= (double)LENGTH_MOST) {
        return BM_END;
    }
    *length = (uint64_t)value;
    bm_put_le64(bytes, *length);
    return bm_number_compare(element->type, element->value.data, BM_TYPE_INT64, bytes) == 0
               ? BM_OK
               : BM_FAIL;
}

static enum bm_status add_length(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                 uint64_t *length, struct bm_error *err)
{
    size_t number;
    switch (read_length(keyword->element, length)) {
    case BM_OK:
        break;
    case BM_END:
        return bm_keyword_leave_open(asking, keyword, err);
    case BM_FAIL:
        return bm_keyword_doubt(asking, keyword, err);
    }
    if (bm_asking_add(asking, BM_DEMAND_LENGTH, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->scope = keyword->scope;
    return BM_OK;
}

enum bm_status bm_keyword_least(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                struct bm_error *err)
{
    uint64_t least = 0;
    if (add_length(asking, keyword, &least, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->least = least;
    bm_asking_last(asking)->most = UINT64_MAX;
    return BM_OK;
}

enum bm_status bm_keyword_most(const struct bm_asking *asking, const struct bm_keyword *keyword,
                               struct bm_error *err)
{
    uint64_t most = 0;
    if (add_length(asking, keyword, &most, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->most = most;
    return BM_OK;
}

/* ---- multiples ---- */

/* The server makes a decimal of it, and rounds a double to 15 digits: below this it is the same. */
#define DIVISOR_MOST ((uint64_t)1000000000000000)

enum bm_status bm_keyword_multiple(const struct bm_asking *asking, const struct bm_keyword *keyword,
                                   struct bm_error *err)
{
    size_t number;
    double value;
    uint64_t divisor = 0;
    if (!bm_number_of(keyword->element, &value) || !(value > 0)) {
        return bm_keyword_doubt(asking, keyword, err);
    }
    if (read_length(keyword->element, &divisor) != BM_OK || divisor >= DIVISOR_MOST) {
        return bm_keyword_leave_open(asking, keyword, err);
    }
    if (bm_asking_add(asking, BM_DEMAND_MULTIPLE, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_asking_last(asking)->scope = keyword->scope;
    bm_asking_last(asking)->divisor = divisor;
    return BM_OK;
}
