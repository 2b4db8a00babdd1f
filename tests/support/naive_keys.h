/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_NAIVE_KEYS_H
#define BM_TESTS_NAIVE_KEYS_H

#include "support/naive_compare.h"

#define NAIVE_FIELDS 32

/* A key: as many elements as the pattern has fields. */
struct naive_key {
    const struct naive_node *parts[NAIVE_FIELDS];
    struct naive_key *next;
};

struct naive_keys {
    struct naive_key *first;
    const char *refused; /* NULL, or why no keys can be made */
};

struct naive_pattern {
    const char *paths[NAIVE_FIELDS];
    size_t count;
    int sparse;
    int without_decimals;       /* an index of version 1 */
    struct UCollator *collator; /* NULL: none */
};

/* The distinct keys of a document. */
struct naive_keys naive_keys_of(struct naive_pool *pool, const struct naive_pattern *pattern,
                                const struct naive_node *document);

/* Whether every type in the key can be in the index. */
int naive_key_is_taken(const struct naive_pattern *pattern, const struct naive_key *key);

int naive_keys_meet(const struct naive_pattern *pattern, const struct naive_keys *a,
                    const struct naive_keys *b);

#endif
