/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/rewrite.h"

#include <string.h>

#include <criterion/criterion.h>

#include "bsonmend/document.h"

#define LIMIT ((size_t)2 * BM_DOCUMENT_MAX)

static int number_of(const char *const *names, int count, const char *name)
{
    int i = 0;
    while (i < count && strcmp(names[i], name) != 0) {
        i++;
    }
    cr_assert_lt(i, count, "%s", name);
    return i;
}

/* "NAME=partial:number", "NAME=drop", …, "require FIELD"; fields separated by commas, NULL: none.
 */
static struct bm_rewrite action_of(char *text, char *fields, const char *list[4])
{
    static const char *const actions[] = {"keep", "partial", "sparse", "nonunique", "drop"};
    static const char *const types[] = {"string", "objectId", "binData", "number", "date"};
    struct bm_rewrite rewrite = {.fields = list};
    for (char *at = fields; at != NULL && rewrite.field_count < 4;) {
        char *comma = strchr(at, ',');
        list[rewrite.field_count++] = at;
        if (comma != NULL) {
            *comma++ = '\0';
        }
        at = comma;
    }
    char *equals = strchr(text, '=');
    if (equals == NULL) {
        rewrite.kind = BM_REWRITE_REQUIRE;
        list[0] = text + strlen("require ");
        rewrite.field_count = 1;
        return rewrite;
    }
    *equals++ = '\0';
    rewrite.name = text;
    char *colon = strchr(equals, ':');
    if (colon != NULL) {
        *colon++ = '\0';
    }
    rewrite.index = (enum bm_index_action)number_of(actions, 5, equals);
    if (colon != NULL) {
        rewrite.partial = (enum bm_partial_type)number_of(types, 5, colon);
    }
    return rewrite;
}

static enum bm_status rewrite_text(const char *text, const char *action, const char *fields,
                                   struct bm_rewrite_result *result, struct bm_buffer *out,
                                   struct bm_error *err)
{
    char action_copy[128];
    char fields_copy[128];
    const char *list[4];
    (void)strncpy(action_copy, action, sizeof action_copy - 1);
    action_copy[sizeof action_copy - 1] = '\0';
    if (fields != NULL) {
        (void)strncpy(fields_copy, fields, sizeof fields_copy - 1);
        fields_copy[sizeof fields_copy - 1] = '\0';
    }
    struct bm_rewrite rewrite = action_of(action_copy, fields != NULL ? fields_copy : NULL, list);
    return bm_rewrite_metadata(bm_view_text(text), &rewrite, 1, result, out, err);
}

/* One index a_1 over a, in both flavours, with `more` options. */
#define CANONICAL(more)                                                                            \
    "{\"indexes\":[{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":\"1\"}},"        \
    "\"name\":\"_id_\"},{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"a\":{\"$numberInt\":\"1\"}},"     \
    "\"name\":\"a_1\"" more "}],\"uuid\":\"00\"}"
#define LEGACY(more)                                                                               \
    "{\"options\":{},\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\",\"ns\":\"d.c\"}," \
    "{\"v\":2,\"unique\":true,\"key\":{\"a\":1.0},\"name\":\"a_1\"" more "}]}"
#define BARE(entries) "{\"indexes\":[" entries "]}"
#define FILTER(bound) ",\"partialFilterExpression\":{\"a\":{" bound "}}"
#define OID0 "{\"$oid\":\"000000000000000000000000\"}"

