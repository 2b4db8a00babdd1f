/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/sweep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "key/compare.h"

/* A document that holds keys which others hold as well. */
struct holder {
    uint64_t ordinal;
    int direction;          /* 1: a larger rank comes first, -1: a smaller one */
    int has_rank;           /* 0: by the ordinal alone, behind those that have one */
    struct bm_element rank; /* its type; its value from bm_sweep_decide on */
    size_t rank_at;         /* in the ranks */
    size_t key_at, key_count;
};

struct lost {
    uint64_t ordinal;
    struct bm_lost_key key;
};

struct rejected {
    uint64_t ordinal;
    size_t track;
};

struct bm_sweep {
    struct bm_seen **shared; /* by track, NULL: none, or given back */
    size_t track_count;
    struct holder *holders;
    size_t holder_count, holder_capacity;
    struct bm_lost_key *keys; /* of the holders */
    size_t key_count, key_capacity;
    struct bm_buffer ranks; /* values that rank, as the dump has them */
    /* Decided: */
    struct lost *lost; /* sorted */
    size_t lost_count, lost_capacity;
    struct rejected *rejected; /* by ordinal */
    size_t rejected_count, rejected_capacity;
};

#define RANKS_MAX ((size_t)1 << 32)

static void free_shared(struct bm_sweep *sweep)
{
    for (size_t i = 0; sweep->shared != NULL && i < sweep->track_count; i++) {
        bm_seen_free(sweep->shared[i]);
    }
    free(sweep->shared);
    sweep->shared = NULL;
}

static void free_holders(struct bm_sweep *sweep)
{
    free(sweep->holders);
    free(sweep->keys);
    bm_buffer_free(&sweep->ranks);
    sweep->holders = NULL;
    sweep->keys = NULL;
    sweep->holder_count = sweep->holder_capacity = sweep->key_count = sweep->key_capacity = 0;
}

void bm_sweep_free(struct bm_sweep *sweep)
{
    if (sweep == NULL) {
        return;
    }
    free_shared(sweep);
    free_holders(sweep);
    free(sweep->lost);
    free(sweep->rejected);
    free(sweep);
}

static int is_contested(const struct bm_track *track)
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

