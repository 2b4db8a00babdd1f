/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "base/thread.h"
#include "codec/codec.h"

enum { MAGIC_LEN = 4 };

enum bm_status bm_zstd_probe(struct bm_reader *upstream, struct bm_error *err)
{
    struct bm_view in;
    enum bm_status status = bm_reader_peek(upstream, MAGIC_LEN, &in, err);
    if (status != BM_OK) {
        return status;
    }
    uint32_t magic = bm_le32(in.data);
    if (magic == ZSTD_MAGICNUMBER ||
        (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START) {
        return BM_OK;
    }
    return BM_END;
}

struct zstd_decoder {
    struct bm_decoder base;
    ZSTD_DCtx *context;
};

static enum bm_status translate(size_t result, struct bm_error *err)
{
    ZSTD_ErrorCode code = ZSTD_getErrorCode(result);
    const char *name = ZSTD_getErrorName(result);
    if (code == ZSTD_error_memory_allocation) {
        return bm_fail(err, BM_ERROR_MEMORY, ENOMEM, "zstd: %s", name);
    }
    if (code == ZSTD_error_frameParameter_windowTooLarge) {
        return bm_fail(err, BM_ERROR_MEMORY, 0,
                       "the zstd frame needs a window of more than 128 MiB, which is the limit");
    }
    return bm_fail(err, BM_ERROR_CORRUPT, 0, "the zstd data is damaged: %s", name);
}

static enum bm_status zstd_decode(struct bm_decoder *decoder, struct bm_codec_step *step,
                                  enum bm_codec_last last, enum bm_codec_state *state,
                                  struct bm_error *err)
{
    (void)last;
    struct zstd_decoder *self = (struct zstd_decoder *)decoder;
    ZSTD_inBuffer in = {step->in.data, step->in.len, 0};
    ZSTD_outBuffer out = {step->out, step->room, 0};
    size_t result = ZSTD_decompressStream(self->context, &out, &in);
    step->used = in.pos;
    step->made = out.pos;
    if (ZSTD_isError(result)) {
        return translate(result, err);
    }
    *state = result == 0 ? BM_CODEC_BETWEEN : BM_CODEC_INSIDE;
    return BM_OK;
}

static void zstd_decoder_free(struct bm_decoder *decoder)
{
    struct zstd_decoder *self = (struct zstd_decoder *)decoder;
    (void)ZSTD_freeDCtx(self->context);
    free(self);
}

static const struct bm_decoder_ops zstd_decoder_ops = {.step = zstd_decode,
                                                       .free = zstd_decoder_free};

static enum bm_status fail_to_start(struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_MEMORY, ENOMEM, "no memory for zstd");
}

struct bm_decoder *bm_zstd_decoder_new(struct bm_error *err)
{
    struct zstd_decoder *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &zstd_decoder_ops;
    self->context = ZSTD_createDCtx();
    if (self->context == NULL) {
        (void)fail_to_start(err);
        free(self);
        return NULL;
    }
    return &self->base;
}

struct zstd_encoder {
    struct bm_encoder base;
    ZSTD_CCtx *context;
    int workers; /* asked of the library, which makes them at the first bytes */
    int has_begun;
};

/* None and any number of workers write different bytes; a library without threads has none. */
static void ask_for_workers(struct zstd_encoder *self, int workers)
{
    self->workers = workers;
    (void)ZSTD_CCtx_setParameter(self->context, ZSTD_c_nbWorkers, workers);
}

static void *do_nothing(void *context)
{
    return context;
}

/* The library says "memory" for a thread as well. A thread is asked for, to hear which it was. */
static enum bm_status fail_to_compress(size_t result, struct bm_error *err)
{
    struct bm_thread thread = {0};
    if (ZSTD_getErrorCode(result) != ZSTD_error_memory_allocation) {
        return bm_fail(err, BM_ERROR_IO, 0, "zstd cannot compress: %s", ZSTD_getErrorName(result));
    }
    if (bm_thread_start(&thread, do_nothing, NULL, err) != BM_OK) {
        return BM_FAIL;
    }
    bm_thread_join(&thread);
    return bm_fail(err, BM_ERROR_MEMORY, 0, "zstd cannot compress: %s", ZSTD_getErrorName(result));
}

/* Compresses with as many workers as the system gives: the library makes all it is asked for or
 * fails, and before anything was taken in it can be asked again. */
static size_t compress(struct zstd_encoder *self, ZSTD_outBuffer *out, ZSTD_inBuffer *in,
                       ZSTD_EndDirective directive)
{
    size_t left = ZSTD_compressStream2(self->context, out, in, directive);
    while (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation && !self->has_begun &&
           self->workers > 1) {
        (void)ZSTD_CCtx_reset(self->context, ZSTD_reset_session_only);
        ask_for_workers(self, self->workers / 2);
        in->pos = 0;
        out->pos = 0;
        left = ZSTD_compressStream2(self->context, out, in, directive);
    }
    self->has_begun |= !ZSTD_isError(left);
    return left;
}

static enum bm_status zstd_encode(struct bm_encoder *encoder, struct bm_codec_step *step,
                                  enum bm_codec_flush flush, struct bm_error *err)
{
    static const ZSTD_EndDirective directives[] = {[BM_CODEC_TAKE] = ZSTD_e_continue,
                                                   [BM_CODEC_FLUSH] = ZSTD_e_flush,
                                                   [BM_CODEC_CLOSE] = ZSTD_e_end};
    struct zstd_encoder *self = (struct zstd_encoder *)encoder;
    ZSTD_inBuffer in = {step->in.data, step->in.len, 0};
    ZSTD_outBuffer out = {step->out, step->room, 0};
    int state;
    bm_thread_hold(&state); /* it may wait for a thread of its own */
    size_t left = compress(self, &out, &in, directives[flush]);
    bm_thread_let_go(state);
    step->used = in.pos;
    step->made = out.pos;
    if (ZSTD_isError(left)) {
        return fail_to_compress(left, err);
    }
    int is_done = flush == BM_CODEC_TAKE ? in.pos == in.size : left == 0;
    return is_done ? BM_END : BM_OK;
}

static void zstd_encoder_free(struct bm_encoder *encoder)
{
    struct zstd_encoder *self = (struct zstd_encoder *)encoder;
    (void)ZSTD_freeCCtx(self->context);
    free(self);
}

static const struct bm_encoder_ops zstd_encoder_ops = {.step = zstd_encode,
                                                       .free = zstd_encoder_free};

struct bm_encoder *bm_zstd_encoder_new(int level, unsigned workers, struct bm_error *err)
{
    struct zstd_encoder *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &zstd_encoder_ops;
    self->context = ZSTD_createCCtx();
    if (self->context == NULL ||
        ZSTD_isError(ZSTD_CCtx_setParameter(self->context, ZSTD_c_compressionLevel, level)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(self->context, ZSTD_c_checksumFlag, 1))) {
        (void)fail_to_start(err);
        zstd_encoder_free(&self->base);
        return NULL;
    }
    ask_for_workers(self, workers > 1 ? (int)workers : 1);
    return &self->base;
}
