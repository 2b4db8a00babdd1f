/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "doc/extjson.h"
#include "support/judging.h"

#define UNIQUE_TOKEN                                                                               \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"                               \
    "{\"v\":2,\"key\":{\"token\":1},\"name\":\"token_1\",\"unique\":true},"                        \
    "{\"v\":2,\"key\":{\"plain\":1},\"name\":\"plain_1\"}]}"
#define PAIR                                                                                       \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"                               \
    "{\"v\":2,\"key\":{\"a\":1,\"b\":1},\"name\":\"pair\",\"unique\":true}]}"

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(judge, .init = start, .fini = stop);

static const char *const shared[] = {
    "{\"_id\":1,\"token\":\"x\"}",
    "{\"_id\":2}",
    "{\"_id\":3,\"token\":null}",
    "{\"_id\":4,\"token\":\"y\"}",
    "{\"_id\":5}",
    "{\"_id\":6,\"token\":{\"$undefined\":true}}",
    "{\"_id\":7,\"token\":[]}",
    "{\"_id\":8,\"token\":\"x\"}",
    "{\"_id\":9,\"token\":\"x\"}",
    "{\"_id\":10,\"token\":[\"x\",\"y\"]}",
};

static void add_shared(void)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        judging_document(&judging, shared[i]);
    }
}

static void expect_place(const struct bm_document_place *place, int known, uint64_t ordinal,
                         unsigned empty)
{
    cr_assert_eq(place->known, known);
    if (known) {
        cr_assert_eq(place->ordinal, ordinal);
        cr_assert_eq(place->offset, judging.at[ordinal]);
        cr_assert_eq(place->id.len, 9);
        cr_assert_eq(bm_le32(place->id.data + 5), ordinal + 1);
        cr_assert_eq(place->empty, empty);
    }
}

/* Groups in the order of their second documents: null, undefined, x, y. */
static void expect_groups(const struct bm_result *result, int first_known)
{
    cr_assert_eq(result->violation_count, 4);
    cr_assert_eq(result->violation_total, 7);
    const struct bm_violation *null = &result->violations[0];
    cr_assert_eq(null->kind, BM_VIOLATION_DUPLICATE);
    cr_assert_str_eq(null->ns, "db.c");
    cr_assert_str_eq(null->index, "token_1");
    cr_assert_str_eq(null->e11000, "E11000 duplicate key error collection: db.c index: token_1 dup "
                                   "key: { token: null }");
    cr_assert_str_eq(null->mend, "--fill db.c:token=hex:32");
    cr_assert_eq(null->count, 3);
    cr_assert_eq(null->missing, (uint64_t)(first_known ? 2 : 1));
    cr_assert_eq(null->null, 1);
    cr_assert_eq(null->undefined + null->blank, 0);
    cr_assert_eq(null->document_count, 3);
    expect_place(&null->documents[0], first_known, 1, BM_EMPTY_MISSING);
    expect_place(&null->documents[1], 1, 2, BM_EMPTY_NULL);
    expect_place(&null->documents[2], 1, 4, BM_EMPTY_MISSING);

    const struct bm_violation *undefined = &result->violations[1];
    cr_assert_not_null(strstr(undefined->e11000, "{ token: undefined }"));
    cr_assert_null(undefined->mend, "the second document holds an empty array");
    cr_assert_eq(undefined->count, 2);
    cr_assert_eq(undefined->undefined, (uint64_t)(first_known ? 1 : 0));

    const struct bm_violation *x = &result->violations[2];
    cr_assert_not_null(strstr(x->e11000, "{ token: \"x\" }"));
    cr_assert_null(x->mend);
    cr_assert_eq(x->count, 4);
    cr_assert_eq(x->missing + x->null + x->undefined + x->blank, 0);
    expect_place(&x->documents[0], first_known, 0, BM_NOT_EMPTY);
    expect_place(&x->documents[3], 1, 9, BM_NOT_EMPTY);

    cr_assert_not_null(strstr(result->violations[3].e11000, "{ token: \"y\" }"));
    cr_assert_eq(result->violations[3].count, 2);
}

