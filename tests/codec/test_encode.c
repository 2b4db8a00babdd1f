/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/codec.h"
#include "codec/codec.h"
#include "support/doubles.h"
#include "support/streams.h"

static const struct bm_compression all[] = {
    {BM_CODEC_GZIP, 0}, {BM_CODEC_GZIP, 1},  {BM_CODEC_GZIP, 2}, {BM_CODEC_ZSTD, 0},
    {BM_CODEC_ZSTD, 1}, {BM_CODEC_ZSTD, 10}, {BM_CODEC_NONE, 0},
};
enum { ALL = sizeof all / sizeof all[0] };

static void expect_decoded(struct bm_view coded, struct bm_view plain, enum bm_codec codec)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *memory = bm_reader_memory_new(coded, 0, &err);
    enum bm_codec found;
    struct bm_reader *reader = bm_decode_new(memory, &found, &err);
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 30);
    cr_assert_not_null(reader);
    cr_expect_eq(found, codec);
    cr_expect_eq(test_read_all(reader, 100000, &out, &err), BM_END, "%s", err.text);
    cr_expect(bm_view_equal(bm_buffer_view(&out), plain));
    bm_buffer_free(&out);
    bm_reader_free(reader);
}

static size_t same_start(const struct bm_buffer *a, const struct bm_buffer *b)
{
    size_t n = 0;
    while (n < a->len && n < b->len && a->data[n] == b->data[n]) {
        n++;
    }
    return n;
}

/* Sizes around the block of gzip and the units of zstd. */
static const size_t sizes[] = {0,      1, 5, 4096, 131072, (1 << 20) - 1, 1 << 20, (1 << 20) + 1,
                               5000000};

Test(encode, the_bytes_alone_decide)
{
    static const size_t chunks[] = {0, 1, 777, 65536, 1 << 20, (1 << 20) + 1};
    for (size_t i = 0; i < ALL; i++) {
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            struct bm_buffer plain = test_bytes(sizes[s], (uint32_t)s);
            struct bm_buffer first = BM_BUFFER_INIT((size_t)1 << 30);
            test_stream_encode(bm_buffer_view(&plain), all[i], 0, &first);
            for (size_t k = 1; k < sizeof chunks / sizeof chunks[0]; k++) {
                if (chunks[k] == 1 && sizes[s] > 200000) {
                    continue; /* one byte at a time has shown what it can by then */
                }
                struct bm_buffer other = BM_BUFFER_INIT((size_t)1 << 30);
                test_stream_encode(bm_buffer_view(&plain), all[i], chunks[k], &other);
                cr_expect(bm_view_equal(bm_buffer_view(&first), bm_buffer_view(&other)),
                          "%s:%d of %zu bytes differs in writes of %zu: %zu and %zu bytes, same up "
                          "to %zu",
                          bm_codec_name(all[i].codec), all[i].level, sizes[s], chunks[k], first.len,
                          other.len, same_start(&first, &other));
                bm_buffer_free(&other);
            }
            if (sizes[s] > 5 || all[i].codec != BM_CODEC_NONE) {
                expect_decoded(bm_buffer_view(&first), bm_buffer_view(&plain), all[i].codec);
            }
            bm_buffer_free(&first);
            bm_buffer_free(&plain);
        }
    }
}

/*
 * Where a word of a kind A meets one of kind B, both copied from further up, the four bytes around
 * the seam stand in no hash table. Each window of deflate has such a seam two bytes into it, and
 * later the same four bytes alone: they are found only through a table entry that says "position
 * 2".
 */
static struct bm_buffer seams(size_t windows)
{
    enum { WORDS = 64, WORD = 12, WINDOW = 32768, ALONE = 600 };
    struct bm_buffer bytes = BM_BUFFER_INIT((size_t)1 << 30);
    struct bm_error err = BM_ERROR_INIT;
    uint8_t a[WORDS][WORD];
    uint8_t b[WORDS][WORD];
    cr_assert_eq(bm_buffer_reserve(&bytes, windows * WINDOW, &err), BM_OK);
    memset(bytes.data, 0, windows * WINDOW);
    bytes.len = windows * WINDOW;
    for (size_t i = 0; i < WORDS; i++) {
        for (size_t k = 0; k < WORD; k++) {
            a[i][k] = (uint8_t)(k == WORD - 1 ? 129 : k % 2 == 0 ? 33 + i : 200);
            b[i][k] = (uint8_t)(k == 1 ? 131 : k % 2 == 0 && k > 0 ? 97 : 33 + i);
        }
    }
    memcpy(bytes.data, a, sizeof a);
    memcpy(bytes.data + sizeof a, b, sizeof b);
    for (size_t i = 1; i < windows; i++) {
        uint8_t *seam = bytes.data + i * WINDOW + 2;
        memcpy(seam - WORD + 2, a[i % WORDS], WORD);
        memcpy(seam + 2, b[(i / WORDS + i) % WORDS], WORD);
        memcpy(seam + ALONE, seam, 4);
    }
    return bytes;
}

