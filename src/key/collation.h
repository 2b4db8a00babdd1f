/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_COLLATION_H
#define BM_KEY_COLLATION_H

#include "base/buffer.h"

/*
 * Which strings are equal by a collation document of an index or a collection, found out with ICU
 * (mongod collator_factory_icu.cpp, collator_interface_icu.cpp). Immutable once made.
 */
struct bm_collation;

/* Memory for strings as ICU wants them, used again and again. */
struct bm_units {
    struct bm_buffer buffers[2];
};
#define BM_UNITS_INIT                                                                              \
    ((struct bm_units){{BM_BUFFER_INIT((size_t)64 << 20), BM_BUFFER_INIT((size_t)64 << 20)}})

void bm_units_free(struct bm_units *units);

/*
 * Reads a collation document. BM_END: the server would refuse it, *problem (malloc'd) says why.
 * Its `version`, the server's ICU, is passed over.
 */
enum bm_status bm_collation_new(struct bm_view document, struct bm_collation **out, char **problem,
                                struct bm_error *err) BM_MUST_USE;
/* Of a document that was refused: 1 when another ICU may know its locale, which asks for a variant
 * such as "de@collation=eor". */
int bm_collation_is_doubtful(struct bm_view document);
void bm_collation_free(struct bm_collation *collation); /* NULL is fine */
/* 1 when both are of one locale with the same settings, or both none (NULL). */
int bm_collation_same(const struct bm_collation *a, const struct bm_collation *b);

/* Combining marks one behind the other that are given to ICU. Texts in the Stream-Safe format of
 * Unicode (UAX #15) have 30 at most. */
#define BM_MARKS_MOST 1000u

/*
 * 1 for a string with more than BM_MARKS_MOST combining marks in a row: ICU puts the marks behind a
 * character in order in a time that grows with the square of their number [measured: 64 KB take
 * 0.4 s, 256 KB 6.3 s], so that nobody should ask it for the string's order or key.
 */
int bm_collation_is_slow(struct bm_view text);

/*
 * Appends ICU's sort key of a string without its final zero byte: equal strings have equal keys.
 * Bytes that are no UTF-8 count as U+FFFD. BM_END: `out` would grow past `most` bytes.
 */
enum bm_status bm_collation_key(const struct bm_collation *collation, struct bm_view text,
                                struct bm_units *units, size_t most, struct bm_buffer *out,
                                struct bm_error *err) BM_MUST_USE;
/* -1, 0 or 1: how two strings sort. */
enum bm_status bm_collation_compare(const struct bm_collation *collation, struct bm_view a,
                                    struct bm_view b, struct bm_units *units, int *order,
                                    struct bm_error *err) BM_MUST_USE;

#endif
