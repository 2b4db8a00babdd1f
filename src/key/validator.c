/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "doc/number.h"

/* A validator on its way. Functions say BM_END when it cannot be judged, with the reason noted. */
struct compiling {
    struct bm_validator *validator;
    struct bm_server server;
    char **reason;
};

static enum bm_status give_up(const struct compiling *compiling, const struct bm_element *element,
                              const char *where, struct bm_error *err)
{
    int most = (int)(element->name.len < 100 ? element->name.len : 100);
    free(*compiling->reason);
    *compiling->reason =
        bm_format_text(err, "%.*s%s", most, (const char *)element->name.data, where);
    return *compiling->reason != NULL ? BM_END : BM_FAIL;
}

static enum bm_status add(const struct compiling *compiling, enum bm_demand_kind kind,
                          size_t *number, struct bm_error *err)
{
    struct bm_validator *validator = compiling->validator;
    if (bm_grow(&validator->demands, validator->count, &validator->capacity,
                sizeof *validator->demands, err) != BM_OK) {
        return BM_FAIL;
    }
    *number = validator->count++;
    validator->demands[*number] = (struct bm_demand){.kind = kind, .end = validator->count};
    return BM_OK;
}

static void close_demand(const struct compiling *compiling, size_t number)
{
    compiling->validator->demands[number].end = compiling->validator->count;
}

/* ---- what is left to filters ---- */

/* {FIELD: VALUE} or, with an operator, {FIELD: {OPERATOR: VALUE}}. */
static uint8_t *filter_document(struct bm_view field, const char *operator,
                                const struct bm_element * value, size_t *len, struct bm_error *err)
{
    size_t inner = operator!= NULL ? 4 + 1 + strlen(operator) + 1 + value->value.len + 1 : 0;
    size_t size = 4 + 1 + field.len + 1 + (operator!= NULL ? inner : value->value.len) + 1;
    uint8_t *bytes = bm_allocate(size, 1, err);
    if (bytes == NULL) {
        return NULL;
    }
    uint8_t *at = bytes + 4;
    bm_put_le32(bytes, (uint32_t)size);
    *at++ = operator!= NULL ? BM_TYPE_OBJECT : value->type;
    memcpy(at, field.data, field.len);
    at += field.len + 1;
    if (operator!= NULL) {
        bm_put_le32(at, (uint32_t)inner);
        at[4] = value->type;
        memcpy(at + 5, operator, strlen(operator) + 1);
        at += 5 + strlen(operator) + 1;
    }
    if (value->value.len > 0) {
        memcpy(at, value->value.data, value->value.len);
    }
    *len = size;
    return bytes;
}