/* All of a gzip stream; returns where its encoder was. */
static uintptr_t encode_somewhere(struct bm_view plain, int level, struct bm_buffer *coded)
{
    enum { ROOM = 1 << 18 };
    struct bm_error err = BM_ERROR_INIT;
    struct bm_encoder *encoder = bm_gzip_encoder_new(level, 0, &err);
    enum bm_status status = BM_OK;
    cr_assert_not_null(encoder);
    while (status == BM_OK) {
        cr_assert_eq(bm_buffer_reserve(coded, ROOM, &err), BM_OK);
        struct bm_codec_step step = {.in = plain, .out = coded->data + coded->len, .room = ROOM};
        status = encoder->ops->step(encoder, &step, BM_CODEC_CLOSE, &err);
        coded->len += step.made;
        plain.data += step.used;
        plain.len -= step.used;
    }
    cr_assert_eq(status, BM_END, "%s", err.text);
    uintptr_t place = (uintptr_t)encoder;
    encoder->ops->free(encoder);
    return place;
}

enum { PLACES = 700 };

/*
 * Without a first part of its own, the upper bits of the encoder's address (above 64 KiB) decide
 * which seams ISA-L sees, at one address in some eighty. Sanitizers give fewer addresses.
 */
Test(encode, the_address_of_the_encoder_does_not_matter)
{
#ifdef __SANITIZE_ADDRESS__
    enum { SURELY_OTHERS = 150 };
#else
    enum { SURELY_OTHERS = 250 };
#endif
    enum { WINDOWS = 128, SPACER = 1 << 16 };
    static uintptr_t places[PLACES];
    void *spacers[PLACES];
    size_t others = 0;
    struct bm_buffer plain = seams(WINDOWS);
    struct bm_buffer first = BM_BUFFER_INIT((size_t)1 << 30);
    (void)encode_somewhere(bm_buffer_view(&plain), 1, &first);
    expect_decoded(bm_buffer_view(&first), bm_buffer_view(&plain), BM_CODEC_GZIP);
    struct bm_buffer other = BM_BUFFER_INIT((size_t)1 << 30);
    for (size_t i = 0; i < PLACES; i++) {
        spacers[i] = malloc(SPACER);
        cr_assert_not_null(spacers[i]);
        bm_buffer_clear(&other);
        places[i] = encode_somewhere(bm_buffer_view(&plain), 1, &other) / SPACER;
        cr_expect(bm_view_equal(bm_buffer_view(&first), bm_buffer_view(&other)),
                  "the stream of encoder %zu differs from byte %zu on", i,
                  same_start(&first, &other));
        size_t k = 0;
        while (places[k] != places[i]) {
            k++;
        }
        others += k == i;
    }
    cr_expect_geq(others, SURELY_OTHERS, "only %zu addresses", others);
    for (size_t i = 0; i < PLACES; i++) {
        free(spacers[i]);
    }
    bm_buffer_free(&other);
    bm_buffer_free(&first);
    bm_buffer_free(&plain);
}

/* The first bytes of a gzip stream are a part of their own: lengths around it, in every cut. */
Test(encode, short_streams_in_every_cut)
{
    enum { LONGEST = 40 };
    for (size_t len = 0; len <= LONGEST; len++) {
        struct bm_buffer plain = test_bytes(len, (uint32_t)len);
        for (size_t i = 0; i < ALL - 1; i++) {
            struct bm_buffer first = BM_BUFFER_INIT((size_t)1 << 20);
            test_stream_encode(bm_buffer_view(&plain), all[i], 0, &first);
            expect_decoded(bm_buffer_view(&first), bm_buffer_view(&plain), all[i].codec);
            for (size_t chunk = 1; chunk < len; chunk++) {
                struct bm_buffer other = BM_BUFFER_INIT((size_t)1 << 20);
                test_stream_encode(bm_buffer_view(&plain), all[i], chunk, &other);
                cr_expect(bm_view_equal(bm_buffer_view(&first), bm_buffer_view(&other)),
                          "%zu bytes in writes of %zu", len, chunk);
                bm_buffer_free(&other);
            }
            bm_buffer_free(&first);
        }
        bm_buffer_free(&plain);
    }
}

