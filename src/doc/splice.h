/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_SPLICE_H
#define BM_DOC_SPLICE_H

#include "base/buffer.h"
#include "bsonmend/document.h"

/*
 * Changes to one document as byte ranges, collected and then applied in one go: every byte outside
 * the ranges stays, and the length of the document and of each enclosing sub-document is corrected.
 */
struct bm_splicer;

struct bm_splicer *bm_splicer_new(struct bm_error *err) BM_MUST_USE;
void bm_splicer_free(struct bm_splicer *splicer); /* NULL is fine */
/* Forgets all changes; memory is kept for the next document. */
void bm_splicer_clear(struct bm_splicer *splicer);
/*
 * Notes that bytes at … at+len are replaced (len 0: insertion before `at`). Changes come in
 * ascending order and do not overlap. `parents` are the positions of the length fields of all
 * enclosing documents, outermost (0) first. The bytes are copied.
 */
enum bm_status bm_splicer_replace(struct bm_splicer *splicer, size_t at, size_t len,
                                  struct bm_view bytes, const size_t *parents, size_t parent_count,
                                  struct bm_error *err) BM_MUST_USE;
size_t bm_splicer_count(const struct bm_splicer *splicer);
/* Appends the changed document. */
enum bm_status bm_splicer_apply(const struct bm_splicer *splicer, struct bm_view document,
                                struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;

#endif
