/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "container/record.h"
#include "support/archive_builder.h"
#include "support/archive_reader.h"
#include "support/bson_text.h"
#include "support/dump.h"
#include "support/scratch.h"
#include "support/streams.h"

/* What somebody who rewrites dumps must not get wrong, by the numbers of that list. */

static struct test_scratch scratch;

static void start(void)
{
    test_scratch_make(&scratch);
}

static void stop(void)
{
    test_scratch_remove(&scratch);
}

TestSuite(section7, .init = start, .fini = stop);

#define ONE TEST_TEXT("\x0e\0\0\0\x10_id\0\x01\0\0\0\0")

static void write_buffer(const char *name, struct bm_buffer *bytes)
{
    test_scratch_write(&scratch, name, bm_buffer_view(bytes));
    bm_buffer_free(bytes);
}

static void copy_as(const char *in, const char *out, enum bm_container container,
                    test_dump_editor editor)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct test_dump_copy copy = {.in = {.path = test_scratch_path(&scratch, in)},
                                        .out = {.path = test_scratch_path(&scratch, out),
                                                .container = container,
                                                .compression = {.codec = BM_CODEC_KEEP}},
                                        .editor = editor,
                                        .reread = 1};
    cr_assert_eq(test_dump_copy(&copy, &err), BM_OK, "%s: %s: %s", err.file, err.ns, err.text);
}

static void copy(const char *in, const char *out)
{
    copy_as(in, out, BM_CONTAINER_KEEP, NULL);
}

static void expect_same(const char *a, const char *b)
{
    char what[512];
    cr_expect(
        !test_dump_differ(test_scratch_path(&scratch, a), test_scratch_path(&scratch, b), what),
        "%s", what);
}

static struct test_archive check(const char *name)
{
    static struct test_archive archive;
    struct bm_buffer bytes = test_scratch_read(&scratch, name);
    cr_assert(test_archive_check(bytes.data, bytes.len, &archive), "%s at %zu", archive.error,
              archive.error_at);
    bm_buffer_free(&bytes);
    return archive;
}

/* { _id: 1, t: "longer than null" } in place of what came first. */
static const char replacement[] =
    "\x2a\0\0\0\x10_id\0\x01\0\0\0\x02t\0\x11\0\0\0longer than null\0";
#define REPLACEMENT_LEN (sizeof replacement)

static void replace_first(const struct bm_batch *batch, struct bm_edit *edit)
{
    if (batch->ordinal + edit->document == 0) {
        edit->verdict = BM_VERDICT_REPLACE;
        edit->bytes = (struct bm_view){(const uint8_t *)replacement, REPLACEMENT_LEN};
    }
}

static void drop_all(const struct bm_batch *batch, struct bm_edit *edit)
{
    (void)batch;
    edit->verdict = BM_VERDICT_DROP;
}

static void drop_first(const struct bm_batch *batch, struct bm_edit *edit)
{
    if (batch->ordinal + edit->document == 0) {
        edit->verdict = BM_VERDICT_DROP;
    }
}

Test(section7, row_01_crc_recomputed_for_changed_namespaces)
{
    static const test_dump_editor editors[] = {replace_first, drop_first, drop_all};
    static const size_t documents[] = {2, 1, 0};
    static const char *const names[] = {"replaced", "dropped", "emptied"};
    struct bm_buffer example = test_build_example();
    write_buffer("a", &example);
    for (size_t i = 0; i < 3; i++) {
        copy_as("a", names[i], BM_CONTAINER_KEEP, editors[i]);
        struct test_archive archive = check(names[i]);
        cr_expect_eq(archive.namespaces[0].documents, documents[i]);
        cr_expect_eq(archive.namespaces[0].segments, 1, "an emptied segment stays");
    }
    /* Nothing else in it changes: 8 bytes of checksum, in a place known from the format. */
    struct bm_buffer before = test_build_example();
    struct bm_buffer after = test_scratch_read(&scratch, "dropped");
    cr_assert_eq(after.len, before.len - 17);
    cr_expect_arr_eq(after.data, before.data, 0x10e);
    cr_expect_arr_eq(after.data + 0x10e, before.data + 0x11f, 0x165 - 0x11f);
    cr_expect_arr_eq(after.data + 0x165 + 8 - 17, before.data + 0x165 + 8, 370 - 0x165 - 8);
    bm_buffer_free(&after);
    bm_buffer_free(&before);
}

