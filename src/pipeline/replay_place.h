/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_REPLAY_PLACE_H
#define BM_PIPELINE_REPLAY_PLACE_H

#include "base/buffer.h"
#include "bsonmend/document.h"

/* Where in a document a change is made. */
struct bm_replay_place {
    size_t *parents; /* length fields of the documents around it, outermost first; owned */
    size_t parent_count, parent_capacity;
    struct bm_buffer path;     /* of what stands around it, with array positions, owned */
    struct bm_element element; /* that starts there; raw.len 0: the end of its document */
    uint64_t position;         /* how many elements its document has before it */
    int in_array;              /* its document is an array */
};

/*
 * Finds the elements around a byte position of a document. BM_OK: an element starts there, or a
 * document ends. BM_END: the position is neither. BM_FAIL: BM_ERROR_MEMORY.
 */
enum bm_status bm_replay_place_find(struct bm_replay_place *place, struct bm_view document,
                                    uint64_t at, struct bm_error *err) BM_MUST_USE;
/* Whether the path of an element of this raw form, put there, is this text. */
enum bm_status bm_replay_place_is(struct bm_replay_place *place, struct bm_view raw,
                                  struct bm_view path, int *is, struct bm_error *err) BM_MUST_USE;
void bm_replay_place_free(struct bm_replay_place *place);

#endif
