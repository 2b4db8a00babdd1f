/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "bsonmend/key.h"
#include "doc/extjson.h"

/* What a collection's validator takes, by the server's rules for queries and for $jsonSchema. */

static struct bm_buffer bson(const char *json)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    cr_assert_eq(bm_json_parse(bm_view_text(json), &out, &err), BM_OK, "%s: %s", json, err.text);
    return out;
}

static const char french[] = "{\"locale\":\"fr\",\"strength\":1}";

static const struct {
    const char *validator;
    const char *taken;
    const char *refused;
} cases[] = {
    {"{}", "{}", NULL},
    {"{\"t\":\"x\"}", "{\"t\":\"x\"}", "{\"t\":\"y\"}"},
    {"{\"t\":null}", "{}", "{\"t\":1}"},
    {"{\"t\":{\"a\":1}}", "{\"t\":{\"a\":1}}", "{\"t\":{\"a\":1,\"b\":1}}"},
    {"{\"t\":{\"$gt\":\"\",\"$lt\":\"b\"}}", "{\"t\":\"a\"}", "{\"t\":\"c\"}"},
    {"{\"t\":{\"$gte\":5}}", "{\"t\":[1,9]}", "{\"t\":\"9\"}"},
    {"{\"t\":{\"$nin\":[null,\"\"]}}", "{\"t\":\"x\"}", "{}"},
    {"{\"t\":{\"$nin\":[null,\"\"]}}", "{\"t\":0}", "{\"t\":\"\"}"},
    {"{\"t\":{\"$nin\":[null,\"\"]}}", "{\"t\":[1]}", "{\"t\":[1,null]}"},
    {"{\"t\":{\"$ne\":3}}", "{}", "{\"t\":[1,3.0]}"},
    {"{\"t\":{\"$exists\":true}}", "{\"t\":null}", "{}"},
    {"{\"t\":{\"$exists\":0}}", "{\"u\":1}", "{\"t\":null}"},
    {"{\"t\":{\"$not\":{\"$gt\":3,\"$lt\":9}}}", "{\"t\":9}", "{\"t\":5}"},
    {"{\"t\":{\"$type\":\"string\"}}", "{\"t\":[\"x\"]}", "{\"t\":1}"},
    {"{\"$or\":[{\"a\":1},{\"b\":1,\"c\":1}]}", "{\"b\":1,\"c\":1}", "{\"b\":1}"},
    {"{\"$nor\":[{\"a\":1},{\"b\":1}]}", "{\"a\":2}", "{\"b\":1}"},
    {"{\"$and\":[{\"a\":1},{\"$comment\":\"x\",\"b\":1}]}", "{\"a\":1,\"b\":1}", "{\"a\":1}"},
    {"{\"a.b\":{\"$in\":[1,2]}}", "{\"a\":[{\"b\":7},{\"b\":2}]}", "{\"a\":{\"b\":3}}"},
    {"{\"$jsonSchema\":{\"bsonType\":\"object\",\"title\":\"x\",\"required\":[\"t\"]}}",
     "{\"t\":null}", "{\"u\":1}"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"bsonType\":\"string\"}}}}", "{\"t\":\"x\"}",
     "{\"t\":[\"x\"]}"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"bsonType\":[\"number\",\"null\"]}}}}",
     "{\"t\":{\"$numberDecimal\":\"1\"}}", "{\"t\":\"1\"}"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"bsonType\":\"string\"}}}}", "{}", NULL},
    {"{\"$jsonSchema\":{\"properties\":{\"a\":{\"required\":[\"b\"],\"properties\":{\"b\":"
     "{\"bsonType\":\"int\"}}}}}}",
     "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":\"1\"}}"},
    {"{\"$jsonSchema\":{\"properties\":{\"a\":{\"required\":[\"b\"]}}}}", "{\"a\":5}",
     "{\"a\":{\"c\":1}}"},
    {"{\"$jsonSchema\":{\"bsonType\":\"string\"}}", NULL, "{\"t\":1}"},
    {"{\"t\":1,\"$jsonSchema\":{\"required\":[\"u\"]}}", "{\"t\":1,\"u\":1}", "{\"u\":1}"},
};

