/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "support/archive_builder.h"
#include "support/archive_reader.h"
#include "support/bson_text.h"
#include "support/dump.h"
#include "support/scratch.h"
#include "support/streams.h"

/* Where an output goes, how it ends, and what becomes of one kind of dump as another. */

static struct test_scratch scratch;

static void start(void)
{
    test_scratch_make(&scratch);
}

static void stop(void)
{
    test_scratch_remove(&scratch);
}

TestSuite(packer, .init = start, .fini = stop);

#define ONE TEST_TEXT("\x0e\0\0\0\x10_id\0\x01\0\0\0\0")
#define TWO TEST_TEXT("\x0e\0\0\0\x10_id\0\x01\0\0\0\0\x0e\0\0\0\x10_id\0\x02\0\0\0\0")

static void write_example(const char *name)
{
    struct bm_buffer bytes = test_build_example();
    test_scratch_write(&scratch, name, bm_buffer_view(&bytes));
    bm_buffer_free(&bytes);
}

static struct test_dump_copy copy_of(const char *in, const char *out)
{
    return (struct test_dump_copy){.in = {.path = test_scratch_path(&scratch, in)},
                                   .out = {.path = test_scratch_path(&scratch, out),
                                           .container = BM_CONTAINER_KEEP,
                                           .compression = {.codec = BM_CODEC_KEEP}},
                                   .reread = 1};
}

static void must_copy(const struct test_dump_copy *copy)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(test_dump_copy(copy, &err), BM_OK, "%s: %s: %s", err.file, err.ns, err.text);
}

static void must_fail(const struct test_dump_copy *copy, enum bm_error_code code, const char *text)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(test_dump_copy(copy, &err), BM_FAIL, "%s", text);
    cr_expect_eq(err.code, code, "%s", err.text);
    cr_expect_not_null(strstr(err.text, text), "\"%s\", not \"%s\"", err.text, text);
}

static int is_there(const char *name)
{
    return access(test_scratch_path(&scratch, name), F_OK) == 0;
}

static void expect_same(const char *a, const char *b)
{
    char what[512];
    cr_expect(
        !test_dump_differ(test_scratch_path(&scratch, a), test_scratch_path(&scratch, b), what),
        "%s", what);
}

static void expect_text(const char *name, const char *text)
{
    struct bm_buffer bytes = test_scratch_read(&scratch, name);
    cr_expect(bm_view_equal(bm_buffer_view(&bytes), bm_view_text(text)), "%s: %.*s", name,
              (int)bytes.len, (const char *)bytes.data);
    bm_buffer_free(&bytes);
}

/* ---- where it goes ---- */

Test(packer, an_existing_output_is_refused_or_replaced)
{
    write_example("a");
    test_scratch_write(&scratch, "out", TEST_TEXT("old"));
    struct test_dump_copy copy = copy_of("a", "out");
    must_fail(&copy, BM_ERROR_USAGE, "exists already");
    expect_text("out", "old");
    copy.out.existing = BM_REPLACE_EXISTING;
    must_copy(&copy);
    expect_same("a", "out");
    cr_expect_eq(test_scratch_count(&scratch, ""), 2, "no temporaries");
}

Test(packer, never_in_place)
{
    write_example("a");
    test_scratch_write(&scratch, "dump/d/c.bson", ONE);
    cr_assert_eq(link(test_scratch_path(&scratch, "a"), test_scratch_path(&scratch, "hard")), 0);
    cr_assert_eq(symlink("a", test_scratch_path(&scratch, "soft")), 0);
    static const char *const pairs[][2] = {
        {"a", "a"},           {"a", "./a"},       {"a", "hard"},
        {"soft", "a"},        {"dump", "dump"},   {"dump", "dump/inner"},
        {"dump", "dump/d/x"}, {"dump/d", "dump"}, {"dump/d", "dump/d/"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct test_dump_copy copy = copy_of(pairs[i][0], pairs[i][1]);
        copy.out.existing = BM_REPLACE_EXISTING;
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL, "%s %s", pairs[i][0], pairs[i][1]);
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%s", err.text);
    }
    expect_same("a", "hard");
    cr_expect_eq(test_scratch_count(&scratch, "dump"), 1);
    cr_expect_eq(test_scratch_count(&scratch, ""), 4);
}