/* `said` is what the user wrote, for the reason. */
static enum bm_status add_filter(const struct compiling *compiling, enum bm_demand_kind kind,
                                 struct bm_view field, const char *operator,
                                 const struct bm_element * value, const struct bm_element *said,
                                 struct bm_error *err)
{
    size_t number;
    size_t len = 0;
    struct bm_filter_refusal refusal = {NULL, 0};
    if (add(compiling, kind, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_demand *demand = &compiling->validator->demands[number];
    demand->bytes = filter_document(field, operator, value, &len, err);
    if (demand->bytes == NULL) {
        return BM_FAIL;
    }
    const struct bm_filter_options options = {compiling->server, compiling->validator->collation,
                                              BM_FILTER_OF_VALIDATOR};
    enum bm_status status = bm_filter_new((struct bm_view){demand->bytes, len}, &options,
                                          &demand->filter, &refusal, err);
    free(refusal.words); /* speaks of partial indexes */
    return status == BM_END ? give_up(compiling, said, " is not judged", err) : status;
}

static enum bm_status add_operators(const struct compiling *compiling,
                                    const struct bm_element *field, struct bm_view operators,
                                    unsigned depth, struct bm_error *err);

/* Operators that are another one's contrary. */
static const char *contrary(const struct bm_element *operation)
{
    if (bm_element_is_called(operation, "$ne")) {
        return "$eq";
    }
    if (bm_element_is_called(operation, "$nin")) {
        return "$in";
    }
    return bm_element_is_called(operation, "$exists") && !bm_element_truth(operation) ? "$exists"
                                                                                      : NULL;
}

static enum bm_status add_contrary(const struct compiling *compiling,
                                   const struct bm_element *field,
                                   const struct bm_element *operation, const char *positive,
                                   struct bm_error *err)
{
    static const uint8_t yes[] = {1};
    static const struct bm_element truth = {.type = BM_TYPE_BOOL, .value = {yes, 1}};
    size_t none;
    int exists = bm_element_is_called(operation, "$exists");
    if (add(compiling, BM_DEMAND_NONE, &none, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = add_filter(compiling, BM_DEMAND_FILTER, field->name, positive,
                                       exists ? &truth : operation, operation, err);
    close_demand(compiling, none);
    return status;
}

static enum bm_status add_operation(const struct compiling *compiling,
                                    const struct bm_element *field,
                                    const struct bm_element *operation, unsigned depth,
                                    struct bm_error *err)
{
    size_t none;
    const char *positive = contrary(operation);
    if (positive != NULL) {
        return add_contrary(compiling, field, operation, positive, err);
    }
    if (!bm_element_is_called(operation, "$not")) {
        return add_filter(compiling, BM_DEMAND_FILTER, field->name,
                          (const char *)operation->name.data, operation, operation, err);
    }
    if (operation->type != BM_TYPE_OBJECT || depth >= BM_DEMAND_DEPTH_MOST) {
        return give_up(compiling, operation, " is not judged", err);
    }
    if (add(compiling, BM_DEMAND_NONE, &none, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = add_operators(compiling, field, operation->value, depth + 1, err);
    close_demand(compiling, none);
    return status;
}

/* {field: {$operator: value, …}}: all of them. */
static enum bm_status add_operators(const struct compiling *compiling,
                                    const struct bm_element *field, struct bm_view operators,
                                    unsigned depth, struct bm_error *err)
{
    size_t all;
    struct bm_elements elements;
    struct bm_element operation;
    if (add(compiling, BM_DEMAND_ALL, &all, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, operators, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &operation, err)) == BM_OK) {
        enum bm_status status = add_operation(compiling, field, &operation, depth, err);
        if (status != BM_OK) {
            return status;
        }
    }
    close_demand(compiling, all);
    return next == BM_END ? BM_OK : BM_FAIL;
}

/* ---- $jsonSchema ---- */

static enum bm_status add_schema(const struct compiling *compiling, struct bm_view schema,
                                 unsigned depth, struct bm_error *err);

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

static enum bm_status add_required(const struct compiling *compiling,
                                   const struct bm_element *keyword, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    size_t number;
    enum bm_status next = bm_elements_open(&elements, keyword->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        if (add(compiling, BM_DEMAND_PRESENT, &number, err) != BM_OK) {
            return BM_FAIL;
        }
        compiling->validator->demands[number].name =
            (struct bm_view){entry.value.data + 4, entry.value.len - 5};
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_properties(const struct compiling *compiling,
                                     const struct bm_element *keyword, unsigned depth,
                                     struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element property;
    size_t number;
    enum bm_status next = bm_elements_open(&elements, keyword->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &property, err)) == BM_OK) {
        if (property.type != BM_TYPE_OBJECT || depth >= BM_DEMAND_DEPTH_MOST) {
            return give_up(compiling, &property, " of $jsonSchema is not judged", err);
        }
        if (add(compiling, BM_DEMAND_FIELD, &number, err) != BM_OK) {
            return BM_FAIL;
        }
        compiling->validator->demands[number].name = property.name;
        enum bm_status status = add_schema(compiling, property.value, depth + 1, err);
        if (status != BM_OK) {
            return status;
        }
        close_demand(compiling, number);
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_keyword(const struct compiling *compiling,
                                  const struct bm_element *keyword, unsigned depth,
                                  struct bm_error *err)
{
    if (bm_element_is_called(keyword, "title") || bm_element_is_called(keyword, "description")) {
        return BM_OK;
    }
    if (bm_element_is_called(keyword, "bsonType") && is_text_or_list_of_texts(keyword)) {
        return add_filter(compiling, BM_DEMAND_TYPE, bm_view_text("x"), "$type", keyword, keyword,
                          err);
    }
    if (bm_element_is_called(keyword, "required") && keyword->type == BM_TYPE_ARRAY &&
        is_text_or_list_of_texts(keyword)) {
        return add_required(compiling, keyword, err);
    }
    if (bm_element_is_called(keyword, "properties") && keyword->type == BM_TYPE_OBJECT) {
        return add_properties(compiling, keyword, depth, err);
    }
    return give_up(compiling, keyword, " of $jsonSchema is not judged", err);
}

static enum bm_status add_schema(const struct compiling *compiling, struct bm_view schema,
                                 unsigned depth, struct bm_error *err)
{
    size_t all;
    struct bm_elements elements;
    struct bm_element keyword;
    if (add(compiling, BM_DEMAND_ALL, &all, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, schema, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &keyword, err)) == BM_OK) {
        enum bm_status status = add_keyword(compiling, &keyword, depth, err);
        if (status != BM_OK) {
            return status;
        }
    }
    close_demand(compiling, all);
    return next == BM_END ? BM_OK : BM_FAIL;
}

/* ---- the document of the validator ---- */

static enum bm_status add_document(const struct compiling *compiling, struct bm_view document,
                                   unsigned depth, struct bm_error *err);

static enum bm_status add_list(const struct compiling *compiling, const struct bm_element *list,
                               enum bm_demand_kind kind, unsigned depth, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    size_t number;
    if (list->type != BM_TYPE_ARRAY || depth >= BM_DEMAND_DEPTH_MOST) {
        return give_up(compiling, list, " is not judged", err);
    }
    if (add(compiling, kind, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, list->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        enum bm_status status = entry.type == BM_TYPE_OBJECT
                                    ? add_document(compiling, entry.value, depth + 1, err)
                                    : give_up(compiling, list, " is not judged", err);
        if (status != BM_OK) {
            return status;
        }
    }
    close_demand(compiling, number);
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_element(const struct compiling *compiling,
                                  const struct bm_element *element, unsigned depth,
                                  struct bm_error *err)
{
    static const struct {
        const char *name;
        enum bm_demand_kind kind;
    } lists[] = {{"$and", BM_DEMAND_ALL}, {"$or", BM_DEMAND_ANY}, {"$nor", BM_DEMAND_NONE}};
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element first;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (bm_element_is_called(element, lists[i].name)) {
            return add_list(compiling, element, lists[i].kind, depth, err);
        }
    }
    if (bm_element_is_called(element, "$jsonSchema") && element->type == BM_TYPE_OBJECT) {
        return add_schema(compiling, element->value, depth, err);
    }
    if (bm_element_is_called(element, "$comment")) {
        return BM_OK;
    }
    if (element->name.len > 0 && element->name.data[0] == '$') {
        return give_up(compiling, element, " is not judged", err);
    }
    if (element->type == BM_TYPE_OBJECT &&
        bm_elements_open(&elements, element->value, &damage) == BM_OK &&
        bm_elements_next(&elements, &first, &damage) == BM_OK && first.name.len > 0 &&
        first.name.data[0] == '$') {
        return add_operators(compiling, element, element->value, depth, err);
    }
    return add_filter(compiling, BM_DEMAND_FILTER, element->name, NULL, element, element, err);
}

static enum bm_status add_document(const struct compiling *compiling, struct bm_view document,
                                   unsigned depth, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    size_t all;
    if (add(compiling, BM_DEMAND_ALL, &all, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, document, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        enum bm_status status = add_element(compiling, &element, depth, err);
        if (status != BM_OK) {
            return status;
        }
    }
    close_demand(compiling, all);
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status make_room_for_tops(struct bm_validator *validator, struct bm_error *err)
{
    for (size_t i = 0; i < validator->count; i++) {
        const struct bm_filter *filter = validator->demands[i].filter;
        if (filter != NULL && filter->count > validator->top_capacity) {
            validator->top_capacity = filter->count;
        }
    }
    validator->tops = bm_allocate(validator->top_capacity, sizeof *validator->tops, err);
    validator->found = bm_allocate(validator->top_capacity, sizeof(const struct bm_element *), err);
    return validator->tops != NULL && validator->found != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status compile(const struct compiling *compiling, struct bm_view document,
                              struct bm_view collation, struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    if (bm_document_check(document, NULL, &damage) != BM_OK) {
        *compiling->reason = bm_copy_text("it is no document", err);
        return *compiling->reason != NULL ? BM_END : BM_FAIL;
    }
    if (collation.len > 0) {
        enum bm_status status =
            bm_collation_new(collation, &compiling->validator->collation, compiling->reason, err);
        if (status != BM_OK) {
            return status;
        }
    }
    enum bm_status status = add_document(compiling, document, 0, err);
    return status == BM_OK ? make_room_for_tops(compiling->validator, err) : status;
}

enum bm_status bm_validator_new(struct bm_view document, const struct bm_validator_options *options,
                                struct bm_validator **out, char **reason, struct bm_error *err)
{
    *reason = NULL;
    struct bm_validator *validator = bm_allocate(1, sizeof *validator, err);
    if (validator == NULL) {
        return BM_FAIL;
    }
    validator->units = BM_UNITS_INIT;
    const struct compiling compiling = {validator, options->server, reason};
    enum bm_status status = compile(&compiling, document, options->collation, err);
    if (status != BM_OK) {
        bm_validator_free(validator);
        return status;
    }
    *out = validator;
    return BM_OK;
}

void bm_validator_free(struct bm_validator *validator)
{
    if (validator == NULL) {
        return;
    }
    for (size_t i = 0; i < validator->count; i++) {
        bm_filter_free(validator->demands[i].filter);
        free(validator->demands[i].bytes);
    }
    free(validator->demands);
    free(validator->tops);
    free(validator->found);
    bm_collation_free(validator->collation);
    bm_units_free(&validator->units);
    free(validator);
}
