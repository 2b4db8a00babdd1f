/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_TESTS_RANDOM_VALUES_H
#define BM_TESTS_RANDOM_VALUES_H

#include "support/random_case.h"

/* A stream of numbers (splitmix64). */
struct random {
    uint64_t state;
};

uint64_t random_next(struct random *random);
size_t random_below(struct random *random, size_t limit); /* 0 … limit - 1 */
int random_one_in(struct random *random, size_t chances);

/* BSON as it is written: elements one behind the other, documents with their length filled in when
 * they end. */
void random_put(struct random_case *out, const void *bytes, size_t len);
void random_put_element(struct random_case *out, uint8_t type, const char *name);
void random_put_int(struct random_case *out, const char *name, int32_t value);
void random_put_double(struct random_case *out, const char *name, uint64_t bits);
void random_put_bool(struct random_case *out, const char *name, int value);
void random_put_text(struct random_case *out, uint8_t type, const char *name, struct bm_view text);
void random_put_word(struct random_case *out, const char *name, const char *word);
size_t random_open(struct random_case *out); /* where the document begins */
struct bm_view random_close(struct random_case *out, size_t begin);

#define RANDOM_PALETTE 6

/* What a value is made from. `shape` decides what it is, `dress` how it is written: the same shape
 * in another dress is another document that is often equal to the first. */
struct random_maker {
    struct random_case *out;
    struct random shape;
    struct random dress;
    size_t palette[RANDOM_PALETTE]; /* leaves, most of the values of a collection */
    int long_texts;                 /* some strings as long as a key may be */
};

void random_palette(struct random_maker *maker, struct random *random);

/* An element of any type; containers down to `depth` levels. */
void random_value(struct random_maker *maker, const char *name, int depth);
/* The same for a filter, so seldom one that it may not compare with: undefined, and a regex. */
void random_operand(struct random_maker *maker, const char *name, int depth);

#endif