enum { TOGETHER = 5 };

/* Encoders share nothing: turn by turn they write what each writes alone. */
Test(encode, several_at_once_write_what_one_writes)
{
    enum { LEN = 3000000, PART = 70001 };
    for (size_t i = 0; i < ALL - 1; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer plain[TOGETHER];
        struct test_written written[TOGETHER];
        struct bm_writer *writers[TOGETHER];
        for (size_t k = 0; k < TOGETHER; k++) {
            plain[k] = test_bytes(LEN, (uint32_t)k);
            written[k] = TEST_WRITTEN_INIT;
            writers[k] = bm_encode_new(test_writer_collecting(&written[k]), all[i], 0, &err);
            cr_assert_not_null(writers[k]);
        }
        for (size_t at = 0; at < LEN; at += PART) {
            for (size_t k = 0; k < TOGETHER; k++) {
                struct bm_view part = {plain[k].data + at, LEN - at < PART ? LEN - at : PART};
                cr_assert_eq(bm_writer_write(writers[k], part, &err), BM_OK);
            }
        }
        for (size_t k = 0; k < TOGETHER; k++) {
            struct bm_buffer alone = BM_BUFFER_INIT((size_t)1 << 30);
            cr_assert_eq(bm_writer_finish(writers[k], &err), BM_OK);
            test_stream_encode(bm_buffer_view(&plain[k]), all[i], 0, &alone);
            cr_expect(bm_view_equal(bm_buffer_view(&written[k].bytes), bm_buffer_view(&alone)));
            bm_writer_free(writers[k]);
            bm_buffer_free(&alone);
            bm_buffer_free(&written[k].bytes);
            bm_buffer_free(&plain[k]);
        }
    }
}

/* All that one stream becomes. */
static struct bm_buffer encode_with(struct bm_view plain, struct bm_compression compression,
                                    unsigned workers, size_t chunk)
{
    struct bm_error err = BM_ERROR_INIT;
    struct test_written written = TEST_WRITTEN_INIT;
    struct bm_writer *writer =
        bm_encode_new(test_writer_collecting(&written), compression, workers, &err);
    cr_assert_not_null(writer);
    for (size_t at = 0; at < plain.len; at += chunk) {
        size_t left = plain.len - at;
        struct bm_view part = {plain.data + at, left < chunk ? left : chunk};
        cr_assert_eq(bm_writer_write(writer, part, &err), BM_OK);
    }
    cr_assert_eq(bm_writer_finish(writer, &err), BM_OK);
    bm_writer_free(writer);
    return written.bytes;
}

/* Blocks are deflated at once, and zstd's jobs compressed: nobody can tell. */
Test(encode, the_number_of_workers_does_not_matter)
{
    enum { LONG = 20000000, PART = 300007, MOST = 1000 };
    static const unsigned workers[] = {1, 2, 5, MOST};
    struct bm_buffer plain = test_bytes(LONG, 11);
    for (size_t i = 0; i < ALL - 1; i++) {
        if (all[i].level == 10) {
            continue; /* slow, and nothing else happens there */
        }
        struct bm_buffer first = encode_with(bm_buffer_view(&plain), all[i], 0, PART);
        expect_decoded(bm_buffer_view(&first), bm_buffer_view(&plain), all[i].codec);
        for (size_t k = 0; k < sizeof workers / sizeof workers[0]; k++) {
            if (workers[k] == MOST && all[i].codec == BM_CODEC_ZSTD) {
                continue; /* its library makes all of them */
            }
            struct bm_buffer other = encode_with(bm_buffer_view(&plain), all[i], workers[k], PART);
            cr_expect(bm_view_equal(bm_buffer_view(&first), bm_buffer_view(&other)),
                      "%s:%d with %u workers: %zu and %zu bytes, same up to %zu",
                      bm_codec_name(all[i].codec), all[i].level, workers[k], first.len, other.len,
                      same_start(&first, &other));
            bm_buffer_free(&other);
        }
        bm_buffer_free(&first);
    }
    bm_buffer_free(&plain);
}

