/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding of anything: chunk size does not show; what decodes, encodes and decodes to the same. */
#include "fuzz/fuzz.h"

#include "base/buffer.h"
#include "bsonmend/codec.h"

enum { DECODED_MAX = 1 << 20 };

/* BM_END with everything in *out, BM_FAIL, or BM_OK: more than is looked at here. */
static enum bm_status decode(struct bm_view bytes, size_t chunk, struct bm_buffer *out,
                             enum bm_codec *codec)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_view lent;
    struct bm_reader *memory = bm_reader_memory_new(bytes, chunk, &err);
    FUZZ_HOLDS(memory != NULL);
    struct bm_reader *reader = bm_decode_new(memory, codec, &err);
    enum bm_status status = BM_OK;
    if (reader == NULL) {
        FUZZ_HOLDS(err.code != BM_ERROR_NONE);
        bm_reader_free(memory);
        return BM_FAIL;
    }
    while (status == BM_OK && out->len < DECODED_MAX) {
        status = bm_reader_peek(reader, 1, &lent, &err);
        if (status == BM_OK) {
            FUZZ_HOLDS(lent.len >= 1);
            size_t take = lent.len < DECODED_MAX ? lent.len : DECODED_MAX;
            FUZZ_HOLDS(bm_buffer_append(out, (struct bm_view){lent.data, take}, &err) == BM_OK);
            bm_reader_consume(reader, take);
        }
    }
    if (status == BM_FAIL) {
        FUZZ_HOLDS(err.code == BM_ERROR_TRUNCATED || err.code == BM_ERROR_CORRUPT ||
                   err.code == BM_ERROR_MEMORY);
        FUZZ_HOLDS(bm_reader_peek(reader, 1, &lent, &err) == BM_FAIL);
    }
    bm_reader_free(reader);
    return status;
}

static void encode(struct bm_view bytes, enum bm_codec codec, struct bm_buffer *out)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_writer *buffer = bm_writer_buffer_new(out, &err);
    FUZZ_HOLDS(buffer != NULL);
    struct bm_writer *writer = bm_encode_new(buffer, (struct bm_compression){codec, 0}, 0, &err);
    FUZZ_HOLDS(writer != NULL);
    FUZZ_HOLDS(bm_writer_write(writer, bytes, &err) == BM_OK);
    FUZZ_HOLDS(bm_writer_finish(writer, &err) == BM_OK);
    bm_writer_free(writer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bm_buffer once = BM_BUFFER_INIT(4u << 20);
    struct bm_buffer again = BM_BUFFER_INIT(4u << 20);
    struct bm_buffer packed = BM_BUFFER_INIT(8u << 20);
    enum bm_codec codec = BM_CODEC_NONE;
    enum bm_codec codec_again = BM_CODEC_NONE;
    struct bm_view bytes = {data, size};
    enum bm_status status = decode(bytes, 0, &once, &codec);
    enum bm_status status_again = decode(bytes, fuzz_chunk(size), &again, &codec_again);
    FUZZ_HOLDS(status == status_again);
    FUZZ_HOLDS(codec == codec_again);
    if (status == BM_END) {
        FUZZ_HOLDS(bm_view_equal(bm_buffer_view(&once), bm_buffer_view(&again)));
        bm_buffer_clear(&again);
        encode(bm_buffer_view(&once), codec, &packed);
        /* Plain bytes may look encoded; then they would be decoded once more. */
        FUZZ_HOLDS(codec == BM_CODEC_NONE ||
                   decode(bm_buffer_view(&packed), 3, &again, &codec_again) == BM_END);
        FUZZ_HOLDS(codec == BM_CODEC_NONE ||
                   bm_view_equal(bm_buffer_view(&once), bm_buffer_view(&again)));
        FUZZ_HOLDS(codec != BM_CODEC_NONE || bm_view_equal(bm_buffer_view(&packed), bytes));
    }
    bm_buffer_free(&once);
    bm_buffer_free(&again);
    bm_buffer_free(&packed);
    return 0;
}
