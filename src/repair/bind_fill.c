/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/fill.h"
#include "repair/replayed.h"

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

enum bm_status bm_fill_split(struct bm_fill *fill, struct bm_error *err)
{
    const char *at = fill->field;
    size_t count = 1;
    for (const char *dot = strchr(at, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        count++;
    }
    if (count > BM_FILL_COMPONENTS_MAX) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%.64s...: over %u components", at,
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

/* A fill or an unset as it was asked for. */
struct request {
    const char *option; /* "--fill" */
    const char *ns;     /* NULL: wherever it can mean one thing */
    struct bm_fill fill;
};

/* "=hex:32", in two parts for a message. */
static const char *equals_of(const struct request *request)
{
    return request->fill.shape != NULL ? "=" : "";
}

static const char *token_of(const struct request *request)
{
    return request->fill.shape != NULL ? request->fill.shape->text : "";
}

/* Where nothing holds a token against the values of its collection. */
static enum bm_status check_width(const struct bm_plan *plan, const struct request *request,
                                  struct bm_error *err)
{
    const struct bm_token_shape *shape = request->fill.shape;
    if (!plan->replays || shape->kind == BM_TOKEN_UNSAID ||
        bm_token_shape_bits(shape) >= BM_OPLOG_BITS_MIN) {
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_USAGE, 0,
                   "--fill %s=%s: the dump has an oplog, whose new tokens are held against no "
                   "others: at least %.0f bits are needed there; write a longer token, or let "
                   "the oplog pass as it is with --ignoreOplog",
                   request->fill.field, shape->text, BM_OPLOG_BITS_MIN);
}

static enum bm_status check_token(const struct bm_plan *plan, const struct request *request,
                                  struct bm_error *err)
{
    const char *field = request->fill.field;
    if (!plan->options.repeatable && request->fill.shape->kind != BM_TOKEN_UNSAID &&
        bm_token_shape_bits(request->fill.shape) < TOKEN_BITS_MIN) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--fill %s=%s: fewer than 64 bits collide too often to be drawn in one "
                       "reading, and a pipe can be read only once; write a longer token, give a "
                       "file, or name a folder with --spool",
                       field, token_of(request));
    }
    if (plan->options.token_key == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--fill %s: there is no token key", field);
    }
    return check_width(plan, request, err);
}

static enum bm_status check_request(const struct bm_plan *plan, const struct request *request,
                                    struct bm_error *err)
{
    const char *field = request->fill.field;
    if (bm_path_is_id(field)) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s %s: _id is never changed", request->option,
                       field);
    }
    if (bm_path_has_position(field)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "%s %s: a position in an array cannot be named; leave the number out to "
                       "mean every entry",
                       request->option, field);
    }
    return request->fill.shape != NULL ? check_token(plan, request, err) : BM_OK;
}

static int same_shape(const struct bm_token_shape *a, const struct bm_token_shape *b)
{
    return a->kind == b->kind && a->length == b->length && strcmp(a->prefix, b->prefix) == 0 &&
           strcmp(a->suffix, b->suffix) == 0 && strcmp(a->alphabet, b->alphabet) == 0;
}

static int is_the_same(const struct bm_fill *a, const struct bm_fill *b)
{
    if (a->shape == NULL || b->shape == NULL) {
        return a->shape == b->shape && a->empty == b->empty;
    }
    return a->empty == b->empty && same_shape(a->shape, b->shape);
}

static enum bm_status contradict(const struct bm_target *target, const struct bm_fill *there,
                                 const struct request *request, struct bm_error *err)
{
    const char *field = request->fill.field;
    if (there->shape == NULL || request->fill.shape == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "rules for %s contradict each other in %s", field,
                       target->ns->ns);
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "--fill %s: %s and %s contradict each other in %s",
                   field, there->shape->text, token_of(request), target->ns->ns);
}

/*
 * One more rule for a namespace; those that name it come first and beat those that do not. The
 * rules stay in the order they were given in.
 */
static enum bm_status add_fill(struct bm_target *target, const struct request *request,
                               struct bm_error *err)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        const struct bm_fill *there = &target->fills[i];
        if (strcmp(there->field, request->fill.field) != 0) {
            continue;
        }
        /* The one that names the namespace came first. */
        return there->is_named != request->fill.is_named || is_the_same(there, &request->fill)
                   ? BM_OK
                   : contradict(target, there, request, err);
    }
    if (bm_grow(&target->fills, target->fill_count, &target->fill_capacity, sizeof *target->fills,
                err) != BM_OK) {
        return BM_FAIL;
    }
    size_t at = target->fill_count++;
    for (; at > 0 && target->fills[at - 1].rule > request->fill.rule; at--) {
        target->fills[at] = target->fills[at - 1];
    }
    target->fills[at] = request->fill;
    return BM_OK;
}

