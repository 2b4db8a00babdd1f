/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "support/judging.h"

/* Tokens that equal a value of the dump, before or after it. */

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(judge_tokens, .init = start, .fini = stop);

Test(judge_tokens, a_value_met_later_makes_the_pass_be_made_again)
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
Test(judge_tokens, a_late_collision_is_seen_without_an_index)
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

Test(judge_tokens, a_token_differs_from_values_before_it_and_in_its_own_document)
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
Test(judge_tokens, a_token_differs_from_values_of_its_own_document)
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

Test(judge_tokens, attempts_run_out)
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

Test(judge_tokens, documents_without_an_id_or_with_one_that_came_before_get_tokens_of_their_own)
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
    cr_assert_eq(result.namespaces[0].filled.missing, 6);
    cr_assert_eq(result.violation_total, 2, "the _id itself");
    bm_result_free(&result);
}

/* ---- collations ---- */

#define COLLATED(key, more)                                                                        \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"                               \
    "{\"v\":2,\"key\":" key ",\"name\":\"collated\",\"unique\":true," more                         \
    "\"collation\":{\"locale\":\"en\",\"strength\":1}}]}"

/* Unique indexes over the field for which "abc" is "ABC": each kind needs its set of values from
 * another place. */
static const char *const collated[] = {
    COLLATED("{\"token\":1}", ""),
    COLLATED("{\"token\":1}", "\"sparse\":true,"),
    COLLATED("{\"token\":1}", "\"partialFilterExpression\":{\"other\":1},"),
    COLLATED("{\"other\":1,\"token\":1}", ""),
};

static void upper(char *text)
{
    for (; *text != '\0'; text++) {
        *text = (char)(*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);
    }
}

/* Attempt 1 of the document with _id 2, as a collation of strength 1 cannot tell it from. */
static void plant(const char *format, char *json, size_t size)
{
    char token[33];
    (void)judging_token("db.c", "token", "{\"_id\":2}", 1, token);
    upper(token);
    (void)snprintf(json, size, format, token);
}

static void second_attempt(char *json, size_t size)
{
    char token[33];
    (void)judging_token("db.c", "token", "{\"_id\":2}", 2, token);
    (void)snprintf(json, size, "{\"_id\":2,\"token\":\"%s\"}", token);
}

/* Two documents, judged with one of the indexes. */
static void judge_collated(size_t index, const char *first, const char *second)
{
    stop();
    start();
    (void)judging_namespace(&judging, "db", "c", collated[index]);
    judging_fill(&judging, "token=hex:32");
    judging_document(&judging, first);
    judging_document(&judging, second);
    judging_run(&judging);
}

static void expect_settled(size_t index, const char *first, const char *second)
{
    cr_expect_eq(bm_plan_again(judging.plan), BM_AGAIN_NO, "index %zu", index);
    cr_expect_eq(bm_plan_violations(judging.plan), 0, "index %zu", index);
    judging_expect(&judging, (const char *const[]){first, second, NULL});
}

#define EMPTY "{\"_id\":2,\"token\":null}"

Test(judge_tokens, a_token_differs_from_values_before_it_under_a_collation)
{
    char planted[96];
    char filled[96];
    plant("{\"_id\":1,\"token\":\"%s\"}", planted, sizeof planted);
    second_attempt(filled, sizeof filled);
    for (size_t i = 0; i < sizeof collated / sizeof *collated; i++) {
        judge_collated(i, planted, EMPTY);
        expect_settled(i, planted, filled);
    }
}

Test(judge_tokens, a_value_met_later_is_told_under_a_collation)
{
    char planted[96];
    char filled[96];
    plant("{\"_id\":3,\"token\":[\"x\",\"%s\"]}", planted, sizeof planted);
    second_attempt(filled, sizeof filled);
    for (size_t i = 0; i < sizeof collated / sizeof *collated; i++) {
        judge_collated(i, EMPTY, planted);
        cr_expect_eq(bm_plan_again(judging.plan), BM_AGAIN_LATE_COLLISION, "index %zu", i);
        cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_OK);
        expect_settled(i, filled, planted);
    }
}

/* 64 bits are asked for by their bytes; without case there are fewer: all tokens are told apart
 * all the same. */
Test(judge_tokens, tokens_differ_from_each_other_under_a_collation)
{
    char json[32];
    (void)judging_namespace(&judging, "db", "c", collated[0]);
    judging_fill(&judging, "token=xxxxxxxxxxxxxxxxxxxxxxxxx-{base62:11}");
    for (int i = 0; i < 2000; i++) {
        (void)snprintf(json, sizeof json, "{\"_id\":%d}", i);
        judging_document(&judging, json);
    }
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.namespaces[0].indexes[1].keys, 2000);
    cr_assert_eq(result.namespaces[0].index_count, 2, "the set of bytes is no index");
    bm_result_free(&result);
}

/* A symbol cannot be compared by a collation; where the index leaves it out, nothing is wrong. */
Test(judge_tokens, a_symbol_under_a_collation_is_no_violation_of_the_values)
{
    (void)judging_namespace(&judging, "db", "c", collated[2]);
    judging_fill(&judging, "token=hex:32");
    judging_document(&judging, "{\"_id\":1,\"token\":{\"$symbol\":\"s\"}}");
    judging_document(&judging, "{\"_id\":2}");
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
}
