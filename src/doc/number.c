/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/number.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "base/bytes.h"

#define EXPONENT_BIAS 6176
#define EXPONENT_MASK 0x3fffu
#define TWO_TO_64 18446744073709551616.0
#define COEFFICIENT_HIGH_MASK 0x1ffffffffffffull

/* IEEE 754 decimal128, binary integer coefficient: sign, 14 bits of exponent, 113 bits. */
static double decimal_value(uint64_t low, uint64_t high)
{
    double sign = high >> 63 != 0 ? -1.0 : 1.0;
    unsigned special = (unsigned)(high >> 58) & 0x1f;
    if (special == 0x1f) {
        return (double)NAN;
    }
    if (special == 0x1e) {
        return sign * (double)INFINITY;
    }
    if (special >= 0x18) {
        /* A coefficient over 34 digits: the standard takes it for zero. */
        return sign * 0.0;
    }
    int exponent = (int)((high >> 49) & EXPONENT_MASK) - EXPONENT_BIAS;
    double number = (double)(high & COEFFICIENT_HIGH_MASK) * TWO_TO_64 + (double)low;
    if (number <= 0) {
        return sign * 0.0;
    }
    /* Dividing keeps what is whole exact: 10 * 10^-1 is 1. Both loops end within the range of a
     * double, and what is not zero does not become zero. */
    for (; exponent > 0 && number <= DBL_MAX; exponent--) {
        number *= 10;
    }
    for (; exponent < 0 && number >= DBL_MIN; exponent++) {
        number /= 10;
    }
    return sign * number;
}

int bm_number_of(const struct bm_element *element, double *out)
{
    const uint8_t *value = element->value.data;
    uint64_t bits;
    switch (element->type) {
    case BM_TYPE_INT32:
        *out = (double)(int32_t)bm_le32(value);
        return 1;
    case BM_TYPE_INT64:
        *out = (double)(int64_t)bm_le64(value);
        return 1;
    case BM_TYPE_DOUBLE:
        bits = bm_le64(value);
        memcpy(out, &bits, sizeof bits);
        return 1;
    case BM_TYPE_DECIMAL128:
        *out = decimal_value(bm_le64(value), bm_le64(value + 8));
        return 1;
    default:
        return 0;
    }
}

int bm_number_truth(const struct bm_element *element)
{
    double number;
    if (element->type == BM_TYPE_BOOL) {
        return element->value.data[0] != 0;
    }
    return bm_number_of(element, &number) && !(number >= 0 && number <= 0);
}

int bm_element_truth(const struct bm_element *element)
{
    double number;
    if (element->type == BM_TYPE_BOOL || bm_number_of(element, &number)) {
        return bm_number_truth(element);
    }
    return element->type != BM_TYPE_NULL && element->type != BM_TYPE_UNDEFINED;
}
