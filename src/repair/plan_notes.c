/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan_notes.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "repair/index_notes.h"

/* Takes the note; NULL: there was no memory for it. */
static enum bm_status add_note(struct bm_result *result, char *note, struct bm_error *err)
{
    enum bm_status status = note != NULL ? bm_result_add_note(result, note, err) : BM_FAIL;
    free(note);
    return status;
}

enum bm_status bm_plan_report_damage(const struct bm_target *target, struct bm_result *result,
                                     struct bm_error *err)
{
    for (size_t i = 0; i < target->damage_count; i++) {
        if (bm_result_add_damage(result, target->ns->ns, target->damage[i].offset,
                                 target->damage[i].what, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (target->damaged == target->damage_count) {
        return BM_OK;
    }
    return add_note(result,
                    bm_format_text(err, "%s: %" PRIu64 " damaged documents, the first %zu listed",
                                   target->ns->ns, target->damaged, target->damage_count),
                    err);
}

/* Fields that one rule changed in all namespaces it is for; whether there are any. */
static int count_changed(const struct bm_plan *plan, size_t rule, uint64_t *changed)
{
    int is_bound = 0;
    *changed = 0;
    for (size_t i = 0; i < plan->target_count; i++) {
        for (size_t f = 0; f < plan->targets[i].fill_count; f++) {
            const struct bm_fill *fill = &plan->targets[i].fills[f];
            if (fill->rule == rule) {
                *changed += fill->changed;
                is_bound = 1;
            }
        }
    }
    return is_bound;
}

/* What a run that broke off did not read may hold what is to be changed: nothing is said of it. */
static enum bm_status report_idle_rules(const struct bm_plan *plan, struct bm_result *result,
                                        struct bm_error *err)
{
    const struct bm_rules *rules = plan->options.rules;
    size_t count = rules->fill_count + rules->unset_count;
    for (size_t i = 0; result->error.code == BM_ERROR_NONE && i < count; i++) {
        int is_fill = i < rules->fill_count;
        const struct bm_fill_rule *fill = is_fill ? &rules->fills[i] : NULL;
        const struct bm_unset_rule *unset = is_fill ? NULL : &rules->unsets[i - rules->fill_count];
        const char *ns = is_fill ? fill->ns : unset->ns;
        uint64_t changed;
        if (!count_changed(plan, i, &changed) || changed > 0) {
            continue;
        }
        char *note = bm_format_text(err, "--%s %s%s%s%s%s: nothing was empty",
                                    is_fill ? "fill" : "unset", ns != NULL ? ns : "",
                                    ns != NULL ? ":" : "", is_fill ? fill->field : unset->field,
                                    is_fill ? "=" : "", is_fill ? fill->shape.text : "");
        if (add_note(result, note, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status report_zero_times(const struct bm_target *target, struct bm_result *result,
                                        struct bm_error *err)
{
    for (size_t i = 0; i < target->track_count; i++) {
        char *note;
        if (bm_note_zero_times(target, &target->tracks[i], &note, err) != BM_OK ||
            (note != NULL && add_note(result, note, err) != BM_OK)) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* Documents that a rule's filter takes out of an index although they have a value. */
static enum bm_status report_outside(const struct bm_target *target, struct bm_result *result,
                                     struct bm_error *err)
{
    for (size_t i = 0; i < target->track_count; i++) {
        const struct bm_track *track = &target->tracks[i];
        if (track->outside.documents > 0 &&
            add_note(result,
                     bm_format_text(err,
                                    "%s: %" PRIu64 " %s with a value of another type %s out of "
                                    "index %s",
                                    target->ns->ns, track->outside.documents,
                                    track->outside.documents == 1 ? "document" : "documents",
                                    track->outside.documents == 1 ? "falls" : "fall",
                                    bm_index_name(track->index)),
                     err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* Tokens of a small space: drawn again where they collide, but there are not many of them. */
static enum bm_status report_odds(const struct bm_target *target, struct bm_result *result,
                                  struct bm_error *err)
{
    for (size_t i = 0; i < target->fill_count; i++) {
        const struct bm_fill *fill = &target->fills[i];
        if (fill->shape == NULL || fill->drawn == 0 || fill->shape->kind == BM_TOKEN_UNSAID) {
            continue;
        }
        double odds = ldexp((double)fill->drawn * (double)target->documents,
                            -(int)bm_token_shape_bits(fill->shape));
        if (odds > 1e-6 &&
            add_note(result,
                     bm_format_text(err,
                                    "%s: of %" PRIu64 " new tokens %s about %.2g were bound to "
                                    "meet a value, and drawn again: a longer kind is safer",
                                    target->ns->ns, fill->drawn, fill->shape->text, odds),
                     err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_plan_report_notes(const struct bm_plan *plan, struct bm_result *result,
                                    struct bm_error *err)
{
    for (size_t i = 0; i < plan->note_count; i++) {
        if (bm_result_add_note(result, plan->notes[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        if (report_zero_times(&plan->targets[i], result, err) != BM_OK ||
            report_outside(&plan->targets[i], result, err) != BM_OK ||
            report_odds(&plan->targets[i], result, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return report_idle_rules(plan, result, err);
}
