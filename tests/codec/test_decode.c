/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "bsonmend/codec.h"
#include "support/doubles.h"
#include "support/streams.h"

static const size_t chunks[] = {1, 2, 3, 7, 4096, 0};
enum { CHUNKS = sizeof chunks / sizeof chunks[0] };

/* Decodes coded from memory in chunks and returns how it ended; *out gets what came out. */
static enum bm_status decode(struct bm_view coded, size_t chunk, enum bm_codec *found,
                             struct bm_buffer *out, struct bm_error *err)
{
    struct bm_reader *memory = bm_reader_memory_new(coded, chunk, err);
    cr_assert_not_null(memory);
    struct bm_reader *reader = bm_decode_new(memory, found, err);
    cr_assert_not_null(reader, "%s", err->text);
    enum bm_status status = test_read_all(reader, 1 + chunk % 5, out, err);
    if (status == BM_FAIL) {
        struct bm_error again = BM_ERROR_INIT;
        struct bm_view lent;
        cr_assert_eq(bm_reader_peek(reader, BM_READER_MAX, &lent, &again), BM_FAIL);
        cr_assert_eq(again.code, err->code);
        cr_assert_str_eq(again.text, err->text);
        cr_assert_neq(err->offset, BM_NO_OFFSET);
    }
    bm_reader_free(reader);
    return status;
}

/* 1 when `whole` starts with `start`. */
static int is_start(const struct bm_buffer *start, const struct bm_buffer *whole)
{
    struct bm_view head = {whole->data, start->len};
    return start->len <= whole->len && bm_view_equal(head, bm_buffer_view(start));
}

/* A case is a stream made of parts and what must come of it. */
struct stream_case {
    const char *what;
    enum bm_codec codec;
    const char *parts; /* see test_stream_build */
    enum bm_error_code code;
    const char *text; /* in the error */
};

static const struct stream_case cases[] = {
    {"gzip", BM_CODEC_GZIP, "g", BM_ERROR_NONE, NULL},
    {"level 2", BM_CODEC_GZIP, "G", BM_ERROR_NONE, NULL},
    {"many gzip members", BM_CODEC_GZIP, "gGg", BM_ERROR_NONE, NULL},
    {"an empty gzip member first", BM_CODEC_GZIP, "eg", BM_ERROR_NONE, NULL},
    {"an empty gzip member last", BM_CODEC_GZIP, "ge", BM_ERROR_NONE, NULL},
    {"only empty gzip members", BM_CODEC_GZIP, "eee", BM_ERROR_NONE, NULL},
    {"a gzip header with everything", BM_CODEC_GZIP, "h", BM_ERROR_NONE, NULL},
    {"full headers in the middle", BM_CODEC_GZIP, "ghg", BM_ERROR_NONE, NULL},
    {"a gzip header of 600 KiB", BM_CODEC_GZIP, "l", BM_ERROR_NONE, NULL},
    {"a gzip header without end", BM_CODEC_GZIP, "L", BM_ERROR_CORRUPT, "header is damaged"},
    {"padding of zeros", BM_CODEC_GZIP, "g0", BM_ERROR_NONE, NULL},
    {"one zero", BM_CODEC_GZIP, "gz", BM_ERROR_NONE, NULL},
    {"a member after padding", BM_CODEC_GZIP, "g0g", BM_ERROR_CORRUPT, "garbage after"},
    {"garbage after gzip", BM_CODEC_GZIP, "gx", BM_ERROR_CORRUPT, "garbage after"},
    {"padding, then garbage", BM_CODEC_GZIP, "g0x", BM_ERROR_CORRUPT, "garbage after"},
    {"zstd after gzip", BM_CODEC_GZIP, "gZ", BM_ERROR_CORRUPT, "garbage after"},
    {"zstd", BM_CODEC_ZSTD, "Z", BM_ERROR_NONE, NULL},
    {"many zstd frames", BM_CODEC_ZSTD, "ZZZ", BM_ERROR_NONE, NULL},
    {"an empty zstd frame", BM_CODEC_ZSTD, "E", BM_ERROR_NONE, NULL},
    {"empty frames between", BM_CODEC_ZSTD, "EZEZE", BM_ERROR_NONE, NULL},
    {"a skippable frame first", BM_CODEC_ZSTD, "sZ", BM_ERROR_NONE, NULL},
    {"skippable frames everywhere", BM_CODEC_ZSTD, "sZsZs", BM_ERROR_NONE, NULL},
    {"only a skippable frame", BM_CODEC_ZSTD, "s", BM_ERROR_NONE, NULL},
    {"garbage after zstd", BM_CODEC_ZSTD, "Zxx", BM_ERROR_CORRUPT, "damaged"},
    {"padding after zstd", BM_CODEC_ZSTD, "Z0", BM_ERROR_CORRUPT, "damaged"},
    {"gzip after zstd", BM_CODEC_ZSTD, "Zg", BM_ERROR_CORRUPT, "damaged"},
};

