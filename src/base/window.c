/* SPDX-License-Identifier: Apache-2.0 */
#include "base/window.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum bm_status bm_window_reserve(struct bm_window *window, size_t least, struct bm_error *err)
{
    if (window->capacity - window->end >= least) {
        return BM_OK;
    }
    size_t held = window->end - window->start;
    if (window->start > 0) {
        memmove(window->data, window->data + window->start, held);
        window->start = 0;
        window->end = held;
    }
    if (window->capacity - held >= least) {
        return BM_OK;
    }
    size_t capacity;
    if (bm_size_add(held, least, &capacity, err) != BM_OK) {
        return BM_FAIL;
    }
    if (capacity < window->capacity * 2) {
        capacity = window->capacity * 2;
    }
    uint8_t *data = realloc(window->data, capacity);
    if (data == NULL) {
        return bm_fail(err, BM_ERROR_MEMORY, ENOMEM, "no memory for %zu bytes", capacity);
    }
    window->data = data;
    window->capacity = capacity;
    return BM_OK;
}

struct bm_view bm_window_view(const struct bm_window *window)
{
    if (window->data == NULL) {
        return (struct bm_view){NULL, 0};
    }
    return (struct bm_view){window->data + window->start, window->end - window->start};
}

void bm_window_consume(struct bm_window *window, size_t n)
{
    assert(n <= window->end - window->start);
    window->start += n;
    if (window->start == window->end) {
        window->start = 0;
        window->end = 0;
    }
}

void bm_window_free(struct bm_window *window)
{
    free(window->data);
    *window = (struct bm_window){0};
}
