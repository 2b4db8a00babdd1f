/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/repair.h"

#include <stdlib.h>

#include "base/memory.h"
#include "repair/advice.h"
#include "repair/first.h"
#include "repair/survey.h"

#define DAMAGE_KEPT 1000u

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
    judge->unheard = BM_ERROR_INIT;
    if (make_sets(judge, err) != BM_OK ||
        bm_id_watch_start(&judge->id, plan, judge->target, err) != BM_OK ||
        bm_builds_start(&judge->builds, judge->target, err) != BM_OK ||
        bm_mender_start(&judge->mender, plan, judge->target, judge->sets, err) != BM_OK) {
        (void)bm_error_in(err, ns->ns);
        bm_judge_free(judge);
        return NULL;
    }
    return judge;
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
    free(judge);
}

/* ---- damage ---- */

static enum bm_status note_damage(struct bm_judge *judge, const struct bm_subject *subject,
                                  const struct bm_error *failure, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    target->damaged++;
    if (target->damage_count >= DAMAGE_KEPT) {
        return BM_OK;
    }
    if (bm_grow(&target->damage, target->damage_count, &target->damage_capacity,
                sizeof *target->damage, err) != BM_OK) {
        return BM_FAIL;
    }
    uint64_t inside = failure->offset != BM_NO_OFFSET ? failure->offset : 0;
    char *what = bm_copy_text(failure->text, err);
    if (what == NULL) {
        return BM_FAIL;
    }
    target->damage[target->damage_count++] =
        (struct bm_damage_note){subject->place.offset + inside, what};
    return BM_OK;
}

/* ---- the verdict ---- */

static enum bm_status learn_advice(struct bm_judge *judge, struct bm_track *track,
                                   const struct bm_key *key, struct bm_view document,
                                   struct bm_error *err)
{
    if (track->advice == NULL) {
        track->advice = bm_advice_new(judge->plan, judge->target, track->index, err);
    }
    return track->advice != NULL ? bm_advice_take(track->advice, key, document, err) : BM_FAIL;
}

static enum bm_status settle_duplicate(struct bm_judge *judge, struct bm_track *track,
                                       const struct bm_finding *finding, int mark,
                                       struct bm_view document, struct bm_error *err)
{
    if (track->fill != BM_NO_FILL && (mark & BM_MARK_OURS) != 0) {
        /* We gave an earlier document what this one always had: the next pass knows. */
        struct bm_seen *taken = track->taken;
        judge->plan->again |= BM_AGAIN_LATE_COLLISION;
        return bm_seen_find(taken, finding->fingerprint) == BM_MARK_ABSENT
                   ? bm_seen_add(taken, finding->fingerprint, BM_MARK_PLAIN, err)
                   : BM_OK;
    }
    if (track->role != BM_TRACK_JUDGED) {
        return BM_OK;
    }
    bm_seen_mark(judge->sets[track - judge->target->tracks], finding->fingerprint, BM_MARK_SHARED);
    judge->plan->violations++;
    return bm_findings_duplicate(&track->found, finding, mark, err) == BM_OK
               ? learn_advice(judge, track, finding->key, document, err)
               : BM_FAIL;
}

static enum bm_status settle_key(struct bm_judge *judge, const struct bm_subject *subject,
                                 size_t number, const struct bm_key *key, struct bm_error *err)
{
    struct bm_track *track = &judge->target->tracks[number];
    const struct bm_plan_options *options = &judge->plan->options;
    struct bm_finding finding = {
        .ns = judge->target->ns->ns,
        .index = track->index,
        .key = key,
        .fingerprint = bm_fingerprint_of(options->hash_key, key->canonical),
        .place = subject->place,
        .group_limit = options->group_limit,
        .document_limit = options->document_limit,
    };
    int mark = bm_seen_find(judge->sets[number], finding.fingerprint);
    if (mark != BM_MARK_ABSENT) {
        return settle_duplicate(judge, track, &finding, mark, subject->bytes, err);
    }
    return bm_seen_add(judge->sets[number], finding.fingerprint, BM_MARK_PLAIN, err);
}

static enum bm_status settle_unindexable(struct bm_judge *judge, const struct bm_subject *subject,
                                         struct bm_track *track, const struct bm_keys *keys,
                                         struct bm_error *err)
{
    if (track->role == BM_TRACK_VALUES && bm_index_has_collation(track->index)) {
        return BM_OK; /* a symbol: no token is one, and no restore makes this index */
    }
    if (keys->own_limit) {
        track->reason = "a document has more keys than can be made here";
        return BM_OK;
    }
    judge->plan->violations++;
    return bm_findings_unindexable(&track->found, &subject->place, keys->unindexable,
                                   judge->plan->options.document_limit, err);
}

