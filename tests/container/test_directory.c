/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

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

TestSuite(directory, .init = start, .fini = stop);

#define ONE TEST_TEXT("\x0e\0\0\0\x10_id\0\x01\0\0\0\0")
#define TIMESERIES TEST_TEXT("{\"options\":{\"timeseries\":{\"timeField\":\"t\"}}}")

/* "one": a document, "json": metadata, "series": metadata of a time series, else the text itself.
 */
static void make_file(const char *name, const char *content)
{
    if (strcmp(content, "one") == 0) {
        test_scratch_write(&scratch, name, ONE);
    } else if (strcmp(content, "json") == 0) {
        test_scratch_write(&scratch, name, TEST_TEXT("{\"indexes\":[]}"));
    } else if (strcmp(content, "series") == 0) {
        test_scratch_write(&scratch, name, TIMESERIES);
    } else {
        test_scratch_write(&scratch, name, bm_view_text(content));
    }
}

/* Files by pairs of name and content, ended by NULL. */
struct layout {
    const char *files[16][2];
    const char *path;
    const char *events; /* NULL: failure */
    enum bm_error_code code;
    const char *text; /* a part of the failure's */
};

static void expect_layout(const struct layout *layout)
{
    for (size_t i = 0; layout->files[i][0] != NULL; i++) {
        make_file(layout->files[i][0], layout->files[i][1]);
    }
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, layout->path)};
    enum bm_status status = test_dump_events(&in, &log, &err);
    if (layout->events != NULL) {
        cr_expect_eq(status, BM_END, "%s: %s", err.file, err.text);
        cr_expect_str_eq((const char *)log.data, layout->events);
    } else {
        cr_expect_eq(status, BM_FAIL);
        cr_expect_eq(err.code, layout->code, "%s", err.text);
        cr_expect_not_null(strstr(err.text, layout->text), "%s", err.text);
    }
    bm_buffer_free(&log);
}

Test(directory, namespaces_come_in_the_order_archives_need)
{
    static const struct layout layout = {
        .files = {{"x/b/z.bson", "one"},
                  {"x/b/a.metadata.json", "json"},
                  {"x/b/system.indexes.bson", ""},
                  {"x/a/$admin.system.users.bson", "one"},
                  {"x/a/a.bson", ""},
                  {"x/admin/a.bson", ""},
                  {"x/admin/system.version.bson", "one"},
                  {"x/admin/system.users.bson", "one"},
                  {"x/oplog.bson", "one"},
                  {"x/prelude.json", "{}"},
                  {"x/readme.txt", "hello"},
                  {"x/stray.bson", "one"},
                  {"x/b/notes/deep/n.bson", "one"}},
        .path = "x",
        .events = "begin admin.system.users\nbatch admin.system.users 1 #0 @0\n"
                  "end admin.system.users\n"
                  "begin admin.system.version\nbatch admin.system.version 1 #0 @0\n"
                  "end admin.system.version\n"
                  "begin a.$admin.system.users\nbatch a.$admin.system.users 1 #0 @0\n"
                  "end a.$admin.system.users\n"
                  "begin b.system.indexes\nend b.system.indexes\n"
                  "begin a.a\nend a.a\nbegin admin.a\nend admin.a\nbegin b.a\nend b.a\n"
                  "begin b.z\nbatch b.z 1 #0 @0\nend b.z\n"
                  "begin .oplog\nbatch .oplog 1 #0 @0\nend .oplog\n"
                  "file prelude.json\nfile b/notes/deep/n.bson\nfile readme.txt\n"
                  "file stray.bson\nover\n"};
    expect_layout(&layout);
}

