/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_JSON_GRAMMAR_H
#define BM_DOC_JSON_GRAMMAR_H

#include "bsonmend/error.h"

#define BM_JSON_DEPTH_MAX 200

/*
 * Whether a text is one JSON object and nothing else but white space around it, nested at most
 * BM_JSON_DEPTH_MAX deep. jsmn takes much that is no JSON, and time that grows with the square of
 * the depth: it only ever sees what passed here. Bytes over 0x7f are not judged; control characters
 * but NUL may stand in strings, since mongorestore takes them. *tokens is the number of objects,
 * arrays, names and values. BM_ERROR_CORRUPT with offset = bytes into the text.
 */
enum bm_status bm_json_grammar_check(struct bm_view text, size_t *tokens,
                                     struct bm_error *err) BM_MUST_USE;

#endif
