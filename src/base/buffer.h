/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_BUFFER_H
#define BM_BASE_BUFFER_H

#include "bsonmend/error.h"

/*
 * Bytes that grow, by doubling, never beyond a limit given at creation. Zero-initialised except for
 * the limit; bm_buffer_free leaves it usable again with the same limit.
 */
struct bm_buffer {
    uint8_t *data;
    size_t len;
    size_t capacity;
    size_t limit; /* bytes; growing past it is BM_ERROR_MEMORY */
};

#define BM_BUFFER_INIT(bytes) ((struct bm_buffer){.limit = (bytes)})

/* Room for `extra` more bytes behind len. */
enum bm_status bm_buffer_reserve(struct bm_buffer *buffer, size_t extra,
                                 struct bm_error *err) BM_MUST_USE;
enum bm_status bm_buffer_append(struct bm_buffer *buffer, struct bm_view bytes,
                                struct bm_error *err) BM_MUST_USE;
enum bm_status bm_buffer_append_byte(struct bm_buffer *buffer, uint8_t byte,
                                     struct bm_error *err) BM_MUST_USE;
enum bm_status bm_buffer_append_text(struct bm_buffer *buffer, const char *text,
                                     struct bm_error *err) BM_MUST_USE;
enum bm_status bm_buffer_printf(struct bm_buffer *buffer, struct bm_error *err, const char *format,
                                ...) BM_PRINTF(3, 4) BM_MUST_USE;
/* What is in it; lives until the next call that grows it. */
struct bm_view bm_buffer_view(const struct bm_buffer *buffer);
void bm_buffer_clear(struct bm_buffer *buffer); /* len 0, memory kept */
void bm_buffer_free(struct bm_buffer *buffer);

#endif
