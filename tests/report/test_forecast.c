/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "report/forecast.h"
#include "support/results.h"

/* Two collections: a.b with the story's failed index, and a.c with one good secondary index. */
static struct bm_result result;
static struct bm_namespace_result *story, *other;

static void start(void)
{
    test_result_story(&result);
    result.namespaces = realloc(result.namespaces, 2 * sizeof *result.namespaces);
    cr_assert_not_null(result.namespaces);
    result.namespace_count = 2;
    story = &result.namespaces[0];
    other = &result.namespaces[1];
    *other = (struct bm_namespace_result){.ns = test_result_text("a.c"), .judged = 1};
    other->indexes = calloc(2, sizeof *other->indexes);
    cr_assert_not_null(other->indexes);
    other->index_count = 2;
    other->indexes[0] =
        (struct bm_index_result){.name = test_result_text("_id_"), .unique = 1, .judged = 1};
    other->indexes[1] =
        (struct bm_index_result){.name = test_result_text("x_1"), .unique = 1, .judged = 1};
}

static void stop(void)
{
    bm_result_free(&result);
}

TestSuite(forecast, .init = start, .fini = stop);

static void heal(void)
{
    story->indexes[1].groups = story->indexes[1].violations = 0;
}

static void expect(enum bm_restore_end end, int exit, enum bm_fate of_story, enum bm_fate of_other)
{
    struct bm_forecast forecast = bm_forecast_make(&result);
    cr_expect_eq(forecast.end, end, "end %d", (int)forecast.end);
    cr_expect_eq(forecast.exit, exit, "exit %d", forecast.exit);
    cr_expect_eq(forecast.reason != NULL, end == BM_RESTORE_UNKNOWN);
    cr_expect_eq(bm_forecast_fate(&forecast, &result, story), of_story);
    cr_expect_eq(bm_forecast_fate(&forecast, &result, other), of_other);
}

Test(forecast, one_failed_index_loses_all_of_its_collection)
{
    expect(BM_RESTORE_INDEX_FAILS, 1, BM_FATE_LOST, BM_FATE_UNSURE);
    heal();
    expect(BM_RESTORE_COMPLETE, 0, BM_FATE_BUILT, BM_FATE_BUILT);
    story->indexes[2].unindexable = 1;
    expect(BM_RESTORE_INDEX_FAILS, 1, BM_FATE_LOST, BM_FATE_UNSURE);
}

Test(forecast, id_duplicates_are_dropped_without_a_trace)
{
    heal();
    other->indexes[0].groups = 1;
    other->indexes[0].violations = 3;
    expect(BM_RESTORE_COMPLETE, 0, BM_FATE_BUILT, BM_FATE_BUILT);
    cr_expect_eq(bm_forecast_dropped(other), 3);
    cr_expect_eq(bm_forecast_dropped(story), 0);
}

Test(forecast, what_is_in_the_way_may_be_what_is_skipped)
{
    story->indexes[0].groups = 1;
    story->indexes[0].violations = 1;
    expect(BM_RESTORE_UNKNOWN, BM_EXIT_UNKNOWN, BM_FATE_UNSURE, BM_FATE_UNSURE);
    story->indexes[0].groups = story->indexes[0].violations = 0;
    struct bm_violation *refusal = test_result_violation(&result, story->ns, "");
    refusal->kind = BM_VIOLATION_VALIDATOR;
    refusal->count = 1;
    expect(BM_RESTORE_UNKNOWN, BM_EXIT_UNKNOWN, BM_FATE_UNSURE, BM_FATE_UNSURE);
    story->indexes[1].refused = 1; /* no document matters to it */
    expect(BM_RESTORE_INDEX_FAILS, 1, BM_FATE_LOST, BM_FATE_UNSURE);
}

Test(forecast, a_refused_id_or_a_large_document_stops_the_load)
{
    other->indexes[0].unindexable = 1;
    expect(BM_RESTORE_LOAD_STOPS, 1, BM_FATE_LOST, BM_FATE_LOST);
    other->indexes[0].unindexable = 0;
    test_result_violation(&result, "a.c", "")->kind = BM_VIOLATION_OVERSIZE;
    expect(BM_RESTORE_LOAD_STOPS, 1, BM_FATE_LOST, BM_FATE_LOST);
}