/* Deprecated types, a name twice, a NaN with a payload, invalid UTF-8, array names out of order. */
Test(section7, row_02_unchanged_documents_byte_for_byte)
{
    static const char odd[] = "\x61\0\0\0"
                              "\x06"
                              "u\0"
                              "\x0e"
                              "s\0\x03\0\0\0\xff\xfe\0"
                              "\x01"
                              "n\0\x01\0\0\0\0\0\xf8\xff"
                              "\x01"
                              "n\0\0\0\0\0\0\0\xf0\x80"
                              "\x04"
                              "a\0\x13\0\0\0\x10"
                              "7\0\x01\0\0\0\x10"
                              "7\0\x02\0\0\0\0"
                              "\x0c"
                              "p\0\x02\0\0\0x\0\0\1\2\3\4\5\6\7\10\11\12\13"
                              "\x08"
                              "b\0\x07";
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_append(&bytes, (struct bm_view){(const uint8_t *)odd, sizeof odd}, &err),
                 BM_OK);
    bm_put_le32(bytes.data, (uint32_t)bytes.len);
    cr_assert_eq(bm_buffer_append(&bytes, ONE, &err), BM_OK);
    test_scratch_write(&scratch, "dump/d/c.bson", bm_buffer_view(&bytes));
    copy("dump", "same");
    expect_same("dump", "same");
    copy_as("dump", "archive", BM_CONTAINER_ARCHIVE, NULL);
    copy_as("archive", "back", BM_CONTAINER_DIRECTORY, NULL);
    expect_same("dump/d/c.bson", "back/d/c.bson");
    copy_as("archive", "back.bson", BM_CONTAINER_BSON, NULL);
    expect_same("dump/d/c.bson", "back.bson");
    bm_buffer_free(&bytes);
}

/* A document of another length moves all that comes after it, and nothing else. */
Test(section7, row_03_another_length_keeps_the_framing)
{
    struct bm_buffer example = test_build_example();
    write_buffer("a", &example);
    copy_as("a", "b", BM_CONTAINER_KEEP, replace_first);
    struct bm_buffer after = test_scratch_read(&scratch, "b");
    struct bm_buffer before = test_build_example();
    cr_assert_eq(after.len, before.len - 17 + REPLACEMENT_LEN);
    cr_expect_arr_eq(after.data + 0x10e, replacement, REPLACEMENT_LEN);
    cr_expect_arr_eq(after.data + 0x10e + REPLACEMENT_LEN, before.data + 0x11f, 23);
    cr_expect_eq(check("b").namespaces[0].documents, 2);
    bm_buffer_free(&before);
    bm_buffer_free(&after);
}

