/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repair/plan.h"
#include "support/judging.h"

/* Which documents stay, go or change where keys are held already; see test_contest_model.c too. */

#define INDEX(key, name) ",{\"v\":2,\"key\":{" key "},\"name\":\"" name "\",\"unique\":true}"
#define METADATA(indexes)                                                                          \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"}" indexes "]}"
#define A_AND_B METADATA(INDEX("\"a\":1", "a_1") INDEX("\"b\":1", "b_1"))

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(contest, .init = start, .fini = stop);

/* A kind of token for a field that no rule is to fill. */
static void token_for(const char *field)
{
    char rule[64];
    (void)snprintf(rule, sizeof rule, "db.c:%s=hex:32", field);
    judging_fill(&judging, rule);
    judging.rules.fills[judging.rules.fill_count - 1].empty = BM_EMPTY_BLANK;
}

static const struct {
    const char *metadata;
    const char *rules[3];
    const char *keep;
    const char *documents[5];
    const char *gone; /* ordinals, in order */
} rejections[] = {
    /* Two documents that share two keys: never both away. */
    {A_AND_B,
     {"a_1=reject", "b_1=reject"},
     NULL,
     {"{\"_id\":1,\"a\":1,\"b\":1}", "{\"_id\":2,\"a\":1,\"b\":1}"},
     "1"},
    {A_AND_B,
     {"a_1=reject", "b_1=reject"},
     "last",
     {"{\"_id\":1,\"a\":1,\"b\":1}", "{\"_id\":2,\"a\":1,\"b\":1}"},
     "0"},
    /* A beats B on one index; B would have beaten C on another, but holds nothing. */
    {A_AND_B,
     {"a_1=reject", "b_1=reject"},
     NULL,
     {"{\"_id\":1,\"a\":1,\"b\":1}", "{\"_id\":2,\"a\":1,\"b\":2}", "{\"_id\":3,\"a\":3,\"b\":2}"},
     "1"},
    {A_AND_B,
     {"a_1=reject", "b_1=reject"},
     "last",
     {"{\"_id\":1,\"a\":1,\"b\":1}", "{\"_id\":2,\"a\":1,\"b\":2}", "{\"_id\":3,\"a\":3,\"b\":2}"},
     "1"},
    {A_AND_B,
     {"a_1=reject", "b_1=reject"},
     "newest(n)",
     {"{\"_id\":1,\"a\":1,\"b\":1,\"n\":1}", "{\"_id\":2,\"a\":1,\"b\":2,\"n\":3}",
      "{\"_id\":3,\"a\":3,\"b\":2,\"n\":2}"},
     "0,2"},
    {A_AND_B,
     {"a_1=reject", "b_1=reject"},
     "oldest(n)",
     {"{\"_id\":1,\"a\":1,\"b\":1,\"n\":1}", "{\"_id\":2,\"a\":1,\"b\":2,\"n\":3}",
      "{\"_id\":3,\"a\":3,\"b\":2,\"n\":2}"},
     "1"},
    /* Missing and null come last in both; ties by ordinal. */
    {A_AND_B,
     {"a_1=reject"},
     "newest(n.m)",
     {"{\"_id\":1,\"a\":1}", "{\"_id\":2,\"a\":1,\"b\":2,\"n\":{\"m\":null}}",
      "{\"_id\":3,\"a\":1,\"b\":3,\"n\":{\"m\":1}}"},
     "0,1"},
    {A_AND_B,
     {"a_1=reject"},
     "oldest(n)",
     {"{\"_id\":1,\"a\":1}", "{\"_id\":2,\"a\":1,\"b\":2}", "{\"_id\":3,\"a\":1,\"b\":3,\"n\":7}"},
     "0,1"},
    {A_AND_B,
     {"a_1=reject"},
     "newest(n)",
     {"{\"_id\":1,\"a\":1,\"b\":1,\"n\":7}",
      "{\"_id\":2,\"a\":1,\"b\":2,\"n\":{\"$numberLong\":\"7\"}}"},
     "1"},
    {A_AND_B,
     {"a_1=reject"},
     "newest(n)",
     {"{\"_id\":1,\"a\":1,\"b\":1,\"n\":\"a\"}", "{\"_id\":2,\"a\":1,\"b\":2,\"n\":\"b\"}"},
     "0"},
    /* Array keys, compound keys, copies of an _id. */
    {A_AND_B,
     {"a_1=reject"},
     NULL,
     {"{\"_id\":1,\"a\":[1,2],\"b\":1}", "{\"_id\":2,\"a\":[2,3],\"b\":2}",
      "{\"_id\":3,\"a\":3,\"b\":3}"},
     "1"},
    {METADATA(INDEX("\"a\":1,\"b\":1", "ab")),
     {"ab=reject"},
     NULL,
     {"{\"_id\":1,\"a\":1,\"b\":1}", "{\"_id\":2,\"a\":1,\"b\":2}", "{\"_id\":3,\"a\":1,\"b\":1}"},
     "2"},
    {METADATA(""),
     {"_id_=reject"},
     NULL,
     {"{\"_id\":1,\"a\":1}", "{\"_id\":1.0,\"a\":2}", "{\"_id\":2}", "{\"a\":1}", "{\"a\":1}"},
     "1"},
    {METADATA(""),
     {"_id_=reject"},
     "last",
     {"{\"_id\":1,\"a\":1}", "{\"_id\":1.0,\"a\":2}", "{\"_id\":2}"},
     "0"},
    /* One that is away holds no _id either. */
    {METADATA(INDEX("\"a\":1", "a_1")),
     {"a_1=reject", "_id_=reject"},
     NULL,
     {"{\"_id\":1,\"a\":1}", "{\"_id\":2,\"a\":1}", "{\"_id\":2,\"a\":2}"},
     "1"},
    /* A key that a document has twice is no duplicate; a missing one is null. */
    {A_AND_B,
     {"a_1=reject", "b_1=leave"},
     NULL,
     {"{\"_id\":1,\"a\":[1,1]}", "{\"_id\":2}", "{\"_id\":3,\"a\":null}"},
     "2"},
};

