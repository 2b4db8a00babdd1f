/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/run.h"

#include "pipeline/output.h"
#include "pipeline/verify.h"
#include "pipeline/work.h"

/*
 * The pass that writes, after one that judged: it finds what that one found, or the input is not
 * the same any more. It is not made a third time, as standard output has what was written.
 */
static enum bm_status write_what_was_judged(struct bm_work *work, struct bm_error *err)
{
    if (bm_output_open(work, err) != BM_OK || bm_work_pass(work, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_plan_again(work->plan) == BM_AGAIN_NO && !bm_work_must_withhold(work)) {
        return BM_OK;
    }
    (void)bm_fail(err, BM_ERROR_IO, 0, "changed while it was read");
    return bm_error_file(err, work->about->path);
}

/* ---- commands ---- */

static enum bm_status run_list(struct bm_work *work, struct bm_error *err)
{
    return bm_work_pass(work, err);
}

static enum bm_status run_check(struct bm_work *work, struct bm_error *err)
{
    if (bm_work_make_keys(work, err) != BM_OK || bm_work_make_plan(work, err) != BM_OK ||
        bm_work_settle(work, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_work_fetch_firsts(work, err);
}

/*
 * Standard output takes nothing back, so where the input can be read twice the verdict comes before
 * the first byte. A file is written along and renamed at the end; a bare pipe has no other way.
 */
static enum bm_status run_fix(struct bm_work *work, struct bm_error *err)
{
    if (bm_work_make_keys(work, err) != BM_OK || bm_work_make_plan(work, err) != BM_OK ||
        bm_output_refuse(work, err) != BM_OK) {
        return BM_FAIL;
    }
    int judged_first = bm_output_is_stream(work) && work->about->repeatable;
    int writing = !work->options->dry_run;
    if ((!writing || judged_first) && bm_output_rehearse(work, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_work_settle(work, writing && !judged_first, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_work_must_withhold(work)) {
        bm_output_drop(work);
        return bm_work_fetch_firsts(work, err);
    }
    if (bm_work_check_limit(work, err) != BM_OK) {
        return BM_FAIL;
    }
    if (writing && judged_first && write_what_was_judged(work, err) != BM_OK) {
        return BM_FAIL;
    }
    /* There may be duplicates that rules leave. */
    if (bm_work_fetch_firsts(work, err) != BM_OK) {
        return BM_FAIL;
    }
    return writing ? bm_output_complete(work, err) : BM_OK;
}

static enum bm_status run_command(struct bm_work *work, struct bm_error *err)
{
    switch (work->options->command) {
    case BM_COMMAND_LIST:
        return run_list(work, err);
    case BM_COMMAND_CHECK:
        return run_check(work, err);
    case BM_COMMAND_FIX:
        return run_fix(work, err);
    case BM_COMMAND_VERIFY: /* bm_verify: it has two dumps */
        break;
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "no such command");
}

/* A failure ends the run, but what was found before it is told with it. */
static enum bm_status note_failure(struct bm_work *work, struct bm_error *err)
{
    work->result->error = *err;
    if (err->code != BM_ERROR_TRUNCATED && err->code != BM_ERROR_CORRUPT) {
        return BM_FAIL;
    }
    struct bm_error listing = BM_ERROR_INIT;
    if (bm_result_add_damage(work->result, err->ns, err->offset, err->text, &listing) != BM_OK) {
        *err = listing;
    }
    return BM_FAIL;
}

enum bm_status bm_run(const struct bm_run_options *options, struct bm_result *result,
                      struct bm_error *err)
{
    struct bm_work work = {.options = options, .result = result};
    result->command = options->command;
    result->dry_run = options->dry_run;
    if (options->command == BM_COMMAND_VERIFY) {
        return bm_verify(options, result, err) == BM_OK ? BM_OK : note_failure(&work, err);
    }
    enum bm_status status = bm_work_open(&work, err);
    if (status == BM_OK) {
        status = run_command(&work, err);
    }
    if (status != BM_OK) {
        bm_output_drop(&work);
    }
    struct bm_error telling = BM_ERROR_INIT;
    result->error = *err; /* what is told differs where not all was read */
    if (work.tallies != NULL && (work.plan != NULL || options->command == BM_COMMAND_LIST) &&
        bm_work_tell(&work, &telling) != BM_OK && status == BM_OK) {
        *err = telling;
        status = BM_FAIL;
    }
    if (status != BM_OK) {
        status = note_failure(&work, err);
    }
    bm_work_free(&work);
    return status;
}
