/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_OUTPUTS_H
#define BM_CONTAINER_OUTPUTS_H

#include "container/sink.h"

/*
 * The data files of a directory that is written. An archive interleaves its namespaces, as many as
 * it likes, and an encoder cannot be closed and taken up again. So that memory stays bounded, a
 * file is made at its first byte, with a small buffer, no two that are open at once have threads,
 * and only the first BM_OUTPUTS_ENCODERS that are open at once are encoded as they come: the bytes
 * of further ones wait, as they are, in a file of their own until all are there.
 */

/* As many collections as mongodump writes at once unless it is told otherwise. */
enum { BM_OUTPUTS_ENCODERS = 4, BM_OUTPUTS_OPEN_MAX = 1000 };

enum bm_output_way { BM_OUTPUT_DIRECT, BM_OUTPUT_ENCODED, BM_OUTPUT_WAITING };

struct bm_output {
    struct bm_sink sink;
    char *path; /* owned; NULL: not made yet */
    char *shown;
    mode_t mode;
    struct bm_compression compression;
    enum bm_output_way way;
    char *waiting; /* BM_OUTPUT_WAITING: where its bytes are; owned */
};

struct bm_outputs {
    struct bm_output *list; /* by namespace number; owned */
    size_t count;
    size_t open;      /* sinks of the list */
    size_t encoders;  /* of these, BM_OUTPUT_ENCODED */
    unsigned threads; /* as in bm_packer_options */
    const volatile sig_atomic_t *stop;
};

enum bm_status bm_outputs_init(struct bm_outputs *outputs, size_t count,
                               const volatile sig_atomic_t *stop, struct bm_error *err) BM_MUST_USE;

/*
 * Opens the file of one namespace, whose fields path, shown, mode and compression (its codec
 * resolved) the caller has filled; `folder` is where bytes may wait. BM_ERROR_USAGE: more than
 * BM_OUTPUTS_OPEN_MAX are open. BM_ERROR_IO, BM_ERROR_MEMORY.
 */
enum bm_status bm_outputs_open(struct bm_outputs *outputs, size_t number, const char *folder,
                               struct bm_error *err) BM_MUST_USE;
/* Completes and syncs the file of one namespace. */
enum bm_status bm_outputs_close(struct bm_outputs *outputs, size_t number,
                                struct bm_error *err) BM_MUST_USE;
/* Closes all without completing them; the files stay. */
void bm_outputs_drop(struct bm_outputs *outputs);
void bm_outputs_free(struct bm_outputs *outputs);

#endif
