/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "bsonmend/key.h"
#include "key/canonical.h"
#include "support/bson_text.h"
#include "support/slow_compare.h"

/* ---- random values: from small pools, so that equal ones are common ---- */

struct random {
    uint64_t state;
};

static uint64_t draw(struct random *random, uint64_t below)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return (random->state >> 11) % below;
}

static void put(struct bm_buffer *out, const void *bytes, size_t len)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_append(out, (struct bm_view){bytes, len}, &err), BM_OK);
}

static void put_le(struct bm_buffer *out, uint64_t value, size_t len)
{
    uint8_t bytes[8];
    bm_put_le64(bytes, value);
    put(out, bytes, len);
}

static void put_double(struct bm_buffer *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_le(out, bits, 8);
}

static void put_decimal(struct bm_buffer *out, int negative, uint64_t high, uint64_t low,
                        int exponent)
{
    put_le(out, low, 8);
    put_le(out, (uint64_t)negative << 63 | (uint64_t)(exponent + 6176) << 49 | high, 8);
}

static const int64_t integers[] = {0,
                                   1,
                                   -1,
                                   5,
                                   10,
                                   100,
                                   1000,
                                   42,
                                   INT32_MAX,
                                   INT32_MIN,
                                   INT64_MAX,
                                   INT64_MIN,
                                   9007199254740992,
                                   9007199254740993,
                                   1953125,
                                   7450580596923828125,
                                   1 << 20};

/* A number m * 2^-k or m * 10^k in one of the types that can hold it, or nearly. */
static uint8_t put_number(struct random *random, struct bm_buffer *out)
{
    int64_t integer = integers[draw(random, sizeof integers / sizeof *integers)];
    uint64_t size = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    static const double halves[] = {1, 0.5, 0.125, 1e300, 1e-300, 1e-16};
    switch (draw(random, 8)) {
    case 0:
        put_le(out, (uint64_t)integer, 4);
        return BM_TYPE_INT32;
    case 1:
        put_le(out, (uint64_t)integer, 8);
        return BM_TYPE_INT64;
    case 2:
        put_double(out, (double)integer);
        return BM_TYPE_DOUBLE;
    case 3:
        put_double(out, (double)integer * halves[draw(random, 6)]);
        return BM_TYPE_DOUBLE;
    case 4: /* the same with zeros behind it */
        for (uint64_t zeros = draw(random, 4); zeros > 0; zeros--) {
            if (size > UINT64_MAX / 10) {
                put_decimal(out, integer < 0, 0, size, 0);
                return BM_TYPE_DECIMAL128;
            }
            size *= 10;
        }
        put_decimal(out, integer < 0, 0, size, -(int)draw(random, 4));
        return BM_TYPE_DECIMAL128;
    case 5:
        put_decimal(out, integer < 0, 0, size, (int)draw(random, 60) - 30);
        return BM_TYPE_DECIMAL128;
    case 6: /* large and odd coefficients, canonical and not */
        put_decimal(out, integer < 0, draw(random, 3) << 47, size, (int)draw(random, 3) * 40 - 40);
        return BM_TYPE_DECIMAL128;
    default:
        put_double(out, draw(random, 2) ? 0.0 / (double)(integer & 1) : (double)integer / 0.0);
        return BM_TYPE_DOUBLE;
    }
}

static void put_string(struct random *random, struct bm_buffer *out)
{
    static const struct bm_view texts[] = {{(const uint8_t *)"\0", 1},
                                           {(const uint8_t *)"a\0", 2},
                                           {(const uint8_t *)"a\0b\0", 4},
                                           {(const uint8_t *)"A\0", 2},
                                           {(const uint8_t *)"\xff\0", 2}};
    struct bm_view text = texts[draw(random, 5)];
    put_le(out, text.len, 4);
    put(out, text.data, text.len);
}

static uint8_t put_value(struct random *random, struct bm_buffer *out, unsigned depth);

