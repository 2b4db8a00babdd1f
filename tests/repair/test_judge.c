/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "doc/extjson.h"
#include "support/judging.h"

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
    const struct bm_index_result *index = &result->namespaces[0].indexes[1];
    cr_assert_eq(index->mend_count, 2);
    cr_assert_str_eq(index->mends[0], "--fill db.c:token=hex:32");
    cr_assert_str_eq(index->mends[1], "--onDuplicate db.c:token_1=reject");
    cr_assert_eq(index->beyond_fill, 0);
    const struct bm_violation *null = &result->violations[0];
    cr_assert_eq(null->kind, BM_VIOLATION_DUPLICATE);
    cr_assert_str_eq(null->ns, "db.c");
    cr_assert_str_eq(null->index, "token_1");
    cr_assert_str_eq(null->e11000, "E11000 duplicate key error collection: db.c index: token_1 dup "
                                   "key: { token: null }");
    cr_assert_eq(null->count, 3);
    cr_assert_eq(null->empties.missing, (uint64_t)(first_known ? 2 : 1));
    cr_assert_eq(null->empties.null, 1);
    cr_assert_eq(null->empties.undefined + null->empties.blank, 0);
    cr_assert_eq(null->document_count, 3);
    expect_place(&null->documents[0], first_known, 1, BM_EMPTY_MISSING);
    expect_place(&null->documents[1], 1, 2, BM_EMPTY_NULL);
    expect_place(&null->documents[2], 1, 4, BM_EMPTY_MISSING);

    const struct bm_violation *undefined = &result->violations[1];
    cr_assert_not_null(strstr(undefined->e11000, "{ token: undefined }"));
    cr_assert_eq(undefined->count, 2);
    cr_assert_eq(undefined->empties.undefined, (uint64_t)(first_known ? 1 : 0));

    const struct bm_violation *x = &result->violations[2];
    cr_assert_not_null(strstr(x->e11000, "{ token: \"x\" }"));
    cr_assert_eq(x->count, 4);
    cr_assert_eq(x->empties.missing + x->empties.null + x->empties.undefined + x->empties.blank, 0);
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
    cr_assert_eq(result.violations[0].empties.missing, 2);
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
    cr_assert_eq(ns->filled.missing, 2);
    cr_assert_eq(ns->filled.null, 1);
    cr_assert_eq(ns->filled.undefined, 1);
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
    const struct bm_index_result *index = &result.namespaces[0].indexes[1];
    cr_assert_eq(index->mend_count, 2);
    cr_assert_str_eq(index->mends[0], "--fill db.c:b=hex:32");
    cr_assert_str_eq(index->mends[1], "--onDuplicate db.c:pair=reject");
    cr_assert_eq(result.violations[0].empties.null, 1);
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
Test(judge, an_unfillable_parent_stays_a_violation_to_be_set_aside)
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
    cr_assert_eq(result.namespaces[0].indexes[1].mend_count, 1);
    cr_assert_str_eq(result.namespaces[0].indexes[1].mends[0], "--onDuplicate db.c:a.b_1=reject");
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
    cr_assert(bm_plan_wants_first(judging.plan));
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_FIRST), BM_OK);
    cr_assert(!bm_plan_wants_first(judging.plan));
    cr_assert_eq(judging.changes.len, 0, "no edits");
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 2);
    cr_assert_eq(result.violations[0].documents[0].ordinal, 0);
    cr_assert_eq(result.violations[1].documents[0].ordinal, 3);
    cr_assert_eq(result.namespaces[0].touched, 4);
    bm_result_free(&result);
}