Test(packer, a_database_outside_the_dump_is_input_too)
{
    test_scratch_write(&scratch, "elsewhere/c.bson", ONE);
    test_scratch_write(&scratch, "dump/d/c.bson", ONE);
    cr_assert_eq(symlink("../elsewhere", test_scratch_path(&scratch, "dump/e")), 0);
    struct test_dump_copy copy = copy_of("dump", "elsewhere");
    copy.out.existing = BM_REPLACE_EXISTING;
    must_fail(&copy, BM_ERROR_USAGE, "the same");
    cr_expect(is_there("elsewhere/c.bson"));
}

Test(packer, the_parent_must_be_there)
{
    write_example("a");
    struct test_dump_copy copy = copy_of("a", "absent/out");
    must_fail(&copy, BM_ERROR_USAGE, "the folder it should go to is not there");
    copy = copy_of("a", "a/out");
    must_fail(&copy, BM_ERROR_USAGE, "the folder it should go to is not there");
}

Test(packer, only_a_dump_is_replaced_by_a_dump)
{
    test_scratch_write(&scratch, "dump/d/c.bson", ONE);
    test_scratch_write(&scratch, "good/x/y.bson", ONE);
    test_scratch_write(&scratch, "good/x/y.metadata.json.gz", ONE);
    test_scratch_write(&scratch, "good/oplog.bson", ONE);
    test_scratch_write(&scratch, "good/prelude.json", ONE);
    test_scratch_write(&scratch, "bad1/x/notes.txt", ONE);
    test_scratch_write(&scratch, "bad2/notes.txt", ONE);
    test_scratch_write(&scratch, "bad3/x/y/z.bson", ONE);
    test_scratch_write(&scratch, "file", ONE);
    struct test_dump_copy copy = copy_of("dump", "good");
    copy.out.existing = BM_REPLACE_EXISTING;
    must_copy(&copy);
    expect_same("dump", "good");
    static const struct {
        const char *out;
        const char *text;
    } cases[] = {{"bad1", "is not replaced: x/notes.txt in it belongs to no dump"},
                 {"bad2", "is not replaced: notes.txt in it belongs to no dump"},
                 {"bad3", "is not replaced: the folder x/y in it belongs to no dump"},
                 {"file", "is not replaced: it is no directory, but the output is"}};
    for (size_t i = 0; i < 4; i++) {
        copy = copy_of("dump", cases[i].out);
        copy.out.existing = BM_REPLACE_EXISTING;
        must_fail(&copy, BM_ERROR_USAGE, cases[i].text);
    }
    copy = copy_of("dump", "good");
    must_fail(&copy, BM_ERROR_USAGE, "exists already");
    copy.out.existing = BM_REPLACE_EXISTING;
    copy.out.container = BM_CONTAINER_ARCHIVE;
    must_fail(&copy, BM_ERROR_USAGE, "is not replaced: it is not a regular file");
    cr_expect_eq(test_scratch_count(&scratch, ""), 6, "no temporaries");
}

/* ---- how it ends ---- */

/* A dump cut at any place leaves no output of any kind. */
Test(packer, a_cut_input_leaves_nothing)
{
    struct bm_buffer bytes = test_build_example();
    static const enum bm_container kinds[] = {BM_CONTAINER_BSON, BM_CONTAINER_DIRECTORY,
                                              BM_CONTAINER_ARCHIVE};
    for (size_t len = 215; len < bytes.len; len += 3) {
        test_scratch_write(&scratch, "a", (struct bm_view){bytes.data, len});
        for (size_t i = 0; i < 3; i++) {
            struct test_dump_copy copy = copy_of("a", "out");
            copy.out.container = kinds[i];
            struct bm_error err = BM_ERROR_INIT;
            cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL);
            cr_expect_eq(err.code, BM_ERROR_TRUNCATED);
            cr_expect_eq(test_scratch_count(&scratch, ""), 1, "%zu", len);
        }
    }
    bm_buffer_free(&bytes);
}

