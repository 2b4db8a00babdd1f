/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "repair/plan.h"
#include "support/judging.h"

#define SPARSE_CODE                                                                                \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"                               \
    "{\"v\":2,\"key\":{\"code\":1},\"name\":\"code_1\",\"unique\":true,\"sparse\":true}]}"
#define COMPOUND                                                                                   \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"                               \
    "{\"v\":2,\"key\":{\"a\":1,\"b.c\":-1},\"name\":\"a_1_b.c_-1\",\"unique\":true}]}"

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(plan, .init = start, .fini = stop);

/* A dump with one of everything that a rule can meet. */
enum { ORDINARY, SPARSE, TWO_FIELDS, EMPTY, VIEW, BUCKETS, SYSTEM };

static void make_dump(void)
{
    (void)judging_namespace(&judging, "db", "ordinary", UNIQUE_TOKEN);
    (void)judging_namespace(&judging, "db", "sparse", SPARSE_CODE);
    (void)judging_namespace(&judging, "db", "two", COMPOUND);
    (void)judging_namespace(&judging, "db", "empty", NULL);
    (void)judging_namespace(&judging, "db", "view",
                            "{\"options\":{\"viewOn\":\"x\",\"pipeline\":[]},\"indexes\":[]}");
    (void)judging_namespace(&judging, "db", "system.buckets.ts",
                            "{\"options\":{\"timeseries\":{\"timeField\":\"t\"}},\"indexes\":[]}");
    (void)judging_namespace(&judging, "db", "system.js", NULL);
}

static const struct {
    const char *fills[3];
    const char *include;
    const char *words; /* of the error; NULL: fine */
} cases[] = {
    {{"token=hex:32"}, NULL, NULL},
    {{"db.ordinary:other=hex:32"}, NULL, NULL},
    {{"code=uuid4"}, NULL, NULL},
    {{"b.c=uuid4"}, NULL, NULL},
    {{"token=hex:32", "token=hex:32"}, NULL, NULL},
    {{"token=nanoid", "token=nanoid:21"}, NULL, NULL},
    {{"token=hex:32", "db.ordinary:token=uuid4"}, NULL, NULL},
    {{"db.ordinary:token=uuid4", "token=hex:32", "token=hex:20"}, NULL, NULL},
    {{"db.ordinary:x.a=hex:32", "db.ordinary:x.ab=hex:32"}, NULL, NULL},
    {{"token=hex:16"}, NULL, NULL},
    {{"token=objectid"}, NULL, NULL},
    {{"token"}, NULL, NULL},
    {{"token=auto", "token"}, NULL, NULL},
    {{"token=auto", "token=hex:32"}, NULL, "auto and hex:32 contradict"},
    {{"token=hex:15"}, NULL, NULL},
    {{"plain=hex:32"}, NULL, "--fill plain=hex:32 matches nothing"},
    {{"absent=hex:32"}, NULL, "--fill DATABASE.COLLECTION:absent=hex:32"},
    {{"db.nothing:token=hex:32"}, NULL, "the dump has no such namespace"},
    {{"db.ordinary:token=hex:32"}, "db.sparse", "--nsInclude or --nsExclude"},
    {{"token=hex:32"}, "db.sparse", "matches nothing"},
    {{"_id=hex:32"}, NULL, "_id is never changed"},
    {{"db.ordinary:_id.x=hex:32"}, NULL, "_id is never changed"},
    {{"db.ordinary:items.0.token=hex:32"}, NULL, "a position in an array"},
    {{"db.view:token=hex:32"}, NULL, "a view has no documents"},
    {{"db.system.buckets.ts:x=hex:32"}, NULL, "time-series buckets"},
    {{"db.system.js:x=hex:32"}, NULL, "system collections"},
    {{"token=hex:32", "token=hex:20"}, NULL, "hex:32 and hex:20 contradict each other"},
    {{"db.ordinary:a=hex:32", "db.ordinary:a=uuid4"}, NULL, "contradict"},
    {{"db.ordinary:a.b=hex:32", "db.ordinary:a=hex:32"}, NULL, "one lies inside the other"},
};

Test(plan, fill_rules_against_a_dump)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        judging_stop(&judging);
        judging_start(&judging);
        make_dump();
        for (size_t f = 0; f < 3 && cases[i].fills[f] != NULL; f++) {
            judging_fill(&judging, cases[i].fills[f]);
        }
        if (cases[i].include != NULL) {
            cr_assert_eq(bm_rules_add_include(&judging.rules, cases[i].include, &judging.err),
                         BM_OK);
        }
        enum bm_status status = judging_plan(&judging);
        cr_assert_eq(status, cases[i].words == NULL ? BM_OK : BM_FAIL, "case %zu: %s", i,
                     judging.err.text);
        if (cases[i].words != NULL) {
            cr_assert_eq(judging.err.code, BM_ERROR_USAGE);
            cr_assert_not_null(strstr(judging.err.text, cases[i].words), "case %zu: %s", i,
                               judging.err.text);
        }
    }
}

