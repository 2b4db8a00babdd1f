/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "repair/plan.h"
#include "support/bson_text.h"
#include "support/judging.h"

/* What rules of duplicates do beside the ranking itself: tokens that are not drawn yet, an _id that
 * the server refuses, rules that meet, and who came first. */

#define INDEX(key, name, more)                                                                     \
    ",{\"v\":2,\"key\":{" key "},\"name\":\"" name "\",\"unique\":true" more "}"
#define METADATA(indexes)                                                                          \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"}" indexes "]}"
#define FILTER(filter) ",\"partialFilterExpression\":" filter

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(contest_rest, .init = start, .fini = stop);

static void expect_gone(uint64_t only)
{
    char gone[64];
    char expected[32];
    (void)snprintf(expected, sizeof expected, "%d", (int)only);
    cr_assert_str_eq(judging_gone(&judging.plan->targets[0], gone), expected, "%s", gone);
}

/* ---- tokens that are not drawn yet ---- */

Test(contest_rest, copies_of_an_id_are_not_alike_while_looking_ahead)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    judging_on_duplicate(&judging, "token_1=reject");
    judging_keep(&judging, "last");
    judging_fill(&judging, "db.c:token=hex:32");
    judging_document(&judging, "{\"_id\":1,\"x\":1}");
    judging_document(&judging, "{\"_id\":1,\"x\":2}");
    judging_run(&judging);
    cr_expect_eq(judging.plan->targets[0].rejected, 0);
    cr_expect_eq(bm_plan_violations(judging.plan), 1, "the _id, of which no rule speaks");
}

/* A filter that asks for the type of the tokens holds the filled documents. */
Test(contest_rest, a_filled_document_enters_the_index_of_its_tokens_type)
{
    static const char *const shapes[] = {"objectid", "uuid4-binary", "hex:32"};
    static const char *const types[] = {"objectId", "binData", "string"};
    for (size_t i = 0; i < 3; i++) {
        char metadata[512];
        char rule[64];
        stop();
        start();
        (void)snprintf(metadata, sizeof metadata,
                       METADATA(INDEX("\"x\":1", "x_1", FILTER("{\"token\":{\"$type\":\"%s\"}}"))),
                       types[i]);
        (void)snprintf(rule, sizeof rule, "db.c:token=%s", shapes[i]);
        (void)judging_namespace(&judging, "db", "c", metadata);
        judging_on_duplicate(&judging, "x_1=reject");
        judging_keep(&judging, "last");
        judging_fill(&judging, rule);
        judging_document(&judging, "{\"_id\":1,\"x\":1}");
        judging_document(&judging, "{\"_id\":2,\"x\":1}");
        judging_run(&judging);
        expect_gone(0);
        cr_expect_eq(bm_plan_violations(judging.plan), 0, "%s", shapes[i]);
    }
}

/* ---- an _id that the server refuses ---- */

#define BAD_ID "{\"_id\":[1],\"a\":1}"

Test(contest_rest, a_document_that_goes_withholds_nothing_for_its_id)
{
    (void)judging_namespace(&judging, "db", "c", METADATA(INDEX("\"a\":1", "a_1", "")));
    judging_on_duplicate(&judging, "a_1=reject");
    judging_document(&judging, "{\"_id\":1,\"a\":1}");
    judging_document(&judging, BAD_ID);
    judging_run(&judging);
    expect_gone(1);
    cr_expect_eq(bm_plan_violations(judging.plan), 0);
}

Test(contest_rest, an_id_that_is_refused_withholds_unless_it_is_left)
{
    for (int is_left = 0; is_left <= 1; is_left++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", METADATA(INDEX("\"a\":1", "a_1", "")));
        judging_on_duplicate(&judging, "a_1=reject");
        if (is_left) {
            judging_on_duplicate(&judging, "_id_=leave");
        }
        judging_document(&judging, BAD_ID);
        judging_run(&judging);
        cr_expect_eq(bm_plan_violations(judging.plan), is_left ? 0 : 1, "%d", is_left);
        struct bm_result result = judging_result(&judging);
        cr_expect_eq(result.violation_total, 1, "told either way");
        bm_result_free(&result);
    }
}

/* ---- rules that meet ---- */

static const struct {
    const char *rules[2];
    unsigned leaves;
    const char *words; /* of the error, NULL: fine */
} meetings[] = {
    {{"oversize=leave"}, BM_LEAVE_OVERSIZE, NULL},
    {{"oversize=leave", "db.c:oversize=fail"}, 0, NULL},
    {{"db.c:oversize=fail", "oversize=leave"}, 0, NULL},
    {{"oversize=fail", "db.c:oversize=leave"}, BM_LEAVE_OVERSIZE, NULL},
    {{"oversize=leave", "db.c:capped=fail"}, BM_LEAVE_OVERSIZE, NULL},
    {{"oversize=leave", "oversize=leave"}, BM_LEAVE_OVERSIZE, NULL},
    {{"oversize=leave", "oversize=fail"}, 0, "another rule wants something else"},
    {{"db.c:oversize=fail", "db.c:oversize=leave"}, 0, "another rule wants something else"},
};

