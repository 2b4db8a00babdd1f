/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_VERIFY_H
#define BM_PIPELINE_VERIFY_H

#include "bsonmend/run.h"

/*
 * Proves that AFTER is BEFORE and the changes that were asked for (options->ledger, else
 * options->rules, else none) and nothing else, and judges AFTER's indexes. Both dumps are read once
 * where they are alike, and up to four times more to find what differs. Namespaces are held
 * together by name, whatever order, container and codec each dump has; a lone .bson file as AFTER
 * goes by the name of BEFORE's one collection.
 *
 * BM_OK: the result says it all, differences included. BM_FAIL: errors as of bm_run, and
 * BM_ERROR_USAGE: rules that make tokens without options->token_key, rules that reject without
 * options->rejects, a ledger that cannot be read as one; BM_ERROR_VIOLATION: a ledger that does not
 * fit BEFORE, or rules by which fix makes no output of it.
 */
enum bm_status bm_verify(const struct bm_run_options *options, struct bm_result *result,
                         struct bm_error *err) BM_MUST_USE;

#endif
