/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json_wrapper.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <bson/bson.h>

#include "bsonmend/document.h"

/* Decimal digits with a sign or without; strtoll alone would skip white space too. */
static int parse_whole(struct bm_view text, long long *out)
{
    const char *start = (const char *)text.data;
    if (text.len == 0 || strchr("+-0123456789", start[0]) == NULL) {
        return 0;
    }
    char *end;
    errno = 0;
    *out = strtoll(start, &end, 10);
    return end == start + text.len && end > start && errno == 0;
}

enum bm_status bm_json_scalar_int32(struct bm_json_build *build,
                                    const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct bm_view text;
    long long number;
    if (bm_json_wrapper_text(build, wrapper, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!parse_whole(text, &number) || number < INT32_MIN || number > INT32_MAX) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    build->at += 3;
    return bm_json_append_number(build, (uint64_t)number, 4, err);
}

enum bm_status bm_json_scalar_int64(struct bm_json_build *build,
                                    const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct bm_view text;
    long long number;
    if (bm_json_wrapper_text(build, wrapper, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!parse_whole(text, &number)) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    build->at += 3;
    return bm_json_append_number(build, (uint64_t)number, 8, err);
}

enum bm_status bm_json_scalar_double(struct bm_json_build *build,
                                     const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct bm_view text;
    if (bm_json_wrapper_text(build, wrapper, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    const char *start = (const char *)text.data;
    double number = 0;
    if (strcmp(start, "NaN") == 0) {
        number = NAN;
    } else if (strcmp(start, "Infinity") == 0) {
        number = INFINITY;
    } else if (strcmp(start, "-Infinity") == 0) {
        number = -INFINITY;
    } else {
        char *end;
        int begins = start[0] != 0 && strchr("+-.0123456789", start[0]) != NULL;
        number = strtod(start, &end);
        if (!begins || end == start || end != start + text.len || !isfinite(number)) {
            return bm_json_wrapper_refuse(build, wrapper, err);
        }
    }
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    build->at += 3;
    return bm_json_append_number(build, bits, 8, err);
}

enum bm_status bm_json_scalar_decimal(struct bm_json_build *build,
                                      const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct bm_view text;
    bson_decimal128_t number;
    if (bm_json_wrapper_text(build, wrapper, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    /* Longer than any number of 34 digits is written; libbson counts in int. */
    if (text.len > 8192 ||
        !bson_decimal128_from_string_w_len((const char *)text.data, (int)text.len, &number)) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    build->at += 3;
    if (bm_json_append_number(build, number.low, 8, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_json_append_number(build, number.high, 8, err);
}

int bm_json_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum bm_status bm_json_append_hex(struct bm_json_build *build,
                                  const struct bm_json_wrapper *wrapper, struct bm_view text,
                                  struct bm_error *err)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '-') {
            continue;
        }
        /* A zero byte follows the text, so that looking at a pair's second digit is safe. */
        int high = bm_json_hex_digit(text.data[i]);
        int low = bm_json_hex_digit(text.data[++i]);
        if (high < 0 || low < 0) {
            return bm_json_wrapper_refuse(build, wrapper, err);
        }
        if (bm_buffer_append_byte(build->out, (uint8_t)(high << 4 | low), err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_json_scalar_object_id(struct bm_json_build *build,
                                        const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct bm_view text;
    if (bm_json_wrapper_text(build, wrapper, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (text.len != 24 || memchr(text.data, '-', text.len) != NULL ||
        bm_json_append_hex(build, wrapper, text, err) != BM_OK) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    build->at += 3;
    return BM_OK;
}

enum bm_status bm_json_scalar_string(struct bm_json_build *build,
                                     const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct bm_view text;
    if (bm_json_wrapper_text(build, wrapper, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    build->at += 3;
    return bm_json_build_string(build, text, err);
}

static int word_is(const struct bm_json_build *build, size_t token, const char *word)
{
    const struct bm_json_token *found = &build->tokens[token];
    return found->kind == BM_JSON_WORD && found->len == strlen(word) &&
           memcmp(build->text + found->at, word, found->len) == 0;
}

/* minKey, maxKey, undefined: nothing but the type, marked by 1 or true. */
enum bm_status bm_json_scalar_mark(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    const char *mark = wrapper->type == BM_TYPE_UNDEFINED ? "true" : "1";
    size_t value = bm_json_wrapper_only(build, build->at, BM_JSON_WORD);
    if (value == 0 || !word_is(build, value, mark)) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    build->at += 3;
    return BM_OK;
}

/* {"$date": {"$numberLong": "…"}}; anything else makes mongorestore refuse the whole restore. */
enum bm_status bm_json_scalar_date(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    size_t object = bm_json_wrapper_only(build, build->at, BM_JSON_OBJECT);
    if (object == 0) {
        return bm_json_build_refuse(build, build->at, err,
                                    "a relaxed $date, which mongorestore refuses");
    }
    size_t value = bm_json_wrapper_only(build, object, BM_JSON_STRING);
    struct bm_view text;
    long long number;
    if (value == 0) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    if (bm_json_build_text(build, object + 1, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!bm_view_equal(text, bm_view_text("$numberLong"))) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    if (bm_json_build_text(build, value, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!parse_whole(text, &number)) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    build->at = value + 1;
    return bm_json_append_number(build, (uint64_t)number, 8, err);
}

enum bm_status bm_json_scalar_uuid(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    static const uint8_t head[5] = {16, 0, 0, 0, 4};
    struct bm_view text;
    if (bm_json_wrapper_text(build, wrapper, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t before = build->out->len;
    if (text.len != 36 || text.data[8] != '-' || text.data[13] != '-' || text.data[18] != '-' ||
        text.data[23] != '-') {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    if (bm_buffer_append(build->out, (struct bm_view){head, sizeof head}, err) != BM_OK ||
        bm_json_append_hex(build, wrapper, text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (build->out->len - before != sizeof head + 16) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    build->at += 3;
    return BM_OK;
}
