/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

size_t bm_utf8_length(struct bm_view text)
{
    uint8_t first = text.data[0];
    if (first < 0x80) {
        return 1;
    }
    size_t len = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || text.len < len) {
        return 0;
    }
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (text.data[1] < low || text.data[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((text.data[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

uint32_t bm_utf8_code(const uint8_t *character, size_t length)
{
    static const uint8_t lead[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = character[0] & lead[length];
    for (size_t i = 1; i < length; i++) {
        code = code << 6 | (character[i] & 0x3fu);
    }
    return code;
}

int bm_utf8_is_plain(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } others[] = {
        {0x00, 0x1f},     /* C0 */
        {0x7f, 0x9f},     /* DEL and C1 */
        {0x61c, 0x61c},   /* Arabic letter mark */
        {0x200b, 0x200f}, /* no width, joiners, marks of direction */
        {0x2028, 0x202e}, /* line and paragraph, embedding and override */
        {0x2060, 0x2069}, /* word joiner, invisible operators, isolates */
        {0xfeff, 0xfeff}, /* byte order mark */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (code >= others[i].first && code <= others[i].last) {
            return 0;
        }
    }
    return 1;
}

int bm_utf8_all_text(struct bm_view text)
{
    while (text.len > 0) {
        size_t len = bm_utf8_length(text);
        if (len == 0) {
            return 0;
        }
        text = (struct bm_view){text.data + len, text.len - len};
    }
    return 1;
}

int bm_utf8_all_plain(struct bm_view text)
{
    while (text.len > 0) {
        size_t len = bm_utf8_length(text);
        if (len == 0 || !bm_utf8_is_plain(bm_utf8_code(text.data, len))) {
            return 0;
        }
        text = (struct bm_view){text.data + len, text.len - len};
    }
    return 1;
}