/* What we make ourselves stays under the limit, or is refused. */
Test(section7, row_04_no_record_over_the_limit)
{
    struct bm_error err = BM_ERROR_INIT;
    size_t len = (size_t)16777216 - 60;
    uint8_t *text = malloc(len + 1000);
    cr_assert_not_null(text);
    memset(text, 'x', len + 1000);
    struct bm_buffer out = BM_BUFFER_INIT((size_t)64 << 20);
    struct bm_record_metadata record = {
        .db = bm_view_text("d"), .collection = bm_view_text("c"), .type = bm_view_text("")};
    cr_assert_eq(bm_record_metadata_write(&record, &out, &err), BM_OK);
    size_t overhead = out.len;
    bm_buffer_clear(&out);
    record.metadata = (struct bm_view){text, 16777216 - overhead};
    cr_expect_eq(bm_record_metadata_write(&record, &out, &err), BM_OK);
    cr_expect_eq(out.len, 16777216);
    bm_buffer_clear(&out);
    record.metadata.len++;
    cr_expect_eq(bm_record_metadata_write(&record, &out, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    bm_buffer_free(&out);
    free(text);
}

/* Oplog files may hold entries that no archive can. */
Test(section7, row_04_no_oplog_entry_over_the_limit_in_an_archive)
{
    size_t len = 16777217;
    uint8_t *entry = calloc(1, len);
    cr_assert_not_null(entry);
    bm_put_le32(entry, (uint32_t)len);
    test_scratch_write(&scratch, "dump/oplog.bson", (struct bm_view){entry, len});
    copy("dump", "same");
    expect_same("dump", "same");
    struct bm_error err = BM_ERROR_INIT;
    const struct test_dump_copy archive = {
        .in = {.path = test_scratch_path(&scratch, "dump")},
        .out = {.path = test_scratch_path(&scratch, "archive"), .container = BM_CONTAINER_ARCHIVE}};
    cr_expect_eq(test_dump_copy(&archive, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    cr_expect_str_eq(err.text, "an oplog entry of 16777217 bytes does not fit in an archive "
                               "(limit 16777216)");
    cr_expect_eq(err.offset, 0);
    free(entry);
}

/* An edit is written as it is given, in its place among its neighbours. */
Test(section7, row_05_an_edited_document_is_written_as_given)
{
    test_scratch_write(&scratch, "d/c.bson", ONE);
    copy_as("d/c.bson", "out.bson", BM_CONTAINER_KEEP, replace_first);
    struct bm_buffer out = test_scratch_read(&scratch, "out.bson");
    cr_assert_eq(out.len, REPLACEMENT_LEN);
    cr_expect_arr_eq(out.data, replacement, REPLACEMENT_LEN);
    bm_buffer_free(&out);
}

static void every_third(const struct bm_batch *batch, struct bm_edit *edit)
{
    if ((batch->ordinal + edit->document) % 3 == 0) {
        edit->verdict = BM_VERDICT_DROP;
    }
}

/* Ten thousand documents, a third away: the others stay in order and unharmed. */
Test(section7, row_06_no_other_document_is_touched)
{
    struct bm_buffer all = TEST_ARCHIVE_INIT;
    struct bm_buffer rest = TEST_ARCHIVE_INIT;
    struct bm_error err = BM_ERROR_INIT;
    uint8_t document[14] = "\x0e\0\0\0\x10_id\0\0\0\0\0";
    for (uint32_t i = 0; i < 10000; i++) {
        bm_put_le32(document + 9, i);
        struct bm_view view = {document, sizeof document};
        cr_assert_eq(bm_buffer_append(&all, view, &err), BM_OK);
        cr_assert(i % 3 == 0 || bm_buffer_append(&rest, view, &err) == BM_OK);
    }
    write_buffer("d/c.bson", &all);
    write_buffer("rest.bson", &rest);
    copy_as("d/c.bson", "out.bson", BM_CONTAINER_KEEP, every_third);
    expect_same("rest.bson", "out.bson");
    copy_as("d/c.bson", "archive", BM_CONTAINER_ARCHIVE, every_third);
    copy_as("archive", "back.bson", BM_CONTAINER_BSON, NULL);
    expect_same("rest.bson", "back.bson");
}

Test(section7, row_07_empty_namespaces_and_views_are_written_and_closed_once)
{
    test_scratch_write(&scratch, "dump/d/empty.bson", TEST_TEXT(""));
    test_scratch_write(&scratch, "dump/d/v.metadata.json",
                       TEST_TEXT("{\"options\":{\"viewOn\":\"c\",\"pipeline\":[]}}"));
    copy_as("dump", "archive", BM_CONTAINER_ARCHIVE, NULL);
    struct test_archive archive = check("archive");
    cr_expect_eq(archive.entries, 2);
    cr_expect_eq(archive.count, 2);
    cr_expect_eq(archive.namespaces[0].closed + archive.namespaces[1].closed, 2);
    copy("archive", "same");
    expect_same("archive", "same");
    copy_as("archive", "dir", BM_CONTAINER_DIRECTORY, NULL);
    cr_expect_eq(unlink(test_scratch_path(&scratch, "dir/prelude.json")), 0);
    expect_same("dump", "dir");
}

Test(section7, row_08_special_namespaces_first_oplog_last_none_reopened)
{
    test_scratch_write(&scratch, "dump/a/c.bson", ONE);
    test_scratch_write(&scratch, "dump/a/system.indexes.bson", ONE);
    test_scratch_write(&scratch, "dump/a/$admin.system.roles.bson", ONE);
    test_scratch_write(&scratch, "dump/admin/system.users.bson", ONE);
    test_scratch_write(&scratch, "dump/admin/system.roles.bson", ONE);
    test_scratch_write(&scratch, "dump/admin/system.version.bson", ONE);
    test_scratch_write(&scratch, "dump/oplog.bson", ONE);
    copy_as("dump", "archive", BM_CONTAINER_ARCHIVE, NULL);
    struct test_archive archive = check("archive");
    static const char *const order[] = {"admin.system.users",
                                        "admin.system.roles",
                                        "admin.system.version",
                                        "a.$admin.system.roles",
                                        "a.system.indexes",
                                        "a.c",
                                        ".oplog"};
    cr_assert_eq(archive.count, 7);
    for (size_t i = 0; i < 7; i++) {
        cr_expect_str_eq(archive.namespaces[i].name, order[i]);
        cr_expect_eq(archive.namespaces[i].closed_at, i);
    }
    cr_expect_leq(archive.most_open, (size_t)archive.concurrent);
}

/* The dump's own version goes into the header, and the names of buckets follow it. */
Test(section7, row_09_names_of_buckets_and_the_servers_version)
{
    static const struct {
        const char *prelude;
        const char *data;
        const char *version;
        const char *body;
    } cases[] = {
        {"{\"ServerVersion\":\"7.0.16\"}", "system.buckets.s", "7.0.16", "d.system.buckets.s"},
        {"{\"ServerVersion\":\"8.3.0\"}", "s", "8.3.0", "d.s"},
        {"{\"ServerVersion\":\"unknown\"}", "system.buckets.s", "0.0.0", "d.system.buckets.s"},
    };
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        char in[32];
        char out[32];
        snprintf(in, sizeof in, "dump%zu", i);
        snprintf(out, sizeof out, "archive%zu", i);
        snprintf(name, sizeof name, "%s/d/%s.bson", in, cases[i].data);
        test_scratch_write(&scratch, name, ONE);
        snprintf(name, sizeof name, "%s/d/s.metadata.json", in);
        test_scratch_write(&scratch, name,
                           TEST_TEXT("{\"options\":{\"timeseries\":{\"timeField\":\"t\"}}}"));
        snprintf(name, sizeof name, "%s/prelude.json", in);
        test_scratch_write(&scratch, name, bm_view_text(cases[i].prelude));
        copy_as(in, out, BM_CONTAINER_ARCHIVE, NULL);
        struct test_archive archive = check(out);
        cr_expect_str_eq(archive.server_version, cases[i].version);
        cr_expect_str_eq(archive.entry[0], "d.s timeseries");
        cr_expect_str_eq(archive.namespaces[0].name, cases[i].body);
    }
}

Test(section7, row_10_sparse_headers_stay_sparse)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    test_build_magic(&bytes);
    test_build_document(&bytes, "{'version': '0.1', 'server_version': '3.2.22'}");
    test_build_document(&bytes, "{'db': 'd', 'collection': 'c', 'metadata': '', 'size': 0}");
    test_build_document(&bytes, "{'db': 'd', 'collection': 'e'}");
    test_build_terminator(&bytes);
    test_build_document(&bytes, "{'db': 'd', 'collection': 'c'}");
    size_t documents = bytes.len;
    test_build_document(&bytes, "{'_id': 1}");
    uint64_t crc = test_build_crc(&bytes, documents);
    test_build_terminator(&bytes);
    char eof[160];
    snprintf(eof, sizeof eof,
             "{'db': 'd', 'collection': 'c', 'EOF': true, 'CRC': {'$numberLong': '%lld'}}",
             (long long)crc);
    test_build_document(&bytes, eof);
    test_build_terminator(&bytes);
    test_build_document(&bytes, "{'db': 'd', 'collection': 'e', 'EOF': true}");
    test_build_terminator(&bytes);
    write_buffer("a", &bytes);
    check("a");
    copy("a", "same");
    expect_same("a", "same");
    copy_as("a", "emptied", BM_CONTAINER_KEEP, drop_all);
    cr_expect_eq(check("emptied").namespaces[0].crc, 0);
}

Test(section7, row_11_a_terminator_is_no_length)
{
    struct bm_buffer bytes = test_build_example();
    test_scratch_write(&scratch, "a", bm_buffer_view(&bytes));
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "a"), .chunk = 1};
    cr_expect_eq(test_dump_events(&in, &log, &err), BM_END, "%s", err.text);
    bytes.data[0x136] = 0xfe; /* -2 is one */
    test_scratch_write(&scratch, "a", bm_buffer_view(&bytes));
    cr_expect_eq(test_dump_events(&in, &log, &err), BM_FAIL);
    cr_expect_str_eq(err.text, "-2 is neither a valid BSON length nor an archive terminator");
    bm_buffer_free(&log);
    bm_buffer_free(&bytes);
}

