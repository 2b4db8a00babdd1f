/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/sweep_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "key/compare.h"
#include "repair/overflow.h"
#include "seen/budget.h"

/* ---- the sweep ---- */

static struct bm_element rank_of(const struct bm_holder *holder)
{
    return (struct bm_element){.type = holder->rank_type,
                               .value = {holder->rank, holder->rank_len}};
}

static int compare_ranks(const struct bm_holder *a, const struct bm_holder *b)
{
    int left = bm_compare_class(a->rank_type);
    int right = bm_compare_class(b->rank_type);
    int order = (left > right) - (left < right);
    if (order == 0) {
        const struct bm_comparing comparing = {.origin = a->rank};
        const struct bm_element ranks[] = {rank_of(a), rank_of(b)};
        struct bm_error unheard = BM_ERROR_INIT;
        /* What is nested deeper than a server takes is left to the ordinal. */
        if (bm_compare_values(&comparing, &ranks[0], &ranks[1], &order, &unheard) != BM_OK) {
            order = 0;
        }
    }
    return order;
}

/* Missing ranks last; ties by ordinal, of `last` the larger one first. */
static int compare_ordinals(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_holders(const void *left, const void *right)
{
    const struct bm_holder *a = left;
    const struct bm_holder *b = right;
    if (a->has_rank != b->has_rank) {
        return a->has_rank ? -1 : 1;
    }
    int order = a->has_rank ? compare_ranks(a, b) * a->direction : 0;
    if (order != 0) {
        return order > 0 ? -1 : 1;
    }
    return compare_ordinals(a->ordinal, b->ordinal);
}

static int compare_last(const void *left, const void *right)
{
    const struct bm_holder *a = left;
    const struct bm_holder *b = right;
    return compare_ordinals(b->ordinal, a->ordinal);
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
    const struct bm_holder *holder;
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
    return compare_ordinals(a->holder->ordinal, b->holder->ordinal);
}

static int ranks_by_array(const struct bm_holder *holder)
{
    return holder->has_rank && holder->rank_type == BM_TYPE_ARRAY;
}

/* Whether two that share a key cannot be ranked: one without a rank comes after any, but not where
 * the other's is no one value. */
static int is_unrankable(const struct bm_holder *a, const struct bm_holder *b)
{
    return ranks_by_array(a) || ranks_by_array(b) ||
           (a->has_rank && b->has_rank &&
            bm_compare_class(a->rank_type) != bm_compare_class(b->rank_type));
}

static enum bm_status refuse_rank(const struct bm_target *target, const struct bm_holder *a,
                                  const struct bm_holder *b, struct bm_error *err)
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
static enum bm_status check_ranks(const struct bm_target *target, struct bm_budget *budget,
                                  struct bm_error *err)
{
    const struct bm_sweep *sweep = target->sweep;
    if (target->keep->field == NULL) {
        return BM_OK; /* by ordinal, which all have */
    }
    uint64_t bytes = 2 * (uint64_t)sweep->key_count * sizeof(struct ranked_key); /* and to sort */
    if (bm_budget_take(budget, bytes, err) != BM_OK) {
        return BM_FAIL;
    }
    struct ranked_key *ranked = bm_allocate(sweep->key_count, sizeof *ranked, err);
    size_t count = 0;
    enum bm_status status = ranked != NULL ? BM_OK : BM_FAIL;
    for (size_t i = 0; i < sweep->holder_count && status == BM_OK; i++) {
        const struct bm_holder *holder = &sweep->holders[i];
        for (size_t k = 0; k < holder->key_count; k++) {
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
    bm_budget_give(budget, bytes);
    return status;
}

static enum bm_status add_lost(struct bm_sweep *sweep, struct bm_budget *budget, uint64_t ordinal,
                               const struct bm_lost_key *key, struct bm_error *err)
{
    if (bm_budget_grow(budget, &sweep->lost, sweep->lost_count, &sweep->lost_capacity,
                       sizeof *sweep->lost, err) != BM_OK) {
        return BM_FAIL;
    }
    sweep->lost[sweep->lost_count++] = (struct bm_lost){ordinal, *key};
    return BM_OK;
}

static enum bm_status add_rejected(struct bm_sweep *sweep, struct bm_budget *budget,
                                   uint64_t ordinal, size_t track, struct bm_error *err)
{
    if (bm_budget_grow(budget, &sweep->rejected, sweep->rejected_count, &sweep->rejected_capacity,
                       sizeof *sweep->rejected, err) != BM_OK) {
        return BM_FAIL;
    }
    sweep->rejected[sweep->rejected_count++] = (struct bm_rejected){ordinal, track};
    return BM_OK;
}

/* One document in its turn: what is held already decides. */
static enum bm_status sweep_holder(const struct bm_target *target, struct bm_budget *budget,
                                   struct bm_seen *const *held, const struct bm_holder *holder,
                                   struct bm_error *err)
{
    struct bm_sweep *sweep = target->sweep;
    const struct bm_lost_key *keys = &sweep->keys[holder->key_at];
    size_t lost_before = sweep->lost_count;
    size_t wishes = holder->is_damaged ? 0 : holder->key_count;
    for (size_t i = 0; i < wishes; i++) {
        int is_held = bm_seen_find(held[keys[i].track], keys[i].fingerprint) != BM_MARK_ABSENT;
        int refills = target->tracks[keys[i].track].on_duplicate == BM_DUPLICATE_REFILL;
        if (is_held && refills &&
            add_lost(sweep, budget, holder->ordinal, &keys[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < wishes; i++) {
        int is_held = bm_seen_find(held[keys[i].track], keys[i].fingerprint) != BM_MARK_ABSENT;
        if (is_held && target->tracks[keys[i].track].on_duplicate == BM_DUPLICATE_REJECT) {
            sweep->lost_count = lost_before; /* it goes as it came */
            return add_rejected(sweep, budget, holder->ordinal, keys[i].track, err);
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
    const struct bm_lost *a = left;
    const struct bm_lost *b = right;
    int order = compare_ordinals(a->ordinal, b->ordinal);
    return order != 0 ? order : compare_keys(&a->key, &b->key);
}

static int compare_rejected(const void *left, const void *right)
{
    const struct bm_rejected *a = left;
    const struct bm_rejected *b = right;
    return compare_ordinals(a->ordinal, b->ordinal);
}

/* Which may take as much memory again. */
static enum bm_status sort(struct bm_budget *budget, void *items, size_t count, size_t size,
                           int (*compare)(const void *, const void *), struct bm_error *err)
{
    if (count < 2) {
        return BM_OK;
    }
    if (bm_budget_take(budget, (uint64_t)count * size, err) != BM_OK) {
        return BM_FAIL;
    }
    qsort(items, count, size, compare);
    bm_budget_give(budget, (uint64_t)count * size);
    return BM_OK;
}

static enum bm_status sweep_all(const struct bm_plan *plan, const struct bm_target *target,
                                struct bm_error *err)
{
    struct bm_sweep *sweep = target->sweep;
    enum bm_status status = BM_OK;
    struct bm_seen **held = bm_allocate(sweep->track_count, sizeof(struct bm_seen *), err);
    for (size_t i = 0; held != NULL && i < sweep->track_count && status == BM_OK; i++) {
        if (bm_sweep_is_contested(&target->tracks[i])) {
            held[i] = bm_seen_new(plan->options.budget, err);
            status = held[i] != NULL ? BM_OK : BM_FAIL;
        }
    }
    status = held != NULL ? status : BM_FAIL;
    for (size_t i = 0; i < sweep->holder_count && status == BM_OK; i++) {
        status = sweep_holder(target, plan->options.budget, held, &sweep->holders[i], err);
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
    struct bm_budget *budget = plan->options.budget;
    for (size_t i = 0; i < sweep->holder_count; i++) {
        struct bm_holder *holder = &sweep->holders[i];
        holder->rank = holder->rank_len > 0 ? sweep->ranks + holder->rank_at : NULL;
    }
    if (check_ranks(target, budget, err) != BM_OK ||
        sort(budget, sweep->holders, sweep->holder_count, sizeof *sweep->holders,
             target->keep->which == BM_KEEP_LAST ? compare_last : compare_holders, err) != BM_OK ||
        sweep_all(plan, target, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_sweep_forget_holders(sweep, budget);
    return sort(budget, sweep->lost, sweep->lost_count, sizeof *sweep->lost, compare_lost_keys,
                err) == BM_OK
               ? sort(budget, sweep->rejected, sweep->rejected_count, sizeof *sweep->rejected,
                      compare_rejected, err)
               : BM_FAIL;
}

enum bm_status bm_sweep_decide(struct bm_plan *plan, struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    uint64_t refused = plan->options.budget->refused;
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (target->sweep == NULL || decide(plan, target, &failure) == BM_OK) {
            continue;
        }
        if (refused == plan->options.budget->refused) {
            *err = failure;
            return BM_FAIL;
        }
        (void)bm_overflow_refuse(plan, target, err);
        return bm_error_in(err, target->ns->ns);
    }
    return BM_OK;
}

/* ---- what was decided ---- */

int bm_sweep_loses(const struct bm_sweep *sweep, uint64_t ordinal, size_t track,
                   struct bm_fingerprint fingerprint)
{
    const struct bm_lost wanted = {ordinal, {track, fingerprint}};
    return sweep != NULL && sweep->lost_count > 0 &&
           bsearch(&wanted, sweep->lost, sweep->lost_count, sizeof wanted, compare_lost_keys) !=
               NULL;
}

size_t bm_sweep_rejects(const struct bm_sweep *sweep, uint64_t ordinal)
{
    const struct bm_rejected wanted = {ordinal, 0};
    if (sweep == NULL || sweep->rejected_count == 0) {
        return BM_NO_TRACK;
    }
    const struct bm_rejected *found =
        bsearch(&wanted, sweep->rejected, sweep->rejected_count, sizeof wanted, compare_rejected);
    return found != NULL ? found->track : BM_NO_TRACK;
}