static const struct {
    const char *text;
    const char *action;
    const char *fields;
    const char *after; /* NULL: fulfilled; "": absent */
} indexes[] = {
    /* partial, by type and flavour */
    {CANONICAL(",\"unique\":true"), "a_1=partial", NULL,
     CANONICAL(",\"unique\":true" FILTER("\"$gt\":\"\""))},
    {LEGACY(""), "a_1=partial:string", "a", LEGACY(FILTER("\"$gt\":\"\""))},
    {CANONICAL(""), "a_1=partial:objectId", NULL, CANONICAL(FILTER("\"$gte\":" OID0))},
    {LEGACY(""), "a_1=partial:objectId", NULL, LEGACY(FILTER("\"$gte\":" OID0))},
    {CANONICAL(""), "a_1=partial:binData", NULL,
     CANONICAL(FILTER("\"$gte\":{\"$binary\":{\"base64\":\"\",\"subType\":\"00\"}}"))},
    {LEGACY(""), "a_1=partial:binData", NULL,
     LEGACY(FILTER("\"$gte\":{\"$binary\":\"\",\"$type\":\"00\"}"))},
    {CANONICAL(""), "a_1=partial:number", NULL,
     CANONICAL(FILTER("\"$gte\":{\"$numberDouble\":\"-Infinity\"}"))},
    {LEGACY(""), "a_1=partial:number", NULL,
     LEGACY(FILTER("\"$gte\":{\"$numberDouble\":\"-Infinity\"}"))},
    {CANONICAL(""), "a_1=partial:date", NULL,
     CANONICAL(FILTER("\"$gte\":{\"$date\":{\"$numberLong\":\"-9223372036854775808\"}}"))},
    /* partial takes sparse off, wherever it stands and however often */
    {CANONICAL(",\"sparse\":true,\"hidden\":true"), "a_1=partial", NULL,
     CANONICAL(",\"hidden\":true" FILTER("\"$gt\":\"\""))},
    {CANONICAL(",\"hidden\":true,\"sparse\":true"), "a_1=partial", NULL,
     CANONICAL(",\"hidden\":true" FILTER("\"$gt\":\"\""))},
    {BARE("{\"sparse\":1, \"\\u0073parse\":true, \"key\":{\"a\":1},\"name\":\"a_1\" } "),
     "a_1=partial", NULL, BARE("{\"key\":{\"a\":1},\"name\":\"a_1\"" FILTER("\"$gt\":\"\"") " } ")},
    /* already so: same filter in any spelling; sparse beside it goes all the same */
    {CANONICAL(FILTER("\"$gt\":\"\"")), "a_1=partial", NULL, NULL},
    {CANONICAL(FILTER("\"$gte\":{\"$binary\":\"\",\"$type\":\"0\"}")), "a_1=partial:binData", NULL,
     NULL},
    {CANONICAL(",\"sparse\":true" FILTER("\"$gt\":\"\"")), "a_1=partial", NULL,
     CANONICAL(FILTER("\"$gt\":\"\""))},
    /* compound */
    {BARE("{\"key\":{\"a\":1,\"b.c\":-1},\"name\":\"x\"}"), "x=partial", "b.c",
     BARE("{\"key\":{\"a\":1,\"b.c\":-1},\"name\":\"x\",\"partialFilterExpression\":{\"b.c\":{"
          "\"$gt\":\"\"}}}")},
    {BARE("{\"key\":{\"a\":1,\"b\":1},\"name\":\"x\"}"), "x=partial", "b,a",
     BARE("{\"key\":{\"a\":1,\"b\":1},\"name\":\"x\",\"partialFilterExpression\":{\"b\":{\"$gt\":"
          "\"\"},\"a\":{\"$gt\":\"\"}}}")},
    {BARE("{\"key\":{\"a\":1,\"b\":1},\"name\":\"x\",\"partialFilterExpression\":{\"b\":{\"$gt\":"
          "\"\"},\"a\":{\"$gt\":\"\"}}}"),
     "x=partial", "a,b", NULL},
    /* a name that needs escapes */
    {BARE("{\"key\":{\"a\\\"b\":1},\"name\":\"x\"}"), "x=partial", NULL,
     BARE("{\"key\":{\"a\\\"b\":1},\"name\":\"x\",\"partialFilterExpression\":{\"a\\\"b\":{\"$gt\":"
          "\"\"}}}")},
    /* sparse */
    {LEGACY(""), "a_1=sparse", NULL, LEGACY(",\"sparse\":true")},
    {LEGACY(",\"sparse\": 0 ,\"x\":1"), "a_1=sparse", NULL, LEGACY(",\"sparse\": true ,\"x\":1")},
    {LEGACY(",\"sparse\":1"), "a_1=sparse", NULL, NULL},
    /* nonunique */
    {CANONICAL(",\"unique\":true"), "a_1=nonunique", NULL, CANONICAL("")},
    {CANONICAL(",\"prepareUnique\":true,\"unique\":true,\"x\":1"), "a_1=nonunique", NULL,
     CANONICAL(",\"x\":1")},
    {BARE("{\"unique\":true,\"unique\":1,\"key\":{\"a\":1},\"name\":\"a_1\"}"), "a_1=nonunique",
     NULL, BARE("{\"key\":{\"a\":1},\"name\":\"a_1\"}")},
    {CANONICAL(""), "a_1=nonunique", NULL, NULL},
    {CANONICAL(",\"unique\":false"), "a_1=nonunique", NULL, NULL},
    {CANONICAL(",\"unique\":true,\"unique\":false"), "a_1=nonunique", NULL, NULL},
    /* drop */
    {BARE("{\"name\":\"a\",\"key\":{\"a\":1}} , {\"name\":\"b\",\"key\":{\"b\":1}}"), "a=drop",
     NULL, BARE("{\"name\":\"b\",\"key\":{\"b\":1}}")},
    {BARE("{\"name\":\"a\",\"key\":{\"a\":1}} , {\"name\":\"b\",\"key\":{\"b\":1}}"), "b=drop",
     NULL, BARE("{\"name\":\"a\",\"key\":{\"a\":1}}")},
    {BARE(" {\"name\":\"a\",\"key\":{\"a\":1}} "), "a=drop", NULL, BARE("  ")},
    /* absent */
    {CANONICAL(""), "b_1=drop", NULL, ""},
    {CANONICAL(""), "b_1=partial", NULL, ""},
    {"{}", "a_1=drop", NULL, ""},
    {"", "a_1=drop", NULL, ""},
    {"{\"indexes\":null}", "a_1=sparse", NULL, ""},
    {BARE("{\"name\":\"a\",\"clustered\":true,\"key\":{\"a\":1}}"), "a=drop", NULL, ""},
    /* the later of two counts: of definitions, of lists, of names within an entry */
    {BARE("{\"name\":\"a\",\"key\":{\"x\":1}},{\"name\":\"a\",\"key\":{\"a\":1}}"), "a=partial",
     NULL,
     BARE("{\"name\":\"a\",\"key\":{\"x\":1}},{\"name\":\"a\",\"key\":{\"a\":1}" FILTER(
         "\"$gt\":\"\"") "}")},
    {BARE("{\"name\":\"a\",\"key\":{\"x\":1}},{\"name\":\"b\",\"key\":{\"b\":1}},{\"name\":\"a\","
          "\"key\":{\"a\":1}}"),
     "a=drop", NULL, BARE("{\"name\":\"b\",\"key\":{\"b\":1}}")},
    {"{\"indexes\":[{\"name\":\"a\",\"key\":{\"x\":1}}],\"indexes\":[{\"name\":\"b\",\"key\":{"
     "\"a\":"
     "1}}]}",
     "a=drop", NULL, ""},
    {"{\"indexes\":[{\"name\":\"a\",\"key\":{\"a\":1}}],\"\\u0069ndexes\":[{\"name\":\"a\",\"key\":"
     "{\"a\":1}}]}",
     "a=drop", NULL, "{\"indexes\":[{\"name\":\"a\",\"key\":{\"a\":1}}],\"\\u0069ndexes\":[]}"},
    {BARE("{\"name\":\"x\",\"key\":{\"a\":1},\"name\":\"a\"}"), "x=drop", NULL, ""},
    {BARE("{\"name\":\"x\",\"key\":{\"a\":1},\"name\":\"\\u0061\"}"), "a=drop", NULL, BARE("")},
};

