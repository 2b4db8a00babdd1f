/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan.h"

#include <string.h>

/* Rules of duplicates, and of which document stays, held against the indexes of the dump. */

/* What a rule may name in place of an index, to let it pass. */
static const struct {
    const char *name;
    unsigned leave; /* enum bm_leave */
} kinds[] = {
    {"validator", BM_LEAVE_VALIDATOR},
    {"oversize", BM_LEAVE_OVERSIZE},
    {"capped", BM_LEAVE_CAPPED},
};

static unsigned kind_of(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            return kinds[i].leave;
        }
    }
    return 0;
}

static struct bm_track *find_track(struct bm_target *target, const char *name)
{
    for (size_t i = 0; i < target->track_count; i++) {
        struct bm_track *track = &target->tracks[i];
        if (track->role != BM_TRACK_VALUES && strcmp(bm_index_name(track->index), name) == 0) {
            return track;
        }
    }
    return NULL;
}

static int changes_documents(enum bm_duplicate_action action)
{
    return action == BM_DUPLICATE_REFILL || action == BM_DUPLICATE_REJECT;
}

static const char *word_of(enum bm_duplicate_action action)
{
    static const char *const words[] = {
        [BM_DUPLICATE_FAIL] = "fail",
        [BM_DUPLICATE_REFILL] = "refill",
        [BM_DUPLICATE_REJECT] = "reject",
        [BM_DUPLICATE_LEAVE] = "leave",
    };
    return words[action];
}

static enum bm_status refuse(const struct bm_duplicate_rule *rule, const struct bm_target *target,
                             const char *why, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_USAGE, 0, "--onDuplicate %s=%s in %s: %s", rule->index,
                   word_of(rule->action), target->ns->ns, why);
}

static enum bm_status check_change(const struct bm_plan *plan, const struct bm_target *target,
                                   const struct bm_track *track,
                                   const struct bm_duplicate_rule *rule, struct bm_error *err)
{
    const char *unmendable = bm_bind_unmendable(target->ns);
    if (unmendable != NULL) {
        return refuse(rule, target, unmendable, err);
    }
    if (plan->replays) {
        return refuse(rule, target,
                      "with an oplog in the dump duplicates may be legal: its replay settles them; "
                      "--ignoreOplog lets it pass without a look at it",
                      err);
    }
    if (rule->action != BM_DUPLICATE_REFILL) {
        return BM_OK;
    }
    if (bm_index_field_count(track->index) != 1) {
        return refuse(rule, target, "only an index of one field can be refilled", err);
    }
    const char *field = bm_index_field(track->index, 0);
    if (bm_path_is_id(field) || bm_path_has_position(field)) {
        return refuse(rule, target, "_id, and positions in arrays, are never changed", err);
    }
    return BM_OK;
}

/* Rules that name the namespace come first, and beat those that do not. */
static enum bm_status set_action(struct bm_plan *plan, struct bm_target *target,
                                 struct bm_track *track, const struct bm_duplicate_rule *rule,
                                 struct bm_error *err)
{
    int is_named = rule->ns != NULL;
    if (track->has_action) {
        return track->action_is_named != is_named || track->on_duplicate == rule->action
                   ? BM_OK
                   : refuse(rule, target, "another rule wants something else", err);
    }
    if (!track->unique) {
        return bm_plan_note(plan, err, "%s: index %s is not unique, --onDuplicate changes nothing",
                            target->ns->ns, rule->index);
    }
    if (changes_documents(rule->action) && check_change(plan, target, track, rule, err) != BM_OK) {
        return BM_FAIL;
    }
    track->has_action = 1;
    track->action_is_named = is_named;
    track->on_duplicate = rule->action;
    if (changes_documents(rule->action)) {
        target->contested = 1;
        target->rejects |= rule->action == BM_DUPLICATE_REJECT;
    }
    return BM_OK;
}

