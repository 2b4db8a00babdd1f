/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CODEC_CODEC_H
#define BM_CODEC_CODEC_H

#include "bsonmend/codec.h"

/*
 * A codec is no reader and no writer: it turns bytes into bytes, one step at a time. decode.c runs
 * any decoder, encode.c any encoder; bm_codec_find gives the table's row.
 */

/* One step's bytes. The codec sets used and made, also when it fails. */
struct bm_codec_step {
    struct bm_view in;
    size_t used;
    uint8_t *out;
    size_t room;
    size_t made;
};

/* Where a decoder stands after a step. */
enum bm_codec_state {
    BM_CODEC_INSIDE,  /* in a member or frame: the input may not end here */
    BM_CODEC_BETWEEN, /* all members or frames so far are whole and their bytes handed out */
    BM_CODEC_HUNGRY   /* inside, and nothing can be done before more than in.len bytes are there */
};

enum bm_codec_last { BM_CODEC_MORE, BM_CODEC_LAST };

struct bm_decoder;

struct bm_decoder_ops {
    /* last says that in ends where the whole input does. */
    enum bm_status (*step)(struct bm_decoder *decoder, struct bm_codec_step *step,
                           enum bm_codec_last last, enum bm_codec_state *state,
                           struct bm_error *err);
    void (*free)(struct bm_decoder *decoder);
};

/* A codec's own struct embeds this first. */
struct bm_decoder {
    const struct bm_decoder_ops *ops;
};

/* What an encoder is asked for beside taking bytes in. */
enum bm_codec_flush {
    BM_CODEC_TAKE,  /* nothing: hand out what is ready */
    BM_CODEC_FLUSH, /* hand out all, leave the member or frame open */
    BM_CODEC_CLOSE  /* hand out all and end it */
};

struct bm_encoder;

struct bm_encoder_ops {
    /* BM_OK: call again, with the rest; BM_END: all is in, and done what was asked. */
    enum bm_status (*step)(struct bm_encoder *encoder, struct bm_codec_step *step,
                           enum bm_codec_flush flush, struct bm_error *err);
    void (*free)(struct bm_encoder *encoder);
};

struct bm_encoder {
    const struct bm_encoder_ops *ops;
};

/* One row of the table; the functions of a codec without them are NULL: its bytes pass as they are.
 */
struct bm_codec_row {
    enum bm_codec codec;
    const char *name;
    const char *suffix;
    int least_level; /* 0: the codec has no levels */
    int default_level;
    int highest_level;
    /* Is what comes next in this codec? BM_OK: yes, BM_END: no. */
    enum bm_status (*probe)(struct bm_reader *upstream, struct bm_error *err);
    struct bm_decoder *(*decoder_new)(struct bm_error *err);
    struct bm_encoder *(*encoder_new)(int level, unsigned workers, struct bm_error *err);
};

enum bm_status bm_gzip_probe(struct bm_reader *upstream, struct bm_error *err);
struct bm_decoder *bm_gzip_decoder_new(struct bm_error *err);
struct bm_encoder *bm_gzip_encoder_new(int level, unsigned workers, struct bm_error *err);

enum bm_status bm_zstd_probe(struct bm_reader *upstream, struct bm_error *err);
struct bm_decoder *bm_zstd_decoder_new(struct bm_error *err);
struct bm_encoder *bm_zstd_encoder_new(int level, unsigned workers, struct bm_error *err);

/* The row of a codec that a stream can be in. */
const struct bm_codec_row *bm_codec_find(enum bm_codec codec);
/* Tells what upstream is in, consuming nothing. NULL: upstream failed, see *err. */
const struct bm_codec_row *bm_codec_detect(struct bm_reader *upstream,
                                           struct bm_error *err) BM_MUST_USE;

#endif
