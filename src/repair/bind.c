/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define TOKEN_BITS_MIN 64.0

int bm_path_is_id(const char *path)
{
    return strncmp(path, "_id", 3) == 0 && (path[3] == '\0' || path[3] == '.');
}

int bm_path_has_position(const char *path)
{
    for (;;) {
        size_t len = strcspn(path, ".");
        if (len > 0 && strspn(path, "0123456789") == len) {
            return 1;
        }
        if (path[len] == '\0') {
            return 0;
        }
        path += len + 1;
    }
}

static int has_field(const struct bm_index *index, const char *field)
{
    for (size_t i = 0; i < bm_index_field_count(index); i++) {
        if (strcmp(bm_index_field(index, i), field) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The namespace a rule names; `rule` is for the message: "--fill". */
static enum bm_status find_named(struct bm_plan *plan, const char *rule, const char *ns,
                                 const char *rest, struct bm_target **out, struct bm_error *err)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (strcmp(target->ns->ns, ns) != 0) {
            continue;
        }
        if (!target->selected) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "%s %s:%s: --nsInclude or --nsExclude leave this namespace out", rule,
                           ns, rest);
        }
        *out = target;
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "%s %s:%s: the dump has no such namespace", rule, ns,
                   rest);
}

/* ---- --unique ---- */

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
            common += has_field(track->index, rule->fields[f]) ? 1 : 0;
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
    index = bm_index_of_fields(name, fields, rule->field_count, err);
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
    if (find_named(plan, "--unique", rule->ns, rule->fields[0], &target, err) != BM_OK) {
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

/* ---- --fill ---- */

static enum bm_status check_fill(const struct bm_plan *plan, const struct bm_fill_rule *rule,
                                 struct bm_error *err)
{
    const char *field = rule->field;
    if (bm_path_is_id(field)) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--fill %s: _id is never filled", field);
    }
    if (bm_path_has_position(field)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--fill %s: a position in an array cannot be filled; leave the number out "
                       "to fill every entry",
                       field);
    }
    if (rule->shape.kind == BM_TOKEN_UNSAID) {
        const char *ns = rule->ns != NULL ? rule->ns : "";
        const char *colon = rule->ns != NULL ? ":" : "";
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--fill %s%s%s says no token; write for example --fill %s%s%s=hex:32 or "
                       "%s=uuid4",
                       ns, colon, field, ns, colon, field, field);
    }
    if (bm_token_shape_bits(&rule->shape) < TOKEN_BITS_MIN) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--fill %s=%s: fewer than 64 bits collide too often to be drawn in one "
                       "reading, and this version does not read ahead; write a longer token",
                       field, rule->shape.text);
    }
    if (bm_catalog_oplog(plan->options.catalog) != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--fill %s: this dump has an oplog; filling such a dump comes with a later "
                       "version: tokens in oplog.bson would not follow",
                       field);
    }
    if (plan->options.token_key == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--fill %s: there is no token key", field);
    }
    return BM_OK;
}

static int same_shape(const struct bm_token_shape *a, const struct bm_token_shape *b)
{
    return a->kind == b->kind && a->length == b->length && strcmp(a->prefix, b->prefix) == 0 &&
           strcmp(a->suffix, b->suffix) == 0 && strcmp(a->alphabet, b->alphabet) == 0;
}

static int is_inside(const char *path, const char *outer)
{
    size_t len = strlen(outer);
    return strncmp(path, outer, len) == 0 && path[len] == '.';
}

static enum bm_status split_path(struct bm_fill *fill, struct bm_error *err)
{
    const char *at = fill->rule->field;
    size_t count = 1;
    for (const char *dot = strchr(at, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        count++;
    }
    if (count > BM_FILL_COMPONENTS_MAX) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--fill %.64s...: over %u components", at,
                       BM_FILL_COMPONENTS_MAX);
    }
    fill->components = bm_allocate(count, sizeof *fill->components, err);
    if (fill->components == NULL) {
        return BM_FAIL;
    }
    for (fill->component_count = 0; fill->component_count < count; fill->component_count++) {
        size_t len = strcspn(at, ".");
        fill->components[fill->component_count] = (struct bm_view){(const uint8_t *)at, len};
        at += len + 1;
    }
    return BM_OK;
}

/*
 * One more rule for a namespace; those that name it come first and beat those that do not. The
 * rules stay in the order they were given in.
 */
static enum bm_status add_fill(struct bm_target *target, const struct bm_fill_rule *rule,
                               struct bm_error *err)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        struct bm_fill *fill = &target->fills[i];
        if (strcmp(fill->rule->field, rule->field) != 0) {
            continue;
        }
        if ((fill->rule->ns != NULL) == (rule->ns != NULL)) {
            return same_shape(&fill->rule->shape, &rule->shape)
                       ? BM_OK
                       : bm_fail(err, BM_ERROR_USAGE, 0,
                                 "--fill %s: %s and %s contradict each other in %s", rule->field,
                                 fill->rule->shape.text, rule->shape.text, target->ns->ns);
        }
        return BM_OK; /* the one that names the namespace came first */
    }
    if (bm_grow(&target->fills, target->fill_count, &target->fill_capacity, sizeof *target->fills,
                err) != BM_OK) {
        return BM_FAIL;
    }
    size_t at = target->fill_count++;
    for (; at > 0 && target->fills[at - 1].rule > rule; at--) {
        target->fills[at] = target->fills[at - 1];
    }
    target->fills[at] = (struct bm_fill){.rule = rule};
    return BM_OK;
}

