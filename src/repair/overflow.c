/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/overflow.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "repair/fill.h"
#include "repair/plan.h"
#include "repair/sweep.h"
#include "seen/budget.h"
#include "seen/keyfile.h"

/* Of a record's place: below it the running number, above it the track. */
#define PLACE_BITS 40u

#define MEMORY_BESIDE ((uint64_t)16 << 20)
#define KEYFILE_MOST ((uint64_t)256 << 20) /* more makes it hardly any faster */

/* A token that is drawn while the keys are not in memory is not looked up among all of them: only
 * kinds are taken for which that is as good as never needed. */
#define TOKEN_BITS_LEAST 96u

static int takes_fills(const struct bm_target *target)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        const struct bm_fill *fill = &target->fills[i];
        /* A refill changes keys that no record tells of. */
        if (fill->refills != BM_NO_TRACK ||
            (fill->shape != NULL && bm_token_shape_bits(fill->shape) < TOKEN_BITS_LEAST)) {
            return 0;
        }
    }
    return 1;
}

/* Whether some set of the namespace was in memory whole. */
static int has_unsifted(const struct bm_target *target)
{
    for (size_t i = 0; i < target->track_count; i++) {
        const struct bm_track *track = &target->tracks[i];
        int has_set = track->role == BM_TRACK_JUDGED || track->role == BM_TRACK_VALUES ||
                      (track->role == BM_TRACK_ID && target->id_needs_set);
        if (has_set && track->sieve == NULL) {
            return 1;
        }
    }
    return 0;
}

/* All at once: what sets in memory take is missing where shared keys are gathered. */
static int record_ahead(struct bm_plan *plan)
{
    size_t more = 0;
    for (size_t i = 0; plan->options.folder != NULL && i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (target->looks_ahead && !target->records_ahead && takes_fills(target)) {
            target->records_ahead = 1;
            more++;
        }
    }
    plan->again |= more > 0 ? BM_AGAIN_OVERFLOW : BM_AGAIN_NO;
    return (plan->again & BM_AGAIN_OVERFLOW) != 0; /* or another namespace was short before */
}

int bm_overflow_begins(struct bm_plan *plan, struct bm_target *target)
{
    if (plan->pass == BM_PASS_SHARED || plan->pass == BM_PASS_GATHER) {
        return record_ahead(plan);
    }
    if (plan->pass != BM_PASS_JUDGE || plan->options.folder == NULL || !plan->options.repeatable ||
        !takes_fills(target) || (target->spills && !has_unsifted(target))) {
        return 0;
    }
    target->spills = 1;
    plan->again |= BM_AGAIN_OVERFLOW;
    return 1;
}

#define SHARED_ALONE ", even those alone that several documents share: allow more"

static enum bm_status refuse(const struct bm_plan *plan, const char *why, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_MEMORY, 0, "the keys would outgrow --memory (%llu bytes)%s",
                   (unsigned long long)plan->options.budget->limit, why);
}

enum bm_status bm_overflow_refuse(const struct bm_plan *plan, const struct bm_target *target,
                                  struct bm_error *err)
{
    if (!plan->options.repeatable) {
        return refuse(plan,
                      ", and a pipe can be read only once: allow more, give a file, or name a "
                      "folder with --spool",
                      err);
    }
    if (plan->pass == BM_PASS_GATHER) {
        return refuse(plan, SHARED_ALONE, err);
    }
    if (!takes_fills(target)) {
        return refuse(
            plan, "; refills and tokens of fewer than 96 bits need all in memory: allow more", err);
    }
    return refuse(plan, target->spills || target->records_ahead ? SHARED_ALONE : ": allow more",
                  err);
}

