/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <bson/bson.h>
#include <criterion/criterion.h>

#include "base/bytes.h"

static const struct {
    const char *text;
    double value;
    int truth;
} decimals[] = {
    {"0", 0, 0},
    {"-0", 0, 0},
    {"0E+6000", 0, 0},
    {"1", 1, 1},
    {"1.0", 1, 1},
    {"1.000000000000000000000000000000000", 1, 1},
    {"-1", -1, 1},
    {"10E-1", 1, 1},
    {"1E+3", 1000, 1},
    {"1048576", 1048576, 1},
    {"0.5", 0.5, 1},
    {"1E+400", INFINITY, 1},
    {"Infinity", INFINITY, 1},
    {"-Infinity", -INFINITY, 1},
};

Test(number, reads_decimals)
{
    for (size_t i = 0; i < sizeof decimals / sizeof decimals[0]; i++) {
        bson_decimal128_t decimal;
        uint8_t value[16];
        double number = 99;
        cr_assert(bson_decimal128_from_string(decimals[i].text, &decimal), "%s", decimals[i].text);
        bm_put_le64(value, decimal.low);
        bm_put_le64(value + 8, decimal.high);
        struct bm_element element = {.type = BM_TYPE_DECIMAL128, .value = {value, 16}};
        cr_expect_eq(bm_number_of(&element, &number), 1);
        cr_expect(number >= decimals[i].value && number <= decimals[i].value, "%s: %g",
                  decimals[i].text, number);
        cr_expect_eq(bm_number_truth(&element), decimals[i].truth, "%s", decimals[i].text);
    }
}

Test(number, the_ends_of_decimal128)
{
    static const struct {
        uint64_t high;
        int truth;
    } cases[] = {
        {0x7c00000000000000ull, 1}, /* NaN */
        {0x6c10000000000000ull, 0}, /* a coefficient past 34 digits counts as 0 */
        {0x0000000000000001ull, 1}, /* 2^64 * 10^-6176, below any double, and no zero */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t value[16] = {0};
        bm_put_le64(value + 8, cases[i].high);
        struct bm_element element = {.type = BM_TYPE_DECIMAL128, .value = {value, 16}};
        cr_expect_eq(bm_number_truth(&element), cases[i].truth, "%zu", i);
    }
}

Test(number, reads_the_other_types)
{
    static const struct {
        uint8_t type;
        const char *value;
        int is_number;
        double number;
        int truth;
    } cases[] = {
        {BM_TYPE_INT32, "\xff\xff\xff\xff", 1, -1, 1},
        {BM_TYPE_INT32, "\0\0\0\0", 1, 0, 0},
        {BM_TYPE_INT64, "\0\0\0\0\1\0\0\0", 1, 4294967296.0, 1},
        {BM_TYPE_DOUBLE, "\0\0\0\0\0\0\xf8\x3f", 1, 1.5, 1},
        {BM_TYPE_DOUBLE, "\0\0\0\0\0\0\0\x80", 1, 0, 0},
        {BM_TYPE_BOOL, "\1", 0, 0, 1},
        {BM_TYPE_BOOL, "\0", 0, 0, 0},
        {BM_TYPE_STRING, "\2\0\0\0x", 0, 0, 0},
        {BM_TYPE_NULL, "", 0, 0, 0},
        {BM_TYPE_DATE, "\1\0\0\0\0\0\0\0", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_element element = {.type = cases[i].type,
                                     .value = {(const uint8_t *)cases[i].value, 8}};
        double number = 99;
        cr_expect_eq(bm_number_of(&element, &number), cases[i].is_number, "%zu", i);
        double expected = cases[i].is_number ? cases[i].number : 99;
        cr_expect(number >= expected && number <= expected, "%zu: %g", i, number);
        cr_expect_eq(bm_number_truth(&element), cases[i].truth, "%zu", i);
    }
}
