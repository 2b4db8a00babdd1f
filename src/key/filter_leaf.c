/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/memory.h"
#include "doc/number.h"
#include "key/filter_compile.h"

/* Levels of $and and $or: internalPartialFilterExpressionMaxDepth. */
#define DEPTH_MOST 4u
#define SHOWN 200

enum bm_status bm_compiling_refuse(const struct bm_compiling *compiling, const char *before,
                                   const char *name, struct bm_error *err)
{
    struct bm_filter_refusal *refusal = compiling->refusal;
    free(refusal->words);
    refusal->words = bm_format_text(err, "%s%.*s", before, SHOWN, name);
    refusal->is_servers = 1;
    return refusal->words != NULL ? BM_END : BM_FAIL;
}

enum bm_status bm_compiling_refuse_operator(const struct bm_compiling *compiling, const char *name,
                                            struct bm_error *err)
{
    const char *words = bm_server_before(compiling->server, 6, 0)
                            ? "unsupported expression in partial index: "
                            : "Expression not supported in partial index: ";
    return bm_compiling_refuse(compiling, words, name, err);
}

enum bm_status bm_compiling_give_up(const struct bm_compiling *compiling, const char *what,
                                    struct bm_error *err)
{
    struct bm_filter_refusal *refusal = compiling->refusal;
    if (refusal->words == NULL) {
        refusal->words = bm_format_text(
            err, "its partial filter has %s, which this version does not judge", what);
    }
    return refusal->words != NULL ? BM_OK : BM_FAIL;
}

int bm_compiling_is_called(const struct bm_element *element, const char *name)
{
    return bm_view_equal(element->name, bm_view_text(name));
}

int bm_compiling_takes_or(const struct bm_compiling *compiling)
{
    return compiling->use == BM_FILTER_OF_VALIDATOR || !bm_server_before(compiling->server, 6, 0);
}

enum bm_status bm_compiling_add(struct bm_compiling *compiling, enum bm_filter_kind kind,
                                unsigned level, size_t *number, struct bm_error *err)
{
    struct bm_filter *filter = compiling->filter;
    if (bm_compiling_takes_or(compiling) && level >= DEPTH_MOST) {
        return bm_compiling_refuse(compiling, "partialFilterExpression depth may not exceed 4", "",
                                   err);
    }
    if (!bm_compiling_takes_or(compiling) && level > 0 && kind == BM_FILTER_AND) {
        return bm_compiling_refuse(
            compiling, "$and only supported in partialFilterExpression at top level", "", err);
    }
    if (bm_grow(&filter->conditions, filter->count, &filter->capacity, sizeof *filter->conditions,
                err) != BM_OK) {
        return BM_FAIL;
    }
    *number = filter->count++;
    filter->conditions[*number] = (struct bm_condition){.kind = kind, .end = *number + 1};
    return BM_OK;
}

static void add_type(struct bm_condition *condition, uint8_t type)
{
    condition->types[type / 8] = (uint8_t)(condition->types[type / 8] | 1u << type % 8);
}

static const struct {
    const char *alias;
    uint8_t type;
} aliases[] = {
    {"double", BM_TYPE_DOUBLE},
    {"string", BM_TYPE_STRING},
    {"object", BM_TYPE_OBJECT},
    {"array", BM_TYPE_ARRAY},
    {"binData", BM_TYPE_BINARY},
    {"undefined", BM_TYPE_UNDEFINED},
    {"objectId", BM_TYPE_OBJECT_ID},
    {"bool", BM_TYPE_BOOL},
    {"date", BM_TYPE_DATE},
    {"null", BM_TYPE_NULL},
    {"regex", BM_TYPE_REGEX},
    {"dbPointer", BM_TYPE_DB_POINTER},
    {"javascript", BM_TYPE_CODE},
    {"symbol", BM_TYPE_SYMBOL},
    {"javascriptWithScope", BM_TYPE_CODE_WITH_SCOPE},
    {"int", BM_TYPE_INT32},
    {"timestamp", BM_TYPE_TIMESTAMP},
    {"long", BM_TYPE_INT64},
    {"decimal", BM_TYPE_DECIMAL128},
    {"minKey", BM_TYPE_MIN_KEY},
    {"maxKey", BM_TYPE_MAX_KEY},
};

