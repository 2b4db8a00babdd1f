/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/draw.h"

#include <stdio.h>

#include "base/memory.h"
#include "doc/extjson.h"
#include "repair/repeat.h"
#include "repair/token.h"

/* The _id for a message: extended JSON, cut to fit. */
static void name_document(const struct bm_subject *subject, struct bm_error *err)
{
    struct bm_buffer text = BM_BUFFER_INIT(4096);
    struct bm_error unheard = BM_ERROR_INIT;
    struct bm_element id;
    if (subject->place.id.len > 0 &&
        bm_document_find(subject->bytes, bm_view_text("_id"), &id, &unheard) == BM_OK &&
        bm_json_value(&id, &text, &unheard) == BM_OK) {
        const char *end = text.len < sizeof err->id ? "" : "...";
        int most = (int)(text.len < sizeof err->id ? text.len : sizeof err->id - 4);
        (void)snprintf(err->id, sizeof err->id, "%.*s%s", most, (const char *)text.data, end);
    }
    bm_buffer_free(&text);
}

static enum bm_status no_free_token(const struct bm_mender *mender, const struct bm_fill *fill,
                                    const struct bm_subject *subject, struct bm_error *err)
{
    unsigned attempts = mender->plan->options.rules->attempts;
    (void)bm_fail(err, BM_ERROR_VIOLATION, 0,
                  "no free token for %s after %u %s of %s: raise --attempts or ask for a longer "
                  "token",
                  fill->field, attempts, attempts == 1 ? "attempt" : "attempts", fill->shape->text);
    name_document(subject, err);
    (void)bm_error_in(err, mender->target->ns->ns);
    return bm_error_at(err, subject->place.offset);
}

/* What a set knows a value as. */
static enum bm_status fingerprint_in(struct bm_mender *mender, const struct bm_track *track,
                                     uint8_t type, struct bm_view value, struct bm_fingerprint *out,
                                     struct bm_error *err)
{
    bm_buffer_clear(&mender->canonical);
    if (bm_index_canonical(track->index, type, value, &mender->canonical, err) != BM_OK) {
        return BM_FAIL;
    }
    *out = bm_fingerprint_of(mender->plan->options.hash_key, bm_buffer_view(&mender->canonical));
    return BM_OK;
}

enum bm_status bm_mender_fingerprint(struct bm_mender *mender, const struct bm_track *track,
                                     const struct bm_element *value, struct bm_fingerprint *out,
                                     struct bm_error *err)
{
    static const struct bm_element missing = {.type = BM_TYPE_NULL};
    const struct bm_element *there = value != NULL ? value : &missing;
    return fingerprint_in(mender, track, there->type, there->value, out, err);
}

/* ---- tokens that are not settled ---- */

#define FEW_TOKENS 32u

/* One set for all tracks will do: that values equal in one way were others in another only makes a
 * token be drawn again. */