/* What the server owns is told apart by its kind, and goes through as it is. */
Test(section7, row_12_system_data_goes_through)
{
    static const struct {
        const char *file;
        enum bm_namespace_kind kind;
    } cases[] = {{"admin/system.users.bson", BM_NAMESPACE_SYSTEM},
                 {"config/shards.bson", BM_NAMESPACE_SYSTEM},
                 {"d/$admin.system.users.bson", BM_NAMESPACE_SYSTEM},
                 {"d/c.bson", BM_NAMESPACE_COLLECTION},
                 {"d/system.buckets.s.bson", BM_NAMESPACE_TIMESERIES},
                 {"d/system.indexes.bson", BM_NAMESPACE_INDEXES},
                 {"d/system.js.bson", BM_NAMESPACE_SYSTEM},
                 {"oplog.bson", BM_NAMESPACE_OPLOG}};
    for (size_t i = 0; i < 8; i++) {
        char name[64];
        snprintf(name, sizeof name, "dump/%s", cases[i].file);
        test_scratch_write(&scratch, name, ONE);
    }
    copy("dump", "same");
    expect_same("dump", "same");
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "dump")};
    struct bm_source *source = bm_source_new(&in, &err);
    const struct bm_catalog *catalog = bm_source_catalog(source);
    size_t seen[BM_NAMESPACE_OPLOG + 1] = {0};
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        seen[bm_catalog_namespace(catalog, i)->kind]++;
    }
    cr_expect_eq(seen[BM_NAMESPACE_COLLECTION], 1);
    cr_expect_eq(seen[BM_NAMESPACE_SYSTEM], 4);
    cr_expect_eq(seen[BM_NAMESPACE_TIMESERIES], 1);
    cr_expect_eq(seen[BM_NAMESPACE_INDEXES], 1);
    cr_expect_eq(seen[BM_NAMESPACE_OPLOG], 1);
    bm_source_free(source);
}

