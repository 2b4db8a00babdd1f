/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_STREAMS_H
#define BM_TESTS_STREAMS_H

#include "base/buffer.h"
#include "bsonmend/codec.h"

/* Compressed streams made in the test. Every function fails the test when it cannot. */

/* Encodes plain in writes of chunk bytes (0: one) and appends the result. */
void test_stream_encode(struct bm_view plain, struct bm_compression compression, size_t chunk,
                        struct bm_buffer *coded);

/*
 * A stream of parts, one for each letter; *plain gets what it decodes to. gzip members: g level 1,
 * G level 2, e empty, h with a name, a comment, an extra field and a header checksum, l with a name
 * of 600 KiB, L with a name of 1,200 KiB (which is too long). zstd: Z frame, E empty frame,
 * s skippable frame. Else: z one zero, 0 a hundred zeros, x garbage.
 */
struct bm_buffer test_stream_build(const char *parts, struct bm_buffer *plain);

/* The longest stream that test_stream_ends knows. */
enum { TEST_STREAM_PARTS = 8 };
/* Where each part of that stream ends; the rest of ends is left alone. */
void test_stream_ends(const char *parts, size_t ends[TEST_STREAM_PARTS]);
/* 1 when n is one of the ends. */
int test_stream_is_end(const size_t ends[TEST_STREAM_PARTS], size_t n);

#endif