/* To a descriptor: what came before the damage, and an end that no reader accepts. */
static struct bm_buffer spoiled(const char *in, enum bm_container container)
{
    struct test_dump_copy copy = copy_of(in, "unused");
    copy.in.db = container == BM_CONTAINER_BSON ? "d" : NULL;
    copy.in.collection = container == BM_CONTAINER_BSON ? "c" : NULL;
    copy.reread = 0;
    copy.out.path = NULL;
    copy.out.fd = test_dump_out(test_scratch_path(&scratch, "out"));
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_TRUNCATED, "%s", err.text);
    close(copy.out.fd);
    return test_scratch_read(&scratch, "out");
}

Test(packer, an_abandoned_archive_is_spoiled)
{
    struct bm_buffer bytes = test_build_example();
    for (size_t len = 0xda; len < bytes.len; len++) {
        test_scratch_write(&scratch, "a", (struct bm_view){bytes.data, len});
        struct bm_buffer out = spoiled("a", BM_CONTAINER_ARCHIVE);
        struct test_archive archive;
        if (out.len > 0) {
            cr_expect(!test_archive_check(out.data, out.len, &archive), "%zu", len);
            cr_expect_str_eq(archive.error, out.len > 0xe2 ? archive.error : "half a document");
            cr_expect_arr_eq(out.data + out.len - 8,
                             "\x34\0\0\0\x02"
                             "db",
                             8);
        } else {
            cr_expect_leq(len, 0xdau + 52u, "nothing was written, nothing is spoiled");
        }
        bm_buffer_free(&out);
    }
    bm_buffer_free(&bytes);
}

Test(packer, abandoned_raw_bson_is_spoiled)
{
    struct bm_view two = TWO;
    for (size_t len = 4; len < two.len; len++) {
        if (len == 14) {
            continue; /* a good file of one document */
        }
        test_scratch_write(&scratch, "a.bson", (struct bm_view){two.data, len});
        struct bm_buffer out = spoiled("a.bson", BM_CONTAINER_BSON);
        /* The last whole document was held back. */
        cr_expect_eq(out.len, 3);
        cr_expect_arr_eq(out.data, "\xff\xff\xff", 3);
        bm_buffer_free(&out);
    }
}

/* Also what is compressed: the bytes arrive, the stream is left open. */
Test(packer, an_abandoned_stream_is_spoiled_in_every_layer)
{
    static const enum bm_codec codecs[] = {BM_CODEC_GZIP, BM_CODEC_ZSTD};
    struct bm_buffer example = test_build_example();
    for (size_t i = 0; i < 2; i++) {
        struct bm_buffer coded = BM_BUFFER_INIT(1 << 20);
        test_stream_encode((struct bm_view){example.data, example.len - 4},
                           (struct bm_compression){codecs[i], 1}, 0, &coded);
        test_scratch_write(&scratch, "a", bm_buffer_view(&coded));
        struct bm_buffer out = spoiled("a", BM_CONTAINER_ARCHIVE);
        struct bm_error err = BM_ERROR_INIT;
        struct bm_reader *memory = bm_reader_memory_new(bm_buffer_view(&out), 0, &err);
        struct bm_reader *reader = bm_decode_new(memory, NULL, &err);
        cr_assert_not_null(reader, "%s", err.text);
        size_t decoded = 0;
        struct bm_view lent;
        enum bm_status status;
        while ((status = bm_reader_peek(reader, 1, &lent, &err)) == BM_OK) {
            decoded += lent.len;
            bm_reader_consume(reader, lent.len);
        }
        cr_expect_eq(status, BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_TRUNCATED);
        cr_expect_eq(decoded, 0x136 + 8u, "the documents, then half a block");
        bm_reader_free(reader);
        bm_buffer_free(&out);
        bm_buffer_free(&coded);
    }
    bm_buffer_free(&example);
}