static enum bm_status add_checked_fill(struct bm_target *target, const struct request *request,
                                       struct bm_error *err)
{
    const char *why = bm_bind_unmendable(target->ns);
    if (why != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s %s in %s: %s", request->option,
                       request->fill.field, target->ns->ns, why);
    }
    return add_fill(target, request, err);
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
static enum bm_status bind_everywhere(struct bm_plan *plan, const struct request *request,
                                      struct bm_error *err)
{
    size_t matches = 0;
    const char *field = request->fill.field;
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        int is_raw = plan->options.container == BM_CONTAINER_BSON;
        if (!target->selected || (!is_raw && (target->ns->kind != BM_NAMESPACE_COLLECTION ||
                                              !has_unique_over(target, field)))) {
            continue;
        }
        if (add_checked_fill(target, request, err) != BM_OK) {
            return BM_FAIL;
        }
        matches++;
    }
    if (matches == 0 && bm_bind_may_be_done(plan->options.rules)) {
        return bm_plan_note(plan, err, "%s %s%s%s changes nothing: no unique index over it is left",
                            request->option, field, equals_of(request), token_of(request));
    }
    if (matches == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "%s %s%s%s matches nothing: no selected collection has a unique index over "
                       "%s; name one: %s DATABASE.COLLECTION:%s%s%s",
                       request->option, field, equals_of(request), token_of(request), field,
                       request->option, field, equals_of(request), token_of(request));
    }
    return BM_OK;
}

static int has_namespace(const struct bm_plan *plan, const char *ns)
{
    for (size_t i = 0; i < plan->target_count; i++) {
        if (strcmp(plan->targets[i].ns->ns, ns) == 0) {
            return 1;
        }
    }
    return 0;
}

/* The namespace that a rule names; with an oplog it may be one that comes with it only. */
static enum bm_status find_named(struct bm_plan *plan, const struct request *request,
                                 struct bm_target **target, struct bm_error *err)
{
    enum bm_status status = BM_END;
    if (!has_namespace(plan, request->ns) && bm_rules_select(plan->options.rules, request->ns)) {
        status = bm_replayed_find(plan, request->ns, target, err);
    }
    if (status == BM_END) {
        return bm_bind_find(plan, request->option, request->ns, request->fill.field, target, err);
    }
    if (status == BM_OK && request->fill.shape != NULL &&
        request->fill.shape->kind == BM_TOKEN_UNSAID) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--fill %s:%s: the dump has no such namespace, so that no kind of token can "
                       "be learned from it; if the oplog makes it, write for example --fill "
                       "%s:%s=hex:32",
                       request->ns, request->fill.field, request->ns, request->fill.field);
    }
    return status;
}

static enum bm_status bind_request(struct bm_plan *plan, const struct request *request,
                                   struct bm_error *err)
{
    struct bm_target *target = NULL;
    if (check_request(plan, request, err) != BM_OK) {
        return BM_FAIL;
    }
    if (request->ns == NULL) {
        return bind_everywhere(plan, request, err);
    }
    if (find_named(plan, request, &target, err) != BM_OK) {
        return BM_FAIL;
    }
    return add_checked_fill(target, request, err);
}

int bm_path_is_inside(const char *path, const char *outer)
{
    size_t len = strlen(outer);
    return strncmp(path, outer, len) == 0 && path[len] == '.';
}

static const char *option_of(const struct bm_fill *fill)
{
    return fill->shape != NULL ? "--fill" : "--unset";
}

static enum bm_status refuse_prefixes(const struct bm_target *target, struct bm_error *err)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        for (size_t j = 0; j < target->fill_count; j++) {
            const struct bm_fill *inner = &target->fills[i];
            const struct bm_fill *outer = &target->fills[j];
            if (bm_path_is_inside(inner->field, outer->field)) {
                return bm_fail(err, BM_ERROR_USAGE, 0,
                               "%s %s and %s %s contradict each other in %s: one lies inside the "
                               "other",
                               option_of(outer), outer->field, option_of(inner), inner->field,
                               target->ns->ns);
            }
        }
    }
    return BM_OK;
}

/* The field of an index that is refilled: by the rule that fills it, else in a way to be learned.
 */
static enum bm_status add_refill(struct bm_plan *plan, struct bm_target *target, size_t track,
                                 struct bm_error *err)
{
    static const struct bm_token_shape unsaid = {.kind = BM_TOKEN_UNSAID};
    const char *field = bm_index_field(target->tracks[track].index, 0);
    for (size_t i = 0; i < target->fill_count; i++) {
        struct bm_fill *fill = &target->fills[i];
        if (strcmp(fill->field, field) != 0) {
            continue;
        }
        if (fill->shape == NULL || fill->refills != BM_NO_TRACK) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "--onDuplicate %s=refill in %s contradicts another rule for %s",
                           bm_index_name(target->tracks[track].index), target->ns->ns, field);
        }
        fill->refills = track;
        return BM_OK;
    }
    if (plan->options.token_key == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "refill of %s: there is no token key", field);
    }
    if (bm_grow(&target->fills, target->fill_count, &target->fill_capacity, sizeof *target->fills,
                err) != BM_OK) {
        return BM_FAIL;
    }
    target->fills[target->fill_count++] =
        (struct bm_fill){.field = field, .shape = &unsaid, .rule = SIZE_MAX, .refills = track};
    return BM_OK;
}

