/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "bsonmend/key.h"
#include "doc/extjson.h"

/* What a $jsonSchema takes, keyword by keyword, as json_schema_parser.cpp has it. */

static struct bm_buffer bson(const char *json)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    cr_assert_eq(bm_json_parse(bm_view_text(json), &out, &err), BM_OK, "%s: %s", json, err.text);
    return out;
}

static enum bm_answer answer_to(struct bm_view validator, struct bm_view document)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_validator *compiled = NULL;
    char *reason = NULL;
    enum bm_answer answer;
    const struct bm_validator_options options = {.server = bm_server_parse("7.0")};
    cr_assert_eq(bm_validator_new(validator, &options, &compiled, &reason, &err), BM_OK);
    cr_expect_null(bm_validator_doubt(compiled), "%s", bm_validator_doubt(compiled));
    cr_assert_eq(bm_validator_match(compiled, document, &answer, &err), BM_OK, "%s", err.text);
    bm_validator_free(compiled);
    return answer;
}

/* ---- the value of a field ---- */

/* Lists of values of the field t, for the schema of that field. */
static const struct {
    const char *schema;
    const char *taken;
    const char *refused;
} fields[] = {
    {"{\"enum\":[1,\"x\",null]}",
     "1,1.0,{\"$numberLong\":\"1\"},{\"$numberDecimal\":\"1.0\"},\"x\",{\"$symbol\":\"x\"},null",
     "2,\"X\",[1],{},true,{\"$undefined\":true},{\"$numberDouble\":\"NaN\"}"},
    {"{\"enum\":[{\"a\":1,\"b\":[{\"c\":1,\"d\":2},3]}]}",
     "{\"a\":1,\"b\":[{\"c\":1,\"d\":2},3]},{\"b\":[{\"d\":2,\"c\":1.0},3],\"a\":1}",
     "{\"a\":1},{\"a\":1,\"b\":[3,{\"c\":1,\"d\":2}]},{\"a\":1,\"b\":[{\"c\":1,\"d\":2},3],\"e\":1}"
     ","
     "[1,[{\"c\":1,\"d\":2},3]]"},
    {"{\"enum\":[[],[1,2],{\"$numberDouble\":\"NaN\"},{\"$numberDouble\":\"-0.0\"}]}",
     "[],[1,2.0],{\"$numberDecimal\":\"NaN\"},0", "{},[2,1],[1],1,2"},
    {"{\"minimum\":5}",
     "5,5.0,{\"$numberDecimal\":\"5\"},6,{\"$numberDouble\":\"Infinity\"},\"4\",null,[1],{},true",
     "4,4.999,{\"$numberLong\":\"-9\"},{\"$numberDecimal\":\"4.9\"},{\"$numberDouble\":\"NaN\"}"},
    {"{\"minimum\":5,\"exclusiveMinimum\":false}", "5", "4"},
    {"{\"minimum\":5,\"exclusiveMinimum\":true}", "5.001,6,\"5\",[5]", "5,5.0,4"},
    {"{\"exclusiveMaximum\":true,\"maximum\":{\"$numberLong\":\"9007199254740993\"}}",
     "9007199254740992.0,4,\"x\"",
     "{\"$numberLong\":\"9007199254740993\"},{\"$numberDouble\":\"NaN\"},9007199254740994.0"},
    {"{\"maximum\":5}",
     "5,{\"$numberDouble\":\"-Infinity\"},\"6\",{\"$date\":{\"$numberLong\":\"9\"}}",
     "5.001,6,{\"$numberDouble\":\"NaN\"}"},
    {"{\"maximum\":{\"$numberDouble\":\"NaN\"}}", "{\"$numberDecimal\":\"NaN\"},\"x\"", "1"},
    {"{\"multipleOf\":1}", "0,-5,3.0,{\"$numberLong\":\"-9223372036854775808\"},1e14,\"x\",[1.5]",
     "1.5,-0.25,999999.5"},
    {"{\"multipleOf\":{\"$numberDecimal\":\"3.0\"}}",
     "6,-6.0,0.0,{\"$numberLong\":\"9007199254740993\"}",
     "7,-7.0,{\"$numberLong\":\"9007199254740992\"},4.5"},
    {"{\"type\":\"number\"}", "1,1.5,{\"$numberLong\":\"1\"},{\"$numberDecimal\":\"1\"}",
     "\"1\",null,[1],true"},
    {"{\"type\":\"boolean\"}", "true,false", "1,\"true\",null"},
    {"{\"type\":[\"string\",\"null\"]}", "\"\",null",
     "{\"$symbol\":\"x\"},{\"$undefined\":true},0"},
    {"{\"type\":\"array\"}", "[],[\"x\"]", "{},\"x\""},
    {"{\"type\":\"object\",\"minProperties\":1}", "{\"a\":1}", "{},[],[1],1"},
    {"{\"type\":\"string\",\"minLength\":2}", "\"ab\",\"äö\",\"abc\"",
     "\"a\",\"ä\",\"\",5,[\"ab\"]"},
    {"{\"minLength\":1}", "\"x\",5,[],null,{\"$symbol\":\"\"},{\"$code\":\"\"}", "\"\""},
    {"{\"maxLength\":2}", "\"\",\"ab\",\"€€\",\"😀😀\",[1,2,3],12345", "\"abc\",\"€€€\""},
    {"{\"maxLength\":{\"$numberDecimal\":\"2.0\"}}", "\"ab\"", "\"abc\""},
    {"{\"maxLength\":{\"$numberLong\":\"9223372036854775807\"}}", "\"ab\"", NULL},
    {"{\"minItems\":2}", "[1,2],[1,2,3],\"x\",{\"a\":1},5", "[],[1],[[1,2]]"},
    {"{\"maxItems\":2.0}", "[],[1,2],\"xyz\",{\"a\":1,\"b\":1,\"c\":1}", "[1,2,3]"},
    {"{\"maxItems\":0}", "[],0", "[null]"},
    {"{\"minProperties\":2}", "{\"a\":1,\"b\":1},[],[1],5", "{},{\"a\":1}"},
    {"{\"maxProperties\":1}", "{},{\"a\":{\"b\":1,\"c\":1}},[1,2]", "{\"a\":1,\"b\":1}"},
    {"{\"uniqueItems\":true}",
     "[],[1],[1,2,\"1\",[1],[[1]],{\"a\":1},{\"b\":1},null,true],[\"a\",\"A\"],\"aa\",{\"a\":1,"
     "\"b\":1}",
     "[1,1],[2,1,2.0],[\"a\",\"b\",{\"$symbol\":\"a\"}],[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}],"
     "[null,null],[[{\"a\":1,\"b\":2}],[{\"b\":2,\"a\":1}]]"},
    {"{\"uniqueItems\":false}", "[1,1]", NULL},
    {"{\"items\":{\"type\":\"number\"}}", "[],[1,2.5],\"x\",{\"a\":\"x\"}",
     "[\"x\"],[1,2,null],[[1]]"},
    {"{\"items\":{\"required\":[\"a\"],\"properties\":{\"a\":{\"enum\":[1,2]}}}}",
     "[{\"a\":1},{\"a\":2,\"b\":1}],[5]", "[{\"a\":1},{\"a\":3}],[{\"b\":1}]"},
    {"{\"items\":[{\"type\":\"number\"},{\"type\":\"string\"}]}",
     "[],[1],[1,\"x\"],[1,\"x\",null],5", "[\"x\"],[1,1]"},
    {"{\"items\":[{},{}],\"additionalItems\":false}", "[],[1,2],\"x\"", "[1,2,3]"},
    {"{\"items\":[{}],\"additionalItems\":{\"type\":\"string\"}}", "[1],[1,\"x\",\"y\"]",
     "[1,\"x\",2]"},
    {"{\"items\":{},\"additionalItems\":false}", "[1,2,3]", NULL},
    {"{\"additionalItems\":false}", "[1,2,3]", NULL},
    {"{\"properties\":{\"a\":{},\"b\":{}},\"additionalProperties\":false}",
     "{},{\"a\":1},{\"b\":1,\"a\":1},5,[1],\"x\"", "{\"c\":1},{\"a\":1,\"A\":1},{\"_id\":1}"},
    {"{\"additionalProperties\":{\"type\":\"number\"}}", "{},{\"a\":1,\"b\":2}",
     "{\"a\":1,\"b\":\"x\"}"},
    {"{\"properties\":{\"a.b\":{}},\"additionalProperties\":true}", "5", NULL},
    {"{\"dependencies\":{\"a\":[\"b\",\"c\"]}}", "{},{\"b\":1},{\"a\":1,\"b\":1,\"c\":1},5,[\"a\"]",
     "{\"a\":1},{\"a\":1,\"b\":1}"},
    {"{\"dependencies\":{\"a\":{\"properties\":{\"b\":{\"type\":\"string\"}},\"minProperties\":2}}"
     "}",
     "{},{\"b\":1},{\"a\":1,\"b\":\"x\"},5,null", "{\"a\":1},{\"a\":1,\"b\":1}"},
    {"{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "1,2,3,\"x\"", "0,4"},
    {"{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":3,\"type\":\"number\"}]}", "\"x\",3",
     "2,null"},
    {"{\"oneOf\":[{\"minimum\":3},{\"maximum\":5}]}", "2,6", "3,4,5,\"x\",null"},
    {"{\"oneOf\":[{\"type\":\"string\"},{\"type\":\"number\"}]}", "\"x\",3", "null,[]"},
    {"{\"not\":{\"type\":\"string\"}}", "5,null,[\"x\"]", "\"x\""},
    {"{\"not\":{\"enum\":[\"a\",\"b\"]}}", "\"c\",5", "\"a\",\"b\""},
};

