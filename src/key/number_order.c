/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/bytes.h"
#include "bsonmend/document.h"
#include "key/number.h"

/*
 * Exact order of numbers of any types. Each is a sign and c * 2^a * 5^b; when their sizes lie
 * further apart than a factor of four, logarithms tell; else both are brought to the same a and b
 * and compared as integers.
 */
enum number_kind { NUMBER_NAN, NUMBER_FINITE, NUMBER_INFINITE };

struct number {
    enum number_kind kind;
    int negative;
    bm_u128 coefficient;
    int twos;
    int fives;
};

/*
 * Limbs of a coefficient brought to another's exponents. The widest: a double of 2^-1074 beside a
 * decimal of that size, whose exponent is then at least -357: 128 bits, 1074 + 357 twos, 357 fives
 * of 2.33 bits, together under 2,400.
 */
#define LIMBS 96u

struct integer {
    uint32_t limbs[LIMBS]; /* lowest first */
};

static struct number number_of_double(uint64_t bits)
{
    int exponent = (int)(bits >> 52 & 0x7ff);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    struct number number = {.kind = NUMBER_FINITE, .negative = (int)(bits >> 63)};
    if (exponent == 0x7ff) {
        number.kind = fraction != 0 ? NUMBER_NAN : NUMBER_INFINITE;
        return number;
    }
    number.coefficient = exponent == 0 ? fraction : fraction | UINT64_C(1) << 52;
    number.twos = exponent == 0 ? -1074 : exponent - 1075;
    return number;
}

static struct number number_of_integer(int64_t value)
{
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    return (struct number){.kind = NUMBER_FINITE, .negative = value < 0, .coefficient = size};
}

static struct number number_of(uint8_t type, const uint8_t *value)
{
    if (type == BM_TYPE_INT32) {
        return number_of_integer((int32_t)bm_le32(value));
    }
    if (type == BM_TYPE_INT64) {
        return number_of_integer((int64_t)bm_le64(value));
    }
    if (type == BM_TYPE_DOUBLE) {
        return number_of_double(bm_le64(value));
    }
    struct bm_decimal decimal = bm_decimal_read(value);
    enum number_kind kind = decimal.kind == BM_DECIMAL_NAN        ? NUMBER_NAN
                            : decimal.kind == BM_DECIMAL_INFINITE ? NUMBER_INFINITE
                                                                  : NUMBER_FINITE;
    return (struct number){.kind = kind,
                           .negative = decimal.negative,
                           .coefficient = decimal.coefficient,
                           .twos = decimal.exponent,
                           .fives = decimal.exponent};
}

/* The logarithm to base two, good to some millionths. */
static double logarithm(const struct number *number)
{
    static const double log2_of_5 = 2.321928094887362;
    uint64_t high = (uint64_t)(number->coefficient >> 64);
    int shift = high != 0 ? 128 - __builtin_clzll(high)
                          : 64 - __builtin_clzll((uint64_t)number->coefficient);
    return shift + number->twos + number->fives * log2_of_5;
}

static void multiply(struct integer *integer, uint32_t factor)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < LIMBS; i++) {
        carry += (uint64_t)integer->limbs[i] * factor;
        integer->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* coefficient * 2^twos * 5^fives, neither exponent below 0. */
static struct integer integer_of(bm_u128 coefficient, int twos, int fives)
{
    struct integer integer = {{0}};
    for (size_t i = 0; i < 4; i++) {
        integer.limbs[i] = (uint32_t)(coefficient >> (32 * i));
    }
    for (; fives > 0; fives--) {
        multiply(&integer, 5);
    }
    for (; twos >= 31; twos -= 31) {
        multiply(&integer, UINT32_C(1) << 31);
    }
    multiply(&integer, UINT32_C(1) << twos);
    return integer;
}

static int compare_integers(const struct integer *a, const struct integer *b)
{
    for (size_t i = LIMBS; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i]) {
            return a->limbs[i] > b->limbs[i] ? 1 : -1;
        }
    }
    return 0;
}

/* Neither is zero. */
static int compare_sizes(const struct number *a, const struct number *b)
{
    double apart = logarithm(a) - logarithm(b);
    if (apart > 2 || apart < -2) {
        return apart > 0 ? 1 : -1;
    }
    int twos = a->twos < b->twos ? a->twos : b->twos;
    int fives = a->fives < b->fives ? a->fives : b->fives;
    struct integer one = integer_of(a->coefficient, a->twos - twos, a->fives - fives);
    struct integer other = integer_of(b->coefficient, b->twos - twos, b->fives - fives);
    return compare_integers(&one, &other);
}

/* Below 0, 0 or above 0. */
static int sign_of(const struct number *number)
{
    if (number->kind == NUMBER_FINITE && number->coefficient == 0) {
        return 0;
    }
    return number->negative ? -1 : 1;
}

int bm_number_compare(uint8_t a_type, const uint8_t *a, uint8_t b_type, const uint8_t *b)
{
    struct number one = number_of(a_type, a);
    struct number other = number_of(b_type, b);
    if (one.kind == NUMBER_NAN || other.kind == NUMBER_NAN) {
        return (other.kind == NUMBER_NAN) - (one.kind == NUMBER_NAN);
    }
    int sign = sign_of(&one);
    if (sign != sign_of(&other)) {
        return sign > sign_of(&other) ? 1 : -1;
    }
    if (sign == 0) {
        return 0;
    }
    if (one.kind == NUMBER_INFINITE || other.kind == NUMBER_INFINITE) {
        return sign * ((one.kind == NUMBER_INFINITE) - (other.kind == NUMBER_INFINITE));
    }
    return sign * compare_sizes(&one, &other);
}
