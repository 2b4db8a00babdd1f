/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "support/archive_builder.h"
#include "support/dump.h"
#include "support/scratch.h"
#include "support/streams.h"

static struct test_scratch scratch;

static void start(void)
{
    test_scratch_make(&scratch);
}

static void stop(void)
{
    test_scratch_remove(&scratch);
}

TestSuite(raw, .init = start, .fini = stop);

#define ONE TEST_TEXT("\x0e\0\0\0\x10_id\0\x01\0\0\0\0")
#define NO_INDEXES "{\"options\":{},\"indexes\":[]}"

/* What a path and names become; ns "" stands for a failure. */
static void expect_name(const char *path, const char *db, const char *collection, const char *ns,
                        enum bm_error_code code)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options options = {.path = path, .db = db, .collection = collection};
    struct bm_source *source = bm_source_new(&options, &err);
    if (*ns == '\0') {
        cr_expect_null(source, "%s", path);
        cr_expect_eq(err.code, code, "%s: %s", path, err.text);
        cr_expect_str_eq(err.file, path);
        bm_source_free(source);
        return;
    }
    cr_assert_not_null(source, "%s: %s", path, err.text);
    cr_expect_eq(bm_source_about(source)->container, BM_CONTAINER_BSON);
    cr_expect_eq(bm_catalog_count(bm_source_catalog(source)), 1);
    cr_expect_str_eq(bm_catalog_namespace(bm_source_catalog(source), 0)->ns, ns);
    bm_source_free(source);
}

Test(raw, names_come_from_the_path)
{
    static const struct {
        const char *path;
        const char *db;
        const char *collection;
        const char *ns;
        enum bm_error_code code;
    } cases[] = {
        {"d/c.bson", NULL, NULL, "d.c", BM_ERROR_NONE},
        {"c.bson", NULL, NULL, "test.c", BM_ERROR_NONE},
        {"./c.bson", NULL, NULL, "test.c", BM_ERROR_NONE},
        {"d/../c.bson", NULL, NULL, "test.c", BM_ERROR_NONE},
        {"d/caf%C3%A9+x.bson", NULL, NULL, "d.caf\xc3\xa9 x", BM_ERROR_NONE},
        {"d/c.bin", NULL, NULL, "d.c", BM_ERROR_NONE},
        {"d/c.bson", "e", NULL, "e.c", BM_ERROR_NONE},
        {"d/c.bson", NULL, "x", "d.x", BM_ERROR_NONE},
        {"d/c.bson", "e", "x", "e.x", BM_ERROR_NONE},
        {"d/plain", "e", "x", "e.x", BM_ERROR_NONE},
        {"d/plain", NULL, "x", "", BM_ERROR_USAGE},
        {"d/plain", "e", NULL, "", BM_ERROR_USAGE},
        {"d/100%.bson", NULL, NULL, "", BM_ERROR_CORRUPT},
        {"d/100%.bson", NULL, "x", "d.x", BM_ERROR_NONE},
        {"bad.db/c.bson", NULL, NULL, "", BM_ERROR_USAGE},
        {"bad.db/c.bson", "good", NULL, "good.c", BM_ERROR_NONE},
        {"d/c.bson", "a b", NULL, "", BM_ERROR_USAGE},
        {"d/c.bson", NULL, "", "", BM_ERROR_USAGE},
        {"d/absent.bson", NULL, NULL, "", BM_ERROR_IO},
        {"c.bson/x.bson", NULL, NULL, "", BM_ERROR_CORRUPT},
        {"d/empty.bson.gz", NULL, NULL, "", BM_ERROR_TRUNCATED},
        {"d/empty.bson", NULL, NULL, "d.empty", BM_ERROR_NONE},
        {"d/short.bson", NULL, NULL, "", BM_ERROR_TRUNCATED},
    };
    static const char *const files[] = {"d/c.bson", "c.bson",      "d/caf%C3%A9+x.bson", "d/c.bin",
                                        "d/plain",  "d/100%.bson", "bad.db/c.bson"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        test_scratch_write(&scratch, files[i], ONE);
    }
    test_scratch_write(&scratch, "d/empty.bson", TEST_TEXT(""));
    test_scratch_write(&scratch, "d/empty.bson.gz", TEST_TEXT(""));
    test_scratch_write(&scratch, "d/short.bson", TEST_TEXT("\x0e\0\0"));
    cr_assert_eq(chdir(scratch.folder), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_name(cases[i].path, cases[i].db, cases[i].collection, cases[i].ns, cases[i].code);
    }
}

