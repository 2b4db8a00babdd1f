/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_BSON_TEXT_H
#define BM_TESTS_BSON_TEXT_H

#include "base/buffer.h"
#include "bsonmend/document.h"

/* Extended JSON as BSON, by libbson; duplicate names and their order stay. A single quote may stand
 * for a double one. Fails the test when it is no JSON. The caller frees the buffer. */
struct bm_buffer test_bson(const char *json);

/* {a: [0, 1, …]}, `count` numbers whose names are all "0". The caller frees the buffer. */
struct bm_buffer test_bson_numbers(uint32_t count);

/* Appends {_id: id, t: token}, token NULL: null. */
void test_bson_append_token(struct bm_buffer *documents, int32_t id, const char *token);

/* The element of that name in a document; fails the test when it is not there. */
struct bm_element test_element(const struct bm_buffer *document, const char *name);

#endif
