/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/extjson.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "doc/c_locale.h"
#include "doc/json_build.h"

enum bm_status bm_json_build_refuse(const struct bm_json_build *build, size_t token,
                                    struct bm_error *err, const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "%s", text);
    return bm_error_at(err, build->tokens[token].at);
}

enum bm_status bm_json_build_text(struct bm_json_build *build, size_t token, struct bm_view *out,
                                  struct bm_error *err)
{
    const struct bm_json_token *string = &build->tokens[token];
    bm_buffer_clear(&build->scratch);
    if (bm_json_unescape((struct bm_view){build->text + string->at, string->len}, &build->scratch,
                         err) != BM_OK ||
        bm_buffer_append_byte(&build->scratch, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    *out = (struct bm_view){build->scratch.data, build->scratch.len - 1};
    return BM_OK;
}

enum bm_status bm_json_build_string(struct bm_json_build *build, struct bm_view text,
                                    struct bm_error *err)
{
    uint8_t length[4];
    bm_put_le32(length, (uint32_t)text.len + 1);
    if (bm_buffer_append(build->out, (struct bm_view){length, 4}, err) != BM_OK ||
        bm_buffer_append(build->out, text, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_byte(build->out, 0, err);
}

/* A whole number that fits goes into the smallest integer type, all else into a double. */
static enum bm_status build_number(struct bm_json_build *build, uint8_t *type, struct bm_error *err)
{
    const struct bm_json_token *token = &build->tokens[build->at];
    /* A bracket, comma or white space follows every number, so neither function runs on. */
    const char *text = (const char *)build->text + token->at;
    uint8_t bytes[8];
    char *end;
    errno = 0;
    long long whole = strtoll(text, &end, 10);
    if (end == text + token->len && errno == 0) {
        int small = whole >= INT32_MIN && whole <= INT32_MAX;
        *type = small ? BM_TYPE_INT32 : BM_TYPE_INT64;
        bm_put_le64(bytes, (uint64_t)whole);
        build->at++;
        return bm_buffer_append(build->out, (struct bm_view){bytes, small ? 4 : 8}, err);
    }
    double number = strtod(text, &end);
    if (end != text + token->len || isinf(number)) {
        return bm_json_build_refuse(build, build->at, err, "a number no double can hold");
    }
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    bm_put_le64(bytes, bits);
    *type = BM_TYPE_DOUBLE;
    build->at++;
    return bm_buffer_append(build->out, (struct bm_view){bytes, 8}, err);
}

static enum bm_status build_word(struct bm_json_build *build, uint8_t *type, struct bm_error *err)
{
    uint8_t first = build->text[build->tokens[build->at].at];
    if (first == 'n') {
        *type = BM_TYPE_NULL;
        build->at++;
        return BM_OK;
    }
    if (first == 't' || first == 'f') {
        *type = BM_TYPE_BOOL;
        build->at++;
        return bm_buffer_append_byte(build->out, first == 't', err);
    }
    return build_number(build, type, err);
}

static enum bm_status build_value(struct bm_json_build *build, uint8_t *type, struct bm_error *err)
{
    enum bm_status status = BM_FAIL;
    struct bm_view text;
    switch (build->tokens[build->at].kind) {
    case BM_JSON_STRING:
        *type = BM_TYPE_STRING;
        if (bm_json_build_text(build, build->at, &text, err) != BM_OK) {
            return BM_FAIL;
        }
        build->at++;
        return bm_json_build_string(build, text, err);
    case BM_JSON_WORD:
        return build_word(build, type, err);
    case BM_JSON_ARRAY:
        *type = BM_TYPE_ARRAY;
        return bm_json_build_members(build, err);
    case BM_JSON_OBJECT:
        status = bm_json_wrapper_build(build, type, err);
        if (status == BM_END) {
            *type = BM_TYPE_OBJECT;
            status = bm_json_build_members(build, err);
        }
        return status;
    }
    return status;
}

/* The name of a member: the token at hand, or its number in an array. */
static enum bm_status build_name(struct bm_json_build *build, enum bm_json_kind kind,
                                 uint32_t number, struct bm_error *err)
{
    struct bm_view name;
    char digits[16];
    if (kind == BM_JSON_ARRAY) {
        (void)snprintf(digits, sizeof digits, "%lu", (unsigned long)number);
        name = bm_view_text(digits);
    } else {
        if (bm_json_build_text(build, build->at, &name, err) != BM_OK) {
            return BM_FAIL;
        }
        if (memchr(name.data, 0, name.len) != NULL) {
            return bm_json_build_refuse(build, build->at, err, "a name with a zero byte");
        }
        build->at++;
    }
    if (bm_buffer_append(build->out, name, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append_byte(build->out, 0, err);
}

static enum bm_status build_member(struct bm_json_build *build, enum bm_json_kind kind,
                                   uint32_t number, struct bm_error *err)
{
    size_t type_at = build->out->len;
    uint8_t type = 0;
    if (bm_buffer_append_byte(build->out, 0, err) != BM_OK ||
        build_name(build, kind, number, err) != BM_OK || build_value(build, &type, err) != BM_OK) {
        return BM_FAIL;
    }
    build->out->data[type_at] = type;
    if (build->out->len - build->start > BM_DOCUMENT_MAX) {
        return bm_json_build_refuse(build, 0, err, "JSON of a document over %u bytes",
                                    BM_DOCUMENT_MAX);
    }
    return BM_OK;
}

enum bm_status bm_json_build_members(struct bm_json_build *build, struct bm_error *err)
{
    static const uint8_t no_length[4] = {0};
    struct bm_json_token container = build->tokens[build->at++];
    size_t length_at = build->out->len;
    if (bm_buffer_append(build->out, (struct bm_view){no_length, 4}, err) != BM_OK) {
        return BM_FAIL;
    }
    for (uint32_t i = 0; i < container.size; i++) {
        if (build_member(build, container.kind, i, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_buffer_append_byte(build->out, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_put_le32(build->out->data + length_at, (uint32_t)(build->out->len - length_at));
    return BM_OK;
}

enum bm_status bm_json_parse(struct bm_view text, struct bm_buffer *out, struct bm_error *err)
{
    struct bm_json_tokens tokens;
    if (bm_json_tokens_read(text, &tokens, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = BM_FAIL;
    struct bm_c_locale locale;
    struct bm_json_build build = {.text = text.data,
                                  .tokens = tokens.list,
                                  .out = out,
                                  .start = out->len,
                                  .scratch = BM_BUFFER_INIT(BM_DOCUMENT_MAX + 1)};
    if (bm_c_locale_enter(&locale, err) != BM_OK) {
        goto out;
    }
    status = bm_json_build_members(&build, err);
    bm_c_locale_leave(&locale);
    if (status == BM_OK && out->len - build.start > BM_DOCUMENT_MAX) {
        status = bm_json_build_refuse(&build, 0, err, "JSON of a document over %u bytes",
                                      BM_DOCUMENT_MAX);
    }
out:
    if (status != BM_OK) {
        out->len = build.start;
    }
    bm_buffer_free(&build.scratch);
    bm_json_tokens_free(&tokens);
    return status;
}
