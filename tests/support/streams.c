/* SPDX-License-Identifier: Apache-2.0 */
#include "support/streams.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "support/doubles.h"

enum { PLAIN = 400, NAME_PART = 1024, EXTRA = 300 };

static void append(struct bm_buffer *to, const void *data, size_t len)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_append(to, (struct bm_view){data, len}, &err), BM_OK, "%s", err.text);
}

void test_stream_encode(struct bm_view plain, struct bm_compression compression, size_t chunk,
                        struct bm_buffer *coded)
{
    struct bm_error err = BM_ERROR_INIT;
    struct test_written written = TEST_WRITTEN_INIT;
    struct bm_writer *writer =
        bm_encode_new(test_writer_collecting(&written), compression, 0, &err);
    cr_assert_not_null(writer);
    while (plain.len > 0) {
        size_t n = chunk > 0 && chunk < plain.len ? chunk : plain.len;
        struct bm_view part = {plain.data, n};
        cr_assert_eq(bm_writer_write(writer, part, &err), BM_OK, "%s", err.text);
        plain.data += n;
        plain.len -= n;
    }
    cr_assert_eq(bm_writer_finish(writer, &err), BM_OK, "%s", err.text);
    bm_writer_free(writer);
    cr_assert_eq(written.finished, 1);
    cr_assert_eq(written.freed, 1);
    append(coded, written.bytes.data, written.bytes.len);
    bm_buffer_free(&written.bytes);
}

/* Bit by bit, so that nothing is shared with what is tested. */
static uint32_t crc32_of(const uint8_t *data, size_t len)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
        }
    }
    return ~crc;
}

/* FEXTRA, FNAME and FCOMMENT as asked, and FHCRC with the right checksum. */
static void append_header(struct bm_buffer *to, size_t name_parts, int with_all)
{
    size_t start = to->len;
    const uint8_t fixed[] = {0x1f, 0x8b, 8, with_all ? 0x1e : 0x08, 1, 2, 3, 4, 2, 3};
    append(to, fixed, sizeof fixed);
    if (with_all) {
        const uint8_t extra[2 + EXTRA] = {EXTRA & 0xff, EXTRA >> 8, 'B', 'C'};
        append(to, extra, sizeof extra);
    }
    char name[NAME_PART];
    memset(name, 'n', sizeof name);
    for (size_t i = 0; i < name_parts; i++) {
        append(to, name, sizeof name);
    }
    append(to, "results.bson", sizeof "results.bson");
    if (with_all) {
        append(to, "a comment", sizeof "a comment");
        uint32_t crc = crc32_of(to->data + start, to->len - start);
        const uint8_t sum[] = {(uint8_t)crc, (uint8_t)(crc >> 8)};
        append(to, sum, sizeof sum);
    }
}

static void append_coded(struct bm_buffer *coded, struct bm_buffer *plain, size_t len,
                         struct bm_compression compression, size_t skipped)
{
    struct bm_buffer piece = test_bytes(len, (uint32_t)plain->len + 1);
    struct bm_buffer member = BM_BUFFER_INIT((size_t)1 << 26);
    test_stream_encode(bm_buffer_view(&piece), compression, 0, &member);
    append(coded, member.data + skipped, member.len - skipped);
    append(plain, piece.data, piece.len);
    bm_buffer_free(&member);
    bm_buffer_free(&piece);
}

static void append_part(struct bm_buffer *coded, struct bm_buffer *plain, char part)
{
    static const struct bm_compression gzip = {.codec = BM_CODEC_GZIP};
    static const struct bm_compression gzip_2 = {.codec = BM_CODEC_GZIP, .level = 2};
    static const struct bm_compression zstd = {.codec = BM_CODEC_ZSTD};
    static const uint8_t zeros[100] = {0};
    static const uint8_t skippable[] = {0x5a, 0x2a, 0x4d, 0x18, 5,   0,  0,
                                        0,    'h',  'e',  'l',  'l', 'o'};
    enum { HEADER = 10 };
    switch (part) {
    case 'g':
        append_coded(coded, plain, PLAIN, gzip, 0);
        break;
    case 'G':
        append_coded(coded, plain, PLAIN, gzip_2, 0);
        break;
    case 'e':
        append_coded(coded, plain, 0, gzip, 0);
        break;
    case 'h':
        append_header(coded, 0, 1);
        append_coded(coded, plain, PLAIN, gzip, HEADER);
        break;
    case 'l':
    case 'L':
        append_header(coded, part == 'l' ? 600 : 1200, 0);
        append_coded(coded, plain, PLAIN, gzip, HEADER);
        break;
    case 'Z':
        append_coded(coded, plain, PLAIN, zstd, 0);
        break;
    case 'E':
        append_coded(coded, plain, 0, zstd, 0);
        break;
    case 's':
        append(coded, skippable, sizeof skippable);
        break;
    case 'z':
        append(coded, zeros, 1);
        break;
    case '0':
        append(coded, zeros, sizeof zeros);
        break;
    default:
        append(coded, "garbage", 7);
        break;
    }
}

struct bm_buffer test_stream_build(const char *parts, struct bm_buffer *plain)
{
    struct bm_buffer coded = BM_BUFFER_INIT((size_t)1 << 26);
    for (size_t i = 0; parts[i] != '\0'; i++) {
        append_part(&coded, plain, parts[i]);
    }
    return coded;
}

void test_stream_ends(const char *parts, size_t ends[TEST_STREAM_PARTS])
{
    struct bm_buffer coded = BM_BUFFER_INIT((size_t)1 << 26);
    struct bm_buffer plain = BM_BUFFER_INIT((size_t)1 << 26);
    cr_assert_leq(strlen(parts), TEST_STREAM_PARTS);
    for (size_t i = 0; parts[i] != '\0'; i++) {
        append_part(&coded, &plain, parts[i]);
        ends[i] = coded.len;
    }
    bm_buffer_free(&coded);
    bm_buffer_free(&plain);
}

int test_stream_is_end(const size_t ends[TEST_STREAM_PARTS], size_t n)
{
    int found = 0;
    for (size_t i = 0; i < TEST_STREAM_PARTS; i++) {
        found |= ends[i] == n;
    }
    return found;
}
