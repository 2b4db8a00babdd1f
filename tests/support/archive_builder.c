/* SPDX-License-Identifier: Apache-2.0 */
#include "support/archive_builder.h"

#include <string.h>

#include <criterion/criterion.h>

#include "support/archive_reader.h"
#include "support/bson_text.h"

static void put(struct bm_buffer *out, const void *bytes, size_t len)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert(bm_buffer_append(out, (struct bm_view){bytes, len}, &err) == BM_OK);
}

static void put_number(struct bm_buffer *out, uint64_t number, size_t width)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < width; i++) {
        bytes[i] = (uint8_t)(number >> (8 * i));
    }
    put(out, bytes, width);
}

static void put_string(struct bm_buffer *out, const char *name, const char *text)
{
    put(out, "\x02", 1);
    put(out, name, strlen(name) + 1);
    put_number(out, strlen(text) + 1, 4);
    put(out, text, strlen(text) + 1);
}

static size_t open_document(struct bm_buffer *out)
{
    put_number(out, 0, 4);
    return out->len - 4;
}

static void close_document(struct bm_buffer *out, size_t start)
{
    put(out, "", 1);
    size_t len = out->len - start;
    for (size_t i = 0; i < 4; i++) {
        out->data[start + i] = (uint8_t)(len >> (8 * i));
    }
}

void test_build_magic(struct bm_buffer *out)
{
    put(out, "\x6d\xe2\x99\x81", 4);
}

void test_build_terminator(struct bm_buffer *out)
{
    put(out, "\xff\xff\xff\xff", 4);
}

void test_build_document(struct bm_buffer *out, const char *json)
{
    struct bm_buffer document = test_bson(json);
    put(out, document.data, document.len);
    bm_buffer_free(&document);
}

void test_build_start(struct bm_buffer *out, const char *server_version)
{
    test_build_magic(out);
    size_t start = open_document(out);
    put(out,
        "\x10"
        "concurrent_collections",
        24);
    put_number(out, 1, 4);
    put_string(out, "version", "0.1");
    put_string(out, "server_version", server_version);
    put_string(out, "tool_version", "x");
    close_document(out, start);
}

void test_build_entry(struct bm_buffer *out, const char *db, const char *collection,
                      const char *metadata, const char *type)
{
    size_t start = open_document(out);
    put_string(out, "db", db);
    put_string(out, "collection", collection);
    put_string(out, "metadata", metadata);
    put(out, "\x10size", 6);
    put_number(out, 0, 4);
    put_string(out, "type", type);
    close_document(out, start);
}

static void put_block(struct bm_buffer *out, const char *db, const char *collection, int eof,
                      uint64_t crc)
{
    size_t start = open_document(out);
    put_string(out, "db", db);
    put_string(out, "collection", collection);
    put(out,
        "\x08"
        "EOF",
        5);
    put_number(out, (uint64_t)eof, 1);
    put(out,
        "\x12"
        "CRC",
        5);
    put_number(out, crc, 8);
    close_document(out, start);
}

void test_build_segment(struct bm_buffer *out, const char *db, const char *collection)
{
    put_block(out, db, collection, 0, 0);
}

void test_build_eof(struct bm_buffer *out, const char *db, const char *collection, uint64_t crc)
{
    put_block(out, db, collection, 1, crc);
    test_build_terminator(out);
}

uint64_t test_build_crc(const struct bm_buffer *out, size_t start)
{
    return test_archive_crc(0, out->data + start, out->len - start);
}

struct bm_buffer test_build_example(void)
{
    struct bm_buffer out = TEST_ARCHIVE_INIT;
    test_build_start(&out, "7.0.0");
    test_build_entry(&out, "d", "c", "{\"indexes\":[],\"collectionName\":\"c\"}", "collection");
    test_build_terminator(&out);
    test_build_segment(&out, "d", "c");
    size_t start = out.len;
    test_build_document(&out, "{'_id': 1, 't': null}");
    test_build_document(&out, "{'_id': 2, 't': 'a'}");
    uint64_t crc = test_build_crc(&out, start);
    test_build_terminator(&out);
    test_build_eof(&out, "d", "c", crc);
    return out;
}

static void put_segment(struct bm_buffer *out, const char *collection, const char *json)
{
    test_build_segment(out, "d", collection);
    if (json != NULL) {
        test_build_document(out, json);
    }
    test_build_terminator(out);
}

static uint64_t crc_of(const char *first, const char *second)
{
    struct bm_buffer documents = TEST_ARCHIVE_INIT;
    test_build_document(&documents, first);
    if (second != NULL) {
        test_build_document(&documents, second);
    }
    uint64_t crc = test_build_crc(&documents, 0);
    bm_buffer_free(&documents);
    return crc;
}

struct bm_buffer test_build_interleaved(void)
{
    struct bm_buffer out = TEST_ARCHIVE_INIT;
    test_build_start(&out, "7.0.0");
    test_build_entry(&out, "d", "b", "{\"indexes\":[]}", "collection");
    test_build_entry(&out, "d", "v",
                     "{\"options\":{\"viewOn\":\"a\",\"pipeline\":[]},\"indexes\":[]}", "view");
    test_build_entry(&out, "d", "a", "", "collection");
    test_build_entry(&out, "d", "only.eof", "", "collection");
    test_build_terminator(&out);
    put_segment(&out, "a", "{'_id': 1}");
    put_segment(&out, "b", "{'_id': 1}");
    put_segment(&out, "v", NULL);
    put_segment(&out, "a", NULL);
    put_segment(&out, "a", "{'_id': 2}");
    test_build_eof(&out, "d", "v", 0);
    test_build_eof(&out, "d", "a", crc_of("{'_id': 1}", "{'_id': 2}"));
    test_build_eof(&out, "d", "only.eof", 0);
    test_build_eof(&out, "d", "b", crc_of("{'_id': 1}", NULL));
    return out;
}
