/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_NAIVE_FILTER_H
#define BM_TESTS_NAIVE_FILTER_H

#include "support/naive_compare.h"

struct naive_filter; /* a tree of conditions */

enum naive_admission { NAIVE_ADMITTED, NAIVE_REFUSED, NAIVE_UNSUPPORTED };

/* Reads a partialFilterExpression as a server of that major version does. */
enum naive_admission naive_filter_read(struct naive_pool *pool, const struct naive_node *document,
                                       int major, struct naive_filter **out);

int naive_filter_matches(struct naive_pool *pool, const struct naive_filter *filter,
                         const struct naive_node *document, struct UCollator *collator);

#endif
