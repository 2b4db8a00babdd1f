/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/builds.h"

#include <stdlib.h>

#include "base/memory.h"

/* The indexes of a time-series collection are over measurements, and its documents are buckets. */
static int is_built(const struct bm_target *target, const struct bm_track *track)
{
    return track->role == BM_TRACK_LISTED && track->action != BM_INDEX_ACTION_DROP &&
           target->ns->kind != BM_NAMESPACE_TIMESERIES && bm_index_can_fail(track->index);
}

static int is_special(const struct bm_track *track)
{
    return track->action != BM_INDEX_ACTION_DROP && track->index != NULL &&
           track->role == BM_TRACK_LISTED && bm_index_is_special(track->index);
}

enum bm_status bm_builds_start(struct bm_builds *builds, const struct bm_target *target,
                               struct bm_error *err)
{
    *builds = (struct bm_builds){.hazards = NULL};
    builds->indexes = bm_allocate(target->track_count, sizeof *builds->indexes, err);
    builds->tracks = bm_allocate(target->track_count, sizeof *builds->tracks, err);
    if (builds->indexes == NULL || builds->tracks == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < target->track_count; i++) {
        builds->has_special |= is_special(&target->tracks[i]);
        if (is_built(target, &target->tracks[i])) {
            builds->indexes[builds->count] = target->tracks[i].index;
            builds->tracks[builds->count++] = i;
        }
    }
    if (builds->count == 0) {
        return BM_OK;
    }
    builds->hazards = bm_hazards_new(builds->indexes, builds->count, err);
    return builds->hazards != NULL ? BM_OK : BM_FAIL;
}

static enum bm_status note_all(struct bm_builds *builds, struct bm_plan *plan,
                               struct bm_target *target, const struct bm_document_place *place,
                               struct bm_error *err)
{
    for (size_t i = 0; i < builds->count; i++) {
        const char *words = bm_hazards_words(builds->hazards, i);
        if (words == NULL) {
            continue;
        }
        plan->violations++;
        if (bm_findings_unindexable(&target->tracks[builds->tracks[i]].found, place, words,
                                    plan->options.document_limit, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* The first document that leaves it open is enough. */
static void doubt_specials(struct bm_target *target, struct bm_view document)
{
    for (size_t i = 0; i < target->track_count; i++) {
        struct bm_track *track = &target->tracks[i];
        if (track->reason == NULL && is_special(track)) {
            track->reason = target->ns->kind == BM_NAMESPACE_TIMESERIES
                                ? "it is over measurements, which are not looked into"
                                : bm_index_special_doubt(track->index, document);
        }
    }
}

enum bm_status bm_builds_take(struct bm_builds *builds, struct bm_plan *plan,
                              struct bm_target *target, struct bm_view document,
                              const struct bm_document_place *place, struct bm_error *err)
{
    if (builds->has_special) {
        doubt_specials(target, document);
    }
    if (builds->hazards == NULL) {
        return BM_OK;
    }
    enum bm_status status = bm_hazards_look(builds->hazards, document, err);
    if (status == BM_FAIL && err->code == BM_ERROR_CORRUPT) {
        *err = BM_ERROR_INIT;
        return BM_OK;
    }
    return status == BM_END ? note_all(builds, plan, target, place, err) : status;
}

void bm_builds_free(struct bm_builds *builds)
{
    bm_hazards_free(builds->hazards);
    free(builds->indexes);
    free(builds->tracks);
}
