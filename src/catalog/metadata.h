/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CATALOG_METADATA_H
#define BM_CATALOG_METADATA_H

#include "base/buffer.h"
#include "bsonmend/catalog.h"

/* What mongorestore takes from a metadata text. Views into the BSON it was turned into, len 0:
 * absent. */
struct bm_metadata {
    struct bm_view options;         /* a document */
    struct bm_view indexes;         /* an array of documents */
    struct bm_view collection_name; /* the string's bytes */
};

/*
 * Parses the text into *bson (an empty buffer) and finds the parts. BM_ERROR_CORRUPT: mongorestore
 * could not read it.
 */
enum bm_status bm_metadata_read(struct bm_view text, struct bm_buffer *bson,
                                struct bm_metadata *out, struct bm_error *err) BM_MUST_USE;

/* Fills options, validator, collation, capped and its limits from the options document, and the
 * kind, if that is still BM_NAMESPACE_COLLECTION or _SYSTEM. */
enum bm_status bm_metadata_apply_options(struct bm_view options, struct bm_namespace *ns,
                                         struct bm_error *err) BM_MUST_USE;

/* A collation that means anything: an object of another locale than "simple". */
enum bm_status bm_metadata_collation(struct bm_view collation, struct bm_view *out,
                                     struct bm_error *err) BM_MUST_USE;

#endif