/* As written by tools of three ages, and one with its name cut. */
Test(section7, row_13_file_names_stay)
{
    char cut[300];
    char metadata[320];
    memset(cut, 'a', sizeof cut);
    memcpy(cut, "dump/d/", 7);
    memcpy(cut + 7 + 208, "%24", 3);
    snprintf(metadata, sizeof metadata, "%.245s.metadata.json", cut);
    snprintf(cut + 245, sizeof cut - 245, ".bson");
    test_scratch_write(&scratch, "dump/d/with space.bson", ONE);
    test_scratch_write(&scratch, "dump/d/a$b&c.bson", ONE);
    test_scratch_write(&scratch, "dump/d/a%20b.bson", ONE);
    test_scratch_write(&scratch, "dump/d/caf%c3%a9.bson", ONE);
    test_scratch_write(&scratch, "dump/d/x.bin", ONE);
    test_scratch_write(&scratch, cut, ONE);
    test_scratch_write(&scratch, metadata, TEST_TEXT("{\"collectionName\":\"a long one\"}"));
    copy("dump", "same");
    expect_same("dump", "same");
}

Test(section7, row_14_gzip_layout_stays)
{
    struct bm_buffer empty = BM_BUFFER_INIT(1 << 20);
    struct bm_buffer two = BM_BUFFER_INIT(1 << 20);
    const struct bm_compression gzip = {BM_CODEC_GZIP, 1};
    test_stream_encode(TEST_TEXT(""), gzip, 0, &empty);
    test_stream_encode(ONE, gzip, 0, &two); /* one member, and another behind it */
    test_stream_encode(ONE, gzip, 0, &two);
    test_scratch_write(&scratch, "dump/d/empty.bson.gz", bm_buffer_view(&empty));
    test_scratch_write(&scratch, "dump/d/c.bson.gz", bm_buffer_view(&two));
    test_scratch_write(&scratch, "dump/oplog.bson", bm_buffer_view(&two));
    copy("dump", "same");
    expect_same("dump", "same");
    static const char *const names[] = {"same/d/empty.bson.gz", "same/d/c.bson.gz",
                                        "same/oplog.bson"};
    for (size_t i = 0; i < 3; i++) {
        struct bm_buffer file = test_scratch_read(&scratch, names[i]);
        cr_assert_geq(file.len, 18, "a whole member");
        cr_expect_arr_eq(file.data, "\x1f\x8b", 2);
        bm_buffer_free(&file);
    }
    bm_buffer_free(&empty);
    bm_buffer_free(&two);
}

