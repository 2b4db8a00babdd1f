/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/bytes.h"
#include "doc/extjson.h"
#include "support/bson_text.h"
#include "support/judging.h"

/* Sizes, what is not judged, damage, memory. */

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(judge_limits, .init = start, .fini = stop);

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

Test(judge_limits, a_document_past_the_limit)
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

Test(judge_limits, capped_collections_that_outgrow_their_size)
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

Test(judge_limits, reasons)
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

/* Adds {_id: VALUE} with a character and so many combining marks behind it. */
static void add_marked_id(size_t marks)
{
    struct bm_buffer json = BM_BUFFER_INIT(1u << 20);
    cr_assert_eq(bm_buffer_append_text(&json, "{\"_id\":\"e", &judging.err), BM_OK);
    for (size_t i = 0; i < marks; i++) {
        cr_assert_eq(bm_buffer_append_text(&json, "\u0301", &judging.err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_text(&json, "\"}", &judging.err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&json, 0, &judging.err), BM_OK);
    judging_document(&judging, (const char *)json.data);
    bm_buffer_free(&json);
}

/* The server takes it after hours, so that the limit is of this program: no violation, no verdict;
 * before the others and behind them, when _ids have a set. */
Test(judge_limits, an_id_past_the_limit_of_marks_is_not_judged)
{
    for (int is_first = 0; is_first <= 1; is_first++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c",
                                "{\"options\":{\"collation\":{\"locale\":\"en\"}},\"indexes\":"
                                "[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\","
                                "\"collation\":{\"locale\":\"en\"}}]}");
        for (int i = 0; i < 2; i++) {
            if (i == !is_first) {
                add_marked_id(1001);
            }
            add_marked_id(1000);
        }
        judging_run(&judging);
        struct bm_result result = judging_result(&judging);
        const struct bm_index_result *id = &result.namespaces[0].indexes[0];
        cr_assert(!id->judged);
        cr_assert_not_null(id->reason);
        cr_expect_str_eq(id->reason, "a string has more than 1000 combining marks in a row");
        cr_expect_eq(id->violations, 1, "of the two that are judged");
        bm_result_free(&result);
    }
}

/* Adds {HEAD "a": {"a": … 1}} with so many documents within one another. */
static void add_nested(const char *head, size_t levels)
{
    struct bm_buffer json = BM_BUFFER_INIT(1u << 20);
    cr_assert_eq(bm_buffer_append_text(&json, head, &judging.err), BM_OK);
    for (size_t i = 1; i < levels; i++) {
        cr_assert_eq(bm_buffer_append_text(&json, "\"a\":{", &judging.err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_text(&json, "\"a\":1", &judging.err), BM_OK);
    for (size_t i = 0; i < levels; i++) {
        cr_assert_eq(bm_buffer_append_text(&json, "}", &judging.err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_byte(&json, 0, &judging.err), BM_OK);
    judging_document(&judging, (const char *)json.data);
    bm_buffer_free(&json);
}

/* Of servers before 3.6 the limit is not known here. Ids that rise are looked at too. */
Test(judge_limits, a_document_nested_too_deep_is_refused_with_an_id_or_without)
{
    static const char words[] = "cannot insert document because it exceeds 180 levels of nesting";
    static const char *const versions[] = {NULL, "3.6.0", "3.4.0"};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", NULL);
        judging.server_version = versions[i];
        add_nested("{\"_id\":1,", 180);
        add_nested("{\"_id\":2,", 181);
        add_nested("{", 181);
        add_nested("{\"_id\":3,", 180);
        add_nested("{\"_id\":2,", 180);
        judging_run(&judging);
        struct bm_result result = judging_result(&judging);
        const struct bm_index_result *id = &result.namespaces[0].indexes[0];
        int is_old = i == 2;
        cr_assert(id->judged);
        cr_expect_eq(id->unindexable, is_old ? 0 : 2);
        cr_expect_eq(id->groups, is_old ? 1 : 0, "what is refused holds no key");
        cr_expect_eq(id->keys, 3);
        cr_assert_eq(result.violation_count, 1);
        cr_expect(is_old || strcmp(result.violations[0].reason, words) == 0);
        bm_result_free(&result);
    }
}

/* 32 components a key, 4 Mi components at most: the server has no such limit, so that this is no
 * violation, and no verdict either. */
Test(judge_limits, more_keys_than_can_be_made_here_are_not_judged)
{
    for (uint32_t more = 0; more <= 1; more++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", NULL);
        judging_unique(&judging, "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,A,B,C,D,E,F");
        struct bm_buffer document = test_bson_numbers((4u << 20) / 32 + more);
        judging_bytes(&judging, bm_buffer_view(&document));
        bm_buffer_free(&document);
        judging_run(&judging);
        struct bm_result result = judging_result(&judging);
        const struct bm_index_result *index = &result.namespaces[0].indexes[1];
        cr_expect_eq(index->judged, more == 0);
        cr_expect_eq(index->reason != NULL, more == 1);
        cr_expect_eq(index->unindexable, 0);
        cr_expect_eq(bm_plan_violations(judging.plan), 0);
        cr_expect_eq(bm_result_outcome(&result),
                     more == 0 ? BM_OUTCOME_CLEAN : BM_OUTCOME_UNPROVED);
        bm_result_free(&result);
    }
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

Test(judge_limits, damage_passes_through_where_no_judged_path_meets_it)
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

Test(judge_limits, much_damage_is_counted_and_partly_listed)
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

/* KiB; it never falls. */
static long peak_memory(void)
{
    struct rusage usage;
    cr_assert_eq(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

/* {_id: 1, a: [{}, {}, …]} */
static void add_empty_entries(int count)
{
    struct bm_buffer document = BM_BUFFER_INIT((size_t)32 << 20);
    struct bm_error err = BM_ERROR_INIT;
    static const uint8_t head[] = {0, 0, 0, 0, BM_TYPE_ARRAY, 'a', 0, 0, 0, 0, 0};
    static const uint8_t none[] = {5, 0, 0, 0, 0};
    cr_assert_eq(bm_buffer_append(&document, (struct bm_view){head, sizeof head}, &err), BM_OK);
    for (int i = 0; i < count; i++) {
        cr_assert_eq(bm_buffer_append_byte(&document, BM_TYPE_OBJECT, &err), BM_OK);
        cr_assert_eq(bm_buffer_printf(&document, &err, "%d", i % 10), BM_OK);
        cr_assert_eq(bm_buffer_append_byte(&document, 0, &err), BM_OK);
        cr_assert_eq(bm_buffer_append(&document, (struct bm_view){none, sizeof none}, &err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append(&document, (struct bm_view){none + 3, 2}, &err), BM_OK);
    bm_put_le32(document.data, (uint32_t)document.len);
    bm_put_le32(document.data + 7, (uint32_t)(document.len - 8));
    judging_bytes(&judging, bm_buffer_view(&document));
    bm_buffer_free(&document);
}

/* More than any reader takes is not made: told before a token is drawn. The next document is. */
Test(judge_limits, a_document_that_would_grow_past_all_limits)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    add_empty_entries(900000);
    add_empty_entries(3);
    judging_fill(&judging, "db.c:a.t=hex:32");
    long before = peak_memory();
    judging_run(&judging);
    cr_expect_leq(peak_memory() - before, 384L << 10, "KiB");
    cr_expect_eq(bm_plan_violations(judging.plan), 1);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 1);
    cr_expect_eq(result.violations[0].kind, BM_VIOLATION_OVERSIZE);
    cr_expect_eq(result.violations[0].count, 1);
    cr_expect_not_null(strstr(result.violations[0].reason, "1 of them would be past 16793600"));
    cr_expect_eq(result.namespaces[0].touched, 1);
    cr_expect_eq(result.namespaces[0].filled.missing, 3);
    cr_expect_eq(judging.output.len, judging.documents.len + 3 * 40);
    bm_result_free(&result);
}

Test(judge_limits, a_budget_that_does_not_suffice)
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
Test(judge_limits, a_document_with_very_many_keys)
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

static void judge_first_document(struct bm_judge *judge, size_t ns)
{
    struct bm_edits edits = {.count = 0};
    const struct bm_batch batch = {
        .ns = bm_catalog_namespace(judging.catalog, ns),
        .bytes = bm_buffer_view(&judging.documents),
        .at = judging.at,
        .count = judging.count,
    };
    cr_assert_eq(bm_judge_batch(judge, &batch, &edits, &judging.err), BM_OK);
}

/* An archive may have all its namespaces open at once. */
Test(judge_limits, judges_at_once_share_what_only_one_needs)
{
    enum { COUNT = 2000, MOST_KIB_EACH = 40 };
    static struct bm_judge *judges[COUNT];
    char name[32];
    for (size_t i = 0; i < COUNT; i++) {
        (void)snprintf(name, sizeof name, "c%zu", i);
        (void)judging_namespace(&judging, "db", name, UNIQUE_TOKEN);
    }
    judging_document(&judging, "{\"_id\":1,\"token\":\"x\"}");
    cr_assert_eq(judging_plan(&judging), BM_OK);
    bm_plan_start(judging.plan, BM_PASS_JUDGE);
    long before = peak_memory();
    for (size_t i = 0; i < COUNT; i++) {
        judges[i] =
            bm_judge_new(judging.plan, bm_catalog_namespace(judging.catalog, i), &judging.err);
        cr_assert_not_null(judges[i]);
        judge_first_document(judges[i], i);
    }
    long taken = peak_memory() - before;
    cr_expect_leq(taken, COUNT * MOST_KIB_EACH, "%ld KiB", taken);
    for (size_t i = 0; i < COUNT; i++) {
        cr_assert_eq(bm_judge_finish(judges[i], &judging.err), BM_OK);
        bm_judge_free(judges[i]);
    }
    cr_expect_eq(bm_plan_violations(judging.plan), 0);
}

/* Bytes of the budget that the sets of one judge take after 27,500 documents, whose number it can
 * foresee by the bytes that it is told of; 0: it is told nothing. */
static uint64_t taken_with(uint64_t bytes)
{
    cr_assert_eq(judging_plan(&judging), BM_OK);
    bm_plan_start(judging.plan, BM_PASS_JUDGE);
    uint64_t before = judging.budget.used;
    struct bm_judge *judge =
        bm_judge_new(judging.plan, bm_catalog_namespace(judging.catalog, 0), &judging.err);
    cr_assert_not_null(judge);
    bm_judge_foresee(judge, bytes);
    judge_first_document(judge, 0);
    uint64_t taken = judging.budget.used - before;
    cr_assert_eq(bm_judge_finish(judge, &judging.err), BM_OK);
    bm_judge_free(judge);
    bm_plan_free(judging.plan);
    judging.plan = NULL;
    return taken;
}

/* _id falls, so that it has a set too. */
Test(judge_limits, sets_grow_to_what_is_foreseen)
{
    enum { COUNT = 27500 };
    char json[64];
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(json, sizeof json, "{\"_id\":%d,\"token\":%d}", 100000000 - i, i);
        judging_document(&judging, json);
    }
    uint64_t plain = taken_with(0);
    uint64_t foreseen = taken_with(judging.documents.len);
    cr_expect_leq(foreseen, 2 * COUNT * 21, "%lu bytes", (unsigned long)foreseen);
    cr_expect_gt(plain, 2 * COUNT * 25, "%lu bytes", (unsigned long)plain);
    cr_expect_lt(taken_with(UINT64_MAX), 2 * COUNT * 180); /* it is no order */
}
