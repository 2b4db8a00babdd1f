/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_SELECTION_H
#define BM_PIPELINE_SELECTION_H

#include "bsonmend/report.h"
#include "bsonmend/rules.h"

/*
 * Holds the namespace patterns against the dump. BM_ERROR_USAGE, naming what there is: an include
 * that matches no namespace, or patterns that leave none; what nothing was judged of must not be
 * called clean. An exclude that matches none is a note in the result: nothing is lost by it.
 */
enum bm_status bm_selection_check(const struct bm_rules *rules, const struct bm_catalog *catalog,
                                  struct bm_result *result, struct bm_error *err) BM_MUST_USE;

#endif
