/* SPDX-License-Identifier: Apache-2.0 */
#include "container/unpacker.h"

#include <stdlib.h>

#include "base/memory.h"
#include "catalog/build.h"
#include "container/frame.h"
#include "container/names.h"
#include "container/record.h"

enum place {
    BETWEEN_BLOCKS,
    AFTER_HEADER, /* the header of a data segment has been read */
    IN_DOCUMENTS,
    AFTER_EOF /* the header that ends a namespace has been read */
};

enum progress { UNSEEN, OPEN, CLOSED };

struct track {
    enum progress progress;
    uint64_t crc; /* over the documents up to now */
    uint64_t ordinal;
};

struct archive {
    struct bm_unpacker base;
    struct bm_reader *reader;
    struct bm_frame frame;
    enum place place;
    const struct bm_namespace *ns; /* of the block we are in */
    struct bm_buffer framing;      /* its header document */
    uint64_t framing_offset;
    uint64_t stored_crc;
    struct track *tracks; /* by namespace number */
    enum bm_names_turn turn;
};

static struct track *track_of(struct archive *self)
{
    return &self->tracks[self->ns->number];
}

static enum bm_status corrupt(uint64_t offset, const char *text, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "%s", text);
    return bm_error_at(err, offset);
}

static enum bm_status cut_inside(const struct archive *self, const char *what, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_TRUNCATED, 0, "the archive ends inside %s", what);
    return bm_error_at(err, self->frame.offset);
}

/* Every check that can be made at the end: all that was announced has come and was closed. */
static enum bm_status finish(struct archive *self, struct bm_error *err)
{
    const struct bm_catalog *catalog = self->base.source->catalog;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        if (self->tracks[i].progress == CLOSED) {
            continue;
        }
        (void)bm_fail(err, BM_ERROR_TRUNCATED, 0, "%s",
                      self->tracks[i].progress == OPEN
                          ? "archive finished but this namespace was unfinished"
                          : "archive finished before this namespace was seen");
        (void)bm_error_in(err, bm_catalog_namespace(catalog, i)->ns);
        return bm_error_at(err, self->frame.offset);
    }
    return BM_END;
}

static const struct bm_namespace *find(const struct archive *self,
                                       const struct bm_record_block *block, struct bm_error *err)
{
    const struct bm_source *source = self->base.source;
    const struct bm_namespace *ns = bm_catalog_find(source->catalog, block->db, block->collection);
    unsigned major;
    unsigned minor;
    if (ns == NULL &&
        !bm_names_version(bm_catalog_server_version(source->catalog), &major, &minor)) {
        char *name = bm_format_text(err, BM_NAMES_BUCKETS "%.*s", (int)block->collection.len,
                                    (const char *)block->collection.data);
        if (name == NULL) {
            return NULL;
        }
        ns = bm_catalog_find(source->catalog, block->db, bm_view_text(name));
        free(name);
    }
    if (ns == NULL) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0,
                      "namespace %.*s.%.*s is not in the archive's prelude", (int)block->db.len,
                      (const char *)block->db.data, (int)block->collection.len,
                      (const char *)block->collection.data);
    }
    return ns;
}

/* What mongorestore would not find there: the order is what it relies on, and mongodump keeps. */
static const char *refuse_turn(struct archive *self)
{
    enum bm_names_turn turn =
        bm_names_turn(bm_view_text(self->ns->db), bm_view_text(self->ns->collection));
    if (self->turn == BM_TURN_OPLOG) {
        return "comes behind the oplog, where mongorestore --oplogReplay restores nothing any more";
    }
    if (turn == BM_TURN_FIRST && self->turn == BM_TURN_ORDINARY) {
        return "comes behind a collection, but mongorestore uses it before it restores any";
    }
    self->turn = turn > self->turn ? turn : self->turn;
    return NULL;
}

