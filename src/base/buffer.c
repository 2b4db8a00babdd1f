/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum bm_status bm_buffer_reserve(struct bm_buffer *buffer, size_t extra, struct bm_error *err)
{
    if (extra <= buffer->capacity - buffer->len) {
        return BM_OK;
    }
    if (extra > buffer->limit || buffer->len > buffer->limit - extra) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "%zu bytes more than the %zu allowed here", extra,
                       buffer->limit);
    }
    size_t need = buffer->len + extra;
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : 64;
    if (capacity > buffer->limit) {
        capacity = buffer->limit;
    }
    while (capacity < need) {
        capacity = capacity > buffer->limit / 2 ? buffer->limit : capacity * 2;
    }
    uint8_t *data = realloc(buffer->data, capacity);
    if (data == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, ENOMEM, "no memory for %zu bytes", capacity);
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return BM_OK;
}

enum bm_status bm_buffer_append(struct bm_buffer *buffer, struct bm_view bytes,
                                struct bm_error *err)
{
    if (bytes.len == 0) {
        return BM_OK;
    }
    if (bm_buffer_reserve(buffer, bytes.len, err) != BM_OK) {
        return BM_FAIL;
    }
    memcpy(buffer->data + buffer->len, bytes.data, bytes.len);
    buffer->len += bytes.len;
    return BM_OK;
}

enum bm_status bm_buffer_append_byte(struct bm_buffer *buffer, uint8_t byte, struct bm_error *err)
{
    return bm_buffer_append(buffer, (struct bm_view){&byte, 1}, err);
}

enum bm_status bm_buffer_append_text(struct bm_buffer *buffer, const char *text,
                                     struct bm_error *err)
{
    return bm_buffer_append(buffer, bm_view_text(text), err);
}

enum bm_status bm_buffer_printf(struct bm_buffer *buffer, struct bm_error *err, const char *format,
                                ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n < 0) {
        return bm_fail(err, BM_ERROR_MEMORY, errno, "cannot format a text");
    }
    if (bm_buffer_reserve(buffer, (size_t)n + 1, err) != BM_OK) {
        return BM_FAIL;
    }
    va_start(arguments, format);
    (void)vsnprintf((char *)buffer->data + buffer->len, (size_t)n + 1, format, arguments);
    va_end(arguments);
    buffer->len += (size_t)n;
    return BM_OK;
}

struct bm_view bm_buffer_view(const struct bm_buffer *buffer)
{
    return (struct bm_view){buffer->data, buffer->len};
}

void bm_buffer_clear(struct bm_buffer *buffer)
{
    buffer->len = 0;
}

void bm_buffer_free(struct bm_buffer *buffer)
{
    free(buffer->data);
    *buffer = BM_BUFFER_INIT(buffer->limit);
}