static enum bm_status keep_token(struct bm_mender *mender, size_t track,
                                 struct bm_fingerprint fingerprint, struct bm_error *err)
{
    if (bm_grow(&mender->tokens, mender->token_count, &mender->token_capacity,
                sizeof *mender->tokens, err) != BM_OK) {
        return BM_FAIL;
    }
    mender->tokens[mender->token_count++] =
        (struct bm_mender_token){.track = track, .fingerprint = fingerprint};
    if (mender->token_count < FEW_TOKENS) {
        return BM_OK;
    }
    size_t first = mender->token_count - 1;
    if (mender->many == NULL) {
        mender->many = bm_seen_new(&mender->many_budget, err);
        first = 0;
    }
    for (size_t i = first; mender->many != NULL && i < mender->token_count; i++) {
        if (bm_seen_find(mender->many, mender->tokens[i].fingerprint) == BM_MARK_ABSENT &&
            bm_seen_add(mender->many, mender->tokens[i].fingerprint, BM_MARK_PLAIN, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return mender->many != NULL ? BM_OK : BM_FAIL;
}

static int is_kept(const struct bm_mender *mender, struct bm_fingerprint fingerprint)
{
    if (mender->many != NULL) {
        return bm_seen_find(mender->many, fingerprint) != BM_MARK_ABSENT;
    }
    for (size_t i = 0; i < mender->token_count; i++) {
        if (mender->tokens[i].fingerprint.low == fingerprint.low &&
            mender->tokens[i].fingerprint.high == fingerprint.high) {
            return 1;
        }
    }
    return 0;
}

void bm_draw_forget(struct bm_mender *mender)
{
    mender->token_count = 0;
    bm_seen_free(mender->many);
    mender->many = NULL;
}

/*
 * Whether the candidate in mender->values behind `start` is free in every set of the field's
 * values: as bytes, and under each collation of a unique index. Then it is kept for the document.
 */
static enum bm_status try_token(struct bm_mender *mender, const struct bm_fill *fill,
                                struct bm_fill_place *place, size_t start, int *is_free,
                                struct bm_error *err)
{
    place->value_at = (uint32_t)start;
    place->value_len = (uint32_t)(mender->values.len - start);
    struct bm_view value = {mender->values.data + start, place->value_len};
    *is_free = 1;
    for (size_t i = 0; i < fill->track_count; i++) {
        const struct bm_track *track = &mender->target->tracks[fill->tracks[i]];
        struct bm_fingerprint *candidate = &mender->candidate[i];
        if (fingerprint_in(mender, track, place->type, value, candidate, err) != BM_OK) {
            return BM_FAIL;
        }
        if (bm_seen_find(mender->sets[fill->tracks[i]], *candidate) != BM_MARK_ABSENT ||
            bm_seen_find(track->taken, *candidate) != BM_MARK_ABSENT ||
            is_kept(mender, *candidate)) {
            *is_free = 0;
            return BM_OK;
        }
    }
    for (size_t i = 0; i < fill->track_count; i++) {
        if (keep_token(mender, fill->tracks[i], mender->candidate[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* Of the token that was tried last. */
static void mark_unrecorded(const struct bm_mender *mender, const struct bm_fill *fill)
{
    for (size_t i = 1; i <= fill->track_count; i++) {
        mender->tokens[mender->token_count - i].is_unrecorded = 1;
    }
}

/*
 * While looking ahead: what no value of the dump equals, however short tokens are, but of their
 * type, which filters of partial indexes may ask for. There is no attempt 0 that a token would come
 * of.
 */
static enum bm_status stand_in(struct bm_mender *mender, const struct bm_token_place *source,
                               struct bm_fill_place *place, struct bm_error *err)
{
    static const struct bm_token_shape wide = {
        .kind = BM_TOKEN_TEXT, .alphabet = "0123456789abcdef", .length = 64};
    const struct bm_token_shape *own = mender->target->fills[place->fill].shape;
    int is_wide = own->kind == BM_TOKEN_OBJECT_ID || own->kind == BM_TOKEN_UUID4_BINARY;
    place->value_at = (uint32_t)mender->values.len;
    if (bm_token_make(mender->plan->options.token_key, is_wide ? own : &wide, source, 0,
                      &place->type, &mender->values, err) != BM_OK) {
        return BM_FAIL;
    }
    place->value_len = (uint32_t)(mender->values.len - place->value_at);
    return BM_OK;
}

enum bm_status bm_draw_token(struct bm_mender *mender, const struct bm_subject *subject,
                             struct bm_fill_place *place, struct bm_error *err)
{
    const struct bm_fill *fill = &mender->target->fills[place->fill];
    uint64_t positions[BM_FILL_COMPONENTS_MAX];
    for (size_t i = 0; i < place->step_count; i++) {
        positions[i] = mender->walk.steps[place->step_at + i].position;
    }
    struct bm_token_place source = {
        .ns = mender->target->ns->ns,
        .field = fill->field,
        .id = subject->place.id,
        .id_came_before = subject->id_came_before,
        .ordinal = subject->place.ordinal,
        .positions = positions,
        .position_count = place->step_count,
    };
    size_t start = mender->values.len;
    if (mender->sets == NULL) {
        return bm_repeat_token(mender, fill, &source, place, err);
    }
    if (mender->plan->pass == BM_PASS_SHARED || mender->plan->pass == BM_PASS_GATHER) {
        return stand_in(mender, &source, place, err);
    }
    for (uint32_t attempt = 1; attempt <= mender->plan->options.rules->attempts; attempt++) {
        int is_free = 0;
        mender->values.len = start;
        if (bm_token_make(mender->plan->options.token_key, fill->shape, &source, attempt,
                          &place->type, &mender->values, err) != BM_OK ||
            try_token(mender, fill, place, start, &is_free, err) != BM_OK) {
            return BM_FAIL;
        }
        if (is_free) {
            int is_recorded = attempt == 1 && !source.id_came_before;
            if (!is_recorded) {
                mark_unrecorded(mender, fill);
            }
            return BM_OK;
        }
        if (bm_repeat_note(mender, &source, attempt, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return no_free_token(mender, fill, subject, err);
}