Test(decode, streams_in_all_chunks)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct stream_case *c = &cases[i];
        struct bm_buffer plain = BM_BUFFER_INIT((size_t)1 << 26);
        struct bm_buffer coded = test_stream_build(c->parts, &plain);
        for (size_t k = 0; k < CHUNKS; k++) {
            struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 26);
            struct bm_error err = BM_ERROR_INIT;
            enum bm_codec found = BM_CODEC_KEEP;
            enum bm_status status = decode(bm_buffer_view(&coded), chunks[k], &found, &out, &err);
            cr_expect_eq(found, c->codec, "%s", c->what);
            cr_expect_eq(err.code, c->code, "%s, chunk %zu: %s", c->what, chunks[k], err.text);
            cr_expect_eq(status, c->code == BM_ERROR_NONE ? BM_END : BM_FAIL, "%s", c->what);
            if (c->code == BM_ERROR_NONE) {
                cr_expect(bm_view_equal(bm_buffer_view(&out), bm_buffer_view(&plain)),
                          "%s, chunk %zu: other bytes", c->what, chunks[k]);
            } else {
                cr_expect_not_null(strstr(err.text, c->text), "%s: %s", c->what, err.text);
                cr_expect(is_start(&out, &plain), "%s", c->what);
            }
            bm_buffer_free(&out);
        }
        bm_buffer_free(&coded);
        bm_buffer_free(&plain);
    }
}

Test(decode, cut_at_every_byte)
{
    static const char *const whole[] = {"g", "ghG", "ege", "Z", "sZE", "ZsZ"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct bm_buffer plain = BM_BUFFER_INIT((size_t)1 << 20);
        struct bm_buffer coded = test_stream_build(whole[i], &plain);
        size_t ends[TEST_STREAM_PARTS] = {0};
        test_stream_ends(whole[i], ends);
        for (size_t cut = 1; cut < coded.len; cut++) {
            struct bm_error err = BM_ERROR_INIT;
            struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
            enum bm_codec found;
            struct bm_view head = {coded.data, cut};
            enum bm_status status = decode(head, chunks[cut % CHUNKS], &found, &out, &err);
            if (found == BM_CODEC_NONE) {
                cr_expect_lt(cut, 4u, "%s cut at %zu is not known", whole[i], cut);
            } else if (test_stream_is_end(ends, cut)) {
                cr_expect_eq(status, BM_END, "%s cut at %zu: %s", whole[i], cut, err.text);
            } else {
                cr_expect_eq(err.code, BM_ERROR_TRUNCATED, "%s cut at %zu: %d %s", whole[i], cut,
                             (int)err.code, err.text);
                cr_expect(err.offset >= out.len && err.offset < out.len + 5,
                          "%s cut at %zu: offset", whole[i], cut);
            }
            cr_expect(is_start(&out, found == BM_CODEC_NONE ? &coded : &plain));
            bm_buffer_free(&out);
        }
        bm_buffer_free(&coded);
        bm_buffer_free(&plain);
    }
}

/* The byte before the empty stored block (its lengths are 0 and its complement) of a flush. */
static size_t before_flush(const struct bm_buffer *coded)
{
    static const uint8_t lengths[] = {0, 0, 0xff, 0xff};
    for (size_t i = 1; i + sizeof lengths <= coded->len; i++) {
        if (memcmp(coded->data + i, lengths, sizeof lengths) == 0) {
            return i - 1;
        }
    }
    return SIZE_MAX;
}

