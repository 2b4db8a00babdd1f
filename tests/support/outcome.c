/* SPDX-License-Identifier: Apache-2.0 */
#include "support/outcome.h"

#include <stdio.h>

#include <criterion/criterion.h>

struct test_outcome test_fix(const char *input, const struct bm_packer_options *output)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_rules rules;
    struct bm_result result;
    bm_rules_init(&rules);
    bm_result_init(&result);
    struct bm_run_options options = {
        .command = BM_COMMAND_FIX,
        .input = {.path = input, .chunk = 4096}, /* small dumps: little is set up for each run */
        .rules = &rules,
        .output = *output,
        .verification = BM_TRUST_OUTPUT, /* what it reads back as is compared here */
        .group_limit = 10,
        .document_limit = 5,
    };
    enum bm_status status = bm_run(&options, &result, &err);
    struct test_outcome outcome = {.exit_status = bm_result_exit(&result),
                                   .written = result.output.path != NULL,
                                   .found = bm_result_outcome(&result),
                                   .container = result.input.container};
    snprintf(outcome.text, sizeof outcome.text, "%.80s %.100s", err.ns, err.text);
    cr_assert(status == BM_OK || outcome.exit_status != 0, "a failure with exit 0: %s", err.text);
    bm_result_free(&result);
    bm_rules_free(&rules);
    return outcome;
}
