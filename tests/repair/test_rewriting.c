/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "repair/plan.h"
#include "support/judging.h"

#define COMPOUND                                                                                   \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"                               \
    "{\"v\":2,\"key\":{\"a\":1,\"b\":1,\"c\":1},\"name\":\"abc\",\"unique\":true}]}"

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(rewriting, .init = start, .fini = stop);

enum { ORDINARY, OTHER, BARE, VIEW, SYSTEM };

static void make_dump(void)
{
    (void)judging_namespace(&judging, "db", "ordinary", UNIQUE_TOKEN);
    (void)judging_namespace(&judging, "db", "other", UNIQUE_TOKEN);
    (void)judging_namespace(&judging, "db", "bare", NULL);
    (void)judging_namespace(&judging, "db", "view",
                            "{\"options\":{\"viewOn\":\"x\",\"pipeline\":[]},\"indexes\":[]}");
    (void)judging_namespace(&judging, "db", "system.js", UNIQUE_TOKEN);
}

static void index_rule(const char *text)
{
    cr_assert_eq(bm_rules_add_index(&judging.rules, text, &judging.err), BM_OK, "%s",
                 judging.err.text);
}

static void require_rule(const char *text)
{
    cr_assert_eq(bm_rules_add_require(&judging.rules, text, &judging.err), BM_OK, "%s",
                 judging.err.text);
}

static int says(const struct bm_result *result, const char *words)
{
    for (size_t i = 0; i < result->note_count; i++) {
        if (strstr(result->notes[i], words) != NULL) {
            return 1;
        }
    }
    return 0;
}

static const struct {
    const char *index[2], *require;
    const char *words; /* of the error; NULL: fine */
} rules[] = {
    {{"token_1=partial"}, NULL, NULL},
    {{"db.ordinary:token_1=sparse"}, NULL, NULL},
    {{"token_1=sparse", "token_1=sparse"}, NULL, NULL},
    {{"token_1=sparse", "db.ordinary:token_1=drop"}, NULL, NULL},
    {{"nothing=drop"}, NULL, NULL},
    {{"nothing=nonunique"}, NULL, NULL},
    {{"db.bare:nothing=drop"}, NULL, NULL},
    {{NULL}, "token", NULL},
    {{NULL}, "db.ordinary:plain", NULL},
    {{"token_1=sparse", "token_1=drop"}, NULL, "two rules --index token_1 contradict each other"},
    {{"token_1=partial", "token_1=partial:date"}, NULL, "contradict"},
    {{"nothing=sparse"}, NULL, "--index nothing matches nothing"},
    {{"db.ordinary:nothing=partial"}, NULL, "the collection has no such index"},
    {{"db.none:token_1=drop"}, NULL, "the dump has no such namespace"},
    {{"db.ordinary:_id_=drop"}, NULL, "_id_"},
    {{"db.system.js:token_1=drop"}, NULL, "system collections are not mended"},
    {{"db.view:token_1=drop"}, NULL, "a view has no documents"},
    {{NULL}, "plain", "--require plain matches nothing"},
    {{NULL}, "db.bare:token", "no metadata of this collection"},
    {{NULL}, "db.view:token", "a view has no documents"},
};

Test(rewriting, rules_against_a_dump)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        stop();
        start();
        make_dump();
        for (size_t r = 0; r < 2 && rules[i].index[r] != NULL; r++) {
            index_rule(rules[i].index[r]);
        }
        if (rules[i].require != NULL) {
            require_rule(rules[i].require);
        }
        enum bm_status status = judging_plan(&judging);
        cr_assert_eq(status, rules[i].words == NULL ? BM_OK : BM_FAIL, "rule %zu: %s", i,
                     judging.err.text);
        if (rules[i].words != NULL) {
            cr_assert_eq(judging.err.code, BM_ERROR_USAGE);
            cr_assert_not_null(strstr(judging.err.text, rules[i].words), "rule %zu: %s", i,
                               judging.err.text);
        }
    }
}

Test(rewriting, a_rule_without_namespace_means_every_index_of_that_name)
{
    make_dump();
    index_rule("token_1=sparse");
    index_rule("db.other:token_1=drop");
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    const struct bm_target *targets = judging.plan->targets;
    const struct bm_view *texts = bm_plan_metadata(judging.plan);
    cr_assert_eq(targets[ORDINARY].tracks[1].action, BM_INDEX_ACTION_SPARSE);
    cr_assert_eq(targets[OTHER].tracks[1].action, BM_INDEX_ACTION_DROP);
    cr_assert_eq(targets[OTHER].tracks[1].role, BM_TRACK_LISTED);
    cr_assert_not_null(texts[ORDINARY].data);
    cr_assert_null(texts[BARE].data);
    cr_assert_null(texts[SYSTEM].data, "a system collection is not meant");
    cr_assert_eq(targets[SYSTEM].after, targets[SYSTEM].ns);
}

