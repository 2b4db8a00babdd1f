/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "repair/plan.h"
#include "support/judging.h"

/* Rules that take out what is empty, and rules that have a meaning of empty of their own. */

#define SPARSE_TOKEN                                                                               \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},"                               \
    "{\"v\":2,\"key\":{\"token\":1},\"name\":\"token_1\",\"unique\":true,\"sparse\":true}]}"

static struct judging judging;

static void start(void)
{
    judging_start(&judging);
}

static void stop(void)
{
    judging_stop(&judging);
}

TestSuite(unset, .init = start, .fini = stop);

static void unset(const char *rule)
{
    cr_assert_eq(bm_rules_add_unset(&judging.rules, rule, &judging.err), BM_OK, "%s",
                 judging.err.text);
}

Test(unset, takes_the_field_out_of_every_place)
{
    (void)judging_namespace(&judging, "db", "c", SPARSE_TOKEN);
    unset("token");
    unset("db.c:a.b");
    judging_document(&judging, "{\"_id\":1,\"token\":null,\"x\":1}");
    judging_document(&judging, "{\"_id\":2,\"token\":\"\",\"x\":1}");
    judging_document(&judging, "{\"x\":1,\"_id\":3,\"token\":\" \\t\"}");
    judging_document(&judging, "{\"_id\":4,\"token\":{\"$undefined\":true}}");
    judging_document(&judging, "{\"_id\":5}");
    judging_document(&judging, "{\"_id\":6,\"token\":\"kept\"}");
    judging_document(&judging, "{\"_id\":7,\"a\":[{\"b\":null,\"c\":1},{\"b\":2},3,{\"b\":\"\"}]}");
    judging_document(&judging, "{\"_id\":8,\"token\":null,\"a\":{\"b\":null}}");
    judging_run(&judging);
    judging_expect(&judging, (const char *const[]){"{\"_id\":1,\"x\":1}", "{\"_id\":2,\"x\":1}",
                                                   "{\"x\":1,\"_id\":3}", "{\"_id\":4}",
                                                   "{\"_id\":5}", "{\"_id\":6,\"token\":\"kept\"}",
                                                   "{\"_id\":7,\"a\":[{\"c\":1},{\"b\":2},3,{}]}",
                                                   "{\"_id\":8,\"a\":{}}", NULL});
    cr_assert_eq(bm_plan_violations(judging.plan), 0);
    struct bm_result result = judging_result(&judging);
    const struct bm_namespace_result *ns = &result.namespaces[0];
    cr_expect_eq(ns->touched, 6);
    cr_expect_eq(ns->unset.null, 4);
    cr_expect_eq(ns->unset.blank, 3);
    cr_expect_eq(ns->unset.undefined, 1);
    cr_expect_eq(ns->unset.missing, 0);
    cr_expect_eq(ns->filled.null, 0);
    cr_expect_eq(bm_result_outcome(&result), BM_OUTCOME_MENDED);
    bm_result_free(&result);
}

Test(unset, the_verdict_is_that_of_the_document_without_the_field)
{
    static const struct {
        const char *metadata;
        uint64_t violations;
    } indexes[] = {{SPARSE_TOKEN, 0}, {UNIQUE_TOKEN, 1}};
    for (size_t i = 0; i < 2; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", indexes[i].metadata);
        unset("token");
        judging_document(&judging, "{\"_id\":1,\"token\":null}");
        judging_document(&judging, "{\"_id\":2,\"token\":null}");
        judging_run(&judging);
        cr_expect_eq(bm_plan_violations(judging.plan), indexes[i].violations, "%zu", i);
    }
}

Test(unset, each_change_names_the_element_that_went)
{
    (void)judging_namespace(&judging, "db", "c", SPARSE_TOKEN);
    unset("db.c:a.b");
    judging_document(&judging, "{\"_id\":1,\"a\":[1,{\"b\":null}]}");
    judging_run(&judging);
    const char *changes = (const char *)judging.changes.data;
    cr_assert_not_null(strstr(changes, "a.1.b a.b null - at 34 before 3 after 0"), "%s", changes);
}

