/* SPDX-License-Identifier: Apache-2.0 */
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/codec.h"

enum {
    MAGIC_LEN = 3,
    FLAGS_AT = 3,
    TIME_AT = 4,
    RESERVED_FLAGS = 0xe0,
    LONGEST_HEADER = 1 << 20, /* it holds a name and a comment; more than this is no accident */
    PROBED = 1 << 16,         /* bytes looked at to believe in a first block */
    LONGEST_STEP = 1 << 30    /* ISA-L counts in 32 bits */
};

/* ISA-L's input pointers lack the const they could have. */
static uint8_t *unconst(const uint8_t *data)
{
    return (uint8_t *)(uintptr_t)data;
}

static uint32_t step_length(size_t len)
{
    return len < LONGEST_STEP ? (uint32_t)len : LONGEST_STEP;
}

/*
 * Reads a member's header, which must be there as a whole: fed in parts, ISA-L fails on a header
 * that has a checksum of its own. BM_END: more bytes are needed; BM_FAIL: this is no header.
 */
static enum bm_status read_header(struct inflate_state *state, struct bm_view in, size_t *len)
{
    struct isal_gzip_header header;
    isal_gzip_header_init(&header);
    isal_inflate_init(state);
    state->next_in = unconst(in.data);
    state->avail_in = step_length(in.len);
    if (in.len > FLAGS_AT && (in.data[FLAGS_AT] & RESERVED_FLAGS) != 0) {
        return BM_FAIL;
    }
    int result = isal_read_gzip_header(state, &header);
    if (result == ISAL_END_INPUT) {
        return BM_END;
    }
    *len = in.len - state->avail_in;
    return result == ISAL_DECOMP_OK ? BM_OK : BM_FAIL;
}

/*
 * Does the first deflate block inflate? Marked as the last one, the decoder stops behind it. What
 * is cut off before its end is believed.
 */
static int is_block(struct inflate_state *state, uint8_t *deflated, size_t len)
{
    uint8_t inflated[4096];
    if (len == 0) {
        return 1;
    }
    deflated[0] |= 1;
    isal_inflate_init(state);
    state->next_in = deflated;
    state->avail_in = step_length(len);
    do {
        state->next_out = inflated;
        state->avail_out = sizeof inflated;
        if (isal_inflate(state) != ISAL_DECOMP_OK) {
            return 0;
        }
    } while (state->avail_out == 0 && state->block_state != ISAL_BLOCK_FINISH);
    return 1;
}

/*
 * Read as a document, a header with flags is longer than any document may be, and one without a
 * time (mongodump's own) has its end before its first element. So these are gzip, damaged or not.
 */
static int is_never_a_document(struct bm_view header)
{
    return header.data[FLAGS_AT] != 0 || header.data[TIME_AT] == 0;
}

/* BM_OK when `in`, all there is or enough of it, is a header with a block behind it. */
static enum bm_status probe_header(struct bm_view in, struct inflate_state *state, uint8_t *scratch)
{
    size_t len;
    enum bm_status status = read_header(state, in, &len);
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_END;
    }
    if (is_never_a_document(in)) {
        return BM_OK;
    }
    size_t deflated = in.len - len < PROBED ? in.len - len : PROBED;
    memcpy(scratch, in.data + len, deflated);
    return is_block(state, scratch, deflated) ? BM_OK : BM_END;
}

enum bm_status bm_gzip_probe(struct bm_reader *upstream, struct bm_error *err)
{
    static const uint8_t magic[MAGIC_LEN] = {0x1f, 0x8b, 0x08};
    struct bm_view in;
    enum bm_status status = bm_reader_peek(upstream, MAGIC_LEN, &in, err);
    if (status != BM_OK || memcmp(in.data, magic, MAGIC_LEN) != 0) {
        return status == BM_FAIL ? BM_FAIL : BM_END;
    }
    struct inflate_state *state = bm_allocate(1, sizeof *state, err);
    uint8_t *scratch = bm_allocate(PROBED, 1, err);
    status = BM_FAIL;
    if (state == NULL || scratch == NULL) {
        goto out;
    }
    if (bm_reader_peek(upstream, PROBED, &in, err) == BM_FAIL) {
        goto out;
    }
    status = probe_header(in, state, scratch);
out:
    free(state);
    free(scratch);
    return status;
}

