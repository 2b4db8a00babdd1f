/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

int bm_bind_has_field(const struct bm_index *index, const char *field)
{
    for (size_t i = 0; i < bm_index_field_count(index); i++) {
        if (strcmp(bm_index_field(index, i), field) == 0) {
            return 1;
        }
    }
    return 0;
}

int bm_bind_may_be_done(const struct bm_rules *rules)
{
    for (size_t i = 0; i < rules->index_count; i++) {
        if (rules->indexes[i].action == BM_INDEX_ACTION_DROP ||
            rules->indexes[i].action == BM_INDEX_ACTION_NONUNIQUE) {
            return 1;
        }
    }
    return 0;
}

int bm_bind_is_oplog(const struct bm_namespace *ns)
{
    return strcmp(ns->ns, "local.oplog.rs") == 0 || strcmp(ns->ns, "local.oplog.$main") == 0;
}

const char *bm_bind_unmendable(const struct bm_namespace *ns)
{
    switch (ns->kind) {
    case BM_NAMESPACE_COLLECTION:
        return bm_bind_is_oplog(ns) ? "an oplog holds documents of other collections" : NULL;
    case BM_NAMESPACE_VIEW:
        return "a view has no documents of its own";
    case BM_NAMESPACE_TIMESERIES:
        return "time-series buckets are not mended";
    case BM_NAMESPACE_SYSTEM:
    case BM_NAMESPACE_INDEXES:
        return "system collections are not mended";
    case BM_NAMESPACE_OPLOG:
        return "the oplog is not mended";
    }
    return NULL;
}

enum bm_status bm_bind_find(struct bm_plan *plan, const char *rule, const char *ns,
                            const char *rest, struct bm_target **out, struct bm_error *err)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (strcmp(target->ns->ns, ns) != 0) {
            continue;
        }
        if (!target->selected) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "%s %s%s%s: --nsInclude or --nsExclude leave this namespace out", rule,
                           ns, rest[0] != '\0' ? ":" : "", rest);
        }
        *out = target;
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "%s %s%s%s: the dump has no such namespace", rule, ns,
                   rest[0] != '\0' ? ":" : "", rest);
}

/* A key is judged whole already when an index over the same fields is, in whatever order. */
static const struct bm_track *judged_already(const struct bm_target *target,
                                             const struct bm_unique_rule *rule)
{
    for (size_t i = 0; i < target->track_count; i++) {
        const struct bm_track *track = &target->tracks[i];
        if ((track->role != BM_TRACK_JUDGED && track->role != BM_TRACK_ID) ||
            !bm_index_is_whole(track->index) ||
            bm_index_field_count(track->index) != rule->field_count) {
            continue;
        }
        size_t common = 0;
        for (size_t f = 0; f < rule->field_count; f++) {
            common += bm_bind_has_field(track->index, rule->fields[f]) ? 1 : 0;
        }
        if (common == rule->field_count) {
            return track;
        }
    }
    return NULL;
}

static int name_is_taken(const struct bm_target *target, const char *name)
{
    for (size_t i = 0; i < target->track_count; i++) {
        if (strcmp(bm_index_name(target->tracks[i].index), name) == 0) {
            return 1;
        }
    }
    return 0;
}

static char *index_name(const struct bm_target *target, const struct bm_unique_rule *rule,
                        struct bm_error *err)
{
    char *name = bm_copy_text("", err);
    for (size_t i = 0; i < rule->field_count && name != NULL; i++) {
        char *longer = bm_format_text(err, "%s%s%s_1", name, i > 0 ? "_" : "", rule->fields[i]);
        free(name);
        name = longer;
    }
    while (name != NULL && name_is_taken(target, name)) {
        char *longer = bm_format_text(err, "%s(unique)", name);
        free(name);
        name = longer;
    }
    return name;
}

static enum bm_status add_unique(struct bm_plan *plan, struct bm_target *target,
                                 const struct bm_unique_rule *rule, struct bm_error *err)
{
    enum bm_status status = BM_FAIL;
    struct bm_index *index = NULL;
    const char **fields = bm_allocate(rule->field_count, sizeof *fields, err);
    char *name = index_name(target, rule, err);
    if (fields == NULL || name == NULL) {
        goto out;
    }
    const struct bm_track *already = judged_already(target, rule);
    if (already != NULL) {
        status = bm_plan_note(plan, err, "%s: index %s is judged already, --unique adds nothing",
                              target->ns->ns, bm_index_name(already->index));
        goto out;
    }
    for (size_t i = 0; i < rule->field_count; i++) {
        fields[i] = rule->fields[i];
    }
    index = bm_index_requested(
        &(const struct bm_index_request){
            .name = name, .fields = fields, .count = rule->field_count, .server = plan->server},
        err);
    if (index != NULL) {
        status = bm_target_add_track(target, BM_TRACK_JUDGED, index, err);
    }
    if (status == BM_OK) {
        target->tracks[target->track_count - 1].asked = 1;
    }
out:
    free(fields);
    free(name);
    return status;
}

/* The one ordinary collection of the dump that is judged, or NULL. */
static struct bm_target *only_collection(struct bm_plan *plan)
{
    struct bm_target *only = NULL;
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (!target->judged || target->ns->kind != BM_NAMESPACE_COLLECTION) {
            continue;
        }
        if (only != NULL) {
            return NULL;
        }
        only = target;
    }
    return only;
}

static enum bm_status bind_unique(struct bm_plan *plan, const struct bm_unique_rule *rule,
                                  struct bm_error *err)
{
    struct bm_target *target = NULL;
    if (rule->ns == NULL) {
        target = only_collection(plan);
        if (target == NULL) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "--unique %s: say which collection: --unique DATABASE.COLLECTION:%s",
                           rule->fields[0], rule->fields[0]);
        }
        return add_unique(plan, target, rule, err);
    }
    if (bm_bind_find(plan, "--unique", rule->ns, rule->fields[0], &target, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!target->judged) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--unique %s:%s: a view, the oplog or system.indexes is not judged",
                       rule->ns, rule->fields[0]);
    }
    return add_unique(plan, target, rule, err);
}

enum bm_status bm_bind_uniques(struct bm_plan *plan, struct bm_error *err)
{
    const struct bm_rules *rules = plan->options.rules;
    for (size_t i = 0; i < rules->unique_count; i++) {
        if (bind_unique(plan, &rules->uniques[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
