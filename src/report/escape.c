/* SPDX-License-Identifier: Apache-2.0 */
#include "report/escape.h"

#include <string.h>

static int is_tail(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Bytes of the well-formed UTF-8 sequence at `at` (Unicode, table 3-7), 0: none starts here. */
static size_t sequence_length(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0];
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return left >= 2 && is_tail(at[1]) ? 2 : 0;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        uint8_t low = lead == 0xe0 ? 0xa0 : 0x80;
        uint8_t high = lead == 0xed ? 0x9f : 0xbf;
        return left >= 3 && at[1] >= low && at[1] <= high && is_tail(at[2]) ? 3 : 0;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        uint8_t low = lead == 0xf0 ? 0x90 : 0x80;
        uint8_t high = lead == 0xf4 ? 0x8f : 0xbf;
        int fits = left >= 4 && at[1] >= low && at[1] <= high && is_tail(at[2]) && is_tail(at[3]);
        return fits ? 4 : 0;
    }
    return 0;
}

/* C0, DEL and C1: terminals obey the last as well, encoded or not. */
static int is_control(const uint8_t *at, size_t len)
{
    return (len == 1 && (at[0] < 0x20 || at[0] == 0x7f)) ||
           (len == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

size_t bm_escape_next(struct bm_view text, size_t at, char piece[BM_ESCAPE_PIECE], size_t *written)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = text.data + at;
    size_t len = sequence_length(from, text.len - at);
    if (len > 0 && !is_control(from, len)) {
        memcpy(piece, from, len);
        *written = len;
        return len;
    }
    if (len == 0) {
        len = 1;
    }
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        piece[n++] = '\\';
        piece[n++] = 'x';
        piece[n++] = digits[from[i] >> 4];
        piece[n++] = digits[from[i] & 15];
    }
    *written = n;
    return len;
}
