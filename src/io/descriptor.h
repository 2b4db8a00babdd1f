/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_IO_DESCRIPTOR_H
#define BM_IO_DESCRIPTOR_H

#include "bsonmend/reader.h"

/* BM_HURRIED: a write has been stopped; what comes now may only spoil what is out already. */
enum bm_descriptor_pace { BM_UNHURRIED, BM_HURRIED };

/* All that writes wait for a reader once they are hurried, in milliseconds. */
enum { BM_DESCRIPTOR_PATIENCE = 500 };

/* A descriptor with what is needed to speak of its failures; readers and writers embed one. */
struct bm_descriptor {
    int fd; /* -1: closed */
    enum bm_ownership ownership;
    char *path;                        /* owned; NULL: unknown */
    const volatile sig_atomic_t *stop; /* NULL: never */
    enum bm_descriptor_pace pace;
    int patience; /* milliseconds left to wait in when hurried */
};

/*
 * Opens a file for reading, not handed on to children. A named pipe is waited for until somebody
 * writes to it or the stop flag (NULL: none) is raised: BM_ERROR_STOPPED. -1 on failure, else
 * BM_ERROR_IO with errno; the caller adds the name that the user knows.
 */
int bm_descriptor_open(const char *path, const volatile sig_atomic_t *stop,
                       struct bm_error *err) BM_MUST_USE;

/* Takes over options->fd if it is to be owned. On failure nothing is taken. */
enum bm_status bm_descriptor_init(struct bm_descriptor *descriptor,
                                  const struct bm_fd_options *options,
                                  struct bm_error *err) BM_MUST_USE;

/* Reads at most size bytes once; *got 0 is the end. Waits where the descriptor does not. */
enum bm_status bm_descriptor_read(struct bm_descriptor *descriptor, uint8_t *data, size_t size,
                                  size_t *got, struct bm_error *err) BM_MUST_USE;

/*
 * Writes bytes until all are written or it fails; *written says how many were. A raised stop flag
 * fails the call that sees it first (BM_ERROR_STOPPED). What is written afterwards, to spoil an
 * output, still goes out as far as it is taken within BM_DESCRIPTOR_PATIENCE in all; past that
 * every call fails with BM_ERROR_STOPPED, so that no stalled reader can keep the process from
 * ending.
 */
enum bm_status bm_descriptor_write(struct bm_descriptor *descriptor, struct bm_view bytes,
                                   size_t *written, struct bm_error *err) BM_MUST_USE;

/* Closes an owned descriptor and tells if that failed; a borrowed one stays open. */
enum bm_status bm_descriptor_close(struct bm_descriptor *descriptor,
                                   struct bm_error *err) BM_MUST_USE;

/* Releases everything; keeps errno. */
void bm_descriptor_free(struct bm_descriptor *descriptor);

#endif
