/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/verify.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "pipeline/output.h"
#include "pipeline/verify_parts.h"

static enum bm_proof proof_of(const struct bm_run_options *options)
{
    const struct bm_rules *rules = options->rules;
    if (options->ledger != NULL) {
        return BM_PROOF_LEDGER;
    }
    return rules->fill_count + rules->unset_count + rules->duplicate_count + rules->keep_count +
                       rules->index_count + rules->require_count >
                   0
               ? BM_PROOF_RULES
               : BM_PROOF_IDENTITY;
}

/* ---- the two dumps ---- */

static enum bm_status open_before(struct bm_verify *verify, struct bm_error *err)
{
    struct bm_verify_side *side = &verify->before;
    side->options = *verify->options;
    side->options.command =
        verify->result->proof == BM_PROOF_RULES ? BM_COMMAND_FIX : BM_COMMAND_LIST;
    side->work = (struct bm_work){.options = &side->options, .result = &verify->unheard};
    return bm_work_open(&side->work, err);
}

/* The one collection that raw BSON made of this dump can hold, NULL: none or several. */
static const struct bm_namespace *only_collection(const struct bm_catalog *catalog)
{
    const struct bm_namespace *only = NULL;
    size_t count = 0;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        if (ns->has_data) {
            only = ns;
            count++;
        }
    }
    return count == 1 && only->db[0] != '\0' ? only : NULL;
}

/* A lone file tells no name of its own, or one that its path makes up. A pipe, which is not opened
 * twice, goes by the names that were given. */
static enum bm_status name_lone_file(struct bm_verify *verify, struct bm_source_options *input,
                                     struct bm_error *err)
{
    struct stat found;
    int is_there = stat(input->path, &found) == 0;
    if (!is_there || !S_ISREG(found.st_mode)) {
        int is_pipe = is_there && S_ISFIFO(found.st_mode);
        input->db = is_pipe ? verify->options->input.db : NULL;
        input->collection = is_pipe ? verify->options->input.collection : NULL;
        return BM_OK;
    }
    const struct bm_namespace *only =
        only_collection(bm_source_catalog(verify->before.work.source));
    struct bm_source_options look = *input;
    look.stop = verify->options->stop;
    look.db = only != NULL ? only->db : NULL;
    look.collection = only != NULL ? only->collection : NULL;
    struct bm_source *source = only != NULL ? bm_source_new(&look, err) : NULL;
    if (source != NULL) {
        *input = look;
        bm_source_free(source);
        return BM_OK;
    }
    if (err->code == BM_ERROR_USAGE) { /* no lone file, and told again where it is another reason */
        *err = BM_ERROR_INIT;
    }
    return err->code == BM_ERROR_NONE ? BM_OK : BM_FAIL;
}

static enum bm_status open_after(struct bm_verify *verify, struct bm_error *err)
{
    struct bm_verify_side *side = &verify->after;
    const char *judged_for = verify->unheard.server_version;
    verify->rules_behind = bm_work_rules_behind(verify->options->rules);
    side->options = *verify->options;
    side->options.command = BM_COMMAND_CHECK;
    side->options.rules = &verify->rules_behind;
    side->options.token_key = NULL;
    side->options.input = (struct bm_source_options){.path = verify->options->after,
                                                     .chunk = verify->options->input.chunk,
                                                     .threads = verify->options->input.threads};
    if (judged_for[0] != '\0') {
        side->options.server_version = judged_for;
    }
    side->work = (struct bm_work){.options = &side->options, .result = verify->result};
    return name_lone_file(verify, &side->options.input, err) == BM_OK
               ? bm_work_open(&side->work, err)
               : BM_FAIL;
}

static enum bm_status start_digests(struct bm_verify *verify, struct bm_verify_side *side,
                                    struct bm_error *err)
{
    size_t count = bm_catalog_count(bm_source_catalog(side->work.source));
    side->work.digests = &side->digests;
    return bm_digests_init(&side->digests, count, &verify->before.work.hash_key, err);
}

/* ---- BEFORE as it is to be ---- */

static size_t count_actions(const struct bm_rules *rules, enum bm_duplicate_action action)
{
    size_t count = 0;
    for (size_t i = 0; i < rules->duplicate_count; i++) {
        count += rules->duplicates[i].action == action ? 1 : 0;
    }
    return count;
}

static enum bm_status refuse(const struct bm_verify *verify, struct bm_error *err)
{
    const struct bm_rules *rules = verify->options->rules;
    size_t tokens = rules->fill_count + count_actions(rules, BM_DUPLICATE_REFILL);
    if (tokens > 0 && verify->options->token_key == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "rules that make tokens are verified with the --tokenKey they were made "
                       "with; without it give the --ledger of that run in place of the rules");
    }
    return BM_OK;
}