/* What a pipe cannot give: values to learn from, and a second look at those that collide. */
Test(plan, fills_that_need_a_second_reading)
{
    static const struct {
        const char *fill;
        const char *words;
    } pipes[] = {
        {"token", "--fill token says no token"},
        {"token=auto", "write for example --fill token=hex:32"},
        {"token=hex:15", "fewer than 64 bits"},
        {"token=R-{base62:10}", "fewer than 64 bits"},
    };
    for (size_t i = 0; i < sizeof pipes / sizeof *pipes; i++) {
        judging_stop(&judging);
        judging_start(&judging);
        judging.repeatable = 0;
        make_dump();
        judging_fill(&judging, pipes[i].fill);
        cr_assert_eq(judging_plan(&judging), BM_FAIL);
        cr_assert_eq(judging.err.code, BM_ERROR_USAGE);
        cr_assert_not_null(strstr(judging.err.text, pipes[i].words), "%s", judging.err.text);
    }
}

Test(plan, a_rule_without_namespace_means_every_unique_index_over_the_field)
{
    make_dump();
    (void)judging_namespace(&judging, "other", "again", UNIQUE_TOKEN);
    judging_fill(&judging, "token=hex:32");
    cr_assert_eq(judging_plan(&judging), BM_OK);
    for (size_t i = 0; i < judging.plan->target_count; i++) {
        cr_assert_eq(judging.plan->targets[i].fill_count, i == ORDINARY || i == SYSTEM + 1, "%zu",
                     i);
    }
}

Test(plan, a_rule_with_a_namespace_beats_one_without)
{
    make_dump();
    (void)judging_namespace(&judging, "other", "again", UNIQUE_TOKEN);
    judging_fill(&judging, "token=hex:32");
    judging_fill(&judging, "other.again:token=uuid4");
    cr_assert_eq(judging_plan(&judging), BM_OK);
    const struct bm_target *targets = judging.plan->targets;
    cr_assert_str_eq(targets[ORDINARY].fills[0].shape->text, "hex:32");
    cr_assert_eq(targets[SYSTEM + 1].fill_count, 1);
    cr_assert_str_eq(targets[SYSTEM + 1].fills[0].shape->text, "uuid4");
}

Test(plan, fills_keep_the_order_of_the_rules)
{
    make_dump();
    judging_fill(&judging, "token=hex:32");
    judging_fill(&judging, "db.ordinary:b=hex:32");
    judging_fill(&judging, "db.ordinary:a=hex:32");
    cr_assert_eq(judging_plan(&judging), BM_OK);
    const struct bm_target *target = &judging.plan->targets[ORDINARY];
    cr_assert_eq(target->fill_count, 3);
    cr_assert_str_eq(target->fills[0].field, "token");
    cr_assert_str_eq(target->fills[1].field, "b");
    cr_assert_str_eq(target->fills[2].field, "a");
}

Test(plan, one_set_serves_index_and_fill)
{
    make_dump();
    judging_fill(&judging, "token=hex:32");
    judging_fill(&judging, "code=hex:32");
    judging_fill(&judging, "db.two:a=hex:32");
    cr_assert_eq(judging_plan(&judging), BM_OK);
    const struct bm_target *ordinary = &judging.plan->targets[ORDINARY];
    cr_assert_eq(ordinary->track_count, 3);
    cr_assert_eq(ordinary->tracks[ordinary->fills[0].tracks[0]].role, BM_TRACK_JUDGED);
    cr_assert_str_eq(ordinary->fills[0].index, "token_1");
    const struct bm_target *sparse = &judging.plan->targets[SPARSE];
    cr_assert_eq(sparse->track_count, 3);
    cr_assert_eq(sparse->tracks[sparse->fills[0].tracks[0]].role, BM_TRACK_VALUES);
    cr_assert_str_eq(sparse->fills[0].index, "code_1");
    const struct bm_target *two = &judging.plan->targets[TWO_FIELDS];
    cr_assert_eq(two->tracks[two->fills[0].tracks[0]].role, BM_TRACK_VALUES);
    cr_assert_str_eq(two->fills[0].index, "a_1_b.c_-1");
}

Test(plan, raw_bson_has_one_collection_to_mean)
{
    judging.container = BM_CONTAINER_BSON;
    (void)judging_namespace(&judging, "db", "c", NULL);
    judging_fill(&judging, "anything=hex:32");
    judging_unique(&judging, "x,y");
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    cr_assert_eq(judging.plan->targets[0].fill_count, 1);
    cr_assert_null(judging.plan->targets[0].fills[0].index);
}

/* Nothing holds the tokens of an oplog against each other. */
Test(plan, a_dump_with_an_oplog_needs_wide_tokens)
{
    make_dump();
    (void)judging_namespace(&judging, "", "oplog", NULL);
    judging_fill(&judging, "token=hex:24");
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    judging_fill(&judging, "token=hex:23");
    cr_assert_eq(judging_plan(&judging), BM_FAIL);
    cr_assert_eq(judging.err.code, BM_ERROR_USAGE);
    cr_assert_not_null(strstr(judging.err.text, "at least 96 bits"), "%s", judging.err.text);
}

