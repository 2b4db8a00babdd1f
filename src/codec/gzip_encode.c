/* SPDX-License-Identifier: Apache-2.0 */
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/codec.h"
#include "codec/crew.h"

/*
 * One member, whatever its length: cut anywhere it is not whole. Its input is cut into blocks that
 * know nothing of each other and end at a byte, so that several can be deflated at once and the
 * bytes are the same for any number of threads. That costs some 0.1 % of the size.
 *
 * What ISA-L writes depends on more than its input: on how the input is cut, so it always gets
 * blocks of this size; on the bytes behind the input's end, which it looks at, so they are zero;
 * on where its state lies relative to the input, so all of it is one piece. And on the address of
 * that piece: at the third byte of a stream its main loop (2.30, x86) hashes what a register
 * happens to hold, the upper part of the stream's address. That loop wants more than FIRST_PART
 * bytes; fewer go through the code for the end of an input, which hashes the bytes. So the first
 * ones are given alone, flushed behind them: some ten bytes more a block.
 */
enum {
    BLOCK = 1 << 20,
    LOOK_AHEAD = 1024,
    FIRST_PART = 16,
    OUT = BLOCK + BLOCK / 8 /* what does not get smaller is stored, with some bytes every 64 KiB */
};

/* One block with all that it takes to deflate it. */
struct gzip_job {
    struct isal_zstream stream;
    uint8_t level_buffer[ISAL_DEF_LVL2_DEFAULT];
    uint8_t block[BLOCK + LOOK_AHEAD];
    size_t len;
    int level;
    int is_last;
    int result; /* of ISA-L */
    size_t made;
    uint8_t out[OUT];
};

/* Deflates what is left of the block up to `end`. */
static void deflate_part(struct gzip_job *job, size_t end, int is_last)
{
    struct isal_zstream *stream = &job->stream;
    size_t done = (size_t)stream->total_in;
    stream->next_in = job->block + done;
    stream->avail_in = (uint32_t)(end - done);
    stream->flush = is_last ? NO_FLUSH : SYNC_FLUSH;
    stream->end_of_stream = (uint16_t)is_last;
    int is_done = 0;
    while (job->result == COMP_OK && !is_done) {
        if (stream->avail_out == 0) {
            job->result = STATELESS_OVERFLOW;
            return;
        }
        job->result = isal_deflate(stream);
        is_done = is_last ? stream->internal_state.state == ZSTATE_END
                          : stream->avail_in == 0 && stream->avail_out > 0;
    }
}

static void deflate_block(void *context)
{
    struct gzip_job *job = context;
    struct isal_zstream *stream = &job->stream;
    memset(&job->stream, 0, sizeof job->stream);
    memset(job->level_buffer, 0, sizeof job->level_buffer);
    memset(job->block + job->len, 0, LOOK_AHEAD);
    isal_deflate_init(stream);
    stream->level = (uint32_t)job->level;
    stream->level_buf = job->level_buffer;
    stream->level_buf_size = job->level == 1 ? ISAL_DEF_LVL1_DEFAULT : ISAL_DEF_LVL2_DEFAULT;
    stream->next_out = job->out;
    stream->avail_out = OUT;
    job->result = COMP_OK;
    if (job->len > FIRST_PART) {
        deflate_part(job, FIRST_PART, 0);
    }
    deflate_part(job, job->len, job->is_last);
    job->made = OUT - stream->avail_out;
}

/* What comes next in the member; each part goes out before the next one. */
enum gzip_part { HEADER, BLOCKS, LAST_BLOCKS, TRAILER };

enum { HEADER_LEN = 10, TRAILER_LEN = 8 };

struct gzip_encoder {
    struct bm_encoder base;
    int level;
    unsigned workers;
    struct bm_crew *crew;                    /* NULL: blocks are deflated where they are given */
    struct gzip_job *jobs[BM_CREW_MOST + 1]; /* in turn; owned but for the first */
    size_t job_count;
    uint64_t given; /* jobs; the next one takes bytes in */
    uint64_t taken; /* of these, handed out */
    enum gzip_part part;
    struct bm_view pending; /* made, not handed out yet */
    uint32_t checksum;
    uint32_t length; /* the member's, modulo 2^32 */
    uint8_t trailer[TRAILER_LEN];
    struct gzip_job first;
};

static struct gzip_job *job_of(struct gzip_encoder *self, uint64_t number)
{
    return self->jobs[number % self->job_count];
}

static void add_job(struct gzip_encoder *self, struct gzip_job *job)
{
    job->level = self->level;
    self->jobs[self->job_count++] = job;
}

/* For a member of more than a block. One job more than threads, so that none waits for the user;
 * where threads or memory are short it goes on with what there is. */
static void call_crew(struct gzip_encoder *self)
{
    struct bm_error ignored = BM_ERROR_INIT;
    unsigned most = self->workers < BM_CREW_MOST ? self->workers : BM_CREW_MOST;
    if (most < 2) {
        return;
    }
    while (self->job_count < most + 1) {
        struct gzip_job *job = bm_allocate(1, sizeof *job, &ignored);
        if (job == NULL) {
            break;
        }
        add_job(self, job);
    }
    if (self->job_count > 2) {
        self->crew = bm_crew_new((unsigned)self->job_count - 1, deflate_block, &ignored);
    }
}

