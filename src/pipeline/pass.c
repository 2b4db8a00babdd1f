/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/pass.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* One judge a namespace, made at its BEGIN and gone at its END; archives interleave them. */
struct pass {
    struct bm_pass_run *run;
    const struct bm_catalog *catalog;
    struct bm_judge **judges;
};

static const struct bm_edits no_edits;

static enum bm_status begin_namespace(struct pass *pass, const struct bm_namespace *ns,
                                      struct bm_error *err)
{
    if (pass->run->plan == NULL || !bm_plan_judges(pass->run->plan, ns)) {
        return BM_OK;
    }
    pass->judges[ns->number] = bm_judge_new(pass->run->plan, ns, err);
    if (pass->judges[ns->number] == NULL) {
        return BM_FAIL;
    }
    bm_judge_foresee(pass->judges[ns->number], bm_source_total(pass->run->source, ns));
    return BM_OK;
}

static enum bm_status end_namespace(struct pass *pass, const struct bm_namespace *ns,
                                    struct bm_error *err)
{
    struct bm_judge *judge = pass->judges[ns->number];
    if (judge == NULL) {
        return BM_OK;
    }
    enum bm_status status = bm_judge_finish(judge, err);
    bm_judge_free(judge);
    pass->judges[ns->number] = NULL;
    return status;
}

/* Whether what is written now can still become the output; a pipe is better spoiled early. */
static int output_is_wanted(const struct pass *pass)
{
    const struct bm_plan *plan = pass->run->plan;
    return plan == NULL || (bm_plan_again(plan) == BM_AGAIN_NO && !bm_plan_unsound(plan) &&
                            bm_plan_violations(plan) == 0);
}

