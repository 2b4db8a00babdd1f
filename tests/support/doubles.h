/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_DOUBLES_H
#define BM_TESTS_DOUBLES_H

#include "base/buffer.h"
#include "bsonmend/reader.h"
#include "bsonmend/writer.h"

/* Readers and writers that misbehave. Every function fails the test when it cannot do its work. */

/* Lends want bytes, then want + 1, want + 2 … and poisons every view it has lent before. */
struct bm_reader *test_reader_growing(struct bm_view bytes);
/* Lends at most chunk bytes more than wanted until `limit` bytes are gone, then fails with EIO. */
struct bm_reader *test_reader_failing(struct bm_view bytes, size_t limit, size_t chunk);

/* What happened to a test writer. */
struct test_written {
    struct bm_buffer bytes;
    unsigned writes;
    unsigned finished;
    unsigned abandoned;
    unsigned freed;
};

#define TEST_WRITTEN_INIT ((struct test_written){.bytes = {.limit = (size_t)1 << 30}})

/* Collects into *written, which the caller keeps and whose bytes it frees. */
struct bm_writer *test_writer_collecting(struct test_written *written);
/* The same, but takes `limit` bytes only; then write and finish fail with ENOSPC. */
struct bm_writer *test_writer_full(struct test_written *written, size_t limit);

/* Reads a reader to its end in bites of want bytes; returns what the last peek said. */
enum bm_status test_read_all(struct bm_reader *reader, size_t want, struct bm_buffer *out,
                             struct bm_error *err);

/* len bytes that look like documents: repetitive, with some noise; the same for the same seed. */
struct bm_buffer test_bytes(size_t len, uint32_t seed);

#endif
