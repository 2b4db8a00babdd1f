/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_RANDOM_CASE_H
#define BM_TESTS_RANDOM_CASE_H

#include "bsonmend/document.h"

/*
 * Small collections and unique indexes made from a seed, meant to be hard: few paths with common
 * beginnings, values that are equal in other types, texts that only a collation makes equal,
 * documents that repeat one another but for a detail. The same seed gives the same bytes.
 */

#define RANDOM_CASE_DOCUMENTS 8
#define RANDOM_CASE_BYTES 262144

struct random_case {
    int major, minor;       /* of the server */
    struct bm_view indexes; /* an array with one index entry, as in metadata.json */
    struct bm_view spec;    /* that entry */
    struct bm_view options; /* of the collection */
    struct bm_view documents[RANDOM_CASE_DOCUMENTS];
    size_t count;
    uint8_t bytes[RANDOM_CASE_BYTES]; /* what the views borrow from */
    size_t len;
};

void random_case_make(uint64_t seed, struct random_case *out);

#endif
