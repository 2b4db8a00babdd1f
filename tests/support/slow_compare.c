/* SPDX-License-Identifier: Apache-2.0 */
#include "support/slow_compare.h"

#include <math.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/bytes.h"

#define WORDS 2048

/* (-1)^negative * digits * 2^two * 10^ten */
struct fraction {
    int special; /* 0, 'n'an or 'i'nfinite */
    int negative;
    int two;
    int ten;
    uint32_t digits[WORDS];
};

static void multiply(uint32_t *digits, uint32_t by)
{
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (uint64_t)digits[i] * by;
        digits[i] = (uint32_t)carry;
        carry >>= 32;
    }
    cr_assert_eq(carry, 0, "the slow comparison ran out of digits");
}

static void multiply_power(uint32_t *digits, uint32_t base, int exponent)
{
    for (int i = 0; i < exponent; i++) {
        multiply(digits, base);
    }
}

static int is_zero(const struct fraction *number)
{
    for (int i = 0; i < WORDS; i++) {
        if (number->digits[i] != 0) {
            return 0;
        }
    }
    return 1;
}

/* log2, at most one too large. */
static double magnitude(const struct fraction *number)
{
    static const double log2_of_ten = 3.321928094887362;
    int top = WORDS - 1;
    while (top > 0 && number->digits[top] == 0) {
        top--;
    }
    int bits = 32 * top;
    for (uint32_t left = number->digits[top]; left > 0; left /= 2) {
        bits++;
    }
    return bits + number->two + number->ten * log2_of_ten;
}

static void read_double(struct fraction *out, uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    out->special = isnan(value) ? 'n' : isinf(value) ? 'i' : 0;
    out->negative = signbit(value) != 0;
    if (out->special == 0 && value != 0) {
        int exponent;
        double part = frexp(fabs(value), &exponent);
        uint64_t whole = (uint64_t)ldexp(part, 53);
        out->digits[0] = (uint32_t)whole;
        out->digits[1] = (uint32_t)(whole >> 32);
        out->two = exponent - 53;
    }
}

static int compare_digits(const uint32_t *a, const uint32_t *b)
{
    for (int i = WORDS - 1; i >= 0; i--) {
        if (a[i] != b[i]) {
            return a[i] > b[i] ? 1 : -1;
        }
    }
    return 0;
}

static void read_decimal(struct fraction *out, const uint8_t *value)
{
    unsigned top = (unsigned)value[15] << 8 | value[14]; /* sign, combination, … */
    out->negative = top >> 15;
    if ((top >> 10 & 31) >= 30) {
        out->special = (top >> 10 & 31) == 31 ? 'n' : 'i';
        return;
    }
    if ((top >> 13 & 3) == 3) {
        return; /* a large coefficient: zero */
    }
    out->ten = (int)(top >> 1 & 0x3fff) - 6176;
    for (int i = 0; i < 4; i++) {
        out->digits[i] = bm_le32(value + 4 * i);
    }
    out->digits[3] &= 0x1ffff;
    static uint32_t limit[WORDS];
    memset(limit, 0, sizeof limit);
    limit[0] = 1;
    multiply_power(limit, 10, 34);
    if (compare_digits(out->digits, limit) >= 0) {
        memset(out->digits, 0, sizeof out->digits);
    }
}

static void read_number(struct fraction *out, uint8_t type, const uint8_t *value)
{
    memset(out, 0, sizeof *out);
    if (type == BM_TYPE_DOUBLE) {
        read_double(out, bm_le64(value));
    } else if (type == BM_TYPE_DECIMAL128) {
        read_decimal(out, value);
    } else {
        int64_t integer = type == BM_TYPE_INT32 ? (int32_t)bm_le32(value) : (int64_t)bm_le64(value);
        out->negative = integer < 0;
        uint64_t size = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
        out->digits[0] = (uint32_t)size;
        out->digits[1] = (uint32_t)(size >> 32);
    }
}

static void scale(struct fraction *number, int two, int ten)
{
    multiply_power(number->digits, 2, number->two - two);
    multiply_power(number->digits, 10, number->ten - ten);
}

static int equal_numbers(uint8_t a_type, const uint8_t *a, uint8_t b_type, const uint8_t *b)
{
    static struct fraction one;
    static struct fraction other;
    read_number(&one, a_type, a);
    read_number(&other, b_type, b);
    if (one.special != 0 || other.special != 0) {
        return one.special == other.special &&
               (one.special == 'n' || one.negative == other.negative);
    }
    if (is_zero(&one) || is_zero(&other)) {
        return is_zero(&one) && is_zero(&other);
    }
    if (one.negative != other.negative || fabs(magnitude(&one) - magnitude(&other)) > 1.5) {
        return 0;
    }
    int two = one.two < other.two ? one.two : other.two;
    int ten = one.ten < other.ten ? one.ten : other.ten;
    scale(&one, two, ten);
    scale(&other, two, ten);
    return compare_digits(one.digits, other.digits) == 0;
}

static int is_number(uint8_t type)
{
    return type == BM_TYPE_DOUBLE || type == BM_TYPE_INT32 || type == BM_TYPE_INT64 ||
           type == BM_TYPE_DECIMAL128;
}

static int is_string(uint8_t type)
{
    return type == BM_TYPE_STRING || type == BM_TYPE_SYMBOL;
}

static int equal_elements(struct bm_view a, struct bm_view b, int names)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements one, other;
    struct bm_element x, y;
    cr_assert_eq(bm_elements_open(&one, a, &err), BM_OK);
    cr_assert_eq(bm_elements_open(&other, b, &err), BM_OK);
    for (;;) {
        enum bm_status left = bm_elements_next(&one, &x, &err);
        enum bm_status right = bm_elements_next(&other, &y, &err);
        cr_assert(left != BM_FAIL && right != BM_FAIL);
        if (left != right) {
            return 0;
        }
        if (left == BM_END) {
            return 1;
        }
        if ((names && !bm_view_equal(x.name, y.name)) ||
            !test_slow_equal(x.type, x.value, y.type, y.value)) {
            return 0;
        }
    }
}

static int equal_scoped(struct bm_view a, struct bm_view b)
{
    size_t one = 8 + (size_t)bm_le32(a.data + 4);
    size_t other = 8 + (size_t)bm_le32(b.data + 4);
    return one == other && memcmp(a.data + 4, b.data + 4, one - 4) == 0 &&
           equal_elements((struct bm_view){a.data + one, a.len - one},
                          (struct bm_view){b.data + other, b.len - other}, 1);
}

int test_slow_equal(uint8_t a_type, struct bm_view a, uint8_t b_type, struct bm_view b)
{
    if (is_number(a_type) || is_number(b_type)) {
        return is_number(a_type) && is_number(b_type) &&
               equal_numbers(a_type, a.data, b_type, b.data);
    }
    if (is_string(a_type) && is_string(b_type)) {
        return bm_view_equal(a, b);
    }
    if (a_type != b_type) {
        return 0;
    }
    if (a_type == BM_TYPE_OBJECT || a_type == BM_TYPE_ARRAY) {
        return equal_elements(a, b, a_type == BM_TYPE_OBJECT);
    }
    if (a_type == BM_TYPE_CODE_WITH_SCOPE) {
        return equal_scoped(a, b);
    }
    if (a_type == BM_TYPE_BOOL) {
        return (a.data[0] != 0) == (b.data[0] != 0);
    }
    return bm_view_equal(a, b);
}