static void run(size_t number)
{
    (void)judging_namespace(&judging, "db", "c", rejections[number].metadata);
    for (size_t i = 0; i < 3 && rejections[number].rules[i] != NULL; i++) {
        judging_on_duplicate(&judging, rejections[number].rules[i]);
    }
    if (rejections[number].keep != NULL) {
        judging_keep(&judging, rejections[number].keep);
    }
    for (size_t i = 0; i < 5 && rejections[number].documents[i] != NULL; i++) {
        judging_document(&judging, rejections[number].documents[i]);
    }
    judging_run(&judging);
}

Test(contest, who_goes)
{
    for (size_t i = 0; i < sizeof rejections / sizeof *rejections; i++) {
        stop();
        start();
        run(i);
        const struct bm_target *target = &judging.plan->targets[0];
        char gone[64];
        cr_expect_str_eq(judging_gone(target, gone), rejections[i].gone, "case %zu: %s", i, gone);
        cr_expect_eq(bm_plan_violations(judging.plan), 0, "case %zu", i);
        cr_expect_eq(target->rejected, (strlen(gone) + 1) / 2, "case %zu", i);
        cr_expect_eq(target->touched, 0);
    }
}

/* A, B and C in all six orders, where A beats B on one key and B would beat C on the other. */
Test(contest, six_orders)
{
    static const char *const documents[] = {"{\"_id\":1,\"a\":1,\"b\":1}",
                                            "{\"_id\":2,\"a\":1,\"b\":2}",
                                            "{\"_id\":3,\"a\":3,\"b\":2}"};
    static const struct {
        int order[3];
        const char *stays; /* the ids */
    } orders[] = {{{0, 1, 2}, "13"}, {{0, 2, 1}, "13"}, {{1, 0, 2}, "2"},
                  {{1, 2, 0}, "2"},  {{2, 0, 1}, "31"}, {{2, 1, 0}, "31"}};
    for (size_t i = 0; i < 6; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", A_AND_B);
        judging_on_duplicate(&judging, "a_1=reject");
        judging_on_duplicate(&judging, "b_1=reject");
        for (size_t d = 0; d < 3; d++) {
            judging_document(&judging, documents[orders[i].order[d]]);
        }
        judging_run(&judging);
        char stays[8] = "";
        for (size_t d = 0; d < 3; d++) {
            char gone[64];
            (void)judging_gone(&judging.plan->targets[0], gone);
            if (strchr(gone, (char)('0' + d)) == NULL) {
                stays[strlen(stays)] = (char)('1' + orders[i].order[d]);
            }
        }
        cr_expect_str_eq(stays, orders[i].stays, "order %zu: %s", i, stays);
    }
}

