/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum bm_status bm_size_add(size_t a, size_t b, size_t *out, struct bm_error *err)
{
    if (__builtin_add_overflow(a, b, out)) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "sizes %zu and %zu do not add up", a, b);
    }
    return BM_OK;
}

enum bm_status bm_size_multiply(size_t a, size_t b, size_t *out, struct bm_error *err)
{
    if (__builtin_mul_overflow(a, b, out)) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "%zu times %zu bytes are too many", a, b);
    }
    return BM_OK;
}

void *bm_allocate(size_t count, size_t size, struct bm_error *err)
{
    void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    if (memory == NULL) {
        (void)bm_fail(err, BM_ERROR_MEMORY, ENOMEM, "no memory for %zu times %zu bytes", count,
                      size);
    }
    return memory;
}

char *bm_copy_view(struct bm_view bytes, struct bm_error *err)
{
    size_t size;
    if (bm_size_add(bytes.len, 1, &size, err) != BM_OK) {
        return NULL;
    }
    char *copy = bm_allocate(size, 1, err);
    if (copy != NULL && bytes.len > 0) {
        memcpy(copy, bytes.data, bytes.len);
    }
    return copy;
}

char *bm_copy_text(const char *text, struct bm_error *err)
{
    return bm_copy_view(bm_view_text(text), err);
}

char *bm_format_text(struct bm_error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (n < 0) {
        (void)bm_fail(err, BM_ERROR_MEMORY, errno, "cannot format a text");
        return NULL;
    }
    char *text = bm_allocate((size_t)n + 1, 1, err);
    if (text != NULL) {
        va_start(arguments, format);
        (void)vsnprintf(text, (size_t)n + 1, format, arguments);
        va_end(arguments);
    }
    return text;
}

enum bm_status bm_grow(void *array_address, size_t count, size_t *capacity, size_t element,
                       struct bm_error *err)
{
    if (count < *capacity) {
        return BM_OK;
    }
    size_t wanted = *capacity > 0 ? *capacity : 4;
    size_t bytes;
    if ((*capacity > 0 && bm_size_multiply(wanted, 2, &wanted, err) != BM_OK) ||
        bm_size_multiply(wanted, element, &bytes, err) != BM_OK) {
        return BM_FAIL;
    }
    void *array;
    memcpy(&array, array_address, sizeof array);
    array = realloc(array, bytes);
    if (array == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, ENOMEM, "no memory for %zu bytes", bytes);
    }
    memcpy(array_address, &array, sizeof array);
    *capacity = wanted;
    return BM_OK;
}
