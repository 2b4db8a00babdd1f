/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/failure.h"
#include "base/memory.h"
#include "base/window.h"
#include "io/descriptor.h"

struct fd_reader {
    struct bm_reader base;
    struct bm_descriptor descriptor;
    struct bm_window window;
    size_t chunk;
    int at_end; /* read() has said so; a terminal is not asked twice */
    struct bm_error failure;
};

static enum bm_status fill(struct fd_reader *self, struct bm_error *err)
{
    size_t got = 0;
    if (bm_window_reserve(&self->window, self->chunk, err) != BM_OK ||
        bm_descriptor_read(&self->descriptor, self->window.data + self->window.end, self->chunk,
                           &got, err) != BM_OK) {
        return BM_FAIL;
    }
    self->window.end += got;
    self->at_end = got == 0;
    return BM_OK;
}

static enum bm_status fd_peek(struct bm_reader *reader, size_t want, struct bm_view *out,
                              struct bm_error *err)
{
    struct fd_reader *self = (struct fd_reader *)reader;
    while (bm_window_view(&self->window).len < want && !self->at_end &&
           self->failure.code == BM_ERROR_NONE) {
        (void)fill(self, &self->failure);
    }
    *out = bm_window_view(&self->window);
    if (out->len >= want) {
        return BM_OK;
    }
    return self->at_end ? BM_END : bm_failure_repeat(&self->failure, err);
}

static void fd_consume(struct bm_reader *reader, size_t n)
{
    bm_window_consume(&((struct fd_reader *)reader)->window, n);
}

static void fd_free(struct bm_reader *reader)
{
    struct fd_reader *self = (struct fd_reader *)reader;
    int saved = errno;
    bm_descriptor_free(&self->descriptor);
    bm_window_free(&self->window);
    free(self);
    errno = saved;
}

static const struct bm_reader_ops fd_reader_ops = {
    .name = "descriptor", .peek = fd_peek, .consume = fd_consume, .free = fd_free};

struct bm_reader *bm_reader_fd_new(const struct bm_fd_options *options, struct bm_error *err)
{
    struct fd_reader *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &fd_reader_ops;
    self->chunk = options->chunk > 0 ? options->chunk : BM_READER_CHUNK;
    self->failure = BM_ERROR_INIT;
    if (bm_descriptor_init(&self->descriptor, options, err) != BM_OK) {
        free(self);
        return NULL;
    }
    (void)posix_fadvise(options->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    return &self->base;
}

struct bm_reader *bm_reader_file_new(const char *path, const volatile sig_atomic_t *stop,
                                     struct bm_error *err)
{
    int fd = bm_descriptor_open(path, stop, err);
    if (fd < 0) {
        (void)bm_error_file(err, path);
        return NULL;
    }
    struct bm_fd_options options = {.fd = fd, .ownership = BM_OWNED, .path = path, .stop = stop};
    struct bm_reader *reader = bm_reader_fd_new(&options, err);
    if (reader == NULL) {
        (void)close(fd);
    }
    return reader;
}
