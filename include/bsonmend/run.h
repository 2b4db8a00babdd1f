/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_RUN_H
#define BSONMEND_RUN_H

#include "bsonmend/container.h"
#include "bsonmend/repair.h"
#include "bsonmend/report.h"
#include "bsonmend/rules.h"

/* One whole run of a command: source, passes, output, result. */

/* Called from time to time with how far the pass is in one namespace: its documents, their bytes,
 * and how many bytes it has in all (bm_source_total), 0: not known. */
struct bm_progress {
    void (*update)(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                   uint64_t total);
    void *context;
};

enum bm_verification { BM_VERIFY_OUTPUT, BM_TRUST_OUTPUT };

/* A limit of documents that are changed or taken out. */
enum bm_change_limit_kind {
    BM_LIMIT_NONE,
    BM_LIMIT_DOCUMENTS, /* so many */
    BM_LIMIT_SHARE      /* so many hundredths of a percent of the documents judged */
};

struct bm_change_limit {
    enum bm_change_limit_kind kind;
    uint64_t value;
};

struct bm_run_options {
    enum bm_command command;
    struct bm_source_options input;
    const struct bm_rules *rules;
    const char *server_version; /* judge for this server, "8.0"; NULL: the dump's own */
    /* fix: where the output goes; metadata and stop in it are ignored. */
    struct bm_packer_options output;
    int dry_run;                       /* everything but output and ledger */
    int ignore_oplog;                  /* --ignoreOplog: it passes as it is, not looked at */
    enum bm_verification verification; /* BM_TRUST_OUTPUT: --noVerify */
    /* verify: the dump that is to be `input` and some repairs. */
    const char *after;
    /* Paths, NULL: none. What fix writes there must not exist yet; verify reads them. Rules that
     * reject need `rejects`; verify goes by the ledger or by rules, not by both. */
    const char *ledger;
    const char *rejects;
    struct bm_change_limit limit; /* more changes than this withhold the output */
    const char *token_key;        /* path, NULL: random for the run */
    uint64_t memory;              /* bytes for key sets, 0: no limit */
    const char *folder;           /* for keys that these do not hold, NULL: they end the run */
    size_t group_limit;           /* groups kept an index */
    size_t document_limit;        /* documents kept a group */
    const struct bm_hash_key *hash_key; /* NULL: random for the run; never shows in results */
    const struct bm_progress *progress; /* may be NULL */
    const volatile sig_atomic_t *stop;  /* may be NULL */
};

/*
 * Runs a command to its end. BM_OK: the result says it all. BM_FAIL: the run was ended by *err,
 * which is in the result as well, with what was found up to there. The output exists if and only if
 * result->output.path is set; for verify that is AFTER's. The options and what they point to are
 * lent for the call; the caller initialises and frees the result.
 *
 * Errors: what bm_source_new, bm_plan_new, bm_packer_new and the writers set; and
 * BM_ERROR_VIOLATION: no free token, more changes than the limit, documents
 * that cannot be ranked, a value of a pipe that equals a token given before it, or an
 * output that does not pass its own check; BM_ERROR_IO: the input changed between two passes, or
 * the output reads back with other documents than were written; BM_ERROR_STOPPED: *options->stop
 * was set; BM_ERROR_MEMORY: no memory, or options->memory is used up where options->folder cannot
 * help.
 */
enum bm_status bm_run(const struct bm_run_options *options, struct bm_result *result,
                      struct bm_error *err) BM_MUST_USE;

#endif
