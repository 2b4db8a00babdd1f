/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "base/failure.h"
#include "base/memory.h"
#include "base/window.h"
#include "codec/codec.h"

struct decode_reader {
    struct bm_reader base;
    struct bm_reader *upstream;
    struct bm_decoder *decoder;
    struct bm_window window;
    enum bm_codec_state state;
    size_t room;    /* bytes, at least, that a step may make */
    size_t hunger;  /* bytes asked of upstream */
    uint64_t total; /* bytes decoded */
    int at_end;
    struct bm_error failure;
};

/* A step's room grows with what comes out, so that a small file costs little. */
enum { FIRST_ROOM = 1 << 16, MOST_ROOM = 1 << 20 };

/* What it means that a step neither took nor made anything. */
static enum bm_status explain_halt(struct decode_reader *self, enum bm_codec_last last, size_t in,
                                   struct bm_error *err)
{
    if (last == BM_CODEC_LAST) {
        return bm_fail(err, BM_ERROR_TRUNCATED, 0, "the compressed data ends too early");
    }
    if (self->state == BM_CODEC_HUNGRY && in < BM_READER_MAX / 2) {
        self->hunger = 2 * in + 1;
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_CORRUPT, 0, "the compressed data leads nowhere");
}

static enum bm_status step(struct decode_reader *self, struct bm_error *err)
{
    struct bm_codec_step step = {0};
    enum bm_status status = bm_reader_peek(self->upstream, self->hunger, &step.in, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    enum bm_codec_last last = status == BM_END ? BM_CODEC_LAST : BM_CODEC_MORE;
    if (step.in.len == 0 && self->state == BM_CODEC_BETWEEN) {
        self->at_end = 1;
        return BM_OK;
    }
    if (bm_window_reserve(&self->window, self->room, err) != BM_OK) {
        return BM_FAIL;
    }
    step.out = self->window.data + self->window.end;
    step.room = self->window.capacity - self->window.end;
    self->hunger = 1;
    status = self->decoder->ops->step(self->decoder, &step, last, &self->state, err);
    self->window.end += step.made;
    self->total += step.made;
    if (step.made == step.room && self->room < MOST_ROOM) {
        self->room *= 2;
    }
    bm_reader_consume(self->upstream, step.used);
    if (status == BM_OK && step.used == 0 && step.made == 0) {
        return explain_halt(self, last, step.in.len, err);
    }
    return status;
}

static enum bm_status decode_peek(struct bm_reader *reader, size_t want, struct bm_view *out,
                                  struct bm_error *err)
{
    struct decode_reader *self = (struct decode_reader *)reader;
    while (bm_window_view(&self->window).len < want && !self->at_end &&
           self->failure.code == BM_ERROR_NONE) {
        if (step(self, &self->failure) != BM_OK) {
            (void)bm_error_at(&self->failure, self->total);
        }
    }
    *out = bm_window_view(&self->window);
    if (out->len >= want) {
        return BM_OK;
    }
    return self->at_end ? BM_END : bm_failure_repeat(&self->failure, err);
}

static void decode_consume(struct bm_reader *reader, size_t n)
{
    bm_window_consume(&((struct decode_reader *)reader)->window, n);
}

static void decode_free(struct bm_reader *reader)
{
    struct decode_reader *self = (struct decode_reader *)reader;
    int saved = errno;
    self->decoder->ops->free(self->decoder);
    bm_reader_free(self->upstream);
    bm_window_free(&self->window);
    free(self);
    errno = saved;
}

static const struct bm_reader_ops decode_ops = {
    .name = "decode", .peek = decode_peek, .consume = decode_consume, .free = decode_free};

struct bm_reader *bm_decode_new(struct bm_reader *upstream, enum bm_codec *found,
                                struct bm_error *err)
{
    const struct bm_codec_row *row = bm_codec_detect(upstream, err);
    if (row == NULL) {
        return NULL;
    }
    if (found != NULL) {
        *found = row->codec;
    }
    if (row->decoder_new == NULL) {
        return upstream;
    }
    struct decode_reader *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &decode_ops;
    self->state = BM_CODEC_INSIDE;
    self->hunger = 1;
    self->room = FIRST_ROOM;
    self->failure = BM_ERROR_INIT;
    self->decoder = row->decoder_new(err);
    if (self->decoder == NULL) {
        free(self);
        return NULL;
    }
    self->upstream = upstream;
    return &self->base;
}
