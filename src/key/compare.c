/* SPDX-License-Identifier: Apache-2.0 */
#include "key/compare.h"

#include <string.h>

#include "base/bytes.h"
#include "key/canonical.h"
#include "key/number.h"

int bm_compare_class(uint8_t type)
{
    static const uint8_t classes[256] = {
        /* MinKey: 0 */
        [BM_TYPE_UNDEFINED] = 1,   [BM_TYPE_NULL] = 2,
        [BM_TYPE_DOUBLE] = 3,      [BM_TYPE_INT32] = 3,
        [BM_TYPE_INT64] = 3,       [BM_TYPE_DECIMAL128] = 3,
        [BM_TYPE_STRING] = 4,      [BM_TYPE_SYMBOL] = 4,
        [BM_TYPE_OBJECT] = 5,      [BM_TYPE_ARRAY] = 6,
        [BM_TYPE_BINARY] = 7,      [BM_TYPE_OBJECT_ID] = 8,
        [BM_TYPE_BOOL] = 9,        [BM_TYPE_DATE] = 10,
        [BM_TYPE_TIMESTAMP] = 11,  [BM_TYPE_REGEX] = 12,
        [BM_TYPE_DB_POINTER] = 13, [BM_TYPE_CODE] = 14,
        [BM_TYPE_MAX_KEY] = 16,    [BM_TYPE_CODE_WITH_SCOPE] = 15,
    };
    return classes[type];
}

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static int compare_bytes(struct bm_view a, struct bm_view b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common > 0 ? sign(memcmp(a.data, b.data, common)) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* A string with a length in front and a zero byte behind. */
static struct bm_view text_of(const uint8_t *string)
{
    return (struct bm_view){string + 4, bm_le32(string) - 1};
}

static int compare_strings(const char *a, const char *b, size_t *a_len, size_t *b_len)
{
    *a_len = strlen(a) + 1;
    *b_len = strlen(b) + 1;
    return sign(strcmp(a, b));
}

static int compare_regexes(const uint8_t *a, const uint8_t *b)
{
    size_t a_len;
    size_t b_len;
    int order = compare_strings((const char *)a, (const char *)b, &a_len, &b_len);
    return order != 0
               ? order
               : compare_strings((const char *)a + a_len, (const char *)b + b_len, &a_len, &b_len);
}

static enum bm_status compare(const struct bm_comparing *comparing, const struct bm_element *a,
                              const struct bm_element *b, unsigned depth, int *order,
                              struct bm_error *err);

/* One pair of elements of two documents: class, then name (objects only), then value. */
static enum bm_status compare_pair(const struct bm_comparing *comparing, uint8_t type,
                                   const struct bm_element *a, const struct bm_element *b,
                                   unsigned depth, int *order, struct bm_error *err)
{
    *order = bm_compare_class(a->type) - bm_compare_class(b->type);
    if (*order == 0 && type != BM_TYPE_ARRAY) {
        *order = compare_bytes(a->name, b->name);
    }
    return *order != 0 ? BM_OK : compare(comparing, a, b, depth + 1, order, err);
}

static enum bm_status compare_documents(const struct bm_comparing *comparing, uint8_t type,
                                        struct bm_view a, struct bm_view b, unsigned depth,
                                        int *order, struct bm_error *err)
{
    struct bm_elements left;
    struct bm_elements right;
    struct bm_element one;
    struct bm_element other;
    if (depth == BM_DEPTH_MOST) {
        return BM_END;
    }
    if (bm_elements_open(&left, a, err) != BM_OK) {
        return bm_offset_from(err, a, comparing->origin);
    }
    if (bm_elements_open(&right, b, err) != BM_OK) {
        return BM_FAIL;
    }
    for (*order = 0; *order == 0;) {
        enum bm_status has_one = bm_elements_next(&left, &one, err);
        if (has_one == BM_FAIL) {
            return bm_offset_from(err, a, comparing->origin);
        }
        enum bm_status has_other = bm_elements_next(&right, &other, err);
        if (has_other == BM_FAIL) {
            return BM_FAIL;
        }
        if (has_one == BM_END || has_other == BM_END) {
            *order = (has_other == BM_END) - (has_one == BM_END);
            return BM_OK;
        }
        enum bm_status status = compare_pair(comparing, type, &one, &other, depth, order, err);
        if (status != BM_OK) {
            return status;
        }
    }
    return BM_OK;
}

/* Code, then scope; both without a collation. */
static enum bm_status compare_scoped(const struct bm_comparing *comparing, struct bm_view a,
                                     struct bm_view b, unsigned depth, int *order,
                                     struct bm_error *err)
{
    struct bm_comparing plain = {.origin = comparing->origin};
    struct bm_view one = text_of(a.data + 4);
    struct bm_view other = text_of(b.data + 4);
    struct bm_view scope = {one.data + one.len + 1, a.len - 9 - one.len};
    struct bm_view other_scope = {other.data + other.len + 1, b.len - 9 - other.len};
    *order = compare_bytes(one, other);
    return *order != 0
               ? BM_OK
               : compare_documents(&plain, BM_TYPE_OBJECT, scope, other_scope, depth, order, err);
}

/* Values of fixed length, or of their length first; no recursion. */
static int compare_plain(const struct bm_element *a, const struct bm_element *b)
{
    const uint8_t *one = a->value.data;
    const uint8_t *other = b->value.data;
    int64_t one_date;
    int64_t other_date;
    switch (a->type) {
    case BM_TYPE_CODE:
        return compare_bytes(text_of(one), text_of(other));
    case BM_TYPE_BINARY:
    case BM_TYPE_DB_POINTER:
        if (a->value.len != b->value.len) {
            return a->value.len > b->value.len ? 1 : -1;
        }
        return sign(memcmp(one + 4, other + 4, a->value.len - 4));
    case BM_TYPE_OBJECT_ID:
        return sign(memcmp(one, other, 12));
    case BM_TYPE_BOOL:
        return (one[0] != 0) - (other[0] != 0);
    case BM_TYPE_DATE:
        one_date = (int64_t)bm_le64(one);
        other_date = (int64_t)bm_le64(other);
        return (one_date > other_date) - (one_date < other_date);
    case BM_TYPE_TIMESTAMP:
        return (bm_le64(one) > bm_le64(other)) - (bm_le64(one) < bm_le64(other));
    case BM_TYPE_REGEX:
        return compare_regexes(one, other);
    default: /* null, undefined, MinKey, MaxKey */
        return 0;
    }
}

static enum bm_status compare_collated(const struct bm_comparing *comparing, struct bm_view a,
                                       struct bm_view b, int *order, struct bm_error *err)
{
    if (bm_collation_is_slow(a) || bm_collation_is_slow(b)) {
        *comparing->refusal = BM_REFUSAL_MARKS;
        return BM_END;
    }
    return bm_collation_compare(comparing->collation, a, b, comparing->units, order, err);
}

static enum bm_status compare(const struct bm_comparing *comparing, const struct bm_element *a,
                              const struct bm_element *b, unsigned depth, int *order,
                              struct bm_error *err)
{
    switch (a->type) {
    case BM_TYPE_DOUBLE:
    case BM_TYPE_INT32:
    case BM_TYPE_INT64:
    case BM_TYPE_DECIMAL128:
        *order = bm_number_compare(a->type, a->value.data, b->type, b->value.data);
        return BM_OK;
    case BM_TYPE_STRING:
    case BM_TYPE_SYMBOL:
        if (comparing->collation != NULL) {
            return compare_collated(comparing, text_of(a->value.data), text_of(b->value.data),
                                    order, err);
        }
        *order = compare_bytes(text_of(a->value.data), text_of(b->value.data));
        return BM_OK;
    case BM_TYPE_OBJECT:
    case BM_TYPE_ARRAY:
        return compare_documents(comparing, a->type, a->value, b->value, depth, order, err);
    case BM_TYPE_CODE_WITH_SCOPE:
        return compare_scoped(comparing, a->value, b->value, depth, order, err);
    default:
        *order = compare_plain(a, b);
        return BM_OK;
    }
}

enum bm_status bm_compare_values(const struct bm_comparing *comparing, const struct bm_element *a,
                                 const struct bm_element *b, int *order, struct bm_error *err)
{
    return compare(comparing, a, b, 0, order, err);
}
