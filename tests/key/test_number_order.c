/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "key/number.h"
#include "support/bson_text.h"

/* Rising; a line holds equal numbers. */
static const char *const ladder[] = {
    "[{'$numberDouble': 'NaN'}, {'$numberDecimal': 'NaN'}]",
    "[{'$numberDouble': '-Infinity'}, {'$numberDecimal': '-Infinity'}]",
    "[{'$numberDecimal': '-9.999999999999999999999999999999999E+6144'}]",
    "[{'$numberDecimal': '-1E6000'}]",
    "[{'$numberDouble': '-1.7976931348623157E308'}]",
    "[{'$numberLong': '-9223372036854775808'}, {'$numberDouble': '-9223372036854775808'}]",
    "[{'$numberLong': '-9223372036854775807'}, {'$numberDecimal': '-9223372036854775807'}]",
    "[{'$numberInt': '-2147483648'}, {'$numberDouble': '-2147483648.0'}]",
    "[{'$numberDecimal': '-1.000000000000000000000000000000001'}]",
    "[{'$numberInt': '-1'}, {'$numberLong': '-1'}, {'$numberDecimal': '-1.00'}]",
    "[{'$numberDecimal': '-1E-6176'}]",
    "[{'$numberInt': '0'}, {'$numberDouble': '-0.0'}, {'$numberDecimal': '-0E+5000'}]",
    "[{'$numberDecimal': '1E-6176'}]",
    "[{'$numberDecimal': '4.940656458412465441765687928682213E-324'}]",
    "[{'$numberDouble': '5e-324'}]",
    "[{'$numberDecimal': '4.940656458412465441765687928682214E-324'}]",
    "[{'$numberDouble': '1e-323'}]",
    "[{'$numberDecimal': '0.1'}]",
    "[{'$numberDouble': '0.1'}]",
    "[{'$numberDecimal': '0.1000000000000000055511151231257828'}]",
    "[{'$numberDouble': '0.5'}, {'$numberDecimal': '0.50'}]",
    "[{'$numberDecimal': '0.9999999999999999999999999999999999'}]",
    "[{'$numberInt': '1'}, {'$numberDecimal': '1.000000000000000000000000000000000'}]",
    "[{'$numberDouble': '1.0000000000000002'}]",
    "[{'$numberInt': '42'}, {'$numberDecimal': '4.2E1'}, {'$numberDouble': '42'}]",
    "[{'$numberLong': '9007199254740992'}, {'$numberDouble': '9007199254740992'}]",
    "[{'$numberLong': '9007199254740993'}, {'$numberDecimal': '9007199254740993'}]",
    "[{'$numberDouble': '9007199254740994'}]",
    "[{'$numberLong': '9223372036854775807'}]",
    "[{'$numberDouble': '9223372036854775808'}, {'$numberDecimal': '9223372036854775808'}]",
    "[{'$numberDouble': '1e22'}, {'$numberDecimal': '1E22'}]",
    "[{'$numberDecimal': '9.999999999999999161113607E22'}]",
    "[{'$numberDouble': '1e23'}, {'$numberDecimal': '99999999999999991611392'}]",
    "[{'$numberDecimal': '1E23'}]",
    "[{'$numberDecimal': '1.797693134862315708145274237317043E308'}]",
    "[{'$numberDouble': '1.7976931348623157E308'}]",
    "[{'$numberDecimal': '1.797693134862315708145274237317044E308'}]",
    "[{'$numberDecimal': '1E6000'}]",
    "[{'$numberDouble': 'Infinity'}, {'$numberDecimal': 'Infinity'}]",
};

#define RUNGS (sizeof ladder / sizeof *ladder)

static size_t read_rung(size_t rung, struct bm_buffer *document, struct bm_element *out)
{
    char json[400];
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    size_t count = 0;
    (void)snprintf(json, sizeof json, "{'a': %s}", ladder[rung]);
    *document = test_bson(json);
    struct bm_element list = test_element(document, "a");
    cr_assert_eq(bm_elements_open(&elements, list.value, &err), BM_OK);
    while (bm_elements_next(&elements, &out[count], &err) == BM_OK) {
        count++;
    }
    return count;
}

Test(number_order, is_exact_across_types)
{
    struct bm_buffer documents[RUNGS];
    struct bm_element numbers[RUNGS][4];
    size_t counts[RUNGS];
    for (size_t i = 0; i < RUNGS; i++) {
        counts[i] = read_rung(i, &documents[i], numbers[i]);
    }
    for (size_t i = 0; i < RUNGS * RUNGS; i++) {
        size_t low = i / RUNGS;
        size_t high = i % RUNGS;
        int expected = (low > high) - (low < high);
        for (size_t k = 0; k < counts[low] * counts[high]; k++) {
            const struct bm_element *a = &numbers[low][k / counts[high]];
            const struct bm_element *b = &numbers[high][k % counts[high]];
            int order = bm_number_compare(a->type, a->value.data, b->type, b->value.data);
            cr_assert_eq(order, expected, "%s %s: %d", ladder[low], ladder[high], order);
        }
    }
    for (size_t i = 0; i < RUNGS; i++) {
        bm_buffer_free(&documents[i]);
    }
}
