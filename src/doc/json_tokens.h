/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_JSON_TOKENS_H
#define BM_DOC_JSON_TOKENS_H

#include "bsonmend/error.h"

/* The values of a JSON text in the order they start in, names among them. */

enum bm_json_kind {
    BM_JSON_OBJECT,
    BM_JSON_ARRAY,
    BM_JSON_STRING, /* also a name; at and len leave out the quotes, escapes are still in */
    BM_JSON_WORD    /* a number, true, false or null */
};

struct bm_json_token {
    enum bm_json_kind kind;
    uint32_t at; /* bytes from the start of the text */
    uint32_t len;
    uint32_t size; /* of an object or array: its members */
};

struct bm_json_tokens {
    struct bm_json_token *list;
    size_t count;
};

/*
 * Checks a text to be one JSON object and lists its tokens, to be freed by the caller.
 * BM_ERROR_CORRUPT with offset = bytes into the text: no JSON object, over 16 MiB, over two million
 * tokens. Nothing to free on failure.
 */
enum bm_status bm_json_tokens_read(struct bm_view text, struct bm_json_tokens *out,
                                   struct bm_error *err) BM_MUST_USE;
void bm_json_tokens_free(struct bm_json_tokens *tokens);

/* Appends what the inside of a JSON string (of a text that was checked) stands for. A surrogate
 * without its other half becomes U+FFFD. */
struct bm_buffer;
enum bm_status bm_json_unescape(struct bm_view inside, struct bm_buffer *out,
                                struct bm_error *err) BM_MUST_USE;

#endif