Test(contest, a_duplicate_gets_a_new_token)
{
    char token[33];
    char refilled[96];
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    judging_on_duplicate(&judging, "token_1=refill");
    token_for("token");
    judging_document(&judging, "{\"_id\":1,\"token\":\"x\"}");
    judging_document(&judging, "{\"_id\":2,\"token\":\"x\",\"plain\":1}");
    judging_document(&judging, "{\"_id\":3,\"token\":\"y\"}");
    judging_run(&judging);
    (void)snprintf(refilled, sizeof refilled, "{\"_id\":2,\"token\":\"%s\",\"plain\":1}",
                   judging_token("db.c", "token", "{\"_id\":2}", 1, token));
    judging_expect(&judging, (const char *const[]){"{\"_id\":1,\"token\":\"x\"}", refilled,
                                                   "{\"_id\":3,\"token\":\"y\"}", NULL});
    const struct bm_target *target = &judging.plan->targets[0];
    cr_expect_eq(target->refilled, 1);
    cr_expect_eq(target->touched, 1);
    cr_expect_eq(bm_plan_violations(judging.plan), 0);
    const char *changes = (const char *)judging.changes.data;
    cr_expect_not_null(strstr(changes, "token token duplicate token_1 at 13 before 13"), "%s",
                       changes);
}

/* In arrays only the entries at fault; a missing field that is held already is put in. */
Test(contest, what_is_refilled)
{
    (void)judging_namespace(&judging, "db", "c", METADATA(INDEX("\"a.t\":1", "t_1")));
    judging_on_duplicate(&judging, "t_1=refill");
    token_for("a.t");
    judging_document(&judging, "{\"_id\":1,\"a\":{\"t\":1}}");
    judging_document(&judging, "{\"_id\":2,\"a\":[{\"t\":1},{\"t\":2},{\"t\":1}]}");
    judging_document(&judging, "{\"_id\":3}");
    judging_document(&judging, "{\"_id\":4}");
    judging_document(&judging, "{\"_id\":5,\"a\":{\"t\":[5,2]}}");
    judging_run(&judging);
    cr_expect_eq(bm_plan_violations(judging.plan), 0);
    cr_expect_eq(judging.plan->targets[0].refilled, 4);
    cr_expect_eq(judging.plan->targets[0].replaced, 3, "one was missing");
    const char *changes = (const char *)judging.changes.data;
    cr_expect_not_null(strstr(changes, " a.0.t a.t duplicate"), "%s", changes);
    cr_expect_null(strstr(changes, " a.1.t"), "%s", changes);
    cr_expect_not_null(strstr(changes, " a.2.t a.t duplicate"), "%s", changes);
    cr_expect_not_null(strstr(changes, "3@"), "%s", changes);
    cr_expect_not_null(strstr(changes, " a.t.1 a.t duplicate"), "%s", changes);
}

/* What no token can change is a violation, and stays as it was. */
Test(contest, what_cannot_be_refilled_is_a_violation)
{
    (void)judging_namespace(&judging, "db", "c", METADATA(INDEX("\"a.t\":1", "t_1")));
    judging_on_duplicate(&judging, "t_1=refill");
    token_for("a.t");
    judging_document(&judging, "{\"_id\":1}");
    judging_document(&judging, "{\"_id\":2,\"a\":7}");
    judging_run(&judging);
    cr_expect_eq(bm_plan_violations(judging.plan), 1);
    judging_expect_same(&judging);
}

Test(contest, filled_refilled_and_then_rejected)
{
    (void)judging_namespace(&judging, "db", "c", A_AND_B);
    judging_on_duplicate(&judging, "a_1=refill");
    judging_on_duplicate(&judging, "b_1=reject");
    judging_fill(&judging, "db.c:a=hex:32");
    judging_document(&judging, "{\"_id\":1,\"a\":null,\"b\":1}");
    judging_document(&judging, "{\"_id\":2,\"a\":null,\"b\":1}");
    judging_document(&judging, "{\"_id\":3,\"a\":\"x\",\"b\":3}");
    judging_document(&judging, "{\"_id\":4,\"a\":\"x\",\"b\":3}");
    judging_document(&judging, "{\"_id\":5,\"a\":\"x\",\"b\":5}");
    judging_run(&judging);
    const struct bm_target *target = &judging.plan->targets[0];
    cr_expect_eq(target->filled.null, 1, "one that goes gets no token");
    cr_expect_eq(target->refilled, 1);
    char gone[64];
    cr_expect_str_eq(judging_gone(target, gone), "1,3");
    cr_expect_eq(bm_plan_violations(judging.plan), 0);
}