/* One database's folder is named for the database. */
Test(directory, a_databases_own_folder)
{
    static const struct layout cases[] = {
        {.files = {{"dump1/d/c.bson", "one"},
                   {"dump1/d/note", "x"},
                   {"dump1/d/prelude.json", "{}"}},
         .path = "dump1/d/",
         .events = "begin d.c\nbatch d.c 1 #0 @0\nend d.c\nfile note\nfile prelude.json\nover\n"},
        {.files = {{"dump2/d/c.metadata.json", "json"}, {"dump2/d/sub/e.bson", "one"}},
         .path = "dump2/d",
         .events = "begin d.c\nend d.c\nfile sub/e.bson\nover\n"},
        {.files = {{"dump3/d/c.bson", "one"}, {"dump3/d/sub/note", "x"}},
         .path = "dump3/d",
         .events = "begin d.c\nbatch d.c 1 #0 @0\nend d.c\nfile sub/note\nover\n"},
        {.files = {{"dump4/stray.bson", "one"}, {"dump4/e/c.bson", "one"}},
         .path = "dump4",
         .events = "begin e.c\nbatch e.c 1 #0 @0\nend e.c\nfile stray.bson\nover\n"},
        {.files = {{"dump5/oplog.bson", "one"}},
         .path = "dump5",
         .events = "begin .oplog\nbatch .oplog 1 #0 @0\nend .oplog\nover\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_layout(&cases[i]);
    }
}

Test(directory, the_working_folder_has_a_name)
{
    make_file("real/c.bson", "one");
    cr_assert_eq(chdir(test_scratch_path(&scratch, "real")), 0);
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = "."};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_assert_not_null(source, "%s", err.text);
    cr_expect_str_eq(bm_catalog_namespace(bm_source_catalog(source), 0)->ns, "real.c");
    bm_source_free(source);
}

