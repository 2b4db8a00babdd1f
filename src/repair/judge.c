/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/repair.h"

#include <stdlib.h>

#include "base/memory.h"
#include "repair/first.h"
#include "repair/contest.h"
#include "repair/overflow.h"
#include "repair/settle.h"
#include "repair/sweep.h"

static enum bm_status make_sets(struct bm_judge *judge, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    size_t count = target->track_count;
    judge->sets = bm_allocate(count, sizeof *judge->sets, err);
    judge->indexes = bm_allocate(count, sizeof *judge->indexes, err);
    judge->live = bm_allocate(count, sizeof *judge->live, err);
    if (judge->sets == NULL || judge->indexes == NULL || judge->live == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        struct bm_track *track = &target->tracks[i];
        if (track->role != BM_TRACK_JUDGED && track->role != BM_TRACK_VALUES) {
            continue;
        }
        judge->sets[i] = bm_seen_new(judge->plan->options.budget, err);
        if (judge->sets[i] == NULL) {
            return BM_FAIL;
        }
        bm_seen_foresee(judge->sets[i], &judge->outlook);
        if (bm_overflow_prepare(judge->plan, target, track, judge->sets[i], err) != BM_OK) {
            return BM_FAIL;
        }
        judge->live[judge->live_count] = i;
        judge->indexes[judge->live_count++] = track->index;
    }
    if (judge->live_count > 0) {
        judge->keyset = bm_keyset_new(judge->indexes, judge->live_count, err);
        return judge->keyset != NULL ? BM_OK : BM_FAIL;
    }
    return BM_OK;
}

struct bm_judge *bm_judge_new(struct bm_plan *plan, const struct bm_namespace *ns,
                              struct bm_error *err)
{
    struct bm_judge *judge = bm_allocate(1, sizeof *judge, err);
    if (judge == NULL) {
        return NULL;
    }
    judge->plan = plan;
    judge->target = &plan->targets[ns->number];
    judge->window = plan->window;
    judge->unheard = BM_ERROR_INIT;
    if (make_sets(judge, err) != BM_OK ||
        bm_id_watch_start(&judge->id, plan, judge->target, &judge->outlook, err) != BM_OK ||
        bm_builds_start(&judge->builds, judge->target, err) != BM_OK ||
        bm_mender_start(&judge->mender, plan, judge->target, judge->sets, err) != BM_OK) {
        (void)bm_error_in(err, ns->ns);
        bm_judge_free(judge);
        return NULL;
    }
    return judge;
}

void bm_judge_foresee(struct bm_judge *judge, uint64_t bytes)
{
    judge->outlook.whole = bytes;
}

void bm_judge_free(struct bm_judge *judge)
{
    if (judge == NULL) {
        return;
    }
    bm_keyset_free(judge->keyset);
    if (judge->sets != NULL) {
        for (size_t i = 0; i < judge->target->track_count; i++) {
            bm_seen_free(judge->sets[i]);
        }
    }
    free(judge->sets);
    free(judge->indexes);
    free(judge->live);
    bm_id_watch_free(&judge->id);
    bm_builds_free(&judge->builds);
    bm_mender_free(&judge->mender);
    bm_contest_free(&judge->contest);
    free(judge);
}

/* Whether all keys of a document are new, or are values of a filled field only, which may recur. */
static int all_new(struct bm_judge *judge, const struct bm_survey *survey)
{
    for (size_t i = 0; i < survey->print_count; i++) {
        struct bm_print *print = &judge->window->prints[survey->first_print + i];
        const struct bm_track *track = &judge->target->tracks[print->track];
        int mark = bm_seen_find(judge->sets[print->track], print->fingerprint);
        print->is_absent = mark == BM_MARK_ABSENT;
        if (!print->is_absent && (track->role != BM_TRACK_VALUES || (mark & BM_MARK_OURS) != 0)) {
            return 0;
        }
    }
    return 1;
}

