/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/build.h"
#include "repair/advice.h"
#include "repair/index_notes.h"
#include "repair/survey.h"
#include "repair/replayed.h"
#include "repair/sweep.h"

enum bm_status bm_plan_note(struct bm_plan *plan, struct bm_error *err, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (bm_grow(&plan->notes, plan->note_count, &plan->note_capacity, sizeof *plan->notes, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    plan->notes[plan->note_count] = bm_copy_text(line, err);
    return plan->notes[plan->note_count++] != NULL ? BM_OK : BM_FAIL;
}

static int is_judged_kind(enum bm_namespace_kind kind)
{
    switch (kind) {
    case BM_NAMESPACE_COLLECTION:
    case BM_NAMESPACE_TIMESERIES:
    case BM_NAMESPACE_SYSTEM:
        return 1;
    case BM_NAMESPACE_VIEW:
    case BM_NAMESPACE_INDEXES:
    case BM_NAMESPACE_OPLOG:
        break;
    }
    return 0;
}

static enum bm_track_role role_of(const struct bm_index_spec *spec, const struct bm_index *index)
{
    if (!spec->unique) {
        return BM_TRACK_LISTED;
    }
    if (bm_index_reason(index) != NULL) {
        return BM_TRACK_UNJUDGED;
    }
    return spec->kind == BM_INDEX_ID ? BM_TRACK_ID : BM_TRACK_JUDGED;
}

/* What stays keeps its order: *next, 0 at first, is the place behind the one found last. */
static const struct bm_index_spec *spec_after(const struct bm_namespace *after, const char *name,
                                              size_t *next)
{
    for (size_t i = 0; i < after->index_count; i++) {
        size_t place = (*next + i) % after->index_count;
        if (strcmp(after->indexes[place].name, name) == 0) {
            *next = place + 1;
            return &after->indexes[place];
        }
    }
    return NULL;
}

/* Indexes as they will be; one that goes is still shown, and judged no more. */
static enum bm_status add_own_indexes(struct bm_target *target, struct bm_server server,
                                      struct bm_error *err)
{
    const struct bm_namespace *ns = target->ns;
    const struct bm_index_home home = {server, ns->kind};
    size_t next = 0;
    for (size_t i = 0; i < ns->index_count; i++) {
        const struct bm_index_spec *spec = spec_after(target->after, ns->indexes[i].name, &next);
        int is_gone = spec == NULL;
        spec = is_gone ? &ns->indexes[i] : spec;
        struct bm_index *index = bm_index_new(spec, &home, err);
        if (index == NULL) {
            return BM_FAIL;
        }
        enum bm_track_role role = is_gone ? BM_TRACK_LISTED : role_of(spec, index);
        if (bm_target_add_track(target, role, index, err) != BM_OK) {
            return BM_FAIL;
        }
        struct bm_track *track = &target->tracks[target->track_count - 1];
        const struct bm_rewriting_step *step = bm_rewriting_find(&target->rewriting, spec->name);
        track->action = step != NULL ? step->rewrite.index : BM_INDEX_ACTION_KEEP;
        if (bm_outside_start(&track->outside, &target->rewriting, spec->name, server, err) !=
            BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static int has_system_indexes(const struct bm_catalog *catalog, const char *db)
{
    return bm_catalog_find(catalog, bm_view_text(db), bm_view_text("system.indexes")) != NULL;
}

/* What of a namespace stays unknown although it is judged. */
static enum bm_status find_reason(struct bm_target *target, const struct bm_catalog *catalog,
                                  struct bm_error *err)
{
    const struct bm_namespace *ns = target->ns;
    if (!target->judged) {
        return BM_OK;
    }
    if (ns->metadata_state == BM_METADATA_UNREADABLE ||
        ns->metadata_state == BM_METADATA_TOO_LARGE) {
        target->reason = bm_format_text(
            err, "its metadata %s, so that its indexes are unknown: %s",
            ns->metadata_state == BM_METADATA_TOO_LARGE ? "is not read" : "cannot be read",
            ns->metadata_problem != NULL ? ns->metadata_problem : "not what mongorestore reads");
        return target->reason != NULL ? BM_OK : BM_FAIL;
    }
    if (ns->metadata_state == BM_METADATA_ABSENT && ns->kind == BM_NAMESPACE_COLLECTION &&
        has_system_indexes(catalog, ns->db)) {
        target->reason = bm_copy_text("its indexes are defined in system.indexes", err);
        return target->reason != NULL ? BM_OK : BM_FAIL;
    }
    if (ns->nameless > 0) {
        target->reason = bm_format_text(
            err,
            "%zu of its index entries ha%s no name: mongorestore drops %s without a "
            "word",
            ns->nameless, ns->nameless == 1 ? "s" : "ve", ns->nameless == 1 ? "it" : "them");
        return target->reason != NULL ? BM_OK : BM_FAIL;
    }
    return BM_OK;
}

static enum bm_status make_targets(struct bm_plan *plan, struct bm_error *err)
{
    const struct bm_catalog *catalog = plan->options.catalog;
    size_t count = bm_catalog_count(catalog);
    const char *asked = plan->options.server_version;
    const char *version = asked != NULL ? asked : bm_catalog_server_version(catalog);
    plan->server = bm_server_parse(version);
    plan->targets = bm_allocate(count, sizeof *plan->targets, err);
    if (plan->targets == NULL) {
        return BM_FAIL;
    }
    for (; plan->target_count < count; plan->target_count++) {
        struct bm_target *target = &plan->targets[plan->target_count];
        target->ns = target->after = bm_catalog_namespace(catalog, plan->target_count);
        target->id_track = BM_NO_TRACK;
        target->selected = bm_rules_select(plan->options.rules, target->ns->ns);
        target->judged = target->selected && is_judged_kind(target->ns->kind);
    }
    return BM_OK;
}

static enum bm_status make_tracks(struct bm_plan *plan, struct bm_error *err)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (add_own_indexes(target, plan->server, err) != BM_OK ||
            find_reason(target, plan->options.catalog, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status note_ignored(struct bm_plan *plan, struct bm_error *err)
{
    if (!plan->options.ignore_oplog) {
        return BM_OK;
    }
    return bm_catalog_oplog(plan->options.catalog) != NULL
               ? bm_plan_note(plan, err,
                              "the oplog was not looked at: its replay may undo what is mended")
               : bm_plan_note(plan, err, "--ignoreOplog changes nothing: the dump has no oplog");
}

struct bm_plan *bm_plan_new(const struct bm_plan_options *options, struct bm_error *err)
{
    struct bm_plan *plan = bm_allocate(1, sizeof *plan, err);
    if (plan == NULL) {
        return NULL;
    }
    plan->options = *options;
    bm_attempts_start(&plan->attempts);
    plan->replays = bm_catalog_oplog(options->catalog) != NULL && !options->ignore_oplog;
    plan->window = bm_allocate(1, sizeof *plan->window, err);
    if (plan->window == NULL || note_ignored(plan, err) != BM_OK ||
        make_targets(plan, err) != BM_OK || bm_rewriting_bind(plan, err) != BM_OK ||
        make_tracks(plan, err) != BM_OK || bm_plan_note_indexes(plan, err) != BM_OK ||
        bm_bind_uniques(plan, err) != BM_OK || bm_bind_duplicates(plan, err) != BM_OK ||
        bm_bind_fills(plan, err) != BM_OK) {
        bm_plan_free(plan);
        return NULL;
    }
    return plan;
}

static void forget_damage(struct bm_target *target)
{
    for (size_t i = 0; i < target->damage_count; i++) {
        free(target->damage[i].what);
    }
    target->damage_count = 0;
    target->damaged = 0;
}

static void free_target(struct bm_target *target, struct bm_budget *budget)
{
    for (size_t i = 0; i < target->track_count; i++) {
        bm_index_free(target->tracks[i].index);
        bm_findings_free(&target->tracks[i].found);
        bm_seen_free(target->tracks[i].taken);
        bm_seen_free(target->tracks[i].sieve);
        bm_overflow_forget_unrecorded(&target->tracks[i], budget);
        bm_advice_free(target->tracks[i].advice);
        bm_outside_free(&target->tracks[i].outside);
    }
    free(target->tracks);
    for (size_t i = 0; i < target->fill_count; i++) {
        free(target->fills[i].components);
        free(target->fills[i].tracks);
    }
    free(target->fills);
    bm_places_free(&target->oversize_places);
    bm_vetting_free(&target->vetting);
    bm_rewriting_free(&target->rewriting);
    bm_sweep_free(target->sweep, budget);
    bm_gone_free(&target->gone, budget);
    forget_damage(target);
    free(target->damage);
    free(target->reason);
}

void bm_plan_free(struct bm_plan *plan)
{
    if (plan == NULL) {
        return;
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        free_target(&plan->targets[i], plan->options.budget);
    }
    free(plan->window);
    free(plan->targets);
    free(plan->metadata);
    bm_catalog_free(plan->revised);
    bm_oplog_free(&plan->oplog);
    bm_oplog_mend_free(plan->mend);
    bm_replayed_free(&plan->replayed);
    bm_attempts_free(&plan->attempts);
    bm_learning_free(&plan->learning);
    bm_overflow_free(plan);
    for (size_t i = 0; i < plan->note_count; i++) {
        free(plan->notes[i]);
    }
    free(plan->notes);
    free(plan);
}

static size_t unknown_of(const struct bm_target *target)
{
    size_t unknown = 0;
    for (size_t i = 0; i < target->track_count; i++) {
        unknown += target->tracks[i].unknown;
    }
    return unknown;
}

int bm_plan_judges(const struct bm_plan *plan, const struct bm_namespace *ns)
{
    const struct bm_target *target = &plan->targets[ns->number];
    switch (plan->pass) {
    case BM_PASS_LEARN:
        break;
    case BM_PASS_SHARED:
    case BM_PASS_GATHER:
        return target->looks_ahead;
    case BM_PASS_RECORD:
        return target->spills;
    case BM_PASS_JUDGE:
        return target->judged;
    case BM_PASS_FIRST:
        return target->judged && unknown_of(target) > 0;
    }
    return 0;
}

int bm_plan_needs(const struct bm_plan *plan, enum bm_pass pass)
{
    switch (pass) {
    case BM_PASS_LEARN:
        return plan->learning.count > 0 && !plan->is_learned;
    case BM_PASS_SHARED:
    case BM_PASS_GATHER:
        return plan->looks_ahead && !plan->is_swept; /* SHARED again where memory was short */
    case BM_PASS_RECORD:
        return (plan->again & BM_AGAIN_OVERFLOW) != 0;
    case BM_PASS_JUDGE:
    case BM_PASS_FIRST:
        break;
    }
    return 0;
}

enum bm_status bm_plan_conclude(struct bm_plan *plan, struct bm_error *err)
{
    if (plan->pass == BM_PASS_LEARN) {
        plan->is_learned = 1;
        return bm_learning_finish(plan, err);
    }
    if (plan->pass == BM_PASS_GATHER && (plan->again & BM_AGAIN_OVERFLOW) == 0) {
        plan->is_swept = 1;
        return bm_sweep_decide(plan, err);
    }
    return bm_overflow_conclude(plan, err);
}

static void start_target(const struct bm_plan *plan, struct bm_target *target)
{
    for (size_t i = 0; i < target->track_count; i++) {
        if (target->tracks[i].role != BM_TRACK_UNJUDGED) {
            target->tracks[i].reason = NULL;
        }
        bm_findings_free(&target->tracks[i].found);
        bm_advice_free(target->tracks[i].advice);
        target->tracks[i].advice = NULL;
        target->tracks[i].outside.documents = 0;
    }
    for (size_t i = 0; i < target->fill_count; i++) {
        target->fills[i].changed = target->fills[i].drawn = 0;
    }
    target->documents = target->bytes = target->bytes_after = target->replayed = 0;
    target->filled = target->unset = (struct bm_empties){0};
    target->touched = 0;
    target->refilled = target->replaced = target->rejected = 0;
    bm_gone_free(&target->gone, plan->options.budget);
    target->outgrown = 0;
    target->oversize = target->overgrown = 0;
    bm_places_free(&target->oversize_places);
    bm_vetting_forget(&target->vetting);
    forget_damage(target);
}

/* Looks for the first documents of the groups that the pass before found. */
static void start_firsts(struct bm_plan *plan)
{
    plan->unknown = 0;
    for (size_t i = 0; i < plan->target_count; i++) {
        bm_gone_start(&plan->targets[i].gone);
        for (size_t t = 0; t < plan->targets[i].track_count; t++) {
            struct bm_track *track = &plan->targets[i].tracks[t];
            track->unknown = bm_findings_unknown(&track->found);
            plan->unknown += track->unknown;
        }
    }
}

/* It may have been made before, in memory. */
static void start_look_ahead(struct bm_plan *plan)
{
    plan->again = BM_AGAIN_NO;
    for (size_t i = 0; i < plan->target_count; i++) {
        bm_sweep_free(plan->targets[i].sweep, plan->options.budget);
        plan->targets[i].sweep = NULL;
    }
}

void bm_plan_start(struct bm_plan *plan, enum bm_pass pass)
{
    plan->pass = pass;
    if (pass == BM_PASS_SHARED) {
        start_look_ahead(plan);
        return;
    }
    if (pass == BM_PASS_LEARN || pass == BM_PASS_GATHER) {
        return;
    }
    if (pass == BM_PASS_FIRST) {
        start_firsts(plan);
        return;
    }
    plan->again = BM_AGAIN_NO;
    plan->unsound = 0;
    plan->violations = 0;
    plan->is_replaying = 0;
    bm_oplog_free(&plan->oplog);
    for (size_t i = 0; i < plan->target_count; i++) {
        start_target(plan, &plan->targets[i]);
    }
    for (size_t i = 0; i < plan->replayed.count; i++) {
        start_target(plan, plan->replayed.targets[i]);
    }
}

unsigned bm_plan_again(const struct bm_plan *plan)
{
    return plan->again;
}

int bm_plan_unsound(const struct bm_plan *plan)
{
    return plan->unsound;
}

uint64_t bm_plan_violations(const struct bm_plan *plan)
{
    return plan->violations;
}

int bm_plan_wants_more(const struct bm_plan *plan)
{
    if (plan->pass == BM_PASS_LEARN) {
        return bm_learning_wants_more(&plan->learning);
    }
    return plan->pass != BM_PASS_FIRST || plan->unknown > 0;
}

int bm_plan_wants_first(const struct bm_plan *plan)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        const struct bm_target *target = &plan->targets[i];
        for (size_t t = 0; t < target->track_count; t++) {
            if (bm_findings_unknown(&target->tracks[t].found) > 0) {
                return 1;
            }
        }
    }
    return 0;
}

enum bm_status bm_track_first(struct bm_plan *plan, struct bm_track *track,
                              const struct bm_finding *finding, struct bm_error *err)
{
    if (track->unknown == 0 || !bm_findings_awaits(&track->found, finding->fingerprint)) {
        return BM_OK;
    }
    track->unknown--;
    plan->unknown--;
    return bm_findings_first(&track->found, finding, err);
}

const struct bm_view *bm_plan_metadata(const struct bm_plan *plan)
{
    return plan->revised != NULL ? plan->metadata : NULL;
}

uint64_t bm_plan_changed(const struct bm_plan *plan, uint64_t *documents)
{
    uint64_t changed = 0;
    *documents = 0;
    for (size_t i = 0; i < plan->target_count; i++) {
        changed += plan->targets[i].touched + plan->targets[i].rejected;
        *documents += plan->targets[i].documents;
    }
    return changed;
}

int bm_plan_rejects(const struct bm_plan *plan)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        if (plan->targets[i].rejects) {
            return 1;
        }
    }
    return 0;
}
