/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_SPOOL_H
#define BM_CONTAINER_SPOOL_H

#include "bsonmend/reader.h"

/*
 * A stream that can be read only once, kept in an unnamed file so that it can be read again. The
 * file holds what came, not what it decodes to, in zstd: damage then shows at each reading as it
 * would have at the first.
 */
struct bm_spool;

/*
 * Reads `from`, which stays the caller's, to its end into a file in a folder. NULL on failure:
 * BM_ERROR_USAGE, BM_ERROR_IO as bm_unnamed_open has it; BM_ERROR_IO with the folder as `file` if
 * it is full; what the reader sets; BM_ERROR_MEMORY.
 */
struct bm_spool *bm_spool_new(struct bm_reader *from, const char *folder,
                              const volatile sig_atomic_t *stop, struct bm_error *err) BM_MUST_USE;
/*
 * What the stream held, from its start. One reader at a time, freed before the spool is. options:
 * chunk, path (of the stream) and stop. NULL on failure.
 */
struct bm_reader *bm_spool_read(struct bm_spool *spool, const struct bm_fd_options *options,
                                struct bm_error *err) BM_MUST_USE;
/* Bytes that came. */
uint64_t bm_spool_bytes(const struct bm_spool *spool);
void bm_spool_free(struct bm_spool *spool); /* NULL is fine; keeps errno */

#endif
