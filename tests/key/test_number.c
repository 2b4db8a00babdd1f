/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "key/number.h"
#include "support/bson_text.h"

/* Rows of one group are one value; values of different groups differ. */
static const struct {
    int group;
    const char *value;
} numbers[] = {
    {0, "0"},
    {0, "{'$numberLong': '0'}"},
    {0, "{'$numberDouble': '0.0'}"},
    {0, "{'$numberDouble': '-0.0'}"},
    {0, "{'$numberDecimal': '0'}"},
    {0, "{'$numberDecimal': '-0'}"},
    {0, "{'$numberDecimal': '0E+5000'}"},
    {0, "{'$numberDecimal': '0E-6176'}"},
    {1, "42"},
    {1, "{'$numberLong': '42'}"},
    {1, "{'$numberDouble': '42.0'}"},
    {1, "{'$numberDecimal': '42'}"},
    {1, "{'$numberDecimal': '42.00'}"},
    {1, "{'$numberDecimal': '4.2E1'}"},
    {1, "{'$numberDecimal': '42.00000000000000000000000000000000'}"},
    {2, "-42"},
    {2, "{'$numberDecimal': '-42.0'}"},
    {3, "{'$numberDouble': 'NaN'}"},
    {3, "{'$numberDecimal': 'NaN'}"},
    {4, "{'$numberDouble': 'Infinity'}"},
    {4, "{'$numberDecimal': 'Infinity'}"},
    {5, "{'$numberDouble': '-Infinity'}"},
    {5, "{'$numberDecimal': '-Infinity'}"},
    {6, "{'$numberLong': '9007199254740993'}"},
    {6, "{'$numberDecimal': '9007199254740993'}"},
    {7, "{'$numberLong': '9007199254740992'}"},
    {7, "{'$numberDouble': '9007199254740992'}"},
    {8, "{'$numberLong': '9223372036854775807'}"},
    {8, "{'$numberDecimal': '9223372036854775807'}"},
    {9, "{'$numberDouble': '9223372036854775808'}"},
    {9, "{'$numberDecimal': '9223372036854775808'}"},
    {10, "{'$numberLong': '-9223372036854775808'}"},
    {10, "{'$numberDouble': '-9223372036854775808'}"},
    {11, "{'$numberDouble': '0.1'}"},
    {12, "{'$numberDecimal': '0.1'}"},
    {12, "{'$numberDecimal': '1E-1'}"},
    {12, "{'$numberDecimal': '0.1000000000000000000000000000000000'}"},
    {13, "{'$numberDouble': '0.5'}"},
    {13, "{'$numberDecimal': '0.50'}"},
    {14, "{'$numberDecimal': '1E6000'}"},
    {14, "{'$numberDecimal': '10E5999'}"},
    {15, "{'$numberDecimal': '1.000000000000000000000000000000001'}"},
    {16, "{'$numberDecimal': '1.000000000000000000000000000000002'}"},
    {17, "1"},
    {18, "{'$numberDouble': '1e27'}"}, /* 1000000000000000013287555072 */
    {18, "{'$numberDecimal': '1000000000000000013287555072'}"},
    {19, "{'$numberDecimal': '1E27'}"}, /* 5^27 is below 2^64: takes the binary form */
    {19, "{'$numberDecimal': '1000000000000000000000000000'}"},
    {20, "{'$numberDecimal': '1E28'}"}, /* 5^28 is not */
    {20, "{'$numberDecimal': '10000000000000000000000000000'}"},
    {21, "{'$numberDouble': '4.9406564584124654e-324'}"},
    {22, "{'$numberDouble': '2.2250738585072014e-308'}"},
    {23, "{'$numberDecimal': '1E-6176'}"},
    {24, "{'$numberDecimal': '18446744073709551615'}"},
    {25, "{'$numberDecimal': '18446744073709551616'}"},
    {25, "{'$numberDouble': '18446744073709551616'}"},
    {26, "{'$numberDecimal': '18446744073709551617'}"},
    {26, "{'$numberDecimal': '18446744073709551617.0'}"},
    {27, "{'$numberDecimal': '3.552713678800500929355621337890625E-15'}"}, /* 2^-48 */
    {27, "{'$numberDouble': '3.552713678800501e-15'}"},
};