/* While it is made and afterwards, nothing lies where mongorestore would read it. */
Test(section7, row_15_nothing_extra_in_the_output)
{
    test_scratch_write(&scratch, "dump/d/c.bson", ONE);
    copy("dump", "out");
    cr_expect_eq(test_scratch_count(&scratch, ""), 2);
    cr_expect_eq(test_scratch_count(&scratch, "out"), 1);
    cr_expect_eq(test_scratch_count(&scratch, "out/d"), 1);
}

/* Copied byte for byte, readable or not; a new text changes nothing around it. */
Test(section7, row_16_metadata_stays_or_is_what_was_asked_for)
{
    static const char text[] = "{ \"indexes\" : [ ],\n \"uuid\":\"00\" }\n";
    test_scratch_write(&scratch, "dump/d/c.bson", ONE);
    test_scratch_write(&scratch, "dump/d/c.metadata.json", bm_view_text(text));
    test_scratch_write(&scratch, "dump/d/e.metadata.json", bm_view_text(text));
    copy("dump", "same");
    expect_same("dump", "same");
    static const struct bm_view texts[2] = {{(const uint8_t *)"{\"indexes\":[]}", 14}, {NULL, 0}};
    static const enum bm_container kinds[] = {BM_CONTAINER_DIRECTORY, BM_CONTAINER_ARCHIVE};
    static const char *const names[] = {"changed", "archive"};
    for (size_t i = 0; i < 2; i++) {
        struct bm_error err = BM_ERROR_INIT;
        const struct test_dump_copy change = {.in = {.path = test_scratch_path(&scratch, "dump")},
                                              .out = {.path = test_scratch_path(&scratch, names[i]),
                                                      .container = kinds[i],
                                                      .compression = {.codec = BM_CODEC_KEEP},
                                                      .metadata = texts},
                                              .reread = 1};
        cr_assert_eq(test_dump_copy(&change, &err), BM_OK, "%s", err.text);
    }
    copy_as("archive", "back", BM_CONTAINER_DIRECTORY, NULL);
    expect_same("changed/d/c.metadata.json", "back/d/c.metadata.json");
    expect_same("changed/d/e.metadata.json", "dump/d/e.metadata.json");
    expect_same("back/d/e.metadata.json", "dump/d/e.metadata.json");
    struct bm_buffer changed = test_scratch_read(&scratch, "changed/d/c.metadata.json");
    cr_assert_eq(changed.len, 14);
    cr_expect_arr_eq(changed.data, "{\"indexes\":[]}", 14);
    bm_buffer_free(&changed);
}

