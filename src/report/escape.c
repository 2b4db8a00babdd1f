/* SPDX-License-Identifier: Apache-2.0 */
#include "report/escape.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* What a character that is not shown as itself becomes: beyond C1 its code, else its bytes. */
static size_t write_escaped(const uint8_t *from, size_t len, uint32_t code, char *piece)
{
    static const char digits[] = "0123456789abcdef";
    if (code > 0x9f) {
        return (size_t)snprintf(piece, BM_ESCAPE_PIECE, "\\u%04x", (unsigned)code);
    }
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        piece[n++] = '\\';
        piece[n++] = 'x';
        piece[n++] = digits[from[i] >> 4];
        piece[n++] = digits[from[i] & 15];
    }
    return n;
}

size_t bm_escape_next(struct bm_view text, size_t at, char piece[BM_ESCAPE_PIECE], size_t *written)
{
    const uint8_t *from = text.data + at;
    size_t len = bm_utf8_length((struct bm_view){from, text.len - at});
    if (len == 0) {
        *written = write_escaped(from, 1, 0, piece);
        return 1;
    }
    uint32_t code = bm_utf8_code(from, len);
    if (bm_utf8_is_plain(code)) {
        memcpy(piece, from, len);
        *written = len;
    } else {
        *written = write_escaped(from, len, code, piece);
    }
    return len;
}