static struct bm_buffer document_with(const struct bm_element *value)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    const uint8_t head[7] = {0, 0, 0, 0, value->type, 't', 0};
    cr_assert_eq(bm_buffer_append(&out, (struct bm_view){head, sizeof head}, &err), BM_OK);
    cr_assert_eq(bm_buffer_append(&out, value->value, &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&out, 0, &err), BM_OK);
    bm_put_le32(out.data, (uint32_t)out.len);
    return out;
}

static void expect_all(const char *schema, const char *values, enum bm_answer expected)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_elements elements;
    struct bm_element list;
    struct bm_element value;
    char text[1024];
    int number = 0;
    (void)snprintf(text, sizeof text, "{\"$jsonSchema\":{\"properties\":{\"t\":%s}}}", schema);
    struct bm_buffer validator = bson(text);
    (void)snprintf(text, sizeof text, "{\"list\":[%s]}", values);
    struct bm_buffer all = bson(text);
    cr_assert_eq(bm_document_find(bm_buffer_view(&all), bm_view_text("list"), &list, &err), BM_OK);
    cr_assert_eq(bm_elements_open(&elements, list.value, &err), BM_OK);
    for (; bm_elements_next(&elements, &value, &err) == BM_OK; number++) {
        struct bm_buffer document = document_with(&value);
        cr_expect_eq(answer_to(bm_buffer_view(&validator), bm_buffer_view(&document)), expected,
                     "%s: value %d of %s", schema, number, values);
        bm_buffer_free(&document);
    }
    cr_expect_gt(number, 0);
    bm_buffer_free(&validator);
    bm_buffer_free(&all);
}