static enum bm_status open_keyfile(struct bm_plan *plan, struct bm_error *err)
{
    struct bm_overflow *overflow = &plan->overflow;
    /* A part of the budget now, and for what is read back later; the rest for what that tells.
     * Where sets have taken the budget, it comes on top of it until the first of them is moved. */
    overflow->memory = plan->options.budget->limit / 4;
    overflow->memory = overflow->memory < KEYFILE_MOST ? overflow->memory : KEYFILE_MOST;
    if (!plan->options.repeatable && overflow->memory > MEMORY_BESIDE) {
        overflow->memory = MEMORY_BESIDE;
    }
    overflow->memory =
        overflow->memory < BM_KEYFILE_MEMORY_LEAST ? BM_KEYFILE_MEMORY_LEAST : overflow->memory;
    overflow->keyfile =
        bm_keyfile_new(plan->options.folder, (size_t)overflow->memory, plan->options.stop, err);
    if (overflow->keyfile == NULL) {
        return BM_FAIL;
    }
    plan->options.budget->used += overflow->memory;
    return BM_OK;
}

static void close_keyfile(struct bm_plan *plan)
{
    struct bm_overflow *overflow = &plan->overflow;
    if (overflow->keyfile != NULL) {
        bm_keyfile_free(overflow->keyfile);
        plan->options.budget->used -= overflow->memory;
    }
    overflow->keyfile = NULL;
    overflow->count = 0;
}

/* As good as random, and another one for each track. */
static struct bm_fingerprint mask_of(const struct bm_plan *plan, uint64_t number)
{
    uint8_t bytes[8];
    bm_put_le64(bytes, number);
    return bm_fingerprint_of(plan->options.hash_key, (struct bm_view){bytes, sizeof bytes});
}

/* The next number is the track's, and the key file is open. */
static enum bm_status add_track(struct bm_plan *plan, struct bm_track *track,
                                struct bm_recording *out, struct bm_error *err)
{
    struct bm_overflow *overflow = &plan->overflow;
    if (overflow->count >> (64 - PLACE_BITS) != 0) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "too many indexes to record the keys of");
    }
    if (overflow->keyfile == NULL && open_keyfile(plan, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_grow(&overflow->tracks, overflow->count, &overflow->capacity, sizeof(struct bm_track *),
                err) != BM_OK) {
        return BM_FAIL;
    }
    *out = (struct bm_recording){
        .keyfile = overflow->keyfile,
        .mask = mask_of(plan, overflow->count),
        .place = (uint64_t)overflow->count << PLACE_BITS,
    };
    overflow->tracks[overflow->count++] = track;
    return BM_OK;
}

