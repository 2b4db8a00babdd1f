/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_FRAME_H
#define BM_CONTAINER_FRAME_H

#include "bsonmend/container.h"

/*
 * The one loop that cuts a stream of bytes into BSON documents. Lengths (5 … BM_DOCUMENT_MAX_OPLOG)
 * are checked before anything is asked of the reader; of the inside only the closing zero is.
 */

enum bm_framing {
    BM_FRAMING_FILE,   /* documents up to the end of the input */
    BM_FRAMING_ARCHIVE /* documents between terminators, ff ff ff ff */
};

enum bm_item {
    BM_ITEM_DOCUMENTS,
    BM_ITEM_TERMINATOR, /* archives only; it is behind us */
    BM_ITEM_END         /* the input ended properly before another item */
};

struct bm_frame {
    struct bm_reader *reader; /* borrowed */
    enum bm_framing framing;
    uint64_t offset; /* decoded bytes before what comes next */
    size_t lent;     /* bytes of the last item, consumed when the next one is asked for */
    uint32_t *at;    /* owned: positions of a batch */
};

/* Documents a batch holds at most, and bytes after which it takes no further one. */
#define BM_FRAME_DOCUMENTS 8192u
#define BM_FRAME_BYTES ((size_t)1 << 20)

/* Starts at `offset` decoded bytes of the reader's stream. */
enum bm_status bm_frame_init(struct bm_frame *frame, enum bm_framing framing,
                             struct bm_reader *reader, uint64_t offset,
                             struct bm_error *err) BM_MUST_USE;
void bm_frame_free(struct bm_frame *frame); /* not the reader; zeroed memory is fine */
/*
 * The next item; at most `most` documents at once. Fills bytes, at, count and offset of *batch,
 * lent until the next call. BM_FAIL: BM_ERROR_TRUNCATED or BM_ERROR_CORRUPT with the offset of the
 * document at fault; whole documents before it were handed out first.
 */
enum bm_status bm_frame_next(struct bm_frame *frame, uint32_t most, struct bm_batch *batch,
                             enum bm_item *item, struct bm_error *err) BM_MUST_USE;

#endif
