/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_JSON_BUILD_H
#define BM_DOC_JSON_BUILD_H

#include "base/buffer.h"
#include "doc/json_tokens.h"

/* Tokens on their way to BSON; each function here starts at the token `at` and moves `at` behind
 * the value it wrote. */
struct bm_json_build {
    const uint8_t *text;
    const struct bm_json_token *tokens;
    size_t at;
    struct bm_buffer *out;
    size_t start;             /* bytes that were in *out before */
    struct bm_buffer scratch; /* one string without its escapes */
};

/* A failure at the place of a token; returns BM_FAIL. */
enum bm_status bm_json_build_refuse(const struct bm_json_build *build, size_t token,
                                    struct bm_error *err, const char *format, ...) BM_PRINTF(4, 5);
/* What a string token stands for, with a zero byte behind it; lives until the next such call. */
enum bm_status bm_json_build_text(struct bm_json_build *build, size_t token, struct bm_view *out,
                                  struct bm_error *err) BM_MUST_USE;
/* Appends the encoded value of a BSON string. */
enum bm_status bm_json_build_string(struct bm_json_build *build, struct bm_view text,
                                    struct bm_error *err) BM_MUST_USE;
/* Appends an object or array token as a document (length, members, zero byte), whatever its first
 * name is. Recursion is as deep as the JSON, which is bounded. */
enum bm_status bm_json_build_members(struct bm_json_build *build, struct bm_error *err) BM_MUST_USE;

/*
 * Appends the value that an object token stands for by its first name ("$oid" …) and tells its
 * type. BM_END: it is an ordinary sub-document; nothing was done.
 */
enum bm_status bm_json_wrapper_build(struct bm_json_build *build, uint8_t *type,
                                     struct bm_error *err) BM_MUST_USE;

#endif