/* Where rank order is not that of the dump a new token must not change what others hold. */
static enum bm_status check_refill(const struct bm_target *target, size_t track,
                                   struct bm_error *err)
{
    const char *field = bm_index_field(target->tracks[track].index, 0);
    for (size_t i = 0; target->looks_ahead && i < target->track_count; i++) {
        const struct bm_track *other = &target->tracks[i];
        if (i != track && other->unique && other->role != BM_TRACK_VALUES &&
            bm_bind_depends(target, other->index, field)) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "--onDuplicate %s=refill in %s: with --keep other than first, %s may "
                           "be in no other unique index, nor in its filter, and it is in that of "
                           "%s",
                           bm_index_name(target->tracks[track].index), target->ns->ns, field,
                           bm_index_name(other->index));
        }
    }
    return BM_OK;
}

static enum bm_status add_refills(struct bm_plan *plan, struct bm_target *target,
                                  struct bm_error *err)
{
    for (size_t i = 0; i < target->track_count; i++) {
        if (target->tracks[i].on_duplicate == BM_DUPLICATE_REFILL &&
            (add_refill(plan, target, i, err) != BM_OK || check_refill(target, i, err) != BM_OK)) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status settle_target(struct bm_plan *plan, struct bm_target *target,
                                    struct bm_error *err)
{
    if (add_refills(plan, target, err) != BM_OK || refuse_prefixes(target, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < target->fill_count; i++) {
        struct bm_fill *fill = &target->fills[i];
        target->unset_count += fill->shape == NULL ? 1 : 0;
        if (bm_fill_split(fill, err) != BM_OK) {
            return BM_FAIL;
        }
        if (fill->shape != NULL && fill->shape->kind == BM_TOKEN_UNSAID &&
            bm_learning_add(plan, target, i, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return bm_bind_values(plan, target, err) == BM_OK ? bm_vetting_start(plan, target, err)
                                                      : BM_FAIL;
}

/* The rules of a namespace that the oplog alone has: no document of it is judged. */
static enum bm_status settle_replayed(struct bm_target *target, struct bm_error *err)
{
    if (refuse_prefixes(target, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < target->fill_count; i++) {
        target->unset_count += target->fills[i].shape == NULL ? 1 : 0;
        if (bm_fill_split(&target->fills[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* The rules that name a namespace, or those that do not. */
static enum bm_status bind_rules(struct bm_plan *plan, int named, struct bm_error *err)
{
    const struct bm_rules *rules = plan->options.rules;
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < rules->fill_count + rules->unset_count && status == BM_OK; i++) {
        int is_fill = i < rules->fill_count;
        const struct bm_fill_rule *fill = is_fill ? &rules->fills[i] : NULL;
        const struct bm_unset_rule *unset = is_fill ? NULL : &rules->unsets[i - rules->fill_count];
        unsigned empty = is_fill ? fill->empty : unset->empty;
        const char *ns = is_fill ? fill->ns : unset->ns;
        empty = empty != 0 ? empty : rules->empty;
        struct request request = {
            .option = is_fill ? "--fill" : "--unset",
            .ns = ns,
            .fill = {.field = is_fill ? fill->field : unset->field,
                     .empty = is_fill ? empty : empty & ~(unsigned)BM_EMPTY_MISSING,
                     .shape = is_fill ? &fill->shape : NULL,
                     .rule = i,
                     .refills = BM_NO_TRACK,
                     .is_named = named},
        };
        if ((ns != NULL) == named) {
            status = bind_request(plan, &request, err);
        }
    }
    return status;
}

/* An oplog that lies among the collections is none to this program. */
static enum bm_status note_oplog(struct bm_plan *plan, struct bm_error *err)
{
    size_t fills = 0;
    for (size_t i = 0; i < plan->target_count; i++) {
        fills += plan->targets[i].fill_count;
    }
    for (size_t i = 0; fills > 0 && i < plan->target_count; i++) {
        const struct bm_namespace *ns = plan->targets[i].ns;
        if (bm_bind_is_oplog(ns) &&
            bm_plan_note(plan, err,
                         "%s passes as it is: mongorestore --oplogReplay may take it for the "
                         "oplog, and undo what is mended",
                         ns->ns) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_bind_fills(struct bm_plan *plan, struct bm_error *err)
{
    if (bind_rules(plan, 1, err) != BM_OK || bind_rules(plan, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        if (settle_target(plan, &plan->targets[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < plan->replayed.count; i++) {
        if (settle_replayed(plan->replayed.targets[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return note_oplog(plan, err);
}
