/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "pipeline/compare.h"

int bm_output_is_stream(const struct bm_work *work)
{
    const char *path = work->options->output.path;
    return path == NULL || strcmp(path, "-") == 0;
}

void bm_output_drop(struct bm_work *work)
{
    if (work->packer != NULL) {
        work->result->output_spoiled |= bm_output_is_stream(work) && !work->options->dry_run;
        bm_packer_abandon(work->packer);
    }
    bm_packer_free(work->packer);
    work->packer = NULL;
    bm_ledger_free(work->ledger);
    work->ledger = NULL;
    bm_rejects_free(work->rejects);
    work->rejects = NULL;
}

static enum bm_status open_ledger(struct bm_work *work, struct bm_error *err)
{
    if (work->options->ledger == NULL) {
        return BM_OK;
    }
    /* The ledger holds what the documents held, whoever may read the dump itself. */
    struct bm_file_options file = {
        .path = work->options->ledger,
        .mode = 0600,
        .existing = BM_REFUSE_EXISTING,
        .stop = work->options->stop,
    };
    struct bm_writer *writer = bm_writer_file_new(&file, err);
    if (writer == NULL) {
        return BM_FAIL;
    }
    work->ledger = bm_ledger_new(writer, err);
    if (work->ledger == NULL) {
        bm_writer_free(writer);
        return BM_FAIL;
    }
    return BM_OK;
}