/* One member: a gzip stream that is cut is not whole, wherever that is. */
Test(encode, no_cut_of_gzip_looks_whole)
{
    enum { LEN = 3 << 20, SHORTEST = 18, STEP = 9973 };
    struct bm_buffer plain = test_bytes(LEN, 12);
    struct bm_buffer whole = encode_with(bm_buffer_view(&plain), all[0], 2, LEN);
    for (size_t cut = SHORTEST; cut < whole.len; cut += STEP) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_reader *memory = bm_reader_memory_new((struct bm_view){whole.data, cut}, 0, &err);
        struct bm_reader *reader = bm_decode_new(memory, NULL, &err);
        cr_assert_not_null(reader);
        struct bm_view lent;
        enum bm_status status = BM_OK;
        while (status == BM_OK) {
            status = bm_reader_peek(reader, 1, &lent, &err);
            if (status == BM_OK) {
                bm_reader_consume(reader, lent.len);
            }
        }
        cr_expect_eq(status, BM_FAIL, "cut at %zu", cut);
        cr_expect_eq(err.code, BM_ERROR_TRUNCATED, "cut at %zu", cut);
        bm_reader_free(reader);
    }
    bm_buffer_free(&whole);
    bm_buffer_free(&plain);
}

Test(encode, no_level_is_the_default_level)
{
    static const struct bm_compression pairs[][2] = {
        {{BM_CODEC_GZIP, 0}, {BM_CODEC_GZIP, 1}},
        {{BM_CODEC_ZSTD, 0}, {BM_CODEC_ZSTD, 3}},
    };
    struct bm_buffer plain = test_bytes(300000, 3);
    for (size_t i = 0; i < 2; i++) {
        struct bm_buffer a = BM_BUFFER_INIT((size_t)1 << 30);
        struct bm_buffer b = BM_BUFFER_INIT((size_t)1 << 30);
        test_stream_encode(bm_buffer_view(&plain), pairs[i][0], 0, &a);
        test_stream_encode(bm_buffer_view(&plain), pairs[i][1], 0, &b);
        cr_expect(bm_view_equal(bm_buffer_view(&a), bm_buffer_view(&b)));
        cr_expect_lt(a.len, plain.len);
        bm_buffer_free(&a);
        bm_buffer_free(&b);
    }
    bm_buffer_free(&plain);
}

Test(encode, gzip_has_no_time_and_no_name)
{
    static const uint8_t header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0};
    struct bm_buffer coded = BM_BUFFER_INIT((size_t)1 << 30);
    test_stream_encode(bm_view_text("x"), all[0], 0, &coded);
    cr_assert_gt(coded.len, sizeof header);
    cr_expect_eq(memcmp(coded.data, header, sizeof header), 0);
    bm_buffer_free(&coded);
}

Test(encode, zstd_has_its_checksum)
{
    enum { DESCRIPTOR = 4, CHECKSUM = 1 << 2 };
    struct bm_buffer coded = BM_BUFFER_INIT((size_t)1 << 30);
    test_stream_encode(bm_view_text("x"), all[3], 0, &coded);
    cr_expect_neq(coded.data[DESCRIPTOR] & CHECKSUM, 0);
    bm_buffer_free(&coded);
}

Test(encode, none_is_the_writer_below)
{
    struct bm_error err = BM_ERROR_INIT;
    struct test_written written = TEST_WRITTEN_INIT;
    struct bm_writer *below = test_writer_collecting(&written);
    cr_expect_eq(bm_encode_new(below, (struct bm_compression){.codec = BM_CODEC_NONE}, 0, &err),
                 below);
    bm_writer_free(below);
}

Test(encode, levels_that_are_not_there)
{
    static const struct bm_compression none[] = {
        {BM_CODEC_GZIP, 3}, {BM_CODEC_GZIP, -1}, {BM_CODEC_ZSTD, 20}, {BM_CODEC_ZSTD, -5}};
    struct test_written written = TEST_WRITTEN_INIT;
    struct bm_writer *below = test_writer_collecting(&written);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_null(bm_encode_new(below, none[i], 0, &err));
        cr_expect_eq(err.code, BM_ERROR_USAGE);
    }
    cr_expect_eq(written.freed, 0);
    bm_writer_free(below);
}

