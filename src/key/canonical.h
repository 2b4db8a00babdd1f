/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_CANONICAL_H
#define BM_KEY_CANONICAL_H

#include "base/buffer.h"
#include "bsonmend/document.h"
#include "key/collation.h"
#include "key/refusal.h"

/* Levels of objects and arrays in a value: the server takes no document with more. */
#define BM_DEPTH_MOST 200u
/* Canonical bytes that the keys of one document may take in one index. */
#define BM_KEY_BYTES_MOST ((size_t)64 << 20)

/* Where and how values are written. */
struct bm_canonical {
    struct bm_buffer *out;
    const uint8_t
        *origin; /* start of the document the values lie in; failures tell offsets in it */
    const struct bm_collation *collation; /* NULL: strings are equal when their bytes are */
    struct bm_units *units;               /* needed with a collation */
    enum bm_refusal refusal;              /* why a value cannot be a key */
    size_t grown;                         /* bytes by which sort keys are longer than strings … */
    size_t shrunk;                        /* … and shorter */
};

/*
 * Appends a value's canonical form: a byte for its class, then bytes that tell their own end, so
 * that values written one behind the other stay distinct. BM_END: the value cannot be a key, the
 * refusal says why. BM_FAIL: memory, or damage inside.
 */
enum bm_status bm_canonical_append(struct bm_canonical *canonical, uint8_t type,
                                   struct bm_view value, struct bm_error *err) BM_MUST_USE;

/* Makes the offset of a failure inside `part` count from `origin`; returns BM_FAIL. */
enum bm_status bm_offset_from(struct bm_error *err, struct bm_view part, const uint8_t *origin);

#endif
