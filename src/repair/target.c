/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan.h"

#include "base/memory.h"

#define CAPPED_STEP 256u /* the server rounds a capped size up to a multiple of this */

enum bm_status bm_target_add_track(struct bm_target *target, enum bm_track_role role,
                                   struct bm_index *index, struct bm_error *err)
{
    if (bm_grow(&target->tracks, target->track_count, &target->track_capacity,
                sizeof *target->tracks, err) != BM_OK) {
        bm_index_free(index);
        return BM_FAIL;
    }
    target->tracks[target->track_count++] = (struct bm_track){
        .role = role,
        .unique = role == BM_TRACK_JUDGED || role == BM_TRACK_ID || role == BM_TRACK_UNJUDGED,
        .index = index,
        .reason = role == BM_TRACK_UNJUDGED ? bm_index_reason(index) : NULL,
        .fill = BM_NO_FILL,
    };
    return BM_OK;
}

uint64_t bm_target_capped_size(const struct bm_target *target)
{
    uint64_t size = target->ns->capped_size;
    return size > UINT64_MAX - CAPPED_STEP ? UINT64_MAX
                                           : (size + CAPPED_STEP - 1) / CAPPED_STEP * CAPPED_STEP;
}

int bm_target_outgrown(const struct bm_target *target)
{
    const struct bm_namespace *ns = target->ns;
    if (!ns->capped) {
        return 0;
    }
    return (ns->capped_size > 0 && target->bytes_after > bm_target_capped_size(target)) ||
           (ns->capped_max > 0 && target->documents - target->rejected > ns->capped_max);
}