Test(packer, a_full_disk_is_told)
{
    if (access("/dev/full", W_OK) != 0) {
        cr_skip_test("no /dev/full");
    }
    write_example("a");
    static const enum bm_container kinds[] = {BM_CONTAINER_BSON, BM_CONTAINER_ARCHIVE};
    for (size_t i = 0; i < 2; i++) {
        struct test_dump_copy copy = copy_of("a", "unused");
        copy.reread = 0;
        copy.out.container = kinds[i];
        copy.out.path = "-";
        copy.out.fd = test_dump_out("/dev/full");
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_eq(err.sys_errno, 28, "ENOSPC");
        close(copy.out.fd);
    }
}

Test(packer, the_end_is_held_back_until_finish)
{
    write_example("a");
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "a")};
    struct bm_source *source = bm_source_new(&in, &err);
    const struct bm_packer_options options = {.fd =
                                                  test_dump_out(test_scratch_path(&scratch, "out")),
                                              .container = BM_CONTAINER_KEEP,
                                              .compression = {.codec = BM_CODEC_KEEP}};
    struct bm_packer *packer = bm_packer_new(&options, source, &err);
    struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
    cr_assert(packer != NULL && unpacker != NULL);
    struct bm_event event;
    while (bm_unpacker_next(unpacker, &event, &err) == BM_OK) {
        cr_assert_eq(bm_packer_event(packer, &event, NULL, 0, &err), BM_OK);
    }
    cr_expect_eq(bm_packer_bytes(packer), 0x13a, "all but the last block");
    cr_expect_eq(bm_packer_documents(packer), 2);
    cr_expect_eq(bm_packer_seal(packer, &err), BM_OK, "does nothing");
    cr_expect_eq(bm_packer_bytes(packer), 0x13a);
    cr_expect_null(bm_packer_reread(packer, &err));
    err = BM_ERROR_INIT;
    cr_expect_eq(bm_packer_finish(packer, &err), BM_OK);
    bm_packer_abandon(packer); /* too late to spoil anything */
    bm_unpacker_free(unpacker);
    bm_packer_free(packer);
    bm_source_free(source);
    expect_same("a", "out");
}

/* ---- one kind of dump as another ---- */