Test(rewrite, indexes)
{
    for (size_t i = 0; i < sizeof indexes / sizeof *indexes; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        struct bm_rewrite_result result;
        const char *after = indexes[i].after;
        enum bm_rewrite_outcome outcome = after == NULL      ? BM_REWRITE_FULFILLED
                                          : after[0] == '\0' ? BM_REWRITE_ABSENT
                                                             : BM_REWRITE_CHANGED;
        cr_assert_eq(rewrite_text(indexes[i].text, indexes[i].action, indexes[i].fields, &result,
                                  &out, &err),
                     BM_OK, "%s of %s: %s", indexes[i].action, indexes[i].text, err.text);
        cr_expect_eq(result.outcome, outcome, "%s of %s", indexes[i].action, indexes[i].text);
        const char *expected = outcome == BM_REWRITE_CHANGED ? after : indexes[i].text;
        cr_expect(bm_view_equal(bm_buffer_view(&out), bm_view_text(expected)), "%s of %s: %.*s",
                  indexes[i].action, indexes[i].text, (int)out.len, (const char *)out.data);
        bm_buffer_free(&out);
    }
}

#define REQUIRES_A "{\"a\":{\"$nin\":[null,\"\"]}}"
#define OPTIONS(inside) "{\"options\":{" inside "},\"indexes\":[]}"

