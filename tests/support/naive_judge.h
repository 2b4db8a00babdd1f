/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_NAIVE_JUDGE_H
#define BM_TESTS_NAIVE_JUDGE_H

#include "bsonmend/document.h"

/*
 * A second judge of unique indexes, written from mongod's rules alone: trees of nodes, every pair
 * of keys compared element by element, numbers as digits, strings through ICU's comparison. It
 * shares no line with src/key, so that what both say alike is right, or wrong in the rules.
 */

enum naive_verdict {
    NAIVE_OK,
    NAIVE_DUPLICATE,
    NAIVE_CANNOT_INDEX, /* the server refuses the index, or a document in it */
    NAIVE_UNKNOWN       /* cannot be told from here, such as a text index */
};

/* mongorestore leaves no collation of the collection to an index; a command of one's own does. */
enum naive_origin { NAIVE_FROM_METADATA, NAIVE_FROM_COMMAND };

struct naive_case {
    struct bm_view spec;    /* an index entry as in metadata.json, as BSON */
    struct bm_view options; /* of the collection, as BSON; len 0: none */
    enum naive_origin origin;
    int major, minor; /* of the server */
    const struct bm_view *documents;
    size_t count;
};

struct naive_result {
    enum naive_verdict verdict;
    const char *refused;    /* why the index itself is refused or unknown, or NULL; static */
    size_t (*conflicts)[2]; /* i < j, ascending, among the documents that have keys */
    size_t conflict_count;
    size_t *key_counts; /* distinct keys, a document; NULL: nothing was judged */
    size_t *bad;        /* documents whose keys cannot be made, ascending */
    size_t bad_count;
};

/* The result is freed with naive_result_free. Sound documents only. */
void naive_judge(const struct naive_case *judged, struct naive_result *result);
void naive_result_free(struct naive_result *result);

#endif
