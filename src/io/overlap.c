/* SPDX-License-Identifier: Apache-2.0 */
#include "io/overlap.h"

#include <stdlib.h>

#include "base/memory.h"

enum bm_status bm_pipe_init(struct bm_pipe *pipe, const struct bm_overlap *overlap,
                            struct bm_error *err)
{
    *pipe = (struct bm_pipe){.how = *overlap};
    if (pipe->how.slot == 0) {
        pipe->how.slot = BM_OVERLAP_SLOT;
    }
    return bm_ring_init(&pipe->ring, BM_OVERLAP_SLOTS, err);
}

void bm_pipe_free(struct bm_pipe *pipe)
{
    bm_ring_break(&pipe->ring);
    bm_thread_cut(&pipe->thread);
    bm_ring_free(&pipe->ring);
    free(pipe->bytes);
}

uint8_t *bm_pipe_slot(const struct bm_pipe *pipe, size_t number)
{
    return pipe->bytes + number * pipe->how.slot;
}

struct bm_ring_patience bm_pipe_patience(const struct bm_pipe *pipe)
{
    return (struct bm_ring_patience){pipe->how.stop, BM_RING_FOR_EVER};
}

void bm_pipe_pass(struct bm_pipe *pipe, size_t n)
{
    size_t left = pipe->how.start - pipe->passed;
    pipe->passed += n < left ? n : left;
}

int bm_pipe_is_threaded(struct bm_pipe *pipe, void *(*body)(void *), void *context)
{
    if (pipe->thread.is_running || pipe->passed < pipe->how.start) {
        return pipe->thread.is_running;
    }
    struct bm_error ignored = BM_ERROR_INIT;
    if (pipe->bytes == NULL) {
        pipe->bytes = bm_allocate(BM_OVERLAP_SLOTS, pipe->how.slot, &ignored);
    }
    if (pipe->bytes != NULL && bm_thread_start(&pipe->thread, body, context, &ignored) == BM_OK) {
        return 1;
    }
    /* It is as good without, only slower. Asked again and again the system would say no. */
    pipe->how.start = SIZE_MAX;
    return 0;
}