/* Empty, as each rule has it: a blank is a value for the first, a null one for the second. */
Test(unset, a_rule_may_say_for_itself_what_is_empty)
{
    (void)judging_namespace(&judging, "db", "c", UNIQUE_TOKEN);
    judging_fill(&judging, "token=hex:32");
    judging_fill(&judging, "db.c:other=hex:32");
    judging.rules.fills[0].empty = BM_EMPTY_NULL | BM_EMPTY_MISSING;
    judging.rules.fills[1].empty = BM_EMPTY_BLANK;
    judging_document(&judging, "{\"_id\":1,\"token\":\"\",\"other\":null}");
    judging_document(&judging, "{\"_id\":2,\"token\":null,\"other\":1}");
    judging_document(&judging, "{\"_id\":3,\"token\":1,\"other\":\" \"}");
    judging_run(&judging);
    const struct bm_target *target = &judging.plan->targets[0];
    cr_expect_eq(target->filled.null, 1);
    cr_expect_eq(target->filled.blank, 1);
    cr_expect_eq(target->touched, 2);
    cr_expect_eq(bm_plan_violations(judging.plan), 0);
}

Test(unset, nothing_to_take_out_is_said)
{
    (void)judging_namespace(&judging, "db", "c", SPARSE_TOKEN);
    unset("token");
    judging_document(&judging, "{\"_id\":1}");
    judging_run(&judging);
    struct bm_result result = judging_result(&judging);
    cr_assert_eq(result.note_count, 1);
    cr_assert_str_eq(result.notes[0], "--unset token: nothing was empty");
    bm_result_free(&result);
}

static const struct {
    const char *fill, *unsets[2];
    const char *words; /* of the error; NULL: fine */
} rules[] = {
    {NULL, {"token"}, NULL},
    {NULL, {"token", "token"}, NULL},
    {"token=hex:32", {"db.c:token"}, NULL},
    {"token=hex:32", {"token"}, "rules for token contradict each other in db.c"},
    {"db.c:a.b=hex:32", {"db.c:a"}, "one lies inside the other"},
    {NULL, {"db.c:a", "db.c:a.b"}, "--unset a and --unset a.b contradict"},
    {NULL, {"absent"}, "--unset absent matches nothing"},
    {NULL, {"db.c:_id"}, "_id is never changed"},
    {NULL, {"db.c:a.0"}, "a position in an array"},
    {NULL, {"db.none:a"}, "the dump has no such namespace"},
};

Test(unset, rules_against_a_dump)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        stop();
        start();
        (void)judging_namespace(&judging, "db", "c", SPARSE_TOKEN);
        if (rules[i].fill != NULL) {
            judging_fill(&judging, rules[i].fill);
        }
        for (size_t u = 0; u < 2 && rules[i].unsets[u] != NULL; u++) {
            unset(rules[i].unsets[u]);
        }
        enum bm_status status = judging_plan(&judging);
        cr_expect_eq(status, rules[i].words == NULL ? BM_OK : BM_FAIL, "%zu: %s", i,
                     judging.err.text);
        cr_expect(rules[i].words == NULL || strstr(judging.err.text, rules[i].words) != NULL,
                  "%zu: %s", i, judging.err.text);
    }
}

Test(unset, a_fill_elsewhere_goes_along)
{
    (void)judging_namespace(&judging, "db", "c", SPARSE_TOKEN);
    unset("token");
    judging_fill(&judging, "db.c:z=hex:32");
    judging_document(&judging, "{\"_id\":1,\"token\":null}");
    judging_document(&judging, "{\"_id\":2,\"token\":null,\"z\":\"kept\"}");
    judging_run(&judging);
    char token[33];
    char filled[96];
    (void)snprintf(filled, sizeof filled, "{\"_id\":1,\"z\":\"%s\"}",
                   judging_token("db.c", "z", "{\"_id\":1}", 1, token));
    judging_expect(&judging, (const char *const[]){filled, "{\"_id\":2,\"z\":\"kept\"}", NULL});
}

/* A second run over the output has nothing left to do, and finds nothing new. */
Test(unset, a_name_that_comes_twice_is_taken_out_twice)
{
    (void)judging_namespace(&judging, "db", "c", SPARSE_TOKEN);
    unset("db.c:p");
    judging_document(&judging, "{\"_id\":1,\"p\":null,\"q\":1,\"p\":\"\",\"p\":\"x\",\"p\":null}");
    judging_run(&judging);
    judging_expect(&judging, (const char *const[]){"{\"_id\":1,\"q\":1,\"p\":\"x\"}", NULL});
}
