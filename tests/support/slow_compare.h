/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_SLOW_COMPARE_H
#define BM_TESTS_SLOW_COMPARE_H

#include "bsonmend/document.h"

/* Whether a unique index takes two values for equal: found out pair by pair, numbers as exact
 * fractions of big integers. Shares nothing with src/key. Values must be whole. */
int test_slow_equal(uint8_t a_type, struct bm_view a, uint8_t b_type, struct bm_view b);

#endif
