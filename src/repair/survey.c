/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/survey.h"

enum bm_status bm_survey_forgive(struct bm_judge *judge, struct bm_error *err)
{
    struct bm_error failure = judge->unheard;
    judge->unheard = BM_ERROR_INIT;
    if (failure.code == BM_ERROR_CORRUPT) {
        return BM_OK;
    }
    *err = failure;
    return BM_FAIL;
}

int bm_survey_needs_token(const struct bm_judge *judge, const struct bm_track *track,
                          const struct bm_key *key)
{
    unsigned empty = (unsigned)bm_part_emptiness(&key->parts[0]);
    return (empty & judge->target->fills[track->fill].empty) != 0;
}

static void print_keys(struct bm_judge *judge, struct bm_survey *survey, size_t live)
{
    size_t number = judge->live[live];
    const struct bm_track *track = &judge->target->tracks[number];
    int is_filled = track->fill != BM_NO_FILL;
    const struct bm_keys *keys = bm_keyset_keys(judge->keyset, live);
    int is_outside = keys->count == 0 && track->outside.index != NULL;
    if (is_outside || keys->unindexable != NULL ||
        keys->count > BM_PRINTS_MAX - judge->window->print_count) {
        survey->is_slow = 1;
        return;
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (is_filled && bm_survey_needs_token(judge, track, &keys->keys[i])) {
            survey->is_slow = 1;
            return;
        }
        struct bm_fingerprint fingerprint =
            bm_fingerprint_of(judge->plan->options.hash_key, keys->keys[i].canonical);
        bm_seen_prefetch(judge->sets[number], fingerprint);
        judge->window->prints[judge->window->print_count++] =
            (struct bm_print){.track = number, .fingerprint = fingerprint};
        survey->print_count++;
    }
}

static enum bm_status survey_keys(struct bm_judge *judge, struct bm_survey *survey,
                                  const struct bm_outline *outline, struct bm_error *err)
{
    if (judge->keyset == NULL) {
        return BM_OK;
    }
    if (bm_keyset_make_by(judge->keyset, survey->subject.bytes, outline, &judge->unheard) !=
        BM_OK) {
        survey->is_slow = 1;
        return bm_survey_forgive(judge, err);
    }
    survey->is_slow |= bm_keyset_is_crowded(judge->keyset);
    for (size_t i = 0; i < judge->live_count && !survey->is_slow; i++) {
        print_keys(judge, survey, i);
    }
    return BM_OK;
}

/* A document that the validator refuses is looked at again once it is changed. */
static enum bm_status survey_demand(struct bm_judge *judge, struct bm_survey *survey,
                                    struct bm_error *err)
{
    int refused = 0;
    if (survey->is_damaged ||
        bm_vetting_refuses(judge->target, survey->subject.bytes, &refused, err) != BM_OK) {
        return survey->is_damaged ? BM_OK : BM_FAIL;
    }
    /* A set shows what is to be filled; what is to go may be in none. */
    survey->is_slow |= refused || (judge->target->unset_count > 0 &&
                                   bm_mender_would_change(&judge->mender, survey->subject.bytes));
    return BM_OK;
}

enum bm_status bm_survey_document(struct bm_judge *judge, const struct bm_batch *batch,
                                  uint32_t number, struct bm_survey *survey, struct bm_error *err)
{
    struct bm_view bytes = {batch->bytes.data + batch->at[number],
                            batch->at[number + 1] - batch->at[number]};
    survey->subject = (struct bm_subject){
        .number = number,
        .bytes = bytes,
        .place = {.known = 1,
                  .ordinal = batch->ordinal + number,
                  .offset = batch->offset + batch->at[number]},
    };
    survey->first_print = judge->window->print_count;
    survey->print_count = 0;
    survey->is_damaged = 0;
    survey->is_slow = bytes.len > BM_DOCUMENT_MAX;
    survey->id_print = (struct bm_id_print){.problem = NULL};
    struct bm_outline outline;
    if (bm_document_outline(bytes, &outline, &judge->unheard) != BM_OK) {
        survey->is_slow = survey->is_damaged = 1;
        if (bm_survey_forgive(judge, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    enum bm_status status =
        bm_outline_find(&outline, bytes, bm_view_text("_id"), &survey->id, &judge->unheard);
    if (status == BM_OK) {
        survey->subject.place.id = survey->id.raw;
        bm_id_watch_foresee(&judge->id, bytes, &outline, &survey->id, &survey->id_print);
    } else if (status == BM_FAIL && bm_survey_forgive(judge, err) != BM_OK) {
        return BM_FAIL;
    } else if (status == BM_FAIL && judge->id.mode != BM_ID_UNJUDGED) {
        judge->plan->unsound = 1; /* damage before it was known whether there is an _id */
    }
    if (outline.levels > BM_LEVELS_MOST && !survey->is_damaged) {
        bm_id_watch_foresee_depth(&judge->id, bytes, &survey->id_print);
    }
    if (survey_demand(judge, survey, err) != BM_OK) {
        return BM_FAIL;
    }
    return survey_keys(judge, survey, &outline, err);
}
