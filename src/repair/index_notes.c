/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/index_notes.h"

#include <string.h>

#include "base/memory.h"

static enum bm_status note_target(struct bm_plan *plan, const struct bm_target *target,
                                  struct bm_error *err)
{
    const struct bm_namespace *ns = target->after;
    for (size_t i = 0; i < ns->index_count; i++) {
        const struct bm_index_spec *spec = &ns->indexes[i];
        if (spec->prepare_unique && !spec->unique &&
            bm_plan_note(plan, err,
                         "%s: index %s is prepareUnique: it is built over duplicates, so that none "
                         "is a violation here, and refuses new ones from then on",
                         ns->ns, spec->name) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_plan_note_indexes(struct bm_plan *plan, struct bm_error *err)
{
    if (bm_server_before(plan->server, 6, 0)) {
        return BM_OK;
    }
    for (size_t i = 0; i < plan->target_count; i++) {
        if (plan->targets[i].judged && note_target(plan, &plan->targets[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* A path with a dot leads below the top; the server leaves _id alone. */
static int is_zero_time(const struct bm_element *part)
{
    static const uint8_t zero[8] = {0};
    return part->type == BM_TYPE_TIMESTAMP && memcmp(part->value.data, zero, sizeof zero) == 0 &&
           memchr(part->name.data, '.', part->name.len) == NULL &&
           !bm_view_equal(part->name, bm_view_text("_id"));
}

static int has_zero_time(struct bm_view key)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements parts;
    struct bm_element part;
    if (key.len == 0 || bm_elements_open(&parts, key, &damage) != BM_OK) {
        return 0;
    }
    while (bm_elements_next(&parts, &part, &damage) == BM_OK) {
        if (is_zero_time(&part)) {
            return 1;
        }
    }
    return 0;
}

enum bm_status bm_note_zero_times(const struct bm_target *target, const struct bm_track *track,
                                  char **out, struct bm_error *err)
{
    const struct bm_findings *found = &track->found;
    *out = NULL;
    for (size_t i = 0; i < found->kept_count; i++) {
        if (found->kept[i].count > 0 && has_zero_time(found->kept[i].key)) {
            *out = bm_format_text(err,
                                  "%s: index %s: Timestamp(0, 0) is judged as it stands; a server "
                                  "puts its own time there on insert, unless mongorestore puts the "
                                  "zeros back",
                                  target->ns->ns, bm_index_name(track->index));
            return *out != NULL ? BM_OK : BM_FAIL;
        }
    }
    return BM_OK;
}
