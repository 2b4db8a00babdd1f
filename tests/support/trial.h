/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_TRIAL_H
#define BM_TESTS_TRIAL_H

#include "support/archive_reader.h"
#include "support/dump.h"
#include "support/scratch.h"

/* Dumps made, copied and looked at in one folder a test. All names are below that folder; every
 * function fails the test when it cannot. */

/* Before and after each test. */
void test_trial_start(void);
void test_trial_stop(void);

/* {_id: 1}, and {_id: 1} {_id: 2} */
#define TEST_ONE TEST_TEXT("\x0e\0\0\0\x10_id\0\x01\0\0\0\0")
#define TEST_TWO TEST_TEXT("\x0e\0\0\0\x10_id\0\x01\0\0\0\0\x0e\0\0\0\x10_id\0\x02\0\0\0\0")

const char *test_trial_path(const char *name);
void test_trial_write(const char *name, struct bm_view bytes);
/* Writes what is in the buffer and frees it. */
void test_trial_put(const char *name, struct bm_buffer *bytes);
/* The archive of one collection, test_build_example(). */
void test_trial_example(const char *name);
/* A database each with data, metadata only, a view, a time series, an odd name; admin; an empty
 * collection; an oplog; a prelude: "dump". */
void test_trial_rich_dump(void);
/* The caller frees the buffer. */
struct bm_buffer test_trial_read(const char *name);
size_t test_trial_count(const char *name);
int test_trial_is_there(const char *name);

/* A copy that keeps container and codec, reads its output back, refuses an existing one. */
struct test_dump_copy test_trial_copy(const char *in, const char *out);
void test_trial_run(const struct test_dump_copy *copy);
void test_trial_refuse(const struct test_dump_copy *copy, enum bm_error_code code,
                       const char *part_of_text);
/* test_trial_copy() run; editor may be NULL. */
void test_trial_pass(const char *in, const char *out, enum bm_container container,
                     test_dump_editor editor);
/* Same trees, as test_dump_differ() has it. */
void test_trial_same(const char *a, const char *b);
void test_trial_text(const char *name, const char *text);
/* The archive is good, by the reader that shares nothing with src/. */
struct test_archive test_trial_archive(const char *name);

#endif