static enum bm_status add_holder(struct bm_sweep *sweep, const struct bm_target *target,
                                 const struct bm_subject *subject, size_t key_at,
                                 struct bm_error *err)
{
    const struct bm_keep_rule *keep = target->keep;
    struct holder holder = {
        .ordinal = subject->place.ordinal,
        .direction = keep->which == BM_KEEP_OLDEST ? -1 : 1,
        .key_at = key_at,
        .key_count = sweep->key_count - key_at,
        .rank_at = sweep->ranks.len,
    };
    if (keep->field != NULL) {
        enum bm_status status = find_rank(subject->bytes, keep->field, &holder.rank, err);
        if (status == BM_FAIL ||
            (status == BM_OK && bm_buffer_append(&sweep->ranks, holder.rank.value, err) != BM_OK)) {
            return BM_FAIL;
        }
        holder.has_rank = status == BM_OK;
    }
    if (bm_grow(&sweep->holders, sweep->holder_count, &sweep->holder_capacity,
                sizeof *sweep->holders, err) != BM_OK) {
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

static enum bm_status gather_key(struct bm_sweep *sweep, size_t track,
                                 struct bm_fingerprint fingerprint, struct bm_error *err)
{
    int mark = bm_seen_find(sweep->shared[track], fingerprint);
    if (mark == BM_MARK_ABSENT || (mark & BM_MARK_SHARED) == 0) {
        return BM_OK;
    }
    if (bm_grow(&sweep->keys, sweep->key_count, &sweep->key_capacity, sizeof *sweep->keys, err) !=
        BM_OK) {
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
        if (!is_contested(&target->tracks[track]) ||
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
                                        : gather_key(target->sweep, track, fingerprint, err);
            if (status != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    return BM_OK;
}

/* As it will be once it is filled; what is drawn for that is like no value there is. */
static enum bm_status look_at_document(struct bm_judge *judge, const struct bm_subject *subject,
                                       struct bm_error *err)
{
    struct bm_sweep *sweep = judge->target->sweep;
    struct bm_view document = subject->bytes;
    size_t key_at = sweep != NULL ? sweep->key_count : 0;
    if (judge->target->fill_count > 0) {
        if (bm_mender_change(&judge->mender, subject, NULL, &document, err) == BM_FAIL) {
            return BM_FAIL;
        }
    }
    enum bm_status status = bm_keyset_make(judge->keyset, document, err);
    if (status == BM_OK) {
        status = look_at_keys(judge, subject, err);
    }
    if (judge->target->fill_count > 0) {
        bm_mender_undo(&judge->mender);
    }
    if (status != BM_OK || judge->plan->pass == BM_PASS_SHARED || sweep->key_count == key_at) {
        return status;
    }
    return add_holder(sweep, judge->target, subject, key_at, err);
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
    if (bm_document_check(subject.bytes, NULL, &judge->unheard) != BM_OK) {
        return bm_survey_forgive(judge, err); /* told in its turn; what is damaged is not changed */
    }
    enum bm_status status = bm_document_find(subject.bytes, bm_view_text("_id"), &id, err);
    if (status == BM_OK) {
        subject.place.id = id.raw;
    }
    return status == BM_FAIL ? BM_FAIL : look_at_document(judge, &subject, err);
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
        return BM_OK;
    }
    struct bm_sweep *sweep = bm_allocate(1, sizeof *sweep, err);
    if (sweep == NULL) {
        return BM_FAIL;
    }
    target->sweep = sweep;
    sweep->ranks = BM_BUFFER_INIT(RANKS_MAX);
    sweep->track_count = target->track_count;
    sweep->shared = judge->sets; /* they go with it */
    judge->sets = bm_allocate(target->track_count, sizeof *judge->sets, err);
    return judge->sets != NULL ? BM_OK : BM_FAIL;
}

/* ---- the sweep ---- */

static int compare_ranks(const struct holder *a, const struct holder *b)
{
    int left = bm_compare_class(a->rank.type);
    int right = bm_compare_class(b->rank.type);
    int order = (left > right) - (left < right);
    if (order == 0) {
        const struct bm_comparing comparing = {.origin = a->rank.value.data};
        struct bm_error unheard = BM_ERROR_INIT;
        /* What is nested deeper than a server takes is left to the ordinal. */
        if (bm_compare_values(&comparing, &a->rank, &b->rank, &order, &unheard) != BM_OK) {
            order = 0;
        }
    }
    return order;
}

/* Missing ranks last; ties by ordinal, of `last` the larger one first. */
static int compare_holders(const void *left, const void *right)
{
    const struct holder *a = left;
    const struct holder *b = right;
    if (a->has_rank != b->has_rank) {
        return a->has_rank ? -1 : 1;
    }
    int order = a->has_rank ? compare_ranks(a, b) * a->direction : 0;
    if (order != 0) {
        return order > 0 ? -1 : 1;
    }
    return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

static int compare_last(const void *left, const void *right)
{
    const struct holder *a = left;
    const struct holder *b = right;
    return a->ordinal > b->ordinal ? -1 : a->ordinal < b->ordinal;
}

static int compare_keys(const struct bm_lost_key *a, const struct bm_lost_key *b)
{
    if (a->track != b->track) {
        return a->track < b->track ? -1 : 1;
    }
    if (a->fingerprint.low != b->fingerprint.low) {
        return a->fingerprint.low < b->fingerprint.low ? -1 : 1;
    }
    return (a->fingerprint.high > b->fingerprint.high) -
           (a->fingerprint.high < b->fingerprint.high);
}

/* A key and by what it would be ranked; of one key those without a rank last. */
struct ranked_key {
    struct bm_lost_key key;
    const struct holder *holder;
};

static int compare_ranked(const void *left, const void *right)
{
    const struct ranked_key *a = left;
    const struct ranked_key *b = right;
    int order = compare_keys(&a->key, &b->key);
    if (order != 0) {
        return order;
    }
    if (a->holder->has_rank != b->holder->has_rank) {
        return a->holder->has_rank ? -1 : 1;
    }
    return a->holder->ordinal < b->holder->ordinal ? -1 : a->holder->ordinal > b->holder->ordinal;
}

static int ranks_by_array(const struct holder *holder)
{
    return holder->has_rank && holder->rank.type == BM_TYPE_ARRAY;
}

/* Whether two that share a key cannot be ranked: one without a rank comes after any, but not where
 * the other's is no one value. */
static int is_unrankable(const struct holder *a, const struct holder *b)
{
    return ranks_by_array(a) || ranks_by_array(b) ||
           (a->has_rank && b->has_rank &&
            bm_compare_class(a->rank.type) != bm_compare_class(b->rank.type));
}

static enum bm_status refuse_rank(const struct bm_target *target, const struct holder *a,
                                  const struct holder *b, struct bm_error *err)
{
    int is_array = ranks_by_array(a) || ranks_by_array(b);
    (void)bm_fail(err, BM_ERROR_VIOLATION, 0,
                  "--keep by %s: documents %" PRIu64 " and %" PRIu64
                  " (from 0) share a key, and the field holds %s: which one stays is not guessed",
                  target->keep->field, a->ordinal, b->ordinal,
                  is_array ? "an array" : "values of different types");
    return bm_error_in(err, target->ns->ns);
}

/* Documents that share a key must have ranks of one kind. */
static enum bm_status check_ranks(const struct bm_target *target, struct bm_error *err)
{
    const struct bm_sweep *sweep = target->sweep;
    struct ranked_key *ranked = bm_allocate(sweep->key_count, sizeof *ranked, err);
    size_t count = 0;
    enum bm_status status = ranked != NULL ? BM_OK : BM_FAIL;
    for (size_t i = 0; i < sweep->holder_count && status == BM_OK; i++) {
        const struct holder *holder = &sweep->holders[i];
        for (size_t k = 0; target->keep->field != NULL && k < holder->key_count; k++) {
            ranked[count++] = (struct ranked_key){sweep->keys[holder->key_at + k], holder};
        }
    }
    if (status == BM_OK && count > 1) {
        qsort(ranked, count, sizeof *ranked, compare_ranked);
    }
    for (size_t i = 1; i < count && status == BM_OK; i++) {
        const struct ranked_key *a = &ranked[i - 1];
        const struct ranked_key *b = &ranked[i];
        if (compare_keys(&a->key, &b->key) == 0 && is_unrankable(a->holder, b->holder)) {
            status = refuse_rank(target, a->holder, b->holder, err);
        }
    }
    free(ranked);
    return status;
}

static enum bm_status add_lost(struct bm_sweep *sweep, uint64_t ordinal,
                               const struct bm_lost_key *key, struct bm_error *err)
{
    if (bm_grow(&sweep->lost, sweep->lost_count, &sweep->lost_capacity, sizeof *sweep->lost, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    sweep->lost[sweep->lost_count++] = (struct lost){ordinal, *key};
    return BM_OK;
}

static enum bm_status add_rejected(struct bm_sweep *sweep, uint64_t ordinal, size_t track,
                                   struct bm_error *err)
{
    if (bm_grow(&sweep->rejected, sweep->rejected_count, &sweep->rejected_capacity,
                sizeof *sweep->rejected, err) != BM_OK) {
        return BM_FAIL;
    }
    sweep->rejected[sweep->rejected_count++] = (struct rejected){ordinal, track};
    return BM_OK;
}

/* One document in its turn: what is held already decides. */
static enum bm_status sweep_holder(const struct bm_target *target, struct bm_seen *const *held,
                                   const struct holder *holder, struct bm_error *err)
{
    struct bm_sweep *sweep = target->sweep;
    const struct bm_lost_key *keys = &sweep->keys[holder->key_at];
    size_t lost_before = sweep->lost_count;
    for (size_t i = 0; i < holder->key_count; i++) {
        int is_held = bm_seen_find(held[keys[i].track], keys[i].fingerprint) != BM_MARK_ABSENT;
        int refills = target->tracks[keys[i].track].on_duplicate == BM_DUPLICATE_REFILL;
        if (is_held && refills && add_lost(sweep, holder->ordinal, &keys[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < holder->key_count; i++) {
        int is_held = bm_seen_find(held[keys[i].track], keys[i].fingerprint) != BM_MARK_ABSENT;
        if (is_held && target->tracks[keys[i].track].on_duplicate == BM_DUPLICATE_REJECT) {
            sweep->lost_count = lost_before; /* it goes as it came */
            return add_rejected(sweep, holder->ordinal, keys[i].track, err);
        }
    }
    for (size_t i = 0; i < holder->key_count; i++) {
        if (bm_seen_find(held[keys[i].track], keys[i].fingerprint) == BM_MARK_ABSENT &&
            bm_seen_add(held[keys[i].track], keys[i].fingerprint, BM_MARK_PLAIN, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static int compare_lost_keys(const void *left, const void *right)
{
    const struct lost *a = left;
    const struct lost *b = right;
    if (a->ordinal != b->ordinal) {
        return a->ordinal < b->ordinal ? -1 : 1;
    }
    return compare_keys(&a->key, &b->key);
}

static int compare_rejected(const void *left, const void *right)
{
    const struct rejected *a = left;
    const struct rejected *b = right;
    return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

static void sort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1) {
        qsort(items, count, size, compare);
    }
}

static enum bm_status sweep_all(const struct bm_plan *plan, const struct bm_target *target,
                                struct bm_error *err)
{
    struct bm_sweep *sweep = target->sweep;
    enum bm_status status = BM_OK;
    struct bm_seen **held = bm_allocate(sweep->track_count, sizeof(struct bm_seen *), err);
    for (size_t i = 0; held != NULL && i < sweep->track_count && status == BM_OK; i++) {
        if (is_contested(&target->tracks[i])) {
            held[i] = bm_seen_new(plan->options.budget, err);
            status = held[i] != NULL ? BM_OK : BM_FAIL;
        }
    }
    status = held != NULL ? status : BM_FAIL;
    for (size_t i = 0; i < sweep->holder_count && status == BM_OK; i++) {
        status = sweep_holder(target, held, &sweep->holders[i], err);
    }
    for (size_t i = 0; held != NULL && i < sweep->track_count; i++) {
        bm_seen_free(held[i]);
    }
    free(held);
    return status;
}

static enum bm_status decide(const struct bm_plan *plan, struct bm_target *target,
                             struct bm_error *err)
{
    struct bm_sweep *sweep = target->sweep;
    for (size_t i = 0; i < sweep->holder_count; i++) {
        struct holder *holder = &sweep->holders[i];
        holder->rank.value.data = sweep->ranks.data + holder->rank_at;
        holder->rank.name = holder->rank.raw = (struct bm_view){NULL, 0};
    }
    if (check_ranks(target, err) != BM_OK) {
        return BM_FAIL;
    }
    sort(sweep->holders, sweep->holder_count, sizeof *sweep->holders,
         target->keep->which == BM_KEEP_LAST ? compare_last : compare_holders);
    if (sweep_all(plan, target, err) != BM_OK) {
        return BM_FAIL;
    }
    free_holders(sweep);
    sort(sweep->lost, sweep->lost_count, sizeof *sweep->lost, compare_lost_keys);
    sort(sweep->rejected, sweep->rejected_count, sizeof *sweep->rejected, compare_rejected);
    return BM_OK;
}

enum bm_status bm_sweep_decide(struct bm_plan *plan, struct bm_error *err)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        if (plan->targets[i].sweep != NULL && decide(plan, &plan->targets[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* ---- what was decided ---- */

int bm_sweep_loses(const struct bm_sweep *sweep, uint64_t ordinal, size_t track,
                   struct bm_fingerprint fingerprint)
{
    const struct lost wanted = {ordinal, {track, fingerprint}};
    return sweep != NULL && sweep->lost_count > 0 &&
           bsearch(&wanted, sweep->lost, sweep->lost_count, sizeof wanted, compare_lost_keys) !=
               NULL;
}

size_t bm_sweep_rejects(const struct bm_sweep *sweep, uint64_t ordinal)
{
    const struct rejected wanted = {ordinal, 0};
    if (sweep == NULL || sweep->rejected_count == 0) {
        return BM_NO_TRACK;
    }
    const struct rejected *found =
        bsearch(&wanted, sweep->rejected, sweep->rejected_count, sizeof wanted, compare_rejected);
    return found != NULL ? found->track : BM_NO_TRACK;
}
