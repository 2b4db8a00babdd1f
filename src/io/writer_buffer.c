/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/writer.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/memory.h"

struct buffer_writer {
    struct bm_writer base;
    struct bm_buffer *buffer;
};

static enum bm_status buffer_write(struct bm_writer *writer, struct bm_view bytes,
                                   struct bm_error *err)
{
    return bm_buffer_append(((struct buffer_writer *)writer)->buffer, bytes, err);
}

static enum bm_status buffer_finish(struct bm_writer *writer, struct bm_error *err)
{
    (void)writer;
    (void)err;
    return BM_OK;
}

static void buffer_abandon(struct bm_writer *writer)
{
    (void)writer;
}

static void buffer_free(struct bm_writer *writer)
{
    int saved = errno;
    free(writer);
    errno = saved;
}

static const struct bm_writer_ops buffer_writer_ops = {.name = "buffer",
                                                       .write = buffer_write,
                                                       .finish = buffer_finish,
                                                       .abandon = buffer_abandon,
                                                       .free = buffer_free};

struct bm_writer *bm_writer_buffer_new(struct bm_buffer *buffer, struct bm_error *err)
{
    struct buffer_writer *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &buffer_writer_ops;
    self->buffer = buffer;
    return &self->base;
}
