/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/fill.h"

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

enum bm_status bm_fill_split(struct bm_fill *fill, struct bm_error *err)
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

static enum bm_status add_checked_fill(struct bm_target *target, const struct bm_fill_rule *rule,
                                       struct bm_error *err)
{
    const char *why = bm_bind_unmendable(target->ns->kind);
    if (why != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--fill %s in %s: %s", rule->field, target->ns->ns,
                       why);
    }
    return add_fill(target, rule, err);
}

static int has_unique_over(const struct bm_target *target, const char *field)
{
    for (size_t i = 0; i < target->track_count; i++) {
        if (target->tracks[i].unique && bm_bind_has_field(target->tracks[i].index, field)) {
            return 1;
        }
    }
    return bm_rewriting_was_unique_over(target->ns, field);
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
    if (bm_bind_find(plan, "--fill", rule->ns, rule->field, &target, err) != BM_OK) {
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

/* The set of a track knows values of the field; new tokens go in there as well. */
static enum bm_status add_values(struct bm_plan *plan, struct bm_target *target, size_t number,
                                 size_t track, struct bm_error *err)
{
    struct bm_fill *fill = &target->fills[number];
    if (bm_grow(&fill->tracks, fill->track_count, &fill->track_capacity, sizeof *fill->tracks,
                err) != BM_OK) {
        return BM_FAIL;
    }
    fill->tracks[fill->track_count++] = track;
    target->tracks[track].fill = number;
    target->tracks[track].taken = bm_seen_new(&plan->taken_budget, err);
    return target->tracks[track].taken != NULL ? BM_OK : BM_FAIL;
}

static int is_known(const struct bm_target *target, const struct bm_fill *fill,
                    const struct bm_index *like)
{
    for (size_t i = 0; i < fill->track_count; i++) {
        const struct bm_index *index = target->tracks[fill->tracks[i]].index;
        if (like != NULL ? bm_index_same_collation(index, like) : !bm_index_has_collation(index)) {
            return 1;
        }
    }
    return 0;
}

/* A set of its own for the values of the field, equal as in the index `like`, NULL: as bytes. */
static enum bm_status add_own_values(struct bm_plan *plan, struct bm_target *target, size_t number,
                                     const struct bm_index *like, struct bm_error *err)
{
    const char *field = target->fills[number].rule->field;
    const struct bm_index_request request = {
        .name = field,
        .fields = &field,
        .count = 1,
        .server = bm_server_parse(NULL), /* no limit of an old server hides a value */
        .collated_as = like,
    };
    struct bm_index *values = bm_index_requested(&request, err);
    if (values == NULL || bm_target_add_track(target, BM_TRACK_VALUES, values, err) != BM_OK) {
        return BM_FAIL;
    }
    return add_values(plan, target, number, target->track_count - 1, err);
}

/*
 * Which sets know the values of the field: a judged index that has them all serves, one for each
 * way in which strings may be equal; what is missing gets a set of its own.
 */
static enum bm_status find_values(struct bm_plan *plan, struct bm_target *target, size_t number,
                                  struct bm_error *err)
{
    struct bm_fill *fill = &target->fills[number];
    const char *field = fill->rule->field;
    size_t indexes = target->track_count;
    for (size_t i = 0; i < indexes; i++) {
        const struct bm_track *track = &target->tracks[i];
        if (!track->unique || !bm_bind_has_field(track->index, field)) {
            continue;
        }
        fill->index = fill->index == NULL ? bm_index_name(track->index) : fill->index;
        if (track->role == BM_TRACK_JUDGED && bm_index_holds_all(track->index) &&
            bm_index_field_count(track->index) == 1 && !is_known(target, fill, track->index) &&
            add_values(plan, target, number, i, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (!is_known(target, fill, NULL) && add_own_values(plan, target, number, NULL, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < indexes; i++) {
        const struct bm_track *track = &target->tracks[i];
        if (track->role == BM_TRACK_JUDGED && bm_bind_has_field(track->index, field) &&
            !is_known(target, fill, track->index) &&
            add_own_values(plan, target, number, track->index, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status settle_target(struct bm_plan *plan, struct bm_target *target,
                                    struct bm_error *err)
{
    if (refuse_prefixes(target, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < target->fill_count; i++) {
        if (bm_fill_split(&target->fills[i], err) != BM_OK ||
            find_values(plan, target, i, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return bm_vetting_start(plan, target, err);
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