Test(plan, what_is_judged)
{
    make_dump();
    (void)judging_namespace(&judging, "", "oplog", NULL);
    (void)judging_namespace(&judging, "db", "system.indexes", NULL);
    cr_assert_eq(bm_rules_add_exclude(&judging.rules, "db.two", &judging.err), BM_OK);
    cr_assert_eq(judging_plan(&judging), BM_OK);
    static const int judged[] = {1, 1, 0, 1, 0, 1, 1, 0, 0};
    for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(judging.catalog, i);
        cr_assert_eq(bm_plan_judges(judging.plan, ns), judged[i], "%s", ns->ns);
    }
}

static const struct {
    const char *unique;
    const char *words; /* of the error; NULL: fine */
    const char *index; /* the last one then */
    size_t ns;
    size_t notes;
} uniques[] = {
    {"db.empty:a", NULL, "a_1", EMPTY, 0},
    {"db.empty:a,b.c", NULL, "a_1_b.c_1", EMPTY, 0},
    {"db.ordinary:plain", NULL, "plain_1(unique)", ORDINARY, 0},
    {"db.ordinary:token", NULL, "plain_1", ORDINARY, 1},
    {"db.ordinary:_id", NULL, "plain_1", ORDINARY, 1},
    {"db.two:b.c,a", NULL, "a_1_b.c_-1", TWO_FIELDS, 1},
    {"db.sparse:code", NULL, "code_1(unique)", SPARSE, 0},
    {"db.system.js:a", NULL, "a_1", SYSTEM, 0},
    {"a", "say which collection", NULL, 0, 0},
    {"db.view:a", "is not judged", NULL, 0, 0},
    {"db.nothing:a", "no such namespace", NULL, 0, 0},
};

Test(plan, unique_rules_against_a_dump)
{
    for (size_t i = 0; i < sizeof uniques / sizeof *uniques; i++) {
        judging_stop(&judging);
        judging_start(&judging);
        make_dump();
        judging_unique(&judging, uniques[i].unique);
        enum bm_status status = judging_plan(&judging);
        cr_assert_eq(status, uniques[i].words == NULL ? BM_OK : BM_FAIL, "%s: %s",
                     uniques[i].unique, judging.err.text);
        if (uniques[i].words != NULL) {
            cr_assert_eq(judging.err.code, BM_ERROR_USAGE);
            cr_assert_not_null(strstr(judging.err.text, uniques[i].words), "%s", judging.err.text);
            continue;
        }
        const struct bm_target *target = &judging.plan->targets[uniques[i].ns];
        const struct bm_track *last = &target->tracks[target->track_count - 1];
        cr_assert_str_eq(bm_index_name(last->index), uniques[i].index);
        cr_assert_eq(judging.plan->note_count, uniques[i].notes, "%s", uniques[i].unique);
    }
}

Test(plan, unique_without_namespace_in_a_dump_of_one_collection)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    (void)judging_namespace(&judging, "db", "system.js", NULL);
    judging_unique(&judging, "a");
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    cr_assert_eq(judging.plan->targets[0].track_count, 2);
}

Test(plan, a_fill_meets_a_unique_rule)
{
    make_dump();
    judging_unique(&judging, "db.empty:x");
    judging_fill(&judging, "x=hex:32");
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    cr_assert_eq(judging.plan->targets[EMPTY].fill_count, 1);
    cr_assert_str_eq(judging.plan->targets[EMPTY].fills[0].index, "x_1");
}

Test(plan, paths_with_positions)
{
    cr_assert(bm_path_has_position("0"));
    cr_assert(bm_path_has_position("a.12.b"));
    cr_assert(bm_path_has_position("a.1"));
    cr_assert(!bm_path_has_position("a.1b"));
    cr_assert(!bm_path_has_position("a1.b2"));
    cr_assert(bm_path_is_id("_id"));
    cr_assert(bm_path_is_id("_id.x"));
    cr_assert(!bm_path_is_id("_idx"));
    cr_assert(!bm_path_is_id("x._id"));
}

/* Keys of 1024 bytes and more were refused before 4.2, those of --unique as well. */
Test(plan, a_unique_index_that_was_asked_for_is_one_of_the_server)
{
    static const struct {
        const char *server;
        uint64_t unindexable;
    } servers[] = {{"4.0", 1}, {"4.2", 0}, {NULL, 0}};
    char json[1200];
    (void)snprintf(json, sizeof json, "{\"_id\":1,\"a\":\"%01100d\"}", 0);
    for (size_t i = 0; i < sizeof servers / sizeof *servers; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", NULL);
        judging_unique(&judging, "a");
        judging_document(&judging, json);
        judging.server_version = servers[i].server;
        judging_run(&judging);
        struct bm_result result = judging_result(&judging);
        cr_expect_eq(result.namespaces[0].indexes[1].unindexable, servers[i].unindexable, "%s",
                     servers[i].server != NULL ? servers[i].server : "newest");
        bm_result_free(&result);
    }
}