static void write_rich_dump(void)
{
    test_scratch_write(&scratch, "dump/a/c.bson", TWO);
    test_scratch_write(&scratch, "dump/a/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    test_scratch_write(&scratch, "dump/a/only.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    test_scratch_write(
        &scratch, "dump/a/view.metadata.json",
        TEST_TEXT("{\"options\":{\"viewOn\":\"c\",\"pipeline\":[]},\"indexes\":[]}"));
    test_scratch_write(&scratch, "dump/a/system.buckets.s.bson", ONE);
    test_scratch_write(&scratch, "dump/a/s.metadata.json",
                       TEST_TEXT("{\"options\":{\"timeseries\":{\"timeField\":\"t\"}}}"));
    test_scratch_write(&scratch, "dump/a/caf%C3%A9+%2F.bson", ONE);
    test_scratch_write(&scratch, "dump/admin/system.version.bson", ONE);
    test_scratch_write(&scratch, "dump/b/empty.bson", TEST_TEXT(""));
    test_scratch_write(&scratch, "dump/oplog.bson", ONE);
    test_scratch_write(&scratch, "dump/prelude.json",
                       TEST_TEXT("{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":\"x\"}"));
}

Test(packer, directory_to_archive_and_back)
{
    write_rich_dump();
    struct test_dump_copy copy = copy_of("dump", "archive");
    copy.out.container = BM_CONTAINER_ARCHIVE;
    must_copy(&copy);
    struct bm_buffer bytes = test_scratch_read(&scratch, "archive");
    struct test_archive archive;
    cr_assert(test_archive_check(bytes.data, bytes.len, &archive), "%s", archive.error);
    static const struct {
        const char *entry;
        const char *body;
        size_t documents;
    } wanted[] = {{"admin.system.version collection", "admin.system.version", 1},
                  {"a.c collection", "a.c", 2},
                  {"a.caf\xc3\xa9 / collection", "a.caf\xc3\xa9 /", 1},
                  {"a.only collection", "a.only", 0},
                  {"a.s timeseries", "a.system.buckets.s", 1},
                  {"a.view view", "a.view", 0},
                  {"b.empty collection", "b.empty", 0},
                  {".oplog ", ".oplog", 1}};
    cr_assert_eq(archive.entries, sizeof wanted / sizeof wanted[0]);
    for (size_t i = 0; i < archive.entries; i++) {
        cr_expect_str_eq(archive.entry[i], wanted[i].entry);
        cr_expect_str_eq(archive.namespaces[i].name, wanted[i].body);
        cr_expect_eq(archive.namespaces[i].documents, wanted[i].documents);
        cr_expect_eq(archive.namespaces[i].segments, 1);
    }
    cr_expect_str_eq(archive.server_version, "7.0.16");
    cr_expect_eq(archive.concurrent, 1);
    cr_expect_eq(archive.most_open, 1);
    bm_buffer_free(&bytes);
    copy = copy_of("archive", "back");
    copy.out.container = BM_CONTAINER_DIRECTORY;
    must_copy(&copy);
    expect_text("back/prelude.json",
                "{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":\"bsonmend 0.1.0\"}");
    /* An archive has no place for the difference between an empty file and none. */
    cr_expect_eq(unlink(test_scratch_path(&scratch, "back/a/only.bson")), 0);
    test_scratch_write(&scratch, "back/prelude.json",
                       TEST_TEXT("{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":\"x\"}"));
    expect_same("dump", "back");
}

/* Suffixes as mongodump has them; the oplog keeps its name; an empty collection is a whole stream.
 */
static void expect_recoded(enum bm_codec codec)
{
    write_rich_dump();
    struct test_dump_copy copy = copy_of("dump", "coded");
    copy.out.compression = (struct bm_compression){codec, 1};
    must_copy(&copy);
    static const char *const names[] = {"a/c.bson",
                                        "a/c.metadata.json",
                                        "a/view.metadata.json",
                                        "a/system.buckets.s.bson",
                                        "a/caf%C3%A9+%2F.bson",
                                        "b/empty.bson",
                                        "prelude.json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char plain[256];
        char name[256];
        snprintf(plain, sizeof plain, "dump/%s", names[i]);
        snprintf(name, sizeof name, "coded/%s%s", names[i], bm_codec_suffix(codec));
        expect_same(plain, name);
        struct stat found;
        cr_assert_eq(stat(test_scratch_path(&scratch, name), &found), 0);
        cr_expect_gt(found.st_size, 0);
    }
    expect_same("dump/oplog.bson", "coded/oplog.bson");
    copy = copy_of("coded", "kept");
    must_copy(&copy);
    expect_same("coded", "kept");
    copy = copy_of("coded", "back");
    copy.out.compression.codec = BM_CODEC_NONE;
    must_copy(&copy);
    expect_same("dump", "back");
}

Test(packer, directory_to_gzip_and_back)
{
    expect_recoded(BM_CODEC_GZIP);
}

Test(packer, directory_to_zstd_and_back)
{
    expect_recoded(BM_CODEC_ZSTD);
}

/* What goes to a descriptor from a directory is an archive, in the directory's codec. */
Test(packer, directory_to_standard_output)
{
    write_rich_dump();
    struct test_dump_copy copy = copy_of("dump", "coded");
    copy.out.compression = (struct bm_compression){BM_CODEC_GZIP, 1};
    must_copy(&copy);
    copy = copy_of("coded", "unused");
    copy.reread = 0;
    copy.out.path = "-";
    copy.out.fd = test_dump_out(test_scratch_path(&scratch, "out"));
    must_copy(&copy);
    close(copy.out.fd);
    copy = copy_of("out", "back");
    copy.out.container = BM_CONTAINER_ARCHIVE;
    must_copy(&copy);
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "out")};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_expect_eq(bm_source_about(source)->container, BM_CONTAINER_ARCHIVE);
    cr_expect_eq(bm_source_about(source)->codec, BM_CODEC_GZIP);
    bm_source_free(source);
    copy = copy_of("dump", "unused");
    copy.out.path = "-";
    copy.out.container = BM_CONTAINER_DIRECTORY;
    must_fail(&copy, BM_ERROR_USAGE, "a directory cannot go to standard output");
}

