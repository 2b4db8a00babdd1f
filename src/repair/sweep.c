/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/sweep_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "seen/budget.h"

static void free_shared(struct bm_sweep *sweep)
{
    for (size_t i = 0; sweep->shared != NULL && i < sweep->track_count; i++) {
        bm_seen_free(sweep->shared[i]);
    }
    free(sweep->shared);
    sweep->shared = NULL;
}

void bm_sweep_forget_holders(struct bm_sweep *sweep, struct bm_budget *budget)
{
    bm_budget_free(budget, sweep->holders, sweep->holder_capacity, sizeof *sweep->holders);
    bm_budget_free(budget, sweep->keys, sweep->key_capacity, sizeof *sweep->keys);
    bm_budget_free(budget, sweep->ranks, sweep->rank_capacity, 1);
    sweep->holders = NULL;
    sweep->keys = NULL;
    sweep->ranks = NULL;
    sweep->holder_count = sweep->holder_capacity = sweep->key_count = sweep->key_capacity = 0;
    sweep->rank_bytes = sweep->rank_capacity = 0;
}

void bm_sweep_free(struct bm_sweep *sweep, struct bm_budget *budget)
{
    if (sweep == NULL) {
        return;
    }
    free_shared(sweep);
    bm_sweep_forget_holders(sweep, budget);
    bm_budget_free(budget, sweep->lost, sweep->lost_capacity, sizeof *sweep->lost);
    bm_budget_free(budget, sweep->rejected, sweep->rejected_capacity, sizeof *sweep->rejected);
    free(sweep);
}

int bm_sweep_is_contested(const struct bm_track *track)
{
    return track->on_duplicate == BM_DUPLICATE_REFILL || track->on_duplicate == BM_DUPLICATE_REJECT;
}

/* ---- rank ---- */

/*
 * The value of a dotted field; an array on the way stands for what it may hold. Missing, null and
 * undefined have no rank. BM_END: there is none.
 */
static enum bm_status find_rank(struct bm_view document, const char *field, struct bm_element *out,
                                struct bm_error *err)
{
    for (;;) {
        size_t len = strcspn(field, ".");
        struct bm_view name = {(const uint8_t *)field, len};
        enum bm_status status = bm_document_find(document, name, out, err);
        if (status != BM_OK) {
            return status;
        }
        if (field[len] == '\0' || out->type == BM_TYPE_ARRAY) {
            int is_empty = out->type == BM_TYPE_NULL || out->type == BM_TYPE_UNDEFINED;
            return is_empty ? BM_END : BM_OK;
        }
        if (out->type != BM_TYPE_OBJECT) {
            return BM_END;
        }
        document = out->value;
        field += len + 1;
    }
}

