/* SPDX-License-Identifier: Apache-2.0 */
#include "container/unpacker.h"

#include <stdlib.h>

#include "base/memory.h"
#include "container/frame.h"

struct files {
    struct bm_unpacker base;
    size_t number;            /* namespace whose turn it is */
    size_t other;             /* then: file that is passed on */
    int begun;                /* the namespace has had its first event */
    struct bm_reader *reader; /* NULL: no data file open */
    struct bm_frame frame;
    uint64_t ordinal;
    uint64_t bytes;
};

static void close_data(struct files *self)
{
    bm_frame_free(&self->frame);
    bm_reader_free(self->reader);
    self->reader = NULL;
}

static struct bm_reader *reader_of(struct files *self, struct bm_input *data, struct bm_error *err)
{
    struct bm_source *source = self->base.source;
    if (source->ready != NULL && source->ready_slot == self->number) {
        struct bm_reader *reader = source->ready;
        source->ready = NULL;
        return reader;
    }
    enum bm_input_files files =
        source->about.container == BM_CONTAINER_DIRECTORY ? BM_REGULAR_ONLY : BM_ANY_FILE;
    return bm_input_open(data, files, &source->reading, err);
}

/* The file is opened first, so that its codec is known when the namespace begins. */
static enum bm_status begin(struct files *self, struct bm_event *out, struct bm_error *err)
{
    struct bm_input *data = &self->base.source->slots[self->number].data;
    if (bm_input_exists(data)) {
        self->reader = reader_of(self, data, err);
        if (self->reader == NULL) {
            return BM_FAIL;
        }
        if (bm_frame_init(&self->frame, BM_FRAMING_FILE, self->reader, 0, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    self->begun = 1;
    self->ordinal = 0;
    out->kind = BM_EVENT_BEGIN;
    return BM_OK;
}

static void end(struct files *self, struct bm_event *out)
{
    close_data(self);
    self->begun = 0;
    self->number++;
    out->kind = BM_EVENT_END;
}

static enum bm_status documents(struct files *self, struct bm_event *out, struct bm_error *err)
{
    enum bm_item item;
    struct bm_batch *batch = &out->batch;
    if (bm_frame_next(&self->frame, BM_FRAME_DOCUMENTS, batch, &item, err) != BM_OK) {
        return bm_error_file(err, self->base.source->slots[self->number].data.shown);
    }
    if (item == BM_ITEM_END) {
        if (bm_input_unchanged(&self->base.source->slots[self->number].data, err) != BM_OK) {
            return BM_FAIL;
        }
        end(self, out);
        return BM_OK;
    }
    batch->ns = out->ns;
    batch->ordinal = self->ordinal;
    self->ordinal += batch->count;
    self->bytes += batch->bytes.len;
    out->kind = BM_EVENT_BATCH;
    return BM_OK;
}

static enum bm_status pass_on(struct files *self, struct bm_event *out)
{
    const struct bm_listing *listing = &self->base.source->listing;
    if (self->other == listing->other_count) {
        return BM_END;
    }
    const struct bm_other *other = &listing->others[self->other++];
    out->kind = BM_EVENT_FILE;
    out->file = (struct bm_other_file){.relative = other->relative,
                                       .path = other->path,
                                       .mode = other->mode,
                                       .prelude = other->prelude};
    return BM_OK;
}

static enum bm_status files_next(struct bm_unpacker *unpacker, struct bm_event *out,
                                 struct bm_error *err)
{
    struct files *self = (struct files *)unpacker;
    const struct bm_catalog *catalog = unpacker->source->catalog;
    if (self->number == bm_catalog_count(catalog)) {
        return pass_on(self, out);
    }
    out->ns = bm_catalog_namespace(catalog, self->number);
    enum bm_status status = BM_OK;
    if (!self->begun) {
        status = begin(self, out, err);
    } else if (self->reader != NULL) {
        status = documents(self, out, err);
    } else {
        end(self, out);
    }
    return status == BM_OK ? BM_OK : bm_error_in(err, out->ns->ns);
}

static uint64_t files_bytes(const struct bm_unpacker *unpacker)
{
    return ((const struct files *)unpacker)->bytes;
}

static void files_free(struct bm_unpacker *unpacker)
{
    struct files *self = (struct files *)unpacker;
    close_data(self);
    free(self);
}

struct bm_unpacker *bm_unpacker_files_new(struct bm_source *source, struct bm_error *err)
{
    static const struct bm_unpacker_ops ops = {
        .next = files_next, .bytes = files_bytes, .free = files_free};
    struct files *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base = (struct bm_unpacker){.ops = &ops, .source = source};
    if (source->about.container == BM_CONTAINER_BSON && source->ready == NULL &&
        !source->about.repeatable) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "can be read only once");
        (void)bm_error_file(err, source->shown);
        free(self);
        return NULL;
    }
    return &self->base;
}