Test(rewriting, rules_that_change_nothing_are_said)
{
    (void)judging_namespace(
        &judging, "db", "done",
        "{\"options\":{\"validator\":{\"token\":{\"$nin\":[null,\"\"]}}},\"indexes\":["
        "{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"
        "{\"v\":2,\"key\":{\"token\":1},\"name\":\"token_1\",\"unique\":true,\"sparse\":true}]}");
    index_rule("token_1=sparse");
    index_rule("gone_1=drop");
    index_rule("db.done:gone_2=nonunique");
    require_rule("token");
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    cr_assert_null(bm_plan_metadata(judging.plan));
    struct bm_result result = judging_result(&judging);
    cr_expect(says(&result, "db.done: index token_1 is sparse already"));
    cr_expect(says(&result, "--index gone_1 changes nothing"));
    cr_expect(says(&result, "db.done: there is no index gone_2"));
    cr_expect(says(&result, "db.done: token is required already"));
    cr_expect_eq(result.namespaces[0].rewritten, 0);
    cr_expect_eq(result.namespaces[0].indexes[1].action, BM_INDEX_ACTION_KEEP);
    cr_expect_eq(bm_result_outcome(&result), BM_OUTCOME_CLEAN);
    bm_result_free(&result);
}

/* Two nulls and a missing field; what each rewritten index makes of them. */
static const struct {
    const char *rule;
    uint64_t violations;
} verdicts[] = {
    {"token_1=partial", 0}, {"token_1=sparse", 1}, {"token_1=nonunique", 0},
    {"token_1=drop", 0},    {"plain_1=sparse", 2}, {"token_1=partial:objectId", 0},
};

Test(rewriting, the_verdict_is_that_of_the_rewritten_index)
{
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
        index_rule(verdicts[i].rule);
        judging_document(&judging, "{\"_id\":1,\"token\":null}");
        judging_document(&judging, "{\"_id\":2,\"token\":null}");
        judging_document(&judging, "{\"_id\":3}");
        judging_run(&judging);
        cr_expect_eq(bm_plan_violations(judging.plan), verdicts[i].violations, "%s",
                     verdicts[i].rule);
        judging_expect_same(&judging);
        struct bm_result result = judging_result(&judging);
        cr_expect_eq(result.namespaces[0].rewritten, 1);
        cr_expect_eq(bm_result_outcome(&result),
                     verdicts[i].violations > 0 ? BM_OUTCOME_VIOLATIONS : BM_OUTCOME_MENDED);
        bm_result_free(&result);
    }
}

Test(rewriting, values_that_fall_out_of_an_index_are_counted)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    index_rule("token_1=partial");
    judging_document(&judging, "{\"_id\":1,\"token\":\"a\"}");
    judging_document(&judging, "{\"_id\":2,\"token\":7}");
    judging_document(&judging, "{\"_id\":3,\"token\":7}");
    judging_document(&judging, "{\"_id\":4,\"token\":[null,{\"x\":1}]}");
    judging_document(&judging, "{\"_id\":5,\"token\":null}");
    judging_document(&judging, "{\"_id\":6,\"token\":\"\"}");
    judging_document(&judging, "{\"_id\":7}");
    judging_document(&judging, "{\"_id\":8,\"token\":[1,\"b\"]}");
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
    struct bm_result result = judging_result(&judging);
    cr_assert(
        says(&result, "db.c: 3 documents with a value of another type fall out of index token_1"));
    bm_result_free(&result);
    cr_assert_eq(judging_pass(&judging, 0, BM_PASS_JUDGE), BM_OK);
    cr_assert_eq(judging.plan->targets[0].tracks[1].outside.documents, 3, "counted anew");
}

Test(rewriting, an_index_of_several_fields_is_partial_on_those_that_are_mended)
{
    (void)judging_namespace(&judging, "db", "c", COMPOUND);
    index_rule("abc=partial");
    cr_assert_eq(judging_plan(&judging), BM_FAIL);
    cr_assert_eq(judging.err.code, BM_ERROR_USAGE);
    judging_fill(&judging, "db.c:b=hex:32");
    judging.err = BM_ERROR_INIT;
    cr_assert_eq(judging_plan(&judging), BM_OK, "%s", judging.err.text);
    struct bm_view text = bm_plan_metadata(judging.plan)[0];
    char copy[1024];
    (void)snprintf(copy, sizeof copy, "%.*s", (int)text.len, (const char *)text.data);
    cr_assert_not_null(strstr(copy, "\"partialFilterExpression\":{\"b\":{\"$gt\":\"\"}}"), "%s",
                       copy);
}