/* The value of a document that went is still a real value: no token is the same. */
Test(contest, a_token_differs_from_values_that_went)
{
    char token[33];
    char second[33];
    char gone[96];
    char filled[96];
    (void)judging_namespace(&judging, "db", "c", A_AND_B);
    judging_on_duplicate(&judging, "b_1=reject");
    judging_fill(&judging, "db.c:a=hex:32");
    (void)judging_token("db.c", "a", "{\"_id\":3}", 1, token);
    (void)judging_token("db.c", "a", "{\"_id\":3}", 2, second);
    (void)snprintf(gone, sizeof gone, "{\"_id\":2,\"a\":\"%s\",\"b\":1}", token);
    (void)snprintf(filled, sizeof filled, "{\"_id\":3,\"a\":\"%s\",\"b\":3}", second);
    judging_document(&judging, "{\"_id\":1,\"a\":\"x\",\"b\":1}");
    judging_document(&judging, gone);
    judging_document(&judging, "{\"_id\":3,\"a\":null,\"b\":3}");
    judging_run(&judging);
    judging_expect(&judging,
                   (const char *const[]){"{\"_id\":1,\"a\":\"x\",\"b\":1}", filled, NULL});
}

Test(contest, what_is_left_is_told_and_withholds_nothing)
{
    (void)judging_namespace(&judging, "db", "c", A_AND_B);
    judging_on_duplicate(&judging, "a_1=leave");
    judging_on_duplicate(&judging, "b_1=leave");
    judging_document(&judging, "{\"_id\":1,\"a\":1,\"b\":1}");
    judging_document(&judging, "{\"_id\":2,\"a\":1,\"b\":2}");
    judging_run(&judging);
    cr_expect_eq(bm_plan_violations(judging.plan), 0);
    struct bm_result result = judging_result(&judging);
    cr_expect_eq(result.violation_total, 1);
    cr_expect_eq(bm_result_outcome(&result), BM_OUTCOME_VIOLATIONS);
    bm_result_free(&result);
}

/* Ranks that cannot be compared, within a group; elsewhere they do not matter. */
Test(contest, ranks_of_different_types_are_not_guessed)
{
    static const struct {
        const char *first, *second;
        int is_refused;
    } pairs[] = {
        {"{\"_id\":1,\"a\":1,\"n\":1}", "{\"_id\":2,\"a\":1,\"n\":\"x\"}", 1},
        {"{\"_id\":1,\"a\":1,\"n\":[1]}", "{\"_id\":2,\"a\":1,\"n\":[2]}", 1},
        {"{\"_id\":1,\"a\":1,\"n\":[1]}", "{\"_id\":2,\"a\":1,\"n\":1}", 1},
        {"{\"_id\":1,\"a\":1,\"n\":[1]}", "{\"_id\":2,\"a\":1}", 1},
        {"{\"_id\":1,\"a\":1,\"n\":null}", "{\"_id\":2,\"a\":1,\"n\":[]}", 1},
        {"{\"_id\":1,\"a\":1,\"n\":[1]}", "{\"_id\":2,\"a\":2}", 0},
        {"{\"_id\":1,\"a\":1,\"n\":1}", "{\"_id\":2,\"a\":2,\"n\":\"x\"}", 0},
        {"{\"_id\":1,\"a\":1,\"n\":1}", "{\"_id\":2,\"a\":1,\"n\":null}", 0},
        {"{\"_id\":1,\"a\":1,\"n\":1}", "{\"_id\":2,\"a\":1,\"n\":2.5}", 0},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", METADATA(INDEX("\"a\":1", "a_1")));
        judging_on_duplicate(&judging, "a_1=reject");
        judging_keep(&judging, "newest(n)");
        judging_document(&judging, pairs[i].first);
        judging_document(&judging, pairs[i].second);
        cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
        enum bm_status status = judging_look_ahead(&judging);
        cr_expect_eq(status, pairs[i].is_refused ? BM_FAIL : BM_OK, "pair %zu", i);
        cr_expect(!pairs[i].is_refused || judging.err.code == BM_ERROR_VIOLATION, "%zu", i);
    }
}

