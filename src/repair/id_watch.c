/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/id_watch.h"

#include <stdlib.h>

#include "base/memory.h"

#define CHUNK_BYTES (BM_ID_CHUNK * sizeof(struct bm_fingerprint))

static enum bm_status make_set(struct bm_id_watch *watch, struct bm_error *err)
{
    watch->seen = bm_seen_new(watch->plan->options.budget, err);
    watch->mode = BM_ID_SET;
    if (watch->seen == NULL) {
        return BM_FAIL;
    }
    bm_seen_foresee(watch->seen, watch->outlook);
    return bm_overflow_prepare(watch->plan, watch->target, watch->track, watch->seen, err);
}

enum bm_status bm_id_watch_start(struct bm_id_watch *watch, struct bm_plan *plan,
                                 struct bm_target *target, const struct bm_outlook *outlook,
                                 struct bm_error *err)
{
    *watch = (struct bm_id_watch){
        .mode = BM_ID_UNJUDGED,
        .plan = plan,
        .target = target,
        .outlook = outlook,
        .unheard = BM_ERROR_INIT,
        .last_bytes = BM_BUFFER_INIT(BM_DOCUMENT_MAX_OPLOG),
        .canonical = BM_BUFFER_INIT(4 * (size_t)BM_DOCUMENT_MAX_OPLOG),
    };
    for (size_t i = 0; i < target->track_count; i++) {
        if (target->tracks[i].role == BM_TRACK_ID) {
            watch->track = &target->tracks[i];
        }
    }
    if (watch->track == NULL) {
        return BM_OK;
    }
    if (target->id_needs_set) {
        return make_set(watch, err);
    }
    watch->mode = BM_ID_LIST;
    return BM_OK;
}

static void drop_chunk(struct bm_id_watch *watch, size_t number)
{
    if (watch->chunks[number] != NULL) {
        free(watch->chunks[number]);
        watch->chunks[number] = NULL;
        watch->plan->options.budget->used -= CHUNK_BYTES;
    }
}

static void drop_list(struct bm_id_watch *watch)
{
    for (size_t i = 0; i < watch->chunk_count; i++) {
        drop_chunk(watch, i);
    }
    free(watch->chunks);
    watch->chunks = NULL;
    watch->chunk_count = watch->chunk_capacity = watch->listed = 0;
}

/* BM_END: a limit of this program, so that the index is not judged; the server may take the _id. */
static enum bm_status fingerprint_of(struct bm_id_watch *watch, const struct bm_element *id,
                                     struct bm_fingerprint *out, struct bm_error *err)
{
    bm_buffer_clear(&watch->canonical);
    const char *own_limit = NULL;
    enum bm_status status =
        bm_index_id_canonical(watch->track->index, id, &watch->canonical, &own_limit, err);
    if (status == BM_END) {
        watch->track->reason = own_limit;
    }
    if (status != BM_OK) {
        return status;
    }
    *out = bm_fingerprint_of(watch->plan->options.hash_key, bm_buffer_view(&watch->canonical));
    return BM_OK;
}

static int fits_budget(const struct bm_budget *budget)
{
    return budget->limit == 0 ||
           (budget->used <= budget->limit && budget->limit - budget->used >= CHUNK_BYTES);
}

