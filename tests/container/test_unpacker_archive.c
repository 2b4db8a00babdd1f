/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/bytes.h"
#include "support/archive_builder.h"
#include "support/archive_reader.h"
#include "support/dump.h"
#include "support/scratch.h"

static struct test_scratch scratch;

static void start(void)
{
    test_scratch_make(&scratch);
}

static void stop(void)
{
    test_scratch_remove(&scratch);
}

/* Events of an archive in memory; *log is NUL-terminated. */
static enum bm_status read_archive(struct bm_view bytes, size_t chunk, struct bm_buffer *log,
                                   struct bm_error *err)
{
    test_scratch_write(&scratch, "a", bytes);
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "a"), .chunk = chunk};
    bm_buffer_clear(log);
    return test_dump_events(&in, log, err);
}

static void expect_events(const struct bm_buffer *bytes, const char *events)
{
    static const size_t chunks[] = {1, 2, 3, 7, 4096, 0};
    struct bm_buffer log = TEST_ARCHIVE_INIT;
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(read_archive(bm_buffer_view(bytes), chunks[i], &log, &err), BM_END, "%s",
                     err.text);
        /* Small reads make more and smaller batches. */
        if (chunks[i] == 0 || chunks[i] == 4096) {
            cr_expect_str_eq((const char *)log.data, events);
        }
    }
    bm_buffer_free(&log);
}

TestSuite(unpacker_archive, .init = start, .fini = stop);

Test(unpacker_archive, example)
{
    struct bm_buffer bytes = test_build_example();
    expect_events(&bytes, "begin d.c\nsegment d.c\nbatch d.c 2 #0 @270\nend d.c\nover\n");
    bm_buffer_free(&bytes);
}

Test(unpacker_archive, without_namespaces)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    test_build_start(&bytes, "7.0.0");
    test_build_terminator(&bytes);
    expect_events(&bytes, "over\n");
    bm_buffer_free(&bytes);
}

Test(unpacker_archive, interleaved_segments)
{
    struct bm_buffer bytes = test_build_interleaved();
    struct test_archive check;
    cr_assert(test_archive_check(bytes.data, bytes.len, &check), "%s", check.error);
    cr_expect_eq(check.most_open, 3);
    struct bm_buffer log = TEST_ARCHIVE_INIT;
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(read_archive(bm_buffer_view(&bytes), 0, &log, &err), BM_END, "%s", err.text);
    char *at = strchr((char *)log.data, '@');
    cr_assert_not_null(at);
    unsigned long long first = 0;
    cr_assert_eq(sscanf(at, "@%llu", &first), 1);
    char wanted[512];
    snprintf(wanted, sizeof wanted,
             "begin d.a\nsegment d.a\nbatch d.a 1 #0 @%llu\n"
             "begin d.b\nsegment d.b\nbatch d.b 1 #0 @%llu\n"
             "begin d.v\nsegment d.v\nsegment d.a\n"
             "segment d.a\nbatch d.a 1 #1 @%llu\n"
             "end d.v\nend d.a\nbegin d.only.eof\nend d.only.eof\nend d.b\nover\n",
             first, first + 14 + 4 + 52, first + 14 + 4 + 52 + 14 + 4 + 56 + 56 + 52);
    cr_expect_str_eq((const char *)log.data, wanted);
    bm_buffer_free(&log);
    bm_buffer_free(&bytes);
}

/* Old tools leave fields out that are zero. */
Test(unpacker_archive, sparse_headers)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    test_build_magic(&bytes);
    test_build_document(&bytes, "{'version': '0.1', 'server_version': '3.2.22'}");
    test_build_document(&bytes, "{'db': 'd', 'collection': 'c', 'metadata': '', 'size': 0}");
    test_build_terminator(&bytes);
    test_build_document(&bytes, "{'db': 'd', 'collection': 'c'}");
    test_build_terminator(&bytes);
    test_build_document(&bytes, "{'db': 'd', 'collection': 'c', 'EOF': true}");
    test_build_terminator(&bytes);
    expect_events(&bytes, "begin d.c\nsegment d.c\nend d.c\nover\n");
    bm_buffer_free(&bytes);
}

