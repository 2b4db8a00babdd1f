/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/advice_report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "repair/plan_notes.h"

#define TEXT_MAX 65536u

static enum bm_status copy_view(struct bm_view view, struct bm_view *out, struct bm_error *err)
{
    *out = (struct bm_view){NULL, 0};
    if (view.len == 0) {
        return BM_OK;
    }
    const char *copy = bm_copy_view(view, err);
    if (copy == NULL) {
        return BM_FAIL;
    }
    *out = (struct bm_view){(const uint8_t *)copy, view.len};
    return BM_OK;
}

/* ---- indexes and namespaces ---- */

static enum bm_status pattern_text(const struct bm_index *index, char **out, struct bm_error *err)
{
    struct bm_buffer text = BM_BUFFER_INIT(TEXT_MAX);
    if (bm_pattern_text(index, &text, err) == BM_OK) {
        *out = bm_copy_view(bm_buffer_view(&text), err);
    }
    bm_buffer_free(&text);
    return *out != NULL ? BM_OK : BM_FAIL;
}

/* Whether the server would not build it; it is not asked to build one that is taken out. */
static int is_refused(const struct bm_track *track)
{
    return track->action != BM_INDEX_ACTION_DROP && bm_index_is_refused(track->index);
}

/* Why an index of a judged namespace has no full verdict; NULL: it has one, or needs none. */
static const char *reason_of(const struct bm_track *track)
{
    if (track->reason != NULL) {
        return track->reason;
    }
    /* Not unique, so that nobody judges it, but lost with its collection's others all the same, or
     * perhaps. */
    int may_be_lost = is_refused(track) ||
                      (track->action != BM_INDEX_ACTION_DROP && bm_index_is_doubtful(track->index));
    return may_be_lost ? bm_index_reason(track->index) : NULL;
}