static void expect(const char *validator, const char *collation, const char *document,
                   enum bm_answer expected)
{
    struct bm_error err = BM_ERROR_INIT;
    char *reason = NULL;
    enum bm_answer answer;
    if (document == NULL) {
        return;
    }
    struct bm_buffer asked = bson(validator);
    struct bm_buffer bytes = bson(document);
    struct bm_buffer locale = bson(collation != NULL ? collation : "{}");
    /* What a partial filter may say, and a validator always could, came with 6.0. */
    static const char *const servers[] = {"4.4", "7.0"};
    for (size_t i = 0; i < 2; i++) {
        struct bm_validator *compiled = NULL;
        struct bm_validator_options options = {.server = bm_server_parse(servers[i])};
        if (collation != NULL) {
            options.collation = bm_buffer_view(&locale);
        }
        cr_assert_eq(bm_validator_new(bm_buffer_view(&asked), &options, &compiled, &reason, &err),
                     BM_OK, "%s for %s: %s", validator, servers[i],
                     reason != NULL ? reason : err.text);
        cr_assert_eq(bm_validator_match(compiled, bm_buffer_view(&bytes), &answer, &err), BM_OK);
        cr_expect_eq(answer, expected, "%s for %s: %s", validator, servers[i], document);
        cr_expect_null(bm_validator_doubt(compiled), "%s", validator);
        cr_expect_eq(bm_validator_unknown(compiled) != NULL, expected == BM_ANSWER_UNKNOWN);
        bm_validator_free(compiled);
    }
    bm_buffer_free(&asked);
    bm_buffer_free(&bytes);
    bm_buffer_free(&locale);
}

Test(validator, takes_and_refuses_as_the_server)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect(cases[i].validator, NULL, cases[i].taken, BM_ANSWER_TAKEN);
        expect(cases[i].validator, NULL, cases[i].refused, BM_ANSWER_REFUSED);
    }
}

Test(validator, compares_by_the_collation_of_the_collection)
{
    expect("{\"t\":\"été\"}", french, "{\"t\":\"ETE\"}", BM_ANSWER_TAKEN);
    expect("{\"t\":\"été\"}", NULL, "{\"t\":\"ETE\"}", BM_ANSWER_REFUSED);
    expect("{\"t\":{\"$ne\":\"x\"}}", french, "{\"t\":\"X\"}", BM_ANSWER_REFUSED);
}

