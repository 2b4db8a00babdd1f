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
#include "support/streams.h"
#include "support/trial.h"

/* What somebody who rewrites dumps must not get wrong, by the numbers of that list. */

#define ROW(name) Test(section7, name, .init = test_trial_start, .fini = test_trial_stop)

/* { _id: 1, t: "longer than null" } in place of what came first. */
static const char replacement[] =
    "\x26\0\0\0\x10_id\0\x01\0\0\0\x02t\0\x11\0\0\0longer than null\0";
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

ROW(row_01_crc_recomputed_for_changed_namespaces)
{
    static const test_dump_editor editors[] = {replace_first, drop_first, drop_all};
    static const size_t documents[] = {2, 1, 0};
    static const char *const names[] = {"replaced", "dropped", "emptied"};
    struct bm_buffer example = test_build_example();
    test_trial_put("a", &example);
    for (size_t i = 0; i < 3; i++) {
        test_trial_pass("a", names[i], BM_CONTAINER_KEEP, editors[i]);
        struct test_archive archive = test_trial_archive(names[i]);
        cr_expect_eq(archive.namespaces[0].documents, documents[i]);
        cr_expect_eq(archive.namespaces[0].segments, 1, "an emptied segment stays");
    }
    /* Nothing else in it changes: 8 bytes of checksum, in a place known from the format. */
    struct bm_buffer before = test_build_example();
    struct bm_buffer after = test_trial_read("dropped");
    cr_assert_eq(after.len, before.len - 17);
    cr_expect_arr_eq(after.data, before.data, 0x10e);
    cr_expect_arr_eq(after.data + 0x10e, before.data + 0x11f, 0x165 - 0x11f);
    cr_expect_arr_eq(after.data + 0x165 + 8 - 17, before.data + 0x165 + 8, 370 - 0x165 - 8);
    bm_buffer_free(&after);
    bm_buffer_free(&before);
}

/* Deprecated types, a name twice, a NaN with a payload, invalid UTF-8, array names out of order. */
ROW(row_02_unchanged_documents_byte_for_byte)
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
    cr_assert_eq(bm_buffer_append(&bytes, TEST_ONE, &err), BM_OK);
    test_trial_write("dump/d/c.bson", bm_buffer_view(&bytes));
    test_trial_pass("dump", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("dump", "same");
    test_trial_pass("dump", "archive", BM_CONTAINER_ARCHIVE, NULL);
    test_trial_pass("archive", "back", BM_CONTAINER_DIRECTORY, NULL);
    test_trial_same("dump/d/c.bson", "back/d/c.bson");
    test_trial_pass("archive", "back.bson", BM_CONTAINER_BSON, NULL);
    test_trial_same("dump/d/c.bson", "back.bson");
    bm_buffer_free(&bytes);
}

/* A document of another length moves all that comes after it, and nothing else. */
ROW(row_03_another_length_keeps_the_framing)
{
    struct bm_buffer example = test_build_example();
    test_trial_put("a", &example);
    test_trial_pass("a", "b", BM_CONTAINER_KEEP, replace_first);
    struct bm_buffer after = test_trial_read("b");
    struct bm_buffer before = test_build_example();
    cr_assert_eq(after.len, before.len - 17 + REPLACEMENT_LEN);
    cr_expect_arr_eq(after.data + 0x10e, replacement, REPLACEMENT_LEN);
    cr_expect_arr_eq(after.data + 0x10e + REPLACEMENT_LEN, before.data + 0x11f, 23);
    cr_expect_eq(test_trial_archive("b").namespaces[0].documents, 2);
    bm_buffer_free(&before);
    bm_buffer_free(&after);
}

