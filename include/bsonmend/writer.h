/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_WRITER_H
#define BSONMEND_WRITER_H

#include <signal.h>
#include <sys/types.h>
#include <time.h>

#include "bsonmend/buffer.h"
#include "bsonmend/error.h"
#include "bsonmend/reader.h"

/*
 * Bytes are pushed. A writer has three endings, exactly one of the first two at most once:
 *   finish   all is well: write trailers, flush, sync, rename; finish downstream.
 *   abandon  the output must not look whole: flush what was written (encoded, with the member or
 *            frame left open), then abandon downstream. Temporary files are removed.
 *   free     release everything; without a finish before it a temporary file is removed.
 * A writer owns its downstream once constructed successfully.
 */
struct bm_writer;

struct bm_writer_ops {
    const char *name;
    /* Takes all bytes or fails; after a failure only abandon and free are legal. */
    enum bm_status (*write)(struct bm_writer *writer, struct bm_view bytes, struct bm_error *err);
    enum bm_status (*finish)(struct bm_writer *writer, struct bm_error *err);
    void (*abandon)(struct bm_writer *writer); /* best effort, cannot fail */
    void (*free)(struct bm_writer *writer);    /* keeps errno */
};

struct bm_writer {
    const struct bm_writer_ops *ops;
};

enum bm_status bm_writer_write(struct bm_writer *writer, struct bm_view bytes,
                               struct bm_error *err) BM_MUST_USE;
enum bm_status bm_writer_finish(struct bm_writer *writer, struct bm_error *err) BM_MUST_USE;
void bm_writer_abandon(struct bm_writer *writer);
void bm_writer_free(struct bm_writer *writer); /* NULL is fine */

/*
 * A writer over a descriptor, buffered. finish flushes and, when owned, closes it (both checked).
 * options->chunk is the buffer size. EPIPE is BM_ERROR_IO with sys_errno EPIPE. When the stop flag
 * is raised the next call that reaches the descriptor fails with BM_ERROR_STOPPED; from then on,
 * abandon included, bytes go out only as far as they are taken within half a second in all. So an
 * abandoned pipe gets everything if somebody reads it, and is cut at any byte if nobody does: that
 * may be a place where a stream can end. NULL on failure.
 */
struct bm_writer *bm_writer_fd_new(const struct bm_fd_options *options,
                                   struct bm_error *err) BM_MUST_USE;

enum bm_existing { BM_REFUSE_EXISTING, BM_REPLACE_EXISTING };

/* A file to be made. path is copied. */
struct bm_file_options {
    const char *path;
    mode_t mode;                       /* permission bits, set exactly: the umask does not apply */
    enum bm_existing existing;         /* checked at finish too, without a race */
    const volatile sig_atomic_t *stop; /* may be NULL */
};

/*
 * A file written under a temporary name in path's folder: a name that starts with a dot and ends in
 * ".tmp", opened with O_EXCL. finish: flush, fsync, rename to path (or link, when an existing path
 * is refused), fsync of the folder; where that last one fails a file that replaced nothing is
 * removed again. NULL on failure.
 */
struct bm_writer *bm_writer_file_new(const struct bm_file_options *options,
                                     struct bm_error *err) BM_MUST_USE;

/* 1 when both paths are, or would be, the same file or folder; neither need exist. */
int bm_place_same(const char *a, const char *b);
/* 1 when path is, or would be, below a directory; neither need exist. */
int bm_place_below(const char *path, const char *directory);

/*
 * Appends to a caller's buffer, which must outlive the writer and stays the caller's; finish and
 * abandon do nothing. A write past the buffer's limit is BM_ERROR_MEMORY. NULL on failure.
 */
struct bm_writer *bm_writer_buffer_new(struct bm_buffer *buffer, struct bm_error *err) BM_MUST_USE;

/*
 * A writer that takes copies and lets another thread write them to `downstream`, in order, from
 * overlap->start bytes on; where the system gives no thread it goes on without. A failure of
 * downstream is told by the next write that sees it, at the latest by finish, which otherwise
 * finishes downstream after all bytes. abandon writes all bytes before it abandons downstream, free
 * none. After a raised stop flag what waited is dropped, and what is written to spoil the output
 * goes straight to downstream; where its thread is still waiting for a reader after half a second,
 * nothing more goes out. Owns downstream. NULL on failure: BM_ERROR_MEMORY; downstream then stays
 * the caller's.
 */
struct bm_writer *bm_writer_behind_new(struct bm_writer *downstream,
                                       const struct bm_overlap *overlap,
                                       struct bm_error *err) BM_MUST_USE;

#endif
