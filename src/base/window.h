/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_WINDOW_H
#define BM_BASE_WINDOW_H

#include "bsonmend/error.h"

/*
 * Bytes that come in behind and go out in front: what a reader that owns memory lends from.
 * Held are data[start] … data[end - 1]. Start it zeroed.
 */
struct bm_window {
    uint8_t *data;
    size_t start;
    size_t end;
    size_t capacity;
};

/*
 * Makes room for at least `least` bytes behind end, by moving what is held to the front, else by
 * doubling. Memory follows what has come in, never what is still expected: with at most H bytes
 * held it stays below 2 × (H + least).
 */
enum bm_status bm_window_reserve(struct bm_window *window, size_t least,
                                 struct bm_error *err) BM_MUST_USE;
/* What is held; lives until the next call that reserves. */
struct bm_view bm_window_view(const struct bm_window *window);
/* Drops n bytes in front, at most as many as are held. */
void bm_window_consume(struct bm_window *window, size_t n);
void bm_window_free(struct bm_window *window);

#endif
