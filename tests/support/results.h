/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_RESULTS_H
#define BM_TESTS_RESULTS_H

#include "base/buffer.h"
#include "bsonmend/report.h"

/* Results made by hand, as a run would leave them; freed with bm_result_free. Every function fails
 * the test when it cannot. */

/* The README's story: 100 documents share the empty resultToken of a.b, "check dump". */
void test_result_story(struct bm_result *result);
/* Without the story's advice. */
void test_result_without_advice(struct bm_result *result);
/* Room for one more: namespaces, violations … start as NULL. */
struct bm_violation *test_result_violation(struct bm_result *result, const char *ns,
                                           const char *index);

/* Copies that a result may own. */
char *test_result_text(const char *text);
struct bm_view test_result_view(const void *bytes, size_t len);

/* What a report says; freed with free(). */
char *test_result_as_text(const struct bm_result *result, const struct bm_text_options *options);
char *test_result_as_json(const struct bm_result *result, enum bm_redaction redaction);
char *test_result_as_notes(const struct bm_result *result);

/* Elements: { resultToken: null }, { resultToken: "abc" }, _ids of two kinds; and a document. */
#define TEST_NULL "\x0aresultToken\0"
#define TEST_NULL_LEN 13
#define TEST_ABC "\x02resultToken\0\x04\0\0\0abc\0"
#define TEST_ABC_LEN 21
#define TEST_ID "\x07_id\0\x65\0\0\0\0\0\0\0\0\0\0\xaa"
#define TEST_ID_LEN 17
#define TEST_NUMBER_ID "\x10_id\0\x05\0\0\0"
#define TEST_NUMBER_ID_LEN 9

/* A document with one element; the result may own it. */
struct bm_view test_result_document(const void *element, size_t len);

#endif
