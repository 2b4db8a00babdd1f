/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_SINK_H
#define BM_CONTAINER_SINK_H

#include "bsonmend/codec.h"

/* One stream that is being written: a new file, or a descriptor that is not ours to close. */
struct bm_sink {
    struct bm_writer *writer; /* NULL: not open */
    int fd;
    enum bm_ownership ownership; /* BM_OWNED: a file, synced and closed by bm_sink_close */
};

#define BM_SINK_ANY_MODE ((mode_t)-1) /* 0666 less the umask */

/* A file to be created, under a name that is not its last. */
struct bm_sink_file {
    const char *path;
    const char *shown; /* how messages call it, NULL: path */
    mode_t mode;       /* exactly these permission bits, or BM_SINK_ANY_MODE */
    size_t chunk;      /* bytes gathered before a write, 0: BM_READER_CHUNK */
    unsigned threads;  /* 2 or more: one writes behind, so many compress */
};

/* Creates a file that must not exist. */
enum bm_status bm_sink_create(struct bm_sink *sink, const struct bm_sink_file *file,
                              struct bm_compression compression, const volatile sig_atomic_t *stop,
                              struct bm_error *err) BM_MUST_USE;
/* `threads` as for a file. */
enum bm_status bm_sink_attach(struct bm_sink *sink, int fd, struct bm_compression compression,
                              unsigned threads, const volatile sig_atomic_t *stop,
                              struct bm_error *err) BM_MUST_USE;
enum bm_status bm_sink_write(struct bm_sink *sink, struct bm_view bytes,
                             struct bm_error *err) BM_MUST_USE;
/* Trailers, flush, sync of a file. The sink is not open afterwards, but after a failure of the
 * writer, when it can still be spoiled. */
enum bm_status bm_sink_close(struct bm_sink *sink, struct bm_error *err) BM_MUST_USE;
/* Adds bytes that no reader takes for an end, flushes what there is, leaves the encoding open. The
 * sink is not open afterwards. */
void bm_sink_spoil(struct bm_sink *sink, struct bm_view bytes);
/* Releases without flushing. Zeroed memory is fine. */
void bm_sink_free(struct bm_sink *sink);

#endif