/* Keeps the header, which outlives the reader's view, and sees what kind of block it opens. */
static enum bm_status take_header(struct archive *self, const struct bm_batch *document,
                                  struct bm_error *err)
{
    struct bm_error inner = BM_ERROR_INIT;
    struct bm_record_block block;
    if (bm_record_block_read(document->bytes, &block, &inner) != BM_OK) {
        (void)bm_fail(err, inner.code, inner.sys_errno, "%s", inner.text);
        return bm_error_at(err,
                           document->offset + (inner.offset == BM_NO_OFFSET ? 0 : inner.offset));
    }
    self->ns = find(self, &block, err);
    if (self->ns == NULL) {
        return bm_error_at(err, document->offset);
    }
    if (track_of(self)->progress == CLOSED) {
        return corrupt(document->offset,
                       "namespace header for already opened namespace: it was closed before", err);
    }
    if (track_of(self)->progress == UNSEEN) {
        const char *refusal = refuse_turn(self);
        if (refusal != NULL) {
            return corrupt(document->offset, refusal, err);
        }
    }
    bm_buffer_clear(&self->framing);
    self->framing_offset = document->offset;
    self->stored_crc = block.crc;
    self->place = block.eof ? AFTER_EOF : AFTER_HEADER;
    return bm_buffer_append(&self->framing, document->bytes, err);
}

static enum bm_status next_block(struct archive *self, struct bm_error *err)
{
    struct bm_batch document;
    enum bm_item item;
    self->ns = NULL;
    if (bm_frame_next(&self->frame, 1, &document, &item, err) != BM_OK) {
        return BM_FAIL;
    }
    if (item == BM_ITEM_END) {
        return finish(self, err);
    }
    if (item == BM_ITEM_TERMINATOR) {
        return corrupt(self->frame.offset,
                       "consecutive terminators / headerless blocks are not allowed", err);
    }
    return take_header(self, &document, err);
}

/* BM_END: the segment is over. */
static enum bm_status documents(struct archive *self, struct bm_event *out, struct bm_error *err)
{
    enum bm_item item;
    struct bm_batch *batch = &out->batch;
    if (bm_frame_next(&self->frame, BM_FRAME_DOCUMENTS, batch, &item, err) != BM_OK) {
        return BM_FAIL;
    }
    if (item == BM_ITEM_END) {
        return cut_inside(self, "a block of documents", err);
    }
    if (item == BM_ITEM_TERMINATOR) {
        self->place = BETWEEN_BLOCKS;
        return BM_END;
    }
    struct track *track = track_of(self);
    track->crc = bm_record_crc(track->crc, batch->bytes);
    batch->ns = self->ns;
    batch->ordinal = track->ordinal;
    track->ordinal += batch->count;
    out->kind = BM_EVENT_BATCH;
    return BM_OK;
}

static enum bm_status close_namespace(struct archive *self, struct bm_event *out,
                                      struct bm_error *err)
{
    struct track *track = track_of(self);
    if (track->crc != self->stored_crc) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0,
                      "CRC mismatch: documents have %016llx, the archive says %016llx",
                      (unsigned long long)track->crc, (unsigned long long)self->stored_crc);
        return bm_error_at(err, self->framing_offset);
    }
    struct bm_batch document;
    enum bm_item item;
    if (bm_frame_next(&self->frame, 1, &document, &item, err) != BM_OK) {
        return BM_FAIL;
    }
    if (item == BM_ITEM_END) {
        return cut_inside(self, "the block that ends a namespace", err);
    }
    if (item == BM_ITEM_DOCUMENTS) {
        return corrupt(document.offset, "collection data without a collection header", err);
    }
    track->progress = CLOSED;
    self->place = BETWEEN_BLOCKS;
    out->kind = BM_EVENT_END;
    out->framing = bm_buffer_view(&self->framing);
    return BM_OK;
}

