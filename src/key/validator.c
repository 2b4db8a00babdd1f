/* SPDX-License-Identifier: Apache-2.0 */
#include "key/validator.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "doc/number.h"
#include "key/filter_compile.h"
#include "key/validator_parts.h"

static enum bm_status add_operators(const struct bm_asking *asking, const struct bm_element *field,
                                    struct bm_view operators, unsigned depth, struct bm_error *err);

/* ---- operators of a field ---- */

/* Operators that are not judged, but that only values of some types meet (mongod
 * expression_leaf.cpp, expression_array.cpp). */
static const struct {
    const char *name;
    const char *types[3];
} typed[] = {
    {"$regex", {"string", "symbol", "regex"}},
    {"$mod", {"number"}},
    {"$size", {"array"}},
    {"$elemMatch", {"array"}},
    {"$bitsAllSet", {"number", "binData"}},
    {"$bitsAllClear", {"number", "binData"}},
    {"$bitsAnySet", {"number", "binData"}},
    {"$bitsAnyClear", {"number", "binData"}},
};

#define TYPED_MOST (sizeof typed[0].types / sizeof typed[0].types[0])

/* {field: {$type: alias}} */
static enum bm_status add_type(const struct bm_asking *asking, const struct bm_element *field,
                               const char *alias, const struct bm_element *said,
                               struct bm_error *err)
{
    uint8_t text[4 + sizeof "javascriptWithScope"] = {0};
    size_t len = strlen(alias) + 1;
    bm_put_le32(text, (uint32_t)len);
    memcpy(text + 4, alias, len);
    const struct bm_element value = {.type = BM_TYPE_STRING, .value = {text, 4 + len}};
    const struct bm_asked asked = {field->name, "$type", &value, said};
    return bm_asking_add_filter(asking, BM_DEMAND_FILTER, &asked, err);
}

/* One of the types, and then it is not known. `said` is the operator, or a value that is a regular
 * expression. */