static enum bm_status repair_before(struct bm_verify *verify, struct bm_error *err)
{
    struct bm_work *work = &verify->before.work;
    /* What of the oplog is mended depends on what it is written to. */
    verify->before.options.output.container = verify->after.work.about->container;
    if (bm_work_make_plan(work, err) != BM_OK || bm_output_refuse_rejects(work, err) != BM_OK ||
        bm_work_settle(work, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_work_must_withhold(work)) {
        (void)bm_fail(err, BM_ERROR_VIOLATION, 0,
                      "fix makes no output of BEFORE by these rules, which do not cover all that "
                      "is found in it");
        return bm_error_file(err, work->about->path);
    }
    return bm_verify_metadata(verify, bm_plan_metadata(work->plan), err);
}

enum bm_status bm_verify_read_before(struct bm_verify *verify, struct bm_error *err)
{
    return bm_work_pass(&verify->before.work, err);
}

static enum bm_status make_before(struct bm_verify *verify, struct bm_error *err)
{
    if (verify->result->proof == BM_PROOF_RULES) {
        return repair_before(verify, err);
    }
    if (bm_verify_read_before(verify, err) != BM_OK) {
        return BM_FAIL;
    }
    const struct bm_view *changed =
        verify->replay != NULL ? bm_replay_metadata(verify->replay) : NULL;
    return bm_verify_metadata(verify, changed, err);
}

/* ---- AFTER as it is ---- */

enum bm_status bm_verify_read_after(struct bm_verify *verify, struct bm_error *err)
{
    struct bm_work bare = verify->after.work;
    bare.plan = NULL; /* it is judged already */
    return bm_work_pass(&bare, err);
}

static enum bm_status judge_after(struct bm_verify *verify, struct bm_error *err)
{
    struct bm_work *work = &verify->after.work;
    work->hash_key = verify->before.work.hash_key;
    return bm_work_make_plan(work, err) == BM_OK ? bm_work_settle(work, 0, err) : BM_FAIL;
}

/* ---- all of it ---- */

static enum bm_status open_ledger(struct bm_verify *verify, struct bm_error *err)
{
    const struct bm_run_options *options = verify->options;
    if (verify->result->proof != BM_PROOF_LEDGER) {
        return BM_OK;
    }
    verify->replay = bm_replay_new(options->ledger, bm_source_catalog(verify->before.work.source),
                                   options->stop, err);
    verify->before.work.replay = verify->replay;
    return verify->replay != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status run(struct bm_verify *verify, struct bm_error *err)
{
    if (open_before(verify, err) != BM_OK || refuse(verify, err) != BM_OK ||
        open_after(verify, err) != BM_OK || open_ledger(verify, err) != BM_OK ||
        bm_work_make_keys(&verify->before.work, err) != BM_OK ||
        start_digests(verify, &verify->before, err) != BM_OK ||
        start_digests(verify, &verify->after, err) != BM_OK ||
        bm_verify_pair(verify, err) != BM_OK || make_before(verify, err) != BM_OK ||
        bm_verify_rejects(verify, err) != BM_OK || judge_after(verify, err) != BM_OK ||
        bm_verify_find(verify, err) != BM_OK) {
        return BM_FAIL;
    }
    /* BEFORE was read long ago: what is proved is of what lies there now. */
    return bm_work_fetch_firsts(&verify->after.work, err) == BM_OK &&
                   bm_source_unchanged(verify->before.work.source, err) == BM_OK &&
                   bm_source_unchanged(verify->after.work.source, err) == BM_OK
               ? BM_OK
               : BM_FAIL;
}

/* By rules: what fix says of the oplog it says of its output, too. */
static enum bm_status tell_oplog(struct bm_verify *verify, struct bm_error *err)
{
    struct bm_result *result = verify->result;
    struct bm_result *before = &verify->unheard;
    if (result->proof != BM_PROOF_RULES || verify->before.work.plan == NULL ||
        result->oplog_finding_total > 0) {
        return BM_OK;
    }
    if (bm_plan_report(verify->before.work.plan, before, err) != BM_OK) {
        return BM_FAIL;
    }
    free(result->oplog_findings); /* of no findings */
    result->oplog_findings = before->oplog_findings;
    result->oplog_finding_count = before->oplog_finding_count;
    result->oplog_finding_total = before->oplog_finding_total;
    before->oplog_findings = NULL; /* moved */
    before->oplog_finding_count = 0;
    return BM_OK;
}

static void count_before(struct bm_verify *verify)
{
    const struct bm_work *work = &verify->before.work;
    for (size_t i = 0;
         work->tallies != NULL && i < bm_catalog_count(bm_source_catalog(work->source)); i++) {
        verify->unheard.input.documents += work->tallies[i].documents;
    }
}

/* AFTER was read as an input; it stands where outputs do. */
static enum bm_status tell(struct bm_verify *verify, struct bm_error *err)
{
    struct bm_result *result = verify->result;
    const struct bm_work *after = &verify->after.work;
    enum bm_status status = BM_OK;
    if (after->tallies != NULL && after->plan != NULL) {
        status =
            bm_work_tell(&verify->after.work, err) == BM_OK ? tell_oplog(verify, err) : BM_FAIL;
    }
    count_before(verify);
    free(result->output.path);
    result->output = result->input;
    result->input = verify->unheard.input;
    result->passes += verify->unheard.passes;
    verify->unheard.input.path = NULL; /* moved */
    return status;
}

static void free_side(struct bm_verify_side *side)
{
    bm_digests_free(&side->digests);
    bm_work_free(&side->work);
}

enum bm_status bm_verify(const struct bm_run_options *options, struct bm_result *result,
                         struct bm_error *err)
{
    struct bm_verify verify = {.options = options, .result = result};
    struct bm_error telling = BM_ERROR_INIT;
    bm_result_init(&verify.unheard);
    bm_result_init(&verify.unheard_rejects);
    result->proof = proof_of(options);
    enum bm_status status = run(&verify, err);
    if (tell(&verify, &telling) != BM_OK && status == BM_OK) {
        *err = telling;
        status = BM_FAIL;
    }
    free(verify.twins);
    bm_replay_free(verify.replay);
    free_side(&verify.after);
    free_side(&verify.before);
    bm_result_free(&verify.unheard);
    bm_result_free(&verify.unheard_rejects);
    return status;
}
