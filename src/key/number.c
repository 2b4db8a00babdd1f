/* SPDX-License-Identifier: Apache-2.0 */
#include "key/number.h"

#include "base/bytes.h"
#include "bsonmend/document.h"

/*
 * Every value has exactly one form. If it is m * 2^e with m odd and below 2^64 it is written so:
 * that takes in all integers and doubles and the decimals equal to one of them. Any other value is
 * a decimal, written c * 10^q with c no multiple of ten.
 */
enum form {
    FORM_ZERO,
    FORM_NAN,
    FORM_INFINITE,
    FORM_NEGATIVE_INFINITE,
    FORM_BINARY,
    FORM_NEGATIVE_BINARY,
    FORM_DECIMAL,
    FORM_NEGATIVE_DECIMAL
};

static size_t write_exponent(int exponent, uint8_t *out)
{
    uint16_t bits = (uint16_t)(int16_t)exponent;
    out[0] = (uint8_t)bits;
    out[1] = (uint8_t)(bits >> 8);
    return 2;
}

static size_t write_binary(int negative, uint64_t mantissa, int exponent, uint8_t *out)
{
    if (mantissa == 0) {
        out[0] = FORM_ZERO;
        return 1;
    }
    int zeros = __builtin_ctzll(mantissa);
    out[0] = negative ? FORM_NEGATIVE_BINARY : FORM_BINARY;
    bm_put_le64(out + 1, mantissa >> zeros);
    return 9 + write_exponent(exponent + zeros, out + 9);
}

static size_t write_special(enum form form, uint8_t *out)
{
    out[0] = (uint8_t)form;
    return 1;
}

static size_t write_double(uint64_t bits, uint8_t *out)
{
    int negative = (int)(bits >> 63);
    int exponent = (int)(bits >> 52 & 0x7ff);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    if (exponent == 0x7ff) {
        enum form infinite = negative ? FORM_NEGATIVE_INFINITE : FORM_INFINITE;
        return write_special(fraction != 0 ? FORM_NAN : infinite, out);
    }
    if (exponent == 0) {
        return write_binary(negative, fraction, -1074, out);
    }
    return write_binary(negative, fraction | UINT64_C(1) << 52, exponent - 1075, out);
}

static size_t write_integer(int64_t value, uint8_t *out)
{
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    return write_binary(value < 0, magnitude, 0, out);
}

struct bm_decimal bm_decimal_read(const uint8_t *value)
{
    static const bm_u128 limit = (bm_u128)100000000000000000 * 100000000000000000;
    uint64_t high = bm_le64(value + 8);
    struct bm_decimal decimal = {.kind = BM_DECIMAL_FINITE, .negative = (int)(high >> 63)};
    unsigned combination = (unsigned)(high >> 58 & 0x1f);
    if (combination >= 0x1e) {
        decimal.kind = combination == 0x1f ? BM_DECIMAL_NAN : BM_DECIMAL_INFINITE;
    } else if (combination >= 0x18) {
        /* The form for coefficients of 8 * 2^110 and more: past the limit, whatever it is. */
        decimal.exponent = (int)(high >> 47 & 0x3fff) - 6176;
    } else {
        decimal.exponent = (int)(high >> 49 & 0x3fff) - 6176;
        bm_u128 coefficient = (bm_u128)(high & ((UINT64_C(1) << 49) - 1)) << 64 | bm_le64(value);
        decimal.coefficient = coefficient < limit ? coefficient : 0;
    }
    return decimal;
}

static int zeros_of(bm_u128 value)
{
    uint64_t low = (uint64_t)value;
    return low != 0 ? __builtin_ctzll(low) : 64 + __builtin_ctzll((uint64_t)(value >> 64));
}

/*
 * Whether coefficient * 10^exponent is m * 2^e with m odd and below 2^64. Powers of five are
 * multiplied in or divided out one by one; both ends come soon: 5^28 is past 2^64, and a
 * coefficient below 10^34 is no multiple of 5^49.
 */
static int as_binary(bm_u128 coefficient, int exponent, uint64_t *mantissa, int *binary_exponent)
{
    int zeros = zeros_of(coefficient);
    bm_u128 odd = coefficient >> zeros;
    for (int left = exponent; left > 0; left--) {
        if (odd >> 64 != 0) {
            return 0;
        }
        odd *= 5;
    }
    for (int left = exponent; left < 0; left++) {
        if (odd % 5 != 0) {
            return 0;
        }
        odd /= 5;
    }
    *mantissa = (uint64_t)odd;
    *binary_exponent = exponent + zeros;
    return odd >> 64 == 0;
}

static size_t write_decimal(const uint8_t *value, uint8_t *out)
{
    struct bm_decimal decimal = bm_decimal_read(value);
    if (decimal.kind != BM_DECIMAL_FINITE) {
        enum form infinite = decimal.negative ? FORM_NEGATIVE_INFINITE : FORM_INFINITE;
        return write_special(decimal.kind == BM_DECIMAL_NAN ? FORM_NAN : infinite, out);
    }
    uint64_t mantissa;
    int exponent;
    if (decimal.coefficient == 0) {
        return write_special(FORM_ZERO, out);
    }
    if (as_binary(decimal.coefficient, decimal.exponent, &mantissa, &exponent)) {
        return write_binary(decimal.negative, mantissa, exponent, out);
    }
    bm_u128 coefficient = decimal.coefficient;
    exponent = decimal.exponent;
    while (coefficient % 10 == 0) {
        coefficient /= 10;
        exponent++;
    }
    out[0] = decimal.negative ? FORM_NEGATIVE_DECIMAL : FORM_DECIMAL;
    bm_put_le64(out + 1, (uint64_t)coefficient);
    bm_put_le64(out + 9, (uint64_t)(coefficient >> 64));
    return 17 + write_exponent(exponent, out + 17);
}

size_t bm_number_write(uint8_t type, const uint8_t *value, uint8_t *out)
{
    switch (type) {
    case BM_TYPE_INT32:
        return write_integer((int32_t)bm_le32(value), out);
    case BM_TYPE_INT64:
        return write_integer((int64_t)bm_le64(value), out);
    case BM_TYPE_DOUBLE:
        return write_double(bm_le64(value), out);
    default:
        return write_decimal(value, out);
    }
}

int bm_number_directs(uint8_t type, const uint8_t *value)
{
    uint8_t form[BM_NUMBER_MOST];
    (void)bm_number_write(type, value, form);
    return form[0] != FORM_ZERO && form[0] != FORM_NAN;
}