Test(judge, groups_and_tallies_are_exact)
{
    add_shared();
    judging_run(&judging);
    judging_expect_same(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 7);
    cr_assert(bm_plan_wants_first(judging.plan));
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    struct bm_result result = judging_result(&judging);
    expect_groups(&result, 0);
    cr_assert_eq(result.namespace_count, 1);
    const struct bm_namespace_result *ns = &result.namespaces[0];
    cr_assert_eq(ns->documents, 10);
    cr_assert_eq(ns->bytes, judging.documents.len);
    cr_assert(ns->judged);
    cr_assert_null(ns->reason);
    cr_assert_eq(ns->index_count, 3);
    cr_assert_str_eq(ns->indexes[0].name, "_id_");
    cr_assert_eq(ns->indexes[0].keys, 10);
    cr_assert_eq(ns->indexes[0].violations, 0);
    cr_assert_str_eq(ns->indexes[1].key_text, "{ token: 1 }");
    cr_assert(ns->indexes[1].unique && ns->indexes[1].judged);
    cr_assert_eq(ns->indexes[1].keys, 4);
    cr_assert_eq(ns->indexes[1].groups, 4);
    cr_assert_eq(ns->indexes[1].violations, 7);
    cr_assert(!ns->indexes[2].unique && !ns->indexes[2].judged);
    bm_result_free(&result);
}

Test(judge, a_second_pass_finds_the_first_documents)
{
    for (uint32_t batch = 0; batch < 5; batch++) {
        stop();
        start();
        judging.batch = batch;
        add_shared();
        judging_run(&judging);
        cr_assert_eq(judging_pass(&judging, 0, BM_PASS_FIRST), BM_OK);
        cr_assert(!bm_plan_wants_first(judging.plan));
        cr_assert_eq(bm_plan_violations(judging.plan), 7);
        struct bm_result result = judging_result(&judging);
        expect_groups(&result, 1);
        cr_assert_eq(result.namespaces[0].indexes[1].keys, 4);
        bm_result_free(&result);
    }
}

Test(judge, details_are_limited_and_totals_are_not)
{
    judging.group_limit = 2;
    judging.document_limit = 2;
    add_shared();
    judging_run(&judging);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_FIRST), BM_OK);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 2);
    cr_assert_eq(result.violation_total, 7);
    cr_assert_eq(result.violations[0].count, 3);
    cr_assert_eq(result.violations[0].missing, 2);
    cr_assert_eq(result.violations[0].document_count, 2);
    expect_place(&result.violations[0].documents[0], 1, 1, BM_EMPTY_MISSING);
    expect_place(&result.violations[0].documents[1], 1, 2, BM_EMPTY_NULL);
    cr_assert_eq(result.namespaces[0].indexes[1].groups, 4);
    bm_result_free(&result);
}

Test(judge, many_groups_are_kept_apart)
{
    char text[64];
    judging.group_limit = 300;
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    for (int i = 0; i < 1200; i++) {
        (void)snprintf(text, sizeof text, "{\"_id\":%d,\"token\":%d}", i, i % 400);
        judging_document(&judging, text);
    }
    judging_run(&judging);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_FIRST), BM_OK);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 300);
    cr_assert_eq(result.violation_total, 800);
    for (size_t i = 0; i < 300; i++) {
        cr_assert_eq(result.violations[i].count, 3);
        cr_assert_eq(result.violations[i].documents[0].ordinal, i);
        cr_assert_eq(result.violations[i].documents[2].ordinal, i + 800);
    }
    bm_result_free(&result);
}

Test(judge, a_fill_mends_what_is_empty)
{
    add_shared();
    judging_fill(&judging, "token=hex:32");
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 4, "x three times over, y once");
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 2);
    const struct bm_namespace_result *ns = &result.namespaces[0];
    cr_assert_eq(ns->filled_missing, 2);
    cr_assert_eq(ns->filled_null, 1);
    cr_assert_eq(ns->filled_undefined, 1);
    cr_assert_eq(ns->touched, 4);
    cr_assert_eq(ns->indexes[1].keys, 7);
    cr_assert_eq(result.note_count, 0);
    bm_result_free(&result);
}

