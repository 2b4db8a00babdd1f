/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json_tokens.h"

#include "base/buffer.h"

#define REPLACEMENT 0xfffdu

static enum bm_status append_utf8(struct bm_buffer *out, uint32_t code, struct bm_error *err)
{
    uint8_t bytes[4];
    size_t len;
    if (code < 0x80) {
        bytes[0] = (uint8_t)code;
        len = 1;
    } else if (code < 0x800) {
        bytes[0] = (uint8_t)(0xc0 | code >> 6);
        len = 2;
    } else if (code < 0x10000) {
        bytes[0] = (uint8_t)(0xe0 | code >> 12);
        len = 3;
    } else {
        bytes[0] = (uint8_t)(0xf0 | code >> 18);
        len = 4;
    }
    for (size_t i = 1; i < len; i++) {
        bytes[i] = (uint8_t)(0x80 | (code >> (6 * (len - 1 - i)) & 0x3f));
    }
    return bm_buffer_append(out, (struct bm_view){bytes, len}, err);
}

/* Four hex digits; the grammar has seen them. */
static uint32_t hex4(const uint8_t *at)
{
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t digit = at[i] <= '9' ? at[i] - (uint32_t)'0' : (at[i] | 0x20u) - 'a' + 10;
        value = value << 4 | digit;
    }
    return value;
}

static int is_surrogate(uint32_t code)
{
    return code >= 0xd800 && code < 0xe000;
}

/*
 * A \uXXXX at `at`, pairs as the Go driver under mongorestore takes them: any surrogate swallows a
 * \u that follows; both stand for themselves unless they make a pair. *at moves behind it all.
 */
static enum bm_status unescape_unicode(struct bm_view inside, size_t *at, struct bm_buffer *out,
                                       struct bm_error *err)
{
    uint32_t code = hex4(inside.data + *at + 2);
    *at += 6;
    if (!is_surrogate(code)) {
        return append_utf8(out, code, err);
    }
    if (inside.len - *at < 6 || inside.data[*at] != '\\' || inside.data[*at + 1] != 'u') {
        return append_utf8(out, REPLACEMENT, err);
    }
    uint32_t second = hex4(inside.data + *at + 2);
    *at += 6;
    if (code < 0xdc00 && second >= 0xdc00 && second < 0xe000) {
        return append_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00), err);
    }
    if (append_utf8(out, REPLACEMENT, err) != BM_OK) {
        return BM_FAIL;
    }
    return append_utf8(out, is_surrogate(second) ? REPLACEMENT : second, err);
}

static uint8_t escaped_byte(uint8_t letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter;
    }
}

enum bm_status bm_json_unescape(struct bm_view inside, struct bm_buffer *out, struct bm_error *err)
{
    size_t at = 0;
    while (at < inside.len) {
        size_t plain = at;
        while (plain < inside.len && inside.data[plain] != '\\') {
            plain++;
        }
        if (bm_buffer_append(out, (struct bm_view){inside.data + at, plain - at}, err) != BM_OK) {
            return BM_FAIL;
        }
        at = plain;
        if (at == inside.len) {
            return BM_OK;
        }
        if (inside.data[at + 1] == 'u') {
            if (unescape_unicode(inside, &at, out, err) != BM_OK) {
                return BM_FAIL;
            }
            continue;
        }
        if (bm_buffer_append_byte(out, escaped_byte(inside.data[at + 1]), err) != BM_OK) {
            return BM_FAIL;
        }
        at += 2;
    }
    return BM_OK;
}
