/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_OUTCOME_H
#define BM_TESTS_OUTCOME_H

#include "bsonmend/bsonmend.h"

/* How one whole run ended. */
struct test_outcome {
    int exit_status;
    int written; /* the output is finished */
    enum bm_outcome found;
    enum bm_container container; /* of the input, as far as it was told */
    char text[512];              /* why it failed */
};

/* fix without rules, of a dump to an output, which is not judged again: whoever calls compares it.
 * A failure with exit status 0 fails the test. */
struct test_outcome test_fix(const char *input, const struct bm_packer_options *output);

#endif
