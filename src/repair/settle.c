/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/settle.h"

#include "base/memory.h"
#include "repair/advice.h"

#define DAMAGE_KEPT 1000u

/* ---- damage ---- */

enum bm_status bm_settle_note_damage(struct bm_target *target, uint64_t offset,
                                     const struct bm_error *failure, struct bm_error *err)
{
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
    target->damage[target->damage_count++] = (struct bm_damage_note){offset + inside, what};
    return BM_OK;
}

static enum bm_status note_damage(struct bm_judge *judge, const struct bm_subject *subject,
                                  const struct bm_error *failure, struct bm_error *err)
{
    return bm_settle_note_damage(judge->target, subject->place.offset, failure, err);
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

/* Told, but no reason to withhold the output. */
static int is_left(const struct bm_track *track)
{
    return track->on_duplicate == BM_DUPLICATE_LEAVE;
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
    judge->plan->violations += is_left(track) ? 0 : 1;
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
    if (keys->own_limit != NULL) {
        track->reason = keys->own_limit;
        return BM_OK;
    }
    judge->plan->violations += is_left(track) ? 0 : 1;
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
        /* A document without _id gets one on its way to the server. */
        int is_absent_id = number == judge->target->id_track && subject->place.id.len == 0;
        if ((turn == TURN_VALUES && !is_filled) || is_absent_id) {
            continue;
        }
        if (bm_keyset_turn_to(judge->keyset, live, err) != BM_OK) {
            return BM_FAIL;
        }
        const struct bm_keys *keys = bm_keyset_keys(judge->keyset, live);
        for (size_t i = 0; i < keys->count; i++) {
            const struct bm_key *key = &keys->keys[i];
            enum turn own =
                is_filled && !bm_survey_needs_token(judge, track, key) ? TURN_VALUES : TURN_REST;
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

enum bm_status bm_settle_whole(struct bm_judge *judge, const struct bm_subject *subject,
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
    judge->plan->violations += (target->leaves & BM_LEAVE_OVERSIZE) != 0 ? 0 : 1;
    return bm_places_add(&target->oversize_places, judge->plan->options.document_limit,
                         &subject->place, err);
}

/* The check before finds all damage; should it ever miss some, it is told here. */
enum bm_status bm_settle_lost(struct bm_judge *judge, const struct bm_survey *survey,
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
        return bm_settle_lost(judge, survey, err) == BM_OK ? BM_END : BM_FAIL;
    }
    return BM_OK;
}

enum bm_status bm_settle_values(struct bm_judge *judge, const struct bm_subject *subject,
                                struct bm_error *err)
{
    return settle_keys(judge, subject, subject->bytes, TURN_VALUES, err);
}

static enum bm_status mend(struct bm_judge *judge, const struct bm_survey *survey,
                           struct bm_view *document, int *is_changed, struct bm_error *err)
{
    const struct bm_subject *subject = &survey->subject;
    if (bm_settle_values(judge, subject, err) != BM_OK) {
        return BM_FAIL;
    }
    if (survey->is_damaged) {
        judge->plan->unsound |= bm_mender_would_change(&judge->mender, subject->bytes);
        return BM_OK;
    }
    enum bm_status status = bm_mender_change(&judge->mender, subject, NULL, document, err);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    *is_changed = 1;
    if (bm_mender_settle(&judge->mender, err) != BM_OK) {
        return BM_FAIL;
    }
    return judge->keyset != NULL ? bm_keyset_make(judge->keyset, *document, err) : BM_OK;
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

enum bm_status bm_settle_rest(struct bm_judge *judge, const struct bm_survey *survey,
                              struct bm_view document, int is_changed, struct bm_error *err)
{
    const struct bm_subject *subject = &survey->subject;
    if (vet(judge, survey, document, is_changed, err) != BM_OK ||
        settle_keys(judge, subject, document, TURN_REST, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_settle_whole(judge, subject, document, err);
}

enum bm_status bm_settle_document(struct bm_judge *judge, const struct bm_survey *survey,
                                  struct bm_error *err)
{
    struct bm_view document = survey->subject.bytes;
    int is_changed = 0;
    enum bm_status status = settle_damage(judge, survey, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_END) {
        return vet(judge, survey, document, 0, err) == BM_OK
                   ? bm_settle_whole(judge, &survey->subject, document, err)
                   : BM_FAIL;
    }
    if (judge->target->fill_count > 0 &&
        mend(judge, survey, &document, &is_changed, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_settle_rest(judge, survey, document, is_changed, err);
}