/* Also inside an archive, whose other entries stay the same bytes. */
Test(section7, row_16_metadata_of_an_archive)
{
    struct bm_buffer example = test_build_example();
    write_buffer("a", &example);
    static const struct bm_view texts[1] = {{(const uint8_t *)"{}", 2}};
    struct bm_error err = BM_ERROR_INIT;
    const struct test_dump_copy change = {.in = {.path = test_scratch_path(&scratch, "a")},
                                          .out = {.path = test_scratch_path(&scratch, "b"),
                                                  .container = BM_CONTAINER_KEEP,
                                                  .compression = {.codec = BM_CODEC_KEEP},
                                                  .metadata = texts},
                                          .reread = 1};
    cr_assert_eq(test_dump_copy(&change, &err), BM_OK, "%s", err.text);
    struct bm_buffer before = test_build_example();
    struct bm_buffer after = test_scratch_read(&scratch, "b");
    cr_assert_eq(after.len, before.len - 33);
    cr_expect_arr_eq(after.data, before.data, 0x64);
    cr_expect_eq(bm_le32(after.data + 0x64), 114 - 33);
    cr_expect_arr_eq(after.data + 0x8d, "{}", 3);
    cr_expect_arr_eq(after.data + 0xb6 - 33, before.data + 0xb6, before.len - 0xb6);
    check("b");
    bm_buffer_free(&before);
    bm_buffer_free(&after);
}

Test(section7, row_17_metadata_of_all_ages_and_none)
{
    static const struct {
        const char *text;
        enum bm_metadata_state state;
        size_t indexes;
    } cases[] = {
        {"{\"options\":{},\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\",\"ns\":"
         "\"d.c\"},{\"v\":2,\"unique\":true,\"key\":{\"t\":1.0},\"name\":\"t_1\",\"ns\":\"d.c\"}]}",
         BM_METADATA_READ, 2},
        {"{\"indexes\":[{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":\"1\"}},"
         "\"name\":\"_id_\"},{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"t\":{\"$numberInt\":\"1\"}},"
         "\"name\":\"t_1\",\"unique\":true}],\"collectionName\":\"c\",\"type\":\"collection\"}",
         BM_METADATA_READ, 2},
        {"", BM_METADATA_ABSENT, 1},
        {"{\"indexes\":[{\"key\":{\"a\"b\":1}}]}", BM_METADATA_UNREADABLE, 1},
    };
    for (size_t i = 0; i < 4; i++) {
        test_scratch_write(&scratch, "dump/d/c.bson", ONE);
        test_scratch_write(&scratch, "dump/d/c.metadata.json", bm_view_text(cases[i].text));
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options in = {.path = test_scratch_path(&scratch, "dump")};
        struct bm_source *source = bm_source_new(&in, &err);
        cr_assert_not_null(source, "%s", err.text);
        const struct bm_namespace *ns = bm_catalog_namespace(bm_source_catalog(source), 0);
        cr_expect_eq(ns->metadata_state, cases[i].state);
        cr_expect_eq(ns->index_count, cases[i].indexes);
        cr_expect_eq(bm_source_about(source)->warning_count,
                     cases[i].state == BM_METADATA_UNREADABLE);
        bm_source_free(source);
        char out[16];
        snprintf(out, sizeof out, "out%zu", i);
        copy("dump", out);
        expect_same("dump", out);
    }
}