static void give(struct gzip_encoder *self, int is_last)
{
    struct gzip_job *job = job_of(self, self->given++);
    job->is_last = is_last;
    self->checksum = crc32_gzip_refl(self->checksum, job->block, job->len);
    self->length += (uint32_t)job->len;
    if (self->crew != NULL) {
        bm_crew_give(self->crew, job);
    } else {
        deflate_block(job);
    }
}

/* Waits for the oldest job; its bytes are then pending. */
static enum bm_status await_oldest(struct gzip_encoder *self, struct bm_error *err)
{
    struct gzip_job *job = job_of(self, self->taken);
    if (self->crew != NULL) {
        bm_crew_await(self->crew, self->taken);
    }
    if (job->result != COMP_OK) {
        return bm_fail(err, BM_ERROR_IO, 0, "gzip cannot compress (%d)", job->result);
    }
    self->pending = (struct bm_view){job->out, job->made};
    return BM_OK;
}

static void put_number(uint8_t *out, uint32_t number)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(number >> (8 * i));
    }
}

/* Hands out what is pending; 0: nothing was. */
static int hand_out(struct gzip_encoder *self, struct bm_codec_step *step)
{
    size_t n = self->pending.len < step->room ? self->pending.len : step->room;
    if (n == 0) {
        return 0;
    }
    memcpy(step->out, self->pending.data, n);
    step->made = n;
    self->pending.data += n;
    self->pending.len -= n;
    if (self->pending.len > 0) {
        return 1;
    }
    if (self->part == HEADER) {
        self->part = BLOCKS;
    } else if (self->part != TRAILER) {
        job_of(self, self->taken++)->len = 0;
    }
    return 1;
}

/* 1: all is taken in, and the block may take more. */
static int take_in(struct gzip_encoder *self, struct bm_codec_step *step)
{
    struct gzip_job *job = job_of(self, self->given);
    size_t room = BLOCK - job->len;
    step->used = step->in.len < room ? step->in.len : room;
    if (step->used > 0) {
        memcpy(job->block + job->len, step->in.data, step->used);
        job->len += step->used;
    }
    if (step->used == step->in.len) {
        return 1;
    }
    if (self->given == 0) {
        call_crew(self);
    }
    give(self, 0);
    return 0;
}

/* All is in. BM_END: all is out as well, and the member is closed if it is to be. */
static enum bm_status flush_out(struct gzip_encoder *self, enum bm_codec_flush flush,
                                struct bm_error *err)
{
    if (self->part == BLOCKS && flush == BM_CODEC_CLOSE) {
        give(self, 1);
        self->part = LAST_BLOCKS;
    } else if (self->part == BLOCKS && job_of(self, self->given)->len > 0) {
        give(self, 0);
    }
    if (self->taken < self->given) {
        return await_oldest(self, err);
    }
    if (self->part != LAST_BLOCKS) {
        return BM_END;
    }
    put_number(self->trailer, self->checksum);
    put_number(self->trailer + TRAILER_LEN / 2, self->length);
    self->pending = (struct bm_view){self->trailer, TRAILER_LEN};
    self->part = TRAILER;
    return BM_OK;
}

static enum bm_status gzip_encode(struct bm_encoder *encoder, struct bm_codec_step *step,
                                  enum bm_codec_flush flush, struct bm_error *err)
{
    struct gzip_encoder *self = (struct gzip_encoder *)encoder;
    if (hand_out(self, step)) {
        return BM_OK;
    }
    if (self->part == TRAILER) {
        return BM_END;
    }
    if (self->given - self->taken == self->job_count) {
        return await_oldest(self, err);
    }
    if (self->part == BLOCKS && !take_in(self, step)) {
        return BM_OK;
    }
    return flush == BM_CODEC_TAKE ? BM_END : flush_out(self, flush, err);
}

static void gzip_encoder_free(struct bm_encoder *encoder)
{
    struct gzip_encoder *self = (struct gzip_encoder *)encoder;
    bm_crew_free(self->crew);
    for (size_t i = 1; i < self->job_count; i++) {
        free(self->jobs[i]);
    }
    free(self);
}

static const struct bm_encoder_ops gzip_encoder_ops = {.step = gzip_encode,
                                                       .free = gzip_encoder_free};

struct bm_encoder *bm_gzip_encoder_new(int level, unsigned workers, struct bm_error *err)
{
    /* Deflate; no flags, no time, no word on the effort; the system is not told. */
    static const uint8_t header[HEADER_LEN] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff};
    struct gzip_encoder *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &gzip_encoder_ops;
    self->level = level;
    self->workers = workers;
    self->pending = (struct bm_view){header, HEADER_LEN};
    add_job(self, &self->first);
    return &self->base;
}
