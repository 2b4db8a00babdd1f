/* SPDX-License-Identifier: Apache-2.0 */
#include "container/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "bsonmend/codec.h"
#include "io/unnamed.h"

/* As fast as most pipes deliver, and a third of the size for ordinary dumps. */
static const struct bm_compression packing = {BM_CODEC_ZSTD, 1};

struct bm_spool {
    int fd;
    uint64_t bytes;
};

static enum bm_status copy(struct bm_reader *from, struct bm_writer *into, uint64_t *bytes,
                           struct bm_error *err)
{
    for (;;) {
        struct bm_view lent;
        enum bm_status status = bm_reader_peek(from, 1, &lent, err);
        if (status != BM_OK) {
            return status == BM_END ? bm_writer_finish(into, err) : BM_FAIL;
        }
        if (bm_writer_write(into, lent, err) != BM_OK) {
            return BM_FAIL;
        }
        *bytes += lent.len;
        bm_reader_consume(from, lent.len);
    }
}

static struct bm_writer *open_writer(int fd, const char *folder, const volatile sig_atomic_t *stop,
                                     struct bm_error *err)
{
    char shown[sizeof err->file];
    (void)snprintf(shown, sizeof shown, "--spool %s", folder);
    const struct bm_fd_options file = {
        .fd = fd, .ownership = BM_BORROWED, .path = shown, .stop = stop};
    struct bm_writer *plain = bm_writer_fd_new(&file, err);
    if (plain == NULL) {
        return NULL;
    }
    struct bm_writer *writer = bm_encode_new(plain, packing, 0, err);
    if (writer == NULL) {
        bm_writer_free(plain);
    }
    return writer;
}

struct bm_spool *bm_spool_new(struct bm_reader *from, const char *folder,
                              const volatile sig_atomic_t *stop, struct bm_error *err)
{
    struct bm_spool *spool = bm_allocate(1, sizeof *spool, err);
    if (spool == NULL) {
        return NULL;
    }
    struct bm_writer *writer = NULL;
    enum bm_status status = BM_FAIL;
    spool->fd = bm_unnamed_open(folder, err);
    if (spool->fd >= 0) {
        writer = open_writer(spool->fd, folder, stop, err);
    }
    if (writer != NULL) {
        status = copy(from, writer, &spool->bytes, err);
    }
    bm_writer_free(writer);
    if (status != BM_OK) {
        bm_spool_free(spool);
        return NULL;
    }
    return spool;
}

struct bm_reader *bm_spool_read(struct bm_spool *spool, const struct bm_fd_options *options,
                                struct bm_error *err)
{
    struct bm_fd_options file = *options;
    file.fd = spool->fd;
    file.ownership = BM_BORROWED;
    if (lseek(spool->fd, 0, SEEK_SET) < 0) {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot seek in the spool");
        return NULL;
    }
    struct bm_reader *packed = bm_reader_fd_new(&file, err);
    if (packed == NULL) {
        return NULL;
    }
    struct bm_reader *reader = bm_decode_new(packed, NULL, err);
    if (reader == NULL) {
        bm_reader_free(packed);
    }
    return reader;
}

uint64_t bm_spool_bytes(const struct bm_spool *spool)
{
    return spool->bytes;
}

void bm_spool_free(struct bm_spool *spool)
{
    if (spool == NULL) {
        return;
    }
    int saved = errno;
    if (spool->fd >= 0) {
        (void)close(spool->fd);
    }
    free(spool);
    errno = saved;
}