static enum bm_status add_rank(struct bm_sweep *sweep, struct bm_budget *budget,
                               struct bm_view value, struct bm_error *err)
{
    while (sweep->rank_capacity < sweep->rank_bytes + value.len) {
        if (bm_budget_grow(budget, &sweep->ranks, sweep->rank_capacity, &sweep->rank_capacity, 1,
                           err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (value.len > 0) {
        memcpy(sweep->ranks + sweep->rank_bytes, value.data, value.len);
    }
    sweep->rank_bytes += value.len;
    return BM_OK;
}

/* What cannot be read of a damaged document ranks as what is missing. */
static enum bm_status rank_holder(struct bm_judge *judge, const struct bm_subject *subject,
                                  struct bm_holder *holder, struct bm_error *err)
{
    struct bm_element rank;
    const char *field = judge->target->keep->field;
    enum bm_status status = find_rank(subject->bytes, field, &rank, &judge->unheard);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : bm_survey_forgive(judge, err);
    }
    holder->has_rank = 1;
    holder->rank_type = rank.type;
    holder->rank_len = (uint32_t)rank.value.len;
    return add_rank(judge->target->sweep, judge->plan->options.budget, rank.value, err);
}

static enum bm_status add_holder(struct bm_judge *judge, const struct bm_subject *subject,
                                 int is_damaged, size_t key_at, struct bm_error *err)
{
    struct bm_sweep *sweep = judge->target->sweep;
    const struct bm_keep_rule *keep = judge->target->keep;
    struct bm_holder holder = {
        .ordinal = subject->place.ordinal,
        .direction = keep->which == BM_KEEP_OLDEST ? -1 : 1,
        .is_damaged = is_damaged != 0,
        .key_at = key_at,
        .key_count = (uint32_t)(sweep->key_count - key_at),
        .rank_at = sweep->rank_bytes,
    };
    if ((keep->field != NULL && rank_holder(judge, subject, &holder, err) != BM_OK) ||
        bm_budget_grow(judge->plan->options.budget, &sweep->holders, sweep->holder_count,
                       &sweep->holder_capacity, sizeof *sweep->holders, err) != BM_OK) {
        return BM_FAIL;
    }
    sweep->holders[sweep->holder_count++] = holder;
    return BM_OK;
}

/* ---- the two passes ---- */

static enum bm_status take_shared(struct bm_judge *judge, size_t track,
                                  struct bm_fingerprint fingerprint, struct bm_error *err)
{
    struct bm_seen *seen = judge->sets[track];
    if (bm_seen_find(seen, fingerprint) == BM_MARK_ABSENT) {
        return bm_seen_add(seen, fingerprint, BM_MARK_PLAIN, err);
    }
    bm_seen_mark(seen, fingerprint, BM_MARK_SHARED);
    return BM_OK;
}

static int is_shared(const struct bm_target *target, size_t track,
                     struct bm_fingerprint fingerprint)
{
    const struct bm_seen *sieve = target->tracks[track].sieve;
    int mark = bm_seen_find(sieve != NULL ? sieve : target->sweep->shared[track], fingerprint);
    return mark != BM_MARK_ABSENT && (sieve != NULL || (mark & BM_MARK_SHARED) != 0);
}

static enum bm_status gather_key(struct bm_judge *judge, size_t track,
                                 struct bm_fingerprint fingerprint, struct bm_error *err)
{
    struct bm_sweep *sweep = judge->target->sweep;
    if (!is_shared(judge->target, track, fingerprint)) {
        return BM_OK;
    }
    if (bm_budget_grow(judge->plan->options.budget, &sweep->keys, sweep->key_count,
                       &sweep->key_capacity, sizeof *sweep->keys, err) != BM_OK) {
        return BM_FAIL;
    }
    sweep->keys[sweep->key_count++] = (struct bm_lost_key){track, fingerprint};
    return BM_OK;
}

static enum bm_status look_at_keys(struct bm_judge *judge, const struct bm_subject *subject,
                                   struct bm_error *err)
{
    struct bm_target *target = judge->target;
    for (size_t live = 0; live < judge->live_count; live++) {
        size_t track = judge->live[live];
        if (!bm_sweep_is_contested(&target->tracks[track]) ||
            (track == target->id_track && subject->place.id.len == 0)) {
            continue;
        }
        if (bm_keyset_turn_to(judge->keyset, live, err) != BM_OK) {
            return BM_FAIL;
        }
        const struct bm_keys *keys = bm_keyset_keys(judge->keyset, live);
        for (size_t i = 0; i < keys->count; i++) {
            struct bm_fingerprint fingerprint =
                bm_fingerprint_of(judge->plan->options.hash_key, keys->keys[i].canonical);
            enum bm_status status = judge->plan->pass == BM_PASS_SHARED
                                        ? take_shared(judge, track, fingerprint, err)
                                        : gather_key(judge, track, fingerprint, err);
            if (status != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    return BM_OK;
}

/* Its keys, as it will be once it is filled; what is drawn for that is like no value there is. A
 * damaged document is not filled. BM_END: damage, and it is not known which keys it has. */
static enum bm_status make_keys(struct bm_judge *judge, const struct bm_subject *subject,
                                int is_damaged, struct bm_error *err)
{
    struct bm_view document = subject->bytes;
    if (is_damaged) {
        if (bm_keyset_make(judge->keyset, document, &judge->unheard) == BM_OK) {
            return BM_OK;
        }
        return bm_survey_forgive(judge, err) == BM_OK ? BM_END : BM_FAIL;
    }
    if (judge->target->fill_count > 0 &&
        bm_mender_change(&judge->mender, subject, NULL, &document, err) == BM_FAIL) {
        return BM_FAIL;
    }
    return bm_keyset_make(judge->keyset, document, err);
}

static enum bm_status look_at_document(struct bm_judge *judge, const struct bm_subject *subject,
                                       int is_damaged, struct bm_error *err)
{
    struct bm_sweep *sweep = judge->target->sweep;
    size_t key_at = sweep != NULL ? sweep->key_count : 0;
    enum bm_status status = make_keys(judge, subject, is_damaged, err);
    if (status == BM_OK) {
        status = look_at_keys(judge, subject, err);
    }
    if (judge->target->fill_count > 0 && !is_damaged) {
        bm_mender_undo(&judge->mender);
    }
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    return judge->plan->pass == BM_PASS_SHARED || sweep->key_count == key_at
               ? BM_OK
               : add_holder(judge, subject, is_damaged, key_at, err);
}

static enum bm_status take_subject(struct bm_judge *judge, const struct bm_batch *batch,
                                   uint32_t number, struct bm_error *err)
{
    struct bm_element id;
    struct bm_subject subject = {
        .number = number,
        .bytes = {batch->bytes.data + batch->at[number], batch->at[number + 1] - batch->at[number]},
        .place = {.known = 1,
                  .ordinal = batch->ordinal + number,
                  .offset = batch->offset + batch->at[number]},
        .id_came_before = 1, /* copies of one _id, known or not, share no stand-in: see mender.c */
    };
    /* Damage is told in its turn; what is damaged stays as it is, and holds the keys it has. */
    int is_damaged = bm_document_check(subject.bytes, NULL, &judge->unheard) != BM_OK;
    if (is_damaged && bm_survey_forgive(judge, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status =
        bm_document_find(subject.bytes, bm_view_text("_id"), &id, &judge->unheard);
    if (status == BM_OK) {
        subject.place.id = id.raw;
    }
    return status == BM_FAIL && bm_survey_forgive(judge, err) != BM_OK
               ? BM_FAIL
               : look_at_document(judge, &subject, is_damaged, err);
}

enum bm_status bm_sweep_look(struct bm_judge *judge, const struct bm_batch *batch,
                             struct bm_error *err)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        if (take_subject(judge, batch, i, err) != BM_OK) {
            (void)bm_error_at(err, batch->offset + batch->at[i]);
            return bm_error_in(err, judge->target->ns->ns);
        }
    }
    return BM_OK;
}

enum bm_status bm_sweep_keep(struct bm_judge *judge, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    if (judge->plan->pass == BM_PASS_GATHER) {
        free_shared(target->sweep);
        for (size_t i = 0; i < target->track_count; i++) {
            bm_seen_free(target->tracks[i].sieve); /* a verdict knows tokens as they are, too */
            target->tracks[i].sieve = NULL;
        }
        return BM_OK;
    }
    struct bm_sweep *sweep = bm_allocate(1, sizeof *sweep, err);
    if (sweep == NULL) {
        return BM_FAIL;
    }
    target->sweep = sweep;
    sweep->track_count = target->track_count;
    sweep->shared = judge->sets; /* they go with it */
    judge->sets = bm_allocate(target->track_count, sizeof *judge->sets, err);
    return judge->sets != NULL ? BM_OK : BM_FAIL;
}
