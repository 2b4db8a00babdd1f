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

/* What somebody who rewrites dumps must not get wrong, by the numbers of that list: rows 12 to 25.
 */

#define ROW(name) Test(section7, name, .init = test_trial_start, .fini = test_trial_stop)

/* What the server owns is told apart by its kind, and goes through as it is. */
ROW(row_12_system_data_goes_through)
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
        test_trial_write(name, TEST_ONE);
    }
    test_trial_pass("dump", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("dump", "same");
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_trial_path("dump")};
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
ROW(row_13_file_names_stay)
{
    char cut[300];
    char metadata[320];
    memset(cut, 'a', sizeof cut);
    memcpy(cut, "dump/d/", 7);
    memcpy(cut + 7 + 208, "%24", 3);
    snprintf(metadata, sizeof metadata, "%.245s.metadata.json", cut);
    snprintf(cut + 245, sizeof cut - 245, ".bson");
    test_trial_write("dump/d/with space.bson", TEST_ONE);
    test_trial_write("dump/d/a$b&c.bson", TEST_ONE);
    test_trial_write("dump/d/a%20b.bson", TEST_ONE);
    test_trial_write("dump/d/caf%c3%a9.bson", TEST_ONE);
    test_trial_write("dump/d/x.bin", TEST_ONE);
    test_trial_write(cut, TEST_ONE);
    test_trial_write(metadata, TEST_TEXT("{\"collectionName\":\"a long one\"}"));
    test_trial_pass("dump", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("dump", "same");
}

ROW(row_14_gzip_layout_stays)
{
    struct bm_buffer empty = BM_BUFFER_INIT(1 << 20);
    struct bm_buffer two = BM_BUFFER_INIT(1 << 20);
    const struct bm_compression gzip = {BM_CODEC_GZIP, 1};
    test_stream_encode(TEST_TEXT(""), gzip, 0, &empty);
    test_stream_encode(TEST_ONE, gzip, 0, &two); /* one member, and another behind it */
    test_stream_encode(TEST_ONE, gzip, 0, &two);
    test_trial_write("dump/d/empty.bson.gz", bm_buffer_view(&empty));
    test_trial_write("dump/d/c.bson.gz", bm_buffer_view(&two));
    test_trial_write("dump/oplog.bson", bm_buffer_view(&two));
    test_trial_pass("dump", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("dump", "same");
    static const char *const names[] = {"same/d/empty.bson.gz", "same/d/c.bson.gz",
                                        "same/oplog.bson"};
    for (size_t i = 0; i < 3; i++) {
        struct bm_buffer file = test_trial_read(names[i]);
        cr_assert_geq(file.len, 18, "a whole member");
        cr_expect_arr_eq(file.data, "\x1f\x8b", 2);
        bm_buffer_free(&file);
    }
    bm_buffer_free(&empty);
    bm_buffer_free(&two);
}

/* While it is made and afterwards, nothing lies where mongorestore would read it. */
ROW(row_15_nothing_extra_in_the_output)
{
    test_trial_write("dump/d/c.bson", TEST_ONE);
    test_trial_pass("dump", "out", BM_CONTAINER_KEEP, NULL);
    cr_expect_eq(test_trial_count(""), 2);
    cr_expect_eq(test_trial_count("out"), 1);
    cr_expect_eq(test_trial_count("out/d"), 1);
}

/* Copied byte for byte, readable or not; a new text changes nothing around it. */
ROW(row_16_metadata_stays_or_is_what_was_asked_for)
{
    static const char text[] = "{ \"indexes\" : [ ],\n \"uuid\":\"00\" }\n";
    test_trial_write("dump/d/c.bson", TEST_ONE);
    test_trial_write("dump/d/c.metadata.json", bm_view_text(text));
    test_trial_write("dump/d/e.metadata.json", bm_view_text(text));
    test_trial_pass("dump", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("dump", "same");
    static const struct bm_view texts[2] = {{(const uint8_t *)"{\"indexes\":[]}", 14}, {NULL, 0}};
    static const enum bm_container kinds[] = {BM_CONTAINER_DIRECTORY, BM_CONTAINER_ARCHIVE};
    static const char *const names[] = {"changed", "archive"};
    for (size_t i = 0; i < 2; i++) {
        struct bm_error err = BM_ERROR_INIT;
        const struct test_dump_copy change = {.in = {.path = test_trial_path("dump")},
                                              .out = {.path = test_trial_path(names[i]),
                                                      .container = kinds[i],
                                                      .compression = {.codec = BM_CODEC_KEEP},
                                                      .metadata = texts},
                                              .reread = 1};
        cr_assert_eq(test_dump_copy(&change, &err), BM_OK, "%s", err.text);
    }
    test_trial_pass("archive", "back", BM_CONTAINER_DIRECTORY, NULL);
    test_trial_same("changed/d/c.metadata.json", "back/d/c.metadata.json");
    test_trial_same("changed/d/e.metadata.json", "dump/d/e.metadata.json");
    test_trial_same("back/d/e.metadata.json", "dump/d/e.metadata.json");
    struct bm_buffer changed = test_trial_read("changed/d/c.metadata.json");
    cr_assert_eq(changed.len, 14);
    cr_expect_arr_eq(changed.data, "{\"indexes\":[]}", 14);
    bm_buffer_free(&changed);
}

/* Also inside an archive, whose other entries stay the same bytes. */
ROW(row_16_metadata_of_an_archive)
{
    struct bm_buffer example = test_build_example();
    test_trial_put("a", &example);
    static const struct bm_view texts[1] = {{(const uint8_t *)"{}", 2}};
    struct bm_error err = BM_ERROR_INIT;
    const struct test_dump_copy change = {.in = {.path = test_trial_path("a")},
                                          .out = {.path = test_trial_path("b"),
                                                  .container = BM_CONTAINER_KEEP,
                                                  .compression = {.codec = BM_CODEC_KEEP},
                                                  .metadata = texts},
                                          .reread = 1};
    cr_assert_eq(test_dump_copy(&change, &err), BM_OK, "%s", err.text);
    struct bm_buffer before = test_build_example();
    struct bm_buffer after = test_trial_read("b");
    cr_assert_eq(after.len, before.len - 33);
    cr_expect_arr_eq(after.data, before.data, 0x64);
    cr_expect_eq(bm_le32(after.data + 0x64), 114 - 33);
    cr_expect_arr_eq(after.data + 0x92, "{}", 3);
    cr_expect_arr_eq(after.data + 0xb6 - 33, before.data + 0xb6, before.len - 0xb6);
    test_trial_archive("b");
    bm_buffer_free(&before);
    bm_buffer_free(&after);
}

ROW(row_17_metadata_of_all_ages_and_none)
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
        test_trial_write("dump/d/c.bson", TEST_ONE);
        test_trial_write("dump/d/c.metadata.json", bm_view_text(cases[i].text));
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options in = {.path = test_trial_path("dump")};
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
        test_trial_pass("dump", out, BM_CONTAINER_KEEP, NULL);
        test_trial_same("dump", out);
    }
}

/* Cut anywhere, no finished output and no name that looks like one. */
ROW(row_22_a_cut_dump_never_looks_whole)
{
    struct bm_buffer example = test_build_example();
    for (size_t len = 1; len < example.len; len++) {
        test_trial_write("a", (struct bm_view){example.data, len});
        struct bm_error err = BM_ERROR_INIT;
        const struct test_dump_copy cut = {.in = {.path = test_trial_path("a")},
                                           .out = {.path = test_trial_path("b"),
                                                   .container = BM_CONTAINER_KEEP,
                                                   .compression = {.codec = BM_CODEC_KEEP}}};
        cr_expect_eq(test_dump_copy(&cut, &err), BM_FAIL, "%zu", len);
        cr_expect_eq(err.code, BM_ERROR_TRUNCATED, "%zu: %s", len, err.text);
        cr_expect_eq(test_trial_count(""), 1, "%zu", len);
    }
    bm_buffer_free(&example);
}

/* An element of no known type inside a whole document goes through; a wrong length stops. */
ROW(row_23_damage_inside_passes_broken_framing_stops)
{
    test_trial_write("dump/d/c.bson",
                     TEST_TEXT("\x0e\0\0\0\xaa_id\0\x01\0\0\0\0\x0e\0\0\0\x10_id\0\x02\0\0\0\0"));
    test_trial_pass("dump", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("dump", "same");
    test_trial_write("dump/d/c.bson",
                     TEST_TEXT("\x04\0\0\0\xaa_id\0\x01\0\0\0\0\x0e\0\0\0\x10_id\0\x02\0\0\0\0"));
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    const struct bm_source_options in = {.path = test_trial_path("dump")};
    cr_expect_eq(test_dump_events(&in, &log, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    bm_buffer_free(&log);
}

ROW(row_24_odd_names)
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
    test_trial_put("a", &bytes);
    test_trial_pass("a", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("a", "same");
    test_trial_pass("a", "dir", BM_CONTAINER_DIRECTORY, NULL);
    static const char *const files[] = {"dir/oplog.bson", "dir/d/with.dots.bson",
                                        "dir/d/a%0Ab.bson"};
    for (size_t i = 0; i < 3; i++) {
        cr_expect_eq(access(test_trial_path(files[i]), F_OK), 0, "%s", files[i]);
    }
    test_trial_pass("dir", "back", BM_CONTAINER_ARCHIVE, NULL);
    struct test_archive archive = test_trial_archive("back");
    cr_expect_not_null(test_archive_find(&archive, ".oplog"));
    cr_expect_not_null(test_archive_find(&archive, "d.with.dots"));
    cr_expect_not_null(test_archive_find(&archive, "d.a\nb"));
}

ROW(row_25_a_raw_stream_must_be_named)
{
    struct bm_error err = BM_ERROR_INIT;
    test_dump_pipe_in(TEST_ONE);
    const struct bm_source_options in = {.path = NULL};
    cr_expect_null(bm_source_new(&in, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    err = BM_ERROR_INIT;
    test_dump_pipe_in(TEST_ONE);
    const struct bm_source_options named = {.db = "d", .collection = "c"};
    struct bm_source *source = bm_source_new(&named, &err);
    cr_assert_not_null(source, "%s", err.text);
    const struct bm_namespace *ns = bm_catalog_namespace(bm_source_catalog(source), 0);
    cr_expect_str_eq(ns->ns, "d.c");
    cr_expect_eq(ns->metadata_state, BM_METADATA_ABSENT);
    cr_expect_eq(ns->index_count, 1, "its _id alone");
    bm_source_free(source);
}
