/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/contest.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repair/settle.h"
#include "repair/sweep.h"

void bm_contest_free(struct bm_contest *contest)
{
    free(contest->lost);
    bm_seen_free(contest->gone_ids);
    *contest = (struct bm_contest){0};
}

/* ---- what is held already ---- */

/* The number among the live tracks, by which the keyset knows them. */
static size_t live_of(const struct bm_judge *judge, size_t track)
{
    size_t live = 0;
    while (judge->live[live] != track) {
        live++;
    }
    return live;
}

static struct bm_fingerprint print_of(const struct bm_judge *judge, const struct bm_key *key)
{
    return bm_fingerprint_of(judge->plan->options.hash_key, key->canonical);
}

static enum bm_status keys_of(struct bm_judge *judge, size_t track, const struct bm_keys **keys,
                              struct bm_error *err)
{
    size_t live = live_of(judge, track);
    if (bm_keyset_turn_to(judge->keyset, live, err) != BM_OK) {
        return BM_FAIL;
    }
    *keys = bm_keyset_keys(judge->keyset, live);
    return BM_OK;
}

static int is_held(const struct bm_judge *judge, size_t track, struct bm_fingerprint fingerprint)
{
    return bm_seen_find(judge->sets[track], fingerprint) != BM_MARK_ABSENT;
}

