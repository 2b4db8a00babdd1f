/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_TEXT_H
#define BM_KEY_TEXT_H

#include "base/buffer.h"
#include "bsonmend/document.h"

/*
 * Values as the server prints them in messages (mongod bsonelement.cpp, builder.h). Bytes of the
 * value are not escaped. What lies deeper than the server allows, and what is damaged, shows as
 * "...", and so does all behind the first `most` bytes.
 */
struct bm_text {
    struct bm_buffer *out;
    size_t end; /* length at which `out` is full */
};

struct bm_text bm_text_start(struct bm_buffer *out, size_t most);
enum bm_status bm_text_value(struct bm_text *text, uint8_t type, struct bm_view value,
                             struct bm_error *err) BM_MUST_USE;
/* A document of the given type: { a: 1, b: 2 } for an object, [ 1, 2 ] for an array. */
enum bm_status bm_text_document(struct bm_text *text, enum bm_type type, struct bm_view document,
                                struct bm_error *err) BM_MUST_USE;
/* A string with its quotes; bytes that are no UTF-8 make it "0x" and hexadecimal digits. */
enum bm_status bm_text_string(struct bm_text *text, struct bm_view content,
                              struct bm_error *err) BM_MUST_USE;
enum bm_status bm_text_bytes(struct bm_text *text, struct bm_view bytes,
                             struct bm_error *err) BM_MUST_USE;
struct bm_index;
struct bm_key;
/* As bm_key_text, with at most so many bytes. */
enum bm_status bm_key_text_short(const struct bm_index *index, const struct bm_key *key,
                                 size_t most, struct bm_buffer *out, struct bm_error *err);
/* Appends "..." if not all fitted. */
enum bm_status bm_text_finish(struct bm_text *text, struct bm_error *err) BM_MUST_USE;

#endif