/* What we make ourselves stays under the limit, or is refused. */
ROW(row_04_no_record_over_the_limit)
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
ROW(row_04_no_oplog_entry_over_the_limit_in_an_archive)
{
    size_t len = 16777217;
    uint8_t *entry = calloc(1, len);
    cr_assert_not_null(entry);
    bm_put_le32(entry, (uint32_t)len);
    test_trial_write("dump/oplog.bson", (struct bm_view){entry, len});
    test_trial_pass("dump", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("dump", "same");
    struct bm_error err = BM_ERROR_INIT;
    const struct test_dump_copy archive = {
        .in = {.path = test_trial_path("dump")},
        .out = {.path = test_trial_path("archive"), .container = BM_CONTAINER_ARCHIVE}};
    cr_expect_eq(test_dump_copy(&archive, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    cr_expect_str_eq(err.text, "an oplog entry of 16777217 bytes does not fit in an archive "
                               "(limit 16777216)");
    cr_expect_eq(err.offset, 0);
    free(entry);
}

/* Nor any other document, in whatever collection: mongorestore stops at its length. */
ROW(row_04_no_document_over_the_limit_in_an_archive)
{
    size_t len = 16777217;
    uint8_t *documents = calloc(1, 5 + len);
    cr_assert_not_null(documents);
    bm_put_le32(documents, 5);
    bm_put_le32(documents + 5, (uint32_t)len);
    struct bm_view both = {documents, 5 + len};
    test_trial_write("dump/d/c.bson", both);
    struct bm_buffer archive = TEST_ARCHIVE_INIT;
    struct bm_error none = BM_ERROR_INIT;
    test_build_start(&archive, "7.0.0");
    test_build_entry(&archive, "d", "c", "", "collection");
    test_build_terminator(&archive);
    test_build_segment(&archive, "d", "c");
    size_t start = archive.len;
    cr_assert_eq(bm_buffer_append(&archive, both, &none), BM_OK);
    uint64_t crc = test_build_crc(&archive, start);
    test_build_terminator(&archive);
    test_build_eof(&archive, "d", "c", crc);
    test_trial_put("dump/archive", &archive);
    const struct {
        const char *in;
        uint64_t offset;
    } cases[] = {{"dump/d", 5}, {"dump/d/c.bson", 5}, {"dump/archive", start + 5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct test_dump_copy copy = test_trial_copy(cases[i].in, "out");
        copy.out.container = BM_CONTAINER_ARCHIVE;
        cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL, "%s", cases[i].in);
        cr_expect_eq(err.code, BM_ERROR_VIOLATION);
        cr_expect_str_eq(err.ns, "d.c");
        cr_expect_str_eq(err.text, "a document of 16777217 bytes does not fit in an archive "
                                   "(limit 16777216)");
        cr_expect_eq(err.offset, cases[i].offset);
        cr_expect_eq(test_trial_count(""), 1, "nothing is left");
        /* To a descriptor it is told before the end is written, which is then spoiled. */
        err = BM_ERROR_INIT;
        copy.reread = 0;
        copy.out.path = NULL;
        copy.out.fd = test_dump_out("/dev/null");
        cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_VIOLATION);
        close(copy.out.fd);
    }
    free(documents);
}

/* An edit is written as it is given, in its place among its neighbours. */
ROW(row_05_an_edited_document_is_written_as_given)
{
    test_trial_write("d/c.bson", TEST_ONE);
    test_trial_pass("d/c.bson", "out.bson", BM_CONTAINER_KEEP, replace_first);
    struct bm_buffer out = test_trial_read("out.bson");
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
ROW(row_06_no_other_document_is_touched)
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
    test_trial_put("d/c.bson", &all);
    test_trial_put("rest.bson", &rest);
    test_trial_pass("d/c.bson", "out.bson", BM_CONTAINER_KEEP, every_third);
    test_trial_same("rest.bson", "out.bson");
    test_trial_pass("d/c.bson", "archive", BM_CONTAINER_ARCHIVE, every_third);
    test_trial_pass("archive", "back.bson", BM_CONTAINER_BSON, NULL);
    test_trial_same("rest.bson", "back.bson");
}

ROW(row_07_empty_namespaces_and_views_are_written_and_closed_once)
{
    test_trial_write("dump/d/empty.bson", TEST_TEXT(""));
    test_trial_write("dump/d/v.metadata.json",
                     TEST_TEXT("{\"options\":{\"viewOn\":\"c\",\"pipeline\":[]}}"));
    test_trial_pass("dump", "archive", BM_CONTAINER_ARCHIVE, NULL);
    struct test_archive archive = test_trial_archive("archive");
    cr_expect_eq(archive.entries, 2);
    cr_expect_eq(archive.count, 2);
    cr_expect_eq(archive.namespaces[0].closed + archive.namespaces[1].closed, 2);
    test_trial_pass("archive", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("archive", "same");
    test_trial_pass("archive", "dir", BM_CONTAINER_DIRECTORY, NULL);
    cr_expect_eq(unlink(test_trial_path("dir/prelude.json")), 0);
    test_trial_same("dump", "dir");
}

ROW(row_08_special_namespaces_first_oplog_last_none_reopened)
{
    test_trial_write("dump/a/c.bson", TEST_ONE);
    test_trial_write("dump/a/system.indexes.bson", TEST_ONE);
    test_trial_write("dump/a/$admin.system.roles.bson", TEST_ONE);
    test_trial_write("dump/admin/system.users.bson", TEST_ONE);
    test_trial_write("dump/admin/system.roles.bson", TEST_ONE);
    test_trial_write("dump/admin/system.version.bson", TEST_ONE);
    test_trial_write("dump/oplog.bson", TEST_ONE);
    test_trial_pass("dump", "archive", BM_CONTAINER_ARCHIVE, NULL);
    struct test_archive archive = test_trial_archive("archive");
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
ROW(row_09_names_of_buckets_and_the_servers_version)
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
        test_trial_write(name, TEST_ONE);
        snprintf(name, sizeof name, "%s/d/s.metadata.json", in);
        test_trial_write(name, TEST_TEXT("{\"options\":{\"timeseries\":{\"timeField\":\"t\"}}}"));
        snprintf(name, sizeof name, "%s/prelude.json", in);
        test_trial_write(name, bm_view_text(cases[i].prelude));
        test_trial_pass(in, out, BM_CONTAINER_ARCHIVE, NULL);
        struct test_archive archive = test_trial_archive(out);
        cr_expect_str_eq(archive.server_version, cases[i].version);
        cr_expect_str_eq(archive.entry[0], "d.s timeseries");
        cr_expect_str_eq(archive.namespaces[0].name, cases[i].body);
    }
}

ROW(row_10_sparse_headers_stay_sparse)
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
    test_trial_put("a", &bytes);
    test_trial_archive("a");
    test_trial_pass("a", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("a", "same");
    test_trial_pass("a", "emptied", BM_CONTAINER_KEEP, drop_all);
    cr_expect_eq(test_trial_archive("emptied").namespaces[0].crc, 0);
}

ROW(row_11_a_terminator_is_no_length)
{
    struct bm_buffer bytes = test_build_example();
    test_trial_write("a", bm_buffer_view(&bytes));
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_trial_path("a"), .chunk = 1};
    cr_expect_eq(test_dump_events(&in, &log, &err), BM_END, "%s", err.text);
    bytes.data[0x136] = 0xfe; /* -2 is one */
    test_trial_write("a", bm_buffer_view(&bytes));
    cr_expect_eq(test_dump_events(&in, &log, &err), BM_FAIL);
    cr_expect_str_eq(err.text, "-2 is neither a valid BSON length nor an archive terminator");
    bm_buffer_free(&log);
    bm_buffer_free(&bytes);
}