/* Of three answers: what is surely refused or taken, whatever is not judged beside it. */
static const struct {
    const char *validator;
    const char *taken, *refused, *unknown;
    const char *words;
} open[] = {
    {"{\"t\":{\"$regex\":\"^a\",\"$options\":\"i\"}}", NULL, "{\"t\":5}", "{\"t\":[5,\"x\"]}",
     "$regex is not judged"},
    {"{\"t\":{\"$regularExpression\":{\"pattern\":\"a\",\"options\":\"\"}}}", NULL, "{}",
     "{\"t\":{\"$symbol\":\"x\"}}", "t is not judged"},
    {"{\"t\":{\"$gt\":1,\"$mod\":[2,0]}}", NULL, "{\"t\":1}", "{\"t\":4}", "$mod is not judged"},
    {"{\"t\":{\"$not\":{\"$size\":1}}}", "{\"t\":5}", NULL, "{\"t\":[]}", "$size is not judged"},
    {"{\"t\":{\"$not\":{\"$regularExpression\":{\"pattern\":\"a\",\"options\":\"\"}}}}", "{}", NULL,
     "{\"t\":\"x\"}", "$not is not judged"},
    {"{\"t\":{\"$bitsAllSet\":1}}", NULL, "{\"t\":\"x\"}",
     "{\"t\":{\"$binary\":{\"base64\":\"AA==\",\"subType\":\"00\"}}}", "$bitsAllSet is not judged"},
    {"{\"t\":{\"$in\":[{\"$regularExpression\":{\"pattern\":\"a\",\"options\":\"\"}}]}}", NULL,
     NULL, "{\"t\":\"x\"}", "$in is not judged"},
    {"{\"$expr\":{\"$eq\":[\"$a\",1]},\"b\":1}", NULL, "{\"b\":2}", "{\"b\":1}",
     "$expr is not judged"},
    {"{\"$or\":[{\"$expr\":1},{\"b\":1}]}", "{\"b\":1}", NULL, "{\"b\":2}", "$expr is not judged"},
    {"{\"$nor\":[{\"$expr\":1},{\"b\":1}]}", NULL, "{\"b\":1}", "{\"b\":2}", "$expr is not judged"},
    {"{\"$or\":[{\"$expr\":1},{\"b\":1}],\"$and\":[{\"c\":{\"$regex\":\"x\"}}]}", NULL,
     "{\"b\":1,\"c\":1}", "{\"b\":1,\"c\":\"x\"}", "$regex is not judged"},
    {"{\"$jsonSchema\":{\"required\":[\"t\"],\"properties\":{\"t\":{\"pattern\":\"x\"}}}}",
     "{\"t\":5}", "{}", "{\"t\":\"x\"}", "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"bsonType\":\"int\",\"multipleOf\":2.5}}}}", "{}",
     "{\"t\":\"x\"}", "{\"t\":3}", "multipleOf of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"multipleOf\":1}}}}", "{}", NULL,
     "{\"t\":2.0000000001}",
     "not known for a decimal, or a double so large or near a whole number"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"multipleOf\":1}}}}", "{}", NULL,
     "{\"t\":{\"$numberDecimal\":\"1\"}}",
     "not known for a decimal, or a double so large or near a whole number"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"patternProperties\":{}}}}}", "{\"t\":5}", NULL,
     "{\"t\":{}}", "patternProperties of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"required\":[\"a.b\"]}}", NULL, NULL, "{\"a\":{\"b\":1}}",
     "required of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"properties\":{\"\":{}}}}}}", "{\"t\":5}", NULL,
     "{\"t\":{}}", "properties of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"additionalProperties\":false,\"patternProperties\":{}}}", NULL, NULL,
     "{}", "additionalProperties of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"dependencies\":{\"a.b\":[\"c\"]}}}", "{\"c\":1}", NULL, "{\"d\":1}",
     "dependencies of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"not\":{\"pattern\":\"x\"}}}}}", NULL, "{\"t\":5}",
     "{\"t\":\"y\"}", "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"anyOf\":[{\"pattern\":\"x\"},{\"enum\":[\"y\"]}]}}"
     "}}",
     "{\"t\":\"y\"}", NULL, "{\"t\":\"z\"}", "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"allOf\":[{\"pattern\":\"x\"},{\"minLength\":2}]}}}"
     "}",
     "{\"t\":5}", "{\"t\":\"x\"}", "{\"t\":\"xx\"}", "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"oneOf\":[{\"pattern\":\"x\"},{\"minLength\":2},"
     "{\"maxLength\":3}]}}}}",
     NULL, "{\"t\":\"xx\"}", "{\"t\":\"y\"}", "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"oneOf\":[{\"pattern\":\"x\"},{\"enum\":[5]}]}}}}",
     "{\"t\":6}", "{\"t\":5}", "{\"t\":\"y\"}", "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"items\":{\"pattern\":\"x\",\"type\":\"string\"}}}}"
     "}",
     "{\"t\":[]}", "{\"t\":[\"x\",5]}", "{\"t\":[\"x\"]}", "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"_id\":{}},\"additionalProperties\":{\"pattern\":\"x\"}}}",
     "{\"t\":5}", NULL, "{\"t\":\"x\"}", "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"maxLength\":1e16}}}}", "{\"t\":5}", NULL,
     "{\"t\":\"x\"}", "maxLength of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"enum\":[1,{\"$code\":\"f\",\"$scope\":{}}]}}}}",
     "{}", NULL, "{\"t\":1}", "enum of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"t\":{\"uniqueItems\":true}}}}", "{\"t\":5}", NULL,
     "{\"t\":[{\"a\":{\"$code\":\"f\",\"$scope\":{}}}]}",
     "not known for values of a $jsonSchema so deep or large, or with code in a scope"},
    {"{\"_id\":{\"$gt\":5}}", "{\"_id\":6}", "{\"_id\":5}", "{\"t\":1}",
     "not known for a document without _id, or so deep"},
};

