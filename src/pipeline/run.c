/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bsonmend/key.h"

#include "base/memory.h"
#include "pipeline/compare.h"
#include "pipeline/list.h"
#include "pipeline/pass.h"
#include "pipeline/selection.h"

/* What a run holds from its first pass to its last. */
struct run {
    const struct bm_run_options *options;
    struct bm_result *result;
    struct bm_source *source;
    const struct bm_source_about *about;
    struct bm_hash_key hash_key;
    struct bm_token_key *token_key;
    struct bm_budget budget;
    struct bm_plan *plan;
    struct bm_packer *packer; /* the output of the pass that is under way or was the last */
    struct bm_ledger *ledger;
    struct bm_tally *tallies;
};

/* ---- opening ---- */

/* The server judged for; said where it judges otherwise than the dump's own might. */
static enum bm_status choose_server(struct run *run, const char *own, struct bm_error *err)
{
    const char *asked = run->options->server_version;
    const char *version = asked != NULL ? asked : own;
    (void)snprintf(run->result->server_version, sizeof run->result->server_version, "%s", version);
    struct bm_server chosen = bm_server_parse(version);
    struct bm_server dumped = bm_server_parse(own);
    if (chosen.major == dumped.major && chosen.minor == dumped.minor) {
        return BM_OK;
    }
    char line[128];
    (void)snprintf(line, sizeof line, "judged for server %s; the dump is %s%s", version,
                   own[0] != '\0' ? "of " : "of no known version", own);
    return bm_result_add_note(run->result, line, err);
}