static enum bm_status note_changes(struct pass *pass, const struct bm_edits *edits,
                                   struct bm_error *err)
{
    for (size_t i = 0; i < edits->change_count; i++) {
        const struct bm_change *change = &edits->changes[i];
        if (pass->run->ledger != NULL &&
            bm_ledger_change(pass->run->ledger, change, err) != BM_OK) {
            return BM_FAIL;
        }
        if (pass->run->rejects != NULL && change->action == BM_ACTION_REJECT &&
            bm_rejects_take(pass->run->rejects, change, err) != BM_OK) {
            return BM_FAIL;
        }
        if (pass->run->samples != NULL && change->action != BM_ACTION_REJECT &&
            bm_result_add_sample(pass->run->samples, change, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status take_batch(struct pass *pass, const struct bm_event *event,
                                 struct bm_edits *edits, struct bm_error *err)
{
    const struct bm_batch *batch = &event->batch;
    struct bm_tally *tally = &pass->run->tallies[batch->ns->number];
    tally->documents += batch->count;
    tally->bytes += batch->bytes.len;
    struct bm_judge *judge = pass->judges[batch->ns->number];
    if (judge != NULL && bm_judge_batch(judge, batch, edits, err) != BM_OK) {
        (void)bm_error_at(err, batch->offset);
        return bm_error_in(err, batch->ns->ns);
    }
    if (pass->run->replay != NULL &&
        bm_replay_batch(pass->run->replay, batch, edits, err) != BM_OK) {
        return BM_FAIL;
    }
    if (pass->run->purpose == BM_PASS_LEARN &&
        bm_plan_learn(pass->run->plan, batch, err) != BM_OK) {
        return BM_FAIL;
    }
    if (batch->ns->kind == BM_NAMESPACE_OPLOG && pass->run->purpose == BM_PASS_JUDGE &&
        pass->run->plan != NULL && bm_plan_oplog(pass->run->plan, batch, edits, err) != BM_OK) {
        return BM_FAIL;
    }
    const struct bm_progress *progress = pass->run->progress;
    if (progress != NULL) {
        progress->update(progress->context, batch->ns->ns, tally->documents, tally->bytes,
                         bm_source_total(pass->run->source, batch->ns));
    }
    return BM_OK;
}

static void count_packed(struct pass *pass, const struct bm_event *event,
                         const struct bm_edits *edits)
{
    if (event->kind != BM_EVENT_BATCH) {
        return;
    }
    struct bm_tally *tally = &pass->run->tallies[event->batch.ns->number];
    tally->packed += event->batch.count;
    for (size_t i = 0; i < edits->count; i++) {
        tally->packed -= edits->edits[i].verdict == BM_VERDICT_DROP ? 1 : 0;
    }
}

static enum bm_status take_event(struct pass *pass, const struct bm_event *event,
                                 struct bm_error *err)
{
    struct bm_edits edits = no_edits;
    enum bm_status status = BM_OK;
    switch (event->kind) {
    case BM_EVENT_BEGIN:
        status = begin_namespace(pass, event->ns, err);
        break;
    case BM_EVENT_BATCH:
        status = take_batch(pass, event, &edits, err);
        break;
    case BM_EVENT_END:
        status = end_namespace(pass, event->ns, err);
        break;
    case BM_EVENT_SEGMENT:
    case BM_EVENT_FILE:
        break;
    }
    if (status == BM_OK && event->kind == BM_EVENT_BATCH && pass->run->digests != NULL) {
        status = bm_digests_batch(pass->run->digests, &event->batch, edits.edits, edits.count, err);
    }
    if (status != BM_OK || !output_is_wanted(pass)) {
        return status;
    }
    if (note_changes(pass, &edits, err) != BM_OK) {
        return BM_FAIL;
    }
    if (pass->run->packer == NULL) {
        return BM_OK;
    }
    count_packed(pass, event, &edits);
    return bm_packer_event(pass->run->packer, event, edits.edits, edits.count, err);
}

static enum bm_status read_all(struct pass *pass, struct bm_unpacker *unpacker,
                               struct bm_error *err)
{
    for (;;) {
        struct bm_event event = {.kind = BM_EVENT_BEGIN};
        enum bm_status status = bm_unpacker_next(unpacker, &event, err);
        pass->run->bytes = bm_unpacker_bytes(unpacker);
        if (status == BM_END) {
            return BM_OK;
        }
        if (status != BM_OK || take_event(pass, &event, err) != BM_OK) {
            return BM_FAIL;
        }
        if (pass->run->plan != NULL && !bm_plan_wants_more(pass->run->plan)) {
            return BM_OK;
        }
        if (pass->run->stop != NULL && *pass->run->stop != 0) {
            return bm_fail(err, BM_ERROR_STOPPED, 0, "stopped by a signal");
        }
    }
}

/* What was found before a failure is still told: unfinished judges hand in what they have. */
static enum bm_status hand_in(struct pass *pass, struct bm_error *err)
{
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < bm_catalog_count(pass->catalog); i++) {
        if (pass->judges[i] != NULL && bm_judge_finish(pass->judges[i], err) != BM_OK) {
            status = BM_FAIL;
        }
        bm_judge_free(pass->judges[i]);
        pass->judges[i] = NULL;
    }
    return status;
}

enum bm_status bm_pass_run(struct bm_pass_run *run, struct bm_error *err)
{
    enum bm_status status = BM_FAIL;
    struct bm_unpacker *unpacker = NULL;
    struct pass pass = {.run = run, .catalog = bm_source_catalog(run->source)};
    size_t count = bm_catalog_count(pass.catalog);
    if (count > 0) {
        memset(run->tallies, 0, count * sizeof *run->tallies);
    }
    run->bytes = 0;
    if (run->digests != NULL) {
        bm_digests_restart(run->digests);
    }
    pass.judges = bm_allocate(count, sizeof(struct bm_judge *), err);
    if (pass.judges == NULL) {
        goto out;
    }
    if (run->plan != NULL) {
        bm_plan_start(run->plan, run->purpose);
    }
    if (run->replay != NULL && bm_replay_start(run->replay, err) != BM_OK) {
        goto out;
    }
    unpacker = bm_unpacker_new(run->source, err);
    if (unpacker == NULL) {
        goto out;
    }
    status = read_all(&pass, unpacker, err);
    if (status == BM_OK && run->replay != NULL) {
        status = bm_replay_finish(run->replay, err);
    }
out:
    if (pass.judges != NULL && hand_in(&pass, err) != BM_OK) {
        status = BM_FAIL;
    }
    bm_unpacker_free(unpacker);
    free(pass.judges);
    return status;
}