Test(validator, what_is_decided_without_a_part_that_is_not_judged_is_decided)
{
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        expect(open[i].validator, NULL, open[i].taken, BM_ANSWER_TAKEN);
        expect(open[i].validator, NULL, open[i].refused, BM_ANSWER_REFUSED);
        expect(open[i].validator, NULL, open[i].unknown, BM_ANSWER_UNKNOWN);
    }
}

static struct bm_validator *compiled_for(struct bm_buffer *asked, const char *server)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_validator *compiled = NULL;
    char *reason = NULL;
    const struct bm_validator_options options = {.server = bm_server_parse(server)};
    cr_assert_eq(bm_validator_new(bm_buffer_view(asked), &options, &compiled, &reason, &err), BM_OK,
                 "%s", reason != NULL ? reason : err.text);
    return compiled;
}

Test(validator, says_what_it_does_not_judge)
{
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        struct bm_error err = BM_ERROR_INIT;
        enum bm_answer answer;
        struct bm_buffer asked = bson(open[i].validator);
        struct bm_buffer document = bson(open[i].unknown);
        struct bm_validator *compiled = compiled_for(&asked, "7.0");
        cr_assert_eq(bm_validator_match(compiled, bm_buffer_view(&document), &answer, &err), BM_OK);
        cr_expect_str_eq(bm_validator_unknown(compiled), open[i].words, "%s", open[i].validator);
        bm_validator_free(compiled);
        bm_buffer_free(&asked);
        bm_buffer_free(&document);
    }
}

/* What no server of the version makes a collection with, as far as is known here. */
static const struct {
    const char *validator;
    const char *server;
    const char *doubt;
} doubtful[] = {
    {"{\"$jsonSchema\":{\"bsonType\":5}}", "7.0", "bsonType of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"required\":[]}}", "7.0", "required of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"format\":\"date\"}}", "7.0", "format of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"required\":[\"a\",\"a\"]}}", "7.0",
     "required of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"type\":\"integer\"}}", "7.0", "type of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"type\":\"int\"}}", "7.0", "type of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"type\":[\"string\",\"string\"]}}", "7.0",
     "type of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"type\":[]}}", "7.0", "type of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"type\":\"object\",\"bsonType\":\"object\"}}", "7.0",
     "bsonType of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"type\":\"object\",\"type\":\"object\"}}", "7.0",
     "type of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"enum\":[]}}", "7.0", "enum of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"enum\":{}}}", "7.0", "enum of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"enum\":[1,1.0]}}", "7.0", "enum of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"enum\":[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1}]}}", "7.0",
     "enum of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"uniqueItems\":1}}", "7.0", "uniqueItems of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"minimum\":\"1\"}}", "7.0", "minimum of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"exclusiveMinimum\":true}}", "7.0",
     "exclusiveMinimum of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"maximum\":1,\"exclusiveMaximum\":1}}", "7.0",
     "exclusiveMaximum of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"minLength\":-1}}", "7.0", "minLength of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"maxItems\":1.5}}", "7.0", "maxItems of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"maxItems\":{\"$numberDouble\":\"NaN\"}}}", "7.0",
     "maxItems of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"minProperties\":{\"$numberLong\":\"-1\"}}}", "7.0",
     "minProperties of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"maxProperties\":\"1\"}}", "7.0",
     "maxProperties of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"items\":true}}", "7.0", "items of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"items\":[1]}}", "7.0", "items of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"additionalItems\":1}}", "7.0",
     "additionalItems of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"additionalProperties\":1}}", "7.0",
     "additionalProperties of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"a\":1}}}", "7.0",
     "properties of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"dependencies\":[]}}", "7.0", "dependencies of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"dependencies\":{\"a\":[]}}}", "7.0",
     "dependencies of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"dependencies\":{\"a\":\"b\"}}}", "7.0",
     "dependencies of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"multipleOf\":0}}", "7.0", "multipleOf of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"multipleOf\":\"1\"}}", "7.0", "multipleOf of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"allOf\":[]}}", "7.0", "allOf of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"anyOf\":{}}}", "7.0", "anyOf of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"oneOf\":[1]}}", "7.0", "oneOf of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"not\":[]}}", "7.0", "not of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{}}", "3.4", "$jsonSchema is not judged"},
    {"{\"$text\":{\"$search\":\"x\"}}", "7.0", "$text is not judged"},
    {"{\"t\":{\"$near\":[0,0]}}", "7.0", "$near is not judged"},
    {"{\"t\":{\"$not\":5}}", "7.0", "$not is not judged"},
    {"{\"$and\":[]}", "7.0", "$and is not judged"},
    {"{\"$or\":[]}", "7.0", "$or is not judged"},
    {"{\"$nor\":[{\"t\":1},5]}", "7.0", "$nor is not judged"},
    {"{\"t\":{\"$ne\":{\"$regularExpression\":{\"pattern\":\"x\",\"options\":\"\"}}}}", "7.0",
     "$ne is not judged"},
    {"{\"t\":{\"$regex\":\"x\"}}", "7.0", NULL},
    {"{\"t\":{\"$ref\":\"c\",\"$id\":1}}", "7.0", NULL},
};