Test(judge, compound_keys_and_their_advice)
{
    (void)judging_namespace(&judging, "db", "c", PAIR);
    judging_document(&judging, "{\"_id\":1,\"a\":5}");
    judging_document(&judging, "{\"_id\":2,\"a\":6}");
    judging_document(&judging, "{\"_id\":3,\"a\":{\"$numberLong\":\"5\"},\"b\":null}");
    judging_document(&judging, "{\"_id\":4,\"a\":1,\"b\":1}");
    judging_document(&judging, "{\"_id\":5,\"a\":1.0,\"b\":1}");
    judging_run(&judging);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 2);
    cr_assert_str_eq(result.violations[0].mend, "--fill db.c:b=hex:32");
    cr_assert_eq(result.violations[0].null, 1);
    cr_assert_null(result.violations[1].mend);
    cr_assert_not_null(strstr(result.violations[1].e11000, "dup key: { a: 1.0, b: 1 }"), "%s",
                       result.violations[1].e11000);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer key = BM_BUFFER_INIT(1024);
    cr_assert_eq(bm_json_document(result.violations[0].key, &key, &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&key, 0, &err), BM_OK);
    cr_assert_not_null(strstr((const char *)key.data, "null"), "%s", (const char *)key.data);
    bm_buffer_free(&key);
    bm_result_free(&result);
}

/* A null parent is not made an object; what collides because of it stays a violation. */
Test(judge, an_unfillable_parent_stays_a_violation_without_advice)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    judging_unique(&judging, "a.b");
    judging_fill(&judging, "a.b=hex:32");
    judging_document(&judging, "{\"_id\":1,\"a\":null}");
    judging_document(&judging, "{\"_id\":2,\"a\":7}");
    judging_document(&judging, "{\"_id\":3,\"a\":{}}");
    judging_run(&judging);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 1);
    cr_assert_eq(result.violations[0].count, 2);
    cr_assert_null(result.violations[0].mend);
    cr_assert_eq(result.namespaces[0].touched, 1);
    bm_result_free(&result);
}

Test(judge, documents_that_cannot_be_indexed)
{
    (void)judging_namespace(&judging, "db", "c", PAIR);
    judging_document(&judging, "{\"_id\":1,\"a\":[1,2],\"b\":[3]}");
    judging_document(&judging, "{\"_id\":2,\"a\":1,\"b\":[3]}");
    judging_document(&judging, "{\"_id\":3,\"a\":[],\"b\":[]}");
    judging_document(&judging, "{\"_id\":[1],\"a\":9,\"b\":9}");
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 3);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 2);
    cr_assert_eq(result.violation_total, 3);
    const struct bm_violation *id = &result.violations[0];
    cr_assert_eq(id->kind, BM_VIOLATION_UNINDEXABLE);
    cr_assert_str_eq(id->index, "_id_");
    cr_assert_str_eq(id->reason, "The '_id' value cannot be of type array");
    cr_assert_eq(id->count, 1);
    const struct bm_violation *pair = &result.violations[1];
    cr_assert_str_eq(pair->index, "pair");
    cr_assert_str_eq(pair->reason, "cannot index parallel arrays [b] [a]");
    cr_assert_eq(pair->count, 2);
    cr_assert_eq(pair->document_count, 2);
    cr_assert_eq(pair->documents[0].ordinal, 0);
    cr_assert_eq(pair->documents[1].ordinal, 2);
    cr_assert_eq(result.namespaces[0].indexes[1].unindexable, 2);
    bm_result_free(&result);
}

/* What is kept of a group has a bound, whatever the keys hold. */
Test(judge, long_keys_and_ids_are_not_kept)
{
    char *text = malloc(60000);
    cr_assert_not_null(text);
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    for (int i = 1; i <= 3; i++) {
        (void)snprintf(text, 60000, "{\"_id\":\"%02000d\",\"token\":[\"a\\u0000b\",\"%020000d\"]}",
                       i, 0);
        judging_document(&judging, text);
    }
    free(text);
    judging_run(&judging);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct bm_violation *violation = &result.violations[i];
        cr_assert_eq(violation->count, 3);
        cr_assert(violation->documents[1].known);
        cr_assert_eq(violation->documents[1].id.len, 0);
        if (violation->key.len > 0) {
            cr_assert_not_null(strstr(violation->e11000, "{ token: \"a\\x00b\" }"));
        } else {
            cr_assert_not_null(strstr(violation->e11000, "0000...\" }"), "%s", violation->e11000);
            cr_assert_lt(strlen(violation->e11000), 300);
        }
    }
    cr_assert_neq(result.violations[0].key.len > 0, result.violations[1].key.len > 0);
    bm_result_free(&result);
}

