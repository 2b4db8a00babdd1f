/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_SPEC_OF_H
#define BM_TESTS_SPEC_OF_H

#include "base/buffer.h"
#include "bsonmend/key.h"

/* A unique index as an entry of a metadata file has it. */
struct test_spec {
    struct bm_buffer entry;
    struct bm_index_spec spec;
    struct bm_index *index;
};

/* Compiles an entry such as "{'key': {'a': 1}, 'sparse': true}" (see bson_text.h), unique whatever
 * it says, for a server such as "7.0", "": the newest. Fails the test when it cannot. */
struct test_spec test_spec_of(const char *entry, const char *server);
/* The same, unique only if it says so. */
struct test_spec test_plain_spec_of(const char *entry, const char *server);
void test_spec_free(struct test_spec *spec);

/* The keys of a document in it, as the server prints them: "{ a: 1 } { a: 2 }", "none", or
 * "refused: …". Freed with free(). */
char *test_spec_keys(const struct test_spec *spec, const char *document);
/* The same, of a document as bytes. */
char *test_spec_keys_of(const struct test_spec *spec, struct bm_view document);
/* Fails the test unless the index has exactly these keys of the document. */
void test_spec_expect(const struct test_spec *spec, const char *document, const char *keys);
/* How many keys two documents share. */
size_t test_spec_shared(const struct test_spec *spec, struct bm_view one, struct bm_view other);

#endif
