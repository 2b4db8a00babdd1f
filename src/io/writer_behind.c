/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "base/memory.h"
#include "io/descriptor.h"
#include "io/overlap.h"

enum way {
    WAY_STRAIGHT, /* no thread yet, or none any more */
    WAY_BEHIND,   /* a thread writes */
    WAY_NOWHERE   /* the thread was cut off in a write: nothing is known of what went out */
};

struct behind_writer {
    struct bm_writer base;
    struct bm_writer *downstream; /* the thread's while it runs */
    struct bm_pipe pipe;
    struct bm_error failure; /* the thread's until the ring is broken, then everybody's */
    enum way way;
    size_t held; /* bytes in the slot that is being filled */
};

static void *write_behind(void *context)
{
    struct behind_writer *self = context;
    struct bm_ring *ring = &self->pipe.ring;
    const struct bm_ring_patience for_ever = {NULL, BM_RING_FOR_EVER};
    while (bm_ring_await(ring, BM_RING_FULL, for_ever) == BM_RING_YES) {
        size_t number = bm_ring_next_taken(ring);
        struct bm_view bytes = {bm_pipe_slot(&self->pipe, number), self->pipe.lens[number]};
        if (bm_writer_write(self->downstream, bytes, &self->failure) != BM_OK) {
            bm_ring_break(ring);
            break;
        }
        bm_ring_take(ring);
    }
    return NULL;
}

/* After a stop: ends the thread, in its own time if that is short. */
static void come_to_rest(struct behind_writer *self)
{
    const struct bm_ring_patience patience = {NULL, BM_DESCRIPTOR_PATIENCE};
    bm_ring_close(&self->pipe.ring);
    self->way = WAY_STRAIGHT;
    if (bm_ring_await(&self->pipe.ring, BM_RING_DONE, patience) == BM_RING_LATE) {
        bm_thread_cut(&self->pipe.thread);
        self->way = WAY_NOWHERE;
    }
    bm_thread_join(&self->pipe.thread);
}

/* Waits for the thread; what it failed with is told. */
static enum bm_status await(struct behind_writer *self, enum bm_ring_wish wish,
                            struct bm_error *err)
{
    switch (bm_ring_await(&self->pipe.ring, wish, bm_pipe_patience(&self->pipe))) {
    case BM_RING_YES:
        return BM_OK;
    case BM_RING_NEVER:
        bm_thread_join(&self->pipe.thread);
        self->way = WAY_STRAIGHT;
        break;
    case BM_RING_STOPPED:
    case BM_RING_LATE:
    default:
        come_to_rest(self);
        (void)bm_fail(&self->failure, BM_ERROR_STOPPED, 0, "stopped while writing");
        break;
    }
    return bm_failure_repeat(&self->failure, err);
}

static void put_slot(struct behind_writer *self)
{
    struct bm_pipe *pipe = &self->pipe;
    pipe->lens[bm_ring_next_put(&pipe->ring)] = self->held;
    self->held = 0;
    bm_ring_put(&pipe->ring);
}

static enum bm_status write_slots(struct behind_writer *self, struct bm_view bytes,
                                  struct bm_error *err)
{
    struct bm_pipe *pipe = &self->pipe;
    while (bytes.len > 0) {
        if (await(self, BM_RING_FREE, err) != BM_OK) {
            return BM_FAIL;
        }
        size_t room = pipe->how.slot - self->held;
        size_t n = bytes.len < room ? bytes.len : room;
        memcpy(bm_pipe_slot(pipe, bm_ring_next_put(&pipe->ring)) + self->held, bytes.data, n);
        self->held += n;
        bytes.data += n;
        bytes.len -= n;
        if (self->held == pipe->how.slot) {
            put_slot(self);
        }
    }
    return BM_OK;
}

/* A stop is no failure of downstream: what spoils the output still goes there. */
static int is_lost(const struct behind_writer *self)
{
    return self->way == WAY_NOWHERE ||
           (self->way == WAY_STRAIGHT && self->failure.code != BM_ERROR_NONE &&
            self->failure.code != BM_ERROR_STOPPED);
}

static enum bm_status behind_write(struct bm_writer *writer, struct bm_view bytes,
                                   struct bm_error *err)
{
    struct behind_writer *self = (struct behind_writer *)writer;
    if (is_lost(self)) {
        return bm_failure_repeat(&self->failure, err);
    }
    if (self->way == WAY_STRAIGHT && self->failure.code == BM_ERROR_NONE &&
        bm_pipe_is_threaded(&self->pipe, write_behind, self)) {
        self->way = WAY_BEHIND;
    }
    if (self->way == WAY_BEHIND) {
        return write_slots(self, bytes, err);
    }
    bm_pipe_pass(&self->pipe, bytes.len);
    return bm_writer_write(self->downstream, bytes, err);
}

/* Ends the thread behind its last byte. */
static enum bm_status drain(struct behind_writer *self, struct bm_error *err)
{
    if (self->way != WAY_BEHIND) {
        return self->failure.code == BM_ERROR_NONE ? BM_OK : bm_failure_repeat(&self->failure, err);
    }
    if (self->held > 0) {
        put_slot(self);
    }
    bm_ring_close(&self->pipe.ring);
    if (await(self, BM_RING_DONE, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_thread_join(&self->pipe.thread);
    self->way = WAY_STRAIGHT;
    return BM_OK;
}

static enum bm_status behind_finish(struct bm_writer *writer, struct bm_error *err)
{
    struct behind_writer *self = (struct behind_writer *)writer;
    return drain(self, err) == BM_OK ? bm_writer_finish(self->downstream, err) : BM_FAIL;
}

static void behind_abandon(struct bm_writer *writer)
{
    struct behind_writer *self = (struct behind_writer *)writer;
    struct bm_error ignored = BM_ERROR_INIT;
    (void)!drain(self, &ignored);
    if (self->way != WAY_NOWHERE) {
        bm_writer_abandon(self->downstream);
    }
}

static void behind_free(struct bm_writer *writer)
{
    struct behind_writer *self = (struct behind_writer *)writer;
    int saved = errno;
    bm_pipe_free(&self->pipe);
    bm_writer_free(self->downstream);
    free(self);
    errno = saved;
}

static const struct bm_writer_ops behind_ops = {.name = "behind",
                                                .write = behind_write,
                                                .finish = behind_finish,
                                                .abandon = behind_abandon,
                                                .free = behind_free};

struct bm_writer *bm_writer_behind_new(struct bm_writer *downstream,
                                       const struct bm_overlap *overlap, struct bm_error *err)
{
    struct behind_writer *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &behind_ops;
    self->failure = BM_ERROR_INIT;
    if (bm_pipe_init(&self->pipe, overlap, err) != BM_OK) {
        free(self);
        return NULL;
    }
    self->downstream = downstream;
    return &self->base;
}
