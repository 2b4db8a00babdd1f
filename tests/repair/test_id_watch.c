/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "repair/id_watch.h"
#include "support/judging.h"

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
    (void)judging_namespace(&judging, "db", "c", NULL);
    judging.batch = 1000;
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(id_watch, .init = start, .fini = stop);

static void add_int(int32_t number)
{
    uint8_t document[14] = {14, 0, 0, 0, BM_TYPE_INT32, '_', 'i', 'd', 0};
    bm_put_le32(document + 9, (uint32_t)number);
    judging_bytes(&judging, (struct bm_view){document, sizeof document});
}

static void add_rising(int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        add_int(i);
    }
}

static struct bm_index_result id_index(struct bm_result *result)
{
    *result = judging_result(&judging);
    return result->namespaces[0].indexes[0];
}

Test(id_watch, a_break_early_needs_no_second_reading)
{
    struct bm_result result;
    add_rising(5000);
    add_int(17);
    add_int(5001);
    add_int(4999);
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    struct bm_index_result id = id_index(&result);
    cr_assert_eq(id.keys, 5001);
    cr_assert_eq(id.groups, 2);
    cr_assert_eq(id.violations, 2);
    cr_assert_not_null(strstr(result.violations[0].e11000, "index: _id_ dup key: { _id: 17 }"));
    cr_assert_eq(id.mend_count, 1);
    cr_assert_str_eq(id.mends[0], "--onDuplicate db.c:_id_=reject");
    cr_assert(!result.violations[0].documents[0].known);
    bm_result_free(&result);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_FIRST), BM_OK);
    id = id_index(&result);
    cr_assert_eq(result.violations[0].documents[0].ordinal, 17);
    cr_assert_eq(result.violations[0].documents[1].ordinal, 5000);
    cr_assert_eq(result.violations[1].documents[0].ordinal, 4999);
    cr_assert_eq(id.keys, 5001);
    bm_result_free(&result);
}

Test(id_watch, rising_ids_keep_nothing_for_long)
{
    struct bm_result result;
    judging.budget.limit = (uint64_t)2 << 20;
    add_rising((int32_t)BM_ID_LIST_MAX * 3);
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    cr_assert_eq(id_index(&result).keys, BM_ID_LIST_MAX * 3);
    bm_result_free(&result);
}

Test(id_watch, a_break_after_the_list_was_dropped_asks_for_another_pass)
{
    struct bm_result result;
    add_rising((int32_t)BM_ID_LIST_MAX + 1);
    add_int(3);
    add_int(4);
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_ID_ORDER);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_OK);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    struct bm_index_result id = id_index(&result);
    cr_assert_eq(id.keys, BM_ID_LIST_MAX + 1);
    cr_assert_eq(id.violations, 2);
    bm_result_free(&result);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_FIRST), BM_OK);
    (void)id_index(&result);
    cr_assert_eq(result.violations[0].documents[0].ordinal, 3);
    bm_result_free(&result);
}

Test(id_watch, the_list_is_dropped_only_after_its_limit)
{
    struct bm_result result;
    add_rising((int32_t)BM_ID_LIST_MAX);
    add_int(3);
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    cr_assert_eq(id_index(&result).violations, 1);
    bm_result_free(&result);
}

Test(id_watch, a_pipe_keeps_its_list)
{
    struct bm_result result;
    judging.repeatable = 0;
    add_rising((int32_t)BM_ID_LIST_MAX * 2 + 77);
    add_int(5);
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    struct bm_index_result id = id_index(&result);
    cr_assert_eq(id.keys, BM_ID_LIST_MAX * 2 + 77);
    cr_assert_eq(id.violations, 1);
    bm_result_free(&result);
}

Test(id_watch, memory_that_is_short_drops_the_list_or_fails)
{
    judging.budget.limit = 100000;
    add_rising(20000);
    judging_run(&judging);
    cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
    judging.repeatable = 0;
    cr_assert_eq(judging_plan(&judging), BM_OK);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_FAIL);
    cr_assert_eq(judging.err.code, BM_ERROR_MEMORY);
}

static const struct {
    const char *ids[4];
    uint64_t violations;
} orders[] = {
    {{"1", "1.0", "{\"$numberLong\":\"1\"}", "2"}, 2},
    {{"null", "{\"$minKey\":1}", "null", "{\"x\":1}"}, 1},
    {{"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", "{\"a\":1.0,\"b\":2}", "7"}, 1},
    {{"\"a\"", "\"b\"", "{\"$symbol\":\"a\"}", "\"c\""}, 1},
    {{"3", "2", "1", "0"}, 0},
    {{"\"x\"", "1", "\"x\"", "1"}, 2},
};

Test(id_watch, equality_is_the_servers)
{
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        for (uint32_t batch = 1; batch <= 4; batch++) {
            char text[96];
            struct bm_result result;
            stop();
            start();
            judging.batch = batch;
            for (size_t d = 0; d < 4; d++) {
                (void)snprintf(text, sizeof text, "{\"_id\":%s}", orders[i].ids[d]);
                judging_document(&judging, text);
            }
            judging_document(&judging, "{\"no\":\"_id\"}");
            judging_document(&judging, "{\"no\":\"_id\"}");
            judging_run(&judging);
            cr_assert_eq(id_index(&result).violations, orders[i].violations, "case %zu", i);
            cr_assert_eq(result.namespaces[0].indexes[0].keys, 4 - orders[i].violations);
            bm_result_free(&result);
        }
    }
}

static const struct {
    const char *id, *reason;
} refused[] = {
    {"[1]", "The '_id' value cannot be of type array"},
    {"{\"$undefined\":true}", "The '_id' value cannot be of type undefined"},
    {"{\"$regularExpression\":{\"pattern\":\"a\",\"options\":\"\"}}",
     "The '_id' value cannot be of type regex"},
    {"1,\"_id\":2", "can't have multiple _id fields in one document"},
};

Test(id_watch, types_the_server_refuses)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char text[128];
        struct bm_result result;
        stop();
        start();
        (void)snprintf(text, sizeof text, "{\"_id\":%s}", refused[i].id);
        judging_document(&judging, text);
        judging_document(&judging, text);
        judging_run(&judging);
        struct bm_index_result id = id_index(&result);
        cr_assert_eq(id.unindexable, 2);
        cr_assert_eq(id.keys + id.violations, 0);
        cr_assert_str_eq(result.violations[0].reason, refused[i].reason);
        bm_result_free(&result);
    }
}