/* A fill finds its collections by the indexes that the dump came with. */
Test(rewriting, a_fill_without_namespace_finds_an_index_that_is_rewritten)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    index_rule("token_1=drop");
    judging_fill(&judging, "token=hex:32");
    judging_document(&judging, "{\"_id\":1,\"token\":null}");
    judging_run(&judging);
    cr_assert_eq(judging.plan->targets[0].touched, 1);
}

Test(rewriting, documents_that_lack_what_is_required_are_violations)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    require_rule("token");
    judging_document(&judging, "{\"_id\":1,\"token\":\"a\"}");
    judging_document(&judging, "{\"_id\":2,\"token\":\"\"}");
    judging_document(&judging, "{\"_id\":3}");
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 2);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.violation_count, 1);
    cr_assert_eq(result.violations[0].kind, BM_VIOLATION_VALIDATOR);
    cr_assert_eq(result.violations[0].count, 2);
    cr_assert_eq(result.violations[0].documents[0].ordinal, 1);
    cr_assert_not_null(strstr(result.violations[0].reason, "--require"));
    bm_result_free(&result);
}

Test(rewriting, what_is_filled_is_there_as_required)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    require_rule("token");
    judging_fill(&judging, "token=hex:32");
    judging_document(&judging, "{\"_id\":1,\"token\":null}");
    judging_document(&judging, "{\"_id\":2}");
    judging_run(&judging);
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
    cr_assert_eq(judging.plan->targets[0].touched, 2);
}

static const char *const toothless[] = {"\"validationLevel\":\"off\"",
                                        "\"validationAction\":\"warn\""};

Test(rewriting, a_requirement_that_refuses_nothing_is_said_and_refuses_nothing)
{
    for (size_t i = 0; i < sizeof toothless / sizeof *toothless; i++) {
        stop();
        start();
        char metadata[256];
        (void)snprintf(metadata, sizeof metadata, "{\"options\":{%s},\"indexes\":[]}",
                       toothless[i]);
        (void)judging_namespace(&judging, "db", "c", metadata);
        require_rule("db.c:token");
        judging_document(&judging, "{\"_id\":1}");
        judging_run(&judging);
        cr_expect_eq(bm_plan_violations(judging.plan), 0);
        struct bm_result result = judging_result(&judging);
        cr_expect(says(&result, "so that the server refuses nothing"));
        bm_result_free(&result);
    }
}

Test(rewriting, a_damaged_document_may_lack_what_is_required)
{
    static const uint8_t damaged[] = {14, 0, 0, 0, 0x02, 'x', 0, 9, 0, 0, 0, 'a', 0, 0};
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    require_rule("token");
    judging_bytes(&judging, (struct bm_view){damaged, sizeof damaged});
    judging_run(&judging);
    cr_assert(bm_plan_unsound(judging.plan));
}

/* Once the index is gone, rules that are found by it have nothing to do: a second run is no error.
 */
Test(rewriting, rules_over_an_index_that_is_gone_are_said)
{
    (void)judging_namespace(&judging, "db", "c", NULL);
    index_rule("token_1=drop");
    require_rule("token");
    judging_fill(&judging, "token=hex:32");
    judging_document(&judging, "{\"_id\":1}");
    judging_run(&judging);
    judging_expect_same(&judging);
    struct bm_result result = judging_result(&judging);
    cr_expect(says(&result, "--fill token=hex:32 changes nothing"));
    cr_expect(says(&result, "--require token changes nothing"));
    bm_result_free(&result);
}

/* What a ledger has of metadata is text. */
Test(rewriting, metadata_that_are_no_text_stay)
{
    (void)judging_namespace(&judging, "db", "c",
                            "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"}],"
                            "\"collectionName\":\"c\",\"note\":\"\xff\"}");
    require_rule("db.c:token");
    cr_assert_eq(judging_plan(&judging), BM_FAIL);
    cr_expect_eq(judging.err.code, BM_ERROR_USAGE);
    cr_expect_str_eq(judging.err.ns, "db.c");
    cr_expect_not_null(
        strstr(judging.err.text, "--require changes metadata, and these are no text"), "%s",
        judging.err.text);
}