static const char *unfillable(enum bm_namespace_kind kind)
{
    switch (kind) {
    case BM_NAMESPACE_COLLECTION:
        break;
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

static enum bm_status add_checked_fill(struct bm_target *target, const struct bm_fill_rule *rule,
                                       struct bm_error *err)
{
    const char *why = unfillable(target->ns->kind);
    if (why != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--fill %s in %s: %s", rule->field, target->ns->ns,
                       why);
    }
    return add_fill(target, rule, err);
}

static int has_unique_over(const struct bm_target *target, const char *field)
{
    for (size_t i = 0; i < target->track_count; i++) {
        if (target->tracks[i].unique && has_field(target->tracks[i].index, field)) {
            return 1;
        }
    }
    return 0;
}

/* A rule without NS: the collection of a raw stream, or all with a unique index over the field. */
static enum bm_status bind_everywhere(struct bm_plan *plan, const struct bm_fill_rule *rule,
                                      struct bm_error *err)
{
    size_t matches = 0;
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        int is_raw = plan->options.container == BM_CONTAINER_BSON;
        if (!target->selected || (!is_raw && (target->ns->kind != BM_NAMESPACE_COLLECTION ||
                                              !has_unique_over(target, rule->field)))) {
            continue;
        }
        if (add_checked_fill(target, rule, err) != BM_OK) {
            return BM_FAIL;
        }
        matches++;
    }
    if (matches == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--fill %s=%s matches nothing: no selected collection has a unique index "
                       "over %s; name one: --fill DATABASE.COLLECTION:%s=%s",
                       rule->field, rule->shape.text, rule->field, rule->field, rule->shape.text);
    }
    return BM_OK;
}

static enum bm_status bind_fill(struct bm_plan *plan, const struct bm_fill_rule *rule,
                                struct bm_error *err)
{
    struct bm_target *target = NULL;
    if (check_fill(plan, rule, err) != BM_OK) {
        return BM_FAIL;
    }
    if (rule->ns == NULL) {
        return bind_everywhere(plan, rule, err);
    }
    if (find_named(plan, "--fill", rule->ns, rule->field, &target, err) != BM_OK) {
        return BM_FAIL;
    }
    return add_checked_fill(target, rule, err);
}

static enum bm_status refuse_prefixes(const struct bm_target *target, struct bm_error *err)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        for (size_t j = 0; j < target->fill_count; j++) {
            const char *path = target->fills[i].rule->field;
            const char *outer = target->fills[j].rule->field;
            if (is_inside(path, outer)) {
                return bm_fail(err, BM_ERROR_USAGE, 0,
                               "--fill %s and --fill %s contradict each other in %s: one lies "
                               "inside the other",
                               outer, path, target->ns->ns);
            }
        }
    }
    return BM_OK;
}

/* One set serves both where a judged index has all values of the field, each by its bytes. */
static enum bm_status find_values(struct bm_target *target, size_t number, struct bm_error *err)
{
    struct bm_fill *fill = &target->fills[number];
    const char *field = fill->rule->field;
    for (size_t i = 0; i < target->track_count; i++) {
        struct bm_track *track = &target->tracks[i];
        if (track->unique && fill->index == NULL && has_field(track->index, field)) {
            fill->index = bm_index_name(track->index);
        }
    }
    for (size_t i = 0; i < target->track_count; i++) {
        struct bm_track *track = &target->tracks[i];
        if (track->role == BM_TRACK_JUDGED && bm_index_is_whole(track->index) &&
            bm_index_field_count(track->index) == 1 && has_field(track->index, field)) {
            track->fill = number;
            fill->track = i;
            return BM_OK;
        }
    }
    struct bm_index *values = bm_index_of_fields(field, &field, 1, err);
    if (values == NULL || bm_target_add_track(target, BM_TRACK_VALUES, values, err) != BM_OK) {
        return BM_FAIL;
    }
    fill->track = target->track_count - 1;
    target->tracks[fill->track].fill = number;
    return BM_OK;
}

static enum bm_status settle_target(struct bm_plan *plan, struct bm_target *target,
                                    struct bm_error *err)
{
    if (refuse_prefixes(target, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < target->fill_count; i++) {
        struct bm_fill *fill = &target->fills[i];
        fill->taken = bm_seen_new(&plan->taken_budget, err);
        if (fill->taken == NULL || split_path(fill, err) != BM_OK ||
            find_values(target, i, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_bind_fills(struct bm_plan *plan, struct bm_error *err)
{
    const struct bm_rules *rules = plan->options.rules;
    for (int named = 1; named >= 0; named--) {
        for (size_t i = 0; i < rules->fill_count; i++) {
            if ((rules->fills[i].ns != NULL) == named &&
                bind_fill(plan, &rules->fills[i], err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        if (settle_target(plan, &plan->targets[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