static const struct {
    const char *text;
    const char *after; /* NULL: fulfilled */
    enum bm_validation validation;
} validators[] = {
    {"{}", "{\"options\":{\"validator\":" REQUIRES_A "}}", BM_VALIDATION_REFUSES},
    {"{\"indexes\":[]}", "{\"options\":{\"validator\":" REQUIRES_A "},\"indexes\":[]}",
     BM_VALIDATION_REFUSES},
    {"{\"options\": null }", "{\"options\": {\"validator\":" REQUIRES_A "} }",
     BM_VALIDATION_REFUSES},
    {OPTIONS(""), OPTIONS("\"validator\":" REQUIRES_A), BM_VALIDATION_REFUSES},
    {OPTIONS("\"capped\":true"), OPTIONS("\"capped\":true,\"validator\":" REQUIRES_A),
     BM_VALIDATION_REFUSES},
    {OPTIONS("\"validator\": {} "), OPTIONS("\"validator\": " REQUIRES_A " "),
     BM_VALIDATION_REFUSES},
    /* what is there stays as it is written */
    {OPTIONS("\"validator\":{ \"n\": {\"$gt\":1.0} },\"validationLevel\":\"off\""),
     OPTIONS("\"validator\":{\"$and\":[{ \"n\": {\"$gt\":1.0} }," REQUIRES_A
             "]},\"validationLevel\":\"off\""),
     BM_VALIDATION_OFF},
    {OPTIONS("\"validator\":{\"$jsonSchema\":{}},\"validationAction\":\"warn\""),
     OPTIONS("\"validator\":{\"$and\":[{\"$jsonSchema\":{}}," REQUIRES_A
             "]},\"validationAction\":\"warn\""),
     BM_VALIDATION_WARNS},
    {OPTIONS("\"validationLevel\":\"moderate\",\"validationAction\":\"error\",\"validator\":{"
             "\"$and\":[{\"n\":1}]}"),
     OPTIONS("\"validationLevel\":\"moderate\",\"validationAction\":\"error\",\"validator\":{"
             "\"$and\":[{\"n\":1}," REQUIRES_A "]}"),
     BM_VALIDATION_REFUSES},
    {OPTIONS("\"validator\":{\"$and\":[{\"n\":1}],\"m\":1}"),
     OPTIONS("\"validator\":{\"$and\":[{\"$and\":[{\"n\":1}],\"m\":1}," REQUIRES_A "]}"),
     BM_VALIDATION_REFUSES},
    /* the clause under $or, or on another field, is not the rule */
    {OPTIONS("\"validator\":{\"$or\":[" REQUIRES_A ",{}]}"),
     OPTIONS("\"validator\":{\"$and\":[{\"$or\":[" REQUIRES_A ",{}]}," REQUIRES_A "]}"),
     BM_VALIDATION_REFUSES},
    {OPTIONS("\"validator\":{\"b\":{\"$nin\":[null,\"\"]}}"),
     OPTIONS("\"validator\":{\"$and\":[{\"b\":{\"$nin\":[null,\"\"]}}," REQUIRES_A "]}"),
     BM_VALIDATION_REFUSES},
    /* already so, at the top or within $and, also when it is only a warning */
    {OPTIONS("\"validator\":" REQUIRES_A), NULL, BM_VALIDATION_REFUSES},
    {OPTIONS("\"validator\":{\"n\":1,\"a\":{\"$nin\":[null, \"\"]}}"), NULL, BM_VALIDATION_REFUSES},
    {OPTIONS("\"validator\":{\"$and\":[{\"n\":1}," REQUIRES_A
             "]},\"validationAction\":\"warn\",\"validationLevel\":\"strict\""),
     NULL, BM_VALIDATION_WARNS},
    {OPTIONS("\"validator\":{\"$and\":[{\"m\":1,\"$and\":[{\"n\":1}," REQUIRES_A "]}]}"), NULL,
     BM_VALIDATION_REFUSES},
    /* the later of two counts */
    {OPTIONS("\"validator\":" REQUIRES_A ",\"validator\":{\"n\":1}"),
     OPTIONS("\"validator\":" REQUIRES_A ",\"validator\":{\"$and\":[{\"n\":1}," REQUIRES_A "]}"),
     BM_VALIDATION_REFUSES},
    {"{\"options\":{\"validator\":" REQUIRES_A "},\"options\":{}}",
     "{\"options\":{\"validator\":" REQUIRES_A "},\"options\":{\"validator\":" REQUIRES_A "}}",
     BM_VALIDATION_REFUSES},
};

