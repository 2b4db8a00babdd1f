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

static void add_text(const char *text)
{
    uint8_t document[1200] = {0, 0, 0, 0, BM_TYPE_STRING, '_', 'i', 'd', 0};
    size_t len = strlen(text) + 1;
    bm_put_le32(document, (uint32_t)(9 + 4 + len + 1));
    bm_put_le32(document + 9, (uint32_t)len);
    memcpy(document + 13, text, len);
    judging_bytes(&judging, (struct bm_view){document, 9 + 4 + len + 1});
}

/* A string of so many bytes of one letter. */
static void add_long(char letter, size_t bytes)
{
    char text[1100];
    memset(text, letter, bytes);
    text[bytes] = '\0';
    add_text(text);
}

static void add_rising_texts(uint32_t count)
{
    char text[16];
    for (uint32_t i = 0; i < count; i++) {
        (void)snprintf(text, sizeof text, "%08u", i);
        add_text(text);
    }
}

Test(id_watch, an_id_over_the_key_limit_is_refused_before_4_2)
{
    static const char *const servers[] = {"4.0", "4.2"};
    static const uint32_t before[] = {0, BM_ID_LIST_MAX + 1}; /* the list is kept, or given up */
    for (size_t i = 0; i < 4; i++) {
        struct bm_result result;
        stop();
        start();
        judging.server_version = servers[i / 2];
        add_rising_texts(before[i % 2]);
        add_long('a', 1011);
        add_long('b', 1012);
        add_long('c', 1011);
        judging_run(&judging);
        cr_assert_eq(bm_plan_again(judging.plan), BM_AGAIN_NO);
        struct bm_index_result id = id_index(&result);
        cr_assert_eq(id.unindexable, i / 2 == 0 ? 1 : 0, "%zu", i);
        cr_assert_eq(id.keys, before[i % 2] + 3 - id.unindexable);
        if (id.unindexable > 0) {
            cr_assert_not_null(strstr(result.violations[0].reason,
                                      "key too large to index, failing  1024 { : \"bbb"));
        }
        bm_result_free(&result);
    }
}

Test(id_watch, dollars_the_server_refuses)
{
    static const struct {
        const char *document, *server;
        uint64_t unindexable;
    } documents[] = {
        {"{\"_id\":{\"$x\":1}}", "", 1},
        {"{\"_id\":{\"a\":{\"$x\":1}}}", "4.4", 1},
        {"{\"_id\":{\"a\":[{\"b\":1,\"$x\":1}]}}", "", 1},
        {"{\"_id\":{\"x$\":1}}", "", 0},
        {"{\"_id\":{\"a\":1,\"$ref\":\"c\",\"$id\":1}}", "", 1},
        {"{\"_id\":1,\"$x\":1}", "4.4", 1},
        {"{\"_id\":1,\"$x\":1}", "5.0", 0},
        {"{\"_id\":1,\"a\":{\"$x\":1}}", "4.4", 0},
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct bm_result result;
        stop();
        start();
        judging.server_version = documents[i].server;
        judging_document(&judging, documents[i].document);
        judging_run(&judging);
        cr_assert_eq(id_index(&result).unindexable, documents[i].unindexable, "%s for %s",
                     documents[i].document, documents[i].server);
        bm_result_free(&result);
    }
}

/* {$ref: string, $id: any, $db: string} in front of anything else. */
Test(id_watch, a_reference_is_no_violation)
{
    struct bm_result result;
    judging_document(&judging, "{\"_id\":{\"$ref\":\"c\",\"$id\":1}}");
    judging_document(&judging, "{\"_id\":{\"$ref\":\"c\",\"$id\":2,\"$db\":\"d\",\"x\":1}}");
    judging_document(&judging, "{\"_id\":{\"$ref\":\"c\",\"$id\":3,\"$x\":1}}");
    judging_run(&judging);
    cr_assert_eq(id_index(&result).unindexable, 1);
    bm_result_free(&result);
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
