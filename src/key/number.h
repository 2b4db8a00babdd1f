/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_NUMBER_H
#define BM_KEY_NUMBER_H

#include "bsonmend/view.h"

__extension__ typedef unsigned __int128 bm_u128;

/* Bytes of a number's canonical form, at most. */
#define BM_NUMBER_MOST 19u

/* A decimal128 taken apart. */
enum bm_decimal_kind { BM_DECIMAL_FINITE, BM_DECIMAL_INFINITE, BM_DECIMAL_NAN };

struct bm_decimal {
    enum bm_decimal_kind kind;
    int negative;
    bm_u128 coefficient; /* 0 for one that is not canonical: such a number is zero */
    int exponent;        /* the value is coefficient times ten to the exponent */
};

struct bm_decimal bm_decimal_read(const uint8_t *value);

/*
 * Writes the canonical form of a number of type double, int32, int64 or decimal128 to `out`
 * (BM_NUMBER_MOST bytes) and returns its length. Two numbers of any types have equal forms if and
 * only if their exact values are equal; all NaN are one value, and so are 0 and -0. No form starts
 * another.
 */
size_t bm_number_write(uint8_t type, const uint8_t *value, uint8_t *out);

/* -1, 0 or 1: the exact order of two numbers of any types; NaN comes before all others. */
int bm_number_compare(uint8_t a_type, const uint8_t *a, uint8_t b_type, const uint8_t *b);

/* 1 unless the number is zero or NaN, which are no directions of an index field. */
int bm_number_directs(uint8_t type, const uint8_t *value);

#endif