Test(packer, raw_bson_takes_its_metadata_along)
{
    test_scratch_write(&scratch, "d/c.bson", TWO);
    test_scratch_write(&scratch, "d/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    struct test_dump_copy copy = copy_of("d/c.bson", "fixed.bson");
    must_copy(&copy);
    expect_same("d/c.bson", "fixed.bson");
    expect_same("d/c.metadata.json", "fixed.metadata.json");
    copy = copy_of("d/c.bson", "fixed.bson.gz");
    copy.out.compression = (struct bm_compression){BM_CODEC_GZIP, 1};
    must_copy(&copy);
    expect_same("d/c.bson", "fixed.bson.gz");
    expect_same("d/c.metadata.json", "fixed.metadata.json.gz");
    test_scratch_write(&scratch, "other.metadata.json", TEST_TEXT("old"));
    copy = copy_of("d/c.bson", "other.bson");
    must_fail(&copy, BM_ERROR_USAGE, "exists already");
    expect_text("other.metadata.json", "old");
    copy.out.existing = BM_REPLACE_EXISTING;
    must_copy(&copy);
    expect_text("other.metadata.json", "{\"indexes\":[]}");
    copy = copy_of("d/c.bson", "d/c.bson.zst");
    copy.out.existing = BM_REPLACE_EXISTING;
    must_fail(&copy, BM_ERROR_USAGE, "the output's metadata would stand in place of the input's");
    cr_expect(!is_there("d/c.bson.zst"));
    cr_expect_eq(test_scratch_count(&scratch, "d"), 2);
}

Test(packer, raw_bson_as_directory_and_archive_and_back)
{
    test_scratch_write(&scratch, "d/c.bson", TWO);
    test_scratch_write(&scratch, "d/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    struct test_dump_copy copy = copy_of("d/c.bson", "dir");
    copy.out.container = BM_CONTAINER_DIRECTORY;
    must_copy(&copy);
    expect_same("d", "dir/d");
    cr_expect_eq(test_scratch_count(&scratch, "dir"), 1);
    copy = copy_of("dir", "archive");
    copy.out.container = BM_CONTAINER_ARCHIVE;
    must_copy(&copy);
    copy = copy_of("archive", "back.bson");
    copy.out.container = BM_CONTAINER_BSON;
    must_copy(&copy);
    expect_same("d/c.bson", "back.bson");
    expect_same("d/c.metadata.json", "back.metadata.json");
}

Test(packer, raw_bson_holds_one_collection)
{
    write_rich_dump();
    struct test_dump_copy copy = copy_of("dump", "out.bson");
    copy.out.container = BM_CONTAINER_BSON;
    must_fail(&copy, BM_ERROR_USAGE, "raw BSON holds one collection, this dump has 6 with data");
    cr_expect(!is_there("out.bson"));
}

Test(packer, names_no_directory_can_hold)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    test_build_start(&bytes, "7.0.0");
    test_build_entry(&bytes, "a/b", "c", "", "collection");
    test_build_terminator(&bytes);
    test_build_segment(&bytes, "a/b", "c");
    test_build_terminator(&bytes);
    test_build_eof(&bytes, "a/b", "c", 0);
    test_scratch_write(&scratch, "a", bm_buffer_view(&bytes));
    struct test_dump_copy copy = copy_of("a", "out");
    copy.out.container = BM_CONTAINER_DIRECTORY;
    must_fail(&copy, BM_ERROR_USAGE, "cannot be a folder of a dump");
    cr_expect_eq(test_scratch_count(&scratch, ""), 1);
    bm_buffer_free(&bytes);
}

Test(packer, modes_and_times_follow_the_input)
{
    write_rich_dump();
    test_scratch_write(&scratch, "dump/note", TEST_TEXT("x"));
    cr_assert_eq(symlink("nowhere", test_scratch_path(&scratch, "dump/link")), 0);
    cr_assert_eq(chmod(test_scratch_path(&scratch, "dump/a/c.bson"), 0640), 0);
    cr_assert_eq(chmod(test_scratch_path(&scratch, "dump/a/c.metadata.json"), 0604), 0);
    cr_assert_eq(chmod(test_scratch_path(&scratch, "dump/note"), 0750), 0);
    const struct timespec times[2] = {{1000000000, 0}, {1200000000, 5}};
    static const char *const timed[] = {"a/c.bson", "a/c.metadata.json", "note", "link"};
    for (size_t i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "dump/%s", timed[i]);
        cr_assert_eq(
            utimensat(AT_FDCWD, test_scratch_path(&scratch, name), times, AT_SYMLINK_NOFOLLOW), 0);
    }
    cr_assert_eq(chmod(test_scratch_path(&scratch, "dump/a"), 0550), 0);
    struct test_dump_copy copy = copy_of("dump", "out");
    must_copy(&copy);
    expect_same("dump", "out");
    for (size_t i = 0; i < 4; i++) {
        char name[64];
        struct stat found;
        snprintf(name, sizeof name, "out/%s", timed[i]);
        cr_assert_eq(lstat(test_scratch_path(&scratch, name), &found), 0);
        cr_expect_eq(found.st_mtim.tv_sec, 1200000000, "%s", name);
        cr_expect_eq(found.st_mtim.tv_nsec, 5, "%s", name);
    }
    cr_assert_eq(chmod(test_scratch_path(&scratch, "dump/a"), 0750), 0);
    cr_assert_eq(chmod(test_scratch_path(&scratch, "out/a"), 0750), 0);
}

