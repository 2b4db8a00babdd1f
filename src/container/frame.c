/* SPDX-License-Identifier: Apache-2.0 */
#include "container/frame.h"

#include <stdlib.h>

#include "bsonmend/document.h"

#include "base/bytes.h"
#include "base/memory.h"

enum { LENGTH_BYTES = 4 };
#define TERMINATOR UINT32_C(0xffffffff)

enum bm_status bm_frame_init(struct bm_frame *frame, enum bm_framing framing,
                             struct bm_reader *reader, uint64_t offset, struct bm_error *err)
{
    uint32_t *at = bm_allocate(BM_FRAME_DOCUMENTS + 1, sizeof *at, err);
    if (at == NULL) {
        return BM_FAIL;
    }
    *frame = (struct bm_frame){.reader = reader, .framing = framing, .offset = offset, .at = at};
    return BM_OK;
}

void bm_frame_free(struct bm_frame *frame)
{
    free(frame->at);
    *frame = (struct bm_frame){0};
}

static void move_on(struct bm_frame *frame)
{
    if (frame->lent > 0) {
        bm_reader_consume(frame->reader, frame->lent);
        frame->offset += frame->lent;
        frame->lent = 0;
    }
}

static int is_length(uint32_t length)
{
    return length >= BM_DOCUMENT_MIN && length <= BM_DOCUMENT_MAX_OPLOG;
}

static enum bm_status refuse_length(const struct bm_frame *frame, uint32_t length,
                                    struct bm_error *err)
{
    int32_t shown;
    memcpy(&shown, &length, sizeof shown);
    if (frame->framing == BM_FRAMING_ARCHIVE) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0,
                      "%ld is neither a valid BSON length nor an archive terminator", (long)shown);
    } else if (shown < (int32_t)BM_DOCUMENT_MIN) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "a document length of %ld bytes is less than %u",
                      (long)shown, BM_DOCUMENT_MIN);
    } else {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "a document length of %ld bytes is over %u",
                      (long)shown, BM_DOCUMENT_MAX_OPLOG);
    }
    return bm_error_at(err, frame->offset);
}

static enum bm_status cut_short(const struct bm_frame *frame, const char *what, size_t have,
                                size_t want, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_TRUNCATED, 0, "the input ends inside a %s, after %zu of %zu bytes",
                  what, have, want);
    return bm_error_at(err, frame->offset);
}

static enum bm_status refuse_last_byte(const struct bm_frame *frame, struct bm_view document,
                                       struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "a document of %zu bytes ends with byte %02x, not 0",
                  document.len, document.data[document.len - 1]);
    return bm_error_at(err, frame->offset);
}

/* The first document of a batch: everything about it is an error if it does not fit. */
static enum bm_status first_document(const struct bm_frame *frame, struct bm_view *lent,
                                     uint32_t *length, struct bm_error *err)
{
    *length = bm_le32(lent->data);
    if (!is_length(*length)) {
        return refuse_length(frame, *length, err);
    }
    if (lent->len < *length) {
        enum bm_status status = bm_reader_peek(frame->reader, *length, lent, err);
        if (status == BM_FAIL) {
            return bm_error_at(err, frame->offset);
        }
        if (status == BM_END) {
            return cut_short(frame, "document", lent->len, *length, err);
        }
    }
    if (lent->data[*length - 1] != 0) {
        return refuse_last_byte(frame, (struct bm_view){lent->data, *length}, err);
    }
    return BM_OK;
}

/* Takes further documents as long as they are whole and sound; what is not is looked at when it
 * comes first. */
static void collect(struct bm_frame *frame, uint32_t most, struct bm_view lent, uint32_t length,
                    struct bm_batch *batch)
{
    size_t end = length;
    uint32_t count = 1;
    frame->at[0] = 0;
    frame->at[1] = length;
    while (count < most && end < BM_FRAME_BYTES && lent.len - end >= LENGTH_BYTES) {
        length = bm_le32(lent.data + end);
        if (!is_length(length) || lent.len - end < length || lent.data[end + length - 1] != 0) {
            break;
        }
        end += length;
        frame->at[++count] = (uint32_t)end;
    }
    batch->bytes = (struct bm_view){lent.data, end};
    batch->at = frame->at;
    batch->count = count;
    batch->offset = frame->offset;
    frame->lent = end;
}

enum bm_status bm_frame_next(struct bm_frame *frame, uint32_t most, struct bm_batch *batch,
                             enum bm_item *item, struct bm_error *err)
{
    move_on(frame);
    struct bm_view lent;
    enum bm_status status = bm_reader_peek(frame->reader, LENGTH_BYTES, &lent, err);
    if (status == BM_FAIL) {
        return bm_error_at(err, frame->offset);
    }
    if (status == BM_END && lent.len == 0) {
        *item = BM_ITEM_END;
        return BM_OK;
    }
    if (status == BM_END) {
        return cut_short(frame, "document length", lent.len, LENGTH_BYTES, err);
    }
    if (frame->framing == BM_FRAMING_ARCHIVE && bm_le32(lent.data) == TERMINATOR) {
        frame->lent = LENGTH_BYTES;
        *item = BM_ITEM_TERMINATOR;
        return BM_OK;
    }
    uint32_t length;
    if (first_document(frame, &lent, &length, err) != BM_OK) {
        return BM_FAIL;
    }
    collect(frame, most < BM_FRAME_DOCUMENTS ? most : BM_FRAME_DOCUMENTS, lent, length, batch);
    *item = BM_ITEM_DOCUMENTS;
    return BM_OK;
}
