/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_EDITS_H
#define BM_REPAIR_EDITS_H

#include "base/buffer.h"
#include "bsonmend/repair.h"

/* The bytes of a batch's edits and changes lie in buffers that move while they grow: only the
 * lengths stand in them until the batch is complete. */

/* Where the path and the new element of a change lie in their buffers. */
struct bm_change_mark {
    size_t path_at;
    size_t after_at;
};

/* Gives edits their bytes, which lie one behind the other; those of length 0 take none. */
void bm_edits_point(struct bm_edit *edits, size_t count, const struct bm_buffer *documents);
/* Gives changes, one a mark, their path and new element; a rejected document lies in the batch. */
void bm_changes_point(struct bm_change *changes, const struct bm_change_mark *marks, size_t count,
                      const struct bm_buffer *paths, const struct bm_buffer *elements);

#endif
