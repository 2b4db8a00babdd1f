/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_NAIVE_COMPARE_H
#define BM_TESTS_NAIVE_COMPARE_H

#include "support/naive_node.h"

struct UCollator;

/* The class of a type; different classes are never equal and sort by this number. */
int naive_class(const struct naive_node *node);

/* Whether two elements are one in a key. collator NULL: strings are bytes. */
int naive_equal(const struct naive_node *a, const struct naive_node *b, struct UCollator *collator);

/* -1, 0 or 1 as filters compare; both of one class. */
int naive_order(const struct naive_node *a, const struct naive_node *b, struct UCollator *collator);

/* Makes a collator from a collation document; *out NULL: simple. Returns NULL, or why the server
 * refuses it. Closed with naive_collator_close. */
const char *naive_collator_open(const struct naive_node *collation, struct UCollator **out);
void naive_collator_close(struct UCollator *collator); /* NULL is fine */

/* -1, 0 or 1 by the rules of the collator; what is no UTF-8 counts as U+FFFD. */
int naive_collate(struct UCollator *collator, struct bm_view a, struct bm_view b);
/* Bytes of the text's sort key, its final NUL included. */
size_t naive_sort_key_size(struct UCollator *collator, struct bm_view text);

#endif
