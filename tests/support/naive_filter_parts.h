/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_NAIVE_FILTER_PARTS_H
#define BM_TESTS_NAIVE_FILTER_PARTS_H

#include "support/naive_filter.h"

enum naive_operation {
    NAIVE_AND,
    NAIVE_OR,
    NAIVE_EQUAL,
    NAIVE_GREATER,
    NAIVE_GREATER_EQUAL,
    NAIVE_LESS,
    NAIVE_LESS_EQUAL,
    NAIVE_EXISTS,
    NAIVE_TYPE,
    NAIVE_IN
};

struct naive_filter {
    enum naive_operation operation;
    const char *path;               /* none of NAIVE_AND, NAIVE_OR */
    const struct naive_node *value; /* what the element is held against */
    int major;                      /* of the server */
    struct naive_filter *first;     /* parts of NAIVE_AND, NAIVE_OR */
    struct naive_filter *next;
};

/* Whether a type is one that a $type operand (a code or a name) stands for; -1: it stands for
 * none. */
int naive_type_is(const struct naive_node *operand, uint8_t type);

#endif
