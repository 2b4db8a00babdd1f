/* SPDX-License-Identifier: Apache-2.0 */
#include "support/naive_compare.h"

#include <stdlib.h>
#include <string.h>

int naive_class(const struct naive_node *node)
{
    static const struct {
        uint8_t type;
        int rank;
    } classes[] = {
        {BM_TYPE_MIN_KEY, -1},    {BM_TYPE_UNDEFINED, 0},
        {BM_TYPE_NULL, 5},        {BM_TYPE_DOUBLE, 10},
        {BM_TYPE_INT32, 10},      {BM_TYPE_INT64, 10},
        {BM_TYPE_DECIMAL128, 10}, {BM_TYPE_STRING, 15},
        {BM_TYPE_SYMBOL, 15},     {BM_TYPE_OBJECT, 20},
        {BM_TYPE_ARRAY, 25},      {BM_TYPE_BINARY, 30},
        {BM_TYPE_OBJECT_ID, 35},  {BM_TYPE_BOOL, 40},
        {BM_TYPE_DATE, 45},       {BM_TYPE_TIMESTAMP, 47},
        {BM_TYPE_REGEX, 50},      {BM_TYPE_DB_POINTER, 55},
        {BM_TYPE_CODE, 60},       {BM_TYPE_CODE_WITH_SCOPE, 65},
        {BM_TYPE_MAX_KEY, 127},
    };
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        if (classes[i].type == node->type) {
            return classes[i].rank;
        }
    }
    abort();
}

static int bytes_equal(struct bm_view a, struct bm_view b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Objects and scopes have names, arrays only places. */
enum names { NAMES_COUNT, NAMES_IGNORED };

static int entries_equal(const struct naive_node *a, const struct naive_node *b,
                         struct UCollator *collator, enum names names)
{
    const struct naive_node *left = a->first, *right = b->first;
    for (; left != NULL && right != NULL; left = left->next, right = right->next) {
        if (names == NAMES_COUNT && strcmp(left->name, right->name) != 0) {
            return 0;
        }
        if (!naive_equal(left, right, collator)) {
            return 0;
        }
    }
    return left == NULL && right == NULL;
}

int naive_equal(const struct naive_node *a, const struct naive_node *b, struct UCollator *collator)
{
    if (naive_class(a) != naive_class(b)) {
        return 0;
    }
    switch ((int)a->type) {
    case BM_TYPE_DOUBLE:
    case BM_TYPE_INT32:
    case BM_TYPE_INT64:
    case BM_TYPE_DECIMAL128:
        return naive_number_order(&a->number, &b->number) == 0;
    case BM_TYPE_STRING:
    case BM_TYPE_SYMBOL:
        return collator != NULL ? naive_collate(collator, a->bytes, b->bytes) == 0
                                : bytes_equal(a->bytes, b->bytes);
    case BM_TYPE_OBJECT:
        return entries_equal(a, b, collator, NAMES_COUNT);
    case BM_TYPE_ARRAY:
        return entries_equal(a, b, collator, NAMES_IGNORED);
    case BM_TYPE_BINARY:
        return a->subtype == b->subtype && bytes_equal(a->bytes, b->bytes);
    case BM_TYPE_OBJECT_ID:
    case BM_TYPE_CODE:
        return bytes_equal(a->bytes, b->bytes);
    case BM_TYPE_BOOL:
    case BM_TYPE_DATE:
        return a->integer == b->integer;
    case BM_TYPE_TIMESTAMP:
        return a->timestamp == b->timestamp;
    case BM_TYPE_REGEX:
    case BM_TYPE_DB_POINTER:
        return bytes_equal(a->bytes, b->bytes) && bytes_equal(a->more, b->more);
    case BM_TYPE_CODE_WITH_SCOPE:
        return bytes_equal(a->bytes, b->bytes) && entries_equal(a, b, NULL, NAMES_COUNT);
    default:
        return 1; /* nothing but a type: the class says it all */
    }
}

static int sign_of(int64_t difference)
{
    return (difference > 0) - (difference < 0);
}

/* As text: the first difference, else the longer one is greater. */
static int text_order(struct bm_view a, struct bm_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    return order != 0 ? sign_of(order) : (a.len > b.len) - (a.len < b.len);
}

/* As binary data: the longer one is greater, else the first difference. */
static int size_order(struct bm_view a, struct bm_view b)
{
    return a.len != b.len ? (a.len > b.len) - (a.len < b.len) : text_order(a, b);
}

static int entries_order(const struct naive_node *a, const struct naive_node *b,
                         struct UCollator *collator, enum names names)
{
    const struct naive_node *left = a->first, *right = b->first;
    for (; left != NULL && right != NULL; left = left->next, right = right->next) {
        int order = sign_of(naive_class(left) - naive_class(right));
        if (order == 0 && names == NAMES_COUNT) {
            order = sign_of(strcmp(left->name, right->name));
        }
        if (order == 0) {
            order = naive_order(left, right, collator);
        }
        if (order != 0) {
            return order;
        }
    }
    return (left != NULL) - (right != NULL);
}

int naive_order(const struct naive_node *a, const struct naive_node *b, struct UCollator *collator)
{
    int order;
    switch ((int)a->type) {
    case BM_TYPE_DOUBLE:
    case BM_TYPE_INT32:
    case BM_TYPE_INT64:
    case BM_TYPE_DECIMAL128:
        return naive_number_order(&a->number, &b->number);
    case BM_TYPE_STRING:
    case BM_TYPE_SYMBOL:
        return collator != NULL ? naive_collate(collator, a->bytes, b->bytes)
                                : text_order(a->bytes, b->bytes);
    case BM_TYPE_OBJECT:
        return entries_order(a, b, collator, NAMES_COUNT);
    case BM_TYPE_ARRAY:
        return entries_order(a, b, collator, NAMES_IGNORED);
    case BM_TYPE_BINARY:
        if (a->bytes.len == b->bytes.len && a->subtype != b->subtype) {
            return sign_of(a->subtype - b->subtype);
        }
        return size_order(a->bytes, b->bytes);
    case BM_TYPE_OBJECT_ID:
    case BM_TYPE_CODE:
        return text_order(a->bytes, b->bytes);
    case BM_TYPE_BOOL:
    case BM_TYPE_DATE:
        return (a->integer > b->integer) - (a->integer < b->integer);
    case BM_TYPE_TIMESTAMP:
        return (a->timestamp > b->timestamp) - (a->timestamp < b->timestamp);
    case BM_TYPE_REGEX:
        order = text_order(a->bytes, b->bytes);
        return order != 0 ? order : text_order(a->more, b->more);
    case BM_TYPE_DB_POINTER:
        order = size_order(a->bytes, b->bytes);
        return order != 0 ? order : text_order(a->more, b->more);
    case BM_TYPE_CODE_WITH_SCOPE:
        order = text_order(a->bytes, b->bytes);
        return order != 0 ? order : entries_order(a, b, NULL, NAMES_COUNT);
    default:
        return 0;
    }
}