static enum bm_status open_rejects(struct bm_work *work, struct bm_error *err)
{
    if (work->options->rejects == NULL) {
        return BM_OK;
    }
    const struct bm_rejects_options options = {
        .path = work->options->rejects,
        .catalog = bm_source_catalog(work->source),
        .hash_key = &work->hash_key,
        .budget = &work->budget,
        .stop = work->options->stop,
    };
    work->rejects = bm_rejects_new(&options, err);
    return work->rejects != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status note_metadata(struct bm_work *work, struct bm_error *err)
{
    const struct bm_view *texts = bm_plan_metadata(work->plan);
    const struct bm_catalog *catalog = bm_source_catalog(work->source);
    for (size_t i = 0; texts != NULL && work->ledger != NULL && i < bm_catalog_count(catalog);
         i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        const struct bm_change change = {
            .action = BM_ACTION_METADATA, .ns = ns, .before = ns->metadata, .after = texts[i]};
        if (texts[i].data != NULL && bm_ledger_change(work->ledger, &change, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status open_output_at(struct bm_work *work, int fd, struct bm_error *err)
{
    struct bm_packer_options output = work->options->output;
    output.fd = fd;
    output.metadata = bm_plan_metadata(work->plan);
    output.stop = work->options->stop;
    /* The ledger first: standard output cannot be opened in vain. */
    if (open_rejects(work, err) != BM_OK || open_ledger(work, err) != BM_OK) {
        return BM_FAIL;
    }
    work->packer = bm_packer_new(&output, work->source, err);
    return work->packer != NULL ? note_metadata(work, err) : BM_FAIL;
}

/* Raw BSON on a stream has no place for metadata. */
static enum bm_status refuse_lost_metadata(const struct bm_work *work, struct bm_error *err)
{
    const struct bm_packer_options *output = &work->options->output;
    enum bm_container container =
        output->container == BM_CONTAINER_KEEP ? work->about->container : output->container;
    const struct bm_rules *rules = work->options->rules;
    if (rules->index_count + rules->require_count == 0 || !bm_output_is_stream(work) ||
        container != BM_CONTAINER_BSON) {
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_USAGE, 0,
                   "--index and --require change metadata, which raw BSON on standard output "
                   "cannot carry: give -o OUT, or --outFormat archive");
}

enum bm_status bm_output_refuse_rejects(const struct bm_work *work, struct bm_error *err)
{
    if (bm_plan_rejects(work->plan) && work->options->rejects == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--onDuplicate with reject takes documents out: say where they go with "
                       "--rejects PATH");
    }
    return BM_OK;
}

enum bm_status bm_output_refuse(const struct bm_work *work, struct bm_error *err)
{
    return bm_output_refuse_rejects(work, err) == BM_OK ? refuse_lost_metadata(work, err) : BM_FAIL;
}

enum bm_status bm_output_open(struct bm_work *work, struct bm_error *err)
{
    return open_output_at(work, work->options->output.fd, err);
}

enum bm_status bm_output_rehearse(struct bm_work *work, struct bm_error *err)
{
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere < 0) {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot be opened");
        return bm_error_file(err, "/dev/null");
    }
    enum bm_status status = open_output_at(work, nowhere, err);
    bm_output_drop(work);
    work->result->output_spoiled = 0;
    (void)close(nowhere);
    return status;
}

/* ---- its end ---- */

/* The output judged like any dump, after the sets of the run are gone. */
static enum bm_status judge_output(struct bm_work *work, struct bm_error *err)
{
    struct bm_result found;
    struct bm_rules rules = bm_work_rules_behind(work->options->rules);
    bm_result_init(&found);
    struct bm_run_options options = *work->options;
    options.command = BM_COMMAND_CHECK;
    options.rules = &rules;
    options.dry_run = 0;
    options.token_key = NULL;
    struct bm_work check = {.options = &options, .result = &found, .hash_key = work->hash_key};
    /* For the same server: an output in another container may name none. */
    memcpy(found.server_version, work->result->server_version, sizeof found.server_version);
    enum bm_status status = BM_FAIL;
    check.source = bm_packer_reread(work->packer, err);
    if (check.source == NULL) {
        goto out;
    }
    check.about = bm_source_about(check.source);
    size_t count = bm_catalog_count(bm_source_catalog(check.source));
    check.tallies = bm_allocate(count, sizeof *check.tallies, err);
    if (check.tallies == NULL || bm_work_make_plan(&check, err) != BM_OK ||
        bm_work_settle(&check, 0, err) != BM_OK) {
        goto out;
    }
    work->result->passes += found.passes;
    status = BM_OK;
    if (bm_work_must_withhold(&check)) {
        status = bm_fail(err, BM_ERROR_VIOLATION, 0,
                         "the output does not pass its own check; it is withheld");
    } else {
        const struct bm_compared packed = {bm_source_catalog(work->source), work->tallies};
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

static enum bm_status tell_output(struct bm_work *work, struct bm_error *err)
{
    struct bm_stream_result *output = &work->result->output;
    const char *path = work->options->output.path;
    output->container = bm_packer_container(work->packer);
    output->codec = bm_packer_codec(work->packer);
    output->documents = bm_packer_documents(work->packer);
    output->bytes = bm_packer_bytes(work->packer);
    output->path = bm_copy_text(path != NULL ? path : "-", err);
    size_t count = 0;
    const char *const *warnings = bm_packer_warnings(work->packer, &count);
    for (size_t i = 0; i < count; i++) {
        if (bm_result_add_note(work->result, warnings[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return output->path != NULL ? BM_OK : BM_FAIL;
}

/* Without their output they would say what was not done, and stand in the way of the next run. */
static void unname_rejects(const struct bm_work *work)
{
    if (work->rejects != NULL) {
        bm_rejects_unname(work->rejects);
    }
}

static void unname_records(const struct bm_work *work)
{
    unname_rejects(work);
    if (work->ledger != NULL) {
        (void)unlink(work->options->ledger);
    }
}

enum bm_status bm_output_complete(struct bm_work *work, struct bm_error *err)
{
    if (bm_packer_seal(work->packer, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!bm_output_is_stream(work) && work->options->verification == BM_VERIFY_OUTPUT &&
        judge_output(work, err) != BM_OK) {
        return BM_FAIL;
    }
    /* They are there before the output is: a mended dump never lacks its record. */
    if (work->rejects != NULL && bm_rejects_finish(work->rejects, err) != BM_OK) {
        unname_rejects(work);
        return BM_FAIL;
    }
    if (work->ledger != NULL && bm_ledger_finish(work->ledger, err) != BM_OK) {
        unname_rejects(work);
        return BM_FAIL;
    }
    if (bm_packer_finish(work->packer, err) != BM_OK) {
        if (bm_packer_is_named(work->packer)) {
            struct bm_error untold = BM_ERROR_INIT; /* the first failure is the one to tell */
            (void)!tell_output(work, &untold);
        } else {
            unname_records(work);
        }
        return BM_FAIL;
    }
    return tell_output(work, err);
}
