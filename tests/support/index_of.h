/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_INDEX_OF_H
#define BM_TESTS_INDEX_OF_H

#include "bsonmend/key.h"

/* An index over paths separated by commas, "a,b.c"; fails the test when it cannot be. */
struct bm_index *test_index_of(const char *fields);

/* Makes the keys of a document given as JSON (see bson_text.h) in that one index, and returns them
 * as text: "(1,2) (null,{ x: 1 })", "none", or "refused: …". Freed with free(). */
char *test_keys_of(const char *fields, const char *json);

#endif