static enum bm_status open_source(struct run *run, struct bm_error *err)
{
    struct bm_source_options input = run->options->input;
    input.stop = run->options->stop;
    run->source = bm_source_new(&input, err);
    if (run->source == NULL) {
        return BM_FAIL;
    }
    run->about = bm_source_about(run->source);
    const struct bm_catalog *catalog = bm_source_catalog(run->source);
    struct bm_result *result = run->result;
    result->input.path = bm_copy_text(run->about->path, err);
    result->input.container = run->about->container;
    result->input.codec = run->about->codec;
    if (choose_server(run, bm_catalog_server_version(catalog), err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < run->about->warning_count; i++) {
        if (bm_result_add_note(result, run->about->warnings[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_selection_check(run->options->rules, catalog, result, err) != BM_OK) {
        return BM_FAIL;
    }
    run->tallies = bm_allocate(bm_catalog_count(catalog), sizeof *run->tallies, err);
    return result->input.path != NULL && run->tallies != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status make_keys(struct run *run, struct bm_error *err)
{
    const struct bm_run_options *options = run->options;
    if (options->hash_key != NULL) {
        run->hash_key = *options->hash_key;
    } else if (bm_hash_key_random(&run->hash_key, err) != BM_OK) {
        return BM_FAIL;
    }
    run->token_key = options->token_key != NULL ? bm_token_key_read(options->token_key, err)
                                                : bm_token_key_random(err);
    return run->token_key != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status make_plan(struct run *run, struct bm_error *err)
{
    const struct bm_run_options *options = run->options;
    run->budget.limit = options->memory;
    struct bm_plan_options plan = {
        .purpose = options->command == BM_COMMAND_FIX ? BM_PLAN_FIX : BM_PLAN_CHECK,
        .rules = options->rules,
        .catalog = bm_source_catalog(run->source),
        .server_version = run->result->server_version,
        .container = run->about->container,
        .token_key = run->token_key,
        .hash_key = &run->hash_key,
        .budget = &run->budget,
        .repeatable = run->about->repeatable,
        .group_limit = options->group_limit,
        .document_limit = options->document_limit,
    };
    run->plan = bm_plan_new(&plan, err);
    return run->plan != NULL ? BM_OK : BM_FAIL;
}

/* ---- passes ---- */

static enum bm_status make_pass(struct run *run, struct bm_pass_run *pass, struct bm_error *err)
{
    pass->source = run->source;
    pass->plan = run->plan;
    pass->progress = run->options->progress;
    pass->stop = run->options->stop;
    enum bm_status status = bm_pass_run(pass, err);
    run->result->passes++;
    return status;
}

static enum bm_status pass_once(struct run *run, struct bm_error *err)
{
    struct bm_pass_run pass = {
        .purpose = BM_PASS_JUDGE,
        .packer = run->packer,
        .ledger = run->ledger,
        .samples = run->options->dry_run ? run->result : NULL,
        .tallies = run->tallies,
    };
    enum bm_status status = make_pass(run, &pass, err);
    run->result->input.bytes = pass.bytes;
    return status;
}

/* A pass for what a whole one left open: neither complete nor counted anew. */
static enum bm_status pass_for_firsts(struct run *run, struct bm_error *err)
{
    size_t count = bm_catalog_count(bm_source_catalog(run->source));
    struct bm_pass_run pass = {
        .purpose = BM_PASS_FIRST,
        .tallies = bm_allocate(count, sizeof *pass.tallies, err),
    };
    enum bm_status status = pass.tallies != NULL ? make_pass(run, &pass, err) : BM_FAIL;
    free(pass.tallies);
    return status;
}

static int to_descriptor(const struct run *run)
{
    const char *path = run->options->output.path;
    return path == NULL || strcmp(path, "-") == 0;
}

static void drop_output(struct run *run)
{
    if (run->packer != NULL) {
        run->result->output_spoiled |= to_descriptor(run) && !run->options->dry_run;
        bm_packer_abandon(run->packer);
    }
    bm_packer_free(run->packer);
    run->packer = NULL;
    bm_ledger_free(run->ledger);
    run->ledger = NULL;
}

static enum bm_status open_ledger(struct run *run, struct bm_error *err)
{
    if (run->options->ledger == NULL) {
        return BM_OK;
    }
    /* The ledger holds what the documents held, whoever may read the dump itself. */
    struct bm_file_options file = {
        .path = run->options->ledger,
        .mode = 0600,
        .existing = BM_REFUSE_EXISTING,
        .stop = run->options->stop,
    };
    struct bm_writer *writer = bm_writer_file_new(&file, err);
    if (writer == NULL) {
        return BM_FAIL;
    }
    run->ledger = bm_ledger_new(writer, err);
    if (run->ledger == NULL) {
        bm_writer_free(writer);
        return BM_FAIL;
    }
    return BM_OK;
}

static enum bm_status open_output_at(struct run *run, int fd, struct bm_error *err)
{
    struct bm_packer_options output = run->options->output;
    output.fd = fd;
    output.metadata = NULL;
    output.stop = run->options->stop;
    run->packer = bm_packer_new(&output, run->source, err);
    return run->packer != NULL ? open_ledger(run, err) : BM_FAIL;
}

static enum bm_status open_output(struct run *run, struct bm_error *err)
{
    return open_output_at(run, run->options->output.fd, err);
}

/* A dry run refuses what the run itself would: its output is opened, and dropped at once. */
static enum bm_status rehearse_output(struct run *run, struct bm_error *err)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot be opened");
        return bm_error_file(err, "/dev/null");
    }
    enum bm_status status = open_output_at(run, nowhere, err);
    drop_output(run);
    (void)close(nowhere);
    return status;
}

/*
 * Passes until one stands. What a pass learned (values that must not become tokens, an _id that
 * needs a set) is kept by the plan, so that each further pass gets further and the last one is
 * right.
 */
static enum bm_status passes_until_settled(struct run *run, int writing, struct bm_error *err)
{
    for (;;) {
        bm_result_forget_samples(run->result);
        if (writing && open_output(run, err) != BM_OK) {
            return BM_FAIL;
        }
        if (pass_once(run, err) != BM_OK) {
            return BM_FAIL;
        }
        if (bm_plan_again(run->plan) == BM_AGAIN_NO) {
            return BM_OK;
        }
        if (!run->about->repeatable) {
            return bm_fail(err, BM_ERROR_VIOLATION, 0,
                           "a value of the dump equals a token given to an earlier document, and "
                           "this input cannot be read again: run it again, or from a file");
        }
        drop_output(run);
    }
}

/* Violations or damage that a judged path ran into: the output is withheld. */
static int must_withhold(const struct run *run)
{
    return bm_plan_violations(run->plan) > 0 || bm_plan_unsound(run->plan);
}

static enum bm_status tell_findings(struct run *run, struct bm_error *err)
{
    const struct bm_catalog *catalog = bm_source_catalog(run->source);
    struct bm_result *result = run->result;
    result->input.documents = 0;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        result->input.documents += run->tallies[i].documents;
    }
    if (run->plan == NULL) {
        return bm_list_report(catalog, run->options->rules, run->tallies, result, err);
    }
    result->before_replay = bm_catalog_oplog(catalog) != NULL;
    if (bm_plan_report(run->plan, result, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < result->namespace_count; i++) {
        result->namespaces[i].documents = run->tallies[i].documents;
        result->namespaces[i].bytes = run->tallies[i].bytes;
    }
    return BM_OK;
}

/* The first document of a group is not in the sets; where it can, a short read fetches it. */
static enum bm_status fetch_first_documents(struct run *run, struct bm_error *err)
{
    if (!run->about->repeatable || !bm_plan_wants_first(run->plan)) {
        return BM_OK;
    }
    return pass_for_firsts(run, err);
}

/* ---- the output ---- */

/* The output judged like any dump, after the sets of the run are gone. */
static enum bm_status judge_output(struct run *run, struct bm_error *err)
{
    struct bm_result found;
    struct bm_rules rules = *run->options->rules;
    rules.fills = NULL;
    rules.fill_count = 0;
    bm_result_init(&found);
    struct bm_run_options options = *run->options;
    options.command = BM_COMMAND_CHECK;
    options.rules = &rules;
    options.dry_run = 0;
    options.token_key = NULL;
    struct run check = {.options = &options, .result = &found, .hash_key = run->hash_key};
    /* For the same server: an output in another container may name none. */
    memcpy(found.server_version, run->result->server_version, sizeof found.server_version);
    enum bm_status status = BM_FAIL;
    check.source = bm_packer_reread(run->packer, err);
    if (check.source == NULL) {
        goto out;
    }
    check.about = bm_source_about(check.source);
    size_t count = bm_catalog_count(bm_source_catalog(check.source));
    check.tallies = bm_allocate(count, sizeof *check.tallies, err);
    if (check.tallies == NULL || make_plan(&check, err) != BM_OK ||
        passes_until_settled(&check, 0, err) != BM_OK) {
        goto out;
    }
    run->result->passes += found.passes;
    status = BM_OK;
    if (must_withhold(&check)) {
        status = bm_fail(err, BM_ERROR_VIOLATION, 0,
                         "the output does not pass its own check; it is withheld");
    } else {
        const struct bm_compared packed = {bm_source_catalog(run->source), run->tallies};
        const struct bm_compared found_there = {bm_source_catalog(check.source), check.tallies};
        status = bm_compare_output(&packed, &found_there, err);
    }
out:
    if (err->code == BM_ERROR_TRUNCATED || err->code == BM_ERROR_CORRUPT) {
        err->code = BM_ERROR_IO; /* what we wrote reads back damaged: not the input's fault */
    }
    bm_plan_free(check.plan);
    bm_source_free(check.source);
    free(check.tallies);
    bm_result_free(&found);
    return status;
}

static enum bm_status tell_output(struct run *run, struct bm_error *err)
{
    struct bm_stream_result *output = &run->result->output;
    const char *path = run->options->output.path;
    output->container = bm_packer_container(run->packer);
    output->codec = bm_packer_codec(run->packer);
    output->documents = bm_packer_documents(run->packer);
    output->bytes = bm_packer_bytes(run->packer);
    output->path = bm_copy_text(path != NULL ? path : "-", err);
    size_t count = 0;
    const char *const *warnings = bm_packer_warnings(run->packer, &count);
    for (size_t i = 0; i < count; i++) {
        if (bm_result_add_note(run->result, warnings[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return output->path != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status complete_output(struct run *run, struct bm_error *err)
{
    if (bm_packer_seal(run->packer, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!to_descriptor(run) && run->options->verification == BM_VERIFY_OUTPUT &&
        judge_output(run, err) != BM_OK) {
        return BM_FAIL;
    }
    /* The ledger is there before the output is: a mended dump never lacks its record. */
    if (run->ledger != NULL && bm_ledger_finish(run->ledger, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_packer_finish(run->packer, err) != BM_OK) {
        return BM_FAIL;
    }
    return tell_output(run, err);
}

/*
 * The pass that writes, after one that judged: it finds what that one found, or the input is not
 * the same any more. It is not made a third time, as standard output has what was written.
 */
static enum bm_status write_what_was_judged(struct run *run, struct bm_error *err)
{
    if (open_output(run, err) != BM_OK || pass_once(run, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_plan_again(run->plan) == BM_AGAIN_NO && !must_withhold(run)) {
        return BM_OK;
    }
    (void)bm_fail(err, BM_ERROR_IO, 0, "changed while it was read");
    return bm_error_file(err, run->about->path);
}

/* ---- commands ---- */

static enum bm_status run_list(struct run *run, struct bm_error *err)
{
    return pass_once(run, err);
}

static enum bm_status run_check(struct run *run, struct bm_error *err)
{
    if (make_keys(run, err) != BM_OK || make_plan(run, err) != BM_OK ||
        passes_until_settled(run, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return fetch_first_documents(run, err);
}

/*
 * Standard output takes nothing back, so where the input can be read twice the verdict comes before
 * the first byte. A file is written along and renamed at the end; a bare pipe has no other way.
 */
static enum bm_status run_fix(struct run *run, struct bm_error *err)
{
    if (make_keys(run, err) != BM_OK || make_plan(run, err) != BM_OK) {
        return BM_FAIL;
    }
    int judged_first = to_descriptor(run) && run->about->repeatable;
    int writing = !run->options->dry_run;
    if (!writing && rehearse_output(run, err) != BM_OK) {
        return BM_FAIL;
    }
    if (passes_until_settled(run, writing && !judged_first, err) != BM_OK) {
        return BM_FAIL;
    }
    if (must_withhold(run)) {
        drop_output(run);
        return fetch_first_documents(run, err);
    }
    if (!writing) {
        return BM_OK;
    }
    if (judged_first && write_what_was_judged(run, err) != BM_OK) {
        return BM_FAIL;
    }
    return complete_output(run, err);
}

static enum bm_status run_command(struct run *run, struct bm_error *err)
{
    switch (run->options->command) {
    case BM_COMMAND_LIST:
        return run_list(run, err);
    case BM_COMMAND_CHECK:
        return run_check(run, err);
    case BM_COMMAND_FIX:
        return run_fix(run, err);
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "no such command");
}

/* A failure ends the run, but what was found before it is told with it. */
static enum bm_status note_failure(struct run *run, struct bm_error *err)
{
    run->result->error = *err;
    if (err->code != BM_ERROR_TRUNCATED && err->code != BM_ERROR_CORRUPT) {
        return BM_FAIL;
    }
    struct bm_error listing = BM_ERROR_INIT;
    if (bm_result_add_damage(run->result, err->ns, err->offset, err->text, &listing) != BM_OK) {
        *err = listing;
    }
    return BM_FAIL;
}

enum bm_status bm_run(const struct bm_run_options *options, struct bm_result *result,
                      struct bm_error *err)
{
    struct run run = {.options = options, .result = result};
    result->command = options->command;
    result->dry_run = options->dry_run;
    enum bm_status status = open_source(&run, err);
    if (status == BM_OK) {
        status = run_command(&run, err);
    }
    if (status != BM_OK) {
        drop_output(&run);
    }
    struct bm_error telling = BM_ERROR_INIT;
    result->error = *err; /* what is told differs where not all was read */
    if (run.tallies != NULL && (run.plan != NULL || options->command == BM_COMMAND_LIST) &&
        tell_findings(&run, &telling) != BM_OK && status == BM_OK) {
        *err = telling;
        status = BM_FAIL;
    }
    if (status != BM_OK) {
        status = note_failure(&run, err);
    }
    bm_packer_free(run.packer);
    bm_ledger_free(run.ledger);
    bm_plan_free(run.plan);
    bm_token_key_free(run.token_key);
    bm_source_free(run.source);
    free(run.tallies);
    return status;
}
