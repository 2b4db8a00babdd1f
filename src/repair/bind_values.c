/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan.h"

#include "base/memory.h"

/* The set of a track knows values of the field; new tokens go in there as well. */
static enum bm_status add_values(struct bm_plan *plan, struct bm_target *target, size_t number,
                                 size_t track, struct bm_error *err)
{
    struct bm_fill *fill = &target->fills[number];
    if (bm_grow(&fill->tracks, fill->track_count, &fill->track_capacity, sizeof *fill->tracks,
                err) != BM_OK) {
        return BM_FAIL;
    }
    fill->tracks[fill->track_count++] = track;
    target->tracks[track].fill = number;
    target->tracks[track].taken = bm_seen_new(&plan->taken_budget, err);
    return target->tracks[track].taken != NULL ? BM_OK : BM_FAIL;
}

static int is_known(const struct bm_target *target, const struct bm_fill *fill,
                    const struct bm_index *like)
{
    for (size_t i = 0; i < fill->track_count; i++) {
        const struct bm_index *index = target->tracks[fill->tracks[i]].index;
        if (like != NULL ? bm_index_same_collation(index, like) : !bm_index_has_collation(index)) {
            return 1;
        }
    }
    return 0;
}

/* A set of its own for the values of the field, equal as in the index `like`, NULL: as bytes. */
static enum bm_status add_own_values(struct bm_plan *plan, struct bm_target *target, size_t number,
                                     const struct bm_index *like, struct bm_error *err)
{
    const char *field = target->fills[number].field;
    const struct bm_index_request request = {
        .name = field,
        .fields = &field,
        .count = 1,
        .server = bm_server_parse(NULL), /* no limit of an old server hides a value */
        .collated_as = like,
    };
    struct bm_index *values = bm_index_requested(&request, err);
    if (values == NULL || bm_target_add_track(target, BM_TRACK_VALUES, values, err) != BM_OK) {
        return BM_FAIL;
    }
    return add_values(plan, target, number, target->track_count - 1, err);
}

/*
 * Which sets know the values of the field: a judged index that has them all serves, one for each
 * way in which strings may be equal; what is missing gets a set of its own.
 */
static enum bm_status find_values(struct bm_plan *plan, struct bm_target *target, size_t number,
                                  struct bm_error *err)
{
    struct bm_fill *fill = &target->fills[number];
    const char *field = fill->field;
    size_t indexes = target->track_count;
    for (size_t i = 0; i < indexes; i++) {
        const struct bm_track *track = &target->tracks[i];
        if (!track->unique || !bm_bind_has_field(track->index, field)) {
            continue;
        }
        fill->index = fill->index == NULL ? bm_index_name(track->index) : fill->index;
        /* What holds values of documents that may go is no index: it has a set of its own. */
        if (!target->contested && track->role == BM_TRACK_JUDGED &&
            bm_index_holds_all(track->index) && bm_index_field_count(track->index) == 1 &&
            !is_known(target, fill, track->index) &&
            add_values(plan, target, number, i, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (!is_known(target, fill, NULL) && add_own_values(plan, target, number, NULL, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < indexes; i++) {
        const struct bm_track *track = &target->tracks[i];
        if (track->role == BM_TRACK_JUDGED && bm_bind_has_field(track->index, field) &&
            !is_known(target, fill, track->index) &&
            add_own_values(plan, target, number, track->index, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_bind_values(struct bm_plan *plan, struct bm_target *target, struct bm_error *err)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        if (target->fills[i].shape != NULL && find_values(plan, target, i, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