/* A document that an index has no key of: it cannot have any, or a filter leaves it out. */
static enum bm_status settle_none(struct bm_judge *judge, const struct bm_subject *subject,
                                  struct bm_track *track, const struct bm_keys *keys,
                                  struct bm_view document, struct bm_error *err)
{
    if (keys->unindexable != NULL) {
        return settle_unindexable(judge, subject, track, keys, err);
    }
    return keys->count == 0 ? bm_outside_take(&track->outside, document, err) : BM_OK;
}

/* The values of filled fields come in two turns: those that stay before any token is drawn, so
 * that no token equals one of its own document, and what is left empty after. */
enum turn { TURN_VALUES, TURN_REST };

static enum bm_status settle_keys(struct bm_judge *judge, const struct bm_subject *subject,
                                  struct bm_view document, enum turn turn, struct bm_error *err)
{
    for (size_t live = 0; live < judge->live_count; live++) {
        size_t number = judge->live[live];
        struct bm_track *track = &judge->target->tracks[number];
        int is_filled = track->fill != BM_NO_FILL;
        if (turn == TURN_VALUES && !is_filled) {
            continue;
        }
        if (bm_keyset_turn_to(judge->keyset, live, err) != BM_OK) {
            return BM_FAIL;
        }
        const struct bm_keys *keys = bm_keyset_keys(judge->keyset, live);
        for (size_t i = 0; i < keys->count; i++) {
            const struct bm_key *key = &keys->keys[i];
            enum turn own =
                is_filled && !bm_survey_needs_token(judge, key) ? TURN_VALUES : TURN_REST;
            if (own == turn && settle_key(judge, subject, number, key, err) != BM_OK) {
                return BM_FAIL;
            }
        }
        if (turn == TURN_REST && settle_none(judge, subject, track, keys, document, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* What of the document as it will be does not hang on keys: its size, and indexes that are not
 * unique. */
static enum bm_status settle_rest(struct bm_judge *judge, const struct bm_subject *subject,
                                  struct bm_view document, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    target->bytes_after += document.len;
    if (bm_builds_take(&judge->builds, judge->plan, target, document, &subject->place, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    if (document.len <= BM_DOCUMENT_MAX) {
        return BM_OK;
    }
    target->oversize++;
    judge->plan->violations++;
    return bm_places_add(&target->oversize_places, judge->plan->options.document_limit,
                         &subject->place, err);
}

/*
 * A judged path ran into damage, told by judge->unheard: what the document holds is not known. The
 * check before finds all damage; should it ever miss some, it is told here.
 */
static enum bm_status lose_document(struct bm_judge *judge, const struct bm_survey *survey,
                                    struct bm_error *err)
{
    struct bm_error failure = judge->unheard;
    judge->plan->unsound = 1;
    if (bm_survey_forgive(judge, err) != BM_OK) {
        return BM_FAIL;
    }
    return survey->is_damaged ? BM_OK : note_damage(judge, &survey->subject, &failure, err);
}

/*
 * Damage is told; the document itself passes through. Its keys are made all the same, as long as no
 * judged path runs into the damage. BM_END: they cannot be.
 */
static enum bm_status settle_damage(struct bm_judge *judge, const struct bm_survey *survey,
                                    struct bm_error *err)
{
    struct bm_view bytes = survey->subject.bytes;
    if (survey->is_damaged && bm_document_check(bytes, NULL, &judge->unheard) != BM_OK) {
        struct bm_error failure = judge->unheard;
        if (bm_survey_forgive(judge, err) != BM_OK ||
            note_damage(judge, &survey->subject, &failure, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (judge->keyset != NULL && bm_keyset_make(judge->keyset, bytes, &judge->unheard) != BM_OK) {
        return lose_document(judge, survey, err) == BM_OK ? BM_END : BM_FAIL;
    }
    return BM_OK;
}

static enum bm_status mend(struct bm_judge *judge, const struct bm_survey *survey,
                           struct bm_view *document, int *is_changed, struct bm_error *err)
{
    const struct bm_subject *subject = &survey->subject;
    if (settle_keys(judge, subject, subject->bytes, TURN_VALUES, err) != BM_OK) {
        return BM_FAIL;
    }
    if (survey->is_damaged) {
        judge->plan->unsound |= bm_mender_would_fill(&judge->mender, subject->bytes);
        return BM_OK;
    }
    enum bm_status status = bm_mender_fill(&judge->mender, subject, document, err);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    *is_changed = 1;
    return bm_keyset_make(judge->keyset, *document, err);
}

/* A damaged document is not changed, and whether it has what is required cannot be told. */
static enum bm_status vet(struct bm_judge *judge, const struct bm_survey *survey,
                          struct bm_view document, int is_changed, struct bm_error *err)
{
    if (survey->is_damaged) {
        judge->plan->unsound |= judge->target->vetting.required != NULL;
        return BM_OK;
    }
    return bm_vetting_take(judge->plan, judge->target, &survey->subject.place, document, is_changed,
                           err);
}

static enum bm_status settle_slowly(struct bm_judge *judge, const struct bm_survey *survey,
                                    struct bm_error *err)
{
    const struct bm_subject *subject = &survey->subject;
    struct bm_view document = subject->bytes;
    int is_changed = 0;
    enum bm_status status = settle_damage(judge, survey, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_OK && judge->target->fill_count > 0 &&
        mend(judge, survey, &document, &is_changed, err) != BM_OK) {
        return BM_FAIL;
    }
    if (vet(judge, survey, document, is_changed, err) != BM_OK) {
        return BM_FAIL;
    }
    if (status == BM_OK && settle_keys(judge, subject, document, TURN_REST, err) != BM_OK) {
        return BM_FAIL;
    }
    return settle_rest(judge, subject, document, err);
}

/* Whether all keys of a document are new, or are values of a filled field only, which may recur. */
static int all_new(struct bm_judge *judge, const struct bm_survey *survey)
{
    for (size_t i = 0; i < survey->print_count; i++) {
        struct bm_print *print = &judge->prints[survey->first_print + i];
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
        const struct bm_print *print = &judge->prints[survey->first_print + i];
        if (print->is_absent && bm_seen_add(judge->sets[print->track], print->fingerprint,
                                            BM_MARK_PLAIN, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return settle_rest(judge, &survey->subject, survey->subject.bytes, err);
}

static enum bm_status settle(struct bm_judge *judge, struct bm_survey *survey, struct bm_error *err)
{
    struct bm_subject *subject = &survey->subject;
    if (subject->place.id.len > 0 &&
        bm_id_watch_take(&judge->id, &survey->id, &survey->id_print, &subject->place,
                         &subject->id_came_before, &judge->unheard) != BM_OK &&
        lose_document(judge, survey, err) != BM_OK) {
        return BM_FAIL;
    }
    return !survey->is_slow && all_new(judge, survey) ? settle_quickly(judge, survey, err)
                                                      : settle_slowly(judge, survey, err);
}

static enum bm_status judge_window(struct bm_judge *judge, const struct bm_batch *batch,
                                   uint32_t first, uint32_t count, struct bm_error *err)
{
    judge->print_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (bm_survey_document(judge, batch, first + i, &judge->surveys[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < judge->print_count; i++) {
        const struct bm_print *print = &judge->prints[i];
        bm_seen_prefetch_slot(judge->sets[print->track], print->fingerprint);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (settle(judge, &judge->surveys[i], err) != BM_OK) {
            return bm_error_at(err, judge->surveys[i].subject.place.offset);
        }
    }
    return BM_OK;
}

enum bm_status bm_judge_batch(struct bm_judge *judge, const struct bm_batch *batch,
                              struct bm_edits *out, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    bm_mender_clear(&judge->mender);
    if (judge->plan->pass == BM_PASS_FIRST) {
        *out = (struct bm_edits){.count = 0};
        return bm_first_look(judge, batch, err);
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
        judge->plan->violations++;
    }
    *out = bm_mender_edits(&judge->mender);
    return bm_id_watch_hold(&judge->id, err);
}

enum bm_status bm_judge_finish(struct bm_judge *judge, struct bm_error *err)
{
    if (judge->plan->pass == BM_PASS_FIRST) {
        return BM_OK; /* what the pass before found stands */
    }
    for (size_t i = 0; i < judge->live_count; i++) {
        size_t number = judge->live[i];
        judge->target->tracks[number].found.keys = bm_seen_count(judge->sets[number]);
    }
    if (judge->id.track != NULL) {
        judge->id.track->found.keys = judge->id.distinct;
    }
    return bm_vetting_finish(judge->plan, judge->target, err);
}