Test(judge, a_second_pass_works_beside_fills)
{
    add_shared();
    judging_fill(&judging, "token=hex:32");
    judging_run(&judging);
    struct bm_buffer first = judging.output;
    judging.output = BM_BUFFER_INIT(first.limit);
    cr_assert(bm_plan_wants_first(judging.plan));
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_FIRST), BM_OK);
    cr_assert(!bm_plan_wants_first(judging.plan));
    cr_assert(bm_view_equal(bm_buffer_view(&judging.output), bm_buffer_view(&first)));
    bm_buffer_free(&first);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 2);
    cr_assert_eq(result.violations[0].documents[0].ordinal, 0);
    cr_assert_eq(result.violations[1].documents[0].ordinal, 3);
    cr_assert_eq(result.namespaces[0].touched, 4);
    bm_result_free(&result);
}

/* ---- tokens that collide ---- */

Test(judge, a_value_met_later_makes_the_pass_be_made_again)
{
    char token[33];
    char second[33];
    char planted[96];
    char filled[96];
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    judging_fill(&judging, "token=hex:32");
    (void)judging_token("db.c", "token", "{\"_id\":1}", 1, token);
    (void)judging_token("db.c", "token", "{\"_id\":1}", 2, second);
    (void)snprintf(planted, sizeof planted, "{\"_id\":2,\"token\":\"%s\"}", token);
    (void)snprintf(filled, sizeof filled, "{\"_id\":1,\"token\":\"%s\"}", second);
    judging_document(&judging, "{\"_id\":1}");
    judging_document(&judging, planted);
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_LATE_COLLISION);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_OK);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
    judging_expect(&judging, (const char *const[]){filled, planted, NULL});
}

/* The same without an index over the field alone: the set is only there for the fill. */
Test(judge, a_late_collision_is_seen_without_an_index)
{
    char token[33];
    char planted[96];
    (void)judging_namespace(&judging, "db", "c", NULL);
    judging_fill(&judging, "db.c:token=hex:32");
    judging.repeatable = 0;
    (void)judging_token("db.c", "token", "{\"_id\":1}", 1, token);
    (void)snprintf(planted, sizeof planted, "{\"_id\":2,\"token\":[1,\"%s\"]}", token);
    judging_document(&judging, "{\"_id\":1}");
    judging_document(&judging, planted);
    judging_document(&judging, "{\"_id\":3,\"token\":1}");
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_LATE_COLLISION);
    cr_assert_eq(bm_plan_violations(judging.plan), 0, "values may recur without an index");
}

Test(judge, a_token_differs_from_values_before_it_and_in_its_own_document)
{
    char token[33];
    char second[33];
    char json[3][160];
    (void)judging_namespace(&judging, "db", "c", NULL);
    judging_fill(&judging, "db.c:token=hex:32");
    (void)judging_token("db.c", "token", "{\"_id\":2}", 1, token);
    (void)judging_token("db.c", "token", "{\"_id\":2}", 2, second);
    (void)snprintf(json[0], sizeof json[0], "{\"_id\":1,\"token\":\"%s\"}", token);
    (void)snprintf(json[1], sizeof json[1], "{\"_id\":2,\"token\":\"%s\"}", second);
    judging_document(&judging, json[0]);
    judging_document(&judging, "{\"_id\":2,\"token\":null}");
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    judging_expect(&judging, (const char *const[]){json[0], json[1], NULL});
}

/* The token of items.0 is planted in items.1 of the same document. */
Test(judge, a_token_differs_from_values_of_its_own_document)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    judging_fill(&judging, "db.c:items.t=hex:32");
    judging_document(&judging,
                     "{\"_id\":1,\"items\":[{},{\"t\":\"00000000000000000000000000000000\"}]}");
    judging_run(&judging);
    char token[33] = "";
    memcpy(token, judging.output.data + 38, 32);
    char json[160];
    (void)snprintf(json, sizeof json, "{\"_id\":1,\"items\":[{},{\"t\":\"%s\"}]}", token);
    judging_clear(&judging);
    judging_document(&judging, json);
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    cr_assert_neq(memcmp(judging.output.data + 38, token, 32), 0);
    cr_assert_eq(strspn((const char *)judging.output.data + 38, "0123456789abcdef"), 32);
}

