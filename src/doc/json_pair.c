/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/json_wrapper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "doc/extjson.h"

/*
 * The values of {"$name": {first: …, second: …}} in either order; both must be single tokens, but
 * the second may be an object of one member (the $oid of a $dbPointer). *next is the token behind.
 */
struct pair {
    const char *first;
    const char *second;
    size_t first_at;
    size_t second_at;
    size_t next;
};

static enum bm_status find_pair(struct bm_json_build *build, const struct bm_json_wrapper *wrapper,
                                struct pair *pair, struct bm_error *err)
{
    size_t object = bm_json_wrapper_only(build, build->at, BM_JSON_OBJECT);
    if (object == 0 || build->tokens[object].size != 2) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    size_t at = object + 1;
    pair->first_at = pair->second_at = 0;
    for (int i = 0; i < 2; i++) {
        struct bm_view name;
        if (bm_json_build_text(build, at, &name, err) != BM_OK) {
            return BM_FAIL;
        }
        const struct bm_json_token *value = &build->tokens[at + 1];
        if (bm_view_equal(name, bm_view_text(pair->first))) {
            pair->first_at = at + 1;
        } else if (bm_view_equal(name, bm_view_text(pair->second))) {
            pair->second_at = at + 1;
        } else {
            return bm_json_wrapper_refuse(build, wrapper, err);
        }
        int nested = value->kind == BM_JSON_OBJECT && value->size == 1;
        if (value->kind == BM_JSON_ARRAY || (value->kind == BM_JSON_OBJECT && !nested) ||
            (nested && value[2].kind != BM_JSON_STRING)) {
            return bm_json_wrapper_refuse(build, wrapper, err);
        }
        at += nested ? 4 : 2;
    }
    pair->next = at;
    return pair->first_at != 0 && pair->second_at != 0
               ? BM_OK
               : bm_json_wrapper_refuse(build, wrapper, err);
}

static int is_string(const struct bm_json_build *build, size_t token)
{
    return build->tokens[token].kind == BM_JSON_STRING;
}

/* Digits of a binary subtype; old tools wrote more than two, of which the last two count. */
static int parse_subtype(struct bm_view text, uint8_t *out)
{
    unsigned value = 0;
    for (size_t i = 0; i < text.len; i++) {
        int digit = bm_json_hex_digit(text.data[i]);
        if (digit < 0) {
            return 0;
        }
        value = (value << 4 | (unsigned)digit) & 0xff;
    }
    *out = (uint8_t)value;
    return text.len > 0 && text.len <= 16;
}

/* Length, subtype, bytes; subtype 2 has its length a second time inside. */
static enum bm_status append_binary(struct bm_json_build *build,
                                    const struct bm_json_wrapper *wrapper, size_t data,
                                    size_t subtype, struct bm_error *err)
{
    struct bm_view text;
    uint8_t kind;
    if (!is_string(build, data) || !is_string(build, subtype)) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    if (bm_json_build_text(build, subtype, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!parse_subtype(text, &kind)) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    size_t length_at = build->out->len;
    if (bm_json_append_number(build, 0, 4, err) != BM_OK ||
        bm_buffer_append_byte(build->out, kind, err) != BM_OK ||
        (kind == 2 && bm_json_append_number(build, 0, 4, err) != BM_OK) ||
        bm_json_build_text(build, data, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t bytes_at = build->out->len;
    if (bm_base64_decode(text, build->out, err) != BM_OK) {
        return bm_error_at(err, build->tokens[data].at);
    }
    if (kind == 2) {
        bm_put_le32(build->out->data + bytes_at - 4, (uint32_t)(build->out->len - bytes_at));
    }
    bm_put_le32(build->out->data + length_at, (uint32_t)(build->out->len - length_at - 5));
    return BM_OK;
}

enum bm_status bm_json_pair_binary(struct bm_json_build *build,
                                   const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    const struct bm_json_token *tokens = build->tokens + build->at;
    struct pair pair = {.first = "base64", .second = "subType"};
    if (tokens[0].size == 2 && tokens[2].kind == BM_JSON_STRING) {
        /* {"$binary": "…", "$type": "00"}, as tools up to 4.0 wrote it. */
        struct bm_view name;
        if (bm_json_build_text(build, build->at + 3, &name, err) != BM_OK) {
            return BM_FAIL;
        }
        if (!bm_view_equal(name, bm_view_text("$type"))) {
            return bm_json_wrapper_refuse(build, wrapper, err);
        }
        pair.first_at = build->at + 2;
        pair.second_at = build->at + 4;
        pair.next = build->at + 5;
    } else if (find_pair(build, wrapper, &pair, err) != BM_OK) {
        return BM_FAIL;
    }
    if (append_binary(build, wrapper, pair.first_at, pair.second_at, err) != BM_OK) {
        return BM_FAIL;
    }
    build->at = pair.next;
    return BM_OK;
}

enum bm_status bm_json_pair_timestamp(struct bm_json_build *build,
                                      const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct pair pair = {.first = "i", .second = "t"};
    if (find_pair(build, wrapper, &pair, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t parts[2] = {pair.first_at, pair.second_at};
    for (int i = 0; i < 2; i++) {
        const struct bm_json_token *token = &build->tokens[parts[i]];
        char *end;
        const char *start = (const char *)build->text + token->at;
        errno = 0;
        long long number = strtoll(start, &end, 10);
        if (token->kind != BM_JSON_WORD || end != start + token->len || errno != 0 || number < 0 ||
            number > UINT32_MAX) {
            return bm_json_wrapper_refuse(build, wrapper, err);
        }
        if (bm_json_append_number(build, (uint64_t)number, 4, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    build->at = pair.next;
    return BM_OK;
}

enum bm_status bm_json_pair_regex(struct bm_json_build *build,
                                  const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct pair pair = {.first = "pattern", .second = "options"};
    if (find_pair(build, wrapper, &pair, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t parts[2] = {pair.first_at, pair.second_at};
    for (int i = 0; i < 2; i++) {
        struct bm_view text;
        if (!is_string(build, parts[i])) {
            return bm_json_wrapper_refuse(build, wrapper, err);
        }
        if (bm_json_build_text(build, parts[i], &text, err) != BM_OK) {
            return BM_FAIL;
        }
        if (memchr(text.data, 0, text.len) != NULL) {
            return bm_json_wrapper_refuse(build, wrapper, err);
        }
        text.len++; /* with the zero byte behind it */
        if (bm_buffer_append(build->out, text, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    build->at = pair.next;
    return BM_OK;
}

enum bm_status bm_json_pair_db_pointer(struct bm_json_build *build,
                                       const struct bm_json_wrapper *wrapper, struct bm_error *err)
{
    struct pair pair = {.first = "$ref", .second = "$id"};
    struct bm_view text;
    if (find_pair(build, wrapper, &pair, err) != BM_OK) {
        return BM_FAIL;
    }
    size_t id = pair.second_at;
    if (!is_string(build, pair.first_at) || build->tokens[id].kind != BM_JSON_OBJECT) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    if (bm_json_build_text(build, pair.first_at, &text, err) != BM_OK ||
        bm_json_build_string(build, text, err) != BM_OK ||
        bm_json_build_text(build, id + 1, &text, err) != BM_OK) {
        return BM_FAIL;
    }
    if (!bm_view_equal(text, bm_view_text("$oid"))) {
        return bm_json_wrapper_refuse(build, wrapper, err);
    }
    build->at = id;
    if (bm_json_scalar_object_id(build, wrapper, err) != BM_OK) {
        return BM_FAIL;
    }
    build->at = pair.next;
    return BM_OK;
}
