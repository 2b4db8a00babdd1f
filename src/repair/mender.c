/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/draw.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repair/overflow.h"

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
            int is_value = place->raw.len > 0 && place->raw.data[0] != BM_TYPE_NULL &&
                           place->raw.data[0] != BM_TYPE_UNDEFINED;
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
    mender->marks[mender->change_count] = (struct bm_change_mark){path_at, after_at};
    mender->changes[mender->change_count++] = (struct bm_change){
        .action = action_of(fill, place),
        .ns = mender->target->ns,
        .ordinal = subject->place.ordinal,
        .offset = subject->place.offset,
        .id = subject->place.id,
        .field = fill->field,
        .at = place->at,
        .before = place->raw,
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
    if (bm_splicer_replace(mender->splicer, place->at, place->raw.len, nothing,
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
    struct bm_view raw = place->raw;
    struct bm_view name = {raw.data + 1, raw.len - 1 - place->raw_value};
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
        } else if (place->raw.len > 0) {
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
            bm_draw_token(mender, subject, place, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* No rule lets these pass: what is written could not be read. A document may be asked for again. */
static enum bm_status note_overgrown(struct bm_mender *mender, const struct bm_subject *subject,
                                     struct bm_error *err)
{
    struct bm_target *target = mender->target;
    if (mender->sets == NULL) {
        return BM_END; /* of the oplog, which tells it in its own way; the target is a copy there */
    }
    if (mender->plan->pass != BM_PASS_JUDGE || subject->place.ordinal < mender->overgrown) {
        return BM_END;
    }
    mender->overgrown = subject->place.ordinal + 1;
    target->overgrown++;
    target->oversize++;
    mender->plan->violations++;
    return bm_places_add(&target->oversize_places, mender->plan->options.document_limit,
                         &subject->place, err) == BM_OK
               ? BM_END
               : BM_FAIL;
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
    if (mender->walk.is_overgrown) {
        return note_overgrown(mender, subject, err);
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
        if (token->is_unrecorded &&
            bm_overflow_drawn(mender->plan, &mender->target->tracks[token->track],
                              token->fingerprint, err) != BM_OK) {
            return BM_FAIL;
        }
        if (bm_seen_add(mender->sets[token->track], token->fingerprint, BM_MARK_OURS, err) !=
            BM_OK) {
            return BM_FAIL;
        }
    }
    bm_draw_forget(mender);
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
    bm_draw_forget(mender);
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
        bm_gone_add(&target->gone, mender->plan->options.budget, subject->place.ordinal, err) !=
            BM_OK) {
        return BM_FAIL;
    }
    target->rejected++;
    mender->edits[mender->edit_count++] =
        (struct bm_edit){.document = subject->number, .verdict = BM_VERDICT_DROP};
    mender->marks[mender->change_count] = (struct bm_change_mark){0, 0};
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
                mender->walk.count > 0 || mender->walk.is_overgrown;
    mender->walk.count = 0;
    return would;
}

struct bm_edits bm_mender_edits(struct bm_mender *mender)
{
    bm_edits_point(mender->edits, mender->edit_count, &mender->documents);
    bm_changes_point(mender->changes, mender->marks, mender->change_count, &mender->paths,
                     &mender->elements);
    return (struct bm_edits){mender->edits, mender->edit_count, mender->changes,
                             mender->change_count};
}
