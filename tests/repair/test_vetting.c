/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/judging.h"

/* Documents under the validator of their own collection. */

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(vetting, .init = start, .fini = stop);

/* Two documents are filled, two are not; of each two one has n: 1. */
static void run(const char *options)
{
    char metadata[512];
    (void)snprintf(metadata, sizeof metadata, "{\"options\":{%s},\"indexes\":[]}", options);
    (void)judging_namespace(&judging, "db", "c", metadata);
    judging_fill(&judging, "db.c:t=hex:32");
    judging_document(&judging, "{\"_id\":1,\"n\":1,\"t\":null}");
    judging_document(&judging, "{\"_id\":2,\"n\":2,\"t\":null}");
    judging_document(&judging, "{\"_id\":3,\"n\":1,\"t\":\"own\"}");
    judging_document(&judging, "{\"_id\":4,\"n\":2,\"t\":\"other\"}");
    judging_run(&judging);
}

static const struct {
    const char *options;
    uint64_t refused;
    const char *reason;
} cases[] = {
    {"\"validator\":{\"n\":1}", 2,
     "refused by the collection's validator, 1 of them after a change"},
    {"\"validator\":{\"t\":{\"$type\":\"string\"}}", 0, ""},
    {"\"validator\":{\"t\":{\"$in\":[\"own\",\"other\"]}}", 2,
     "changed, and then refused by the collection's validator"},
    {"\"validator\":{\"t\":{\"$nin\":[\"own\",\"other\"]}}", 2,
     "refused by the collection's validator as they are"},
    {"\"validator\":{\"t\":{\"$type\":\"objectId\"}}", 4,
     "refused by the collection's validator, 2 of them after a change"},
    {"\"validator\":{\"$jsonSchema\":{\"properties\":{\"t\":{\"bsonType\":\"int\"}}}}", 4,
     "refused by the collection's validator, 2 of them after a change"},
    {"\"validator\":{\"n\":1},\"validationLevel\":\"off\"", 0, ""},
    {"\"validator\":{\"n\":1},\"validationAction\":\"warn\"", 0, ""},
    {"\"validator\":{\"n\":1},\"validationLevel\":\"moderate\",\"validationAction\":\"error\"", 2,
     "refused by the collection's validator, 1 of them after a change"},
    {"\"validator\":{\"n\":1},\"validationAction\":\"errorAndLog\"", 2,
     "refused by the collection's validator, 1 of them after a change"},
};

Test(vetting, a_document_that_the_validator_refuses_is_a_violation)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stop();
        start();
        run(cases[i].options);
        cr_expect_eq(bm_plan_violations(judging.plan), cases[i].refused, "%s", cases[i].options);
        struct bm_result result = judging_result(&judging);
        cr_assert_eq(result.violation_count, (size_t)(cases[i].refused > 0), "%s",
                     cases[i].options);
        if (cases[i].refused > 0) {
            const struct bm_violation *violation = &result.violations[0];
            cr_expect_eq(violation->kind, BM_VIOLATION_VALIDATOR);
            cr_expect_eq(violation->count, cases[i].refused);
            cr_expect_eq(violation->document_count, cases[i].refused);
            cr_expect_str_eq(violation->reason, cases[i].reason, "%s", cases[i].options);
            cr_expect_eq(result.violation_total, cases[i].refused);
        }
        cr_expect_null(result.namespaces[0].reason);
        bm_result_free(&result);
    }
}

Test(vetting, a_pass_made_again_counts_anew)
{
    run("\"validator\":{\"n\":1}");
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_OK);
    cr_assert_eq(bm_plan_violations(judging.plan), 2);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violations[0].count, 2);
    bm_result_free(&result);
}

static void expect_unproved(const char *reason)
{
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_OK);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 0);
    cr_assert_eq(bm_result_outcome(&result), BM_OUTCOME_UNPROVED);
    cr_assert_str_eq(result.namespaces[0].reason, reason);
    cr_assert_eq(result.note_count, 0);
    bm_result_free(&result);
}

Test(vetting, what_is_not_judged_is_said_and_leaves_the_result_unproved)
{
    run("\"validator\":{\"t\":{\"$regex\":\"^[0-9a-f]+$\"}}");
    expect_unproved("its validator over 4 documents, 2 of them changed: $regex is not judged; a "
                    "restore may skip them");
}

static void run_one(const char *validator, const char *document)
{
    char metadata[256];
    (void)snprintf(metadata, sizeof metadata, "{\"options\":{\"validator\":%s}}", validator);
    (void)judging_namespace(&judging, "db", "c", metadata);
    judging_document(&judging, document);
    judging_run(&judging);
}

Test(vetting, a_document_whose_answer_is_not_known_leaves_the_result_unproved)
{
    run_one("{\"t\":{\"$regex\":\"x\"}}", "{\"_id\":1,\"t\":\"own\"}");
    expect_unproved("its validator over 1 document: $regex is not judged; a restore may skip it");
}

Test(vetting, a_part_that_is_not_judged_refuses_nothing_and_hides_no_refusal)
{
    run_one("{\"t\":{\"$regex\":\"x\"}}", "{\"_id\":1,\"t\":5}");
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 1);
    cr_expect_eq(result.violations[0].kind, BM_VIOLATION_VALIDATOR);
    cr_expect_null(result.namespaces[0].reason);
    bm_result_free(&result);
}

Test(vetting, where_every_document_is_decided_nothing_is_left_open)
{
    run_one("{\"$or\":[{\"t\":1},{\"$expr\":1}]}", "{\"_id\":1,\"t\":1}");
    struct bm_result result = judging_result(&judging);
    cr_expect_eq(bm_result_outcome(&result), BM_OUTCOME_CLEAN);
    cr_expect_null(result.namespaces[0].reason);
    bm_result_free(&result);
}

Test(vetting, a_validator_that_the_server_may_not_know_is_never_clean)
{
    run_one("{\"$or\":[{\"t\":1},{\"$unheard\":1}]}", "{\"_id\":1,\"t\":1}");
    expect_unproved(
        "its validator: $unheard is not judged, and the server may make no collection with it");
}
