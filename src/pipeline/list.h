/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_LIST_H
#define BM_PIPELINE_LIST_H

#include "bsonmend/run.h"
#include "pipeline/pass.h"

/*
 * Adds the namespaces of a catalog that the rules select, with the indexes that their metadata
 * defines, as the list command shows them; nothing is judged. Tallies by namespace number.
 */
enum bm_status bm_list_report(const struct bm_catalog *catalog, const struct bm_rules *rules,
                              const struct bm_tally *tallies, struct bm_result *result,
                              struct bm_error *err) BM_MUST_USE;

#endif