static const struct {
    const char *duplicates[2], *keeps[2], *unset;
    int pipe;
    const char *words; /* of the error; NULL: fine */
} rules[] = {
    {{"a_1=reject"}, {"last"}, NULL, 0, NULL},
    {{"a_1=reject", "a_1=reject"}, {"last", "last"}, NULL, 0, NULL},
    {{"db.c:a_1=reject", "a_1=leave"}, {NULL}, NULL, 0, NULL},
    {{"validator=leave", "db.c:capped=leave"}, {NULL}, NULL, 0, NULL},
    {{"plain=reject"}, {NULL}, NULL, 0, NULL},
    {{"a_1=reject"}, {NULL}, NULL, 1, NULL},
    {{"a_1=reject"}, {"last"}, NULL, 1, "a pipe can be read only once"},
    {{"a_1=reject", "a_1=leave"}, {NULL}, NULL, 0, "another rule wants something else"},
    {{"x_1=reject"}, {NULL}, NULL, 0, "matches nothing"},
    {{"db.none:a_1=reject"}, {NULL}, NULL, 0, "no such namespace"},
    {{"ab=refill"}, {NULL}, NULL, 0, "only an index of one field"},
    {{"_id_=refill"}, {NULL}, NULL, 0, "never changed"},
    {{"capped=reject"}, {NULL}, NULL, 0, "only leave"},
    {{NULL}, {"last"}, NULL, 0, "--keep matches nothing"},
    {{"a_1=leave"}, {"last"}, NULL, 0, "--keep matches nothing"},
    {{"a_1=reject"}, {"last", "first"}, NULL, 0, "two rules --keep contradict"},
    {{"a_1=reject"}, {"newest(n)", "newest(m)"}, NULL, 0, "two rules --keep contradict"},
    {{"a_1=refill"}, {"last"}, NULL, 0, "may be in no other unique index"},
    {{"a_1=refill"}, {NULL}, "db.c:a", 0, "contradicts another rule for a"},
    {{"a_1=refill"}, {NULL}, NULL, 1, "no rule says the kind of token"},
};

Test(contest, rules_against_a_dump)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        stop();
        start();
        (void)judging_namespace(
            &judging, "db", "c",
            METADATA(INDEX("\"a\":1", "a_1") INDEX(
                "\"a\":1,\"b\":1", "ab") ",{\"v\":2,\"key\":{\"p\":1},\"name\":\"plain\"}"));
        for (size_t r = 0; r < 2 && rules[i].duplicates[r] != NULL; r++) {
            judging_on_duplicate(&judging, rules[i].duplicates[r]);
        }
        for (size_t r = 0; r < 2 && rules[i].keeps[r] != NULL; r++) {
            judging_keep(&judging, rules[i].keeps[r]);
        }
        if (rules[i].unset != NULL) {
            cr_assert_eq(bm_rules_add_unset(&judging.rules, rules[i].unset, &judging.err), BM_OK);
        }
        judging.repeatable = !rules[i].pipe;
        enum bm_status status = judging_plan(&judging);
        cr_expect_eq(status, rules[i].words == NULL ? BM_OK : BM_FAIL, "rule %zu: %s", i,
                     judging.err.text);
        cr_expect(rules[i].words == NULL || strstr(judging.err.text, rules[i].words) != NULL,
                  "rule %zu: %s", i, judging.err.text);
    }
}

Test(contest, views_and_oplogs_are_not_touched)
{
    (void)judging_namespace(&judging, "db", "c", A_AND_B);
    (void)judging_namespace(&judging, "", "oplog", NULL);
    judging_on_duplicate(&judging, "a_1=reject");
    cr_assert_eq(judging_plan(&judging), BM_FAIL);
    cr_assert_not_null(strstr(judging.err.text, "with an oplog"), "%s", judging.err.text);
}

Test(contest, a_kind_of_token_is_learned_for_a_refill)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    judging_on_duplicate(&judging, "token_1=refill");
    for (int i = 0; i < 20; i++) {
        char json[96];
        unsigned same = i == 4 ? 3 : (unsigned)i; /* the fifth has the fourth's */
        (void)snprintf(json, sizeof json, "{\"_id\":%d,\"token\":\"%08x%08x\"}", i,
                       2654435761u * (same + 1), 2246822519u * (same + 7));
        judging_document(&judging, json);
    }
    judging_run(&judging);
    cr_assert_eq(judging.plan->targets[0].refilled, 1);
    cr_assert_str_eq(judging.plan->targets[0].fills[0].shape->text, "hex:16");
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
}