/* Cut anywhere, no finished output and no name that looks like one. */
Test(section7, row_22_a_cut_dump_never_looks_whole)
{
    struct bm_buffer example = test_build_example();
    for (size_t len = 1; len < example.len; len++) {
        test_scratch_write(&scratch, "a", (struct bm_view){example.data, len});
        struct bm_error err = BM_ERROR_INIT;
        const struct test_dump_copy cut = {.in = {.path = test_scratch_path(&scratch, "a")},
                                           .out = {.path = test_scratch_path(&scratch, "b"),
                                                   .container = BM_CONTAINER_KEEP,
                                                   .compression = {.codec = BM_CODEC_KEEP}}};
        cr_expect_eq(test_dump_copy(&cut, &err), BM_FAIL, "%zu", len);
        cr_expect_eq(err.code, BM_ERROR_TRUNCATED, "%zu: %s", len, err.text);
        cr_expect_eq(test_scratch_count(&scratch, ""), 1, "%zu", len);
    }
    bm_buffer_free(&example);
}

/* An element of no known type inside a whole document goes through; a wrong length stops. */
Test(section7, row_23_damage_inside_passes_broken_framing_stops)
{
    test_scratch_write(&scratch, "dump/d/c.bson",
                       TEST_TEXT("\x0e\0\0\0\xaa_id\0\x01\0\0\0\0\x0e\0\0\0\x10_id\0\x02\0\0\0\0"));
    copy("dump", "same");
    expect_same("dump", "same");
    test_scratch_write(&scratch, "dump/d/c.bson",
                       TEST_TEXT("\x0d\0\0\0\xaa_id\0\x01\0\0\0\0\x0e\0\0\0\x10_id\0\x02\0\0\0\0"));
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "dump")};
    cr_expect_eq(test_dump_events(&in, &log, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    bm_buffer_free(&log);
}

Test(section7, row_24_odd_names)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    test_build_start(&bytes, "7.0.0");
    static const char *const names[][2] = {{"", "oplog"}, {"d", "with.dots"}, {"d", "a\nb"}};
    for (size_t i = 0; i < 3; i++) {
        test_build_entry(&bytes, names[i][0], names[i][1], "", "");
    }
    test_build_terminator(&bytes);
    for (size_t i = 3; i-- > 0;) {
        test_build_segment(&bytes, names[i][0], names[i][1]);
        test_build_terminator(&bytes);
        test_build_eof(&bytes, names[i][0], names[i][1], 0);
    }
    write_buffer("a", &bytes);
    copy("a", "same");
    expect_same("a", "same");
    copy_as("a", "dir", BM_CONTAINER_DIRECTORY, NULL);
    static const char *const files[] = {"dir/oplog.bson", "dir/d/with.dots.bson",
                                        "dir/d/a%0Ab.bson"};
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(access(test_scratch_path(&scratch, files[i]), F_OK), 0, "%s", files[i]);
    }
    copy_as("dir", "back", BM_CONTAINER_ARCHIVE, NULL);
    struct test_archive archive = check("back");
    cr_expect_not_null(test_archive_find(&archive, ".oplog"));
    cr_expect_not_null(test_archive_find(&archive, "d.with.dots"));
    cr_expect_not_null(test_archive_find(&archive, "d.a\nb"));
}

Test(section7, row_25_a_raw_stream_must_be_named)
{
    struct bm_error err = BM_ERROR_INIT;
    test_dump_pipe_in(ONE);
    const struct bm_source_options in = {.path = NULL};
    cr_expect_null(bm_source_new(&in, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    err = BM_ERROR_INIT;
    test_dump_pipe_in(ONE);
    const struct bm_source_options named = {.db = "d", .collection = "c"};
    struct bm_source *source = bm_source_new(&named, &err);
    cr_assert_not_null(source, "%s", err.text);
    const struct bm_namespace *ns = bm_catalog_namespace(bm_source_catalog(source), 0);
    cr_expect_str_eq(ns->ns, "d.c");
    cr_expect_eq(ns->metadata_state, BM_METADATA_ABSENT);
    cr_expect_eq(ns->index_count, 1, "its _id alone");
    bm_source_free(source);
}
