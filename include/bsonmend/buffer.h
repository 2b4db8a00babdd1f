/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_BUFFER_H
#define BSONMEND_BUFFER_H

#include "bsonmend/error.h"

/*
 * Bytes that grow, by doubling, never beyond a limit given at creation. The caller owns it: starts
 * it with BM_BUFFER_INIT, reads it through bm_buffer_view and ends it with bm_buffer_free. A call
 * that fails leaves it as it was.
 */
struct bm_buffer {
    uint8_t *data;
    size_t len;      /* bytes in use */
    size_t capacity; /* bytes of memory at data */
    size_t limit;    /* bytes; growing past it is BM_ERROR_MEMORY */
};

/* An empty buffer that may grow to so many bytes. */
#define BM_BUFFER_INIT(bytes) ((struct bm_buffer){.limit = (bytes)})

/* Room for `extra` more bytes behind len, which stays. BM_FAIL: BM_ERROR_MEMORY, here and below. */
enum bm_status bm_buffer_reserve(struct bm_buffer *buffer, size_t extra,
                                 struct bm_error *err) BM_MUST_USE;
/* Copies bytes behind what is there; they must not lie in the buffer itself. */
enum bm_status bm_buffer_append(struct bm_buffer *buffer, struct bm_view bytes,
                                struct bm_error *err) BM_MUST_USE;
enum bm_status bm_buffer_append_byte(struct bm_buffer *buffer, uint8_t byte,
                                     struct bm_error *err) BM_MUST_USE;
/* A C string without its final NUL; what bm_buffer_printf appends has none either. */
enum bm_status bm_buffer_append_text(struct bm_buffer *buffer, const char *text,
                                     struct bm_error *err) BM_MUST_USE;
enum bm_status bm_buffer_printf(struct bm_buffer *buffer, struct bm_error *err, const char *format,
                                ...) BM_PRINTF(3, 4) BM_MUST_USE;
/* What is in it; lives until the next call that grows or frees it. */
struct bm_view bm_buffer_view(const struct bm_buffer *buffer);
void bm_buffer_clear(struct bm_buffer *buffer); /* len 0, memory kept */
/* Gives the memory back; the buffer is empty then and may be used again, with the same limit. */
void bm_buffer_free(struct bm_buffer *buffer);

#endif