static void put_document(struct random *random, struct bm_buffer *out, unsigned depth)
{
    static const char *const names[] = {"", "a", "b", "0", "1"};
    size_t start = out->len;
    put_le(out, 0, 4);
    for (uint64_t left = draw(random, 4); left > 0; left--) {
        size_t at = out->len;
        const char *name = names[draw(random, 5)];
        put_le(out, 0, 1);
        put(out, name, strlen(name) + 1);
        uint8_t type = put_value(random, out, depth + 1);
        out->data[at] = type;
    }
    put_le(out, 0, 1);
    bm_put_le32(out->data + start, (uint32_t)(out->len - start));
}

static uint8_t put_code_with_scope(struct random *random, struct bm_buffer *out, unsigned depth)
{
    size_t start = out->len;
    put_le(out, 0, 4);
    put_string(random, out);
    put_document(random, out, depth);
    bm_put_le32(out->data + start, (uint32_t)(out->len - start));
    return BM_TYPE_CODE_WITH_SCOPE;
}

static void put_binary(struct random *random, struct bm_buffer *out)
{
    uint64_t len = draw(random, 3);
    put_le(out, len, 4);
    put_le(out, draw(random, 3), 1);
    put_le(out, draw(random, 2), len);
}

static const uint8_t types[] = {
    BM_TYPE_STRING,     BM_TYPE_OBJECT,         BM_TYPE_ARRAY,  BM_TYPE_BINARY,  BM_TYPE_UNDEFINED,
    BM_TYPE_OBJECT_ID,  BM_TYPE_BOOL,           BM_TYPE_DATE,   BM_TYPE_NULL,    BM_TYPE_REGEX,
    BM_TYPE_DB_POINTER, BM_TYPE_CODE,           BM_TYPE_SYMBOL, BM_TYPE_MIN_KEY, BM_TYPE_MAX_KEY,
    BM_TYPE_TIMESTAMP,  BM_TYPE_CODE_WITH_SCOPE};

static uint8_t put_value(struct random *random, struct bm_buffer *out, unsigned depth)
{
    static const char *const regexes[] = {"a\0i\0", "ai\0\0\0", "\0ai\0"};
    if (draw(random, 3) == 0) {
        return put_number(random, out);
    }
    uint8_t type = types[draw(random, sizeof types)];
    switch (type) {
    case BM_TYPE_STRING:
    case BM_TYPE_SYMBOL:
    case BM_TYPE_CODE:
        put_string(random, out);
        return type;
    case BM_TYPE_OBJECT:
    case BM_TYPE_ARRAY:
        if (depth < 4) {
            put_document(random, out, depth);
            return type;
        }
        return BM_TYPE_NULL;
    case BM_TYPE_CODE_WITH_SCOPE:
        return depth < 4 ? put_code_with_scope(random, out, depth) : BM_TYPE_NULL;
    case BM_TYPE_BINARY:
        put_binary(random, out);
        return type;
    case BM_TYPE_DB_POINTER:
        put_string(random, out);
        put_le(out, 0, 8);
        put_le(out, draw(random, 2), 4);
        return type;
    case BM_TYPE_OBJECT_ID:
        put_le(out, draw(random, 2), 4);
        put_le(out, 0, 8);
        return type;
    case BM_TYPE_BOOL:
        put_le(out, draw(random, 3), 1);
        return type;
    case BM_TYPE_DATE:
    case BM_TYPE_TIMESTAMP:
        put_le(out, draw(random, 2), 8);
        return type;
    case BM_TYPE_REGEX:
        put(out, regexes[draw(random, 2)], 4);
        return type;
    default:
        return type;
    }
}

struct value {
    uint8_t type;
    struct bm_buffer bytes;
    struct bm_buffer canonical;
};

static void make_value(struct random *random, struct value *value)
{
    struct bm_error err = BM_ERROR_INIT;
    value->bytes = BM_BUFFER_INIT((size_t)1 << 20);
    value->canonical = BM_BUFFER_INIT((size_t)1 << 20);
    value->type = put_value(random, &value->bytes, 0);
    struct bm_view bytes = bm_buffer_view(&value->bytes);
    cr_assert_eq(bm_key_canonical(value->type, bytes, &value->canonical, &err), BM_OK);
}

