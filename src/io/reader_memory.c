/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/reader.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"

struct memory_reader {
    struct bm_reader base;
    struct bm_view left;
    size_t chunk;
};

static enum bm_status memory_peek(struct bm_reader *reader, size_t want, struct bm_view *out,
                                  struct bm_error *err)
{
    (void)err;
    struct memory_reader *self = (struct memory_reader *)reader;
    *out = self->left;
    if (out->len < want) {
        return BM_END;
    }
    size_t most = want > self->chunk ? want : self->chunk;
    if (self->chunk > 0 && out->len > most) {
        out->len = most;
    }
    return BM_OK;
}

static void memory_consume(struct bm_reader *reader, size_t n)
{
    struct memory_reader *self = (struct memory_reader *)reader;
    assert(n <= self->left.len);
    self->left.data += n;
    self->left.len -= n;
}

static void memory_free(struct bm_reader *reader)
{
    int saved = errno;
    free(reader);
    errno = saved;
}

static const struct bm_reader_ops memory_reader_ops = {
    .name = "memory", .peek = memory_peek, .consume = memory_consume, .free = memory_free};

struct bm_reader *bm_reader_memory_new(struct bm_view bytes, size_t chunk, struct bm_error *err)
{
    struct memory_reader *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &memory_reader_ops;
    self->left = bytes;
    self->chunk = chunk;
    return &self->base;
}