Test(contest_rest, a_named_rule_beats_an_unnamed_one)
{
    for (size_t i = 0; i < sizeof meetings / sizeof *meetings; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", METADATA(""));
        judging_on_duplicate(&judging, meetings[i].rules[0]);
        if (meetings[i].rules[1] != NULL) {
            judging_on_duplicate(&judging, meetings[i].rules[1]);
        }
        enum bm_status status = judging_plan(&judging);
        cr_assert_eq(status, meetings[i].words == NULL ? BM_OK : BM_FAIL, "%zu: %s", i,
                     judging.err.text);
        if (status == BM_OK) {
            cr_expect_eq(judging.plan->targets[0].leaves, meetings[i].leaves, "%zu", i);
        } else {
            cr_expect_not_null(strstr(judging.err.text, meetings[i].words), "%zu: %s", i,
                               judging.err.text);
        }
    }
}

/* A check of what a fix wrote: an unnamed leave does not cover what a named rule mends. */
Test(contest_rest, a_check_leaves_what_the_nearest_rule_leaves)
{
    static const struct {
        const char *rules[2];
        enum bm_duplicate_action action;
    } cases[] = {
        {{"a_1=leave", "db.c:a_1=reject"}, BM_DUPLICATE_FAIL},
        {{"a_1=leave", "db.c:a_1=fail"}, BM_DUPLICATE_FAIL},
        {{"a_1=reject", "db.c:a_1=leave"}, BM_DUPLICATE_LEAVE},
        {{"db.d:a_1=reject", "a_1=leave"}, BM_DUPLICATE_LEAVE},
        {{"plain_1=reject", "a_1=leave"}, BM_DUPLICATE_LEAVE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c",
                                METADATA(INDEX("\"a\":1", "a_1", "") ",{\"v\":2,\"key\":{\"p\":1},"
                                                                     "\"name\":\"plain_1\"}"));
        judging_on_duplicate(&judging, cases[i].rules[0]);
        judging_on_duplicate(&judging, cases[i].rules[1]);
        struct bm_plan_options options = {.purpose = BM_PLAN_CHECK,
                                          .rules = &judging.rules,
                                          .catalog = judging.catalog,
                                          .hash_key = &judging.hash_key,
                                          .budget = &judging.budget};
        judging.plan = bm_plan_new(&options, &judging.err);
        cr_assert_not_null(judging.plan, "%zu: %s", i, judging.err.text);
        const struct bm_target *target = &judging.plan->targets[0];
        cr_expect_eq(judging.plan->note_count, 0, "%zu", i);
        for (size_t t = 0; t < target->track_count; t++) {
            if (strcmp(bm_index_name(target->tracks[t].index), "a_1") == 0) {
                cr_expect_eq(target->tracks[t].on_duplicate, cases[i].action, "%zu", i);
            }
        }
        cr_expect_eq(target->contested, 0);
    }
}

/* ---- who came first ---- */

/* A new token lets a document into an index; there it is the first of its group. */
Test(contest_rest, first_documents_are_looked_for_among_refilled_ones)
{
    (void)judging_namespace(
        &judging, "db", "c",
        METADATA(INDEX("\"x\":1", "x_1", FILTER("{\"a\":{\"$type\":\"string\"}}"))
                     INDEX("\"a\":1", "a_1", "")));
    judging_on_duplicate(&judging, "a_1=refill");
    judging_on_duplicate(&judging, "x_1=leave");
    judging_fill(&judging, "db.c:a=hex:32");
    judging_document(&judging, "{\"_id\":1,\"a\":5,\"x\":\"q\"}");
    judging_document(&judging, "{\"_id\":2,\"a\":5,\"x\":\"w\"}");
    judging_document(&judging, "{\"_id\":3,\"a\":\"s\",\"x\":\"w\"}");
    judging_run(&judging);
    cr_assert(bm_plan_wants_first(judging.plan));
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_FIRST), BM_OK, "%s", judging.err.text);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 1);
    const struct bm_document_place *first = &result.violations[0].documents[0];
    cr_expect(first->known);
    cr_expect_eq(first->ordinal, 1, "%d", (int)first->ordinal);
    cr_expect_eq(judging.plan->targets[0].refilled, 1, "counted once");
    bm_result_free(&result);
}

/* ---- what a refill may not touch ---- */