Test(validator, says_what_the_server_may_not_know)
{
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
        struct bm_buffer asked = bson(doubtful[i].validator);
        struct bm_validator *compiled = compiled_for(&asked, doubtful[i].server);
        const char *doubt = bm_validator_doubt(compiled);
        cr_expect_eq(doubt != NULL, doubtful[i].doubt != NULL, "%s", doubtful[i].validator);
        if (doubt != NULL && doubtful[i].doubt != NULL) {
            cr_expect_str_eq(doubt, doubtful[i].doubt);
        }
        bm_validator_free(compiled);
        bm_buffer_free(&asked);
    }
}

/* A validator of a crafted dump may be nested as deep as a document: it ends somewhere. */
Test(validator, nesting_has_an_end)
{
    struct bm_error err = BM_ERROR_INIT;
    enum bm_answer answer;
    struct bm_buffer json = BM_BUFFER_INIT((size_t)1 << 16);
    for (int i = 0; i < 52; i++) {
        cr_assert_eq(bm_buffer_append_text(&json, "{\"$and\":[", &err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_text(&json, "{\"$jsonSchema\":", &err), BM_OK);
    for (int i = 0; i < 12; i++) {
        cr_assert_eq(bm_buffer_append_text(&json, "{\"properties\":{\"p\":", &err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_text(&json, "{}", &err), BM_OK);
    for (int i = 0; i < 12; i++) {
        cr_assert_eq(bm_buffer_append_text(&json, "}}", &err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_text(&json, "}", &err), BM_OK);
    for (int i = 0; i < 52; i++) {
        cr_assert_eq(bm_buffer_append_text(&json, "]}", &err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_byte(&json, 0, &err), BM_OK);
    struct bm_buffer asked = bson((const char *)json.data);
    struct bm_buffer document = bson("{\"p\":{\"p\":{\"p\":{\"p\":{\"p\":{\"p\":{\"p\":"
                                     "{\"p\":{\"p\":{\"p\":{\"p\":{}}}}}}}}}}}}");
    struct bm_validator *compiled = compiled_for(&asked, "7.0");
    cr_assert_eq(bm_validator_match(compiled, bm_buffer_view(&document), &answer, &err), BM_OK);
    cr_expect_eq(answer, BM_ANSWER_UNKNOWN);
    cr_assert_str_eq(bm_validator_unknown(compiled), "p of $jsonSchema is not judged");
    bm_validator_free(compiled);
    bm_buffer_free(&json);
    bm_buffer_free(&asked);
    bm_buffer_free(&document);
}

/* Such a document gets an ObjectId on its way to the server. */
Test(validator, an_id_that_is_not_there_yet_is_an_object_id)
{
    static const char schema[] = "{\"$jsonSchema\":{\"required\":[\"_id\"],\"properties\":"
                                 "{\"_id\":{\"bsonType\":\"%s\"}}}}";
    char text[128];
    (void)snprintf(text, sizeof text, schema, "objectId");
    expect(text, NULL, "{\"t\":1}", BM_ANSWER_TAKEN);
    (void)snprintf(text, sizeof text, schema, "int");
    expect(text, NULL, "{\"t\":1}", BM_ANSWER_REFUSED);
    expect("{\"$jsonSchema\":{\"properties\":{\"t\":{\"required\":[\"_id\"]}}}}", NULL,
           "{\"t\":{}}", BM_ANSWER_REFUSED);
}
