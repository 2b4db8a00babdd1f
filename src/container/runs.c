/* SPDX-License-Identifier: Apache-2.0 */
#include "container/runs.h"

struct bm_runs bm_runs_of(const struct bm_batch *batch, const struct bm_edit *edits,
                          size_t edit_count)
{
    return (struct bm_runs){.batch = batch, .edits = edits, .edit_count = edit_count};
}

/* The next edit that changes anything, or NULL. */
static const struct bm_edit *next_change(struct bm_runs *runs)
{
    while (runs->edit < runs->edit_count && runs->edits[runs->edit].verdict == BM_VERDICT_KEEP) {
        runs->edit++;
    }
    return runs->edit < runs->edit_count ? &runs->edits[runs->edit] : NULL;
}

static void untouched(struct bm_runs *runs, uint32_t end, struct bm_run *out)
{
    const uint32_t *at = runs->batch->at;
    uint32_t start = runs->document;
    out->bytes = (struct bm_view){runs->batch->bytes.data + at[start], at[end] - at[start]};
    out->documents = end - start;
    out->last = at[end] - at[end - 1];
    runs->document = end;
}

int bm_runs_next(struct bm_runs *runs, struct bm_run *out)
{
    while (runs->document < runs->batch->count) {
        const struct bm_edit *change = next_change(runs);
        uint32_t end = change != NULL ? change->document : runs->batch->count;
        if (end > runs->document) {
            untouched(runs, end, out);
            return 1;
        }
        runs->edit++;
        runs->document++;
        if (change->verdict == BM_VERDICT_REPLACE) {
            *out =
                (struct bm_run){.bytes = change->bytes, .documents = 1, .last = change->bytes.len};
            return 1;
        }
    }
    return 0;
}
