/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_ARCHIVE_BUILDER_H
#define BM_TESTS_ARCHIVE_BUILDER_H

#include <stdint.h>

#include "base/buffer.h"

/* Archives made by hand, record by record. Every function fails the test when it cannot. */

#define TEST_ARCHIVE_INIT BM_BUFFER_INIT((size_t)1 << 28)

void test_build_magic(struct bm_buffer *out);
void test_build_terminator(struct bm_buffer *out);
/* A document in Extended JSON with single quotes, as libbson encodes it. */
void test_build_document(struct bm_buffer *out, const char *json);
/* Magic and header document of an archive of a server of that version. */
void test_build_start(struct bm_buffer *out, const char *server_version);
/* One entry of the prelude. */
void test_build_entry(struct bm_buffer *out, const char *db, const char *collection,
                      const char *metadata, const char *type);
/* Headers as current tools write them. */
void test_build_segment(struct bm_buffer *out, const char *db, const char *collection);
/* With its terminator. */
void test_build_eof(struct bm_buffer *out, const char *db, const char *collection, uint64_t crc);

/* The archive of one collection d.c with {_id:1,t:null} and {_id:2,t:"a"}, 370 bytes, as the
 * format's description prints it. */
struct bm_buffer test_build_example(void);

/*
 * Documents {_id:1} {_id:2} of d.a in three segments, the second empty, and {_id:1} of d.b between
 * them; the view d.v with an empty segment; d.only.eof, which has nothing but its EOF header.
 */
struct bm_buffer test_build_interleaved(void);

/* The CRC of documents in a buffer from `start` on. */
uint64_t test_build_crc(const struct bm_buffer *out, size_t start);

#endif
