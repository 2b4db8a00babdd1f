/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "doc/number.h"
#include "key/index.h"

/*
 * Indexes whose keys are not made here. Of their documents only those pass that every server is
 * known to take; all others leave open whether the index can be built.
 */

#define GEO_DOUBT "a document has a geographic value that is not judged"
#define LANGUAGE_DOUBT "a document names a language for its texts that is not judged"
#define ARRAY_DOUBT "a document has an array beside what the index is over"
#define DEPTH_MOST 200u

int bm_index_is_special(const struct bm_index *index)
{
    return index->standing == BM_STANDING_SOUND &&
           (index->kind == BM_INDEX_TEXT || index->kind == BM_INDEX_2D ||
            index->kind == BM_INDEX_2DSPHERE ||
            (index->kind == BM_INDEX_WILDCARD && index->field_count > 1));
}

static int is_nothing(const struct bm_element *element)
{
    return element->type == BM_TYPE_NULL || element->type == BM_TYPE_UNDEFINED;
}

static int is_text(const struct bm_element *element, const char *text)
{
    return element->type == BM_TYPE_STRING && element->value.len == 4 + strlen(text) + 1 &&
           memcmp(element->value.data + 4, text, strlen(text) + 1) == 0;
}

/* The value at a path that leads through documents only. 0: there is none. An array on the way is
 * the value. */
static int value_at(struct bm_view document, const struct bm_field *field, struct bm_element *out)
{
    struct bm_error damage = BM_ERROR_INIT;
    *out = (struct bm_element){.type = BM_TYPE_OBJECT, .value = document};
    for (size_t i = 0; i < field->count; i++) {
        if (out->type == BM_TYPE_ARRAY) {
            return 1;
        }
        if (out->type != BM_TYPE_OBJECT ||
            bm_document_find(out->value, field->components[i], out, &damage) != BM_OK) {
            return 0;
        }
    }
    return 1;
}

/* ---- geographic values ---- */

/* Two numbers and nothing else, each within its bound; the bound itself is out. */
static int is_pair(const struct bm_element *pair, double x_most, double y_most)
{
    const double most[] = {x_most, y_most};
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element entry;
    double number;
    size_t count = 0;
    if (pair->type != BM_TYPE_ARRAY && pair->type != BM_TYPE_OBJECT) {
        return 0;
    }
    enum bm_status next = bm_elements_open(&elements, pair->value, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &entry, &damage)) == BM_OK) {
        if (count == 2 || !bm_number_of(&entry, &number) ||
            !(number > -most[count] && number < most[count])) {
            return 0;
        }
        count++;
    }
    return next == BM_END && count == 2;
}

/* {type: "Point", coordinates: […]} and nothing else. */
static int is_point(const struct bm_element *value)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element type;
    struct bm_element coordinates;
    struct bm_element more;
    return value->type == BM_TYPE_OBJECT &&
           bm_elements_open(&elements, value->value, &damage) == BM_OK &&
           bm_elements_next(&elements, &type, &damage) == BM_OK &&
           bm_elements_next(&elements, &coordinates, &damage) == BM_OK &&
           bm_elements_next(&elements, &more, &damage) == BM_END &&
           bm_element_is_called(&type, "type") && is_text(&type, "Point") &&
           bm_element_is_called(&coordinates, "coordinates") && coordinates.type == BM_TYPE_ARRAY &&
           is_pair(&coordinates, 180, 90);
}

static int has_option(const struct bm_index *index, const char *name)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element option;
    return bm_document_find(index->spec, bm_view_text(name), &option, &damage) == BM_OK;
}

static int is_sure_place(const struct bm_index *index, const struct bm_element *value)
{
    if (index->kind == BM_INDEX_2D) {
        return !has_option(index, "min") && !has_option(index, "max") && is_pair(value, 180, 180);
    }
    return is_nothing(value) || is_point(value) || is_pair(value, 180, 90);
}

static const char *geo_doubt(const struct bm_index *index, struct bm_view document)
{
    const char *kind = index->kind == BM_INDEX_2D ? "2d" : "2dsphere";
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element over;
    struct bm_element value;
    for (size_t i = 0; i < index->field_count; i++) {
        const struct bm_field *field = &index->fields[i];
        if (bm_document_find(index->pattern, bm_view_text(field->path), &over, &damage) == BM_OK &&
            is_text(&over, kind) && value_at(document, field, &value) &&
            !is_sure_place(index, &value)) {
            return GEO_DOUBT;
        }
    }
    return NULL;
}

/* ---- texts ---- */

/* Those that text indexes of all versions know. */
static int is_language(const struct bm_element *element)
{
    static const char *const known[] = {"danish",    "dutch",      "english",   "finnish",
                                        "french",    "german",     "hungarian", "italian",
                                        "norwegian", "portuguese", "romanian",  "russian",
                                        "spanish",   "swedish",    "turkish"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (is_text(element, known[i])) {
            return 1;
        }
    }
    return 0;
}

/* Whether every field of the name, at any depth, names a language. */
static int speaks_known(struct bm_view document, struct bm_view name, unsigned depth)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status next = bm_elements_open(&elements, document, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, &damage)) == BM_OK) {
        int is_inner = element.type == BM_TYPE_OBJECT || element.type == BM_TYPE_ARRAY;
        if ((bm_view_equal(element.name, name) && !is_language(&element)) ||
            (is_inner && (depth == DEPTH_MOST || !speaks_known(element.value, name, depth + 1)))) {
            return 0;
        }
    }
    return 1;
}

static const char *language_doubt(const struct bm_index *index, struct bm_view document)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element option;
    struct bm_view name = bm_view_text("language");
    if (bm_document_find(index->spec, bm_view_text("language_override"), &option, &damage) ==
            BM_OK &&
        option.type == BM_TYPE_STRING) {
        name = (struct bm_view){option.value.data + 4, option.value.len - 5};
    }
    return speaks_known(document, name, 0) ? NULL : LANGUAGE_DOUBT;
}

/* What the texts, or the wildcard, are in. */
static int is_main(const struct bm_index *index, const struct bm_field *field)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_element over;
    struct bm_view last = field->components[field->count - 1];
    return bm_view_equal(last, bm_view_text("$**")) ||
           bm_document_find(index->pattern, bm_view_text(field->path), &over, &damage) != BM_OK ||
           over.type == BM_TYPE_STRING;
}

/* Fields of the key beside it must be no arrays. */
static const char *array_doubt(const struct bm_index *index, struct bm_view document)
{
    struct bm_element value;
    for (size_t i = 0; i < index->field_count; i++) {
        if (!is_main(index, &index->fields[i]) && value_at(document, &index->fields[i], &value) &&
            value.type == BM_TYPE_ARRAY) {
            return ARRAY_DOUBT;
        }
    }
    return NULL;
}

const char *bm_index_special_doubt(const struct bm_index *index, struct bm_view document)
{
    const char *doubt = index->kind == BM_INDEX_TEXT       ? language_doubt(index, document)
                        : index->kind == BM_INDEX_WILDCARD ? NULL
                                                           : geo_doubt(index, document);
    return doubt != NULL ? doubt : array_doubt(index, document);
}