Test(judge, attempts_run_out)
{
    char token[33];
    char json[96];
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    judging_fill(&judging, "token=hex:32");
    judging.rules.attempts = 2;
    for (uint32_t attempt = 1; attempt <= 2; attempt++) {
        (void)judging_token("db.c", "token", "{\"_id\":9}", attempt, token);
        (void)snprintf(json, sizeof json, "{\"_id\":%u,\"token\":\"%s\"}", attempt, token);
        judging_document(&judging, json);
    }
    judging_document(&judging, "{\"_id\":9}");
    cr_assert_eq(judging_plan(&judging), BM_OK);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_FAIL);
    cr_assert_eq(judging.err.code, BM_ERROR_VIOLATION);
    cr_assert_str_eq(judging.err.ns, "db.c");
    cr_assert_str_eq(judging.err.id, "9");
    cr_assert_eq(judging.err.offset, judging.at[2]);
    cr_assert_not_null(strstr(judging.err.text, "after 2 attempts of hex:32: raise --attempts"));
    judging.rules.attempts = 3;
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
}

Test(judge, documents_without_an_id_or_with_one_that_came_before_get_tokens_of_their_own)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    judging_fill(&judging, "db.c:t=hex:32");
    judging.rules.attempts = 1;
    for (int i = 0; i < 3; i++) {
        judging_document(&judging, "{\"x\":1}");
        judging_document(&judging, "{\"_id\":5}");
    }
    judging_run(&judging);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.namespaces[0].filled_missing, 6);
    cr_assert_eq(result.violation_total, 2, "the _id itself");
    bm_result_free(&result);
}

/* ---- sizes ---- */

static void add_large(size_t size)
{
    uint8_t *document = calloc(size, 1);
    cr_assert_not_null(document);
    bm_put_le32(document, (uint32_t)size);
    document[4] = BM_TYPE_BINARY;
    memcpy(document + 5, "x", 2);
    bm_put_le32(document + 7, (uint32_t)(size - 13));
    judging_bytes(&judging, (struct bm_view){document, size});
    free(document);
}

Test(judge, a_document_past_the_limit)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    add_large(BM_DOCUMENT_MAX);
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
    judging_fill(&judging, "db.c:t=hex:32");
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 1);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 1);
    cr_assert_eq(result.violations[0].kind, BM_VIOLATION_OVERSIZE);
    cr_assert_eq(result.violations[0].count, 1);
    cr_assert_str_eq(result.violations[0].index, "");
    cr_assert_not_null(strstr(result.violations[0].reason, "16777216"));
    cr_assert_eq(result.violations[0].document_count, 1);
    bm_result_free(&result);
}

static const struct {
    const char *options;
    size_t documents;
    const char *fill;
    const char *words; /* NULL: it fits */
} capped[] = {
    {"\"capped\":true,\"size\":1000", 8, NULL, NULL},
    {"\"capped\":true,\"size\":257", 17, NULL, NULL},
    {"\"capped\":true,\"size\":256", 9, NULL, "261 bytes in a capped collection of at most 256"},
    {"\"capped\":true,\"size\":512", 8, NULL, NULL},
    {"\"capped\":true,\"size\":500", 8, "db.c:t=hex:32",
     "528 bytes in a capped collection of at most 512"},
    {"\"capped\":true,\"size\":100000,\"max\":3", 3, NULL, NULL},
    {"\"capped\":true,\"size\":100000,\"max\":3", 4, NULL,
     "4 documents in a capped collection of at most 3"},
    {"\"capped\":false,\"size\":1,\"max\":1", 4, NULL, NULL},
};

