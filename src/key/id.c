/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bytes.h"
#include "key/canonical.h"
#include "key/index.h"

static int is_integer(uint8_t type)
{
    return type == BM_TYPE_INT32 || type == BM_TYPE_INT64;
}

static int64_t integer_of(const struct bm_element *element)
{
    return element->type == BM_TYPE_INT32 ? (int32_t)bm_le32(element->value.data)
                                          : (int64_t)bm_le64(element->value.data);
}

static double double_of(const struct bm_element *element)
{
    uint64_t bits = bm_le64(element->value.data);
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static int compare_integers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* NaN sorts before every other number and equals itself. */
static int compare_doubles(double a, double b)
{
    int a_is_nan = a != a;
    int b_is_nan = b != b;
    if (a_is_nan || b_is_nan) {
        return b_is_nan - a_is_nan;
    }
    return (a > b) - (a < b);
}

/* Exact: a double within the range of int64 has a whole part that is one. */
static int compare_mixed(int64_t integer, double number)
{
    static const double two_to_63 = 9223372036854775808.0;
    if (number != number || number < -two_to_63) {
        return 1;
    }
    if (number >= two_to_63) {
        return -1;
    }
    int64_t whole = (int64_t)number;
    int order = compare_integers(integer, whole);
    return order != 0 ? order : compare_doubles((double)whole, number);
}

static enum bm_status compare_numbers(const struct bm_element *a, const struct bm_element *b,
                                      int *order)
{
    int a_is_integer = is_integer(a->type);
    int b_is_integer = is_integer(b->type);
    if ((!a_is_integer && a->type != BM_TYPE_DOUBLE) ||
        (!b_is_integer && b->type != BM_TYPE_DOUBLE)) {
        return BM_END;
    }
    if (a_is_integer && b_is_integer) {
        *order = compare_integers(integer_of(a), integer_of(b));
    } else if (a_is_integer) {
        *order = compare_mixed(integer_of(a), double_of(b));
    } else if (b_is_integer) {
        *order = -compare_mixed(integer_of(b), double_of(a));
    } else {
        *order = compare_doubles(double_of(a), double_of(b));
    }
    return BM_OK;
}

static int compare_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
    size_t common = a_len < b_len ? a_len : b_len;
    int order = common > 0 ? memcmp(a, b, common) : 0;
    order = order != 0 ? order : (a_len > b_len) - (a_len < b_len);
    return (order > 0) - (order < 0);
}

/* By length, then subtype, then bytes. */
static int compare_binaries(struct bm_view a, struct bm_view b)
{
    if (a.len != b.len) {
        return a.len > b.len ? 1 : -1;
    }
    return compare_bytes(a.data + 4, a.len - 4, b.data + 4, b.len - 4);
}

enum bm_status bm_id_compare(const struct bm_element *a, const struct bm_element *b, int *order)
{
    struct bm_view one = a->value;
    struct bm_view other = b->value;
    if (a->type != b->type) {
        return compare_numbers(a, b, order);
    }
    switch (a->type) {
    case BM_TYPE_OBJECT_ID:
        *order = compare_bytes(one.data, one.len, other.data, other.len);
        return BM_OK;
    case BM_TYPE_STRING:
        *order = compare_bytes(one.data + 4, one.len - 5, other.data + 4, other.len - 5);
        return BM_OK;
    case BM_TYPE_DATE:
        *order = compare_integers((int64_t)bm_le64(one.data), (int64_t)bm_le64(other.data));
        return BM_OK;
    case BM_TYPE_BINARY:
        *order = compare_binaries(one, other);
        return BM_OK;
    default:
        return compare_numbers(a, b, order);
    }
}

enum bm_status bm_index_id_compare(const struct bm_index *index, const struct bm_element *a,
                                   const struct bm_element *b, int *order)
{
    /* Strings that rise byte by byte may be equal, or fall, under the collation. */
    if (index->collation != NULL && a->type == BM_TYPE_STRING) {
        return BM_END;
    }
    return bm_id_compare(a, b, order);
}

