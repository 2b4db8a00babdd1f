/* SPDX-License-Identifier: Apache-2.0 */
#include "key/filter.h"

#include <stdlib.h>

#include "base/memory.h"
#include "key/filter_compile.h"

static int is_operator_name(struct bm_view name)
{
    return name.len > 0 && name.data[0] == '$';
}

/* Element names have a zero byte behind them. */
static const char *name_of(const struct bm_element *element)
{
    return (const char *)element->name.data;
}

static int is_one_of(const struct bm_element *element, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (bm_compiling_is_called(element, *names)) {
            return 1;
        }
    }
    return 0;
}

static enum bm_status add_document(struct bm_compiling *compiling, struct bm_view document,
                                   unsigned level, struct bm_error *err);

static enum bm_status add_list(struct bm_compiling *compiling, const struct bm_element *element,
                               enum bm_filter_kind kind, unsigned level, struct bm_error *err)
{
    size_t number;
    size_t count = 0;
    struct bm_elements elements;
    struct bm_element entry;
    if (kind == BM_FILTER_OR && !bm_compiling_takes_or(compiling)) {
        return bm_compiling_refuse_operator(compiling, "$or", err);
    }
    if (element->type != BM_TYPE_ARRAY) {
        return bm_compiling_refuse(compiling, name_of(element), " must be an array", err);
    }
    enum bm_status status = bm_compiling_add(compiling, kind, level, &number, err);
    if (status != BM_OK) {
        return status;
    }
    if (bm_elements_open(&elements, element->value, err) != BM_OK) {
        return BM_FAIL;
    }
    while ((status = bm_elements_next(&elements, &entry, err)) == BM_OK) {
        status = entry.type == BM_TYPE_OBJECT
                     ? add_document(compiling, entry.value, level + 1, err)
                     : bm_compiling_refuse(compiling, name_of(element),
                                           " entries need to be full objects", err);
        if (status != BM_OK) {
            return status;
        }
        count++;
    }
    if (status == BM_END && count == 0) {
        return bm_compiling_refuse(compiling, name_of(element), " must be a nonempty array", err);
    }
    compiling->filter->conditions[number].end = compiling->filter->count;
    return status == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status add_top_level(struct bm_compiling *compiling,
                                    const struct bm_element *element, unsigned level,
                                    struct bm_error *err)
{
    static const char *const special[] = {"$expr", "$where", "$text", "$jsonSchema", NULL};
    static const char *const known[] = {"$nor", "$alwaysTrue", "$alwaysFalse", "$sampleRate", NULL};
    if (bm_compiling_is_called(element, "$and")) {
        return add_list(compiling, element, BM_FILTER_AND, level, err);
    }
    if (bm_compiling_is_called(element, "$or")) {
        return add_list(compiling, element, BM_FILTER_OR, level, err);
    }
    if (bm_compiling_is_called(element, "$comment")) {
        return BM_OK;
    }
    if (is_one_of(element, special)) {
        return bm_compiling_refuse(compiling, name_of(element), " is not allowed in this context",
                                   err);
    }
    if (is_one_of(element, known)) {
        return bm_compiling_refuse_operator(compiling, name_of(element), err);
    }
    return bm_compiling_refuse(compiling, "unknown top level operator: ", name_of(element), err);
}

/* {field: value} or {field: {$operator: value, …}}. */
static enum bm_status add_field(struct bm_compiling *compiling, const struct bm_element *element,
                                unsigned level, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element operation;
    if (!bm_compiling_is_operators(element)) {
        return bm_compiling_add_equal(compiling, element, level, err);
    }
    enum bm_status next = bm_elements_open(&elements, element->value, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &operation, err)) == BM_OK) {
        enum bm_status status =
            bm_compiling_add_operator(compiling, element, &operation, level, err);
        if (status != BM_OK) {
            return status;
        }
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status count_elements(struct bm_view document, size_t *count, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status next = bm_elements_open(&elements, document, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        ++*count;
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

/* How many conditions a document is: one for an operator, one for a value that is none. */
static enum bm_status count_conditions(struct bm_view document, size_t *count, struct bm_error *err)
{
    struct bm_elements elements;
    struct bm_element element;
    *count = 0;
    enum bm_status next = bm_elements_open(&elements, document, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        if (!is_operator_name(element.name) && bm_compiling_is_operators(&element)) {
            next = count_elements(element.value, count, err);
        } else if (!bm_compiling_is_called(&element, "$comment")) {
            ++*count;
        }
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

/* One condition stands for itself, none or several are an $and. */
static enum bm_status add_document(struct bm_compiling *compiling, struct bm_view document,
                                   unsigned level, struct bm_error *err)
{
    size_t number = 0;
    size_t count;
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status status = count_conditions(document, &count, err);
    unsigned below = count != 1 ? level + 1 : level;
    if (status == BM_OK && count != 1) {
        status = bm_compiling_add(compiling, BM_FILTER_AND, level, &number, err);
    }
    if (status != BM_OK) {
        return status;
    }
    enum bm_status next = bm_elements_open(&elements, document, err);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, err)) == BM_OK) {
        status = is_operator_name(element.name) ? add_top_level(compiling, &element, below, err)
                                                : add_field(compiling, &element, below, err);
        if (status != BM_OK) {
            return status;
        }
    }
    if (count != 1) {
        compiling->filter->conditions[number].end = compiling->filter->count;
    }
    return next == BM_END ? BM_OK : BM_FAIL;
}

enum bm_status bm_filter_new(struct bm_view document, const struct bm_filter_options *options,
                             struct bm_filter **out, struct bm_filter_refusal *refusal,
                             struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_filter *filter = bm_allocate(1, sizeof *filter, err);
    if (filter == NULL) {
        return BM_FAIL;
    }
    filter->takes_undefined = bm_server_before(options->server, 8, 0);
    filter->collation = options->collation;
    struct bm_compiling compiling = {filter, options->server, options->use, refusal};
    enum bm_status status = bm_document_check(document, NULL, &damage);
    if (status != BM_OK) {
        status = bm_compiling_refuse(&compiling, "its partial filter is no document", "", err);
    } else if (bm_server_before(options->server, 3, 2)) {
        status = bm_compiling_give_up(&compiling, "no meaning to servers before 3.2", err);
    } else {
        status = add_document(&compiling, document, 0, err);
    }
    if (status == BM_OK && refusal->words != NULL) {
        status = BM_END;
    }
    if (status != BM_OK) {
        bm_filter_free(filter);
        return status;
    }
    *out = filter;
    return BM_OK;
}

void bm_filter_free(struct bm_filter *filter)
{
    if (filter == NULL) {
        return;
    }
    for (size_t i = 0; i < filter->count; i++) {
        bm_field_free(&filter->conditions[i].field);
    }
    free(filter->conditions);
    free(filter);
}