Test(contest_rest, a_refill_while_looking_ahead_changes_no_key_of_another_index)
{
    static const struct {
        const char *index;
        int is_refused;
    } others[] = {
        {INDEX("\"x\":1", "x_1", ""), 0},
        {INDEX("\"a.b\":1,\"x\":1", "x_1", ""), 1},
        {INDEX("\"a\":1", "x_1", ""), 1},
        {INDEX("\"a.0.b\":1", "x_1", ""), 1},
        {INDEX("\"a.b.c\":1", "x_1", ""), 1},
        {INDEX("\"a.bc\":1", "x_1", ""), 0},
        {INDEX("\"x\":1", "x_1", FILTER("{\"a.b\":{\"$exists\":true}}")), 1},
        {INDEX("\"x\":1", "x_1", FILTER("{\"$and\":[{\"x\":1},{\"a\":{\"$gt\":1}}]}")), 1},
        {INDEX("\"x\":1", "x_1", FILTER("{\"$and\":[{\"x\":1},{\"a.c\":{\"$gt\":1}}]}")), 0},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char metadata[512];
        stop();
        start();
        (void)snprintf(metadata, sizeof metadata, METADATA(INDEX("\"a.b\":1", "t_1", "") "%s"),
                       others[i].index);
        (void)judging_namespace(&judging, "db", "c", metadata);
        judging_on_duplicate(&judging, "t_1=refill");
        judging_keep(&judging, "last");
        judging_fill(&judging, "db.c:a.b=hex:32");
        enum bm_status status = judging_plan(&judging);
        cr_assert_eq(status, others[i].is_refused ? BM_FAIL : BM_OK, "%zu: %s", i,
                     judging.err.text);
        cr_expect(status == BM_OK || strstr(judging.err.text, "nor in its filter") != NULL, "%zu",
                  i);
    }
}

/* What cannot be compared in the one index is no reason to leave the other unmended. */
Test(contest_rest, a_value_without_a_key_keeps_its_place_while_another_is_refilled)
{
    enum { MARKS = 1001 };
    struct bm_buffer json = BM_BUFFER_INIT(1u << 20);
    (void)judging_namespace(&judging, "db", "c",
                            METADATA(INDEX("\"a\":1", "a_1", ",\"collation\":{\"locale\":\"en\"}")
                                         INDEX("\"b\":1", "b_1", "")));
    judging_on_duplicate(&judging, "a_1=refill");
    judging_on_duplicate(&judging, "b_1=refill");
    judging_fill(&judging, "db.c:a=hex:32");
    judging_fill(&judging, "db.c:b=hex:32");
    cr_assert_eq(bm_buffer_append_text(&json, "{\"_id\":2,\"b\":\"y\",\"a\":\"e", &judging.err),
                 BM_OK);
    for (size_t i = 0; i < MARKS; i++) {
        cr_assert_eq(bm_buffer_append_text(&json, "\u0301", &judging.err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_text(&json, "\"}", &judging.err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&json, 0, &judging.err), BM_OK);
    judging_document(&judging, "{\"_id\":1,\"b\":\"y\",\"a\":\"x\"}");
    judging_document(&judging, (const char *)json.data);
    judging_run(&judging);
    struct bm_result result = judging_result(&judging);
    cr_expect_eq(judging.plan->targets[0].refilled, 1);
    cr_expect_eq(result.namespaces[0].indexes[1].violations, 0);
    cr_assert_not_null(result.namespaces[0].indexes[1].reason);
    cr_expect_eq(result.namespaces[0].indexes[2].violations, 0);
    bm_result_free(&result);
    bm_buffer_free(&json);
}

/* ---- damage ---- */

/* A damaged document stays as it came: where it ranks first those that share its key go, and where
 * it does not, the key is a violation. */
Test(contest_rest, a_damaged_document_holds_its_keys_in_a_look_ahead)
{
    static const struct {
        const char *keep;
        int comes_first; /* the damaged one */
        const char *gone;
        unsigned violations;
    } cases[] = {{"last", 0, "0", 0},
                 {"last", 1, "", 1},
                 {"newest(n)", 0, "", 1}, /* its n lies behind the damage */
                 {"oldest(_id)", 1, "1", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c",
                                "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"
                                "{\"v\":2,\"key\":{\"a\":1},\"name\":\"a_1\",\"unique\":true}]}");
        judging_on_duplicate(&judging, "a_1=reject");
        judging_keep(&judging, cases[i].keep);
        struct bm_buffer damaged = test_bson("{\"_id\":1,\"a\":5,\"x\":true,\"n\":9}");
        damaged.data[4 + 9 + 7] = 0x42; /* the type of x */
        for (int turn = 0; turn < 2; turn++) {
            if (turn == !cases[i].comes_first) {
                judging_bytes(&judging, bm_buffer_view(&damaged));
            } else {
                judging_document(&judging, "{\"_id\":2,\"a\":5,\"n\":1}");
            }
        }
        judging_run(&judging);
        char gone[64];
        cr_expect_str_eq(judging_gone(&judging.plan->targets[0], gone), cases[i].gone,
                         "case %zu: %s", i, gone);
        cr_expect_eq(bm_plan_violations(judging.plan), cases[i].violations, "case %zu", i);
        cr_expect_eq(judging.plan->targets[0].damaged, 1, "case %zu", i);
        bm_buffer_free(&damaged);
    }
}
