/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "base/memory.h"
#include "io/descriptor.h"

struct fd_writer {
    struct bm_writer base;
    struct bm_descriptor descriptor;
    uint8_t *buffer;
    size_t held; /* bytes in buffer */
    size_t size; /* of buffer */
    struct bm_error failure;
};

/* A stop is no failure of the descriptor: what is written to spoil the output still goes out. */
static enum bm_status send(struct fd_writer *self, struct bm_view bytes, size_t *written,
                           struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    if (bm_descriptor_write(&self->descriptor, bytes, written, &failure) == BM_OK) {
        return BM_OK;
    }
    if (failure.code != BM_ERROR_STOPPED) {
        self->failure = failure;
    }
    return bm_failure_repeat(&failure, err);
}

static enum bm_status flush(struct fd_writer *self, struct bm_error *err)
{
    size_t written;
    enum bm_status status = send(self, (struct bm_view){self->buffer, self->held}, &written, err);
    self->held -= written;
    memmove(self->buffer, self->buffer + written, self->held);
    return status;
}

static enum bm_status fd_write(struct bm_writer *writer, struct bm_view bytes, struct bm_error *err)
{
    struct fd_writer *self = (struct fd_writer *)writer;
    if (self->failure.code != BM_ERROR_NONE) {
        return bm_failure_repeat(&self->failure, err);
    }
    if (bytes.len > self->size - self->held && flush(self, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bytes.len >= self->size) {
        size_t written;
        return send(self, bytes, &written, err);
    }
    memcpy(self->buffer + self->held, bytes.data, bytes.len);
    self->held += bytes.len;
    return BM_OK;
}

static enum bm_status fd_finish(struct bm_writer *writer, struct bm_error *err)
{
    struct fd_writer *self = (struct fd_writer *)writer;
    if (self->failure.code != BM_ERROR_NONE) {
        return bm_failure_repeat(&self->failure, err);
    }
    if (flush(self, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_descriptor_close(&self->descriptor, err);
}

static void fd_abandon(struct bm_writer *writer)
{
    struct fd_writer *self = (struct fd_writer *)writer;
    if (self->failure.code != BM_ERROR_NONE) {
        return;
    }
    struct bm_error failure = BM_ERROR_INIT;
    if (flush(self, &failure) != BM_OK && failure.code == BM_ERROR_STOPPED) {
        struct bm_error ignored = BM_ERROR_INIT;
        (void)flush(self, &ignored);
    }
}

static void fd_free(struct bm_writer *writer)
{
    struct fd_writer *self = (struct fd_writer *)writer;
    int saved = errno;
    bm_descriptor_free(&self->descriptor);
    free(self->buffer);
    free(self);
    errno = saved;
}

static const struct bm_writer_ops fd_writer_ops = {.name = "descriptor",
                                                   .write = fd_write,
                                                   .finish = fd_finish,
                                                   .abandon = fd_abandon,
                                                   .free = fd_free};

struct bm_writer *bm_writer_fd_new(const struct bm_fd_options *options, struct bm_error *err)
{
    struct fd_writer *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &fd_writer_ops;
    self->failure = BM_ERROR_INIT;
    self->size = options->chunk > 0 ? options->chunk : BM_READER_CHUNK;
    self->buffer = bm_allocate(self->size, 1, err);
    if (self->buffer == NULL || bm_descriptor_init(&self->descriptor, options, err) != BM_OK) {
        free(self->buffer);
        free(self);
        return NULL;
    }
    return &self->base;
}
