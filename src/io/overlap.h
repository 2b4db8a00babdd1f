/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_IO_OVERLAP_H
#define BM_IO_OVERLAP_H

#include "base/ring.h"
#include "bsonmend/reader.h"

/* A slot in two hands and two on their way: neither thread waits for the other's last byte. */
enum { BM_OVERLAP_SLOTS = 4 };

/* What a reader ahead and a writer behind have in common: a thread, and slots of bytes between it
 * and its user. */
struct bm_pipe {
    struct bm_overlap how;
    struct bm_thread thread;
    struct bm_ring ring;
    uint8_t *bytes; /* of all slots */
    size_t lens[BM_OVERLAP_SLOTS];
    size_t passed; /* bytes that went through without a thread, up to how.start */
};

enum bm_status bm_pipe_init(struct bm_pipe *pipe, const struct bm_overlap *overlap,
                            struct bm_error *err) BM_MUST_USE;
/* Ends the thread wherever it waits; what is in the slots is lost. */
void bm_pipe_free(struct bm_pipe *pipe);

uint8_t *bm_pipe_slot(const struct bm_pipe *pipe, size_t number);
/* The user's patience: as long as it takes, but for the stop flag. */
struct bm_ring_patience bm_pipe_patience(const struct bm_pipe *pipe);
/* Counts bytes that go through without a thread. */
void bm_pipe_pass(struct bm_pipe *pipe, size_t n);
/* 1 when a thread runs; starts one, over body(context), when enough bytes went through. */
int bm_pipe_is_threaded(struct bm_pipe *pipe, void *(*body)(void *), void *context);

#endif
