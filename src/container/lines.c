/* SPDX-License-Identifier: Apache-2.0 */
#include "container/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

enum { LINE_MAX_BYTES = 1024, LINES_MAX = 10000 };

enum bm_status bm_lines_add(struct bm_lines *lines, struct bm_error *err, const char *format, ...)
{
    if (lines->count == LINES_MAX) {
        return BM_OK; /* nobody reads further; memory stays bounded */
    }
    if (bm_grow(&lines->texts, lines->count, &lines->capacity, sizeof *lines->texts, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    char text[LINE_MAX_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char *line = bm_copy_text(n < 0 ? "" : text, err);
    if (line == NULL) {
        return BM_FAIL;
    }
    lines->texts[lines->count++] = line;
    return BM_OK;
}

void bm_lines_free(struct bm_lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->texts[i]);
    }
    free(lines->texts);
    *lines = (struct bm_lines){0};
}