Test(schema, speaks_of_the_values_of_a_field)
{
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        expect_all(fields[i].schema, fields[i].taken, BM_ANSWER_TAKEN);
        if (fields[i].refused != NULL) {
            expect_all(fields[i].schema, fields[i].refused, BM_ANSWER_REFUSED);
        }
    }
}

/* ---- the whole document ---- */

static const struct {
    const char *schema;
    const char *taken;
    const char *refused;
} documents[] = {
    {"{\"enum\":[5,{\"_id\":1,\"a\":2}]}", "{\"a\":2,\"_id\":1}", "{\"_id\":1}"},
    {"{\"enum\":[5]}", NULL, "{}"},
    /* A document without an _id gets one before it is judged. */
    {"{\"enum\":[{\"a\":2}]}", NULL, "{\"a\":2}"},
    {"{\"properties\":{\"a\":{}},\"additionalProperties\":false}", NULL, "{\"a\":1}"},
    {"{\"properties\":{\"a\":{},\"_id\":{}},\"additionalProperties\":false}", "{\"a\":1}",
     "{\"a\":1,\"b\":1}"},
    {"{\"additionalProperties\":{\"bsonType\":\"objectId\"}}", "{}", "{\"_id\":1}"},
    {"{\"additionalProperties\":{\"type\":\"number\"}}", "{\"_id\":1,\"a\":1}", "{\"a\":1}"},
    {"{\"minProperties\":2}", "{\"a\":1}", "{\"_id\":1}"},
    {"{\"maxProperties\":2}", "{\"a\":1}", "{\"a\":1,\"b\":1}"},
    {"{\"type\":\"object\",\"minimum\":5,\"minLength\":9,\"minItems\":9,\"uniqueItems\":true}",
     "{}", NULL},
    {"{\"type\":[\"string\",\"array\"]}", NULL, "{}"},
    {"{\"dependencies\":{\"_id\":[\"a\"]}}", "{\"a\":1}", "{\"b\":1}"},
    {"{\"not\":{\"required\":[\"a\"]}}", "{\"b\":1}", "{\"a\":1}"},
    {"{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}", "{\"b\":1}",
     "{\"a\":1,\"b\":1}"},
    {"{\"anyOf\":[{\"required\":[\"a\"]},{\"properties\":{\"b\":{\"enum\":[1]}},\"required\":["
     "\"b\"]}]}",
     "{\"b\":1}", "{\"b\":2}"},
};

static void expect(const char *schema, const char *document, enum bm_answer expected)
{
    char text[1024];
    if (document == NULL) {
        return;
    }
    (void)snprintf(text, sizeof text, "{\"$jsonSchema\":%s}", schema);
    struct bm_buffer validator = bson(text);
    struct bm_buffer bytes = bson(document);
    cr_expect_eq(answer_to(bm_buffer_view(&validator), bm_buffer_view(&bytes)), expected, "%s: %s",
                 schema, document);
    bm_buffer_free(&validator);
    bm_buffer_free(&bytes);
}

Test(schema, speaks_of_the_whole_document)
{
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        expect(documents[i].schema, documents[i].taken, BM_ANSWER_TAKEN);
        expect(documents[i].schema, documents[i].refused, BM_ANSWER_REFUSED);
    }
}

/* Servers need not count alike what is no character. */
Test(schema, does_not_count_what_is_no_character)
{
    static const uint8_t string[] = {3, 0, 0, 0, 0xc3, 0x28, 0};
    const struct bm_element value = {.type = BM_TYPE_STRING, .value = {string, sizeof string}};
    struct bm_buffer validator =
        bson("{\"$jsonSchema\":{\"properties\":{\"t\":{\"maxLength\":2}}}}");
    struct bm_buffer document = document_with(&value);
    cr_expect_eq(answer_to(bm_buffer_view(&validator), bm_buffer_view(&document)),
                 BM_ANSWER_UNKNOWN);
    bm_buffer_free(&validator);
    bm_buffer_free(&document);
}
