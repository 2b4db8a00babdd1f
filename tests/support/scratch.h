/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_SCRATCH_H
#define BM_TESTS_SCRATCH_H

#include <stddef.h>

#include "base/buffer.h"

/* A fresh folder for one test and the files in it; every function fails the test when it cannot. */

struct test_scratch {
    char folder[64];
};

void test_scratch_make(struct test_scratch *scratch);
/* The same in memory where there is such a file system: for tests that sync thousands of files. */
void test_scratch_make_quick(struct test_scratch *scratch);
/* Removes the folder and all in it. */
void test_scratch_remove(struct test_scratch *scratch);
/* "FOLDER/NAME" into a static ring of eight texts. */
const char *test_scratch_path(const struct test_scratch *scratch, const char *name);
/* Writes a file, making the folders on its way. */
void test_scratch_write(const struct test_scratch *scratch, const char *name, struct bm_view bytes);
/* The bytes of a file; the caller frees the buffer. */
struct bm_buffer test_scratch_read(const struct test_scratch *scratch, const char *name);
/* How many names the folder (or a folder below it, "" the folder itself) holds, dots included. */
size_t test_scratch_count(const struct test_scratch *scratch, const char *name);

#endif
