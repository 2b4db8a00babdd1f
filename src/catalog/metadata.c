/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/metadata.h"

#include <stdlib.h>

#include "base/memory.h"
#include "bsonmend/document.h"
#include "catalog/build.h"
#include "doc/extjson.h"
#include "doc/number.h"

/* A string element's bytes without length and final zero. */
static struct bm_view string_of(const struct bm_element *element)
{
    return (struct bm_view){element->value.data + 4, element->value.len - 5};
}

static enum bm_status wrong_type(const char *name, const char *wanted, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_CORRUPT, 0, "\"%s\" is no %s", name, wanted);
}

static enum bm_status check_indexes(struct bm_view array, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element entry;
    enum bm_status status = bm_elements_open(&elements, array, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &entry, err);
        if (status == BM_OK && entry.type != BM_TYPE_OBJECT) {
            return wrong_type("indexes", "array of objects", err);
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* One field of the metadata. Where a name comes twice the later one counts; null is absence. */
static enum bm_status take_field(const struct bm_element *field, struct bm_metadata *out,
                                 struct bm_error *err)
{
    int is_null = field->type == BM_TYPE_NULL;
    struct bm_view value = is_null ? (struct bm_view){NULL, 0} : field->value;
    if (bm_element_is_called(field, "options")) {
        if (!is_null && field->type != BM_TYPE_OBJECT) {
            return wrong_type("options", "object", err);
        }
        out->options = value;
    } else if (bm_element_is_called(field, "indexes")) {
        if (!is_null && field->type != BM_TYPE_ARRAY) {
            return wrong_type("indexes", "array of objects", err);
        }
        out->indexes = value;
        return is_null ? BM_OK : check_indexes(value, err);
    } else if (bm_element_is_called(field, "collectionName")) {
        if (!is_null && field->type != BM_TYPE_STRING) {
            return wrong_type("collectionName", "string", err);
        }
        out->collection_name = is_null ? value : string_of(field);
    } else if ((bm_element_is_called(field, "uuid") || bm_element_is_called(field, "type")) &&
               !is_null && field->type != BM_TYPE_STRING) {
        return wrong_type(bm_element_is_called(field, "uuid") ? "uuid" : "type", "string", err);
    }
    return BM_OK;
}

enum bm_status bm_metadata_read(struct bm_view text, struct bm_buffer *bson,
                                struct bm_metadata *out, struct bm_error *err)
{
    *out = (struct bm_metadata){0};
    struct bm_elements elements;
    if (bm_json_parse(text, bson, err) != BM_OK ||
        bm_elements_open(&elements, bm_buffer_view(bson), err) != BM_OK) {
        return BM_FAIL;
    }
    for (;;) {
        struct bm_element field;
        enum bm_status status = bm_elements_next(&elements, &field, err);
        if (status != BM_OK) {
            return status == BM_END ? BM_OK : BM_FAIL;
        }
        if (take_field(&field, out, err) != BM_OK) {
            return BM_FAIL;
        }
    }
}

enum bm_status bm_metadata_collation(struct bm_view collation, struct bm_view *out,
                                     struct bm_error *err)
{
    struct bm_element locale;
    *out = (struct bm_view){NULL, 0};
    enum bm_status status = bm_document_find(collation, bm_view_text("locale"), &locale, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_OK && locale.type == BM_TYPE_STRING &&
        bm_view_equal(string_of(&locale), bm_view_text("simple"))) {
        return BM_OK;
    }
    *out = collation;
    return BM_OK;
}

/* Sizes as servers wrote them over time: any numeric type; what is no positive number is none. */
static uint64_t limit_of(const struct bm_element *element)
{
    double number;
    if (!bm_number_of(element, &number) || !(number >= 1)) {
        return 0;
    }
    return number < 9.0e18 ? (uint64_t)number : UINT64_MAX;
}

/* Values that create refuses; null stands for none (mongod create.idl and the parsers of validators
 * and collations). */
static const char *problem_of(const struct bm_element *option)
{
    static const struct {
        const char *name;
        uint8_t type;
        const char *values[4]; /* of a string; none: all */
        const char *problem;
    } rules[] = {
        {"validator", BM_TYPE_OBJECT, {NULL}, "its validator is no document"},
        {"collation", BM_TYPE_OBJECT, {NULL}, "its collation is no document"},
        {"validationLevel",
         BM_TYPE_STRING,
         {"off", "strict", "moderate"},
         "its validationLevel is none of off, strict and moderate"},
        {"validationAction",
         BM_TYPE_STRING,
         {"error", "warn", "errorAndLog"},
         "its validationAction is none of error, warn and errorAndLog"},
    };
    if (option->type == BM_TYPE_NULL || option->type == BM_TYPE_UNDEFINED) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (!bm_element_is_called(option, rules[i].name)) {
            continue;
        }
        int is_taken = option->type == rules[i].type && rules[i].values[0] == NULL;
        for (size_t v = 0; option->type == BM_TYPE_STRING && rules[i].values[v] != NULL; v++) {
            is_taken |= bm_view_equal(string_of(option), bm_view_text(rules[i].values[v]));
        }
        return is_taken ? NULL : rules[i].problem;
    }
    return NULL;
}

static enum bm_status take_option(const struct bm_element *option, struct bm_namespace *ns,
                                  struct bm_error *err)
{
    int open = ns->kind == BM_NAMESPACE_COLLECTION || ns->kind == BM_NAMESPACE_SYSTEM;
    if (bm_element_is_called(option, "validator") && option->type == BM_TYPE_OBJECT) {
        ns->validator = option->value;
    } else if (bm_element_is_called(option, "collation") && option->type == BM_TYPE_OBJECT) {
        return bm_metadata_collation(option->value, &ns->collation, err);
    } else if (bm_element_is_called(option, "capped")) {
        ns->capped = bm_number_truth(option);
    } else if (bm_element_is_called(option, "size")) {
        ns->capped_size = limit_of(option);
    } else if (bm_element_is_called(option, "max")) {
        ns->capped_max = limit_of(option);
    } else if (bm_element_is_called(option, "viewOn") &&
               (open || ns->kind == BM_NAMESPACE_TIMESERIES)) {
        ns->kind = BM_NAMESPACE_VIEW;
    } else if (bm_element_is_called(option, "timeseries") && open) {
        ns->kind = BM_NAMESPACE_TIMESERIES;
    }
    return BM_OK;
}

enum bm_status bm_metadata_apply_options(struct bm_view options, struct bm_namespace *ns,
                                         struct bm_error *err)
{
    ns->options = options;
    if (options.len == 0) {
        return BM_OK;
    }
    struct bm_elements elements;
    struct bm_element option;
    enum bm_status status = bm_elements_open(&elements, options, err);
    while (status == BM_OK) {
        status = bm_elements_next(&elements, &option, err);
        if (status == BM_OK && take_option(&option, ns, err) != BM_OK) {
            return BM_FAIL;
        }
        const char *problem = status == BM_OK ? problem_of(&option) : NULL;
        ns->options_problem = problem != NULL ? problem : ns->options_problem;
    }
    if (ns->capped && ns->capped_size == 0) {
        ns->options_problem = "it is capped and has no size";
    }
    if (!ns->capped) {
        ns->capped_size = ns->capped_max = 0;
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

enum bm_metadata_shape bm_metadata_shape(struct bm_view metadata)
{
    enum bm_metadata_shape shape = BM_SHAPE_PLAIN;
    struct bm_buffer bson = BM_BUFFER_INIT((size_t)2 * BM_DOCUMENT_MAX);
    struct bm_error error = BM_ERROR_INIT;
    struct bm_namespace ns = {.kind = BM_NAMESPACE_COLLECTION};
    struct bm_metadata parts;
    if (bm_metadata_read(metadata, &bson, &parts, &error) == BM_OK &&
        bm_metadata_apply_options(parts.options, &ns, &error) == BM_OK) {
        shape = ns.kind == BM_NAMESPACE_VIEW         ? BM_SHAPE_VIEW
                : ns.kind == BM_NAMESPACE_TIMESERIES ? BM_SHAPE_TIMESERIES
                                                     : BM_SHAPE_PLAIN;
    }
    bm_buffer_free(&bson);
    return shape;
}

enum bm_status bm_metadata_collection_name(struct bm_view metadata, char **out,
                                           struct bm_error *err)
{
    *out = NULL;
    struct bm_buffer bson = BM_BUFFER_INIT((size_t)2 * BM_DOCUMENT_MAX);
    struct bm_metadata parts;
    enum bm_status status = bm_metadata_read(metadata, &bson, &parts, err);
    if (status == BM_OK && parts.collection_name.data != NULL) {
        *out = bm_copy_view(parts.collection_name, err);
        status = *out != NULL ? BM_OK : BM_FAIL;
    }
    bm_buffer_free(&bson);
    return status;
}