/* BM_END: nothing to tell here, go on. */
static enum bm_status in_block(struct archive *self, struct bm_event *out, struct bm_error *err)
{
    if (track_of(self)->progress == UNSEEN) {
        track_of(self)->progress = OPEN;
        out->kind = BM_EVENT_BEGIN;
        return BM_OK;
    }
    if (self->place == AFTER_HEADER) {
        self->place = IN_DOCUMENTS;
        out->kind = BM_EVENT_SEGMENT;
        out->framing = bm_buffer_view(&self->framing);
        return BM_OK;
    }
    return self->place == IN_DOCUMENTS ? documents(self, out, err)
                                       : close_namespace(self, out, err);
}

static enum bm_status step(struct archive *self, struct bm_event *out, struct bm_error *err)
{
    for (;;) {
        if (self->place == BETWEEN_BLOCKS) {
            enum bm_status status = next_block(self, err);
            if (status != BM_OK) {
                return status;
            }
        }
        out->ns = self->ns;
        enum bm_status status = in_block(self, out, err);
        if (status != BM_END) {
            return status;
        }
    }
}

static enum bm_status archive_next(struct bm_unpacker *unpacker, struct bm_event *out,
                                   struct bm_error *err)
{
    struct archive *self = (struct archive *)unpacker;
    enum bm_status status = step(self, out, err);
    if (status == BM_END && bm_input_unchanged(&unpacker->source->stream, err) != BM_OK) {
        return BM_FAIL;
    }
    if (status == BM_FAIL && self->ns != NULL) {
        (void)bm_error_in(err, self->ns->ns);
    }
    return status == BM_FAIL ? bm_error_file(err, unpacker->source->shown) : status;
}

static uint64_t archive_bytes(const struct bm_unpacker *unpacker)
{
    const struct archive *self = (const struct archive *)unpacker;
    return self->frame.offset + self->frame.lent;
}

static void archive_free(struct bm_unpacker *unpacker)
{
    struct archive *self = (struct archive *)unpacker;
    bm_frame_free(&self->frame);
    bm_reader_free(self->reader);
    bm_buffer_free(&self->framing);
    free(self->tracks);
    free(self);
}

/* On a second pass the prelude is behind us: it cannot have changed, the file was compared. */
static enum bm_status skip_prelude(struct bm_reader *reader, uint64_t count, struct bm_error *err)
{
    while (count > 0) {
        struct bm_view lent;
        enum bm_status status = bm_reader_peek(reader, 1, &lent, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        if (status == BM_END) {
            return bm_fail(err, BM_ERROR_IO, 0, "changed while it was read");
        }
        size_t step_len = lent.len < count ? lent.len : (size_t)count;
        bm_reader_consume(reader, step_len);
        count -= step_len;
    }
    return BM_OK;
}

static struct bm_reader *reader_at_body(struct bm_source *source, struct bm_error *err)
{
    struct bm_reader *reader = source->ready;
    if (reader != NULL) {
        source->ready = NULL;
        return reader;
    }
    reader = bm_input_open(&source->stream, BM_ANY_FILE, &source->reading, err);
    if (reader != NULL && skip_prelude(reader, source->prelude.body, err) != BM_OK) {
        (void)bm_error_file(err, source->shown);
        bm_reader_free(reader);
        return NULL;
    }
    return reader;
}

struct bm_unpacker *bm_unpacker_archive_new(struct bm_source *source, struct bm_error *err)
{
    static const struct bm_unpacker_ops ops = {
        .next = archive_next, .bytes = archive_bytes, .free = archive_free};
    struct archive *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base = (struct bm_unpacker){.ops = &ops, .source = source};
    self->framing = BM_BUFFER_INIT(BM_READER_MAX);
    self->tracks = bm_allocate(bm_catalog_count(source->catalog), sizeof *self->tracks, err);
    if (self->tracks != NULL) {
        self->reader = reader_at_body(source, err);
    }
    if (self->reader == NULL || bm_frame_init(&self->frame, BM_FRAMING_ARCHIVE, self->reader,
                                              source->prelude.body, err) != BM_OK) {
        archive_free(&self->base);
        return NULL;
    }
    return &self->base;
}