Test(directory, what_is_refused)
{
    static const struct layout cases[] = {
        {.files = {{"r1/d/c.bson", "one"}, {"r1/d/c.bson.gz", "one"}},
         .path = "r1",
         .code = BM_ERROR_CORRUPT,
         .text = "d/c.bson and d/c.bson.gz are both the data of one collection"},
        {.files = {{"r2/d/a+b.bson", "one"}, {"r2/d/a%20b.bson", "one"}},
         .path = "r2",
         .code = BM_ERROR_CORRUPT,
         .text = "are both the data of one collection"},
        {.files = {{"r3/d/c.metadata.json", "json"}, {"r3/d/c.metadata.json.zst", "json"}},
         .path = "r3",
         .code = BM_ERROR_CORRUPT,
         .text = "are both the metadata of one collection"},
        {.files = {{"r4/a.b/c.bson", "one"}},
         .path = "r4",
         .code = BM_ERROR_CORRUPT,
         .text = "the folder \"a.b\" holds a dump, but a database name cannot hold any of"},
        {.files = {{"r5/d/100%.bson", "one"}},
         .path = "r5",
         .code = BM_ERROR_CORRUPT,
         .text = "the file's name has a % that is no escaped byte"},
        {.files = {{"r6/note", "x"}, {"r6/sub/note", "x"}},
         .path = "r6",
         .code = BM_ERROR_CORRUPT,
         .text = "holds no dump"},
        {.files = {{"r7/d/c.bson.gz", ""}},
         .path = "r7",
         .code = BM_ERROR_TRUNCATED,
         .text = "is empty"},
        {.files = {{"r8/d/a.bson", "one"}, {"r8/d/c.bson.zst", ""}},
         .path = "r8",
         .code = BM_ERROR_TRUNCATED,
         .text = "is empty"},
        {.files = {{"r9/d/a.bson", "abc"}},
         .path = "r9",
         .code = BM_ERROR_TRUNCATED,
         .text = "the input ends inside a document length, after 3 of 4 bytes"},
        {.files = {{"r10/oplog.bson", "one"}, {"r10/oplog.bson.gz", "one"}},
         .path = "r10",
         .code = BM_ERROR_CORRUPT,
         .text = "oplog.bson and oplog.bson.gz are both the oplog"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_layout(&cases[i]);
    }
}

Test(directory, data_must_be_a_regular_file)
{
    make_file("x/d/a.bson", "one");
    cr_assert_eq(mkfifo(test_scratch_path(&scratch, "x/d/b.bson"), 0600), 0);
    struct layout layout = {.path = "x", .code = BM_ERROR_USAGE, .text = "not a regular file"};
    expect_layout(&layout);
}

/* Folders and files of the dump may be links; other links go along as links. */
Test(directory, links)
{
    make_file("elsewhere/c.bson", "one");
    make_file("other/data", "one");
    make_file("x/d/a.bson", "one");
    cr_assert_eq(symlink("../elsewhere", test_scratch_path(&scratch, "x/e")), 0);
    cr_assert_eq(symlink("../../other/data", test_scratch_path(&scratch, "x/d/b.bson")), 0);
    cr_assert_eq(symlink("nowhere", test_scratch_path(&scratch, "x/d/dangling")), 0);
    cr_assert_eq(symlink("../../other", test_scratch_path(&scratch, "x/d/folder")), 0);
    cr_assert_eq(symlink("../other", test_scratch_path(&scratch, "x/folder")), 0);
    static const struct layout layout = {
        .path = "x",
        .events = "begin d.a\nbatch d.a 1 #0 @0\nend d.a\nbegin d.b\nbatch d.b 1 #0 @0\nend d.b\n"
                  "begin e.c\nbatch e.c 1 #0 @0\nend e.c\n"
                  "file d/dangling\nfile d/folder\nfile folder\nover\n"};
    expect_layout(&layout);
    cr_assert_eq(symlink("nowhere", test_scratch_path(&scratch, "x/d/z.bson")), 0);
    struct layout broken = {.path = "x", .code = BM_ERROR_IO, .text = "cannot be opened"};
    expect_layout(&broken);
}

Test(directory, time_series)
{
    static const struct layout cases[] = {
        {.files = {{"t1/d/s.metadata.json", "series"}, {"t1/d/system.buckets.s.bson", "one"}},
         .path = "t1",
         .events = "begin d.system.buckets.s\nbatch d.system.buckets.s 1 #0 @0\n"
                   "end d.system.buckets.s\nover\n"},
        {.files = {{"t2/d/s.metadata.json", "series"},
                   {"t2/d/s.bson", "one"},
                   {"t2/d/system.buckets.s.bson", "one"}},
         .path = "t2",
         .events = "begin d.s\nbatch d.s 1 #0 @0\nend d.s\n"
                   "begin d.system.buckets.s\nbatch d.system.buckets.s 1 #0 @0\n"
                   "end d.system.buckets.s\nover\n"},
        {.files = {{"t3/d/system.buckets.s.bson", "one"}},
         .path = "t3",
         .events = "begin d.system.buckets.s\nbatch d.system.buckets.s 1 #0 @0\n"
                   "end d.system.buckets.s\nover\n"},
        {.files = {{"t4/d/s.metadata.json", "series"}},
         .path = "t4",
         .events = "begin d.system.buckets.s\nend d.system.buckets.s\nover\n"},
        {.files = {{"t5/d/s.metadata.json", "series"},
                   {"t5/prelude.json", "{\"ServerVersion\":\"8.3.1\"}"}},
         .path = "t5",
         .events = "begin d.s\nend d.s\nfile prelude.json\nover\n"},
        {.files = {{"t6/d/s.metadata.json", "json"}, {"t6/d/system.buckets.s.bson", "one"}},
         .path = "t6",
         .events = "begin d.s\nend d.s\n"
                   "begin d.system.buckets.s\nbatch d.system.buckets.s 1 #0 @0\n"
                   "end d.system.buckets.s\nover\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        expect_layout(&cases[i]);
    }
}

Test(directory, the_prelude_tells_the_servers_version)
{
    make_file("x/d/c.bson", "one");
    make_file("x/prelude.json", "{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":\"\"}");
    make_file("y/d/c.bson", "one");
    make_file("y/d/prelude.json", "{\"ServerVersion\":\"6.0.1\"}");
    make_file("z/d/c.bson", "one");
    make_file("z/prelude.json", "{broken");
    static const struct {
        const char *path;
        const char *version;
        size_t warnings;
    } cases[] = {{"x", "7.0.16", 0}, {"y", "6.0.1", 0}, {"z", "", 1}};
    for (size_t i = 0; i < 3; i++) {
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options in = {.path = test_scratch_path(&scratch, cases[i].path)};
        struct bm_source *source = bm_source_new(&in, &err);
        cr_assert_not_null(source, "%s", err.text);
        cr_expect_str_eq(bm_catalog_server_version(bm_source_catalog(source)), cases[i].version);
        cr_expect_eq(bm_source_about(source)->warning_count, cases[i].warnings);
        bm_source_free(source);
    }
}

/* mongorestore reads a map of texts: any other value stops it, whatever the name. */
Test(directory, a_prelude_of_other_values_is_doubted)
{
    static const struct {
        const char *path;
        const char *prelude;
        const char *reason; /* the end of the warning, NULL: none */
    } cases[] = {
        {"a", "{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":100}",
         "its \"ToolVersion\" is not a text"},
        {"b", "{\"extra\":{\"x\":\"y\"},\"ServerVersion\":\"7.0.16\"}",
         "its \"extra\" is not a text"},
        {"c", "{\"ServerVersion\":7}", "its \"ServerVersion\" is not a text"},
        {"d", "{\"ToolVersion\":\"100.12.0\"}", "it has no ServerVersion that is a text"},
        {"e", "{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":null}", NULL},
        {"f", "{\"ServerVersion\":\"unknown\",\"extra\":\"\"}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[16];
        snprintf(path, sizeof path, "%s/d/c.bson", cases[i].path);
        make_file(path, "one");
        snprintf(path, sizeof path, "%s/prelude.json", cases[i].path);
        make_file(path, cases[i].prelude);
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options in = {.path = test_scratch_path(&scratch, cases[i].path)};
        struct bm_source *source = bm_source_new(&in, &err);
        cr_assert_not_null(source, "%s", err.text);
        const struct bm_source_about *about = bm_source_about(source);
        cr_expect_eq(about->is_doubted, cases[i].reason != NULL, "%s", cases[i].path);
        cr_assert_eq(about->warning_count, cases[i].reason != NULL, "%s", cases[i].path);
        if (cases[i].reason != NULL) {
            cr_expect_not_null(strstr(about->warnings[0], cases[i].reason), "%s",
                               about->warnings[0]);
        }
        bm_source_free(source);
    }
}

/* Each file has its own codec; the first data file's stands for the dump. */
Test(directory, codecs_are_told_file_by_file)
{
    struct bm_buffer gzip = BM_BUFFER_INIT(1 << 20);
    struct bm_buffer zstd = BM_BUFFER_INIT(1 << 20);
    test_stream_encode(ONE, (struct bm_compression){BM_CODEC_GZIP, 1}, 0, &gzip);
    test_stream_encode(ONE, (struct bm_compression){BM_CODEC_ZSTD, 3}, 0, &zstd);
    test_scratch_write(&scratch, "x/d/a.bson.gz", bm_buffer_view(&gzip));
    test_scratch_write(&scratch, "x/d/b.bson.zst", bm_buffer_view(&zstd));
    test_scratch_write(&scratch, "x/d/c.bson", ONE);
    test_scratch_write(&scratch, "x/oplog.bson", bm_buffer_view(&gzip));
    static const struct layout layout = {
        .path = "x",
        .events = "begin d.a\nbatch d.a 1 #0 @0\nend d.a\nbegin d.b\nbatch d.b 1 #0 @0\nend d.b\n"
                  "begin d.c\nbatch d.c 1 #0 @0\nend d.c\n"
                  "begin .oplog\nbatch .oplog 1 #0 @0\nend .oplog\nover\n"};
    expect_layout(&layout);
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "x")};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_expect_eq(bm_source_about(source)->codec, BM_CODEC_GZIP);
    cr_expect_eq(bm_source_about(source)->repeatable, 1);
    bm_source_free(source);
    bm_buffer_free(&gzip);
    bm_buffer_free(&zstd);
}

