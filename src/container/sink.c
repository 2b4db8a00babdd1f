/* SPDX-License-Identifier: Apache-2.0 */
#include "container/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum bm_status encode(struct bm_sink *sink, const struct bm_fd_options *options,
                             struct bm_compression compression, unsigned threads,
                             struct bm_error *err)
{
    const struct bm_overlap overlap = {.start = BM_OVERLAP_START, .stop = options->stop};
    struct bm_writer *plain = bm_writer_fd_new(options, err);
    if (plain == NULL) {
        return BM_FAIL;
    }
    struct bm_writer *encoder = bm_encode_new(plain, compression, threads, err);
    if (encoder == NULL) {
        bm_writer_free(plain);
        return BM_FAIL;
    }
    sink->writer = threads < 2 ? encoder : bm_writer_behind_new(encoder, &overlap, err);
    if (sink->writer == NULL) {
        bm_writer_free(encoder);
        return BM_FAIL;
    }
    return BM_OK;
}

enum bm_status bm_sink_create(struct bm_sink *sink, const struct bm_sink_file *file,
                              struct bm_compression compression, const volatile sig_atomic_t *stop,
                              struct bm_error *err)
{
    const char *path = file->path;
    const char *shown = file->shown != NULL ? file->shown : path;
    mode_t mode = file->mode;
    *sink = (struct bm_sink){.ownership = BM_OWNED};
    mode_t first = mode == BM_SINK_ANY_MODE ? 0666 : 0600;
    sink->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, first);
    if (sink->fd < 0) {
        (void)bm_fail(err, BM_ERROR_IO, errno,
                      errno == EMFILE ? "cannot be created: each namespace that is open at once "
                                        "needs a file, and ulimit -n allows no more"
                                      : "cannot be created");
        return bm_error_file(err, shown);
    }
    const struct bm_fd_options options = {
        .fd = sink->fd, .path = shown, .chunk = file->chunk, .stop = stop};
    enum bm_status status = BM_OK;
    if (mode != BM_SINK_ANY_MODE && fchmod(sink->fd, mode & 0777) != 0) {
        status = bm_fail(err, BM_ERROR_IO, errno, "cannot set its mode");
    }
    if (status == BM_OK) {
        status = encode(sink, &options, compression, file->threads, err);
    }
    if (status != BM_OK) {
        (void)close(sink->fd);
        (void)unlink(path);
        *sink = (struct bm_sink){0};
        return bm_error_file(err, shown);
    }
    return BM_OK;
}

enum bm_status bm_sink_attach(struct bm_sink *sink, int fd, struct bm_compression compression,
                              unsigned threads, const volatile sig_atomic_t *stop,
                              struct bm_error *err)
{
    *sink = (struct bm_sink){.fd = fd, .ownership = BM_BORROWED};
    const struct bm_fd_options options = {.fd = fd, .path = "standard output", .stop = stop};
    return encode(sink, &options, compression, threads, err);
}

enum bm_status bm_sink_write(struct bm_sink *sink, struct bm_view bytes, struct bm_error *err)
{
    return bytes.len > 0 ? bm_writer_write(sink->writer, bytes, err) : BM_OK;
}

enum bm_status bm_sink_close(struct bm_sink *sink, struct bm_error *err)
{
    if (bm_writer_finish(sink->writer, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_writer_free(sink->writer);
    sink->writer = NULL;
    if (sink->ownership == BM_BORROWED) {
        return BM_OK;
    }
    enum bm_status status = BM_OK;
    if (fsync(sink->fd) != 0) {
        status = bm_fail(err, BM_ERROR_IO, errno, "cannot be synced");
    }
    if (close(sink->fd) != 0) {
        status = bm_fail(err, BM_ERROR_IO, errno, "cannot be closed");
    }
    return status;
}

void bm_sink_spoil(struct bm_sink *sink, struct bm_view bytes)
{
    if (sink->writer != NULL) {
        struct bm_error ignored = BM_ERROR_INIT;
        (void)!bm_sink_write(sink, bytes, &ignored);
        bm_writer_abandon(sink->writer);
    }
    bm_sink_free(sink);
}

void bm_sink_free(struct bm_sink *sink)
{
    if (sink->writer == NULL) {
        return;
    }
    int saved = errno;
    bm_writer_free(sink->writer);
    sink->writer = NULL;
    if (sink->ownership == BM_OWNED) {
        (void)close(sink->fd);
    }
    errno = saved;
}
