/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_LINES_H
#define BM_CONTAINER_LINES_H

#include "bsonmend/error.h"

/* Lines to be said to the user later. Zeroed memory is an empty list. */
struct bm_lines {
    char **texts;
    size_t count;
    size_t capacity;
};

enum bm_status bm_lines_add(struct bm_lines *lines, struct bm_error *err, const char *format, ...)
    BM_PRINTF(3, 4) BM_MUST_USE;
void bm_lines_free(struct bm_lines *lines);

#endif