static enum bm_status report_index(const struct bm_plan *plan, const struct bm_target *target,
                                   const struct bm_track *track, struct bm_index_result *out,
                                   struct bm_error *err)
{
    const char *reason = target->judged ? reason_of(track) : NULL;
    out->unique = track->unique;
    out->asked = track->asked;
    out->judged = target->judged && reason == NULL &&
                  (track->role == BM_TRACK_JUDGED || track->role == BM_TRACK_ID);
    out->refused = is_refused(track);
    out->action = track->action;
    out->keys = track->found.keys;
    out->groups = track->found.groups;
    out->violations = track->found.violations;
    out->unindexable = track->found.unindexable;
    out->name = bm_copy_text(bm_index_name(track->index), err);
    if (out->name == NULL || copy_view(bm_index_pattern(track->index), &out->key, err) != BM_OK ||
        pattern_text(track->index, &out->key_text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (reason != NULL) {
        out->reason = bm_copy_text(reason, err);
        if (out->reason == NULL) {
            return BM_FAIL;
        }
    }
    return bm_advice_report(plan, target, track, out, err);
}

/* Why something of the namespace is not known, beside its indexes; NULL in *out: nothing. */
static enum bm_status namespace_reason(const struct bm_target *target, char **out,
                                       struct bm_error *err)
{
    const char *reason = target->reason != NULL ? target->reason : target->vetting.reason;
    *out = NULL;
    if (target->after->options_problem != NULL) {
        *out = bm_format_text(err, "no server makes a collection with its options: %s",
                              target->after->options_problem);
        return *out != NULL ? BM_OK : BM_FAIL;
    }
    if (reason != NULL) {
        *out = bm_copy_text(reason, err);
        return *out != NULL ? BM_OK : BM_FAIL;
    }
    for (size_t i = 0; i < target->track_count; i++) {
        const struct bm_track *track = &target->tracks[i];
        if (track->role == BM_TRACK_VALUES && track->reason != NULL) {
            *out = bm_format_text(err, "whether new values of %s are new is not known: %s",
                                  bm_index_field(track->index, 0), track->reason);
            return *out != NULL ? BM_OK : BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status report_namespace(const struct bm_plan *plan, const struct bm_target *target,
                                       struct bm_namespace_result *out, struct bm_error *err)
{
    out->kind = target->ns->kind;
    out->documents = target->documents;
    out->bytes = target->bytes;
    out->judged = target->judged;
    out->filled = target->filled;
    out->unset = target->unset;
    out->refilled = target->refilled;
    out->replaced = target->replaced;
    out->rejected = target->rejected;
    out->touched = target->touched;
    out->unvetted = target->vetting.open;
    out->rewritten = target->after != target->ns;
    out->ns = bm_copy_text(target->ns->ns, err);
    out->indexes = bm_allocate(target->track_count, sizeof *out->indexes, err);
    if (out->ns == NULL || out->indexes == NULL) {
        return BM_FAIL;
    }
    if (namespace_reason(target, &out->reason, err) != BM_OK) {
        return BM_FAIL;
    }
    out->metadata_unreadable =
        target->judged && target->ns->metadata_state == BM_METADATA_UNREADABLE;
    for (size_t i = 0; i < target->track_count; i++) {
        const struct bm_track *track = &target->tracks[i];
        if (track->role != BM_TRACK_VALUES &&
            report_index(plan, target, track, &out->indexes[out->index_count++], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* ---- violations ---- */

/* What bm_plan_report lists, so that the result's array is made at once. */
static size_t count_violations(const struct bm_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct bm_target *target = &plan->targets[i];
        count += target->oversize > 0 ? 1 : 0;
        count += target->vetting.refused > 0 ? 1 : 0;
        count += target->outgrown ? 1 : 0;
        for (size_t t = 0; t < target->track_count; t++) {
            const struct bm_findings *found = &target->tracks[t].found;
            count += found->unindexable > 0 ? 1 : 0;
            count += found->kept_count;
        }
    }
    return count;
}

/* The next violation; there is room for it. */
static struct bm_violation *add_violation(struct bm_result *result, const struct bm_target *target,
                                          const char *index, enum bm_violation_kind kind,
                                          struct bm_error *err)
{
    struct bm_violation *violation = &result->violations[result->violation_count++];
    *violation = (struct bm_violation){.kind = kind};
    violation->ns = bm_copy_text(target->ns->ns, err);
    violation->index = bm_copy_text(index, err);
    return violation->ns != NULL && violation->index != NULL ? violation : NULL;
}

static enum bm_status add_places(struct bm_violation *violation, const struct bm_places *places,
                                 struct bm_error *err)
{
    for (size_t i = 0; i < places->count; i++) {
        if (bm_place_copy(&places->items[i], &violation->documents[violation->document_count],
                          err) != BM_OK) {
            return BM_FAIL;
        }
        violation->document_count++;
    }
    return BM_OK;
}

static enum bm_status report_group(const struct bm_plan *plan, const struct bm_target *target,
                                   const struct bm_track *track, const struct bm_group *group,
                                   struct bm_result *result, struct bm_error *err)
{
    struct bm_violation *violation =
        add_violation(result, target, bm_index_name(track->index), BM_VIOLATION_DUPLICATE, err);
    if (violation == NULL) {
        return BM_FAIL;
    }
    violation->count = group->count;
    if (group->e11000 == NULL) {
        violation->reason = bm_copy_text("share one key, which was not kept", err);
        return violation->reason != NULL ? BM_OK : BM_FAIL;
    }
    violation->empties = group->empties;
    violation->e11000 = bm_copy_text(group->e11000, err);
    violation->documents = bm_allocate(group->later.count + 1, sizeof *violation->documents, err);
    if (violation->e11000 == NULL || violation->documents == NULL ||
        copy_view(group->key, &violation->key, err) != BM_OK) {
        return BM_FAIL;
    }
    if (plan->options.document_limit == 0) {
        return BM_OK;
    }
    if (bm_place_copy(&group->first, &violation->documents[0], err) != BM_OK) {
        return BM_FAIL;
    }
    violation->document_count = 1;
    return add_places(violation, &group->later, err);
}

static enum bm_status report_plain(const struct bm_target *target, const char *index,
                                   enum bm_violation_kind kind, uint64_t count, char *reason,
                                   const struct bm_places *places, struct bm_result *result,
                                   struct bm_error *err)
{
    struct bm_violation *violation =
        reason != NULL ? add_violation(result, target, index, kind, err) : NULL;
    if (violation == NULL) {
        free(reason);
        return BM_FAIL;
    }
    violation->count = count;
    violation->reason = reason;
    if (places == NULL) {
        return BM_OK;
    }
    violation->documents = bm_allocate(places->count, sizeof *violation->documents, err);
    return violation->documents != NULL ? add_places(violation, places, err) : BM_FAIL;
}

static enum bm_status report_track(const struct bm_plan *plan, const struct bm_target *target,
                                   const struct bm_track *track, struct bm_result *result,
                                   struct bm_error *err)
{
    const struct bm_findings *found = &track->found;
    result->violation_total += found->violations + found->unindexable;
    for (size_t i = 0; i < found->kept_count; i++) {
        if (report_group(plan, target, track, &found->kept[i], result, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (found->unindexable == 0) {
        return BM_OK;
    }
    /* The values of a filled field are in no index, so that the reason has to name them. */
    int is_index = track->role != BM_TRACK_VALUES;
    char *reason = is_index
                       ? bm_copy_text(found->unindexable_reason, err)
                       : bm_format_text(err, "a value of %s, which is filled: %s",
                                        bm_index_field(track->index, 0), found->unindexable_reason);
    return report_plain(target, is_index ? bm_index_name(track->index) : "",
                        BM_VIOLATION_UNINDEXABLE, found->unindexable, reason,
                        &found->unindexable_places, result, err);
}

static char *capped_words(const struct bm_target *target, struct bm_error *err)
{
    const struct bm_namespace *ns = target->ns;
    if (ns->capped_size > 0 && target->bytes_after > bm_target_capped_size(target)) {
        return bm_format_text(err,
                              "%" PRIu64 " bytes in a capped collection of at most %" PRIu64
                              ": the server would drop its oldest documents",
                              target->bytes_after, bm_target_capped_size(target));
    }
    return bm_format_text(err,
                          "%" PRIu64 " documents in a capped collection of at most %" PRIu64
                          ": the server would drop the oldest",
                          target->documents - target->rejected, ns->capped_max);
}

static char *refused_words(const struct bm_vetting *vetting, struct bm_error *err)
{
    if (vetting->changed == 0 && vetting->lacking == 0) {
        return bm_copy_text("refused by the collection's validator as they are", err);
    }
    if (vetting->changed < vetting->refused && vetting->lacking == 0) {
        return bm_format_text(
            err, "refused by the collection's validator, %" PRIu64 " of them after a change",
            vetting->changed);
    }
    if (vetting->lacking == 0) {
        return bm_copy_text("changed, and then refused by the collection's validator", err);
    }
    if (vetting->lacking == vetting->refused) {
        return bm_copy_text("without a field that --require makes the validator ask for", err);
    }
    return bm_format_text(err,
                          "refused by the collection's validator, %" PRIu64
                          " of them for want of a field that --require asks for",
                          vetting->lacking);
}

static char *oversize_words(const struct bm_target *target, struct bm_error *err)
{
    if (target->overgrown == 0) {
        return bm_format_text(err, "larger than the %u bytes a document may have", BM_DOCUMENT_MAX);
    }
    return bm_format_text(
        err,
        "larger than the %u bytes a document may have; %llu of them would be past "
        "%u bytes once filled and were left alone",
        BM_DOCUMENT_MAX, (unsigned long long)target->overgrown, BM_DOCUMENT_MAX_OPLOG);
}

static enum bm_status report_sizes(const struct bm_target *target, struct bm_result *result,
                                   struct bm_error *err)
{
    const struct bm_vetting *vetting = &target->vetting;
    result->violation_total += target->oversize + (target->outgrown ? 1 : 0) + vetting->refused;
    if (vetting->refused > 0 &&
        report_plain(target, "", BM_VIOLATION_VALIDATOR, vetting->refused,
                     refused_words(vetting, err), &vetting->places, result, err) != BM_OK) {
        return BM_FAIL;
    }
    if (target->oversize > 0 &&
        report_plain(target, "", BM_VIOLATION_OVERSIZE, target->oversize,
                     oversize_words(target, err), &target->oversize_places, result, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!target->outgrown) {
        return BM_OK;
    }
    return report_plain(target, "", BM_VIOLATION_CAPPED, target->documents - target->rejected,
                        capped_words(target, err), NULL, result, err);
}

enum bm_status bm_plan_report(const struct bm_plan *plan, struct bm_result *result,
                              struct bm_error *err)
{
    result->recorded = plan->overflow.recorded;
    result->before_replay = bm_catalog_oplog(plan->options.catalog) != NULL;
    result->oplog_ignored = result->before_replay && !plan->replays;
    result->oplog_mended =
        result->before_replay
            ? plan->targets[bm_catalog_oplog(plan->options.catalog)->number].touched
            : 0;
    result->namespaces = bm_allocate(plan->target_count, sizeof *result->namespaces, err);
    result->violations = bm_allocate(count_violations(plan), sizeof *result->violations, err);
    if (result->namespaces == NULL || result->violations == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct bm_target *target = &plan->targets[i];
        if (report_namespace(plan, target, &result->namespaces[result->namespace_count++], err) !=
            BM_OK) {
            return BM_FAIL;
        }
        for (size_t t = 0; t < target->track_count; t++) {
            if (report_track(plan, target, &target->tracks[t], result, err) != BM_OK) {
                return BM_FAIL;
            }
        }
        if (report_sizes(target, result, err) != BM_OK ||
            bm_plan_report_damage(target, result, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_advice_hindrance(plan, result, err) != BM_OK ||
        bm_oplog_report(&plan->oplog, result, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_plan_report_notes(plan, result, err);
}