static enum bm_status add_typed(const struct bm_asking *asking, const struct bm_element *field,
                                const struct bm_element *said, const char *const *types,
                                struct bm_error *err)
{
    size_t all;
    size_t any;
    if (bm_asking_add(asking, BM_DEMAND_ALL, &all, err) != BM_OK ||
        bm_asking_add(asking, BM_DEMAND_ANY, &any, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < TYPED_MOST && types[i] != NULL; i++) {
        if (add_type(asking, field, types[i], said, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    bm_asking_close(asking, any);
    enum bm_status status = bm_asking_add_unknown(asking, said, BM_NOT_JUDGED, BM_SCOPE_ALL, err);
    bm_asking_close(asking, all);
    return status;
}

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

static enum bm_status add_contrary(const struct bm_asking *asking, const struct bm_element *field,
                                   const struct bm_element *operation, const char *positive,
                                   struct bm_error *err)
{
    static const uint8_t yes[] = {1};
    static const struct bm_element truth = {.type = BM_TYPE_BOOL, .value = {yes, 1}};
    size_t none;
    int exists = bm_element_is_called(operation, "$exists");
    if (operation->type == BM_TYPE_REGEX && !exists) { /* "Can't have regex as arg to $ne" */
        return bm_asking_add_doubt(asking, operation, BM_NOT_JUDGED, err);
    }
    const struct bm_asked asked = {field->name, positive, exists ? &truth : operation, operation};
    if (bm_asking_add(asking, BM_DEMAND_NONE, &none, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = bm_asking_add_filter(asking, BM_DEMAND_FILTER, &asked, err);
    bm_asking_close(asking, none);
    return status;
}

static enum bm_status add_not(const struct bm_asking *asking, const struct bm_element *field,
                              const struct bm_element *operation, unsigned depth,
                              struct bm_error *err)
{
    size_t none;
    int is_regex = operation->type == BM_TYPE_REGEX;
    if (!is_regex && operation->type != BM_TYPE_OBJECT) {
        return bm_asking_add_doubt(asking, operation, BM_NOT_JUDGED, err);
    }
    if (depth >= BM_DEMAND_DEPTH_MOST) {
        return bm_asking_add_unknown(asking, operation, BM_NOT_JUDGED, BM_SCOPE_ALL, err);
    }
    if (bm_asking_add(asking, BM_DEMAND_NONE, &none, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = is_regex
                                ? add_typed(asking, field, operation, typed[0].types, err)
                                : add_operators(asking, field, operation->value, depth + 1, err);
    bm_asking_close(asking, none);
    return status;
}

static enum bm_status add_operation(const struct bm_asking *asking, const struct bm_element *field,
                                    const struct bm_element *operation, unsigned depth,
                                    struct bm_error *err)
{
    const char *positive = contrary(operation);
    if (positive != NULL) {
        return add_contrary(asking, field, operation, positive, err);
    }
    if (bm_element_is_called(operation, "$not")) {
        return add_not(asking, field, operation, depth, err);
    }
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        if (bm_element_is_called(operation, typed[i].name)) {
            return add_typed(asking, field, operation, typed[i].types, err);
        }
    }
    const struct bm_asked asked = {field->name, (const char *)operation->name.data, operation,
                                   operation};
    return bm_asking_add_filter(asking, BM_DEMAND_FILTER, &asked, err);
}

/* The options of a regular expression are a part of it. */
static int is_part_of_regex(const struct bm_element *operation, struct bm_view operators)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element regex;
    return bm_element_is_called(operation, "$options") &&
           bm_document_find(operators, bm_view_text("$regex"), &regex, &damage) == BM_OK;
}

/* {field: {$operator: value, …}}: all of them. */
static enum bm_status add_operators(const struct bm_asking *asking, const struct bm_element *field,
                                    struct bm_view operators, unsigned depth, struct bm_error *err)
{
    size_t all;
    struct bm_elements elements;
    struct bm_element operation;
    if (bm_asking_add(asking, BM_DEMAND_ALL, &all, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, operators, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &operation, err)) == BM_OK) {
        if (!is_part_of_regex(&operation, operators) &&
            add_operation(asking, field, &operation, depth, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    bm_asking_close(asking, all);
    return next == BM_END ? BM_OK : BM_FAIL;
}

/* ---- the document of the validator ---- */

static enum bm_status add_document(const struct bm_asking *asking, struct bm_view document,
                                   unsigned depth, struct bm_error *err);

/* The server takes no other lists of conditions, nor an empty one: "must be a
 * nonempty array", as in filters of partial indexes. */
static int is_list_of_documents(struct bm_view list)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element entry = {.type = BM_TYPE_NULL};
    enum bm_status next = bm_elements_open(&elements, list, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, &damage)) == BM_OK) {
        if (entry.type != BM_TYPE_OBJECT) {
            return 0;
        }
    }
    return entry.type == BM_TYPE_OBJECT;
}

static enum bm_status add_list(const struct bm_asking *asking, const struct bm_element *list,
                               enum bm_demand_kind kind, unsigned depth, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    size_t number;
    if (list->type != BM_TYPE_ARRAY || !is_list_of_documents(list->value)) {
        return bm_asking_add_doubt(asking, list, BM_NOT_JUDGED, err);
    }
    if (depth >= BM_DEMAND_DEPTH_MOST) {
        return bm_asking_add_unknown(asking, list, BM_NOT_JUDGED, BM_SCOPE_ALL, err);
    }
    if (bm_asking_add(asking, kind, &number, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, list->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        if (add_document(asking, entry.value, depth + 1, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    bm_asking_close(asking, number);
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_schema(const struct bm_asking *asking, const struct bm_element *element,
                                 unsigned depth, struct bm_error *err)
{
    if (element->type != BM_TYPE_OBJECT || bm_server_before(asking->server, 3, 6)) {
        return bm_asking_add_doubt(asking, element, BM_NOT_JUDGED, err);
    }
    return bm_asking_add_schema(asking, element->value, depth, err);
}

/* An operator that speaks of the whole document. */
static enum bm_status add_top_level(const struct bm_asking *asking,
                                    const struct bm_element *element, unsigned depth,
                                    struct bm_error *err)
{
    static const struct {
        const char *name;
        enum bm_demand_kind kind;
    } lists[] = {{"$and", BM_DEMAND_ALL}, {"$or", BM_DEMAND_ANY}, {"$nor", BM_DEMAND_NONE}};
    static const char *const known[] = {"$expr", "$alwaysTrue", "$alwaysFalse", "$sampleRate"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (bm_element_is_called(element, lists[i].name)) {
            return add_list(asking, element, lists[i].kind, depth, err);
        }
    }
    if (bm_element_is_called(element, "$comment")) {
        return BM_OK;
    }
    if (bm_element_is_called(element, "$jsonSchema")) {
        return add_schema(asking, element, depth, err);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (bm_element_is_called(element, known[i])) {
            return bm_asking_add_unknown(asking, element, BM_NOT_JUDGED, BM_SCOPE_ALL, err);
        }
    }
    return bm_asking_add_doubt(asking, element, BM_NOT_JUDGED, err);
}

static enum bm_status add_element(const struct bm_asking *asking, const struct bm_element *element,
                                  unsigned depth, struct bm_error *err)
{
    if (element->name.len > 0 && element->name.data[0] == '$') {
        return add_top_level(asking, element, depth, err);
    }
    if (bm_compiling_is_operators(element)) {
        return add_operators(asking, element, element->value, depth, err);
    }
    if (element->type == BM_TYPE_REGEX) {
        return add_typed(asking, element, element, typed[0].types, err);
    }
    const struct bm_asked asked = {element->name, NULL, element, element};
    return bm_asking_add_filter(asking, BM_DEMAND_FILTER, &asked, err);
}

static enum bm_status add_document(const struct bm_asking *asking, struct bm_view document,
                                   unsigned depth, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    size_t all;
    if (bm_asking_add(asking, BM_DEMAND_ALL, &all, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_open(&elements, document, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        if (add_element(asking, &element, depth, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    bm_asking_close(asking, all);
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

/* BM_END: nothing of it can be judged, *reason says why. */
static enum bm_status compile(const struct bm_asking *asking, struct bm_view document,
                              struct bm_view collation, char **reason, struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    if (bm_document_check(document, NULL, &damage) != BM_OK) {
        *reason = bm_copy_text("it is no document", err);
        return *reason != NULL ? BM_END : BM_FAIL;
    }
    if (collation.len > 0) {
        enum bm_status status =
            bm_collation_new(collation, &asking->validator->collation, reason, err);
        if (status != BM_OK) {
            return status;
        }
    }
    enum bm_status status = add_document(asking, document, 0, err);
    return status == BM_OK ? make_room_for_tops(asking->validator, err) : status;
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
    validator->values = BM_VALUES_INIT;
    const struct bm_asking asking = {validator, options->server};
    enum bm_status status = compile(&asking, document, options->collation, reason, err);
    if (status != BM_OK) {
        bm_validator_free(validator);
        return status;
    }
    *out = validator;
    return BM_OK;
}

const char *bm_validator_doubt(const struct bm_validator *validator)
{
    return validator->doubt;
}

const char *bm_validator_unknown(const struct bm_validator *validator)
{
    return validator->unknown;
}

void bm_validator_free(struct bm_validator *validator)
{
    if (validator == NULL) {
        return;
    }
    for (size_t i = 0; i < validator->count; i++) {
        bm_filter_free(validator->demands[i].filter);
        free(validator->demands[i].bytes);
        free(validator->demands[i].words);
        if (validator->demands[i].listed != NULL) {
            bm_values_free(validator->demands[i].listed);
            free(validator->demands[i].listed);
        }
    }
    free(validator->demands);
    free(validator->doubt);
    free(validator->tops);
    free(validator->found);
    bm_collation_free(validator->collation);
    bm_units_free(&validator->units);
    bm_values_free(&validator->values);
    free(validator);
}