#define COUNT (sizeof numbers / sizeof *numbers)

static struct bm_view form_of(size_t number, uint8_t *out)
{
    char json[128];
    (void)snprintf(json, sizeof json, "{'v': %s}", numbers[number].value);
    struct bm_buffer document = test_bson(json);
    struct bm_element element = test_element(&document, "v");
    size_t len = bm_number_write(element.type, element.value.data, out);
    bm_buffer_free(&document);
    return (struct bm_view){out, len};
}

Test(number, forms_are_equal_if_and_only_if_values_are)
{
    static uint8_t bytes[COUNT][BM_NUMBER_MOST];
    struct bm_view forms[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        forms[i] = form_of(i, bytes[i]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < COUNT; j++) {
            cr_assert_eq(bm_view_equal(forms[i], forms[j]), numbers[i].group == numbers[j].group,
                         "%s against %s", numbers[i].value, numbers[j].value);
        }
    }
}

/* Coefficients that no canonical decimal has; sign and exponent do not matter. */
static const struct {
    uint64_t low, high;
} not_canonical[] = {
    {UINT64_C(0x378d8e6400000000), UINT64_C(0x3041ed09bead87c0)}, /* 10^34 */
    {UINT64_MAX, UINT64_C(0x3041ffffffffffff)},
    {1, UINT64_C(0xb041ffffffffffff)},
    {1, UINT64_C(0x6000000000000000)}, /* the form for large coefficients */
    {7, UINT64_C(0xec10800000000000)},
};

Test(number, a_decimal_that_is_not_canonical_is_zero)
{
    for (size_t i = 0; i < sizeof not_canonical / sizeof *not_canonical; i++) {
        uint8_t value[16], form[BM_NUMBER_MOST], zero[BM_NUMBER_MOST];
        static const uint8_t integer[4] = {0};
        memcpy(value, &not_canonical[i].low, 8);
        memcpy(value + 8, &not_canonical[i].high, 8);
        cr_assert_eq(bm_number_write(BM_TYPE_DECIMAL128, value, form), 1);
        cr_assert_eq(bm_number_write(BM_TYPE_INT32, integer, zero), 1);
        cr_assert_eq(form[0], zero[0], "case %zu", i);
    }
}

Test(number, ten_to_the_34th_less_one_is_canonical)
{
    static const uint8_t largest[16] = {0xff, 0xff, 0xff, 0xff, 0x63, 0x8e, 0x8d, 0x37,
                                        0xc0, 0x87, 0xad, 0xbe, 0x09, 0xed, 0x41, 0x30};
    uint8_t form[BM_NUMBER_MOST];
    cr_assert_eq(bm_number_write(BM_TYPE_DECIMAL128, largest, form), BM_NUMBER_MOST);
}

static const struct {
    const char *value;
    int directs;
} directions[] = {
    {"1", 1},
    {"-7", 1},
    {"{'$numberDouble': '0.5'}", 1},
    {"{'$numberDouble': 'Infinity'}", 1},
    {"{'$numberDecimal': '0.1'}", 1},
    {"0", 0},
    {"{'$numberDouble': '-0.0'}", 0},
    {"{'$numberDecimal': '0E+7'}", 0},
    {"{'$numberDouble': 'NaN'}", 0},
    {"{'$numberDecimal': 'NaN'}", 0},
};

Test(number, zero_and_nan_are_no_directions)
{
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++) {
        char json[128];
        (void)snprintf(json, sizeof json, "{'v': %s}", directions[i].value);
        struct bm_buffer document = test_bson(json);
        struct bm_element element = test_element(&document, "v");
        cr_assert_eq(bm_number_directs(element.type, element.value.data), directions[i].directs,
                     "%s", directions[i].value);
        bm_buffer_free(&document);
    }
}
