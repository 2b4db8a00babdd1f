/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/rewriting.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "catalog/build.h"
#include "repair/plan.h"

#define METADATA_MAX ((size_t)BM_DOCUMENT_MAX * 2)

static const struct bm_index_spec *find_spec(const struct bm_namespace *ns, const char *name)
{
    for (size_t i = 0; i < ns->index_count; i++) {
        if (strcmp(ns->indexes[i].name, name) == 0) {
            return &ns->indexes[i];
        }
    }
    return NULL;
}

const struct bm_rewriting_step *bm_rewriting_find(const struct bm_rewriting *rewriting,
                                                  const char *index)
{
    for (size_t i = 0; i < rewriting->step_count; i++) {
        const struct bm_rewriting_step *step = &rewriting->steps[i];
        if (step->rewrite.kind == BM_REWRITE_INDEX && strcmp(step->rewrite.name, index) == 0 &&
            step->result.outcome == BM_REWRITE_CHANGED) {
            return step;
        }
    }
    return NULL;
}

void bm_rewriting_free(struct bm_rewriting *rewriting)
{
    for (size_t i = 0; i < rewriting->step_count; i++) {
        free(rewriting->steps[i].fields);
    }
    free(rewriting->steps);
    bm_buffer_free(&rewriting->text);
}

/* ---- which rules are for which namespace ---- */

/* The option and the subject of a rule, for messages: "--index", "token_1". */
static const char *option_of(const struct bm_rewrite *rewrite)
{
    return rewrite->kind == BM_REWRITE_INDEX ? "--index" : "--require";
}

static const char *subject_of(const struct bm_rewrite *rewrite)
{
    return rewrite->kind == BM_REWRITE_INDEX ? rewrite->name : rewrite->fields[0];
}

static int is_about_the_same(const struct bm_rewrite *a, const struct bm_rewrite *b)
{
    return a->kind == b->kind && strcmp(subject_of(a), subject_of(b)) == 0;
}

static int wants_the_same(const struct bm_rewrite *a, const struct bm_rewrite *b)
{
    return a->kind == BM_REWRITE_REQUIRE ||
           (a->index == b->index &&
            (a->index != BM_INDEX_ACTION_PARTIAL || a->partial == b->partial));
}

/* One more rule for a namespace; those that name it come first and beat those that do not. */
static enum bm_status add_step(struct bm_target *target, const struct bm_rewriting_step *step,
                               struct bm_error *err)
{
    struct bm_rewriting *rewriting = &target->rewriting;
    for (size_t i = 0; i < rewriting->step_count; i++) {
        const struct bm_rewriting_step *there = &rewriting->steps[i];
        if (!is_about_the_same(&there->rewrite, &step->rewrite)) {
            continue;
        }
        if (there->is_named != step->is_named || wants_the_same(&there->rewrite, &step->rewrite)) {
            return BM_OK;
        }
        return bm_fail(err, BM_ERROR_USAGE, 0, "two rules --index %s contradict each other in %s",
                       step->rewrite.name, target->ns->ns);
    }
    if (bm_grow(&rewriting->steps, rewriting->step_count, &rewriting->step_capacity,
                sizeof *rewriting->steps, err) != BM_OK) {
        return BM_FAIL;
    }
    rewriting->steps[rewriting->step_count++] = *step;
    return BM_OK;
}

static enum bm_status add_checked_step(struct bm_target *target,
                                       const struct bm_rewriting_step *step, struct bm_error *err)
{
    const char *why = bm_bind_unmendable(target->ns);
    if (why != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s %s in %s: %s", option_of(&step->rewrite),
                       subject_of(&step->rewrite), target->ns->ns, why);
    }
    return add_step(target, step, err);
}

int bm_rewriting_was_unique_over(const struct bm_namespace *ns, const char *field)
{
    for (size_t i = 0; i < ns->index_count; i++) {
        const struct bm_index_spec *spec = &ns->indexes[i];
        struct bm_error unheard = BM_ERROR_INIT;
        struct bm_element found;
        if (spec->unique && spec->key.len > 0 &&
            bm_document_find(spec->key, bm_view_text(field), &found, &unheard) == BM_OK) {
            return 1;
        }
    }
    return 0;
}

