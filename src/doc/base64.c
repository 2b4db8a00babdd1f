/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/extjson.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum bm_status bm_base64(struct bm_view bytes, struct bm_buffer *out, struct bm_error *err)
{
    if (bytes.len == 0) {
        return BM_OK;
    }
    if (bytes.len > out->limit) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "%zu bytes are too many to show", bytes.len);
    }
    if (bm_buffer_reserve(out, (bytes.len + 2) / 3 * 4, err) != BM_OK) {
        return BM_FAIL;
    }
    uint8_t *to = out->data + out->len;
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t group = (uint32_t)bytes.data[i] << 16;
        group |= left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)bytes.data[i + 2] : 0;
        to[0] = (uint8_t)alphabet[group >> 18];
        to[1] = (uint8_t)alphabet[group >> 12 & 63];
        to[2] = (uint8_t)(left > 1 ? alphabet[group >> 6 & 63] : '=');
        to[3] = (uint8_t)(left > 2 ? alphabet[group & 63] : '=');
        to += 4;
        out->len += 4;
    }
    return BM_OK;
}

/* The value of a digit, 64 for what is none. */
static uint32_t digit_of(uint8_t c)
{
    const char *at = c != 0 ? strchr(alphabet, c) : NULL;
    return at != NULL ? (uint32_t)(at - alphabet) : 64;
}

enum bm_status bm_base64_decode(struct bm_view text, struct bm_buffer *out, struct bm_error *err)
{
    size_t padding = 0;
    while (padding < 2 && padding < text.len && text.data[text.len - 1 - padding] == '=') {
        padding++;
    }
    if (text.len % 4 != 0) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0, "base64 of %zu characters", text.len);
    }
    if (bm_buffer_reserve(out, text.len / 4 * 3, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t digits = text.len - padding;
    for (size_t i = 0; i < text.len; i += 4) {
        uint32_t group = 0;
        for (size_t j = i; j < i + 4; j++) {
            uint32_t digit = j < digits ? digit_of(text.data[j]) : 0;
            if (digit > 63) {
                return bm_fail(err, BM_ERROR_CORRUPT, 0, "base64 with a character of no meaning");
            }
            group = group << 6 | digit;
        }
        for (int shift = 16; shift >= 0; shift -= 8) {
            out->data[out->len++] = (uint8_t)(group >> shift);
        }
    }
    out->len -= padding;
    return BM_OK;
}