static enum bm_status add_chunk(struct bm_id_watch *watch, struct bm_error *err)
{
    struct bm_budget *budget = watch->plan->options.budget;
    if (bm_grow(&watch->chunks, watch->chunk_count, &watch->chunk_capacity, sizeof *watch->chunks,
                err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_fingerprint *chunk = bm_allocate(BM_ID_CHUNK, sizeof *chunk, err);
    if (chunk == NULL) {
        return BM_FAIL;
    }
    budget->used += CHUNK_BYTES;
    watch->chunks[watch->chunk_count++] = chunk;
    return BM_OK;
}

/* Input that can be read again needs no list for long, and none at all when memory is short. */
static int list_is_over(const struct bm_id_watch *watch)
{
    if (!watch->plan->options.repeatable) {
        return 0;
    }
    return watch->listed >= BM_ID_LIST_MAX ||
           (watch->listed % BM_ID_CHUNK == 0 && !fits_budget(watch->plan->options.budget));
}

/* Piece by piece, so that list and set are never in memory whole at the same time. */
static enum bm_status list_to_set(struct bm_id_watch *watch, struct bm_error *err)
{
    if (make_set(watch, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < watch->listed; i++) {
        struct bm_fingerprint fingerprint = watch->chunks[i / BM_ID_CHUNK][i % BM_ID_CHUNK];
        if (bm_seen_add(watch->seen, fingerprint, BM_MARK_PLAIN, err) != BM_OK) {
            return BM_FAIL;
        }
        if (i % BM_ID_CHUNK == BM_ID_CHUNK - 1) {
            drop_chunk(watch, i / BM_ID_CHUNK);
        }
    }
    drop_list(watch);
    return BM_OK;
}

static enum bm_status list_id(struct bm_id_watch *watch, struct bm_fingerprint fingerprint,
                              struct bm_error *err)
{
    if (list_is_over(watch)) {
        drop_list(watch);
        watch->mode = BM_ID_RISING;
        return BM_OK;
    }
    if (watch->listed % BM_ID_CHUNK == 0 && !fits_budget(watch->plan->options.budget)) {
        /* A set may find a way on. */
        return list_to_set(watch, err) == BM_OK
                   ? bm_seen_add(watch->seen, fingerprint, BM_MARK_PLAIN, err)
                   : BM_FAIL;
    }
    if (watch->listed % BM_ID_CHUNK == 0 && add_chunk(watch, err) != BM_OK) {
        return BM_FAIL;
    }
    watch->chunks[watch->listed / BM_ID_CHUNK][watch->listed % BM_ID_CHUNK] = fingerprint;
    watch->listed++;
    return BM_OK;
}

static struct bm_finding finding_of(const struct bm_id_watch *watch, const struct bm_key *key,
                                    struct bm_fingerprint fingerprint,
                                    const struct bm_document_place *place)
{
    return (struct bm_finding){
        .ns = watch->target->ns->ns,
        .index = watch->track->index,
        .key = key,
        .fingerprint = fingerprint,
        .place = *place,
        .group_limit = watch->plan->options.group_limit,
        .document_limit = watch->plan->options.document_limit,
    };
}

static enum bm_status look_up(struct bm_id_watch *watch, const struct bm_element *id,
                              struct bm_fingerprint fingerprint,
                              const struct bm_document_place *place, int *came_before,
                              struct bm_error *err)
{
    struct bm_key_part part = {id->type, BM_ORIGIN_VALUE, id->value};
    struct bm_key key = {.parts = &part, .canonical = bm_buffer_view(&watch->canonical)};
    struct bm_finding finding = finding_of(watch, &key, fingerprint, place);
    struct bm_findings *found = &watch->track->found;
    int mark = BM_MARK_ABSENT;
    if (watch->mode == BM_ID_SET) {
        mark = bm_seen_find(watch->seen, fingerprint);
    }
    if (mark != BM_MARK_ABSENT) {
        *came_before = 1;
        bm_seen_mark(watch->seen, fingerprint, BM_MARK_SHARED);
        watch->plan->violations += watch->track->on_duplicate == BM_DUPLICATE_LEAVE ? 0 : 1;
        return bm_findings_duplicate(found, &finding, mark, err);
    }
    watch->distinct++;
    if (watch->mode == BM_ID_SET) {
        return bm_seen_add(watch->seen, fingerprint, BM_MARK_PLAIN, err);
    }
    return list_id(watch, fingerprint, err);
}

enum bm_status bm_id_watch_first(struct bm_id_watch *watch, struct bm_view document,
                                 const struct bm_element *id, const struct bm_document_place *place,
                                 struct bm_error *err)
{
    struct bm_fingerprint fingerprint;
    if (watch->track == NULL || watch->track->unknown == 0 ||
        bm_index_id_problem(watch->track->index, document, NULL, id) != NULL ||
        bm_index_nesting_problem(watch->track->index, document) != NULL) {
        return BM_OK;
    }
    if (fingerprint_of(watch, id, &fingerprint, &watch->unheard) != BM_OK) {
        watch->unheard =
            BM_ERROR_INIT; /* one that the server refuses was told by the pass before */
        return BM_OK;
    }
    struct bm_key_part part = {id->type, BM_ORIGIN_VALUE, id->value};
    struct bm_key key = {.parts = &part, .canonical = bm_buffer_view(&watch->canonical)};
    struct bm_finding finding = finding_of(watch, &key, fingerprint, place);
    return bm_track_first(watch->plan, watch->track, &finding, err);
}

static int rises(const struct bm_id_watch *watch, const struct bm_element *id)
{
    int order = 0;
    return !watch->has_last ||
           (bm_index_id_compare(watch->track->index, &watch->last, id, &order) == BM_OK &&
            order < 0);
}

/* The order broke: from here on every _id is looked up. */
static enum bm_status break_order(struct bm_id_watch *watch, struct bm_error *err)
{
    if (watch->mode == BM_ID_LIST) {
        return list_to_set(watch, err);
    }
    watch->mode = BM_ID_LOST;
    watch->target->id_needs_set = 1;
    watch->plan->again |= BM_AGAIN_ID_ORDER;
    return BM_OK;
}

static enum bm_status note_refused(struct bm_id_watch *watch, const struct bm_document_place *place,
                                   const char *reason, struct bm_error *err)
{
    watch->plan->violations += watch->track->on_duplicate == BM_DUPLICATE_LEAVE ? 0 : 1;
    return bm_findings_unindexable(&watch->track->found, place, reason,
                                   watch->plan->options.document_limit, err);
}

void bm_id_watch_foresee(struct bm_id_watch *watch, struct bm_view document,
                         const struct bm_outline *outline, const struct bm_element *id,
                         struct bm_id_print *print)
{
    print->is_made = 0;
    print->problem = NULL;
    if (watch->mode == BM_ID_UNJUDGED) {
        return;
    }
    print->problem = bm_index_id_problem(watch->track->index, document, outline, id);
    if (watch->mode != BM_ID_SET || print->problem != NULL) {
        return;
    }
    if (fingerprint_of(watch, id, &print->fingerprint, &watch->unheard) != BM_OK) {
        watch->unheard = BM_ERROR_INIT; /* it will fail again when its turn comes */
        return;
    }
    print->is_made = 1;
    bm_seen_prefetch(watch->seen, print->fingerprint);
}

void bm_id_watch_foresee_depth(const struct bm_id_watch *watch, struct bm_view document,
                               struct bm_id_print *print)
{
    if (watch->mode != BM_ID_UNJUDGED && print->problem == NULL) {
        print->problem = bm_index_nesting_problem(watch->track->index, document);
    }
}

enum bm_status bm_id_watch_take(struct bm_id_watch *watch, const struct bm_element *id,
                                const struct bm_id_print *print,
                                const struct bm_document_place *place, int *came_before,
                                struct bm_error *err)
{
    *came_before = 0;
    if (watch->mode == BM_ID_UNJUDGED || watch->mode == BM_ID_LOST) {
        return BM_OK;
    }
    if (print->problem != NULL) {
        return note_refused(watch, place, print->problem, err);
    }
    if (watch->mode != BM_ID_SET && !rises(watch, id) && break_order(watch, err) != BM_OK) {
        return BM_FAIL;
    }
    watch->last = *id;
    watch->has_last = 1;
    if (watch->mode == BM_ID_LOST) {
        return BM_OK;
    }
    /* While they rise a key is made only where the server might refuse it. */
    int needs_key =
        watch->mode != BM_ID_RISING || bm_index_id_may_be_large(watch->track->index, id);
    struct bm_fingerprint fingerprint = print->fingerprint;
    enum bm_status status =
        !needs_key || print->is_made ? BM_OK : fingerprint_of(watch, id, &fingerprint, err);
    if (status == BM_END) {
        return BM_OK;
    }
    if (status == BM_OK) {
        if (watch->mode != BM_ID_RISING) {
            return look_up(watch, id, fingerprint, place, came_before, err);
        }
        watch->distinct++;
        return BM_OK;
    }
    if (err->code != BM_ERROR_VIOLATION) {
        return BM_FAIL;
    }
    struct bm_error failure = *err; /* nested too deep: the server would not take it either */
    *err = BM_ERROR_INIT;
    return note_refused(watch, place, failure.text, err);
}

enum bm_status bm_id_watch_hold(struct bm_id_watch *watch, struct bm_error *err)
{
    if (!watch->has_last || watch->last.value.data == watch->last_bytes.data ||
        (watch->mode != BM_ID_LIST && watch->mode != BM_ID_RISING)) {
        return BM_OK;
    }
    bm_buffer_clear(&watch->last_bytes);
    if (bm_buffer_append(&watch->last_bytes, watch->last.value, err) != BM_OK) {
        return BM_FAIL;
    }
    watch->last.value = bm_buffer_view(&watch->last_bytes);
    watch->last.name = watch->last.raw = (struct bm_view){NULL, 0};
    return BM_OK;
}

void bm_id_watch_free(struct bm_id_watch *watch)
{
    if (watch->plan != NULL) {
        drop_list(watch);
    }
    bm_seen_free(watch->seen);
    bm_buffer_free(&watch->last_bytes);
    bm_buffer_free(&watch->canonical);
}