static enum bm_status record_track(struct bm_plan *plan, struct bm_track *track,
                                   struct bm_seen *set, struct bm_error *err)
{
    struct bm_recording recording;
    bm_seen_free(track->sieve);
    track->sieve = bm_seen_new(plan->options.budget, err);
    if (track->sieve == NULL || add_track(plan, track, &recording, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_seen_record(set, &recording);
    return BM_OK;
}

static enum bm_status open_outlet(const struct bm_outlet *outlet, struct bm_recording *out,
                                  struct bm_error *err)
{
    const struct bm_track_outlet *self = (const struct bm_track_outlet *)outlet;
    return add_track(self->plan, self->track, out, err);
}

/* Copies of one _id that are left get tokens of their own, by what is held then. */
static int fills_copies(const struct bm_target *target)
{
    for (size_t i = 0; i < target->track_count; i++) {
        if (target->tracks[i].role == BM_TRACK_ID &&
            target->tracks[i].on_duplicate == BM_DUPLICATE_LEAVE) {
            return target->fill_count > 0;
        }
    }
    return 0;
}

/* Who is taken out is decided document by document, by what is held then. */
static int can_spill(const struct bm_plan *plan, const struct bm_target *target)
{
    return plan->pass == BM_PASS_JUDGE && plan->options.folder != NULL &&
           !plan->options.repeatable && !target->contested && takes_fills(target) &&
           !fills_copies(target);
}

static enum bm_status sift(const struct bm_plan *plan, const struct bm_track *track,
                           struct bm_seen *set, struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    uint64_t refused = plan->options.budget->refused;
    if (bm_seen_sift(set, track->sieve, &failure) == BM_OK) {
        return BM_OK;
    }
    if (refused != plan->options.budget->refused) {
        return refuse(plan, SHARED_ALONE, err);
    }
    *err = failure;
    return BM_FAIL;
}

enum bm_status bm_overflow_prepare(struct bm_plan *plan, const struct bm_target *target,
                                   struct bm_track *track, struct bm_seen *set,
                                   struct bm_error *err)
{
    if (plan->pass == BM_PASS_RECORD ||
        (plan->pass == BM_PASS_SHARED && target->records_ahead && bm_sweep_is_contested(track))) {
        return record_track(plan, track, set, err);
    }
    if (track->sieve != NULL && plan->pass == BM_PASS_JUDGE) {
        return sift(plan, track, set, err);
    }
    if (can_spill(plan, target)) {
        track->outlet = (struct bm_track_outlet){{open_outlet}, plan, track};
        bm_seen_spill(set, &track->outlet.base);
    }
    return BM_OK;
}

static enum bm_status take_shared(void *context, const struct bm_keyfile_record *record,
                                  uint64_t number, uint64_t size, struct bm_error *err)
{
    (void)size;
    struct bm_plan *plan = context;
    if (number != 0) {
        return BM_OK;
    }
    uint64_t which = record->place >> PLACE_BITS;
    struct bm_fingerprint mask = mask_of(plan, which);
    struct bm_fingerprint key = {record->fingerprint.low ^ mask.low,
                                 record->fingerprint.high ^ mask.high};
    return bm_seen_add(plan->overflow.tracks[which]->sieve, key, BM_MARK_PLAIN, err);
}

/* What the records of the group under way tell, from the first to the last of them. */
struct totals {
    struct bm_plan *plan;
    uint64_t marks;   /* or-ed */
    uint64_t second;  /* place of the second record */
    int has_collided; /* a token with a value, or with another */
};

static enum bm_status count_group(struct totals *totals, const struct bm_keyfile_record *record,
                                  uint64_t size, struct bm_error *err)
{
    struct bm_plan *plan = totals->plan;
    uint64_t which = record->place >> PLACE_BITS;
    struct bm_track *track = plan->overflow.tracks[which];
    if (track->fill != BM_NO_FILL && (totals->marks & BM_MARK_OURS) != 0) {
        totals->has_collided = 1;
        return BM_OK;
    }
    if (track->role == BM_TRACK_VALUES) {
        return BM_OK;
    }
    struct bm_fingerprint mask = mask_of(plan, which);
    const struct bm_records_found found = {
        .fingerprint = {record->fingerprint.low ^ mask.low, record->fingerprint.high ^ mask.high},
        .more = size - 1,
        .is_known = (totals->marks & BM_MARK_SHARED) != 0,
        .order = totals->second,
        .group_limit = plan->options.group_limit,
    };
    plan->violations += track->on_duplicate == BM_DUPLICATE_LEAVE ? 0 : size - 1;
    plan->overflow.untold += found.is_known ? 0 : 1;
    return bm_findings_records(&track->found, &found, err);
}

static enum bm_status take_total(void *context, const struct bm_keyfile_record *record,
                                 uint64_t number, uint64_t size, struct bm_error *err)
{
    struct totals *totals = context;
    totals->marks = (number == 0 ? 0 : totals->marks) | (record->place & BM_RECORD_MARKS);
    totals->second = number == 1 ? record->place : totals->second;
    return number + 1 == size ? count_group(totals, record, size, err) : BM_OK;
}

static enum bm_status conclude_reading_once(struct bm_plan *plan, struct bm_error *err)
{
    struct bm_overflow *overflow = &plan->overflow;
    struct totals totals = {.plan = plan};
    if (overflow->keyfile == NULL) {
        return BM_OK;
    }
    overflow->recorded += bm_keyfile_count(overflow->keyfile);
    enum bm_status status = bm_keyfile_read(overflow->keyfile, take_total, &totals, err);
    for (size_t i = 0; i < overflow->count; i++) {
        bm_findings_records_end(&overflow->tracks[i]->found, plan->options.group_limit);
    }
    close_keyfile(plan);
    /* Copies of an _id have one token then, and are the fault that counts. */
    if (totals.has_collided && plan->violations == 0) {
        plan->again |= BM_AGAIN_LATE_COLLISION;
    }
    if (status == BM_OK && overflow->untold > 0) {
        status = bm_plan_note(plan, err,
                              "memory does not hold all keys, and a pipe can be read only once: "
                              "totals are exact, but %llu keys that several documents share are "
                              "not told; a file or --spool tells them, or more --memory",
                              (unsigned long long)overflow->untold);
    }
    return status;
}

/* ---- tokens that no key file had ---- */

enum bm_status bm_overflow_drawn(struct bm_plan *plan, struct bm_track *track,
                                 struct bm_fingerprint fingerprint, struct bm_error *err)
{
    if (plan->pass != BM_PASS_JUDGE || track->sieve == NULL ||
        bm_seen_find(track->sieve, fingerprint) != BM_MARK_ABSENT) {
        return BM_OK;
    }
    if (bm_budget_grow(plan->options.budget, &track->unrecorded, track->unrecorded_count,
                       &track->unrecorded_capacity, sizeof *track->unrecorded, err) != BM_OK) {
        return BM_FAIL;
    }
    track->unrecorded[track->unrecorded_count++] = fingerprint;
    plan->again |= BM_AGAIN_LATE_COLLISION;
    return BM_OK;
}

void bm_overflow_forget_unrecorded(struct bm_track *track, struct bm_budget *budget)
{
    bm_budget_free(budget, track->unrecorded, track->unrecorded_capacity,
                   sizeof *track->unrecorded);
    track->unrecorded = NULL;
    track->unrecorded_count = track->unrecorded_capacity = 0;
}

/* A sieve grows between passes only. */
static enum bm_status sieve_unrecorded(struct bm_plan *plan, struct bm_track *track,
                                       struct bm_error *err)
{
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < track->unrecorded_count && status == BM_OK; i++) {
        if (bm_seen_find(track->sieve, track->unrecorded[i]) == BM_MARK_ABSENT) {
            status = bm_seen_add(track->sieve, track->unrecorded[i], BM_MARK_PLAIN, err);
        }
    }
    bm_overflow_forget_unrecorded(track, plan->options.budget);
    return status;
}

static enum bm_status sieve_all_unrecorded(struct bm_plan *plan, struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    uint64_t refused = plan->options.budget->refused;
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        for (size_t t = 0; t < target->track_count; t++) {
            if (sieve_unrecorded(plan, &target->tracks[t], &failure) == BM_OK) {
                continue;
            }
            if (refused != plan->options.budget->refused) {
                return refuse(plan, SHARED_ALONE, err);
            }
            *err = failure;
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_overflow_conclude(struct bm_plan *plan, struct bm_error *err)
{
    struct bm_overflow *overflow = &plan->overflow;
    enum bm_status status = BM_OK;
    if (plan->pass == BM_PASS_JUDGE) {
        return sieve_all_unrecorded(plan, err) == BM_OK ? conclude_reading_once(plan, err)
                                                        : BM_FAIL;
    }
    struct bm_error failure = BM_ERROR_INIT;
    uint64_t refused = plan->options.budget->refused;
    if (overflow->keyfile != NULL) {
        overflow->recorded += bm_keyfile_count(overflow->keyfile);
        status = bm_keyfile_read(overflow->keyfile, take_shared, plan, &failure);
    }
    close_keyfile(plan);
    if (status != BM_OK && refused != plan->options.budget->refused) {
        return refuse(plan, SHARED_ALONE, err);
    }
    if (status != BM_OK) {
        *err = failure;
    }
    return status;
}

void bm_overflow_free(struct bm_plan *plan)
{
    close_keyfile(plan);
    free(plan->overflow.tracks);
}
