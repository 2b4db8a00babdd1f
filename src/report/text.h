/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_TEXT_H
#define BM_REPORT_TEXT_H

#include "report/print.h"

/* The parts of the text report, each whole lines. */

/* What stands in the way of a restore, a section an index that has findings or was not judged. */
void bm_sections_print(struct bm_print *print, const struct bm_result *result,
                       const struct bm_text_options *options);
/* ": 50 missing, 50 null"; nothing where all are 0. */
/* The sum of all kinds. */
uint64_t bm_empties_total(const struct bm_empties *empties);
void bm_empties_print(struct bm_print *print, const struct bm_empties *empties);

/* One line a namespace. */
void bm_listing_print(struct bm_print *print, const struct bm_result *result);

#endif
