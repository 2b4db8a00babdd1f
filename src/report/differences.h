/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_DIFFERENCES_H
#define BM_REPORT_DIFFERENCES_H

#include "report/print.h"

/* What verify found: a line for each difference, and the verdict where the run came to its end. */
void bm_differences_print(struct bm_print *print, const struct bm_result *result);
/* The member "differences" of the JSON report; of other commands nothing. */
void bm_json_differences_print(struct bm_print *print, const struct bm_result *result);

#endif
