/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

#include "support/results.h"

/* What a result holds, and what must come of it. */
struct verdict_case {
    enum bm_command command;
    enum bm_error_code error;
    int damaged, violated, unproved, filled;
    enum bm_outcome outcome;
    int status;
};

static const struct verdict_case verdicts[] = {
    {BM_COMMAND_CHECK, BM_ERROR_NONE, 0, 0, 0, 0, BM_OUTCOME_CLEAN, 0},
    {BM_COMMAND_FIX, BM_ERROR_NONE, 0, 0, 0, 0, BM_OUTCOME_CLEAN, 0},
    {BM_COMMAND_FIX, BM_ERROR_NONE, 0, 0, 0, 1, BM_OUTCOME_MENDED, 0},
    {BM_COMMAND_CHECK, BM_ERROR_NONE, 0, 0, 1, 0, BM_OUTCOME_UNPROVED, 1},
    {BM_COMMAND_FIX, BM_ERROR_NONE, 0, 0, 1, 1, BM_OUTCOME_UNPROVED, 1},
    {BM_COMMAND_LIST, BM_ERROR_NONE, 0, 0, 1, 0, BM_OUTCOME_CLEAN, 0},
    {BM_COMMAND_CHECK, BM_ERROR_NONE, 0, 1, 0, 0, BM_OUTCOME_VIOLATIONS, 1},
    {BM_COMMAND_FIX, BM_ERROR_NONE, 0, 1, 1, 1, BM_OUTCOME_VIOLATIONS, 1},
    {BM_COMMAND_FIX, BM_ERROR_VIOLATION, 0, 0, 0, 1, BM_OUTCOME_VIOLATIONS, 1},
    {BM_COMMAND_CHECK, BM_ERROR_NONE, 1, 0, 0, 0, BM_OUTCOME_DAMAGED, 3},
    {BM_COMMAND_CHECK, BM_ERROR_NONE, 1, 1, 1, 0, BM_OUTCOME_DAMAGED, 3},
    {BM_COMMAND_LIST, BM_ERROR_TRUNCATED, 0, 0, 0, 0, BM_OUTCOME_DAMAGED, 3},
    {BM_COMMAND_CHECK, BM_ERROR_CORRUPT, 0, 1, 0, 0, BM_OUTCOME_DAMAGED, 3},
    {BM_COMMAND_FIX, BM_ERROR_USAGE, 0, 0, 0, 0, BM_OUTCOME_FAILED, 2},
    {BM_COMMAND_FIX, BM_ERROR_IO, 1, 1, 1, 1, BM_OUTCOME_FAILED, 4},
    {BM_COMMAND_FIX, BM_ERROR_MEMORY, 0, 0, 0, 1, BM_OUTCOME_FAILED, 4},
    {BM_COMMAND_FIX, BM_ERROR_STOPPED, 0, 0, 0, 0, BM_OUTCOME_FAILED, 4},
};

ParameterizedTestParameters(result, verdict)
{
    static size_t numbers[sizeof verdicts / sizeof verdicts[0]];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        numbers[i] = i;
    }
    return cr_make_param_array(size_t, numbers, sizeof numbers / sizeof numbers[0]);
}

ParameterizedTest(size_t *number, result, verdict)
{
    const struct verdict_case *c = &verdicts[*number];
    struct bm_result result;
    bm_result_init(&result);
    result.command = c->command;
    result.error.code = c->error;
    result.namespaces = calloc(1, sizeof *result.namespaces);
    result.namespace_count = 1;
    struct bm_namespace_result *ns = &result.namespaces[0];
    ns->ns = test_result_text("a.b");
    ns->touched = c->filled ? 3 : 0;
    ns->indexes = calloc(1, sizeof *ns->indexes);
    ns->index_count = 1;
    ns->indexes[0].name = test_result_text("x_1");
    ns->indexes[0].unique = 1;
    ns->indexes[0].judged = !c->unproved;
    ns->indexes[0].reason = c->unproved ? test_result_text("it is sparse") : NULL;
    ns->indexes[0].violations = c->violated ? 1 : 0;
    if (c->damaged) {
        result.damage = calloc(1, sizeof *result.damage);
        result.damage_count = 1;
        result.damage[0].what = test_result_text("it ends early");
    }
    cr_expect_eq(bm_result_outcome(&result), c->outcome, "case %zu: %s", *number,
                 bm_outcome_name(bm_result_outcome(&result)));
    cr_expect_eq(bm_result_exit(&result), c->status, "case %zu: %d", *number,
                 bm_result_exit(&result));
    bm_result_free(&result);
}

Test(result, namespace_with_a_reason_is_unproved)
{
    struct bm_result result;
    bm_result_init(&result);
    result.namespaces = calloc(1, sizeof *result.namespaces);
    result.namespace_count = 1;
    result.namespaces[0].reason = test_result_text("its metadata cannot be read");
    cr_expect_eq(bm_result_outcome(&result), BM_OUTCOME_UNPROVED);
    cr_expect_eq(bm_result_exit(&result), 1);
    bm_result_free(&result);
}

/* Not selected: neither judged nor a reason. */
/* What the replay may undo is counted, listed or not. */
Test(result, oplog_that_may_undo_is_unproved)
{
    struct bm_result result;
    bm_result_init(&result);
    result.command = BM_COMMAND_FIX;
    result.oplog_finding_total = 1;
    cr_expect_eq(bm_result_outcome(&result), BM_OUTCOME_UNPROVED);
    cr_expect_eq(bm_result_exit(&result), 1);
    bm_result_free(&result);
}

Test(result, excluded_index_is_not_unproved)
{
    struct bm_result result;
    test_result_story(&result);
    result.namespaces[0].indexes[1].violations = 0;
    result.namespaces[0].indexes[1].judged = 0;
    result.violation_total = 0;
    result.violation_count = 0;
    cr_expect_eq(bm_result_outcome(&result), BM_OUTCOME_CLEAN);
    result.violation_count = 1;
    bm_result_free(&result);
}

Test(result, names)
{
    static const char *const names[] = {"clean",      "mended",  "unproved",
                                        "violations", "damaged", "failed"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cr_expect_str_eq(bm_outcome_name((enum bm_outcome)i), names[i]);
    }
}
