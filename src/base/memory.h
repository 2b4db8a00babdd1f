/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_MEMORY_H
#define BM_BASE_MEMORY_H

#include "bsonmend/error.h"

/* a + b and a * b; BM_ERROR_MEMORY when they do not fit. */
enum bm_status bm_size_add(size_t a, size_t b, size_t *out, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_size_multiply(size_t a, size_t b, size_t *out, struct bm_error *err) BM_MUST_USE;

/* Zeroed memory for count things of size bytes, freed with free(). NULL: BM_ERROR_MEMORY in *err.
 */
void *bm_allocate(size_t count, size_t size, struct bm_error *err) BM_MUST_USE;

/* A copy of bytes with a NUL behind it, freed with free(). */
char *bm_copy_view(struct bm_view bytes, struct bm_error *err) BM_MUST_USE;
char *bm_copy_text(const char *text, struct bm_error *err) BM_MUST_USE;
/* A formatted text, freed with free(). */
char *bm_format_text(struct bm_error *err, const char *format, ...) BM_PRINTF(2, 3) BM_MUST_USE;

/*
 * Makes room for one more element at the end of an array of count elements that grows by doubling;
 * *array may move. *capacity is in elements.
 */
enum bm_status bm_grow(void *array_address, size_t count, size_t *capacity, size_t element,
                       struct bm_error *err) BM_MUST_USE;

#endif
