/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/mender.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "doc/extjson.h"
#include "repair/repeat.h"
#include "repair/token.h"

/* What the edits of one batch may take. Only tokens of a length that was asked for get near it. */
#define BATCH_MAX ((size_t)1 << 30)

static size_t most_tracks(const struct bm_target *target)
{
    size_t most = 0;
    for (size_t i = 0; i < target->fill_count; i++) {
        most = target->fills[i].track_count > most ? target->fills[i].track_count : most;
    }
    return most;
}

enum bm_status bm_mender_start(struct bm_mender *mender, struct bm_plan *plan,
                               struct bm_target *target, struct bm_seen *const *sets,
                               struct bm_error *err)
{
    *mender = (struct bm_mender){
        .plan = plan,
        .target = target,
        .sets = sets,
        .values = BM_BUFFER_INIT(BATCH_MAX),
        .canonical = BM_BUFFER_INIT(BATCH_MAX),
        .elements = BM_BUFFER_INIT(BATCH_MAX),
        .paths = BM_BUFFER_INIT(BATCH_MAX),
        .documents = BM_BUFFER_INIT(BATCH_MAX),
    };
    if (target->fill_count == 0) {
        return BM_OK;
    }
    mender->splicer = bm_splicer_new(err);
    mender->candidate = bm_allocate(most_tracks(target), sizeof *mender->candidate, err);
    return mender->splicer != NULL && mender->candidate != NULL ? BM_OK : BM_FAIL;
}

void bm_mender_free(struct bm_mender *mender)
{
    bm_fill_walk_free(&mender->walk);
    bm_splicer_free(mender->splicer);
    bm_buffer_free(&mender->values);
    bm_buffer_free(&mender->canonical);
    bm_buffer_free(&mender->elements);
    bm_buffer_free(&mender->paths);
    bm_buffer_free(&mender->documents);
    free(mender->candidate);
    free(mender->tokens);
    bm_seen_free(mender->many);
    free(mender->edits);
    free(mender->changes);
    free(mender->marks);
}

void bm_mender_clear(struct bm_mender *mender)
{
    bm_buffer_clear(&mender->elements);
    bm_buffer_clear(&mender->paths);
    bm_buffer_clear(&mender->documents);
    mender->edit_count = 0;
    mender->change_count = 0;
}

/* ---- tokens ---- */

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
    mender->tokens[mender->token_count++] = (struct bm_mender_token){track, fingerprint};
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

static void forget_tokens(struct bm_mender *mender)
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
    place->value_at = start;
    place->value_len = mender->values.len - start;
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
    place->value_at = mender->values.len;
    if (bm_token_make(mender->plan->options.token_key, is_wide ? own : &wide, source, 0,
                      &place->type, &mender->values, err) != BM_OK) {
        return BM_FAIL;
    }
    place->value_len = mender->values.len - place->value_at;
    return BM_OK;
}