Test(rewrite, validators)
{
    for (size_t i = 0; i < sizeof validators / sizeof *validators; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        struct bm_rewrite_result result;
        const char *text = validators[i].text;
        cr_assert_eq(rewrite_text(text, "require a", NULL, &result, &out, &err), BM_OK, "%s: %s",
                     text, err.text);
        cr_expect_eq(result.outcome,
                     validators[i].after == NULL ? BM_REWRITE_FULFILLED : BM_REWRITE_CHANGED, "%s",
                     text);
        cr_expect_eq(result.validation, validators[i].validation, "%s", text);
        const char *expected = validators[i].after == NULL ? text : validators[i].after;
        cr_expect(bm_view_equal(bm_buffer_view(&out), bm_view_text(expected)), "%s: %.*s", text,
                  (int)out.len, (const char *)out.data);
        bm_buffer_free(&out);
    }
}

static const struct {
    const char *text;
    const char *action;
    const char *fields;
    const char *error;
    enum bm_error_code code;
} refused[] = {
    {CANONICAL(FILTER("\"$exists\":true")), "a_1=partial", NULL,
     "index a_1 has another partialFilterExpression", BM_ERROR_USAGE},
    {CANONICAL(FILTER("\"$gt\":\"\"")), "a_1=partial:date", NULL,
     "index a_1 has another partialFilterExpression", BM_ERROR_USAGE},
    {CANONICAL(",\"partialFilterExpression\":{}"), "a_1=partial", NULL,
     "index a_1 has another partialFilterExpression", BM_ERROR_USAGE},
    {CANONICAL(",\"partialFilterExpression\":null"), "a_1=partial", NULL,
     "index a_1 has another partialFilterExpression", BM_ERROR_USAGE},
    {CANONICAL(FILTER("\"$gt\":\"\"")), "a_1=sparse", NULL,
     "index a_1 has a partialFilterExpression, beside which the server takes no sparse",
     BM_ERROR_USAGE},
    {CANONICAL(""), "_id_=drop", NULL,
     "index _id_ is the _id index, which every collection has as it is", BM_ERROR_USAGE},
    {CANONICAL(""), "_id_=nonunique", NULL,
     "index _id_ is the _id index, which every collection has as it is", BM_ERROR_USAGE},
    {BARE("{\"name\":\"x\",\"key\":{\"a\":1,\"b\":1}}"), "x=partial", NULL,
     "index x has several fields: a fill or unset rule must name the one to filter on",
     BM_ERROR_USAGE},
    {BARE("{\"name\":\"x\",\"key\":{\"a\":1,\"b\":1}}"), "x=partial", "b,c",
     "index x has no field c to filter on", BM_ERROR_USAGE},
    {BARE("{\"name\":\"x\",\"key\":{\"a\":\"text\"}}"), "x=partial", NULL,
     "index x is a special one (text, geo, wildcard …), made neither partial nor sparse",
     BM_ERROR_USAGE},
    {BARE("{\"name\":\"x\",\"key\":{\"$**\":1}}"), "x=sparse", NULL,
     "index x is a special one (text, geo, wildcard …), made neither partial nor sparse",
     BM_ERROR_USAGE},
    {BARE("{\"name\":\"x\"}"), "x=partial", NULL, "index x has no key", BM_ERROR_USAGE},
    {BARE("{\"name\":\"x\",\"key\":{\"$oid\":1}}"), "x=partial", NULL, NULL, BM_ERROR_CORRUPT},
    {BARE("{\"name\":\"x\",\"key\":{\"$a\":1}}"), "x=partial", NULL,
     "'$a' is no field that a filter could name", BM_ERROR_USAGE},
    {OPTIONS("\"viewOn\":\"a\",\"pipeline\":[]"), "require a", NULL, "a view takes no validator",
     BM_ERROR_USAGE},
    {OPTIONS("\"timeseries\":{\"timeField\":\"t\"}"), "require a", NULL,
     "a time-series collection takes no validator", BM_ERROR_USAGE},
    {OPTIONS("\"validator\":null"), "require a", NULL,
     "the collection's validator is no object to add to", BM_ERROR_USAGE},
    {"", "require a", NULL, "the dump has no metadata of this collection to add a validator to",
     BM_ERROR_USAGE},
    {"{}", "require $a", NULL, "'$a' is no field that a filter could name", BM_ERROR_USAGE},
    {"{}", "require \xff", NULL, "'\xff' is no UTF-8, as JSON has to be", BM_ERROR_USAGE},
    {"{}", "require ", NULL, "'' is no field that a filter could name", BM_ERROR_USAGE},
    {"{", "require a", NULL, NULL, BM_ERROR_CORRUPT},
    {"{\"indexes\":{}}", "a=drop", NULL, "\"indexes\" is no array of objects", BM_ERROR_CORRUPT},
};