Test(forecast, a_collection_whose_id_index_is_refused_cannot_be_made)
{
    heal();
    other->indexes[0].refused = 1;
    other->indexes[0].judged = 0;
    other->indexes[0].reason = test_result_text("the server refuses it: …");
    expect(BM_RESTORE_LOAD_STOPS, 1, BM_FATE_LOST, BM_FATE_LOST);
}

Test(forecast, what_the_validator_refuses_is_skipped_without_an_error)
{
    heal();
    struct bm_violation *violation = test_result_violation(&result, "a.c", "");
    violation->kind = BM_VIOLATION_VALIDATOR;
    violation->count = 4;
    expect(BM_RESTORE_COMPLETE, 0, BM_FATE_BUILT, BM_FATE_BUILT);
    cr_expect_eq(bm_forecast_refused(&result, other), 4);
    cr_expect_eq(bm_forecast_refused(&result, story), 0);
}

Test(forecast, an_index_that_was_asked_for_is_not_restored)
{
    story->indexes[1].asked = 1;
    expect(BM_RESTORE_COMPLETE, 0, BM_FATE_BUILT, BM_FATE_BUILT);
}

Test(forecast, what_the_server_refuses_is_lost_unique_or_not)
{
    heal();
    other->indexes[1].unique = other->indexes[1].judged = 0;
    other->indexes[1].refused = 1;
    other->indexes[1].reason = test_result_text("the server refuses it: …");
    expect(BM_RESTORE_INDEX_FAILS, 1, BM_FATE_UNSURE, BM_FATE_LOST);
}

Test(forecast, what_was_not_judged_is_not_known)
{
    heal();
    other->indexes[1].judged = 0;
    other->indexes[1].reason = test_result_text("a text index: …");
    expect(BM_RESTORE_UNKNOWN, BM_EXIT_UNKNOWN, BM_FATE_UNSURE, BM_FATE_UNSURE);
    story->indexes[1].groups = 1;
    expect(BM_RESTORE_INDEX_FAILS, 1, BM_FATE_LOST, BM_FATE_UNSURE);
}

Test(forecast, an_index_the_server_may_refuse_leaves_the_end_open_unique_or_not)
{
    heal();
    other->indexes[1].unique = other->indexes[1].judged = 0;
    other->indexes[1].reason = test_result_text("TTL index …");
    expect(BM_RESTORE_UNKNOWN, BM_EXIT_UNKNOWN, BM_FATE_UNSURE, BM_FATE_UNSURE);
}

Test(forecast, a_namespace_left_out_counts_for_nothing)
{
    story->judged = 0;
    story->reason = test_result_text("…");
    expect(BM_RESTORE_COMPLETE, 0, BM_FATE_BUILT, BM_FATE_BUILT);
}

Test(forecast, damage_inside_a_document_leaves_the_load_open)
{
    result.damage = calloc(1, sizeof *result.damage);
    result.damage_count = 1;
    expect(BM_RESTORE_UNKNOWN, 1, BM_FATE_LOST, BM_FATE_UNSURE);
    heal();
    expect(BM_RESTORE_UNKNOWN, BM_EXIT_UNKNOWN, BM_FATE_UNSURE, BM_FATE_UNSURE);
}

Test(forecast, a_cut_dump_loads_in_part_and_a_failed_run_knows_nothing)
{
    heal();
    result.error.code = BM_ERROR_TRUNCATED;
    result.input.bytes = 0; /* an empty file: a collection without documents */
    expect(BM_RESTORE_UNKNOWN, BM_EXIT_UNKNOWN, BM_FATE_UNSURE, BM_FATE_UNSURE);
    result.input.bytes = 1;
    expect(BM_RESTORE_LOAD_STOPS, 1, BM_FATE_LOST, BM_FATE_LOST);
    result.error.code = BM_ERROR_IO;
    expect(BM_RESTORE_UNKNOWN, BM_EXIT_UNKNOWN, BM_FATE_UNSURE, BM_FATE_UNSURE);
}

Test(forecast, metadata_that_cannot_be_read_restores_nothing)
{
    other->metadata_unreadable = 1;
    other->reason = test_result_text("…");
    expect(BM_RESTORE_NOT_STARTED, 1, BM_FATE_LOST, BM_FATE_LOST);
}