/* The first candidate that is no value of the field and no token of ours. */
static enum bm_status find_token(struct bm_mender *mender, const struct bm_subject *subject,
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
            return BM_OK;
        }
        if (bm_repeat_note(mender, &source, attempt, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return no_free_token(mender, fill, subject, err);
}

/* ---- changes ---- */

static const char *reason_of(enum bm_emptiness empty)
{
    switch (empty) {
    case BM_EMPTY_MISSING:
        return "missing";
    case BM_EMPTY_NULL:
        return "null";
    case BM_EMPTY_UNDEFINED:
        return "undefined";
    case BM_EMPTY_BLANK:
        return "blank";
    case BM_NOT_EMPTY:
        break;
    }
    return "";
}

static void count_changes(struct bm_target *target, const struct bm_fill_walk *walk)
{
    target->touched++;
    for (size_t i = 0; i < walk->count; i++) {
        const struct bm_fill_place *place = &walk->places[i];
        struct bm_fill *fill = &target->fills[place->fill];
        fill->drawn += fill->shape != NULL ? 1 : 0;
        if (place->is_wished) {
            int is_value = place->element.raw.len > 0 && place->element.type != BM_TYPE_NULL &&
                           place->element.type != BM_TYPE_UNDEFINED;
            target->refilled++;
            target->replaced += is_value ? 1 : 0;
            continue;
        }
        fill->changed++;
        bm_empties_add(fill->shape != NULL ? &target->filled : &target->unset, place->empty);
    }
}

static enum bm_action action_of(const struct bm_fill *fill, const struct bm_fill_place *place)
{
    if (place->is_wished) {
        return BM_ACTION_REFILL;
    }
    return fill->shape != NULL ? BM_ACTION_FILL : BM_ACTION_UNSET;
}

static const char *index_of(const struct bm_target *target, const struct bm_fill *fill,
                            const struct bm_fill_place *place)
{
    return place->is_wished ? bm_index_name(target->tracks[fill->refills].index) : fill->index;
}

/* Notes one new element, the last of mender->elements; its place is that of its first token. */
static enum bm_status add_change(struct bm_mender *mender, const struct bm_subject *subject,
                                 const struct bm_fill_place *place, size_t after_at,
                                 struct bm_error *err)
{
    const struct bm_fill *fill = &mender->target->fills[place->fill];
    if (bm_grow(&mender->changes, mender->change_count, &mender->change_capacity,
                sizeof *mender->changes, err) != BM_OK ||
        bm_grow(&mender->marks, mender->change_count, &mender->mark_capacity, sizeof *mender->marks,
                err) != BM_OK) {
        return BM_FAIL;
    }
    size_t path_at = mender->paths.len;
    if (bm_fill_path(&mender->walk, mender->target, place, &mender->paths, err) != BM_OK ||
        bm_buffer_append_byte(&mender->paths, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    mender->marks[mender->change_count] = (struct bm_mender_marks){path_at, after_at};
    mender->changes[mender->change_count++] = (struct bm_change){
        .action = action_of(fill, place),
        .ns = mender->target->ns,
        .ordinal = subject->place.ordinal,
        .offset = subject->place.offset,
        .id = subject->place.id,
        .field = fill->field,
        .at = place->at,
        .before = place->element.raw,
        .after = {NULL, mender->elements.len - after_at},
        .index = index_of(mender->target, fill, place),
        .reason = place->is_wished ? "duplicate" : reason_of(place->empty),
    };
    return BM_OK;
}

static enum bm_status remove_element(struct bm_mender *mender, const struct bm_subject *subject,
                                     const struct bm_fill_place *place, struct bm_error *err)
{
    static const struct bm_view nothing = {NULL, 0};
    if (bm_splicer_replace(mender->splicer, place->at, place->element.raw.len, nothing,
                           &mender->walk.parents[place->parent_at], place->parent_count,
                           err) != BM_OK) {
        return BM_FAIL;
    }
    return add_change(mender, subject, place, mender->elements.len, err);
}

/* The element keeps its name and place; type and value are new. */
static enum bm_status replace_element(struct bm_mender *mender, const struct bm_subject *subject,
                                      const struct bm_fill_place *place, struct bm_error *err)
{
    size_t after_at = mender->elements.len;
    struct bm_view raw = place->element.raw;
    struct bm_view name = {raw.data + 1, raw.len - 1 - place->element.value.len};
    struct bm_view value = {mender->values.data + place->value_at, place->value_len};
    if (bm_buffer_append_byte(&mender->elements, place->type, err) != BM_OK ||
        bm_buffer_append(&mender->elements, name, err) != BM_OK ||
        bm_buffer_append(&mender->elements, value, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_view after = {mender->elements.data + after_at, mender->elements.len - after_at};
    if (bm_splicer_replace(mender->splicer, place->at, raw.len, after,
                           &mender->walk.parents[place->parent_at], place->parent_count,
                           err) != BM_OK) {
        return BM_FAIL;
    }
    return add_change(mender, subject, place, after_at, err);
}

static enum bm_status insert_elements(struct bm_mender *mender, const struct bm_subject *subject,
                                      struct bm_fill_place *places, size_t count,
                                      struct bm_error *err)
{
    size_t start = mender->elements.len;
    struct bm_view values = bm_buffer_view(&mender->values);
    for (size_t i = 0; i < count;) {
        size_t after_at = mender->elements.len;
        size_t served = 0;
        if (bm_fill_append(mender->target, places + i, count - i, values, &mender->elements,
                           &served, err) != BM_OK ||
            add_change(mender, subject, &places[i], after_at, err) != BM_OK) {
            return BM_FAIL;
        }
        i += served;
    }
    struct bm_view added = {mender->elements.data + start, mender->elements.len - start};
    return bm_splicer_replace(mender->splicer, places[0].at, 0, added,
                              &mender->walk.parents[places[0].parent_at], places[0].parent_count,
                              err);
}

/* Places of one position come together: they may share parents that have to be made. */
static enum bm_status change_places(struct bm_mender *mender, const struct bm_subject *subject,
                                    struct bm_error *err)
{
    struct bm_fill_walk *walk = &mender->walk;
    for (size_t i = 0; i < walk->count;) {
        struct bm_fill_place *place = &walk->places[i];
        size_t run = 1;
        while (i + run < walk->count && walk->places[i + run].at == place->at) {
            run++;
        }
        enum bm_status status;
        if (mender->target->fills[place->fill].shape == NULL) {
            status = remove_element(mender, subject, place, err);
        } else if (place->element.raw.len > 0) {
            status = replace_element(mender, subject, place, err);
        } else {
            status = insert_elements(mender, subject, place, run, err);
        }
        if (status != BM_OK) {
            return BM_FAIL;
        }
        i += run;
    }
    return BM_OK;
}

static enum bm_status add_edit(struct bm_mender *mender, const struct bm_subject *subject,
                               struct bm_view *edited, struct bm_error *err)
{
    if (bm_grow(&mender->edits, mender->edit_count, &mender->edit_capacity, sizeof *mender->edits,
                err) != BM_OK) {
        return BM_FAIL;
    }
    size_t start = mender->documents.len;
    if (bm_splicer_apply(mender->splicer, subject->bytes, &mender->documents, err) != BM_OK) {
        return BM_FAIL;
    }
    *edited = (struct bm_view){mender->documents.data + start, mender->documents.len - start};
    mender->edits[mender->edit_count++] = (struct bm_edit){
        .document = subject->number,
        .verdict = BM_VERDICT_REPLACE,
        .bytes = {NULL, edited->len},
    };
    return BM_OK;
}

static enum bm_status find_tokens(struct bm_mender *mender, const struct bm_subject *subject,
                                  struct bm_error *err)
{
    bm_buffer_clear(&mender->values);
    for (size_t i = 0; i < mender->walk.count; i++) {
        struct bm_fill_place *place = &mender->walk.places[i];
        if (mender->target->fills[place->fill].shape != NULL &&
            find_token(mender, subject, place, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_mender_change(struct bm_mender *mender, const struct bm_subject *subject,
                                const struct bm_fill_wish *wish, struct bm_view *edited,
                                struct bm_error *err)
{
    mender->before.elements = mender->elements.len;
    mender->before.paths = mender->paths.len;
    mender->before.documents = mender->documents.len;
    mender->before.edits = mender->edit_count;
    mender->before.changes = mender->change_count;
    if (bm_fill_find(&mender->walk, mender->target, subject->bytes, wish, err) != BM_OK) {
        return BM_FAIL;
    }
    if (mender->walk.count == 0) {
        return BM_END;
    }
    if (find_tokens(mender, subject, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_splicer_clear(mender->splicer);
    if (change_places(mender, subject, err) != BM_OK) {
        return BM_FAIL;
    }
    return add_edit(mender, subject, edited, err);
}

enum bm_status bm_mender_settle(struct bm_mender *mender, struct bm_error *err)
{
    if (mender->walk.count > 0 && mender->plan->pass == BM_PASS_JUDGE) {
        count_changes(mender->target, &mender->walk);
    }
    mender->walk.count = 0;
    for (size_t i = 0; i < mender->token_count; i++) {
        const struct bm_mender_token *token = &mender->tokens[i];
        if (bm_seen_add(mender->sets[token->track], token->fingerprint, BM_MARK_OURS, err) !=
            BM_OK) {
            return BM_FAIL;
        }
    }
    forget_tokens(mender);
    return BM_OK;
}

void bm_mender_undo(struct bm_mender *mender)
{
    mender->elements.len = mender->before.elements;
    mender->paths.len = mender->before.paths;
    mender->documents.len = mender->before.documents;
    mender->edit_count = mender->before.edits;
    mender->change_count = mender->before.changes;
    mender->walk.count = 0;
    forget_tokens(mender);
}

enum bm_status bm_mender_drop(struct bm_mender *mender, const struct bm_subject *subject,
                              const struct bm_track *track, struct bm_error *err)
{
    struct bm_target *target = mender->target;
    if (bm_grow(&mender->edits, mender->edit_count, &mender->edit_capacity, sizeof *mender->edits,
                err) != BM_OK ||
        bm_grow(&mender->changes, mender->change_count, &mender->change_capacity,
                sizeof *mender->changes, err) != BM_OK ||
        bm_grow(&mender->marks, mender->change_count, &mender->mark_capacity, sizeof *mender->marks,
                err) != BM_OK ||
        bm_grow(&target->gone, target->gone_count, &target->gone_capacity, sizeof *target->gone,
                err) != BM_OK) {
        return BM_FAIL;
    }
    target->gone[target->gone_count++] = subject->place.ordinal;
    target->rejected++;
    mender->edits[mender->edit_count++] =
        (struct bm_edit){.document = subject->number, .verdict = BM_VERDICT_DROP};
    mender->marks[mender->change_count] = (struct bm_mender_marks){0, 0};
    mender->changes[mender->change_count++] = (struct bm_change){
        .action = BM_ACTION_REJECT,
        .ns = target->ns,
        .ordinal = subject->place.ordinal,
        .offset = subject->place.offset,
        .id = subject->place.id,
        .before = subject->bytes,
        .index = bm_index_name(track->index),
        .reason = "duplicate",
    };
    return BM_OK;
}

int bm_mender_would_change(struct bm_mender *mender, struct bm_view document)
{
    struct bm_error unheard = BM_ERROR_INIT;
    int would = bm_fill_find(&mender->walk, mender->target, document, NULL, &unheard) != BM_OK ||
                mender->walk.count > 0;
    mender->walk.count = 0;
    return would;
}

struct bm_edits bm_mender_edits(struct bm_mender *mender)
{
    size_t at = 0;
    for (size_t i = 0; i < mender->edit_count; i++) {
        mender->edits[i].bytes.data = mender->documents.data + at;
        at += mender->edits[i].bytes.len;
    }
    for (size_t i = 0; i < mender->change_count; i++) {
        struct bm_change *change = &mender->changes[i];
        if (change->action == BM_ACTION_REJECT) {
            continue; /* the document, which lies in the batch */
        }
        change->path = (const char *)mender->paths.data + mender->marks[i].path_at;
        change->after.data = mender->elements.data + mender->marks[i].after_at;
    }
    return (struct bm_edits){mender->edits, mender->edit_count, mender->changes,
                             mender->change_count};
}
