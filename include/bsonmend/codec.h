/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_CODEC_H
#define BSONMEND_CODEC_H

#include "bsonmend/reader.h"
#include "bsonmend/writer.h"

/* BM_CODEC_KEEP is only a wish ("as the input"), never what a stream is in. */
enum bm_codec { BM_CODEC_NONE = 0, BM_CODEC_GZIP, BM_CODEC_ZSTD, BM_CODEC_KEEP };

/* "none", "gzip" or "zstd", "keep" for BM_CODEC_KEEP; static. */
const char *bm_codec_name(enum bm_codec codec);
/* "", ".gz" or ".zst": what a file's name gets, "" for BM_CODEC_KEEP; static. */
const char *bm_codec_suffix(enum bm_codec codec);

/* A codec with its level; level 0: the codec's own default (gzip 1, zstd 3). */
struct bm_compression {
    enum bm_codec codec;
    int level; /* gzip 1 … 2 (what ISA-L gives reproducibly), zstd 1 … 19 */
};

/* Reads "none", "gzip[:LEVEL]" or "zstd[:LEVEL]"; without a level *out gets 0. BM_ERROR_USAGE
 * otherwise; *out may be changed then. */
enum bm_status bm_compression_parse(const char *text, struct bm_compression *out,
                                    struct bm_error *err) BM_MUST_USE;

/*
 * Tells by content what `upstream` is in and returns a reader of the decoded bytes, which owns
 * upstream (for BM_CODEC_NONE that may be upstream itself). *found (may be NULL) gets the codec.
 * gzip is believed only if its header parses and, where the same bytes could start a document, its
 * first block inflates; zstd by the magic of a frame or a skippable frame. Many members or frames,
 * empty ones and skippable frames are read as one stream; zero bytes after the last gzip member are
 * padding, anything else there is damage. The reader says BM_END only between members or frames;
 * input that ends elsewhere is BM_ERROR_TRUNCATED, a checksum or structure that does not fit
 * BM_ERROR_CORRUPT; offset is then the number of decoded bytes before it. A zstd frame whose window
 * is past 128 MiB is BM_ERROR_MEMORY.
 * NULL on failure; upstream then stays the caller's.
 */
struct bm_reader *bm_decode_new(struct bm_reader *upstream, enum bm_codec *found,
                                struct bm_error *err) BM_MUST_USE;

/*
 * A writer that encodes into `downstream`, which it owns from then on. Up to `workers` threads
 * compress beside the caller's, if that is 2 or more and the stream long enough (zstd has one of
 * its own in any case). What it writes depends on the bytes and the level only, not on workers, nor
 * on how they were cut into writes, nor on where in memory it is; another version of ISA-L or zstd,
 * or ISA-L on another processor, may write other bytes. finish closes the member or frame (an empty
 * stream gives a complete empty member); abandon flushes what there is and leaves the member open.
 * gzip: one member, mtime 0, no name. zstd: one frame with its checksum. NULL on failure;
 * downstream then stays the caller's.
 */
struct bm_writer *bm_encode_new(struct bm_writer *downstream, struct bm_compression compression,
                                unsigned workers, struct bm_error *err) BM_MUST_USE;

#endif