/* Whether a rule without NS is for this namespace. */
static int is_meant(const struct bm_target *target, const struct bm_rewrite *rewrite)
{
    if (target->ns->kind != BM_NAMESPACE_COLLECTION) {
        return 0;
    }
    return rewrite->kind == BM_REWRITE_INDEX
               ? find_spec(target->ns, rewrite->name) != NULL
               : bm_rewriting_was_unique_over(target->ns, rewrite->fields[0]);
}

/* An index that is not there is not unique either. */
static int is_met_by_absence(const struct bm_rewrite *rewrite)
{
    return rewrite->kind == BM_REWRITE_INDEX &&
           (rewrite->index == BM_INDEX_ACTION_DROP || rewrite->index == BM_INDEX_ACTION_NONUNIQUE);
}

static enum bm_status match_nothing(struct bm_plan *plan, const struct bm_rewrite *rewrite,
                                    struct bm_error *err)
{
    if (is_met_by_absence(rewrite)) {
        return bm_plan_note(plan, err,
                            "--index %s changes nothing: no selected collection has such an index",
                            rewrite->name);
    }
    if (rewrite->kind == BM_REWRITE_REQUIRE && bm_bind_may_be_done(plan->options.rules)) {
        return bm_plan_note(plan, err,
                            "--require %s changes nothing: no unique index over it is left",
                            subject_of(rewrite));
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "%s %s matches nothing: no selected collection has %s",
                   option_of(rewrite), subject_of(rewrite),
                   rewrite->kind == BM_REWRITE_INDEX
                       ? "such an index"
                       : "a unique index over it; name one: DATABASE.COLLECTION:FIELD");
}

static enum bm_status bind_everywhere(struct bm_plan *plan, const struct bm_rewriting_step *step,
                                      struct bm_error *err)
{
    size_t matches = 0;
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        int is_raw = plan->options.container == BM_CONTAINER_BSON;
        if (!target->selected || (!is_raw && !is_meant(target, &step->rewrite))) {
            continue;
        }
        if (add_checked_step(target, step, err) != BM_OK) {
            return BM_FAIL;
        }
        matches++;
    }
    return matches > 0 ? BM_OK : match_nothing(plan, &step->rewrite, err);
}

static enum bm_status bind_rule(struct bm_plan *plan, const char *ns,
                                const struct bm_rewrite *rewrite, struct bm_error *err)
{
    const struct bm_rewriting_step step = {.rewrite = *rewrite, .is_named = ns != NULL};
    if (ns == NULL) {
        return bind_everywhere(plan, &step, err);
    }
    struct bm_target *target = NULL;
    return bm_bind_find(plan, option_of(rewrite), ns, subject_of(rewrite), &target, err) == BM_OK
               ? add_checked_step(target, &step, err)
               : BM_FAIL;
}

static enum bm_status bind_rules(struct bm_plan *plan, int named, struct bm_error *err)
{
    const struct bm_rules *rules = plan->options.rules;
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < rules->index_count && status == BM_OK; i++) {
        const struct bm_index_rule *rule = &rules->indexes[i];
        const struct bm_rewrite rewrite = {.kind = BM_REWRITE_INDEX,
                                           .name = rule->index,
                                           .index = rule->action,
                                           .partial = rule->partial};
        if ((rule->ns != NULL) == named) {
            status = bind_rule(plan, rule->ns, &rewrite, err);
        }
    }
    for (size_t i = 0; i < rules->require_count && status == BM_OK; i++) {
        const struct bm_require_rule *rule = &rules->requires[i];
        const struct bm_rewrite rewrite = {.kind = BM_REWRITE_REQUIRE,
                                           .fields = (const char *const *)&rule->field,
                                           .field_count = 1};
        if ((rule->ns != NULL) == named) {
            status = bind_rule(plan, rule->ns, &rewrite, err);
        }
    }
    return status;
}

/* ---- what they make of its metadata ---- */

static int is_mended_here(const char *rule_ns, const char *rule_field, const struct bm_target *here,
                          const char *field)
{
    return (rule_ns == NULL || strcmp(rule_ns, here->ns->ns) == 0) &&
           strcmp(rule_field, field) == 0;
}

