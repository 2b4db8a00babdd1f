/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/edits.h"

void bm_edits_point(struct bm_edit *edits, size_t count, const struct bm_buffer *documents)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (edits[i].bytes.len > 0) { /* what is dropped has none, and there may be no others */
            edits[i].bytes.data = documents->data + at;
            at += edits[i].bytes.len;
        }
    }
}

void bm_changes_point(struct bm_change *changes, const struct bm_change_mark *marks, size_t count,
                      const struct bm_buffer *paths, const struct bm_buffer *elements)
{
    for (size_t i = 0; i < count; i++) {
        if (changes[i].action == BM_ACTION_REJECT) {
            continue;
        }
        changes[i].path = (const char *)paths->data + marks[i].path_at;
        if (changes[i].after.len > 0) {
            changes[i].after.data = elements->data + marks[i].after_at;
        }
    }
}
