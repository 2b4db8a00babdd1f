/* SPDX-License-Identifier: Apache-2.0 */
#include "support/doubles.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct test_reader {
    struct bm_reader base;
    struct bm_view left;
    size_t limit; /* bytes until it fails */
    size_t extra; /* bytes lent beyond want */
    size_t growth;
    uint8_t *lent; /* a copy of its own, so that views that outlived their time are seen */
    size_t lent_len;
};

static enum bm_status test_peek(struct bm_reader *reader, size_t want, struct bm_view *out,
                                struct bm_error *err)
{
    struct test_reader *self = (struct test_reader *)reader;
    if (self->lent != NULL) {
        memset(self->lent, 0xdb, self->lent_len);
        free(self->lent);
        self->lent = NULL;
    }
    size_t most = want + self->extra;
    self->extra += self->growth;
    if (most > self->limit) {
        most = self->limit;
    }
    *out = self->left;
    if (out->len > most) {
        out->len = most;
    }
    self->lent = malloc(out->len + 1);
    self->lent_len = out->len;
    cr_assert_not_null(self->lent);
    if (out->len > 0) {
        memcpy(self->lent, out->data, out->len);
    }
    out->data = self->lent;
    if (out->len >= want) {
        return BM_OK;
    }
    return self->limit < want ? bm_fail(err, BM_ERROR_IO, EIO, "a failing reader") : BM_END;
}

static void test_consume(struct bm_reader *reader, size_t n)
{
    struct test_reader *self = (struct test_reader *)reader;
    cr_assert_leq(n, self->lent_len);
    self->left.data += n;
    self->left.len -= n;
    if (self->limit != SIZE_MAX) {
        self->limit -= n;
    }
}

static void test_reader_free(struct bm_reader *reader)
{
    free(((struct test_reader *)reader)->lent);
    free(reader);
}

static const struct bm_reader_ops test_reader_ops = {
    .name = "test", .peek = test_peek, .consume = test_consume, .free = test_reader_free};

static struct bm_reader *make_reader(struct bm_view bytes, size_t limit, size_t extra,
                                     size_t growth)
{
    struct test_reader *self = calloc(1, sizeof *self);
    cr_assert_not_null(self);
    *self = (struct test_reader){.base = {&test_reader_ops},
                                 .left = bytes,
                                 .limit = limit,
                                 .extra = extra,
                                 .growth = growth};
    return &self->base;
}

struct bm_reader *test_reader_growing(struct bm_view bytes)
{
    return make_reader(bytes, SIZE_MAX, 0, 1);
}

struct bm_reader *test_reader_failing(struct bm_view bytes, size_t limit, size_t chunk)
{
    return make_reader(bytes, limit, chunk, 0);
}

struct test_writer {
    struct bm_writer base;
    struct test_written *written;
    size_t limit;
};

static enum bm_status test_write(struct bm_writer *writer, struct bm_view bytes,
                                 struct bm_error *err)
{
    struct test_writer *self = (struct test_writer *)writer;
    size_t room = self->limit - self->written->bytes.len;
    struct bm_view taken = {bytes.data, bytes.len < room ? bytes.len : room};
    cr_assert_eq(bm_buffer_append(&self->written->bytes, taken, err), BM_OK);
    self->written->writes++;
    return taken.len == bytes.len ? BM_OK : bm_fail(err, BM_ERROR_IO, ENOSPC, "a full writer");
}

static enum bm_status test_finish(struct bm_writer *writer, struct bm_error *err)
{
    struct test_writer *self = (struct test_writer *)writer;
    self->written->finished++;
    return self->written->bytes.len < self->limit
               ? BM_OK
               : bm_fail(err, BM_ERROR_IO, ENOSPC, "a full writer");
}

static void test_abandon(struct bm_writer *writer)
{
    ((struct test_writer *)writer)->written->abandoned++;
}

static void test_writer_free(struct bm_writer *writer)
{
    ((struct test_writer *)writer)->written->freed++;
    free(writer);
}

static const struct bm_writer_ops test_writer_ops = {.name = "test",
                                                     .write = test_write,
                                                     .finish = test_finish,
                                                     .abandon = test_abandon,
                                                     .free = test_writer_free};

struct bm_writer *test_writer_full(struct test_written *written, size_t limit)
{
    struct test_writer *self = calloc(1, sizeof *self);
    cr_assert_not_null(self);
    *self = (struct test_writer){.base = {&test_writer_ops}, .written = written, .limit = limit};
    return &self->base;
}

struct bm_writer *test_writer_collecting(struct test_written *written)
{
    return test_writer_full(written, SIZE_MAX);
}

enum bm_status test_read_all(struct bm_reader *reader, size_t want, struct bm_buffer *out,
                             struct bm_error *err)
{
    for (;;) {
        struct bm_view lent;
        enum bm_status status = bm_reader_peek(reader, want, &lent, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        cr_assert(status == BM_END ? lent.len < want : lent.len >= want);
        size_t taken = lent.len < want ? lent.len : want;
        struct bm_view bite = {lent.data, taken};
        struct bm_error ignored = BM_ERROR_INIT;
        cr_assert_eq(bm_buffer_append(out, bite, &ignored), BM_OK);
        bm_reader_consume(reader, taken);
        if (status == BM_END) {
            return BM_END;
        }
    }
}

struct bm_buffer test_bytes(size_t len, uint32_t seed)
{
    static const char text[] = "resultToken\0\x02_id\0null answer of a couple in conflict";
    struct bm_buffer bytes = BM_BUFFER_INIT((size_t)1 << 30);
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_reserve(&bytes, len + 1, &err), BM_OK);
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes.data[i] = (seed >> 24) < 40 ? (uint8_t)(seed >> 16) : (uint8_t)text[i % sizeof text];
    }
    bytes.len = len;
    return bytes;
}