static size_t compare_all(uint64_t seed)
{
    enum { COUNT = 500 };
    static struct value values[COUNT];
    struct random random = {seed};
    size_t equal = 0;
    for (size_t i = 0; i < COUNT; i++) {
        make_value(&random, &values[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < i; j++) {
            struct value *a = &values[i];
            struct value *b = &values[j];
            int slow = test_slow_equal(a->type, bm_buffer_view(&a->bytes), b->type,
                                       bm_buffer_view(&b->bytes));
            int fast = bm_view_equal(bm_buffer_view(&a->canonical), bm_buffer_view(&b->canonical));
            cr_assert_eq(slow, fast, "seed %lu: value %zu (type %u) and %zu (type %u): %d, not %d",
                         seed, i, a->type, j, b->type, fast, slow);
            equal += (size_t)slow;
        }
    }
    for (size_t i = 0; i < COUNT; i++) {
        bm_buffer_free(&values[i].bytes);
        bm_buffer_free(&values[i].canonical);
    }
    return equal;
}

Test(canonical, equal_bytes_if_and_only_if_equal_values)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        cr_assert_gt(compare_all(seed * UINT64_C(0x9e3779b97f4a7c15)), 1000);
    }
}

/* Pairs of two-component keys that would run together if a form did not tell its own end. */
Test(canonical, no_form_starts_another)
{
    struct random random = {42};
    static struct value values[400];
    for (size_t i = 0; i < 400; i++) {
        make_value(&random, &values[i]);
    }
    for (size_t i = 0; i < 400; i++) {
        for (size_t j = 0; j < 400; j++) {
            struct bm_view a = bm_buffer_view(&values[i].canonical);
            struct bm_view b = bm_buffer_view(&values[j].canonical);
            if (a.len < b.len) {
                cr_assert_neq(memcmp(a.data, b.data, a.len), 0, "%zu starts %zu", i, j);
            }
        }
    }
    for (size_t i = 0; i < 400; i++) {
        bm_buffer_free(&values[i].bytes);
        bm_buffer_free(&values[i].canonical);
    }
}

/* ---- edges ---- */

/* `depth` arrays, one in the other. */
static struct bm_buffer nested(size_t depth)
{
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    size_t len = 5 + (depth - 1) * 8;
    for (size_t i = 1; i < depth; i++, len -= 8) {
        put_le(&out, len, 4);
        put(&out,
            "\x04"
            "0",
            3);
    }
    put_le(&out, 5, 4);
    for (size_t i = 0; i < depth; i++) {
        put_le(&out, 0, 1);
    }
    return out;
}

Test(canonical, depth_is_bounded)
{
    struct bm_error err = BM_ERROR_INIT;
    for (size_t depth = BM_DEPTH_MOST; depth <= BM_DEPTH_MOST + 1; depth++) {
        struct bm_buffer value = nested(depth);
        struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
        struct bm_canonical canonical = {.out = &out, .origin = value.data};
        enum bm_status status =
            bm_canonical_append(&canonical, BM_TYPE_ARRAY, bm_buffer_view(&value), &err);
        cr_assert_eq(status, depth <= BM_DEPTH_MOST ? BM_OK : BM_END);
        cr_assert_eq(canonical.refusal,
                     depth <= BM_DEPTH_MOST ? BM_REFUSAL_NONE : BM_REFUSAL_DEPTH);
        bm_buffer_free(&value);
        bm_buffer_free(&out);
    }
}

Test(canonical, damage_inside_is_told_from_the_origin)
{
    /* { v: { o: { n: <type 0x55> } } } */
    struct bm_buffer document = test_bson("{'v': {'o': {'n': 1}}}");
    struct bm_element element = test_element(&document, "v");
    size_t at = 4 + 3 + 4 + 3 + 4;
    cr_assert_eq(document.data[at], BM_TYPE_INT32);
    document.data[at] = 0x55;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_canonical canonical = {.out = &out, .origin = document.data};
    enum bm_status status = bm_canonical_append(&canonical, element.type, element.value, &err);
    cr_assert_eq(status, BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_CORRUPT);
    cr_assert_eq(err.offset, at);
    bm_buffer_free(&document);
    bm_buffer_free(&out);
}