Test(judge, capped_collections_that_outgrow_their_size)
{
    for (size_t i = 0; i < sizeof capped / sizeof *capped; i++) {
        char text[128];
        stop();
        start();
        (void)snprintf(text, sizeof text, "{\"options\":{%s},\"indexes\":[]}", capped[i].options);
        (void)judging_namespace(&judging, "db", "c", text);
        if (capped[i].fill != NULL) {
            judging_fill(&judging, capped[i].fill);
        }
        for (size_t d = 0; d < capped[i].documents; d++) {
            (void)snprintf(text, sizeof text, "{\"_id\":%zu,\"t\":%s}", d,
                           capped[i].fill != NULL ? "null,\"y\":\"aaaa\"" : "\"1234567\"");
            judging_document(&judging, text);
        }
        judging_run(&judging);
        cr_assert_eq(bm_plan_violations(judging.plan), (uint64_t)(capped[i].words != NULL),
                     "case %zu: %zu bytes", i, judging.output.len);
        struct bm_result result = judging_result(&judging);
        cr_assert_eq(result.violation_count, (size_t)(capped[i].words != NULL));
        if (capped[i].words != NULL) {
            cr_assert_eq(result.violations[0].kind, BM_VIOLATION_CAPPED);
            cr_assert_not_null(strstr(result.violations[0].reason, capped[i].words), "%s",
                               result.violations[0].reason);
        }
        bm_result_free(&result);
    }
}

/* ---- what is not judged ---- */

Test(judge, reasons)
{
    (void)judging_namespace(
        &judging, "db", "text",
        "{\"indexes\":[{\"v\":2,\"key\":{\"_fts\":\"text\",\"_ftsx\":1},\"name\":\"a_text\","
        "\"unique\":true}]}");
    (void)judging_namespace(&judging, "db", "broken", "{nonsense");
    (void)judging_namespace(
        &judging, "db", "collated",
        "{\"options\":{\"collation\":{\"locale\":\"en\",\"strength\":2}},\"indexes\":[]}");
    (void)judging_namespace(&judging, "old", "c", NULL);
    (void)judging_namespace(&judging, "old", "system.indexes", NULL);
    (void)judging_namespace(&judging, "db", "left", "{nonsense");
    cr_assert_eq(bm_rules_add_exclude(&judging.rules, "db.left", &judging.err), BM_OK);
    cr_assert_eq(judging_plan(&judging), BM_OK);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.namespace_count, 6);
    cr_assert(result.namespaces[0].indexes[0].judged);
    cr_assert(result.namespaces[0].indexes[1].unique);
    cr_assert(!result.namespaces[0].indexes[1].judged);
    cr_assert_not_null(strstr(result.namespaces[0].indexes[1].reason, "text"));
    cr_assert_null(result.namespaces[0].reason);
    cr_assert_not_null(strstr(result.namespaces[1].reason, "its metadata cannot be read"));
    cr_assert(result.namespaces[1].indexes[0].judged, "its _id is judged all the same");
    cr_assert(result.namespaces[2].indexes[0].judged);
    cr_assert_str_eq(result.namespaces[3].reason, "its indexes are defined in system.indexes");
    cr_assert(!result.namespaces[4].judged);
    cr_assert(!result.namespaces[5].judged);
    cr_assert_null(result.namespaces[5].reason);
    bm_result_free(&result);
}

/* ---- damage ---- */

/* A document with an unknown type byte put over the first byte that is `mark`. */
static void add_damaged(const char *json, uint8_t mark)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer document = BM_BUFFER_INIT(4096);
    cr_assert_eq(bm_json_parse(bm_view_text(json), &document, &err), BM_OK);
    uint8_t *at = memchr(document.data + 4, mark, document.len - 4);
    cr_assert_not_null(at);
    *at = 0x42;
    judging_bytes(&judging, bm_buffer_view(&document));
    bm_buffer_free(&document);
}

