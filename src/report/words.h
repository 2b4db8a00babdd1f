/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_WORDS_H
#define BM_REPORT_WORDS_H

#include "bsonmend/report.h"

/* The words both forms of the report use; static. */
const char *bm_words_command(enum bm_command command);
const char *bm_words_kind(enum bm_namespace_kind kind);
const char *bm_words_violation(enum bm_violation_kind kind);
const char *bm_words_difference(enum bm_difference_kind kind);
const char *bm_words_error(enum bm_error_code code);

#endif
