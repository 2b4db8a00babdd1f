/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/advice_report.h"

#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

/* Adds the fills that mend something; *open: duplicates that are left for want of a word. */
static enum bm_status report_fills(const struct bm_advice *advice, struct bm_index_result *out,
                                   size_t count, uint64_t *open, struct bm_error *err)
{
    out->beyond_fill = bm_advice_beyond(advice);
    for (size_t i = 0; i < count; i++) {
        char *mend = NULL;
        uint64_t mended = bm_advice_mended(advice, i);
        if (mended > 0 && bm_advice_option(advice, i, &mend, err) != BM_OK) {
            return BM_FAIL;
        }
        if (mend != NULL) {
            out->mends[out->mend_count++] = mend;
        } else {
            *open += mended;
        }
    }
    return BM_OK;
}

/* Why the options that are given leave duplicates of an index. */
static const char *why_left(const struct bm_plan *plan, const struct bm_target *target,
                            const struct bm_track *track)
{
    const char *kind = bm_bind_unmendable(target->ns);
    if (kind != NULL) {
        return kind;
    }
    if (track->has_action) {
        return "a rule says what becomes of its duplicates, and these are left by it";
    }
    for (size_t i = 0; track->advice != NULL && i < bm_index_field_count(track->index); i++) {
        if (bm_advice_mended(track->advice, i) > 0 && bm_advice_is_ruled_out(track->advice, i)) {
            return "a rule for its field and one for a field above or inside it contradict each "
                   "other";
        }
    }
    if (plan->replays) {
        return "the dump has an oplog, whose replay may settle them; rules may where it is ignored";
    }
    const char *words[] = {target->ns->ns, bm_index_name(track->index)};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!bm_utf8_all_text(bm_view_text(words[i]))) {
            return "its name is not UTF-8, and no rule can say it";
        }
    }
    return "its names cannot be written in a command: a file for --rules can name them";
}

enum bm_status bm_advice_report(const struct bm_plan *plan, const struct bm_target *target,
                                const struct bm_track *track, struct bm_index_result *out,
                                struct bm_error *err)
{
    size_t count = bm_index_field_count(track->index);
    char *reject = NULL;
    uint64_t open = 0;
    if (track->found.violations == 0) {
        return BM_OK;
    }
    out->mends = bm_allocate(count + 1, sizeof *out->mends, err);
    if (out->mends == NULL ||
        (track->advice != NULL && report_fills(track->advice, out, count, &open, err) != BM_OK) ||
        bm_advice_reject(plan, target, track, &reject, err) != BM_OK) {
        return BM_FAIL;
    }
    if (reject != NULL) {
        out->mends[out->mend_count++] = reject;
    } else {
        open += bm_advice_left(track);
    }
    if (open == 0 || track->on_duplicate == BM_DUPLICATE_LEAVE) {
        return BM_OK;
    }
    out->unsaid = bm_copy_text(why_left(plan, target, track), err);
    return out->unsaid != NULL ? BM_OK : BM_FAIL;
}

/* What of a namespace no option of an index mends; NULL: nothing. */
static const char *namespace_hindrance(const struct bm_target *target)
{
    const struct {
        int is_found;
        enum bm_leave leave;
        const char *words;
    } findings[] = {
        {target->overgrown > 0, (enum bm_leave)0, "documents that would be too large once filled"},
        {target->oversize > 0, BM_LEAVE_OVERSIZE, "documents that are too large"},
        {target->vetting.refused > 0, BM_LEAVE_VALIDATOR, "documents that its validator refuses"},
        {target->outgrown, BM_LEAVE_CAPPED, "more than a capped collection takes"},
    };
    for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
        if (findings[i].is_found && (target->leaves & findings[i].leave) == 0) {
            return findings[i].words;
        }
    }
    return NULL;
}

static enum bm_status index_hindrance(const struct bm_target *target,
                                      const struct bm_namespace_result *ns, char **out,
                                      struct bm_error *err)
{
    size_t next = 0;
    for (size_t i = 0; i < target->track_count; i++) {
        const struct bm_track *track = &target->tracks[i];
        if (track->role == BM_TRACK_VALUES) {
            continue;
        }
        const struct bm_index_result *index = &ns->indexes[next++];
        int is_unindexable =
            track->found.unindexable > 0 && track->on_duplicate != BM_DUPLICATE_LEAVE;
        if (!is_unindexable && index->unsaid == NULL) {
            continue;
        }
        *out = bm_format_text(err, "%s index %s has %s", ns->ns, index->name,
                              is_unindexable ? "documents that it cannot take"
                                             : "duplicates that no option names");
        return *out != NULL ? BM_OK : BM_FAIL;
    }
    return BM_OK;
}

enum bm_status bm_advice_hindrance(const struct bm_plan *plan, struct bm_result *result,
                                   struct bm_error *err)
{
    for (size_t i = 0; i < plan->target_count && result->hindrance == NULL; i++) {
        const struct bm_target *target = &plan->targets[i];
        const char *words = namespace_hindrance(target);
        if (words != NULL) {
            result->hindrance = bm_format_text(err, "%s has %s", target->ns->ns, words);
        }
        if (words != NULL ? result->hindrance == NULL
                          : index_hindrance(target, &result->namespaces[i], &result->hindrance,
                                            err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
