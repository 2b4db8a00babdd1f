/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_DUMP_H
#define BM_TESTS_DUMP_H

#include "base/buffer.h"
#include "bsonmend/container.h"

/* Whole dumps through the container room. */

/* Decides about one document of a batch: its edit, document filled in already. */
typedef void (*test_dump_editor)(const struct bm_batch *batch, struct bm_edit *edit);

struct test_dump_copy {
    struct bm_source_options in;
    struct bm_packer_options out;
    test_dump_editor editor; /* NULL: nothing is changed */
    int reread;              /* 1: the sealed output is read back to its end first */
};

/* Reads everything and writes it. On failure the packer was abandoned. */
enum bm_status test_dump_copy(const struct test_dump_copy *copy, struct bm_error *err);

/* Every event as a line: "begin NS", "segment NS", "batch NS COUNT #ORDINAL @OFFSET", "end NS",
 * "file RELATIVE"; then "over". What was seen before a failure is there too. */
enum bm_status test_dump_events(const struct bm_source_options *in, struct bm_buffer *out,
                                struct bm_error *err);

/* Reads a source once to its end, which must be a proper one. Its documents; *bytes: of the dump.
 */
uint64_t test_dump_read(struct bm_source *source, uint64_t *bytes);

/* 0: the trees have the same names, kinds, modes, links and, decoded, bytes; else 1 and the first
 * difference in *what. */
int test_dump_differ(const char *a, const char *b, char what[512]);

/* Puts bytes on standard input: through a pipe (at most 64 KiB), or as a file that stands `skip`
 * bytes behind its start. The test's own process only. */
void test_dump_pipe_in(struct bm_view bytes);
void test_dump_file_in(const char *path, size_t skip);
/* Opens a new file for writing; the descriptor is the caller's. */
int test_dump_out(const char *path);

/* Bytes of a buffer, as a file's or an archive's. */
#define TEST_TEXT(text) ((struct bm_view){(const uint8_t *)(text), sizeof(text) - 1})

/* The folder of real dumps that BSONMEND_DUMPS names; skips the test where it names none. */
const char *test_dump_real(void);

#endif