/* One type of $type, by its code or alias. */
static enum bm_status read_type(const struct bm_compiling *compiling,
                                const struct bm_element *element, struct bm_condition *condition,
                                struct bm_error *err)
{
    double number;
    if (element->type == BM_TYPE_STRING) {
        struct bm_view alias = {element->value.data + 4, element->value.len - 5};
        if (bm_view_equal(alias, bm_view_text("number"))) {
            add_type(condition, BM_TYPE_DOUBLE);
            add_type(condition, BM_TYPE_INT32);
            add_type(condition, BM_TYPE_INT64);
            add_type(condition, BM_TYPE_DECIMAL128);
            return BM_OK;
        }
        for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
            if (bm_view_equal(alias, bm_view_text(aliases[i].alias))) {
                add_type(condition, aliases[i].type);
                return BM_OK;
            }
        }
        return bm_compiling_refuse(compiling, "Unknown type name alias: ", (const char *)alias.data,
                                   err);
    }
    if (!bm_number_of(element, &number)) {
        return bm_compiling_refuse(compiling, "type must be represented as a number or a string",
                                   "", err);
    }
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        double code = aliases[i].type == BM_TYPE_MIN_KEY ? -1 : aliases[i].type;
        if (number >= code && number <= code) {
            add_type(condition, aliases[i].type);
            return BM_OK;
        }
    }
    return bm_compiling_refuse(compiling, "Invalid numerical type code", "", err);
}

static enum bm_status read_type_list(const struct bm_compiling *compiling, struct bm_view list,
                                     struct bm_condition *condition, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    int any = 0;
    enum bm_status next = bm_elements_open(&elements, list, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        enum bm_status status = read_type(compiling, &entry, condition, err);
        if (status != BM_OK) {
            return status;
        }
        any = 1;
    }
    if (next == BM_FAIL) {
        return BM_FAIL;
    }
    return any ? BM_OK
               : bm_compiling_refuse(compiling, "$type must match at least one type", "", err);
}

static enum bm_status read_types(const struct bm_compiling *compiling,
                                 const struct bm_element *element, struct bm_condition *condition,
                                 struct bm_error *err)
{
    int is_old = bm_server_before(compiling->server, 3, 6);
    if (element->type == BM_TYPE_ARRAY && is_old) {
        return bm_compiling_refuse(compiling, "type must be represented as a number or a string",
                                   "", err);
    }
    enum bm_status status = element->type == BM_TYPE_ARRAY
                                ? read_type_list(compiling, element->value, condition, err)
                                : read_type(compiling, element, condition, err);
    int has_array = condition->types[BM_TYPE_ARRAY / 8] >> BM_TYPE_ARRAY % 8 & 1;
    if (status == BM_OK && has_array && is_old) {
        return bm_compiling_give_up(compiling, "{$type: \"array\"} as servers before 3.6 had it",
                                    err);
    }
    return status;
}

int bm_compiling_is_operators(const struct bm_element *element)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element first;
    if (element->type != BM_TYPE_OBJECT ||
        bm_elements_open(&elements, element->value, &damage) != BM_OK ||
        bm_elements_next(&elements, &first, &damage) != BM_OK || first.name.len == 0 ||
        first.name.data[0] != '$') {
        return 0;
    }
    return bm_document_find(element->value, bm_view_text("$ref"), &first, &damage) != BM_OK ||
           bm_document_find(element->value, bm_view_text("$id"), &first, &damage) != BM_OK;
}

