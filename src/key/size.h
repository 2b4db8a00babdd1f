/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_SIZE_H
#define BM_KEY_SIZE_H

#include "key/canonical.h"
#include "key/index.h"

#define BM_KEY_BYTES_LIMIT ((size_t)1024)
/* What a key of one value takes beside that value: the document's five bytes, a type, no name. */
#define BM_KEY_BYTES_AROUND ((size_t)7)

/*
 * The limit of servers before 4.2: a key as a document with empty names stays below 1024 bytes
 * (mongod wiredtiger_index.cpp, checkKeySize; every index, that over _id as well).
 *
 * canonical: what the parts were written with. BM_END: too large, the words of the server are in
 * *words with a NUL behind them.
 */
enum bm_status bm_key_size_check(const struct bm_index *index, const struct bm_key_part *parts,
                                 const struct bm_canonical *canonical, struct bm_buffer *words,
                                 struct bm_error *err) BM_MUST_USE;

#endif
