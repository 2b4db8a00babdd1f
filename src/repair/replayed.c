/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/replayed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/build.h"

void bm_replayed_free(struct bm_replayed *replayed)
{
    for (size_t i = 0; i < replayed->count; i++) {
        for (size_t f = 0; f < replayed->targets[i]->fill_count; f++) {
            free(replayed->targets[i]->fills[f].components);
        }
        free(replayed->targets[i]->fills);
        free(replayed->targets[i]);
    }
    free(replayed->targets);
    bm_catalog_free(replayed->catalog);
}

static enum bm_status add_target(struct bm_plan *plan, const struct bm_namespace *ns,
                                 struct bm_target **out, struct bm_error *err)
{
    struct bm_replayed *replayed = &plan->replayed;
    if (bm_grow(&replayed->targets, replayed->count, &replayed->capacity,
                sizeof(struct bm_target *), err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_target *target = bm_allocate(1, sizeof *target, err);
    if (target == NULL) {
        return BM_FAIL;
    }
    target->ns = target->after = ns;
    target->id_track = BM_NO_TRACK;
    target->selected = bm_rules_select(plan->options.rules, ns->ns);
    replayed->targets[replayed->count++] = target;
    *out = target;
    return BM_OK;
}

enum bm_status bm_replayed_find(struct bm_plan *plan, const char *ns, struct bm_target **out,
                                struct bm_error *err)
{
    struct bm_replayed *replayed = &plan->replayed;
    const char *dot = strchr(ns, '.');
    if (!plan->replays || dot == NULL || dot == ns || dot[1] == '\0') {
        return BM_END;
    }
    for (size_t i = 0; i < replayed->count; i++) {
        if (strcmp(replayed->targets[i]->ns->ns, ns) == 0) {
            *out = replayed->targets[i];
            return BM_OK;
        }
    }
    if (replayed->catalog == NULL) {
        replayed->catalog = bm_catalog_new(err);
    }
    const struct bm_catalog_entry entry = {
        .db = {(const uint8_t *)ns, (size_t)(dot - ns)},
        .collection = bm_view_text(dot + 1),
    };
    const struct bm_namespace *added;
    if (replayed->catalog == NULL ||
        bm_catalog_add(replayed->catalog, &entry, &added, err) != BM_OK) {
        return BM_FAIL;
    }
    return add_target(plan, added, out, err);
}

enum bm_status bm_plan_check_replay(const struct bm_plan *plan, struct bm_error *err)
{
    for (size_t i = 0; i < plan->replayed.count; i++) {
        const struct bm_target *target = plan->replayed.targets[i];
        if (target->replayed == 0) {
            const struct bm_fill *fill = &target->fills[0];
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "--%s %s:%s: the dump has no such namespace, and its oplog no operation "
                           "on one",
                           fill->shape != NULL ? "fill" : "unset", target->ns->ns, fill->field);
        }
    }
    return BM_OK;
}
