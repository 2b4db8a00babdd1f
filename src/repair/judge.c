/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/repair.h"

#include <stdlib.h>

#include "base/memory.h"
#include "repair/id_watch.h"
#include "repair/mender.h"
#include "repair/plan.h"

#define WINDOW 32u       /* documents whose keys are made before any is looked up */
#define PRINTS_MAX 1024u /* their keys; a document beyond that takes the slow way */
#define DAMAGE_KEPT 1000u

/* A key of a document in the window. */
struct print {
    size_t track;
    struct bm_fingerprint fingerprint;
    int is_absent;
};

/*
 * What a first look at a document found. Most documents are whole, need no token and hold only new
 * keys: for them the fingerprints are all it takes. The others take the slow way, which makes
 * everything anew.
 */
struct survey {
    struct bm_subject subject;
    struct bm_element id;
    struct bm_id_print id_print;
    size_t first_print;
    size_t print_count;
    int is_slow;
    int is_damaged;
};

struct bm_judge {
    struct bm_plan *plan;
    struct bm_target *target;
    struct bm_seen **sets;           /* by track, NULL: it has none */
    const struct bm_index **indexes; /* of the tracks with a set, as the keyset has them */
    size_t *live;                    /* their numbers */
    size_t live_count;
    struct bm_keyset *keyset; /* NULL: no track has a set */
    struct bm_id_watch id;
    struct bm_mender mender;
    struct bm_error unheard; /* of a document's damage; one struct, as it is large */
    struct survey surveys[WINDOW];
    struct print prints[PRINTS_MAX];
    size_t print_count;
};

static enum bm_status make_sets(struct bm_judge *judge, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    size_t count = target->track_count;
    judge->sets = bm_allocate(count, sizeof *judge->sets, err);
    judge->indexes = bm_allocate(count, sizeof *judge->indexes, err);
    judge->live = bm_allocate(count, sizeof *judge->live, err);
    if (judge->sets == NULL || judge->indexes == NULL || judge->live == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < count; i++) {
        struct bm_track *track = &target->tracks[i];
        if (track->role != BM_TRACK_JUDGED && track->role != BM_TRACK_VALUES) {
            continue;
        }
        judge->sets[i] = bm_seen_new(judge->plan->options.budget, err);
        if (judge->sets[i] == NULL) {
            return BM_FAIL;
        }
        judge->live[judge->live_count] = i;
        judge->indexes[judge->live_count++] = track->index;
    }
    if (judge->live_count > 0) {
        judge->keyset = bm_keyset_new(judge->indexes, judge->live_count, err);
        return judge->keyset != NULL ? BM_OK : BM_FAIL;
    }
    return BM_OK;
}

struct bm_judge *bm_judge_new(struct bm_plan *plan, const struct bm_namespace *ns,
                              struct bm_error *err)
{
    struct bm_judge *judge = bm_allocate(1, sizeof *judge, err);
    if (judge == NULL) {
        return NULL;
    }
    judge->plan = plan;
    judge->target = &plan->targets[ns->number];
    judge->unheard = BM_ERROR_INIT;
    if (make_sets(judge, err) != BM_OK ||
        bm_id_watch_start(&judge->id, plan, judge->target, err) != BM_OK ||
        bm_mender_start(&judge->mender, plan, judge->target, judge->sets, err) != BM_OK) {
        (void)bm_error_in(err, ns->ns);
        bm_judge_free(judge);
        return NULL;
    }
    return judge;
}

void bm_judge_free(struct bm_judge *judge)
{
    if (judge == NULL) {
        return;
    }
    bm_keyset_free(judge->keyset);
    if (judge->sets != NULL) {
        for (size_t i = 0; i < judge->target->track_count; i++) {
            bm_seen_free(judge->sets[i]);
        }
    }
    free(judge->sets);
    free(judge->indexes);
    free(judge->live);
    bm_id_watch_free(&judge->id);
    bm_mender_free(&judge->mender);
    free(judge);
}

/* ---- damage ---- */

/* Whether a failure is the document's own; anything else ends the run. */
static enum bm_status forgive(struct bm_judge *judge, struct bm_error *err)
{
    struct bm_error failure = judge->unheard;
    judge->unheard = BM_ERROR_INIT;
    if (failure.code == BM_ERROR_CORRUPT) {
        return BM_OK;
    }
    *err = failure;
    return BM_FAIL;
}

