/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "base/failure.h"
#include "base/memory.h"
#include "codec/codec.h"

/* Always the same: the cuts of ISA-L's output depend on the room it is given. */
enum { ROOM = 1 << 18 };

struct encode_writer {
    struct bm_writer base;
    struct bm_writer *downstream;
    struct bm_encoder *encoder;
    uint8_t *out;
    struct bm_error failure;
};

static enum bm_status push(struct encode_writer *self, struct bm_view in, enum bm_codec_flush flush,
                           struct bm_error *err)
{
    enum bm_status status = BM_OK;
    while (status == BM_OK) {
        struct bm_codec_step step = {.in = in, .out = self->out, .room = ROOM};
        status = self->encoder->ops->step(self->encoder, &step, flush, err);
        in.data += step.used;
        in.len -= step.used;
        struct bm_view made = {self->out, step.made};
        if (status != BM_FAIL && bm_writer_write(self->downstream, made, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return status == BM_END ? BM_OK : BM_FAIL;
}

/* A failure stays: bytes would be missing in what came after it. */
static enum bm_status push_once(struct encode_writer *self, struct bm_view in,
                                enum bm_codec_flush flush, struct bm_error *err)
{
    if (self->failure.code == BM_ERROR_NONE && push(self, in, flush, &self->failure) == BM_OK) {
        return BM_OK;
    }
    return bm_failure_repeat(&self->failure, err);
}

static enum bm_status encode_write(struct bm_writer *writer, struct bm_view bytes,
                                   struct bm_error *err)
{
    return push_once((struct encode_writer *)writer, bytes, BM_CODEC_TAKE, err);
}

static enum bm_status encode_finish(struct bm_writer *writer, struct bm_error *err)
{
    struct encode_writer *self = (struct encode_writer *)writer;
    if (push_once(self, (struct bm_view){self->out, 0}, BM_CODEC_CLOSE, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_writer_finish(self->downstream, err);
}

static void encode_abandon(struct bm_writer *writer)
{
    struct encode_writer *self = (struct encode_writer *)writer;
    struct bm_error ignored = BM_ERROR_INIT;
    enum bm_status status =
        push_once(self, (struct bm_view){self->out, 0}, BM_CODEC_FLUSH, &ignored);
    (void)status;
    bm_writer_abandon(self->downstream);
}

static void encode_free(struct bm_writer *writer)
{
    struct encode_writer *self = (struct encode_writer *)writer;
    int saved = errno;
    self->encoder->ops->free(self->encoder);
    bm_writer_free(self->downstream);
    free(self->out);
    free(self);
    errno = saved;
}

static const struct bm_writer_ops encode_ops = {.name = "encode",
                                                .write = encode_write,
                                                .finish = encode_finish,
                                                .abandon = encode_abandon,
                                                .free = encode_free};

struct bm_writer *bm_encode_new(struct bm_writer *downstream, struct bm_compression compression,
                                unsigned workers, struct bm_error *err)
{
    const struct bm_codec_row *row = bm_codec_find(compression.codec);
    if (row->encoder_new == NULL) {
        return downstream;
    }
    int level = compression.level != 0 ? compression.level : row->default_level;
    if (level < row->least_level || level > row->highest_level) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "the level of %s is %d to %d", row->name,
                      row->least_level, row->highest_level);
        return NULL;
    }
    struct encode_writer *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &encode_ops;
    self->failure = BM_ERROR_INIT;
    self->out = bm_allocate(ROOM, 1, err);
    self->encoder = self->out != NULL ? row->encoder_new(level, workers, err) : NULL;
    if (self->encoder == NULL) {
        free(self->out);
        free(self);
        return NULL;
    }
    self->downstream = downstream;
    return &self->base;
}
