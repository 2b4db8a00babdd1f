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
    {"{\"$jsonSchema\":{\"required\":[\"a.b\"]}}", "{\"a.b\":5}", "{\"a\":{\"b\":1}}"},
    {"{\"$jsonSchema\":{\"bsonType\":\"string\"}}", NULL, "{\"t\":1}"},
    {"{\"t\":1,\"$jsonSchema\":{\"required\":[\"u\"]}}", "{\"t\":1,\"u\":1}", "{\"u\":1}"},
};

static void expect(const char *validator, const char *collation, const char *document, int passes)
{
    struct bm_error err = BM_ERROR_INIT;
    char *reason = NULL;
    int answer = -1;
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
        cr_expect_eq(answer, passes, "%s for %s: %s", validator, servers[i], document);
        bm_validator_free(compiled);
    }
    bm_buffer_free(&asked);
    bm_buffer_free(&bytes);
    bm_buffer_free(&locale);
}

Test(validator, takes_and_refuses_as_the_server)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect(cases[i].validator, NULL, cases[i].taken, 1);
        expect(cases[i].validator, NULL, cases[i].refused, 0);
    }
}

Test(validator, compares_by_the_collation_of_the_collection)
{
    expect("{\"t\":\"été\"}", french, "{\"t\":\"ETE\"}", 1);
    expect("{\"t\":\"été\"}", NULL, "{\"t\":\"ETE\"}", 0);
    expect("{\"t\":{\"$ne\":\"x\"}}", french, "{\"t\":\"X\"}", 0);
}

static const struct {
    const char *validator;
    const char *reason;
} unjudged[] = {
    {"{\"t\":{\"$regex\":\"^a\"}}", "$regex is not judged"},
    {"{\"t\":{\"$gt\":1,\"$mod\":[2,0]}}", "$mod is not judged"},
    {"{\"$expr\":{\"$eq\":[\"$a\",1]}}", "$expr is not judged"},
    {"{\"$or\":[{\"a\":1},{\"b\":{\"$size\":1}}]}", "$size is not judged"},
    {"{\"t\":{\"$in\":[{\"$regularExpression\":{\"pattern\":\"a\",\"options\":\"\"}}]}}",
     "$in is not judged"},
    {"{\"t\":{\"$not\":{\"$regularExpression\":{\"pattern\":\"a\",\"options\":\"\"}}}}",
     "$not is not judged"},
    {"{\"$jsonSchema\":{\"additionalProperties\":false}}",
     "additionalProperties of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"properties\":{\"a\":{\"pattern\":\"x\"}}}}",
     "pattern of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"bsonType\":5}}", "bsonType of $jsonSchema is not judged"},
    {"{\"$jsonSchema\":{\"required\":[]}}", "required of $jsonSchema is not judged"},
};

Test(validator, says_what_it_does_not_judge)
{
    for (size_t i = 0; i < sizeof unjudged / sizeof *unjudged; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_validator *compiled = NULL;
        char *reason = NULL;
        struct bm_buffer asked = bson(unjudged[i].validator);
        const struct bm_validator_options options = {.server = bm_server_parse("7.0")};
        cr_expect_eq(bm_validator_new(bm_buffer_view(&asked), &options, &compiled, &reason, &err),
                     BM_END, "%s", unjudged[i].validator);
        cr_assert_not_null(reason, "%s", unjudged[i].validator);
        cr_expect_str_eq(reason, unjudged[i].reason);
        cr_expect_null(compiled);
        free(reason);
        bm_buffer_free(&asked);
    }
}

/* A validator of a crafted dump may be nested as deep as a document: it ends somewhere. */
Test(validator, nesting_has_an_end)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_validator *compiled = NULL;
    char *reason = NULL;
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
    const struct bm_validator_options options = {.server = bm_server_parse("7.0")};
    cr_assert_eq(bm_validator_new(bm_buffer_view(&asked), &options, &compiled, &reason, &err),
                 BM_END);
    cr_assert_str_eq(reason, "p of $jsonSchema is not judged");
    free(reason);
    bm_buffer_free(&json);
    bm_buffer_free(&asked);
}

/* Such a document gets an _id that nobody knows yet. */
Test(validator, an_id_that_is_not_there_yet_cannot_be_judged)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_validator *compiled = NULL;
    char *reason = NULL;
    int passes;
    struct bm_buffer asked = bson("{\"_id\":{\"$gt\":5}}");
    struct bm_buffer document = bson("{\"t\":1}");
    const struct bm_validator_options options = {.server = bm_server_parse("7.0")};
    cr_assert_eq(bm_validator_new(bm_buffer_view(&asked), &options, &compiled, &reason, &err),
                 BM_OK);
    cr_assert_eq(bm_validator_match(compiled, bm_buffer_view(&document), &passes, &err), BM_END);
    bm_validator_free(compiled);
    bm_buffer_free(&asked);
    bm_buffer_free(&document);
}