Test(rewrite, what_cannot_be_is_said_and_nothing_written)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
        struct bm_rewrite_result result;
        cr_expect_eq(rewrite_text(refused[i].text, refused[i].action, refused[i].fields, &result,
                                  &out, &err),
                     BM_FAIL, "%s of %s", refused[i].action, refused[i].text);
        cr_expect_eq(err.code, refused[i].code, "%s of %s: %s", refused[i].action, refused[i].text,
                     err.text);
        if (refused[i].error != NULL) {
            cr_expect_str_eq(err.text, refused[i].error);
        }
        cr_expect_eq(out.len, 0);
        bm_buffer_free(&out);
    }
}

Test(rewrite, several_in_their_order)
{
    static const char *const fields[] = {"a", "b"};
    static const struct bm_rewrite rewrites[] = {
        {.kind = BM_REWRITE_REQUIRE, .fields = fields, .field_count = 1},
        {.kind = BM_REWRITE_INDEX, .name = "a_1", .index = BM_INDEX_ACTION_NONUNIQUE},
        {.kind = BM_REWRITE_INDEX, .name = "gone", .index = BM_INDEX_ACTION_DROP},
        {.kind = BM_REWRITE_REQUIRE, .fields = fields + 1, .field_count = 1},
        {.kind = BM_REWRITE_INDEX, .name = "a_1", .index = BM_INDEX_ACTION_SPARSE},
    };
    static const enum bm_rewrite_outcome outcomes[] = {BM_REWRITE_CHANGED, BM_REWRITE_CHANGED,
                                                       BM_REWRITE_ABSENT, BM_REWRITE_CHANGED,
                                                       BM_REWRITE_CHANGED};
    static const char before[] = BARE("{\"name\":\"a_1\",\"key\":{\"a\":1},\"unique\":true}");
    static const char after[] =
        "{\"options\":{\"validator\":{\"$and\":[" REQUIRES_A ",{\"b\":{\"$nin\":[null,\"\"]}}]}},"
        "\"indexes\":[{\"name\":\"a_1\",\"key\":{\"a\":1},\"sparse\":true}]}";
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    struct bm_buffer again = BM_BUFFER_INIT(LIMIT);
    struct bm_rewrite_result results[5];
    cr_assert_eq(bm_rewrite_metadata(bm_view_text(before), rewrites, 5, results, &out, &err), BM_OK,
                 "%s", err.text);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(results[i].outcome, outcomes[i], "%zu", i);
    }
    cr_expect(bm_view_equal(bm_buffer_view(&out), bm_view_text(after)), "%.*s", (int)out.len,
              (const char *)out.data);
    cr_assert_eq(bm_rewrite_metadata(bm_buffer_view(&out), rewrites, 5, results, &again, &err),
                 BM_OK);
    for (size_t i = 0; i < 5; i++) {
        cr_expect_neq(results[i].outcome, BM_REWRITE_CHANGED, "%zu", i);
    }
    cr_expect(bm_view_equal(bm_buffer_view(&out), bm_buffer_view(&again)));
    bm_buffer_free(&out);
    bm_buffer_free(&again);
}