enum gzip_part { HEADER, DEFLATE, PADDING };

struct gzip_decoder {
    struct bm_decoder base;
    enum gzip_part part;
    uint64_t members; /* read to their end */
    struct inflate_state state;
};

static enum bm_status step_header(struct gzip_decoder *self, struct bm_codec_step *step,
                                  enum bm_codec_state *state, struct bm_error *err)
{
    struct bm_view in = step->in;
    if (in.len == 0) {
        return BM_OK;
    }
    if (self->members > 0 && in.data[0] == 0) {
        self->part = PADDING;
        return BM_OK;
    }
    size_t len = 0;
    struct bm_view head = {in.data, in.len < LONGEST_HEADER ? in.len : LONGEST_HEADER};
    enum bm_status status = read_header(&self->state, head, &len);
    if (status == BM_END && in.len < LONGEST_HEADER) {
        *state = BM_CODEC_HUNGRY;
        return BM_OK;
    }
    if (status != BM_OK) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0,
                       self->members > 0 ? "garbage after the gzip data"
                                         : "the gzip header is damaged");
    }
    self->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
    self->part = DEFLATE;
    step->used = len;
    return BM_OK;
}

static enum bm_status step_deflate(struct gzip_decoder *self, struct bm_codec_step *step,
                                   enum bm_codec_state *state, struct bm_error *err)
{
    struct inflate_state *inflate = &self->state;
    uint32_t in = step_length(step->in.len);
    uint32_t room = step_length(step->room);
    inflate->next_in = unconst(step->in.data);
    inflate->avail_in = in;
    inflate->next_out = step->out;
    inflate->avail_out = room;
    int result = isal_inflate(inflate);
    step->used = in - inflate->avail_in;
    step->made = room - inflate->avail_out;
    if (result != ISAL_DECOMP_OK || inflate->avail_in > in) {
        step->used = 0; /* after an error ISA-L's count may go below zero */
    }
    if (result == ISAL_INCORRECT_CHECKSUM) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0, "the gzip data does not fit its checksum");
    }
    if (result != ISAL_DECOMP_OK || inflate->avail_in > in) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0, "the gzip data is damaged");
    }
    if (inflate->block_state == ISAL_BLOCK_FINISH) {
        self->members++;
        self->part = HEADER;
        *state = BM_CODEC_BETWEEN;
    }
    return BM_OK;
}

/* Tapes and block devices fill up with zeros. */
static enum bm_status step_padding(struct bm_codec_step *step, enum bm_codec_state *state,
                                   struct bm_error *err)
{
    for (size_t i = 0; i < step->in.len; i++) {
        if (step->in.data[i] != 0) {
            return bm_fail(err, BM_ERROR_CORRUPT, 0, "garbage after the gzip data");
        }
    }
    step->used = step->in.len;
    *state = BM_CODEC_BETWEEN;
    return BM_OK;
}

static enum bm_status gzip_decode(struct bm_decoder *decoder, struct bm_codec_step *step,
                                  enum bm_codec_last last, enum bm_codec_state *state,
                                  struct bm_error *err)
{
    (void)last;
    struct gzip_decoder *self = (struct gzip_decoder *)decoder;
    *state = BM_CODEC_INSIDE;
    if (self->part == HEADER) {
        enum bm_status status = step_header(self, step, state, err);
        if (status != BM_OK || self->part != PADDING) {
            return status;
        }
    }
    return self->part == DEFLATE ? step_deflate(self, step, state, err)
                                 : step_padding(step, state, err);
}

static void gzip_decoder_free(struct bm_decoder *decoder)
{
    free(decoder);
}

static const struct bm_decoder_ops gzip_decoder_ops = {.step = gzip_decode,
                                                       .free = gzip_decoder_free};

struct bm_decoder *bm_gzip_decoder_new(struct bm_error *err)
{
    struct gzip_decoder *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &gzip_decoder_ops;
    self->part = HEADER;
    return &self->base;
}