static const struct {
    const char *json;
    uint8_t mark;
    const char *fill;
    int unsound;
} damaged[] = {
    {"{\"_id\":1,\"token\":\"x\",\"z\":{\"$maxKey\":1}}", BM_TYPE_MAX_KEY, NULL, 0},
    {"{\"_id\":1,\"z\":{\"$maxKey\":1},\"token\":\"x\"}", BM_TYPE_MAX_KEY, NULL, 1},
    {"{\"z\":{\"$maxKey\":1},\"_id\":1,\"token\":\"x\"}", BM_TYPE_MAX_KEY, NULL, 1},
    {"{\"_id\":1,\"token\":\"x\",\"z\":{\"y\":{\"$maxKey\":1}}}", BM_TYPE_MAX_KEY, NULL, 0},
    {"{\"_id\":1,\"token\":{\"y\":{\"$maxKey\":1}}}", BM_TYPE_MAX_KEY, NULL, 1},
    {"{\"_id\":1,\"token\":\"x\",\"z\":{\"$maxKey\":1}}", BM_TYPE_MAX_KEY, "token=hex:32", 0},
    {"{\"_id\":1,\"token\":null,\"z\":{\"$maxKey\":1}}", BM_TYPE_MAX_KEY, "token=hex:32", 1},
    {"{\"_id\":1,\"token\":[null],\"z\":{\"$maxKey\":1}}", BM_TYPE_MAX_KEY, "token=hex:32", 0},
    {"{\"_id\":1,\"token\":\"x\",\"z\":{\"$maxKey\":1}}", BM_TYPE_MAX_KEY, "db.c:other=hex:32", 1},
};

Test(judge, damage_passes_through_where_no_judged_path_meets_it)
{
    for (size_t i = 0; i < sizeof damaged / sizeof *damaged; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
        if (damaged[i].fill != NULL) {
            judging_fill(&judging, damaged[i].fill);
        }
        judging_document(&judging, "{\"_id\":0,\"token\":\"w\",\"other\":1}");
        add_damaged(damaged[i].json, damaged[i].mark);
        judging_document(&judging, "{\"_id\":2,\"token\":\"w\",\"other\":1}");
        judging_run(&judging);
        judging_expect_same(&judging);
        cr_assert_eq(bm_plan_unsound(judging.plan), damaged[i].unsound, "case %zu", i);
        cr_assert_eq(bm_plan_violations(judging.plan), 1, "reading goes on");
        struct bm_result result = judging_result(&judging);
        cr_assert_eq(result.damage_count, 1);
        cr_assert_str_eq(result.damage[0].ns, "db.c");
        uint64_t offset = result.damage[0].offset;
        cr_assert(offset > judging.at[1] && offset < judging.at[2]);
        cr_assert_eq(judging.documents.data[offset], 0x42, "case %zu", i);
        cr_assert_neq(result.damage[0].what[0], '\0');
        bm_result_free(&result);
    }
}

Test(judge, much_damage_is_counted_and_partly_listed)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    for (int i = 0; i < 1100; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "{\"z\":{\"$maxKey\":1},\"_id\":%d}", i);
        add_damaged(text, BM_TYPE_MAX_KEY);
    }
    judging_run(&judging);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.damage_count, 1000);
    cr_assert_eq(result.note_count, 1);
    cr_assert_str_eq(result.notes[0], "db.c: 1100 damaged documents, the first 1000 listed");
    bm_result_free(&result);
}

/* ---- memory ---- */

Test(judge, a_budget_that_does_not_suffice)
{
    char text[64];
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    judging.budget.limit = 20000;
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(text, sizeof text, "{\"_id\":%d,\"token\":%d}", i, i);
        judging_document(&judging, text);
    }
    cr_assert_eq(judging_plan(&judging), BM_OK);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_FAIL);
    cr_assert_eq(judging.err.code, BM_ERROR_MEMORY);
    cr_assert_str_eq(judging.err.ns, "db.c");
}

/* A document with more keys than a window takes goes the slow way to the same end. */
Test(judge, a_document_with_very_many_keys)
{
    struct bm_buffer json = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_error err = BM_ERROR_INIT;
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    cr_assert_eq(bm_buffer_append_text(&json, "{\"_id\":1,\"token\":[0", &err), BM_OK);
    for (int i = 1; i < 3000; i++) {
        cr_assert_eq(bm_buffer_printf(&json, &err, ",%d", i), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_text(&json, "]}", &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&json, 0, &err), BM_OK);
    judging_document(&judging, (const char *)json.data);
    judging_document(&judging, "{\"_id\":2,\"token\":2999}");
    judging_run(&judging);
    bm_buffer_free(&json);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.namespaces[0].indexes[1].keys, 3000);
    cr_assert_eq(result.namespaces[0].indexes[1].groups, 1);
    bm_result_free(&result);
}