/* What was written before must arrive, and the stream must not look whole. */
Test(encode, an_abandoned_stream_is_truncated)
{
    for (size_t i = 0; i < ALL - 1; i++) {
        for (size_t s = 1; s < sizeof sizes / sizeof sizes[0]; s++) {
            struct bm_buffer plain = test_bytes(sizes[s], 9);
            struct test_written written = TEST_WRITTEN_INIT;
            struct bm_error err = BM_ERROR_INIT;
            struct bm_writer *writer =
                bm_encode_new(test_writer_collecting(&written), all[i], 0, &err);
            cr_assert_eq(bm_writer_write(writer, bm_buffer_view(&plain), &err), BM_OK);
            bm_writer_abandon(writer);
            bm_writer_free(writer);
            cr_expect_eq(written.abandoned, 1);
            cr_expect_eq(written.finished, 0);
            cr_expect_eq(written.freed, 1);
            struct bm_reader *memory =
                bm_reader_memory_new(bm_buffer_view(&written.bytes), 0, &err);
            struct bm_reader *reader = bm_decode_new(memory, NULL, &err);
            struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 30);
            cr_assert_not_null(reader);
            cr_expect_eq(test_read_all(reader, 1, &out, &err), BM_FAIL);
            cr_expect_eq(err.code, BM_ERROR_TRUNCATED);
            cr_expect(bm_view_equal(bm_buffer_view(&out), bm_buffer_view(&plain)),
                      "%s:%d, %zu of %zu bytes", bm_codec_name(all[i].codec), all[i].level, out.len,
                      plain.len);
            bm_reader_free(reader);
            bm_buffer_free(&out);
            bm_buffer_free(&written.bytes);
            bm_buffer_free(&plain);
        }
    }
}

Test(encode, a_full_disk_at_every_byte)
{
    struct bm_buffer plain = test_bytes(300, 4);
    for (size_t i = 0; i < ALL - 1; i++) {
        struct bm_buffer whole = BM_BUFFER_INIT((size_t)1 << 20);
        test_stream_encode(bm_buffer_view(&plain), all[i], 0, &whole);
        for (size_t limit = 0; limit <= whole.len; limit++) {
            struct test_written written = TEST_WRITTEN_INIT;
            struct bm_error err = BM_ERROR_INIT;
            struct bm_writer *writer =
                bm_encode_new(test_writer_full(&written, limit), all[i], 0, &err);
            enum bm_status status = bm_writer_write(writer, bm_buffer_view(&plain), &err);
            if (status == BM_OK) {
                status = bm_writer_finish(writer, &err);
            }
            cr_expect_eq(status, BM_FAIL, "limit %zu", limit);
            cr_expect_eq(err.code, BM_ERROR_IO);
            cr_expect_eq(err.sys_errno, ENOSPC);
            bm_writer_abandon(writer);
            bm_writer_free(writer);
            cr_expect_eq(written.bytes.len, limit);
            struct bm_view head = {whole.data, limit};
            cr_expect(bm_view_equal(bm_buffer_view(&written.bytes), head));
            bm_buffer_free(&written.bytes);
        }
        bm_buffer_free(&whole);
    }
    bm_buffer_free(&plain);
}

/* After a failure the encoder must not go on as if nothing were missing. */
Test(encode, a_failure_stays)
{
    for (size_t i = 0; i < ALL - 1; i++) {
        struct bm_buffer plain = test_bytes(4000000, 4);
        struct test_written written = TEST_WRITTEN_INIT;
        struct bm_error err = BM_ERROR_INIT;
        struct bm_writer *writer = bm_encode_new(test_writer_full(&written, 1000), all[i], 0, &err);
        /* zstd may take a whole job of some MiB before it hands anything on. */
        for (int k = 0; k < 20 && err.code == BM_ERROR_NONE; k++) {
            (void)!bm_writer_write(writer, bm_buffer_view(&plain), &err);
        }
        cr_assert_eq(err.sys_errno, ENOSPC);
        struct bm_error again = BM_ERROR_INIT;
        cr_expect_eq(bm_writer_finish(writer, &again), BM_FAIL);
        cr_expect_eq(again.sys_errno, ENOSPC);
        cr_expect_eq(written.finished, 0);
        bm_writer_abandon(writer);
        cr_expect_eq(written.bytes.len, 1000);
        bm_writer_free(writer);
        bm_buffer_free(&written.bytes);
        bm_buffer_free(&plain);
    }
}