Test(directory, damage_is_told_with_file_namespace_and_offset)
{
    test_scratch_write(&scratch, "x/d/c.bson",
                       TEST_TEXT("\x05\0\0\0\0\x05\0\0\0\0\x04\0\0\0\0\0\0"));
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "x")};
    cr_expect_eq(test_dump_events(&in, &log, &err), BM_FAIL);
    cr_expect_str_eq((const char *)log.data, "begin d.c\nbatch d.c 2 #0 @0\n");
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_eq(err.offset, 10);
    cr_expect_str_eq(err.ns, "d.c");
    cr_expect_str_eq(err.file, test_scratch_path(&scratch, "x/d/c.bson"));
    bm_buffer_free(&log);
}

Test(directory, metadata_that_cannot_be_read_is_a_warning)
{
    make_file("x/d/c.bson", "one");
    make_file("x/d/c.metadata.json", "XXX\n");
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "x")};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_assert_not_null(source, "%s", err.text);
    const struct bm_source_about *about = bm_source_about(source);
    cr_assert_eq(about->warning_count, 1);
    char start_of_line[600];
    snprintf(start_of_line, sizeof start_of_line,
             "%s/c.metadata.json: the metadata of d.c cannot be read and is passed on: ",
             test_scratch_path(&scratch, "x/d"));
    cr_expect_eq(strncmp(about->warnings[0], start_of_line, strlen(start_of_line)), 0, "%s",
                 about->warnings[0]);
    cr_expect_eq(bm_catalog_namespace(bm_source_catalog(source), 0)->metadata_state,
                 BM_METADATA_UNREADABLE);
    bm_source_free(source);
}