Test(decode, every_flipped_bit_is_seen)
{
    static const char *const whole[] = {"g", "G", "Z"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        struct bm_buffer plain = BM_BUFFER_INIT((size_t)1 << 20);
        struct bm_buffer coded = test_stream_build(whole[i], &plain);
        size_t filled = before_flush(&coded);
        for (size_t bit = 0; bit < 8 * coded.len; bit++) {
            coded.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
            struct bm_error err = BM_ERROR_INIT;
            struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
            enum bm_codec found;
            enum bm_status status =
                decode(bm_buffer_view(&coded), chunks[bit % CHUNKS], &found, &out, &err);
            int same = bm_view_equal(bm_buffer_view(&out), bm_buffer_view(&plain));
            /* A stream whose magic is gone comes out as it is: no dump. */
            cr_expect(status == BM_FAIL || same || (found == BM_CODEC_NONE && bit < 32),
                      "%s with bit %zu flipped decodes to other bytes", whole[i], bit);
            /* The ten bytes of the header, and what fills up the last byte of deflate and the one
             * before the flush behind the first part, may differ. */
            if (whole[i][0] != 'Z' && bit >= 80 && bit / 8 != coded.len - 9 && bit / 8 != filled) {
                cr_expect(status == BM_FAIL || found == BM_CODEC_NONE, "%s, bit %zu goes unseen",
                          whole[i], bit);
            }
            bm_buffer_free(&out);
            coded.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        }
        bm_buffer_free(&coded);
        bm_buffer_free(&plain);
    }
}

/* Such a header starts no document, so what follows it is damaged gzip, not something else. */
Test(decode, damage_in_the_first_block_is_named)
{
    static const uint8_t heads[][10] = {{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff},
                                        {0x1f, 0x8b, 8, 8, 1, 1, 1, 1, 0, 0xff}};
    for (size_t i = 0; i < 2; i++) {
        struct bm_buffer bytes = BM_BUFFER_INIT(1000);
        struct bm_buffer out = BM_BUFFER_INIT(1000);
        struct bm_error err = BM_ERROR_INIT;
        enum bm_codec found;
        cr_assert_eq(bm_buffer_append(&bytes, (struct bm_view){heads[i], 10}, &err), BM_OK);
        cr_assert_eq(
            bm_buffer_append(&bytes, (struct bm_view){(const uint8_t *)"\xff\0\xff\xff", 4}, &err),
            BM_OK);
        cr_expect_eq(decode(bm_buffer_view(&bytes), 0, &found, &out, &err), BM_FAIL);
        cr_expect_eq(found, BM_CODEC_GZIP);
        cr_expect_eq(err.code, BM_ERROR_CORRUPT);
        cr_expect_str_eq(err.text, "the gzip data is damaged");
        bm_buffer_free(&bytes);
        bm_buffer_free(&out);
    }
}

/*
 * A member of one document, whole and with a byte (the 17th) that makes its data run on into its
 * own checksum; of both, every byte of the data and the checksum as every other. ISA-L's count of
 * what it has read may then pass the end. Never anything but a failure or the very bytes.
 */
Test(decode, every_byte_of_a_member_as_every_other)
{
    enum { HEADER = 10, AT = 16, RUNS_ON = 0x18, SIZE = 32 };
    static const uint8_t member[SIZE] = {0x1f, 0x8b, 8,    0,    0,    0,    0,    0,
                                         2,    3,    0xe3, 0x63, 0x60, 0x60, 0x10, 0x88,
                                         0x10, 0x4c, 0x61, 0x60, 0x04, 0x32, 0x18, 0x00,
                                         0xde, 0xd9, 0x58, 0x1d, 0x0e, 0,    0,    0};
    static const char document[] = "\x0e\0\0\0\x10_id\0\1\0\0\0";
    const struct bm_view plain = {(const uint8_t *)document, sizeof document};
    size_t failures = 0;
    for (size_t runs_on = 0; runs_on < 2; runs_on++) {
        for (size_t at = HEADER; at < SIZE; at++) {
            for (unsigned value = 0; value < 256; value++) {
                uint8_t bytes[SIZE];
                memcpy(bytes, member, SIZE);
                bytes[AT] = runs_on ? RUNS_ON : bytes[AT];
                bytes[at] = (uint8_t)value;
                struct bm_error err = BM_ERROR_INIT;
                struct bm_buffer out = BM_BUFFER_INIT(1 << 20);
                enum bm_codec found;
                enum bm_status status =
                    decode((struct bm_view){bytes, SIZE}, value % 5, &found, &out, &err);
                failures += status == BM_FAIL;
                cr_expect(status == BM_FAIL
                              ? err.code == BM_ERROR_CORRUPT || err.code == BM_ERROR_TRUNCATED
                              : bm_view_equal(bm_buffer_view(&out), plain),
                          "byte %zu as %02x, %zu: %zu bytes, %s", at, value, runs_on, out.len,
                          err.text);
                bm_buffer_free(&out);
            }
        }
    }
    cr_expect_gt(failures, 2 * (SIZE - HEADER) * 250, "%zu", failures);
}

