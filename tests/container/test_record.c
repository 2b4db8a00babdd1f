/* SPDX-License-Identifier: Apache-2.0 */
#include "container/record.h"

#include <criterion/criterion.h>

#include "support/archive_builder.h"
#include "support/archive_reader.h"
#include "support/bson_text.h"

static const struct bm_view digits = {(const uint8_t *)"123456789", 9};

Test(record, crc_check_values)
{
    cr_expect_eq(bm_record_crc(0, digits), UINT64_C(0x995DC9BBDF1939FA));
    cr_expect_eq(bm_record_crc(0, (struct bm_view){NULL, 0}), 0);
    /* In two parts it is the same as in one, and as bit by bit. */
    uint64_t half = bm_record_crc(0, (struct bm_view){digits.data, 4});
    cr_expect_eq(bm_record_crc(half, (struct bm_view){digits.data + 4, 5}),
                 UINT64_C(0x995DC9BBDF1939FA));
    cr_expect_eq(test_archive_crc(0, digits.data, digits.len), UINT64_C(0x995DC9BBDF1939FA));
}

/* Every record we make is what the builder of the tests makes. */
Test(record, writing)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer ours = TEST_ARCHIVE_INIT;
    const struct bm_record_header header = {.concurrent_collections = 1,
                                            .version = bm_view_text("0.1"),
                                            .server_version = bm_view_text("7.0.0"),
                                            .tool_version = bm_view_text("x")};
    const struct bm_record_metadata metadata = {
        .db = bm_view_text("d"),
        .collection = bm_view_text("c"),
        .metadata = bm_view_text("{\"indexes\":[],\"collectionName\":\"c\"}"),
        .type = bm_view_text("collection")};
    const struct bm_record_block block = {.db = bm_view_text("d"),
                                          .collection = bm_view_text("c"),
                                          .eof = 1,
                                          .crc = UINT64_C(0xb096cff76b47f941)};
    cr_assert_eq(bm_record_header_write(&header, &ours, &err), BM_OK);
    cr_assert_eq(bm_record_metadata_write(&metadata, &ours, &err), BM_OK);
    cr_assert_eq(bm_record_block_write(&block, &ours, &err), BM_OK);
    struct bm_buffer example = test_build_example();
    cr_assert_eq(example.len, 370);
    cr_expect_arr_eq(ours.data, example.data + 4, 96 + 114);
    cr_expect_arr_eq(ours.data + 210, example.data + 0x13a, 52);
    bm_buffer_free(&example);
    bm_buffer_free(&ours);
}

Test(record, reading_takes_absent_fields_for_zero)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer document = test_bson("{'db': 'd', 'collection': 'c'}");
    struct bm_record_block block;
    cr_assert_eq(bm_record_block_read(bm_buffer_view(&document), &block, &err), BM_OK);
    cr_expect_eq(block.eof, 0);
    cr_expect_eq(block.crc, 0);
    cr_expect_eq(block.crc_at, 0);
    struct bm_record_metadata metadata;
    cr_assert_eq(bm_record_metadata_read(bm_buffer_view(&document), &metadata, &err), BM_OK);
    cr_expect_eq(metadata.type.len, 0);
    cr_expect_eq(metadata.metadata.len, 0);
    bm_buffer_free(&document);
    document = test_bson("{'version': '0.1'}");
    struct bm_record_header header;
    cr_assert_eq(bm_record_header_read(bm_buffer_view(&document), &header, &err), BM_OK);
    cr_expect_eq(header.concurrent_collections, 0);
    cr_expect_eq(header.server_version.len, 0);
    bm_buffer_free(&document);
}

Test(record, wrong_types_are_damage)
{
    static const struct {
        const char *json;
        uint64_t at;
    } cases[] = {{"{'db': 1, 'collection': 'c'}", 4},
                 {"{'db': 'd', 'collection': null}", 14},
                 {"{'db': 'd', 'collection': 'c', 'EOF': 'x'}", 32},
                 {"{'db': 'd', 'collection': 'c', 'CRC': 1}", 32},
                 {"{'db': 'd', 'collection': ''}", 0},
                 {"{'db': 'd'}", 0},
                 {"{'db': 'd', 'collection': 'c', 'EOf': true}", 32}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer document = test_bson(cases[i].json);
        struct bm_record_block block;
        cr_expect_eq(bm_record_block_read(bm_buffer_view(&document), &block, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_CORRUPT, "%s", cases[i].json);
        cr_expect_eq(err.offset, cases[i].at, "%s", cases[i].json);
        bm_buffer_free(&document);
    }
}

static struct bm_buffer closed(const char *json, uint64_t crc)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer document = test_bson(json);
    struct bm_buffer out = TEST_ARCHIVE_INIT;
    cr_assert_eq(bm_record_block_close(bm_buffer_view(&document), crc, &out, &err), BM_OK);
    bm_buffer_free(&document);
    return out;
}

static void expect_closed(const char *json, uint64_t crc, const char *result)
{
    struct bm_buffer ours = closed(json, crc);
    struct bm_buffer wanted = test_bson(result);
    cr_expect(bm_view_equal(bm_buffer_view(&ours), bm_buffer_view(&wanted)), "%s", result);
    bm_buffer_free(&wanted);
    bm_buffer_free(&ours);
}

Test(record, closing_changes_only_the_checksum)
{
    static const char numbered[] =
        "{'db': 'd', 'CRC': {'$numberLong': '7'}, 'collection': 'c', 'EOF': true}";
    static const char sparse[] = "{'db': 'd', 'collection': 'c', 'EOF': true}";
    expect_closed(numbered, 7, numbered);
    expect_closed(numbered, UINT64_MAX,
                  "{'db': 'd', 'CRC': {'$numberLong': '-1'}, 'collection': 'c', 'EOF': true}");
    expect_closed(sparse, 0, sparse);
    expect_closed(sparse, 9,
                  "{'db': 'd', 'collection': 'c', 'EOF': true, 'CRC': {'$numberLong': '9'}}");
}

Test(record, another_metadata_text_leaves_the_rest)
{
    static const char *const cases[][2] = {
        {"{'db': 'd', 'collection': 'c', 'metadata': 'old', 'size': 0, 'type': 'view'}",
         "{'db': 'd', 'collection': 'c', 'metadata': 'newer', 'size': 0, 'type': 'view'}"},
        {"{'x': 1, 'metadata': '', 'collection': 'c', 'db': 'd'}",
         "{'x': 1, 'metadata': 'newer', 'collection': 'c', 'db': 'd'}"},
        {"{'db': 'd', 'collection': 'c'}",
         "{'db': 'd', 'collection': 'c', 'metadata': 'newer', 'size': 0, 'type': ''}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer document = test_bson(cases[i][0]);
        struct bm_buffer wanted = test_bson(cases[i][1]);
        struct bm_buffer out = TEST_ARCHIVE_INIT;
        cr_assert_eq(
            bm_record_metadata_change(bm_buffer_view(&document), bm_view_text("newer"), &out, &err),
            BM_OK);
        cr_expect(bm_view_equal(bm_buffer_view(&out), bm_buffer_view(&wanted)), "%s", cases[i][1]);
        bm_buffer_free(&out);
        bm_buffer_free(&wanted);
        bm_buffer_free(&document);
    }
}
