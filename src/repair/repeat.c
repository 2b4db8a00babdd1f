/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/repeat.h"

enum bm_status bm_repeat_token(struct bm_mender *mender, const struct bm_fill *fill,
                               const struct bm_token_place *source, struct bm_fill_place *place,
                               struct bm_error *err)
{
    const struct bm_plan_options *options = &mender->plan->options;
    uint32_t attempt;
    place->value_at = (uint32_t)mender->values.len;
    if (bm_attempts_next(&mender->plan->attempts, options->hash_key, source, &attempt, err) !=
            BM_OK ||
        bm_token_make(options->token_key, fill->shape, source, attempt, &place->type,
                      &mender->values, err) != BM_OK) {
        return BM_FAIL;
    }
    place->value_len = (uint32_t)(mender->values.len - place->value_at);
    return BM_OK;
}

/* A copy of an earlier _id is never loaded, so that no entry is about it. */
enum bm_status bm_repeat_note(struct bm_mender *mender, const struct bm_token_place *source,
                              uint32_t attempt, struct bm_error *err)
{
    struct bm_plan *plan = mender->plan;
    int is_new = 0;
    if (!plan->replays || source->id_came_before) {
        return BM_OK;
    }
    if (bm_attempts_note(&plan->attempts, plan->options.hash_key, source, attempt, &is_new, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    plan->again |= is_new && plan->is_replaying ? BM_AGAIN_LATE_COLLISION : BM_AGAIN_NO;
    return BM_OK;
}