static enum bm_status note_damage(struct bm_judge *judge, const struct bm_subject *subject,
                                  const struct bm_error *failure, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    target->damaged++;
    if (target->damage_count >= DAMAGE_KEPT) {
        return BM_OK;
    }
    if (bm_grow(&target->damage, target->damage_count, &target->damage_capacity,
                sizeof *target->damage, err) != BM_OK) {
        return BM_FAIL;
    }
    uint64_t inside = failure->offset != BM_NO_OFFSET ? failure->offset : 0;
    char *what = bm_copy_text(failure->text, err);
    if (what == NULL) {
        return BM_FAIL;
    }
    target->damage[target->damage_count++] =
        (struct bm_damage_note){subject->place.offset + inside, what};
    return BM_OK;
}

/* ---- the first look ---- */

static int needs_token(const struct bm_judge *judge, const struct bm_key *key)
{
    return ((unsigned)bm_part_emptiness(&key->parts[0]) & judge->plan->options.rules->empty) != 0;
}

static void print_keys(struct bm_judge *judge, struct survey *survey, size_t live)
{
    size_t number = judge->live[live];
    int is_filled = judge->target->tracks[number].fill != BM_NO_FILL;
    const struct bm_keys *keys = bm_keyset_keys(judge->keyset, live);
    if (keys->unindexable != NULL || keys->count > PRINTS_MAX - judge->print_count) {
        survey->is_slow = 1;
        return;
    }
    for (size_t i = 0; i < keys->count; i++) {
        if (is_filled && needs_token(judge, &keys->keys[i])) {
            survey->is_slow = 1;
            return;
        }
        judge->prints[judge->print_count++] = (struct print){
            .track = number,
            .fingerprint =
                bm_fingerprint_of(judge->plan->options.hash_key, keys->keys[i].canonical),
        };
        survey->print_count++;
    }
}

static enum bm_status survey_keys(struct bm_judge *judge, struct survey *survey,
                                  struct bm_error *err)
{
    if (judge->keyset == NULL) {
        return BM_OK;
    }
    if (bm_keyset_make(judge->keyset, survey->subject.bytes, &judge->unheard) != BM_OK) {
        survey->is_slow = 1;
        return forgive(judge, err);
    }
    for (size_t i = 0; i < judge->live_count && !survey->is_slow; i++) {
        print_keys(judge, survey, i);
    }
    return BM_OK;
}