static const char *mended_field(const struct bm_plan *plan, const struct bm_target *target,
                                const char *field)
{
    const struct bm_rules *rules = plan->options.rules;
    for (size_t i = 0; i < rules->fill_count; i++) {
        if (is_mended_here(rules->fills[i].ns, rules->fills[i].field, target, field)) {
            return rules->fills[i].field;
        }
    }
    for (size_t i = 0; i < rules->unset_count; i++) {
        if (is_mended_here(rules->unsets[i].ns, rules->unsets[i].field, target, field)) {
            return rules->unsets[i].field;
        }
    }
    return NULL;
}

/* The filter of a compound index is on those of its fields that rules mend. */
static enum bm_status choose_fields(const struct bm_plan *plan, const struct bm_target *target,
                                    struct bm_rewriting_step *step, struct bm_error *err)
{
    const struct bm_index_spec *spec =
        step->rewrite.kind == BM_REWRITE_INDEX ? find_spec(target->ns, step->rewrite.name) : NULL;
    struct bm_elements elements;
    struct bm_element element;
    if (spec == NULL || spec->key.len == 0 || step->rewrite.index != BM_INDEX_ACTION_PARTIAL) {
        return BM_OK;
    }
    step->fields = bm_allocate(spec->key.len, sizeof *step->fields, err);
    if (step->fields == NULL || bm_elements_open(&elements, spec->key, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t all = 0;
    const char *only = NULL;
    enum bm_status status;
    while ((status = bm_elements_next(&elements, &element, err)) == BM_OK) {
        only = (const char *)element.name.data; /* ends with a zero byte, and lives with the spec */
        const char *field = mended_field(plan, target, only);
        if (field != NULL) {
            step->fields[step->field_count++] = field;
        }
        all++;
    }
    if (all == 1) {
        step->fields[0] = only;
        step->field_count = 1;
    }
    step->rewrite.fields = step->fields;
    step->rewrite.field_count = step->field_count;
    return status == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status run_steps(struct bm_target *target, struct bm_error *err)
{
    if (target->ns->metadata_state == BM_METADATA_TOO_LARGE) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0,
                      "its metadata is too large to be read, and is not rewritten");
        return bm_error_in(err, target->ns->ns);
    }
    struct bm_rewriting *rewriting = &target->rewriting;
    size_t count = rewriting->step_count;
    struct bm_rewrite *rewrites = bm_allocate(count, sizeof *rewrites, err);
    struct bm_rewrite_result *results = bm_allocate(count, sizeof *results, err);
    enum bm_status status = rewrites != NULL && results != NULL ? BM_OK : BM_FAIL;
    for (size_t i = 0; i < count && status == BM_OK; i++) {
        rewrites[i] = rewriting->steps[i].rewrite;
    }
    if (status == BM_OK) {
        rewriting->text = BM_BUFFER_INIT(METADATA_MAX);
        status = bm_rewrite_metadata(target->ns->metadata, rewrites, count, results,
                                     &rewriting->text, err);
    }
    for (size_t i = 0; i < count && status == BM_OK; i++) {
        rewriting->steps[i].result = results[i];
    }
    free(rewrites);
    free(results);
    return status == BM_OK ? BM_OK : bm_error_in(err, target->ns->ns);
}

/* What is said of an index that changes, and of one that is so already. */
static const struct {
    const char *made;
    const char *already;
} words[] = {
    [BM_INDEX_ACTION_KEEP] = {"stays", "there"},
    [BM_INDEX_ACTION_PARTIAL] = {"becomes partial", "partial"},
    [BM_INDEX_ACTION_SPARSE] = {"becomes sparse", "sparse"},
    [BM_INDEX_ACTION_NONUNIQUE] = {"becomes not unique", "not unique"},
    [BM_INDEX_ACTION_DROP] = {"goes", "gone"},
};

static enum bm_status tell_index(struct bm_plan *plan, const struct bm_target *target,
                                 const struct bm_rewriting_step *step, struct bm_error *err)
{
    const char *name = step->rewrite.name;
    switch (step->result.outcome) {
    case BM_REWRITE_CHANGED:
        return bm_plan_note(plan, err, "%s: index %s %s in the metadata", target->ns->ns, name,
                            words[step->rewrite.index].made);
    case BM_REWRITE_FULFILLED:
        return bm_plan_note(plan, err, "%s: index %s is %s already, --index changes nothing",
                            target->ns->ns, name, words[step->rewrite.index].already);
    case BM_REWRITE_ABSENT:
        break;
    }
    if (is_met_by_absence(&step->rewrite)) {
        return bm_plan_note(plan, err, "%s: there is no index %s, --index changes nothing",
                            target->ns->ns, name);
    }
    int is_elsewhere = target->ns->metadata_state == BM_METADATA_SYSTEM_INDEXES;
    (void)bm_fail(err, BM_ERROR_USAGE, 0, "--index %s: %s", name,
                  is_elsewhere ? "its indexes are defined in system.indexes, which is not rewritten"
                               : "the collection has no such index");
    return bm_error_in(err, target->ns->ns);
}

static enum bm_status tell_required(struct bm_plan *plan, const struct bm_target *target,
                                    const struct bm_rewriting_step *step, struct bm_error *err)
{
    static const char *const limits[] = {
        [BM_VALIDATION_REFUSES] = "",
        [BM_VALIDATION_OFF] =
            "; but its validationLevel is off, so that the server refuses nothing",
        [BM_VALIDATION_WARNS] =
            "; but its validationAction is warn, so that the server refuses nothing",
    };
    const char *field = step->rewrite.fields[0];
    const char *limit = limits[step->result.validation];
    return step->result.outcome == BM_REWRITE_CHANGED
               ? bm_plan_note(plan, err, "%s: a validator comes to require %s%s", target->ns->ns,
                              field, limit)
               : bm_plan_note(plan, err, "%s: %s is required already, --require changes nothing%s",
                              target->ns->ns, field, limit);
}

/* The namespace as it will be, read from the new text like any other. */
static enum bm_status revise(struct bm_plan *plan, struct bm_target *target, struct bm_error *err)
{
    struct bm_view text = bm_buffer_view(&target->rewriting.text);
    if (bm_view_equal(text, target->ns->metadata)) {
        return BM_OK;
    }
    const struct bm_catalog_entry entry = {
        .db = bm_view_text(target->ns->db),
        .collection = bm_view_text(target->ns->collection),
        .has_data = target->ns->has_data,
        .metadata = text,
    };
    if (plan->revised == NULL) {
        plan->revised = bm_catalog_new(err);
    }
    if (plan->revised == NULL ||
        bm_catalog_add(plan->revised, &entry, &target->after, err) != BM_OK) {
        return BM_FAIL;
    }
    plan->metadata[target->ns->number] = text;
    if (target->after->metadata_state == BM_METADATA_READ) {
        return BM_OK;
    }
    (void)bm_fail(err, BM_ERROR_USAGE, 0, "the changed metadata could not be read: %.200s",
                  target->after->metadata_problem != NULL ? target->after->metadata_problem : "");
    return bm_error_in(err, target->ns->ns);
}

static enum bm_status rewrite(struct bm_plan *plan, struct bm_target *target, struct bm_error *err)
{
    struct bm_rewriting *rewriting = &target->rewriting;
    if (!bm_utf8_all_text(target->ns->metadata)) {
        (void)bm_fail(
            err, BM_ERROR_USAGE, 0,
            "%s changes metadata, and these are no text in UTF-8: a ledger could not lead "
            "back to them",
            option_of(&rewriting->steps[0].rewrite));
        return bm_error_in(err, target->ns->ns);
    }
    for (size_t i = 0; i < rewriting->step_count; i++) {
        if (choose_fields(plan, target, &rewriting->steps[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (run_steps(target, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < rewriting->step_count; i++) {
        const struct bm_rewriting_step *step = &rewriting->steps[i];
        enum bm_status status = step->rewrite.kind == BM_REWRITE_INDEX
                                    ? tell_index(plan, target, step, err)
                                    : tell_required(plan, target, step, err);
        if (status != BM_OK) {
            return BM_FAIL;
        }
    }
    return revise(plan, target, err);
}

enum bm_status bm_rewriting_bind(struct bm_plan *plan, struct bm_error *err)
{
    plan->metadata = bm_allocate(plan->target_count, sizeof *plan->metadata, err);
    if (plan->metadata == NULL || bind_rules(plan, 1, err) != BM_OK ||
        bind_rules(plan, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        struct bm_target *target = &plan->targets[i];
        if (target->rewriting.step_count > 0 && rewrite(plan, target, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