/* What beside duplicates is let pass: the same precedence as for indexes. */
static enum bm_status set_leave(struct bm_target *target, unsigned leave,
                                const struct bm_duplicate_rule *rule, struct bm_error *err)
{
    unsigned is_named = rule->ns != NULL ? leave : 0;
    unsigned wanted = rule->action == BM_DUPLICATE_LEAVE ? leave : 0;
    if (rule->action != BM_DUPLICATE_LEAVE && rule->action != BM_DUPLICATE_FAIL) {
        return refuse(rule, target, "only leave can be said of it", err);
    }
    if ((target->leaves_said & leave) != 0) {
        return (target->leaves_named & leave) != is_named || (target->leaves & leave) == wanted
                   ? BM_OK
                   : refuse(rule, target, "another rule wants something else", err);
    }
    target->leaves_said |= leave;
    target->leaves_named |= is_named;
    target->leaves |= wanted;
    return BM_OK;
}

/* BM_END: the namespace has nothing of that name. */
static enum bm_status bind_in(struct bm_plan *plan, struct bm_target *target,
                              const struct bm_duplicate_rule *rule, struct bm_error *err)
{
    struct bm_track *track = find_track(target, rule->index);
    if (track != NULL) {
        return set_action(plan, target, track, rule, err);
    }
    unsigned leave = kind_of(rule->index);
    return leave != 0 ? set_leave(target, leave, rule, err) : BM_END;
}

static enum bm_status match_nothing(const struct bm_duplicate_rule *rule, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_USAGE, 0,
                   "--onDuplicate %s%s%s=%s matches nothing: there is no such index",
                   rule->ns != NULL ? rule->ns : "", rule->ns != NULL ? ":" : "", rule->index,
                   word_of(rule->action));
}

static enum bm_status bind_everywhere(struct bm_plan *plan, const struct bm_duplicate_rule *rule,
                                      struct bm_error *err)
{
    size_t matches = 0;
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (!target->judged ||
            (changes_documents(rule->action) && target->ns->kind != BM_NAMESPACE_COLLECTION)) {
            continue;
        }
        enum bm_status status = bind_in(plan, target, rule, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        matches += status == BM_OK ? 1 : 0;
    }
    if (matches == 0 && bm_bind_may_be_done(plan->options.rules)) {
        return bm_plan_note(plan, err, "--onDuplicate %s=%s changes nothing: no such index is left",
                            rule->index, word_of(rule->action));
    }
    return matches > 0 ? BM_OK : match_nothing(rule, err);
}