/* A file that is cut or replaced while it is read is told in one pass, also when it ends between
 * two documents. */
Test(directory, a_file_that_changes_during_a_pass_is_told)
{
    static const char *const files[] = {"dump/d/a.bson", "dump/d/b.bson"};
    for (size_t i = 0; i < 4; i++) {
        struct bm_error err = BM_ERROR_INIT;
        const char *changed = files[i % 2];
        test_scratch_write(&scratch, "dump/d/a.bson", ONE);
        test_scratch_write(&scratch, "dump/d/b.bson", ONE);
        const struct bm_source_options in = {.path = test_scratch_path(&scratch, "dump")};
        struct bm_source *source = bm_source_new(&in, &err);
        struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
        struct bm_event event;
        enum bm_status status;
        do {
            status = bm_unpacker_next(unpacker, &event, &err);
            cr_assert_eq(status, BM_OK, "%s", err.text);
        } while (event.kind != BM_EVENT_BATCH ||
                 strcmp(event.ns->collection, i % 2 == 0 ? "a" : "b") != 0);
        if (i < 2) {
            cr_assert_eq(truncate(test_scratch_path(&scratch, changed), 0), 0);
        } else {
            test_scratch_write(&scratch, "fresh", ONE);
            cr_assert_eq(
                rename(test_scratch_path(&scratch, "fresh"), test_scratch_path(&scratch, changed)),
                0);
        }
        cr_expect_eq(bm_unpacker_next(unpacker, &event, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_str_eq(err.text, "changed while it was read");
        cr_expect_str_eq(err.file, test_scratch_path(&scratch, changed));
        bm_unpacker_free(unpacker);
        bm_source_free(source);
    }
}