static enum bm_status settle_quickly(struct bm_judge *judge, const struct bm_survey *survey,
                                     struct bm_error *err)
{
    for (size_t i = 0; i < survey->print_count; i++) {
        const struct bm_print *print = &judge->window->prints[survey->first_print + i];
        if (print->is_absent && bm_seen_add(judge->sets[print->track], print->fingerprint,
                                            BM_MARK_PLAIN, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return bm_settle_whole(judge, &survey->subject, survey->subject.bytes, err);
}

static enum bm_status settle(struct bm_judge *judge, struct bm_survey *survey, struct bm_error *err)
{
    struct bm_subject *subject = &survey->subject;
    if ((subject->place.id.len > 0 || survey->id_print.problem != NULL) &&
        bm_id_watch_take(&judge->id, &survey->id, &survey->id_print, &subject->place,
                         &subject->id_came_before, &judge->unheard) != BM_OK &&
        bm_settle_lost(judge, survey, err) != BM_OK) {
        return BM_FAIL;
    }
    if (judge->target->contested && !survey->is_damaged) {
        return bm_contest_settle(judge, survey, err);
    }
    return !survey->is_slow && all_new(judge, survey) ? settle_quickly(judge, survey, err)
                                                      : bm_settle_document(judge, survey, err);
}

static enum bm_status judge_window(struct bm_judge *judge, const struct bm_batch *batch,
                                   uint32_t first, uint32_t count, struct bm_error *err)
{
    judge->window->print_count = 0;
    judge->outlook.done = judge->target->bytes + batch->at[first + count];
    for (uint32_t i = 0; i < count; i++) {
        if (bm_survey_document(judge, batch, first + i, &judge->window->surveys[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < judge->window->print_count; i++) {
        const struct bm_print *print = &judge->window->prints[i];
        bm_seen_prefetch_slot(judge->sets[print->track], print->fingerprint);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (settle(judge, &judge->window->surveys[i], err) != BM_OK) {
            return bm_error_at(err, judge->window->surveys[i].subject.place.offset);
        }
    }
    return BM_OK;
}

static int takes_verdict(const struct bm_judge *judge)
{
    return judge->plan->pass == BM_PASS_JUDGE || judge->plan->pass == BM_PASS_RECORD;
}

/* What is still wanted when memory does not hold the keys: nothing of this pass. */
static void give_up(struct bm_judge *judge)
{
    for (size_t i = 0; i < judge->target->track_count; i++) {
        bm_seen_free(judge->sets[i]);
        judge->sets[i] = NULL;
    }
    bm_id_watch_free(&judge->id);
    judge->id = (struct bm_id_watch){.mode = BM_ID_UNJUDGED};
    judge->has_given_up = 1;
}

static enum bm_status judge_batch(struct bm_judge *judge, const struct bm_batch *batch,
                                  struct bm_edits *out, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    if (!takes_verdict(judge)) {
        *out = (struct bm_edits){.count = 0};
        return judge->plan->pass == BM_PASS_FIRST ? bm_first_look(judge, batch, err)
                                                  : bm_sweep_look(judge, batch, err);
    }
    for (uint32_t first = 0; first < batch->count; first += BM_WINDOW) {
        uint32_t left = batch->count - first;
        if (judge_window(judge, batch, first, left < BM_WINDOW ? left : BM_WINDOW, err) != BM_OK) {
            return bm_error_in(err, target->ns->ns);
        }
    }
    target->documents += batch->count;
    target->bytes += batch->bytes.len;
    if (!target->outgrown && bm_target_outgrown(target)) {
        target->outgrown = 1;
        judge->plan->violations += (target->leaves & BM_LEAVE_CAPPED) != 0 ? 0 : 1;
    }
    *out = bm_mender_edits(&judge->mender);
    return bm_id_watch_hold(&judge->id, err);
}

enum bm_status bm_judge_batch(struct bm_judge *judge, const struct bm_batch *batch,
                              struct bm_edits *out, struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    uint64_t refused = judge->plan->options.budget->refused;
    bm_mender_clear(&judge->mender);
    *out = (struct bm_edits){.count = 0};
    if (judge->has_given_up || judge_batch(judge, batch, out, &failure) == BM_OK) {
        return BM_OK;
    }
    if (failure.code != BM_ERROR_MEMORY || refused == judge->plan->options.budget->refused) {
        *err = failure;
        return BM_FAIL;
    }
    if (!bm_overflow_begins(judge->plan, judge->target)) {
        (void)bm_overflow_refuse(judge->plan, judge->target, err);
        (void)bm_error_at(err, failure.offset);
        return bm_error_in(err, judge->target->ns->ns);
    }
    *out = (struct bm_edits){.count = 0};
    give_up(judge);
    return BM_OK;
}

enum bm_status bm_judge_finish(struct bm_judge *judge, struct bm_error *err)
{
    if (judge->has_given_up) {
        return BM_OK;
    }
    if (!takes_verdict(judge)) {
        /* What a pass before found stands. */
        return judge->plan->pass == BM_PASS_FIRST ? BM_OK : bm_sweep_keep(judge, err);
    }
    for (size_t i = 0; i < judge->live_count; i++) {
        size_t number = judge->live[i];
        judge->target->tracks[number].found.keys = bm_seen_count(judge->sets[number]);
    }
    if (judge->id.track != NULL) {
        judge->id.track->found.keys = judge->id.distinct;
    }
    return bm_vetting_finish(judge->target, err);
}
