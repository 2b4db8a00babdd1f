/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_NAIVE_NODE_H
#define BM_TESTS_NAIVE_NODE_H

#include "bsonmend/document.h"

/*
 * The naive judge's own idea of a document: a tree of nodes, all of them allocated one by one in a
 * pool and freed together. Slow and obvious on purpose; shares nothing with the judge it checks.
 */

struct naive_block;

struct naive_pool {
    struct naive_block *last;
};

/* Zeroed memory that lives as long as the pool; aborts the test when there is none. */
void *naive_take(struct naive_pool *pool, size_t size);
void naive_pool_free(struct naive_pool *pool);

/* A number without rounding: digits times ten to the exponent. */
struct naive_number {
    enum { NAIVE_NAN, NAIVE_MINUS_INFINITY, NAIVE_FINITE, NAIVE_PLUS_INFINITY } kind;
    int negative;
    uint8_t *digits; /* 0 … 9, the first and the last not 0; none: zero */
    size_t count;
    long exponent;
};

struct naive_node {
    uint8_t type; /* enum bm_type */
    const char *name;
    size_t name_len;
    struct bm_view bytes;       /* text, binary data, code, pattern, id, collection */
    struct bm_view more;        /* options of a regex, id of a pointer */
    size_t encoded;             /* bytes of the value in its document */
    int subtype;                /* of binary data */
    int64_t integer;            /* date, bool */
    uint64_t timestamp;         /* seconds in the upper half */
    struct naive_number number; /* of the four types of numbers */
    struct naive_node *first;   /* entries of an object, an array, a scope */
    struct naive_node *next;    /* the entry behind this one */
};

/* A document as a node of type object. NULL: it is damaged. The bytes must outlive the pool. */
struct naive_node *naive_read(struct naive_pool *pool, struct bm_view document);

/* The first entry of that name, or NULL. */
const struct naive_node *naive_entry(const struct naive_node *parent, const char *name, size_t len);
const struct naive_node *naive_field(const struct naive_node *parent, const char *name);

/* The digits of a number of decimal text, "-12.5e+3", as printf writes it. */
void naive_number_of_text(struct naive_pool *pool, const char *text, struct naive_number *out);
void naive_number_of_double(struct naive_pool *pool, double value, struct naive_number *out);
void naive_number_of_integer(struct naive_pool *pool, int64_t value, struct naive_number *out);
void naive_number_of_decimal(struct naive_pool *pool, uint64_t high, uint64_t low,
                             struct naive_number *out);
/* -1, 0 or 1; all NaN are one number, below all others. */
int naive_number_order(const struct naive_number *a, const struct naive_number *b);

/* Number, and neither zero; or true. */
int naive_is_true(const struct naive_node *node);
int naive_is_number(const struct naive_node *node);

#endif