static void drop_first(const struct bm_batch *batch, struct bm_edit *edit)
{
    if (batch->ordinal + edit->document == 0) {
        edit->verdict = BM_VERDICT_DROP;
    }
}

/* Where a byte differs the old time would be a lie. */
Test(packer, a_changed_file_has_a_new_time)
{
    test_scratch_write(&scratch, "dump/d/c.bson", TWO);
    const struct timespec times[2] = {{1000000000, 0}, {1200000000, 0}};
    cr_assert_eq(utimensat(AT_FDCWD, test_scratch_path(&scratch, "dump/d/c.bson"), times, 0), 0);
    struct test_dump_copy copy = copy_of("dump", "out");
    copy.editor = drop_first;
    must_copy(&copy);
    struct stat found;
    cr_assert_eq(stat(test_scratch_path(&scratch, "out/d/c.bson"), &found), 0);
    cr_expect_neq(found.st_mtim.tv_sec, 1200000000);
    cr_expect_eq(found.st_size, 14);
}

Test(packer, what_is_left_out_is_said)
{
    test_scratch_write(&scratch, "dump/d/c.bson", TWO);
    test_scratch_write(&scratch, "dump/note", TEST_TEXT("x"));
    test_scratch_write(&scratch, "dump/prelude.json", TEST_TEXT("{}"));
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_scratch_path(&scratch, "dump")};
    struct bm_source *source = bm_source_new(&in, &err);
    const struct bm_packer_options options = {.path = test_scratch_path(&scratch, "out"),
                                              .container = BM_CONTAINER_ARCHIVE,
                                              .compression = {.codec = BM_CODEC_ZSTD}};
    struct bm_packer *packer = bm_packer_new(&options, source, &err);
    cr_assert_not_null(packer, "%s", err.text);
    size_t count;
    const char *const *lines = bm_packer_warnings(packer, &count);
    cr_assert_eq(count, 2);
    cr_expect_str_eq(lines[0],
                     "mongorestore does not read zstd: the output needs zstd -dc before it");
    cr_expect_str_eq(lines[1], "note: left out, an archive has no place for it");
    cr_expect_eq(bm_packer_container(packer), BM_CONTAINER_ARCHIVE);
    cr_expect_eq(bm_packer_codec(packer), BM_CODEC_ZSTD);
    bm_packer_free(packer);
    bm_source_free(source);
    cr_expect_eq(test_scratch_count(&scratch, ""), 1);
}