Test(unpacker_archive, the_oplog_has_no_database)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    test_build_start(&bytes, "7.0.0");
    test_build_entry(&bytes, "", "oplog", "", "");
    test_build_terminator(&bytes);
    test_build_segment(&bytes, "", "oplog");
    test_build_terminator(&bytes);
    test_build_eof(&bytes, "", "oplog", 0);
    expect_events(&bytes, "begin .oplog\nsegment .oplog\nend .oplog\nover\n");
    bm_buffer_free(&bytes);
}

/* The data of a time series goes by another name up to 8.2; without a version both are taken. */
Test(unpacker_archive, time_series_names)
{
    static const struct {
        const char *version;
        const char *body;
        const char *ns; /* NULL: damage */
    } cases[] = {{"5.0.0-rc0", "system.buckets.s", "d.system.buckets.s"},
                 {"5.0.0-rc0", "s", NULL},
                 {"8.3.0", "s", "d.s"},
                 {"8.3.0", "system.buckets.s", NULL},
                 {"unknown", "s", "d.system.buckets.s"},
                 {"unknown", "system.buckets.s", "d.system.buckets.s"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_buffer bytes = TEST_ARCHIVE_INIT;
        test_build_start(&bytes, cases[i].version);
        test_build_entry(&bytes, "d", "s", "{\"options\":{\"timeseries\":{\"timeField\":\"t\"}}}",
                         "timeseries");
        test_build_terminator(&bytes);
        test_build_segment(&bytes, "d", cases[i].body);
        test_build_terminator(&bytes);
        test_build_eof(&bytes, "d", cases[i].body, 0);
        struct bm_buffer log = TEST_ARCHIVE_INIT;
        struct bm_error err = BM_ERROR_INIT;
        enum bm_status status = read_archive(bm_buffer_view(&bytes), 0, &log, &err);
        if (cases[i].ns == NULL) {
            cr_expect_eq(status, BM_FAIL);
            cr_expect_eq(err.code, BM_ERROR_CORRUPT);
        } else {
            char wanted[256];
            snprintf(wanted, sizeof wanted, "begin %s\nsegment %s\nend %s\nover\n", cases[i].ns,
                     cases[i].ns, cases[i].ns);
            cr_expect_str_eq((const char *)log.data, wanted);
        }
        bm_buffer_free(&log);
        bm_buffer_free(&bytes);
    }
}

/* No archive that was cut anywhere passes for a whole one. */
Test(unpacker_archive, every_cut_is_told)
{
    struct bm_buffer bytes = test_build_example();
    struct bm_buffer log = TEST_ARCHIVE_INIT;
    for (size_t len = 1; len < bytes.len; len++) {
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(read_archive((struct bm_view){bytes.data, len}, len % 5, &log, &err), BM_FAIL,
                     "%zu bytes", len);
        if (len == 4 || len > 4) {
            cr_expect_eq(err.code, BM_ERROR_TRUNCATED, "%zu bytes: %s", len, err.text);
        }
        cr_expect_null(strstr((const char *)log.data, "over"));
        cr_expect_neq(err.offset, BM_NO_OFFSET, "%zu bytes: %s", len, err.text);
    }
    bm_buffer_free(&log);
    bm_buffer_free(&bytes);
}

/* What a flipped bit can do: be told, or make another good archive (a name, a text, a version). */
Test(unpacker_archive, every_flipped_bit_is_told_or_harmless)
{
    struct bm_buffer bytes = test_build_example();
    struct bm_buffer log = TEST_ARCHIVE_INIT;
    for (size_t bit = 0; bit < bytes.len * 8; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct bm_error err = BM_ERROR_INIT;
        enum bm_status status = read_archive(bm_buffer_view(&bytes), 0, &log, &err);
        struct test_archive check;
        int good = test_archive_check(bytes.data, bytes.len, &check);
        if (status == BM_END) {
            cr_expect(good, "bit %zu: %s", bit, check.error);
        } else {
            cr_expect(err.code == BM_ERROR_CORRUPT || err.code == BM_ERROR_TRUNCATED ||
                          (bit / 8 < 4 && err.code == BM_ERROR_USAGE),
                      "bit %zu: %s", bit, err.text);
        }
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    bm_buffer_free(&log);
    bm_buffer_free(&bytes);
}

/* Damage, and what is said of it. Each starts from the example; `at` is where bytes are replaced.
 */
static const struct {
    const char *name;
    size_t at;
    size_t remove;
    const char *insert;
    size_t insert_len;
    enum bm_error_code code;
    uint64_t offset;
    const char *ns;
    const char *text;
} damages[] = {
    {"length of 4", 0x10e, 1, "\x04", 1, BM_ERROR_CORRUPT, 0x10e, "d.c",
     "4 is neither a valid BSON length nor an archive terminator"},
    {"last byte", 0x11e, 1, "\x01", 1, BM_ERROR_CORRUPT, 0x10e, "d.c",
     "a document of 17 bytes ends with byte 01, not 0"},
    {"two terminators", 0x13a, 0, "\xff\xff\xff\xff", 4, BM_ERROR_CORRUPT, 0x13a, "",
     "consecutive terminators / headerless blocks are not allowed"},
    {"document after an EOF header", 0x16e, 0, "\x05\0\0\0\0", 5, BM_ERROR_CORRUPT, 0x16e, "d.c",
     "collection data without a collection header"},
    {"header without a collection", 0xda, 52,
     "\x0f\0\0\0\x02"
     "db\0\x02\0\0\0d\0\0",
     15, BM_ERROR_CORRUPT, 0xda, "", "collection header is missing a collection"},
    {"namespace not announced", 0xf8, 1, "x", 1, BM_ERROR_CORRUPT, 0xda, "",
     "namespace d.x is not in the archive's prelude"},
    {"CRC", 0x165, 1, "\x42", 1, BM_ERROR_CORRUPT, 0x13a, "d.c",
     "CRC mismatch: documents have b096cff76b47f941, the archive says b096cff76b47f942"},
    {"document changed", 0x130, 1, "b", 1, BM_ERROR_CORRUPT, 0x13a, "d.c", NULL},
    {"namespace left open", 0x13a, 56, "", 0, BM_ERROR_TRUNCATED, 0x13a, "d.c",
     "archive finished but this namespace was unfinished"},
    {"namespace never seen", 0xda, 152, "", 0, BM_ERROR_TRUNCATED, 0xda, "d.c",
     "archive finished before this namespace was seen"},
    {"terminator for a header", 4, 0, "\xff\xff\xff\xff", 4, BM_ERROR_CORRUPT, 4, "",
     "the archive has no header document"},
    {"field of another type", 0x68, 1, "\x0e", 1, BM_ERROR_CORRUPT, 0x68, "",
     "field db of an archive record has type 0x0e, not 0x02"},
    {"EOF of another type", 0x15a, 1, "\x0a", 1, BM_ERROR_CORRUPT, 0x15a, "", NULL},
};

Test(unpacker_archive, damage_is_told_with_its_place)
{
    struct bm_buffer log = TEST_ARCHIVE_INIT;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        struct bm_buffer good = test_build_example();
        struct bm_buffer bytes = TEST_ARCHIVE_INIT;
        struct bm_error err = BM_ERROR_INIT;
        size_t after = damages[i].at + damages[i].remove;
        struct bm_view insert = {(const uint8_t *)damages[i].insert, damages[i].insert_len};
        cr_assert(
            bm_buffer_append(&bytes, (struct bm_view){good.data, damages[i].at}, &err) == BM_OK &&
            bm_buffer_append(&bytes, insert, &err) == BM_OK &&
            bm_buffer_append(&bytes, (struct bm_view){good.data + after, good.len - after}, &err) ==
                BM_OK);
        cr_expect_eq(read_archive(bm_buffer_view(&bytes), 0, &log, &err), BM_FAIL, "%s",
                     damages[i].name);
        cr_expect_eq(err.code, damages[i].code, "%s", damages[i].name);
        cr_expect_eq(err.offset, damages[i].offset, "%s: %llu", damages[i].name,
                     (unsigned long long)err.offset);
        cr_expect_str_eq(err.ns, damages[i].ns, "%s: %s", damages[i].name, err.ns);
        if (damages[i].text != NULL) {
            cr_expect_str_eq(err.text, damages[i].text);
        }
        struct test_archive check;
        cr_expect(!test_archive_check(bytes.data, bytes.len, &check) ||
                      strstr(damages[i].name, "type") != NULL,
                  "%s", damages[i].name);
        bm_buffer_free(&bytes);
        bm_buffer_free(&good);
    }
    bm_buffer_free(&log);
}

Test(unpacker_archive, no_namespace_is_opened_again)
{
    struct bm_buffer bytes = test_build_example();
    size_t at = bytes.len;
    test_build_segment(&bytes, "d", "c");
    test_build_terminator(&bytes);
    struct bm_buffer log = TEST_ARCHIVE_INIT;
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(read_archive(bm_buffer_view(&bytes), 0, &log, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_eq(err.offset, at);
    cr_expect_str_eq(err.ns, "d.c");
    bm_buffer_free(&log);
    bm_buffer_free(&bytes);
}

Test(unpacker_archive, a_namespace_is_announced_once)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    test_build_start(&bytes, "7.0.0");
    test_build_entry(&bytes, "d", "c", "", "collection");
    size_t at = bytes.len;
    test_build_entry(&bytes, "d", "c", "", "collection");
    test_build_terminator(&bytes);
    struct bm_buffer log = TEST_ARCHIVE_INIT;
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(read_archive(bm_buffer_view(&bytes), 0, &log, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_eq(err.offset, at);
    bm_buffer_free(&log);
    bm_buffer_free(&bytes);
}

/* A document over the limit of data files passes here: it is a finding, not broken framing. */
Test(unpacker_archive, documents_up_to_the_oplogs_limit)
{
    static const uint32_t lengths[] = {16777216, 16777217, 16793600};
    for (size_t i = 0; i < 3; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer bytes = TEST_ARCHIVE_INIT;
        test_build_start(&bytes, "7.0.0");
        test_build_entry(&bytes, "d", "c", "", "collection");
        test_build_terminator(&bytes);
        test_build_segment(&bytes, "d", "c");
        size_t document = bytes.len;
        cr_assert_eq(bm_buffer_reserve(&bytes, lengths[i], &err), BM_OK);
        memset(bytes.data + document, 0, lengths[i]);
        bm_put_le32(bytes.data + document, lengths[i]);
        bytes.len += lengths[i];
        uint64_t crc = test_build_crc(&bytes, document);
        test_build_terminator(&bytes);
        test_build_eof(&bytes, "d", "c", crc);
        struct bm_buffer log = TEST_ARCHIVE_INIT;
        cr_expect_eq(read_archive(bm_buffer_view(&bytes), 0, &log, &err), BM_END, "%s", err.text);
        bm_buffer_free(&log);
        bm_buffer_free(&bytes);
    }
}

/* One that is cut or replaced while it is read is told in one pass: what is in the reader's buffer
 * still makes a whole archive. */
Test(unpacker_archive, a_file_that_changes_during_a_pass_is_told)
{
    struct bm_buffer bytes = test_build_example();
    for (int replaced = 0; replaced < 2; replaced++) {
        test_scratch_write(&scratch, "a", bm_buffer_view(&bytes));
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options in = {.path = test_scratch_path(&scratch, "a")};
        struct bm_source *source = bm_source_new(&in, &err);
        struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
        struct bm_event event;
        enum bm_status status = bm_unpacker_next(unpacker, &event, &err);
        cr_assert_eq(status, BM_OK, "%s", err.text);
        if (replaced) {
            test_scratch_write(&scratch, "fresh", bm_buffer_view(&bytes));
            cr_assert_eq(rename(test_scratch_path(&scratch, "fresh"), in.path), 0);
        } else {
            cr_assert_eq(truncate(in.path, 0), 0);
        }
        while (status == BM_OK) {
            status = bm_unpacker_next(unpacker, &event, &err);
        }
        cr_expect_eq(status, BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_str_eq(err.text, "changed while it was read");
        cr_expect_str_eq(err.file, in.path);
        bm_unpacker_free(unpacker);
        bm_source_free(source);
    }
    bm_buffer_free(&bytes);
}