static enum bm_status check_list(const struct bm_compiling *compiling,
                                 const struct bm_element *element, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    if (element->type != BM_TYPE_ARRAY) {
        return bm_compiling_refuse(compiling, "$in needs an array", "", err);
    }
    enum bm_status status = bm_elements_open(&elements, element->value, err);
    while (status == BM_OK && (status = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        if (entry.type == BM_TYPE_REGEX &&
            bm_compiling_give_up(compiling, "a regular expression in $in", err) != BM_OK) {
            return BM_FAIL;
        }
        if (entry.type == BM_TYPE_UNDEFINED) {
            return bm_compiling_refuse(compiling, "cannot compare to undefined", "", err);
        }
        if (bm_compiling_is_operators(&entry)) {
            return bm_compiling_refuse(compiling, "cannot nest $ under $in", "", err);
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status check_operand(const struct bm_compiling *compiling, enum bm_filter_kind kind,
                                    const struct bm_element *operand, struct bm_error *err)
{
    if (operand->type == BM_TYPE_UNDEFINED) {
        return bm_compiling_refuse(compiling, "cannot compare to undefined", "", err);
    }
    if (operand->type == BM_TYPE_REGEX && kind != BM_FILTER_EQUAL) {
        return bm_compiling_refuse(compiling, "Can't have RegEx as arg to predicate", "", err);
    }
    return BM_OK;
}

/* Less than MinKey, more than MaxKey: nothing, but all to servers of old (mongod
 * expression_leaf.cpp); since which is not known, other than that 5.0 is not one of them. */
static int is_less_than_least(const struct bm_compiling *compiling, enum bm_filter_kind kind,
                              const struct bm_element *operand)
{
    int is_less = kind == BM_FILTER_LESS || kind == BM_FILTER_LESS_OR_EQUAL;
    int is_more = kind == BM_FILTER_GREATER || kind == BM_FILTER_GREATER_OR_EQUAL;
    return bm_server_before(compiling->server, 5, 0) &&
           ((is_less && operand->type == BM_TYPE_MIN_KEY) ||
            (is_more && operand->type == BM_TYPE_MAX_KEY));
}

/* One condition on one field. */
static enum bm_status add_leaf(struct bm_compiling *compiling, enum bm_filter_kind kind,
                               const struct bm_element *field, const struct bm_element *operand,
                               unsigned level, struct bm_error *err)
{
    size_t number;
    enum bm_status status = BM_OK;
    if (kind == BM_FILTER_EXISTS && !bm_element_truth(operand)) {
        return bm_compiling_refuse_operator(compiling, "$exists: false", err);
    }
    if (kind == BM_FILTER_IN && !bm_compiling_takes_or(compiling)) {
        return bm_compiling_refuse_operator(compiling, "$in", err);
    }
    status = bm_compiling_add(compiling, kind, level, &number, err);
    if (status != BM_OK) {
        return status;
    }
    struct bm_condition *condition = &compiling->filter->conditions[number];
    condition->operand = *operand;
    if (kind == BM_FILTER_TYPE) {
        status = read_types(compiling, operand, condition, err);
    } else if (kind == BM_FILTER_IN) {
        status = check_list(compiling, operand, err);
    } else if (kind != BM_FILTER_EXISTS) {
        status = check_operand(compiling, kind, operand, err);
    }
    if (status == BM_OK && is_less_than_least(compiling, kind, operand)) {
        status = bm_compiling_give_up(compiling, "less than MinKey or more than MaxKey", err);
    }
    return status == BM_OK ? bm_field_make(&condition->field, field->name, err) : status;
}

/* One condition whose meaning is not known; it counts in the depth all the same. */
static enum bm_status add_unknown(struct bm_compiling *compiling, const char *what, unsigned level,
                                  struct bm_error *err)
{
    size_t number;
    enum bm_status status = bm_compiling_add(compiling, BM_FILTER_EXISTS, level, &number, err);
    return status == BM_OK ? bm_compiling_give_up(compiling, what, err) : status;
}

static const struct {
    const char *name;
    enum bm_filter_kind kind;
} operators[] = {
    {"$eq", BM_FILTER_EQUAL},
    {"$lt", BM_FILTER_LESS},
    {"$lte", BM_FILTER_LESS_OR_EQUAL},
    {"$gt", BM_FILTER_GREATER},
    {"$gte", BM_FILTER_GREATER_OR_EQUAL},
    {"$exists", BM_FILTER_EXISTS},
    {"$type", BM_FILTER_TYPE},
    {"$in", BM_FILTER_IN},
};

static int is_one_of(const struct bm_element *element, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (bm_compiling_is_called(element, *names)) {
            return 1;
        }
    }
    return 0;
}

enum bm_status bm_compiling_add_operator(struct bm_compiling *compiling,
                                         const struct bm_element *field,
                                         const struct bm_element *operation, unsigned level,
                                         struct bm_error *err)
{
    static const char *const geographic[] = {"$geoWithin", "$within", "$geoIntersects", NULL};
    static const char *const known[] = {
        "$ne",         "$nin",        "$not",         "$regex",        "$options",
        "$mod",        "$size",       "$elemMatch",   "$bitsAllSet",   "$bitsAllClear",
        "$bitsAnySet", "$geoWithin",  "$within",      "$bitsAnyClear", "$geoIntersects",
        "$near",       "$nearSphere", "$maxDistance", "$minDistance",  NULL};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (bm_compiling_is_called(operation, operators[i].name)) {
            return add_leaf(compiling, operators[i].kind, field, operation, level, err);
        }
    }
    if (bm_compiling_is_called(operation, "$all")) {
        return add_unknown(compiling, "$all", level, err);
    }
    if (bm_compiling_takes_or(compiling) && is_one_of(operation, geographic)) {
        return add_unknown(compiling, "a geographic operator", level, err);
    }
    if (is_one_of(operation, known)) {
        return bm_compiling_refuse_operator(compiling, (const char *)operation->name.data, err);
    }
    return bm_compiling_refuse(compiling, "unknown operator: ", (const char *)operation->name.data,
                               err);
}

enum bm_status bm_compiling_add_equal(struct bm_compiling *compiling,
                                      const struct bm_element *element, unsigned level,
                                      struct bm_error *err)
{
    return element->type == BM_TYPE_REGEX
               ? bm_compiling_refuse_operator(compiling, "a regular expression", err)
               : add_leaf(compiling, BM_FILTER_EQUAL, element, element, level, err);
}