Test(decode, the_trailer_of_gzip_is_checked)
{
    struct bm_buffer plain = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_buffer coded = test_stream_build("g", &plain);
    for (size_t back = 1; back <= 8; back++) {
        coded.data[coded.len - back] ^= 0x10;
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
        enum bm_codec found;
        cr_expect_eq(decode(bm_buffer_view(&coded), back % 3, &found, &out, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_CORRUPT);
        cr_expect_str_eq(err.text, "the gzip data does not fit its checksum");
        cr_expect_eq(err.offset, plain.len);
        bm_buffer_free(&out);
        coded.data[coded.len - back] ^= 0x10;
    }
    bm_buffer_free(&coded);
    bm_buffer_free(&plain);
}

struct plain_case {
    const char *what;
    uint8_t bytes[24];
    size_t len;
};

static const struct plain_case plain_cases[] = {
    {"nothing", {0}, 0},
    {"one byte of the gzip magic", {0x1f}, 1},
    {"two bytes of the gzip magic", {0x1f, 0x8b}, 2},
    {"three bytes of the zstd magic", {0x28, 0xb5, 0x2f}, 3},
    {"an empty document", {5, 0, 0, 0, 0}, 5},
    {"an archive", {0x6d, 0xe2, 0x99, 0x81, 0x10, 0, 0, 0}, 8},
    {"a document of 559,903 bytes",
     {0x1f, 0x8b, 0x08, 0x00, 0x07, '_', 'i', 'd', 0, 0x65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xaa, 0xaa},
     21},
    {"the same with a text",
     {0x1f, 0x8b, 0x08, 0x00, 0x02, 'a', 0, 0x05, 0, 0, 0, 't', 'e', 'x', 't', 0},
     16},
    {"a gzip header with reserved flags", {0x1f, 0x8b, 0x08, 0xe0, 0, 0, 0, 0, 0, 0xff, 3, 0}, 12},
};

Test(decode, what_is_not_compressed_passes)
{
    for (size_t i = 0; i < sizeof plain_cases / sizeof plain_cases[0]; i++) {
        const struct plain_case *c = &plain_cases[i];
        struct bm_error err = BM_ERROR_INIT;
        struct bm_view bytes = {c->bytes, c->len};
        struct bm_reader *memory = bm_reader_memory_new(bytes, 1, &err);
        enum bm_codec found = BM_CODEC_KEEP;
        struct bm_reader *reader = bm_decode_new(memory, &found, &err);
        cr_expect_eq(reader, memory, "%s", c->what);
        cr_expect_eq(found, BM_CODEC_NONE, "%s is taken for %s", c->what, bm_codec_name(found));
        struct bm_buffer out = BM_BUFFER_INIT(100);
        cr_expect_eq(test_read_all(reader, 3, &out, &err), BM_END);
        cr_expect(bm_view_equal(bm_buffer_view(&out), bytes), "%s", c->what);
        bm_buffer_free(&out);
        bm_reader_free(reader);
    }
}

Test(decode, documents_of_559903_bytes_are_no_gzip)
{
    /* The first bytes of such a document for many first elements, filled up with noise. */
    enum { LEN = 559903 };
    for (uint32_t seed = 0; seed < 40; seed++) {
        struct bm_buffer bytes = test_bytes(LEN, seed);
        uint32_t noise = seed * 2654435761u + 12345;
        memcpy(bytes.data, "\x1f\x8b\x08\x00\x07_id\x00", 9);
        for (size_t i = 9; i < 21; i++) {
            noise = noise * 1664525u + 1013904223u;
            bytes.data[i] = (uint8_t)(noise >> 24);
        }
        struct bm_error err = BM_ERROR_INIT;
        struct bm_reader *memory = bm_reader_memory_new(bm_buffer_view(&bytes), 0, &err);
        enum bm_codec found = BM_CODEC_KEEP;
        cr_expect_eq(bm_decode_new(memory, &found, &err), memory, "seed %u", seed);
        cr_expect_eq(found, BM_CODEC_NONE);
        bm_reader_free(memory);
        bm_buffer_free(&bytes);
    }
}

Test(decode, every_reader_below_will_do)
{
    struct bm_buffer plain = BM_BUFFER_INIT((size_t)1 << 26);
    struct bm_buffer coded = test_stream_build("ghGg", &plain);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *reader =
        bm_decode_new(test_reader_growing(bm_buffer_view(&coded)), NULL, &err);
    cr_assert_not_null(reader);
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 26);
    cr_expect_eq(test_read_all(reader, 1000, &out, &err), BM_END);
    cr_expect(bm_view_equal(bm_buffer_view(&out), bm_buffer_view(&plain)));
    bm_reader_free(reader);
    bm_buffer_free(&out);
    bm_buffer_free(&coded);
    bm_buffer_free(&plain);
}

