/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_IO_DESCRIPTOR_H
#define BM_IO_DESCRIPTOR_H

#include "bsonmend/reader.h"

/* A descriptor with what is needed to speak of its failures; readers and writers embed one. */
struct bm_descriptor {
    int fd; /* -1: closed */
    enum bm_ownership ownership;
    char *path;                        /* owned; NULL: unknown */
    const volatile sig_atomic_t *stop; /* NULL: never */
};

/* Takes over options->fd if it is to be owned. On failure nothing is taken. */
enum bm_status bm_descriptor_init(struct bm_descriptor *descriptor,
                                  const struct bm_fd_options *options,
                                  struct bm_error *err) BM_MUST_USE;

/* Reads at most size bytes once; *got 0 is the end. Waits where the descriptor does not. */
enum bm_status bm_descriptor_read(struct bm_descriptor *descriptor, uint8_t *data, size_t size,
                                  size_t *got, struct bm_error *err) BM_MUST_USE;

/*
 * Writes bytes until all are written or it fails; *written says how many were. A raised stop flag
 * fails one call only: what is written afterwards, to spoil an output, must still go out.
 */
enum bm_status bm_descriptor_write(struct bm_descriptor *descriptor, struct bm_view bytes,
                                   size_t *written, struct bm_error *err) BM_MUST_USE;

/* Closes an owned descriptor and tells if that failed; a borrowed one stays open. */
enum bm_status bm_descriptor_close(struct bm_descriptor *descriptor,
                                   struct bm_error *err) BM_MUST_USE;

/* Releases everything; keeps errno. */
void bm_descriptor_free(struct bm_descriptor *descriptor);

#endif
