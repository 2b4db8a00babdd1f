/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "base/memory.h"
#include "base/window.h"
#include "io/overlap.h"

struct ahead_reader {
    struct bm_reader base;
    struct bm_reader *upstream; /* the thread's as soon as there is one */
    struct bm_pipe pipe;
    /* The thread's until the ring is closed: what upstream said when it lent nothing more. */
    enum bm_status last;
    struct bm_error failure;
    /* The user's. */
    int has_slot;            /* the next one to take is his */
    size_t at;               /* bytes of it that are used */
    struct bm_window bridge; /* what reaches over the end of a slot; comes before the slot's rest */
    enum bm_status ending;   /* BM_OK: a further slot may come */
    struct bm_error told;    /* BM_FAIL: why none does */
};

/* Copies bytes into slots and hands them over, also a slot that is not full: the next bytes may be
 * long in coming. 0: nobody wants them any more. */
static int hand_over(struct ahead_reader *self, struct bm_view bytes)
{
    struct bm_pipe *pipe = &self->pipe;
    const struct bm_ring_patience for_ever = {NULL, BM_RING_FOR_EVER};
    while (bytes.len > 0) {
        if (bm_ring_await(&pipe->ring, BM_RING_FREE, for_ever) != BM_RING_YES) {
            return 0;
        }
        size_t number = bm_ring_next_put(&pipe->ring);
        size_t n = bytes.len < pipe->how.slot ? bytes.len : pipe->how.slot;
        memcpy(bm_pipe_slot(pipe, number), bytes.data, n);
        pipe->lens[number] = n;
        bm_ring_put(&pipe->ring);
        bytes.data += n;
        bytes.len -= n;
    }
    return 1;
}

static void *read_ahead(void *context)
{
    struct ahead_reader *self = context;
    for (;;) {
        struct bm_view lent;
        self->last = bm_reader_peek(self->upstream, 1, &lent, &self->failure);
        if (self->last != BM_OK || !hand_over(self, lent)) {
            break;
        }
        bm_reader_consume(self->upstream, lent.len);
    }
    bm_ring_close(&self->pipe.ring);
    return NULL;
}

static struct bm_view rest_of_slot(const struct ahead_reader *self)
{
    if (!self->has_slot) {
        return (struct bm_view){NULL, 0};
    }
    size_t number = bm_ring_next_taken(&self->pipe.ring);
    return (struct bm_view){bm_pipe_slot(&self->pipe, number) + self->at,
                            self->pipe.lens[number] - self->at};
}

/* Gives the slot back and waits for the next one. */
static void next_slot(struct ahead_reader *self)
{
    if (self->has_slot) {
        bm_ring_take(&self->pipe.ring);
        self->has_slot = 0;
    }
    enum bm_ring_answer answer =
        bm_ring_await(&self->pipe.ring, BM_RING_FULL, bm_pipe_patience(&self->pipe));
    self->has_slot = answer == BM_RING_YES;
    self->at = 0;
    if (answer == BM_RING_NEVER) {
        self->ending = self->last;
        self->told = self->failure;
    } else if (answer == BM_RING_STOPPED) {
        self->ending = bm_fail(&self->told, BM_ERROR_STOPPED, 0, "stopped while reading");
    }
}

/* Moves up to n bytes of the slot behind what the bridge holds. */
static void cross(struct ahead_reader *self, size_t n)
{
    struct bm_view rest = rest_of_slot(self);
    size_t part = rest.len < n ? rest.len : n;
    if (part == 0) {
        return;
    }
    if (bm_window_reserve(&self->bridge, part, &self->told) != BM_OK) {
        self->ending = BM_FAIL;
        return;
    }
    memcpy(self->bridge.data + self->bridge.end, rest.data, part);
    self->bridge.end += part;
    self->at += part;
}

static enum bm_status peek_slots(struct ahead_reader *self, size_t want, struct bm_view *out,
                                 struct bm_error *err)
{
    for (;;) {
        size_t held = bm_window_view(&self->bridge).len;
        *out = held > 0 ? bm_window_view(&self->bridge) : rest_of_slot(self);
        if (out->len >= want) {
            return BM_OK;
        }
        /* The bridge takes just what is wanted: the rest is lent where it lies. */
        cross(self, want - held);
        *out = bm_window_view(&self->bridge);
        if (out->len >= want) {
            return BM_OK;
        }
        if (self->ending != BM_OK) {
            return self->ending == BM_END ? BM_END : bm_failure_repeat(&self->told, err);
        }
        next_slot(self);
    }
}

static enum bm_status ahead_peek(struct bm_reader *reader, size_t want, struct bm_view *out,
                                 struct bm_error *err)
{
    struct ahead_reader *self = (struct ahead_reader *)reader;
    return bm_pipe_is_threaded(&self->pipe, read_ahead, self)
               ? peek_slots(self, want, out, err)
               : bm_reader_peek(self->upstream, want, out, err);
}

static void ahead_consume(struct bm_reader *reader, size_t n)
{
    struct ahead_reader *self = (struct ahead_reader *)reader;
    if (!self->pipe.thread.is_running) {
        bm_reader_consume(self->upstream, n);
        bm_pipe_pass(&self->pipe, n);
    } else if (bm_window_view(&self->bridge).len > 0) {
        bm_window_consume(&self->bridge, n);
    } else {
        self->at += n;
    }
}

static void ahead_free(struct bm_reader *reader)
{
    struct ahead_reader *self = (struct ahead_reader *)reader;
    int saved = errno;
    bm_pipe_free(&self->pipe);
    bm_reader_free(self->upstream);
    bm_window_free(&self->bridge);
    free(self);
    errno = saved;
}

static const struct bm_reader_ops ahead_ops = {
    .name = "ahead", .peek = ahead_peek, .consume = ahead_consume, .free = ahead_free};

struct bm_reader *bm_reader_ahead_new(struct bm_reader *upstream, const struct bm_overlap *overlap,
                                      struct bm_error *err)
{
    struct ahead_reader *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &ahead_ops;
    self->failure = BM_ERROR_INIT;
    self->told = BM_ERROR_INIT;
    if (bm_pipe_init(&self->pipe, overlap, err) != BM_OK) {
        free(self);
        return NULL;
    }
    self->upstream = upstream;
    return &self->base;
}
