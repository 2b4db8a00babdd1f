/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/first.h"

#include "repair/contest.h"

/* Damage was told by the pass before. */
static enum bm_status forgive(struct bm_judge *judge, struct bm_error *err)
{
    return judge->unheard.code == BM_ERROR_NONE ? BM_OK : bm_survey_forgive(judge, err);
}

static enum bm_status look_at_keys(struct bm_judge *judge, const struct bm_document_place *place,
                                   struct bm_error *err)
{
    const struct bm_plan_options *options = &judge->plan->options;
    for (size_t live = 0; live < judge->live_count; live++) {
        struct bm_track *track = &judge->target->tracks[judge->live[live]];
        if (bm_keyset_turn_to(judge->keyset, live, err) != BM_OK) {
            return BM_FAIL;
        }
        const struct bm_keys *keys = bm_keyset_keys(judge->keyset, live);
        for (size_t i = 0; track->unknown > 0 && i < keys->count; i++) {
            struct bm_finding finding = {
                .ns = judge->target->ns->ns,
                .index = track->index,
                .key = &keys->keys[i],
                .fingerprint = bm_fingerprint_of(options->hash_key, keys->keys[i].canonical),
                .place = *place,
            };
            if (bm_track_first(judge->plan, track, &finding, err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    return BM_OK;
}

/*
 * What the document would be once it is filled and refilled. The tokens need not be those of the
 * pass before: neither kind is a key that documents share. But copies of one _id must not draw the
 * same ones, or the last of many would find none: here all count as copies.
 */
static enum bm_status fill(struct bm_judge *judge, const struct bm_subject *subject,
                           struct bm_view *document, struct bm_error *err)
{
    if (judge->target->fill_count == 0 ||
        bm_document_check(subject->bytes, NULL, &judge->unheard) != BM_OK) {
        return forgive(judge, err);
    }
    if (judge->target->contested) {
        return bm_contest_redo(judge, subject, document, err);
    }
    return bm_mender_change(&judge->mender, subject, NULL, document, err) == BM_FAIL
               ? BM_FAIL
               : bm_mender_settle(&judge->mender, err);
}

static enum bm_status look_at(struct bm_judge *judge, struct bm_subject *subject,
                              struct bm_error *err)
{
    struct bm_element id;
    struct bm_view document = subject->bytes;
    enum bm_status status =
        bm_document_find(subject->bytes, bm_view_text("_id"), &id, &judge->unheard);
    if (status == BM_OK) {
        subject->place.id = id.raw;
        if (bm_id_watch_first(&judge->id, subject->bytes, &id, &subject->place, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (forgive(judge, err) != BM_OK || fill(judge, subject, &document, err) != BM_OK) {
        return BM_FAIL;
    }
    if (judge->keyset == NULL) {
        return BM_OK;
    }
    if (bm_keyset_make(judge->keyset, document, &judge->unheard) != BM_OK) {
        return bm_survey_forgive(judge, err);
    }
    return look_at_keys(judge, &subject->place, err);
}

enum bm_status bm_first_look(struct bm_judge *judge, const struct bm_batch *batch,
                             struct bm_error *err)
{
    for (uint32_t i = 0; i < batch->count && judge->plan->unknown > 0; i++) {
        if (bm_gone_has(&judge->target->gone, batch->ordinal + i)) {
            continue; /* it holds no key */
        }
        struct bm_subject subject = {
            .number = i,
            .bytes = {batch->bytes.data + batch->at[i], batch->at[i + 1] - batch->at[i]},
            .place = {.known = 1,
                      .ordinal = batch->ordinal + i,
                      .offset = batch->offset + batch->at[i]},
            .id_came_before = 1,
        };
        if (look_at(judge, &subject, err) != BM_OK) {
            (void)bm_error_at(err, subject.place.offset);
            return bm_error_in(err, judge->target->ns->ns);
        }
    }
    return BM_OK;
}
