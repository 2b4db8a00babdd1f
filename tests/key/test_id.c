/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>
#include <stdio.h>

#include "bsonmend/key.h"
#include "support/bson_text.h"

#define UNKNOWN 9

static const struct {
    const char *a, *b;
    int order;
} pairs[] = {
    {"{'$oid': '650000000000000000000001'}", "{'$oid': '650000000000000000000002'}", -1},
    {"{'$oid': '650000000000000000000001'}", "{'$oid': '650000000000000000000001'}", 0},
    {"{'$oid': 'ff0000000000000000000000'}", "{'$oid': '7f0000000000000000000000'}", 1},
    {"1", "2", -1},
    {"-1", "1", -1},
    {"1", "{'$numberLong': '1'}", 0},
    {"{'$numberLong': '9223372036854775807'}", "{'$numberLong': '-9223372036854775808'}", 1},
    {"1", "{'$numberDouble': '1.5'}", -1},
    {"-1", "{'$numberDouble': '-1.5'}", 1},
    {"1", "{'$numberDouble': '1.0'}", 0},
    {"0", "{'$numberDouble': '-0.0'}", 0},
    {"{'$numberDouble': '0.0'}", "{'$numberDouble': '-0.0'}", 0},
    {"{'$numberLong': '9007199254740993'}", "{'$numberDouble': '9007199254740992'}", 1},
    {"{'$numberLong': '9223372036854775807'}", "{'$numberDouble': '9223372036854775808'}", -1},
    {"{'$numberLong': '-9223372036854775808'}", "{'$numberDouble': '-9223372036854775808'}", 0},
    {"{'$numberLong': '-9223372036854775808'}", "{'$numberDouble': '-1e300'}", 1},
    {"{'$numberLong': '9223372036854775807'}", "{'$numberDouble': 'Infinity'}", -1},
    {"{'$numberDouble': 'NaN'}", "{'$numberDouble': 'NaN'}", 0},
    {"{'$numberDouble': 'NaN'}", "{'$numberDouble': '-Infinity'}", -1},
    {"{'$numberDouble': 'NaN'}", "-5", -1},
    {"{'$numberDouble': '2.5'}", "{'$numberDouble': '-2.5'}", 1},
    {"'a'", "'b'", -1},
    {"'a'", "'ab'", -1},
    {"'b'", "'ab'", 1},
    {"''", "'a'", -1},
    {"'a'", "'a'", 0},
    {"'é'", "'z'", 1},
    {"{'$date': {'$numberLong': '-5'}}", "{'$date': {'$numberLong': '3'}}", -1},
    {"{'$binary': {'base64': 'AQ==', 'subType': '09'}}",
     "{'$binary': {'base64': 'AAE=', 'subType': '00'}}", -1},
    {"{'$binary': {'base64': 'AQ==', 'subType': '04'}}",
     "{'$binary': {'base64': 'AA==', 'subType': '05'}}", -1},
    {"{'$binary': {'base64': 'AQ==', 'subType': '80'}}",
     "{'$binary': {'base64': 'AA==', 'subType': '05'}}", 1},
    {"{'$binary': {'base64': 'AQ==', 'subType': '00'}}",
     "{'$binary': {'base64': '/w==', 'subType': '00'}}", -1},
    {"{'$binary': {'base64': '', 'subType': '00'}}", "{'$binary': {'base64': '', 'subType': '00'}}",
     0},
    {"1", "'a'", UNKNOWN},
    {"{'$oid': '650000000000000000000001'}", "'a'", UNKNOWN},
    {"{'$numberDecimal': '1'}", "2", UNKNOWN},
    {"{'$numberDecimal': '1'}", "{'$numberDecimal': '2'}", UNKNOWN},
    {"null", "null", UNKNOWN},
    {"true", "false", UNKNOWN},
    {"{'x': 1}", "{'x': 2}", UNKNOWN},
    {"{'$timestamp': {'t': 1, 'i': 1}}", "{'$timestamp': {'t': 2, 'i': 1}}", UNKNOWN},
    {"{'$symbol': 'a'}", "'b'", UNKNOWN},
};

static int order_of(const struct bm_element *a, const struct bm_element *b)
{
    int order = UNKNOWN;
    enum bm_status status = bm_id_compare(a, b, &order);
    return status == BM_OK ? order : UNKNOWN;
}

Test(id, of_some_kinds_and_a_second_one_are_refused)
{
    static const struct {
        const char *document;
        const char *problem;
    } cases[] = {
        {"{'_id': 1, 'a': 1}", NULL},
        {"{'_id': {'_id': 1}, 'a': {'_id': 1}}", NULL},
        {"{'_id': null}", NULL},
        {"{'a': 1, '_id': [1]}", "The '_id' value cannot be of type array"},
        {"{'_id': {'$undefined': true}}", "The '_id' value cannot be of type undefined"},
        {"{'_id': {'$regularExpression': {'pattern': 'a', 'options': ''}}}",
         "The '_id' value cannot be of type regex"},
        {"{'_id': 1, 'a': 1, '_id': 2}", "can't have multiple _id fields in one document"},
        {"{'_id': 1, '_id': 1}", "can't have multiple _id fields in one document"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bm_buffer document = test_bson(cases[i].document);
        struct bm_element id = test_element(&document, "_id");
        const char *problem = bm_id_problem(bm_buffer_view(&document), NULL, &id);
        cr_assert_eq(problem == NULL, cases[i].problem == NULL, "%s", cases[i].document);
        cr_assert(problem == NULL || strcmp(problem, cases[i].problem) == 0, "%s", problem);
        bm_buffer_free(&document);
    }
}

Test(id, sorts_as_on_the_server)
{
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char json[512];
        (void)snprintf(json, sizeof json, "{'a': %s, 'b': %s}", pairs[i].a, pairs[i].b);
        struct bm_buffer document = test_bson(json);
        struct bm_element a = test_element(&document, "a");
        struct bm_element b = test_element(&document, "b");
        int back = pairs[i].order == UNKNOWN ? UNKNOWN : -pairs[i].order;
        cr_assert_eq(order_of(&a, &b), pairs[i].order, "%s", json);
        cr_assert_eq(order_of(&b, &a), back, "%s, the other way", json);
        bm_buffer_free(&document);
    }
}
