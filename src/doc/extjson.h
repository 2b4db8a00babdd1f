/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_DOC_EXTJSON_H
#define BM_DOC_EXTJSON_H

#include "base/buffer.h"
#include "bsonmend/document.h"

/*
 * Extended JSON text and BSON. Reading follows what mongorestore accepts in metadata files
 * (mongo-tools mongorestore/metadata.go; driver v2 extjson_parser.go with canonicalOnly): canonical
 * Extended JSON v2, bare (relaxed and legacy) numbers, $uuid, and the old $binary + $type pair. The
 * old $regex + $options pair stays a plain sub-document. A $date whose value is no object is
 * refused, as mongorestore refuses the whole restore over it. jsmn finds the tokens; the BSON is
 * written straight into the caller's bounded buffer, since libbson aborts when memory runs out.
 */

/*
 * Parses one JSON object into a BSON document, appended to *out (nothing on failure). Duplicate
 * names and their order are kept. BM_ERROR_CORRUPT with offset = bytes into the text: not JSON,
 * garbage behind it, nesting over 200 levels, a value that is not what its $key promises, over
 * BM_DOCUMENT_MAX bytes.
 */
enum bm_status bm_json_parse(struct bm_view text, struct bm_buffer *out,
                             struct bm_error *err) BM_MUST_USE;

/*
 * Appends relaxed Extended JSON v2 of one element's value, or of a whole document (canonical where
 * it holds a date past the year 9999); what libbson cannot show (damage, over 100 levels, invalid
 * UTF-8) and what is over 1 MiB becomes {"$bson": "base64 of the raw element"}. libbson's spacing:
 * { "a" : 1 }.
 */
enum bm_status bm_json_value(const struct bm_element *element, struct bm_buffer *out,
                             struct bm_error *err) BM_MUST_USE;
enum bm_status bm_json_document(struct bm_view document, struct bm_buffer *out,
                                struct bm_error *err) BM_MUST_USE;

/* Appends text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
enum bm_status bm_json_string(struct bm_view text, struct bm_buffer *out,
                              struct bm_error *err) BM_MUST_USE;

/* Appends standard base64 with padding. */
enum bm_status bm_base64(struct bm_view bytes, struct bm_buffer *out,
                         struct bm_error *err) BM_MUST_USE;
/* Appends the bytes of a base64 text with its padding. BM_ERROR_CORRUPT: it is none; what was
 * appended by then is of no use. */
enum bm_status bm_base64_decode(struct bm_view text, struct bm_buffer *out,
                                struct bm_error *err) BM_MUST_USE;

#endif
