/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_VIEW_H
#define BSONMEND_VIEW_H

#include <stddef.h>
#include <stdint.h>

/* Marks functions whose result must be looked at: everything that can fail. */
#define BM_MUST_USE __attribute__((warn_unused_result))
#define BM_PRINTF(text_at, first_at) __attribute__((format(printf, text_at, first_at)))

/*
 * Borrowed bytes. Whoever hands out a view says how long it lives; a view never owns anything.
 * len is in bytes; data may be NULL when len is 0.
 */
struct bm_view {
    const uint8_t *data;
    size_t len;
};

/* The bytes of a C string without its final NUL; lives as long as the string. */
struct bm_view bm_view_text(const char *text);

/* 1 when both views hold the same bytes, else 0. */
int bm_view_equal(struct bm_view a, struct bm_view b);

/* 1 when the view begins with the bytes of a C string, else 0. */
int bm_view_starts_with(struct bm_view view, const char *start);

/* 1 when a zero byte is among its bytes: what is copied into a C string would be cut there. */
int bm_view_has_zero(struct bm_view view);

#endif