/* A reference, {$ref: a string, $id: any, $db: a string}, may come first, and all else behind it:
 * *element becomes what follows. BM_FAIL: its names are not those. */
static enum bm_status pass_reference(struct bm_elements *elements, struct bm_element *element,
                                     struct bm_error *damage)
{
    if (element->type != BM_TYPE_STRING || !bm_view_equal(element->name, bm_view_text("$ref")) ||
        bm_elements_next(elements, element, damage) != BM_OK ||
        !bm_view_equal(element->name, bm_view_text("$id"))) {
        return BM_FAIL;
    }
    enum bm_status next = bm_elements_next(elements, element, damage);
    if (next == BM_OK && element->type == BM_TYPE_STRING &&
        bm_view_equal(element->name, bm_view_text("$db"))) {
        next = bm_elements_next(elements, element, damage);
    }
    return next;
}

static int starts_with_dollar(struct bm_view name)
{
    return name.len > 0 && name.data[0] == '$';
}

static int is_storable(uint8_t type, struct bm_view value, unsigned depth);

/* Damage is another's to tell. */
static int are_storable(struct bm_view document, unsigned depth)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status next = bm_elements_open(&elements, document, &damage);
    if (next == BM_OK) {
        next = bm_elements_next(&elements, &element, &damage);
    }
    if (next == BM_OK && starts_with_dollar(element.name)) {
        next = pass_reference(&elements, &element, &damage);
        if (next == BM_FAIL) {
            return 0;
        }
    }
    while (next == BM_OK) {
        if (starts_with_dollar(element.name) || !is_storable(element.type, element.value, depth)) {
            return 0;
        }
        next = bm_elements_next(&elements, &element, &damage);
    }
    return 1;
}

/* No name below starts with $ (mongod bsonobj.cpp, storageValidEmbedded). What is deeper than the
 * server allows is refused for that. */
static int is_storable(uint8_t type, struct bm_view value, unsigned depth)
{
    struct bm_view document = value;
    if (type == BM_TYPE_CODE_WITH_SCOPE) {
        size_t code = 8 + (size_t)bm_le32(value.data + 4);
        document = (struct bm_view){value.data + code, value.len - code};
    } else if (type != BM_TYPE_OBJECT && type != BM_TYPE_ARRAY) {
        return 1;
    }
    return depth == BM_DEPTH_MOST || are_storable(document, depth + 1);
}

static int has_dollar_at_top(struct bm_view document)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element element;
    enum bm_status next = bm_elements_open(&elements, document, &damage);
    while (next == BM_OK && (next = bm_elements_next(&elements, &element, &damage)) == BM_OK) {
        if (starts_with_dollar(element.name)) {
            return 1;
        }
    }
    return 0;
}

const char *bm_index_id_problem(const struct bm_index *index, struct bm_view document,
                                const struct bm_outline *outline, const struct bm_element *id)
{
    const char *problem = bm_id_problem(document, outline, id);
    if (problem == NULL && !is_storable(id->type, id->value, 0)) {
        problem = "_id fields may not contain '$'-prefixed fields";
    }
    if (problem == NULL && index->bans_dollars && has_dollar_at_top(document)) {
        problem = "Document can't have $ prefixed field names";
    }
    return problem;
}

const char *bm_index_nesting_problem(const struct bm_index *index, struct bm_view document)
{
    return !bm_server_before(index->server, 3, 6) && bm_document_is_too_deep(document)
               ? "cannot insert document because it exceeds 180 levels of nesting"
               : NULL;
}

const char *bm_id_problem(struct bm_view document, const struct bm_outline *outline,
                          const struct bm_element *id)
{
    switch (id->type) {
    case BM_TYPE_ARRAY:
        return "The '_id' value cannot be of type array";
    case BM_TYPE_REGEX:
        return "The '_id' value cannot be of type regex";
    case BM_TYPE_UNDEFINED:
        return "The '_id' value cannot be of type undefined";
    default:
        return bm_outline_repeats(outline, document, id)
                   ? "can't have multiple _id fields in one document"
                   : NULL;
    }
}
