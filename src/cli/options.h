/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CLI_OPTIONS_H
#define BM_CLI_OPTIONS_H

#include "bsonmend/run.h"

/* How much is said; the later ones say less or more than usual. */
enum verbosity { SAY_USUAL, SAY_LITTLE, SAY_MUCH };

/* What the command line asks for beside running the command. */
enum request { REQUEST_RUN, REQUEST_HELP, REQUEST_VERSION };

/* The report in place of the answer. */
#define REPORT_TO_STDOUT "-"

struct option_row;
struct command_row;

/* The largest -j, and the largest that is chosen by itself: each takes memory of its own. */
enum { JOBS_MOST = 64, JOBS_USUAL_MOST = 8 };

/* One option as it was given. */
struct given_option {
    const struct option_row *row;
    const char *value; /* NULL: none */
};

/* The command line, read. Texts are borrowed from argv. */
struct options {
    enum request request;
    const struct command_row *command; /* NULL: help or version of the whole program */
    const char *dump;                  /* NULL: standard input; of verify: BEFORE */
    const char *after;                 /* of verify */
    const char *db;
    const char *collection;
    struct bm_rules rules;
    const char *server_version; /* NULL: the dump's own */
    const char *token_key;
    const char *out; /* NULL: standard output */
    enum bm_container container;
    struct bm_compression compression;
    enum bm_existing existing;
    enum bm_verification verification;
    int dry_run;
    int ignore_oplog;
    const char *report; /* NULL: none */
    const char *ledger;
    const char *rejects;
    struct bm_change_limit limit;
    uint64_t report_limit;
    uint64_t memory;   /* bytes for keys, 0: not said */
    uint64_t jobs;     /* threads, 0: not said */
    const char *spool; /* NULL: none */
    enum bm_redaction redaction;
    enum verbosity verbosity;
    struct given_option *given; /* all of them, in order */
    size_t given_count;
};

/*
 * Reads the command line. BM_FAIL: *err says what is wrong with it. The options
 * are freed with options_free in either case.
 */
enum bm_status options_read(struct options *options, int argc, char **argv,
                            struct bm_error *err) BM_MUST_USE;
void options_free(struct options *options);

#endif