Test(decode, a_failing_input_is_an_io_error)
{
    struct bm_buffer plain = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_buffer coded = test_stream_build("gg", &plain);
    for (size_t limit = 0; limit < coded.len; limit++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_reader *below = test_reader_failing(bm_buffer_view(&coded), limit, 64);
        struct bm_reader *reader = bm_decode_new(below, NULL, &err);
        struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
        if (reader != NULL) {
            cr_expect_eq(test_read_all(reader, 1, &out, &err), BM_FAIL);
        }
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_eq(err.sys_errno, EIO);
        bm_reader_free(reader != NULL ? reader : below);
        bm_buffer_free(&out);
    }
    bm_buffer_free(&coded);
    bm_buffer_free(&plain);
}

Test(decode, the_longest_want)
{
    struct bm_buffer plain = test_bytes(BM_READER_MAX + 10, 7);
    struct bm_buffer coded = BM_BUFFER_INIT((size_t)1 << 26);
    struct bm_compression zstd = {.codec = BM_CODEC_ZSTD, .level = 1};
    test_stream_encode(bm_buffer_view(&plain), zstd, 0, &coded);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *memory = bm_reader_memory_new(bm_buffer_view(&coded), 0, &err);
    struct bm_reader *reader = bm_decode_new(memory, NULL, &err);
    cr_assert_not_null(reader);
    struct bm_view lent;
    cr_assert_eq(bm_reader_peek(reader, BM_READER_MAX, &lent, &err), BM_OK);
    cr_expect_eq(memcmp(lent.data, plain.data, BM_READER_MAX), 0);
    bm_reader_consume(reader, 11);
    cr_assert_eq(bm_reader_peek(reader, BM_READER_MAX, &lent, &err), BM_END);
    cr_expect_eq(lent.len, BM_READER_MAX - 1);
    cr_expect_eq(memcmp(lent.data, plain.data + 11, lent.len), 0);
    bm_reader_free(reader);
    bm_buffer_free(&coded);
    bm_buffer_free(&plain);
}

Test(decode, a_window_beyond_the_limit)
{
    /* A frame header that asks for a window of 256 MiB. */
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 0x01, 0x00, 0x00};
    struct bm_buffer out = BM_BUFFER_INIT(100);
    struct bm_error err = BM_ERROR_INIT;
    enum bm_codec found;
    cr_expect_eq(decode((struct bm_view){frame, sizeof frame}, 0, &found, &out, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_MEMORY);
    cr_expect_not_null(strstr(err.text, "128 MiB"), "%s", err.text);
    bm_buffer_free(&out);
}