static enum bm_status survey_document(struct bm_judge *judge, const struct bm_batch *batch,
                                      uint32_t number, struct survey *survey, struct bm_error *err)
{
    struct bm_view bytes = {batch->bytes.data + batch->at[number],
                            batch->at[number + 1] - batch->at[number]};
    survey->subject = (struct bm_subject){
        .number = number,
        .bytes = bytes,
        .place = {.known = 1,
                  .ordinal = batch->ordinal + number,
                  .offset = batch->offset + batch->at[number]},
    };
    survey->first_print = judge->print_count;
    survey->print_count = 0;
    survey->is_damaged = 0;
    survey->is_slow = bytes.len > BM_DOCUMENT_MAX;
    if (bm_document_check(bytes, NULL, &judge->unheard) != BM_OK) {
        survey->is_slow = survey->is_damaged = 1;
        if (forgive(judge, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    enum bm_status status =
        bm_document_find(bytes, bm_view_text("_id"), &survey->id, &judge->unheard);
    if (status == BM_OK) {
        survey->subject.place.id = survey->id.raw;
        bm_id_watch_foresee(&judge->id, &survey->id, &survey->id_print);
    } else if (status == BM_FAIL && forgive(judge, err) != BM_OK) {
        return BM_FAIL;
    } else if (status == BM_FAIL && judge->id.mode != BM_ID_UNJUDGED) {
        judge->plan->unsound = 1; /* damage before it was known whether there is an _id */
    }
    return survey_keys(judge, survey, err);
}

/* ---- the verdict ---- */

static enum bm_status settle_duplicate(struct bm_judge *judge, struct bm_track *track,
                                       const struct bm_finding *finding, int mark,
                                       struct bm_error *err)
{
    if (track->fill != BM_NO_FILL && (mark & BM_MARK_OURS) != 0) {
        /* We gave an earlier document what this one always had: the next pass knows. */
        struct bm_seen *taken = judge->target->fills[track->fill].taken;
        judge->plan->again |= BM_AGAIN_LATE_COLLISION;
        return bm_seen_find(taken, finding->fingerprint) == BM_MARK_ABSENT
                   ? bm_seen_add(taken, finding->fingerprint, BM_MARK_PLAIN, err)
                   : BM_OK;
    }
    if (track->role != BM_TRACK_JUDGED) {
        return BM_OK;
    }
    bm_seen_mark(judge->sets[track - judge->target->tracks], finding->fingerprint, BM_MARK_SHARED);
    judge->plan->violations++;
    return bm_findings_duplicate(&track->found, finding, mark, err);
}

static enum bm_status settle_key(struct bm_judge *judge, const struct bm_subject *subject,
                                 size_t number, const struct bm_key *key, struct bm_error *err)
{
    struct bm_track *track = &judge->target->tracks[number];
    const struct bm_plan_options *options = &judge->plan->options;
    struct bm_finding finding = {
        .ns = judge->target->ns->ns,
        .index = track->index,
        .key = key,
        .fingerprint = bm_fingerprint_of(options->hash_key, key->canonical),
        .place = subject->place,
        .group_limit = options->group_limit,
        .document_limit = options->document_limit,
    };
    int mark = bm_seen_find(judge->sets[number], finding.fingerprint);
    if (mark != BM_MARK_ABSENT) {
        return settle_duplicate(judge, track, &finding, mark, err);
    }
    if (judge->plan->pass == BM_PASS_FIRST && track->role == BM_TRACK_JUDGED &&
        bm_findings_awaits(&track->found, finding.fingerprint) &&
        bm_findings_first(&track->found, &finding, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_seen_add(judge->sets[number], finding.fingerprint, BM_MARK_PLAIN, err);
}

/* The values of filled fields come in two turns: those that stay before any token is drawn, so
 * that no token equals one of its own document, and what is left empty after. */
enum turn { TURN_VALUES, TURN_REST };

static enum bm_status settle_keys(struct bm_judge *judge, const struct bm_subject *subject,
                                  enum turn turn, struct bm_error *err)
{
    for (size_t live = 0; live < judge->live_count; live++) {
        size_t number = judge->live[live];
        struct bm_track *track = &judge->target->tracks[number];
        const struct bm_keys *keys = bm_keyset_keys(judge->keyset, live);
        int is_filled = track->fill != BM_NO_FILL;
        if (turn == TURN_VALUES && !is_filled) {
            continue;
        }
        for (size_t i = 0; i < keys->count; i++) {
            const struct bm_key *key = &keys->keys[i];
            enum turn own = is_filled && !needs_token(judge, key) ? TURN_VALUES : TURN_REST;
            if (own == turn && settle_key(judge, subject, number, key, err) != BM_OK) {
                return BM_FAIL;
            }
        }
        if (turn == TURN_REST && keys->unindexable != NULL) {
            judge->plan->violations++;
            if (bm_findings_unindexable(&track->found, &subject->place, keys->unindexable,
                                        judge->plan->options.document_limit, err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    return BM_OK;
}

static enum bm_status settle_size(struct bm_judge *judge, const struct bm_subject *subject,
                                  size_t size, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    target->bytes_after += size;
    if (size <= BM_DOCUMENT_MAX) {
        return BM_OK;
    }
    target->oversize++;
    judge->plan->violations++;
    return bm_places_add(&target->oversize_places, judge->plan->options.document_limit,
                         &subject->place, err);
}

/*
 * Damage is told; the document itself passes through. Its keys are made all the same, as long as no
 * judged path runs into the damage. BM_END: they cannot be.
 */
static enum bm_status settle_damage(struct bm_judge *judge, const struct survey *survey,
                                    struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    struct bm_view bytes = survey->subject.bytes;
    if (survey->is_damaged && bm_document_check(bytes, NULL, &failure) != BM_OK &&
        note_damage(judge, &survey->subject, &failure, err) != BM_OK) {
        return BM_FAIL;
    }
    if (judge->keyset == NULL) {
        return BM_OK;
    }
    if (bm_keyset_make(judge->keyset, bytes, &judge->unheard) != BM_OK) {
        judge->plan->unsound = 1;
        return forgive(judge, err) == BM_OK ? BM_END : BM_FAIL;
    }
    return BM_OK;
}

static enum bm_status mend(struct bm_judge *judge, const struct survey *survey,
                           struct bm_view *document, struct bm_error *err)
{
    const struct bm_subject *subject = &survey->subject;
    if (settle_keys(judge, subject, TURN_VALUES, err) != BM_OK) {
        return BM_FAIL;
    }
    if (survey->is_damaged) {
        judge->plan->unsound |= bm_mender_would_fill(&judge->mender, subject->bytes);
        return BM_OK;
    }
    enum bm_status status = bm_mender_fill(&judge->mender, subject, document, err);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    return bm_keyset_make(judge->keyset, *document, err);
}

static enum bm_status settle_slowly(struct bm_judge *judge, const struct survey *survey,
                                    struct bm_error *err)
{
    const struct bm_subject *subject = &survey->subject;
    struct bm_view document = subject->bytes;
    enum bm_status status = settle_damage(judge, survey, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_OK && judge->target->fill_count > 0 &&
        mend(judge, survey, &document, err) != BM_OK) {
        return BM_FAIL;
    }
    if (status == BM_OK && settle_keys(judge, subject, TURN_REST, err) != BM_OK) {
        return BM_FAIL;
    }
    return settle_size(judge, subject, document.len, err);
}

/* Whether all keys of a document are new, or are values of a filled field only, which may recur. */
static int all_new(struct bm_judge *judge, const struct survey *survey)
{
    int is_first = judge->plan->pass == BM_PASS_FIRST;
    for (size_t i = 0; i < survey->print_count; i++) {
        struct print *print = &judge->prints[survey->first_print + i];
        const struct bm_track *track = &judge->target->tracks[print->track];
        int mark = bm_seen_find(judge->sets[print->track], print->fingerprint);
        print->is_absent = mark == BM_MARK_ABSENT;
        if (print->is_absent && is_first && bm_findings_awaits(&track->found, print->fingerprint)) {
            return 0;
        }
        if (!print->is_absent && (track->role != BM_TRACK_VALUES || (mark & BM_MARK_OURS) != 0)) {
            return 0;
        }
    }
    return 1;
}

static enum bm_status settle_quickly(struct bm_judge *judge, const struct survey *survey,
                                     struct bm_error *err)
{
    for (size_t i = 0; i < survey->print_count; i++) {
        const struct print *print = &judge->prints[survey->first_print + i];
        if (print->is_absent && bm_seen_add(judge->sets[print->track], print->fingerprint,
                                            BM_MARK_PLAIN, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    judge->target->bytes_after += survey->subject.bytes.len;
    return BM_OK;
}

static enum bm_status settle(struct bm_judge *judge, struct survey *survey, struct bm_error *err)
{
    struct bm_subject *subject = &survey->subject;
    if (subject->place.id.len > 0 &&
        bm_id_watch_take(&judge->id, &survey->id, &survey->id_print, &subject->place,
                         &subject->id_came_before, &judge->unheard) != BM_OK) {
        judge->plan->unsound = 1;
        if (forgive(judge, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return !survey->is_slow && all_new(judge, survey) ? settle_quickly(judge, survey, err)
                                                      : settle_slowly(judge, survey, err);
}

static enum bm_status judge_window(struct bm_judge *judge, const struct bm_batch *batch,
                                   uint32_t first, uint32_t count, struct bm_error *err)
{
    judge->print_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (survey_document(judge, batch, first + i, &judge->surveys[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < judge->print_count; i++) {
        bm_seen_prefetch(judge->sets[judge->prints[i].track], &judge->prints[i].fingerprint, 1);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (settle(judge, &judge->surveys[i], err) != BM_OK) {
            return bm_error_at(err, judge->surveys[i].subject.place.offset);
        }
    }
    return BM_OK;
}

enum bm_status bm_judge_batch(struct bm_judge *judge, const struct bm_batch *batch,
                              struct bm_edits *out, struct bm_error *err)
{
    struct bm_target *target = judge->target;
    bm_mender_clear(&judge->mender);
    for (uint32_t first = 0; first < batch->count; first += WINDOW) {
        uint32_t left = batch->count - first;
        if (judge_window(judge, batch, first, left < WINDOW ? left : WINDOW, err) != BM_OK) {
            return bm_error_in(err, target->ns->ns);
        }
    }
    target->documents += batch->count;
    target->bytes += batch->bytes.len;
    if (!target->outgrown && bm_target_outgrown(target)) {
        target->outgrown = 1;
        judge->plan->violations++;
    }
    *out = bm_mender_edits(&judge->mender);
    return bm_id_watch_hold(&judge->id, err);
}

enum bm_status bm_judge_finish(struct bm_judge *judge, struct bm_error *err)
{
    (void)err; /* nothing can fail yet; key files will */
    for (size_t i = 0; i < judge->live_count; i++) {
        size_t number = judge->live[i];
        judge->target->tracks[number].found.keys = bm_seen_count(judge->sets[number]);
    }
    if (judge->id.track != NULL) {
        judge->id.track->found.keys = judge->id.distinct;
    }
    return BM_OK;
}