/* Whether an earlier document has this _id, stayed or not. */
static enum bm_status look_back(struct bm_judge *judge, struct bm_subject *subject,
                                struct bm_error *err)
{
    size_t track = judge->target->id_track;
    const struct bm_keys *keys;
    if (track == BM_NO_TRACK || subject->place.id.len == 0) {
        return BM_OK;
    }
    if (keys_of(judge, track, &keys, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < keys->count; i++) {
        struct bm_fingerprint fingerprint = print_of(judge, &keys->keys[i]);
        const struct bm_seen *gone = judge->contest.gone_ids;
        subject->id_came_before |=
            is_held(judge, track, fingerprint) ||
            (gone != NULL && bm_seen_find(gone, fingerprint) != BM_MARK_ABSENT);
    }
    return BM_OK;
}

/* Of an _id that one document has alone nobody will ask: the sieve has all others. */
static enum bm_status make_gone_ids(struct bm_judge *judge, struct bm_error *err)
{
    const struct bm_track *track = &judge->target->tracks[judge->target->id_track];
    struct bm_contest *contest = &judge->contest;
    if (contest->gone_ids != NULL) {
        return BM_OK;
    }
    contest->gone_ids = bm_seen_new(judge->plan->options.budget, err);
    if (contest->gone_ids == NULL) {
        return BM_FAIL;
    }
    return track->sieve != NULL ? bm_seen_sift(contest->gone_ids, track->sieve, err) : BM_OK;
}

/* It is tokens that depend on whether an _id came before. A pass that records makes the sieve, in
 * which an _id that is also of documents that go must be. */
static enum bm_status remember_id(struct bm_judge *judge, const struct bm_subject *subject,
                                  struct bm_error *err)
{
    size_t track = judge->target->id_track;
    struct bm_contest *contest = &judge->contest;
    const struct bm_keys *keys;
    if (track == BM_NO_TRACK || subject->place.id.len == 0 || judge->target->fill_count == 0) {
        return BM_OK;
    }
    if (make_gone_ids(judge, err) != BM_OK || keys_of(judge, track, &keys, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < keys->count; i++) {
        struct bm_fingerprint fingerprint = print_of(judge, &keys->keys[i]);
        struct bm_seen *ids =
            judge->plan->pass == BM_PASS_RECORD ? judge->sets[track] : contest->gone_ids;
        if (bm_seen_find(ids, fingerprint) == BM_MARK_ABSENT &&
            bm_seen_add(ids, fingerprint, BM_MARK_PLAIN, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* ---- refill ---- */

static int compare_lost(const void *left, const void *right)
{
    const struct bm_lost_key *a = left;
    const struct bm_lost_key *b = right;
    if (a->track != b->track) {
        return a->track < b->track ? -1 : 1;
    }
    if (a->fingerprint.low != b->fingerprint.low) {
        return a->fingerprint.low < b->fingerprint.low ? -1 : 1;
    }
    return a->fingerprint.high < b->fingerprint.high ? -1
                                                     : a->fingerprint.high > b->fingerprint.high;
}

static enum bm_status lose(struct bm_contest *contest, size_t track,
                           struct bm_fingerprint fingerprint, struct bm_error *err)
{
    if (bm_grow(&contest->lost, contest->lost_count, &contest->lost_capacity, sizeof *contest->lost,
                err) != BM_OK) {
        return BM_FAIL;
    }
    contest->lost[contest->lost_count++] = (struct bm_lost_key){track, fingerprint};
    return BM_OK;
}

/* The keys of the document, as it is filled, that it cannot hold in an index that is refilled. */
static enum bm_status find_lost(struct bm_judge *judge, const struct bm_subject *subject,
                                struct bm_error *err)
{
    struct bm_target *target = judge->target;
    struct bm_contest *contest = &judge->contest;
    contest->lost_count = 0;
    for (size_t track = 0; track < target->track_count; track++) {
        const struct bm_keys *keys;
        if (target->tracks[track].on_duplicate != BM_DUPLICATE_REFILL) {
            continue;
        }
        if (keys_of(judge, track, &keys, err) != BM_OK) {
            return BM_FAIL;
        }
        for (size_t i = 0; i < keys->count; i++) {
            struct bm_fingerprint fingerprint = print_of(judge, &keys->keys[i]);
            int is_lost =
                target->looks_ahead
                    ? bm_sweep_loses(target->sweep, subject->place.ordinal, track, fingerprint)
                    : is_held(judge, track, fingerprint);
            if (is_lost && lose(contest, track, fingerprint, err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    if (contest->lost_count > 1) {
        qsort(contest->lost, contest->lost_count, sizeof *contest->lost, compare_lost);
    }
    return BM_OK;
}

/* A value whose key is lost is wished for: it gets a new token. */
struct wishing {
    struct bm_judge *judge;
    struct bm_error *err;
    int failed;
};

static int wants(void *context, size_t fill, const struct bm_element *value)
{
    struct wishing *wishing = context;
    struct bm_judge *judge = wishing->judge;
    const struct bm_contest *contest = &judge->contest;
    struct bm_lost_key key = {.track = judge->target->fills[fill].refills};
    if (key.track == BM_NO_TRACK || wishing->failed) {
        return 0;
    }
    if (bm_mender_fingerprint(&judge->mender, &judge->target->tracks[key.track], value,
                              &key.fingerprint, &judge->unheard) != BM_OK) {
        struct bm_error failure = judge->unheard;
        judge->unheard = BM_ERROR_INIT;
        /* A value without a key, such as a symbol under a collation, has lost none. */
        wishing->failed = failure.code != BM_ERROR_VIOLATION;
        *wishing->err = wishing->failed ? failure : *wishing->err;
        return 0;
    }
    return bsearch(&key, contest->lost, contest->lost_count, sizeof key, compare_lost) != NULL;
}

static enum bm_status refill(struct bm_judge *judge, const struct bm_subject *subject,
                             struct bm_view *document, struct bm_error *err)
{
    struct wishing wishing = {.judge = judge, .err = err};
    const struct bm_fill_wish wish = {wants, &wishing};
    *document = subject->bytes;
    enum bm_status status = bm_mender_change(&judge->mender, subject, &wish, document, err);
    return status == BM_FAIL || wishing.failed ? BM_FAIL : BM_OK;
}

/* ---- reject ---- */

/* The track where another document holds a key of this one, NULL: it stays. */
static enum bm_status find_rival(struct bm_judge *judge, const struct bm_subject *subject,
                                 const struct bm_track **rival, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    *rival = NULL;
    if (target->looks_ahead) {
        size_t track = bm_sweep_rejects(target->sweep, subject->place.ordinal);
        *rival = track != BM_NO_TRACK ? &target->tracks[track] : NULL;
        return BM_OK;
    }
    for (size_t track = 0; track < target->track_count && *rival == NULL; track++) {
        const struct bm_keys *keys;
        if (target->tracks[track].on_duplicate != BM_DUPLICATE_REJECT) {
            continue;
        }
        if (keys_of(judge, track, &keys, err) != BM_OK) {
            return BM_FAIL;
        }
        for (size_t i = 0; i < keys->count; i++) {
            if (is_held(judge, track, print_of(judge, &keys->keys[i]))) {
                *rival = &target->tracks[track];
            }
        }
    }
    return BM_OK;
}

/* ---- one document ---- */

static enum bm_status make_keys(struct bm_judge *judge, struct bm_view document,
                                struct bm_error *err)
{
    return judge->keyset != NULL ? bm_keyset_make(judge->keyset, document, err) : BM_OK;
}

/* As rules of empty fields, and then of refilled ones, have it; nothing is settled yet. */
static enum bm_status change(struct bm_judge *judge, const struct bm_subject *subject,
                             struct bm_view *document, int *is_changed, struct bm_error *err)
{
    enum bm_status status = BM_END;
    if (judge->target->fill_count > 0) {
        status = bm_mender_change(&judge->mender, subject, NULL, document, err);
    }
    if (status == BM_FAIL || (status == BM_OK && make_keys(judge, *document, err) != BM_OK) ||
        find_lost(judge, subject, err) != BM_OK) {
        return BM_FAIL;
    }
    *is_changed = status == BM_OK;
    if (judge->contest.lost_count == 0) {
        return BM_OK;
    }
    bm_mender_undo(&judge->mender);
    if (refill(judge, subject, document, err) != BM_OK) {
        return BM_FAIL;
    }
    *is_changed = document->data != subject->bytes.data;
    return make_keys(judge, *document, err);
}

static enum bm_status reject(struct bm_judge *judge, const struct bm_subject *subject,
                             const struct bm_track *rival, struct bm_error *err)
{
    if (judge->target->fill_count > 0) {
        bm_mender_undo(&judge->mender);
    }
    return remember_id(judge, subject, err) == BM_OK
               ? bm_mender_drop(&judge->mender, subject, rival, err)
               : BM_FAIL;
}

enum bm_status bm_contest_settle(struct bm_judge *judge, struct bm_survey *survey,
                                 struct bm_error *err)
{
    struct bm_subject *subject = &survey->subject;
    struct bm_view document = subject->bytes;
    const struct bm_track *rival;
    int is_changed = 0;
    if (make_keys(judge, document, err) != BM_OK || look_back(judge, subject, err) != BM_OK ||
        bm_settle_values(judge, subject, err) != BM_OK ||
        change(judge, subject, &document, &is_changed, err) != BM_OK ||
        find_rival(judge, subject, &rival, err) != BM_OK) {
        return BM_FAIL;
    }
    if (rival != NULL) {
        return reject(judge, subject, rival, err);
    }
    if (judge->target->fill_count > 0 && bm_mender_settle(&judge->mender, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_settle_rest(judge, survey, document, is_changed, err);
}

/* ---- once more, to look for first documents ---- */

static enum bm_status hold(struct bm_judge *judge, size_t track, struct bm_error *err)
{
    const struct bm_keys *keys;
    if (keys_of(judge, track, &keys, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < keys->count; i++) {
        struct bm_fingerprint fingerprint = print_of(judge, &keys->keys[i]);
        if (!is_held(judge, track, fingerprint) &&
            bm_seen_add(judge->sets[track], fingerprint, BM_MARK_PLAIN, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_contest_redo(struct bm_judge *judge, const struct bm_subject *subject,
                               struct bm_view *document, struct bm_error *err)
{
    const struct bm_target *target = judge->target;
    int is_changed = 0;
    if (make_keys(judge, *document, err) != BM_OK ||
        change(judge, subject, document, &is_changed, err) != BM_OK ||
        (target->fill_count > 0 && bm_mender_settle(&judge->mender, err) != BM_OK)) {
        return BM_FAIL;
    }
    for (size_t track = 0; track < target->track_count && !target->looks_ahead; track++) {
        if (target->tracks[track].on_duplicate == BM_DUPLICATE_REFILL &&
            hold(judge, track, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
