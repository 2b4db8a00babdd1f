/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/work.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/key.h"

#include "base/memory.h"
#include "pipeline/list.h"
#include "pipeline/output.h"
#include "pipeline/selection.h"

/* The server judged for; said where it judges otherwise than the dump's own might. */
static enum bm_status choose_server(struct bm_work *work, const char *own, struct bm_error *err)
{
    const char *asked = work->options->server_version;
    const char *version = asked != NULL ? asked : own;
    (void)snprintf(work->result->server_version, sizeof work->result->server_version, "%s",
                   version);
    struct bm_server chosen = bm_server_parse(version);
    struct bm_server dumped = bm_server_parse(own);
    if (chosen.major == dumped.major && chosen.minor == dumped.minor) {
        return BM_OK;
    }
    char line[128];
    (void)snprintf(line, sizeof line, "judged for server %s; the dump is %s%s", version,
                   own[0] != '\0' ? "of " : "of no known version", own);
    return bm_result_add_note(work->result, line, err);
}

enum bm_status bm_work_open(struct bm_work *work, struct bm_error *err)
{
    struct bm_source_options input = work->options->input;
    input.stop = work->options->stop;
    work->source = bm_source_new(&input, err);
    if (work->source == NULL) {
        return BM_FAIL;
    }
    work->about = bm_source_about(work->source);
    const struct bm_catalog *catalog = bm_source_catalog(work->source);
    struct bm_result *result = work->result;
    result->input.path = bm_copy_text(work->about->path, err);
    result->input.container = work->about->container;
    result->input.codec = work->about->codec;
    result->is_doubted = work->about->is_doubted;
    if (choose_server(work, bm_catalog_server_version(catalog), err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < work->about->warning_count; i++) {
        if (bm_result_add_note(result, work->about->warnings[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_selection_check(work->options->rules, catalog, result, err) != BM_OK) {
        return BM_FAIL;
    }
    work->tallies = bm_allocate(bm_catalog_count(catalog), sizeof *work->tallies, err);
    return result->input.path != NULL && work->tallies != NULL ? BM_OK : BM_FAIL;
}

enum bm_status bm_work_make_keys(struct bm_work *work, struct bm_error *err)
{
    const struct bm_run_options *options = work->options;
    if (options->hash_key != NULL) {
        work->hash_key = *options->hash_key;
    } else if (bm_hash_key_random(&work->hash_key, err) != BM_OK) {
        return BM_FAIL;
    }
    work->token_key = options->token_key != NULL ? bm_token_key_read(options->token_key, err)
                                                 : bm_token_key_random(err);
    return work->token_key != NULL ? BM_OK : BM_FAIL;
}

enum bm_status bm_work_make_plan(struct bm_work *work, struct bm_error *err)
{
    const struct bm_run_options *options = work->options;
    enum bm_container container = bm_packer_container_for(
        options->output.container, work->about->container, bm_output_is_stream(work));
    work->budget.limit = options->memory;
    struct bm_plan_options plan = {
        .purpose = options->command == BM_COMMAND_FIX ? BM_PLAN_FIX : BM_PLAN_CHECK,
        .rules = options->rules,
        .catalog = bm_source_catalog(work->source),
        .server_version = work->result->server_version,
        .container = work->about->container,
        .token_key = work->token_key,
        .hash_key = &work->hash_key,
        .budget = &work->budget,
        .repeatable = work->about->repeatable,
        .folder = options->folder,
        .stop = options->stop,
        .ignore_oplog = options->ignore_oplog,
        .entry_most = container == BM_CONTAINER_ARCHIVE ? BM_DOCUMENT_MAX : BM_DOCUMENT_MAX_OPLOG,
        .group_limit = options->group_limit,
        .document_limit = options->document_limit,
    };
    work->plan = bm_plan_new(&plan, err);
    return work->plan != NULL ? BM_OK : BM_FAIL;
}

/* ---- passes ---- */

static enum bm_status make_pass(struct bm_work *work, struct bm_pass_run *pass,
                                struct bm_error *err)
{
    pass->source = work->source;
    pass->plan = work->plan;
    pass->progress = work->options->progress;
    pass->stop = work->options->stop;
    enum bm_status status = bm_pass_run(pass, err);
    work->result->passes++;
    return status;
}

enum bm_status bm_work_pass(struct bm_work *work, struct bm_error *err)
{
    struct bm_pass_run pass = {
        .purpose = BM_PASS_JUDGE,
        .packer = work->packer,
        .ledger = work->ledger,
        .rejects = work->rejects,
        .replay = work->replay,
        .digests = work->digests,
        .samples = work->options->dry_run ? work->result : NULL,
        .tallies = work->tallies,
    };
    enum bm_status status = make_pass(work, &pass, err);
    work->result->input.bytes = pass.bytes;
    return status;
}

/* A pass that writes nothing, and of which nothing is counted. */
static enum bm_status pass_beside(struct bm_work *work, enum bm_pass purpose, struct bm_error *err)
{
    size_t count = bm_catalog_count(bm_source_catalog(work->source));
    struct bm_pass_run pass = {
        .purpose = purpose,
        .tallies = bm_allocate(count, sizeof *pass.tallies, err),
    };
    enum bm_status status = pass.tallies != NULL ? make_pass(work, &pass, err) : BM_FAIL;
    free(pass.tallies);
    return status;
}

#define SHARED_FIRST 1u /* of the passes before a verdict */

/* What has to be known before a verdict can be right. */
static enum bm_status look_ahead(struct bm_work *work, struct bm_error *err)
{
    static const enum bm_pass passes[] = {BM_PASS_LEARN, BM_PASS_SHARED, BM_PASS_GATHER};
    size_t i = 0;
    while (i < sizeof passes / sizeof *passes) {
        if (bm_plan_needs(work->plan, passes[i]) && (pass_beside(work, passes[i], err) != BM_OK ||
                                                     bm_plan_conclude(work->plan, err) != BM_OK)) {
            return BM_FAIL;
        }
        /* Of memory: they are made once more, and record what that does not hold. */
        int is_short = (bm_plan_again(work->plan) & BM_AGAIN_OVERFLOW) != 0;
        i = is_short ? SHARED_FIRST : i + 1;
    }
    return BM_OK;
}

enum bm_status bm_work_settle(struct bm_work *work, int writing, struct bm_error *err)
{
    if (look_ahead(work, err) != BM_OK) {
        return BM_FAIL;
    }
    for (;;) {
        bm_result_forget_samples(work->result);
        if (writing && bm_output_open(work, err) != BM_OK) {
            return BM_FAIL;
        }
        enum bm_status status = bm_work_pass(work, err);
        if (status != BM_OK) {
            /* What was found before it failed is told; who stopped it does not wait for that. */
            struct bm_error untold = BM_ERROR_INIT;
            if (err->code != BM_ERROR_STOPPED) {
                (void)!bm_plan_conclude(work->plan, &untold);
            }
            return BM_FAIL;
        }
        if (bm_plan_conclude(work->plan, err) != BM_OK) {
            return BM_FAIL;
        }
        if (bm_plan_again(work->plan) == BM_AGAIN_NO) {
            return bm_plan_check_replay(work->plan, err);
        }
        if (!work->about->repeatable) {
            return bm_fail(err, BM_ERROR_VIOLATION, 0,
                           "a value of the dump equals a token given to an earlier document, and "
                           "this input cannot be read again: run it again, from a file, or with "
                           "--spool");
        }
        bm_output_drop(work);
        if (bm_plan_needs(work->plan, BM_PASS_RECORD) &&
            (pass_beside(work, BM_PASS_RECORD, err) != BM_OK ||
             bm_plan_conclude(work->plan, err) != BM_OK)) {
            return BM_FAIL;
        }
    }
}

int bm_work_must_withhold(const struct bm_work *work)
{
    return bm_plan_violations(work->plan) > 0 || bm_plan_unsound(work->plan);
}

enum bm_status bm_work_check_limit(const struct bm_work *work, struct bm_error *err)
{
    const struct bm_change_limit *limit = &work->options->limit;
    uint64_t documents;
    uint64_t changed = bm_plan_changed(work->plan, &documents);
    double most = (double)limit->value;
    if (limit->kind == BM_LIMIT_SHARE) {
        most = most / 10000 * (double)documents;
    }
    if (limit->kind == BM_LIMIT_NONE || (double)changed <= most) {
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_VIOLATION, 0,
                   "%llu of %llu documents would be changed or taken out, more than --maxChanges "
                   "allows: the output is withheld",
                   (unsigned long long)changed, (unsigned long long)documents);
}

struct bm_rules bm_work_rules_behind(const struct bm_rules *rules)
{
    return (struct bm_rules){
        .uniques = rules->uniques,
        .unique_count = rules->unique_count,
        .includes = rules->includes,
        .include_count = rules->include_count,
        .excludes = rules->excludes,
        .exclude_count = rules->exclude_count,
        .duplicates = rules->duplicates,
        .duplicate_count = rules->duplicate_count,
        .empty = rules->empty,
        .attempts = rules->attempts,
    };
}

enum bm_status bm_work_tell(struct bm_work *work, struct bm_error *err)
{
    const struct bm_catalog *catalog = bm_source_catalog(work->source);
    struct bm_result *result = work->result;
    result->input.documents = 0;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        result->input.documents += work->tallies[i].documents;
    }
    if (work->plan == NULL) {
        return bm_list_report(catalog, work->options->rules, work->tallies, result, err);
    }
    result->before_replay = bm_catalog_oplog(catalog) != NULL;
    if (bm_plan_report(work->plan, result, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < result->namespace_count; i++) {
        result->namespaces[i].documents = work->tallies[i].documents;
        result->namespaces[i].bytes = work->tallies[i].bytes;
    }
    return BM_OK;
}

enum bm_status bm_work_fetch_firsts(struct bm_work *work, struct bm_error *err)
{
    if (!work->about->repeatable || !bm_plan_wants_first(work->plan)) {
        return BM_OK;
    }
    return pass_beside(work, BM_PASS_FIRST, err);
}

void bm_work_free(struct bm_work *work)
{
    bm_packer_free(work->packer);
    bm_ledger_free(work->ledger);
    bm_rejects_free(work->rejects);
    bm_plan_free(work->plan);
    bm_token_key_free(work->token_key);
    bm_source_free(work->source);
    free(work->tallies);
}
