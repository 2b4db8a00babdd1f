/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_RUN_H
#define BSONMEND_RUN_H

#include "bsonmend/container.h"
#include "bsonmend/repair.h"
#include "bsonmend/report.h"
#include "bsonmend/rules.h"

/* One whole run of a command: source, passes, output, result. */

/* Called from time to time with how far the pass is in one namespace: its documents and their
 * bytes. */
struct bm_progress {
    void (*update)(void *context, const char *ns, uint64_t documents, uint64_t bytes);
    void *context;
};

enum bm_verification { BM_VERIFY_OUTPUT, BM_TRUST_OUTPUT };

struct bm_run_options {
    enum bm_command command;
    struct bm_source_options input;
    const struct bm_rules *rules;
    /* fix: where the output goes; metadata and stop in it are ignored. */
    struct bm_packer_options output;
    int dry_run;                        /* everything but output and ledger */
    enum bm_verification verification;  /* BM_TRUST_OUTPUT: --noVerify */
    const char *ledger;                 /* path, NULL: none; an existing one is refused */
    const char *token_key;              /* path, NULL: random for the run */
    uint64_t memory;                    /* bytes for key sets, 0: no limit */
    size_t group_limit;                 /* groups kept an index */
    size_t document_limit;              /* documents kept a group */
    const struct bm_hash_key *hash_key; /* NULL: random for the run; never shows in results */
    const struct bm_progress *progress; /* may be NULL */
    const volatile sig_atomic_t *stop;  /* may be NULL */
};

/*
 * Runs a command to its end. BM_OK: the result says it all. BM_FAIL: the run was ended by *err,
 * which is in the result as well, with what was found up to there. The output exists if and only if
 * result->output.path is set. The caller initialises and frees the result.
 */
enum bm_status bm_run(const struct bm_run_options *options, struct bm_result *result,
                      struct bm_error *err) BM_MUST_USE;

#endif
