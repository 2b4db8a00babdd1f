/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_REPORT_FILE_H
#define BM_CLI_REPORT_FILE_H

#include "cli/options.h"

/* Where --report goes. An existing file stays unless it is an earlier report of ours. */

/* Whether it is standard output. */
int report_to_stdout(const struct options *options);
/*
 * Makes the report's file before the run, so that a path that cannot be is told at once; *out stays
 * NULL where no report is asked for. Freed by the caller. BM_ERROR_USAGE: something else lies
 * there. BM_ERROR_IO, BM_ERROR_MEMORY.
 */
enum bm_status report_open(const struct options *options, struct bm_writer **out,
                           struct bm_error *err) BM_MUST_USE;
/* Writes it and gives it its name; `report` may be NULL. BM_ERROR_IO: also when something else came
 * to lie there during the run. */
enum bm_status report_write(const struct options *options, const struct bm_result *result,
                            struct bm_writer *report, struct bm_error *err) BM_MUST_USE;

#endif