static size_t indexes_of(const char *path, const char *db, const char *collection)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options options = {
        .path = test_scratch_path(&scratch, path), .db = db, .collection = collection};
    struct bm_source *source = bm_source_new(&options, &err);
    cr_assert_not_null(source, "%s", err.text);
    size_t count = bm_catalog_namespace(bm_source_catalog(source), 0)->index_count;
    bm_source_free(source);
    return count;
}

#define TWO_INDEXES                                                                                \
    "{\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"},{\"v\":2,\"key\":{\"a\":1},"    \
    "\"name\":\"a_1\"}]}"

Test(raw, metadata_beside_it_counts)
{
    struct bm_buffer coded = BM_BUFFER_INIT(1 << 20);
    test_stream_encode(TEST_TEXT(TWO_INDEXES), (struct bm_compression){BM_CODEC_GZIP, 1}, 0,
                       &coded);
    test_scratch_write(&scratch, "d/a.bson", ONE);
    test_scratch_write(&scratch, "d/a.metadata.json", TEST_TEXT(TWO_INDEXES));
    test_scratch_write(&scratch, "d/b.bson.gz", ONE);
    test_scratch_write(&scratch, "d/b.metadata.json", TEST_TEXT(NO_INDEXES));
    test_scratch_write(&scratch, "d/b.metadata.json.gz", bm_buffer_view(&coded));
    test_scratch_write(&scratch, "d/c.bson", ONE);
    test_scratch_write(&scratch, "d/e.bson", ONE);
    /* gzip under a name that says zstd: the content counts. */
    test_scratch_write(&scratch, "d/e.metadata.json.zst", bm_buffer_view(&coded));
    cr_expect_eq(indexes_of("d/a.bson", NULL, NULL), 2);
    cr_expect_eq(indexes_of("d/a.bson", "x", "y"), 2);
    cr_expect_eq(indexes_of("d/b.bson.gz", NULL, NULL), 2);
    cr_expect_eq(indexes_of("d/c.bson", NULL, NULL), 1);
    cr_expect_eq(indexes_of("d/e.bson", NULL, NULL), 2);
    bm_buffer_free(&coded);
}

Test(raw, metadata_of_a_time_series_describes_its_buckets)
{
    test_scratch_write(&scratch, "d/system.buckets.s.bson", ONE);
    test_scratch_write(&scratch, "d/s.metadata.json",
                       TEST_TEXT("{\"options\":{\"timeseries\":{\"timeField\":\"t\"}}}"));
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options options = {
        .path = test_scratch_path(&scratch, "d/system.buckets.s.bson")};
    struct bm_source *source = bm_source_new(&options, &err);
    cr_assert_not_null(source, "%s", err.text);
    const struct bm_namespace *ns = bm_catalog_namespace(bm_source_catalog(source), 0);
    cr_expect_str_eq(ns->ns, "d.system.buckets.s");
    cr_expect_eq(ns->metadata_state, BM_METADATA_READ);
    bm_source_free(source);
}

Test(raw, cut_names_are_in_the_metadata)
{
    char stem[239];
    memset(stem, 'a', sizeof stem);
    memcpy(stem + 208, "%24", 3);
    stem[238] = '\0';
    char data[300];
    char metadata[300];
    snprintf(data, sizeof data, "d/%s.bson", stem);
    snprintf(metadata, sizeof metadata, "d/%s.metadata.json", stem);
    test_scratch_write(&scratch, data, ONE);
    const char *path = test_scratch_path(&scratch, data);
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options options = {.path = path};
    cr_expect_null(bm_source_new(&options, &err));
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    test_scratch_write(&scratch, metadata, TEST_TEXT("{\"collectionName\":\"long+name\"}"));
    expect_name(path, NULL, NULL, "d.long name", BM_ERROR_NONE);
}

/* Events through standard input. */
static enum bm_status read_input(const char *db, const char *collection, struct bm_buffer *log,
                                 struct bm_error *err)
{
    const struct bm_source_options in = {.path = "-", .db = db, .collection = collection};
    return test_dump_events(&in, log, err);
}

Test(raw, a_pipe_needs_names)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    test_dump_pipe_in(ONE);
    cr_expect_eq(read_input("d", NULL, &log, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    cr_expect_str_eq(err.text,
                     "raw BSON on standard input has no name: give --db and --collection");
    bm_buffer_free(&log);
}

Test(raw, a_pipe_is_read_once)
{
    struct bm_error err = BM_ERROR_INIT;
    test_dump_pipe_in(ONE);
    const struct bm_source_options in = {.db = "d", .collection = "c"};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_assert_not_null(source);
    cr_expect_eq(bm_source_about(source)->repeatable, 0);
    cr_expect_str_eq(bm_source_about(source)->path, "-");
    struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
    cr_assert_not_null(unpacker);
    cr_expect_null(bm_unpacker_new(source, &err), "one at a time");
    err = BM_ERROR_INIT;
    struct bm_event event;
    cr_assert_eq(bm_unpacker_next(unpacker, &event, &err), BM_OK);
    bm_unpacker_free(unpacker);
    err = BM_ERROR_INIT;
    cr_expect_null(bm_unpacker_new(source, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    bm_source_free(source);
}

Test(raw, an_empty_pipe_is_damage)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    test_dump_pipe_in(TEST_TEXT(""));
    cr_expect_eq(read_input("d", "c", &log, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_TRUNCATED);
    cr_expect_str_eq(err.text, "is empty: a mongodump that died looks the same");
    cr_expect_str_eq(err.file, "standard input");
    bm_buffer_free(&log);
}

Test(raw, an_empty_collection_in_gzip_is_none)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    struct bm_buffer coded = BM_BUFFER_INIT(1 << 20);
    test_stream_encode(TEST_TEXT(""), (struct bm_compression){BM_CODEC_GZIP, 1}, 0, &coded);
    test_dump_pipe_in(bm_buffer_view(&coded));
    cr_expect_eq(read_input("d", "c", &log, &err), BM_END, "%s", err.text);
    cr_expect_str_eq((const char *)log.data, "begin d.c\nend d.c\nover\n");
    bm_buffer_free(&coded);
    bm_buffer_free(&log);
}

/* A file on standard input is read again from where it stood. */
Test(raw, a_file_on_standard_input_is_repeatable)
{
    struct bm_error err = BM_ERROR_INIT;
    test_scratch_write(&scratch, "f", TEST_TEXT("skipped\x05\0\0\0\0\x05\0\0\0\0"));
    test_dump_file_in(test_scratch_path(&scratch, "f"), 7);
    const struct bm_source_options in = {.db = "d", .collection = "c"};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_assert_not_null(source, "%s", err.text);
    cr_expect_eq(bm_source_about(source)->repeatable, 1);
    for (int pass = 0; pass < 3; pass++) {
        uint64_t bytes = 0;
        cr_expect_eq(test_dump_read(source, &bytes), 2);
        cr_expect_eq(bytes, 10);
    }
    bm_source_free(source);
}

Test(raw, a_file_that_changes_between_passes_is_told)
{
    struct bm_error err = BM_ERROR_INIT;
    test_scratch_write(&scratch, "d/c.bson", ONE);
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "d/c.bson")};
    struct bm_source *source = bm_source_new(&in, &err);
    struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
    struct bm_event event;
    cr_assert_eq(bm_unpacker_next(unpacker, &event, &err), BM_OK);
    bm_unpacker_free(unpacker);
    test_scratch_write(&scratch, "d/c.bson", TEST_TEXT("\x05\0\0\0\0"));
    unpacker = bm_unpacker_new(source, &err);
    cr_expect(unpacker == NULL || bm_unpacker_next(unpacker, &event, &err) == BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_str_eq(err.text, "changed while it was read");
    bm_unpacker_free(unpacker);
    bm_source_free(source);
}

/* A file cut between two documents while it is read has a proper end, but not its own. */
Test(raw, a_file_that_changes_during_a_pass_is_told)
{
    struct bm_error err = BM_ERROR_INIT;
    test_scratch_write(&scratch, "d/c.bson", ONE);
    const char *path = test_scratch_path(&scratch, "d/c.bson");
    const struct bm_source_options in = {.path = path};
    struct bm_source *source = bm_source_new(&in, &err);
    struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
    struct bm_event event;
    cr_assert_eq(bm_unpacker_next(unpacker, &event, &err), BM_OK);
    cr_assert_eq(bm_unpacker_next(unpacker, &event, &err), BM_OK);
    cr_assert_eq(event.kind, BM_EVENT_BATCH);
    cr_assert_eq(truncate(path, 0), 0);
    cr_assert_eq(bm_unpacker_next(unpacker, &event, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_str_eq(err.text, "changed while it was read");
    bm_unpacker_free(unpacker);
    bm_source_free(source);
}

/* … and one that changes behind its end is told where that is asked. */
Test(raw, a_file_that_changes_after_a_pass_is_told)
{
    test_scratch_write(&scratch, "dump/d/c.bson", ONE);
    test_scratch_write(&scratch, "dump/d/c.metadata.json", bm_view_text("{}"));
    static const char *const files[] = {"dump/d/c.bson", "dump/d/c.metadata.json"};
    for (size_t i = 0; i < 4; i++) {
        struct bm_error err = BM_ERROR_INIT;
        const char *file = test_scratch_path(&scratch, files[i % 2]);
        const struct bm_source_options in = {
            .path = test_scratch_path(&scratch, i < 2 ? "dump" : files[0])};
        struct bm_source *source = bm_source_new(&in, &err);
        cr_assert_not_null(source, "%s", err.text);
        uint64_t bytes = 0;
        cr_assert_eq(test_dump_read(source, &bytes), 1);
        cr_expect_eq(bm_source_unchanged(source, &err), BM_OK, "%s", err.text);
        FILE *more = fopen(file, "a");
        cr_assert_not_null(more);
        cr_assert_eq(fputc(' ', more), ' ');
        cr_assert_eq(fclose(more), 0);
        cr_expect_eq(bm_source_unchanged(source, &err), BM_FAIL, "%zu", i);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_str_eq(err.text, "changed while it was read");
        bm_source_free(source);
        test_scratch_write(&scratch, "dump/d/c.bson", ONE);
    }
}

/* A device has no size; it is not empty for that. */
Test(raw, a_device_without_a_name_is_not_called_empty)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = "/dev/zero"};
    cr_expect_null(bm_source_new(&in, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    cr_expect_str_eq(err.text, "its name does not end in .bson: give --db and --collection");
}

Test(raw, names_are_refused_for_what_has_its_own)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer bytes = test_build_example();
    test_scratch_write(&scratch, "a", bm_buffer_view(&bytes));
    test_scratch_write(&scratch, "dump/d/c.bson", ONE);
    struct bm_source_options in = {.path = test_scratch_path(&scratch, "a"), .db = "d"};
    cr_expect_null(bm_source_new(&in, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    err = BM_ERROR_INIT;
    in = (struct bm_source_options){.path = test_scratch_path(&scratch, "dump"), .collection = "c"};
    cr_expect_null(bm_source_new(&in, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    bm_buffer_free(&bytes);
}
