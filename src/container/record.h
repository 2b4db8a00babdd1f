/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_RECORD_H
#define BM_CONTAINER_RECORD_H

#include "base/buffer.h"
#include "bsonmend/error.h"

/*
 * The four records of an archive, which are BSON documents. All fields but the names are optional,
 * as tools have left them out or added them over the years. Views borrow from the document. A field
 * of the wrong type is BM_ERROR_CORRUPT with the offset from the start of the document; so is a
 * field that a block's header does not have.
 */

#define BM_RECORD_MAGIC UINT32_C(0x8199e26d)

/* The first document. */
struct bm_record_header {
    int32_t concurrent_collections; /* 0: absent */
    struct bm_view version, server_version, tool_version;
};

/* One entry of the prelude. */
struct bm_record_metadata {
    struct bm_view db, collection;
    struct bm_view metadata; /* JSON text, len 0: none */
    struct bm_view type;     /* "collection", "view", "timeseries", "" */
};

/* The head of a block. */
struct bm_record_block {
    struct bm_view db, collection;
    int eof;       /* 0: documents follow; 1: the namespace ends here */
    uint64_t crc;  /* with eof; an absent field means 0 */
    size_t crc_at; /* position of its 8 bytes in the document, 0: absent */
};

enum bm_status bm_record_header_read(struct bm_view document, struct bm_record_header *out,
                                     struct bm_error *err) BM_MUST_USE;
enum bm_status bm_record_metadata_read(struct bm_view document, struct bm_record_metadata *out,
                                       struct bm_error *err) BM_MUST_USE;
enum bm_status bm_record_block_read(struct bm_view document, struct bm_record_block *out,
                                    struct bm_error *err) BM_MUST_USE;

/* Each appends the record as mongodump writes it. BM_ERROR_USAGE: it would be over 16 MiB. */
enum bm_status bm_record_header_write(const struct bm_record_header *header, struct bm_buffer *out,
                                      struct bm_error *err) BM_MUST_USE;
enum bm_status bm_record_metadata_write(const struct bm_record_metadata *metadata,
                                        struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_record_block_write(const struct bm_record_block *block, struct bm_buffer *out,
                                     struct bm_error *err) BM_MUST_USE;

/* Appends a copy of a prelude entry with another text; every byte outside the text stays. */
enum bm_status bm_record_metadata_change(struct bm_view document, struct bm_view text,
                                         struct bm_buffer *out, struct bm_error *err) BM_MUST_USE;
/*
 * Appends a copy of an EOF header whose checksum is `crc`: the same bytes if it was that already,
 * else the 8 bytes changed, or the field added at the end where there is none.
 */
enum bm_status bm_record_block_close(struct bm_view document, uint64_t crc, struct bm_buffer *out,
                                     struct bm_error *err) BM_MUST_USE;

/* CRC-64/XZ over further bytes; starts and, of nothing, ends at 0. */
uint64_t bm_record_crc(uint64_t crc, struct bm_view bytes);

#endif