static enum bm_status bind_duplicate(struct bm_plan *plan, const struct bm_duplicate_rule *rule,
                                     struct bm_error *err)
{
    struct bm_target *target = NULL;
    if (rule->ns == NULL) {
        return bind_everywhere(plan, rule, err);
    }
    if (bm_bind_find(plan, "--onDuplicate", rule->ns, rule->index, &target, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = bind_in(plan, target, rule, err);
    return status == BM_END ? match_nothing(rule, err) : status;
}

/*
 * A check judges what is there, and mends nothing: what would be mended is not left, so that it
 * fails as long as it is there.
 */
static enum bm_status bind_leave(struct bm_plan *plan, struct bm_target *target,
                                 const struct bm_duplicate_rule *rule, struct bm_error *err)
{
    struct bm_duplicate_rule told = *rule;
    const struct bm_track *track = find_track(target, rule->index);
    if (rule->ns != NULL && strcmp(rule->ns, target->ns->ns) != 0) {
        return BM_OK;
    }
    if (changes_documents(rule->action)) {
        told.action = BM_DUPLICATE_FAIL;
    }
    if (track != NULL && !track->unique && rule->action != BM_DUPLICATE_LEAVE) {
        return BM_OK;
    }
    return bind_in(plan, target, &told, err) != BM_FAIL ? BM_OK : BM_FAIL;
}

static enum bm_status bind_leaves(struct bm_plan *plan, struct bm_error *err)
{
    const struct bm_rules *rules = plan->options.rules;
    for (size_t r = 0; r < 2 * rules->duplicate_count; r++) {
        int named = r < rules->duplicate_count;
        const struct bm_duplicate_rule *rule =
            &rules->duplicates[named ? r : r - rules->duplicate_count];
        for (size_t i = 0; i < plan->target_count && (rule->ns != NULL) == named; i++) {
            if (bind_leave(plan, &plan->targets[i], rule, err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    return BM_OK;
}

/* ---- which document stays ---- */

static int same_keep(const struct bm_keep_rule *a, const struct bm_keep_rule *b)
{
    return a->which == b->which &&
           (a->field == NULL ? b->field == NULL
                             : b->field != NULL && strcmp(a->field, b->field) == 0);
}

static enum bm_status set_keep(struct bm_target *target, const struct bm_keep_rule *rule,
                               struct bm_error *err)
{
    const struct bm_keep_rule *there = target->keep;
    if (there == NULL) {
        target->keep = rule;
        return BM_OK;
    }
    return (there->ns != NULL) != (rule->ns != NULL) || same_keep(there, rule)
               ? BM_OK
               : bm_fail(err, BM_ERROR_USAGE, 0, "two rules --keep contradict each other in %s",
                         target->ns->ns);
}

static enum bm_status bind_keep(struct bm_plan *plan, const struct bm_keep_rule *rule,
                                struct bm_error *err)
{
    size_t matches = 0;
    struct bm_target *named = NULL;
    if (rule->ns != NULL && bm_bind_find(plan, "--keep", rule->ns, "", &named, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (target->contested && (named == NULL || named == target)) {
            if (set_keep(target, rule, err) != BM_OK) {
                return BM_FAIL;
            }
            matches++;
        }
    }
    return matches > 0 ? BM_OK
                       : bm_fail(err, BM_ERROR_USAGE, 0,
                                 "--keep matches nothing: it is for collections with "
                                 "--onDuplicate refill or reject");
}

/* In rank order _id is a key like any other, and every document's keys are looked up. */
static enum bm_status settle_contested(struct bm_plan *plan, struct bm_target *target,
                                       struct bm_error *err)
{
    for (size_t i = 0; i < target->track_count; i++) {
        struct bm_track *track = &target->tracks[i];
        if (track->role == BM_TRACK_ID) {
            track->role = BM_TRACK_JUDGED;
            target->id_track = i;
        } else if (track->role == BM_TRACK_UNJUDGED && track->has_action) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "--onDuplicate %s=%s in %s: the index cannot be judged: %s",
                           bm_index_name(track->index), word_of(track->on_duplicate),
                           target->ns->ns, track->reason);
        }
    }
    int looks_ahead = target->keep != NULL && target->keep->which != BM_KEEP_FIRST;
    if (looks_ahead && !plan->options.repeatable) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--keep last, newest and oldest need the whole dump before the first byte "
                       "of output, and a pipe can be read only once: give a file, or name a folder "
                       "with --spool");
    }
    target->looks_ahead = looks_ahead;
    plan->looks_ahead |= looks_ahead;
    return BM_OK;
}

enum bm_status bm_bind_duplicates(struct bm_plan *plan, struct bm_error *err)
{
    const struct bm_rules *rules = plan->options.rules;
    if (plan->options.purpose == BM_PLAN_CHECK) {
        return bind_leaves(plan, err);
    }
    for (int named = 1; named >= 0; named--) {
        for (size_t i = 0; i < rules->duplicate_count; i++) {
            if ((rules->duplicates[i].ns != NULL) == named &&
                bind_duplicate(plan, &rules->duplicates[i], err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    for (int named = 1; named >= 0; named--) {
        for (size_t i = 0; i < rules->keep_count; i++) {
            if ((rules->keeps[i].ns != NULL) == named &&
                bind_keep(plan, &rules->keeps[i], err) != BM_OK) {
                return BM_FAIL;
            }
        }
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        if (plan->targets[i].contested && settle_contested(plan, &plan->targets[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
