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
#include "support/streams.h"
#include "support/trial.h"

/* One kind of dump as another, and what goes along. */

TestSuite(conversion, .init = test_trial_start, .fini = test_trial_stop);

static void drop_second_of_a(const struct bm_batch *batch, struct bm_edit *edit)
{
    if (strcmp(batch->ns->ns, "d.a") == 0 && batch->ordinal + edit->document == 1) {
        edit->verdict = BM_VERDICT_DROP;
    }
}

/* Segments and their order stay, also when one is emptied; as files each namespace is whole. */
Test(conversion, interleaved_archive)
{
    struct bm_buffer bytes = test_build_interleaved();
    test_trial_put("archive", &bytes);
    test_trial_pass("archive", "same", BM_CONTAINER_KEEP, NULL);
    test_trial_same("archive", "same");
    test_trial_pass("archive", "dropped", BM_CONTAINER_KEEP, drop_second_of_a);
    struct test_archive archive = test_trial_archive("dropped");
    const struct test_archive_namespace *a = test_archive_find(&archive, "d.a");
    cr_expect_eq(a->documents, 1);
    cr_expect_eq(a->segments, 3);
    cr_expect_eq(a->crc, test_archive_find(&archive, "d.b")->crc, "both hold {_id: 1}");
    test_trial_pass("archive", "dir", BM_CONTAINER_DIRECTORY, NULL);
    test_trial_write("wanted/d/a.bson", TEST_TWO);
    test_trial_write("wanted/d/b.bson", TEST_ONE);
    test_trial_write("wanted/d/b.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    test_trial_write("wanted/d/only.eof.bson", TEST_TEXT(""));
    test_trial_write("wanted/d/v.metadata.json",
                     TEST_TEXT("{\"options\":{\"viewOn\":\"a\",\"pipeline\":[]},\"indexes\":[]}"));
    test_trial_write("wanted/prelude.json",
                     TEST_TEXT("{\"ServerVersion\":\"7.0.0\",\"ToolVersion\":\"x\"}"));
    test_trial_same("wanted", "dir");
}

Test(conversion, directory_to_archive_and_back)
{
    test_trial_rich_dump();
    struct test_dump_copy copy = test_trial_copy("dump", "archive");
    copy.out.container = BM_CONTAINER_ARCHIVE;
    test_trial_run(&copy);
    struct bm_buffer bytes = test_trial_read("archive");
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
    copy = test_trial_copy("archive", "back");
    copy.out.container = BM_CONTAINER_DIRECTORY;
    test_trial_run(&copy);
    test_trial_text("back/prelude.json",
                    "{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":\"bsonmend 0.1.0\"}");
    /* An archive has no place for the difference between an empty file and none. */
    cr_expect_eq(unlink(test_trial_path("back/a/only.bson")), 0);
    test_trial_write("back/prelude.json",
                     TEST_TEXT("{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":\"x\"}"));
    test_trial_same("dump", "back");
}

/* Suffixes as mongodump has them; the oplog keeps its name; an empty collection is a whole stream.
 */
static void expect_recoded(enum bm_codec codec)
{
    test_trial_rich_dump();
    struct test_dump_copy copy = test_trial_copy("dump", "coded");
    copy.out.compression = (struct bm_compression){codec, 1};
    test_trial_run(&copy);
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
        test_trial_same(plain, name);
        struct stat found;
        cr_assert_eq(stat(test_trial_path(name), &found), 0);
        cr_expect_gt(found.st_size, 0);
    }
    test_trial_same("dump/oplog.bson", "coded/oplog.bson");
    copy = test_trial_copy("coded", "kept");
    test_trial_run(&copy);
    test_trial_same("coded", "kept");
    copy = test_trial_copy("coded", "back");
    copy.out.compression.codec = BM_CODEC_NONE;
    test_trial_run(&copy);
    test_trial_same("dump", "back");
}

Test(conversion, directory_to_gzip_and_back)
{
    expect_recoded(BM_CODEC_GZIP);
}

Test(conversion, directory_to_zstd_and_back)
{
    expect_recoded(BM_CODEC_ZSTD);
}

/* What goes to a descriptor from a directory is an archive, in the directory's codec. */
Test(conversion, directory_to_standard_output)
{
    test_trial_rich_dump();
    struct test_dump_copy copy = test_trial_copy("dump", "coded");
    copy.out.compression = (struct bm_compression){BM_CODEC_GZIP, 1};
    test_trial_run(&copy);
    copy = test_trial_copy("coded", "unused");
    copy.reread = 0;
    copy.out.path = "-";
    copy.out.fd = test_dump_out(test_trial_path("out"));
    test_trial_run(&copy);
    close(copy.out.fd);
    copy = test_trial_copy("out", "back");
    copy.out.container = BM_CONTAINER_ARCHIVE;
    test_trial_run(&copy);
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_trial_path("out")};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_expect_eq(bm_source_about(source)->container, BM_CONTAINER_ARCHIVE);
    cr_expect_eq(bm_source_about(source)->codec, BM_CODEC_GZIP);
    bm_source_free(source);
    copy = test_trial_copy("dump", "unused");
    copy.out.path = "-";
    copy.out.container = BM_CONTAINER_DIRECTORY;
    test_trial_refuse(&copy, BM_ERROR_USAGE, "a directory cannot go to standard output");
}

Test(conversion, raw_bson_takes_its_metadata_along)
{
    test_trial_write("d/c.bson", TEST_TWO);
    test_trial_write("d/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    struct test_dump_copy copy = test_trial_copy("d/c.bson", "fixed.bson");
    test_trial_run(&copy);
    test_trial_same("d/c.bson", "fixed.bson");
    test_trial_same("d/c.metadata.json", "fixed.metadata.json");
    copy = test_trial_copy("d/c.bson", "fixed.bson.gz");
    copy.out.compression = (struct bm_compression){BM_CODEC_GZIP, 1};
    test_trial_run(&copy);
    test_trial_same("d/c.bson", "fixed.bson.gz");
    test_trial_same("d/c.metadata.json", "fixed.metadata.json.gz");
    test_trial_write("other.metadata.json", TEST_TEXT("old"));
    copy = test_trial_copy("d/c.bson", "other.bson");
    test_trial_refuse(&copy, BM_ERROR_USAGE, "exists already");
    test_trial_text("other.metadata.json", "old");
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_run(&copy);
    test_trial_text("other.metadata.json", "{\"indexes\":[]}");
    copy = test_trial_copy("d/c.bson", "d/c.bson.zst");
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_refuse(&copy, BM_ERROR_USAGE,
                      "the output's metadata would stand in place of the input's");
    cr_expect(!test_trial_is_there("d/c.bson.zst"));
    cr_expect_eq(test_trial_count("d"), 2);
}

Test(conversion, raw_bson_as_directory_and_archive_and_back)
{
    test_trial_write("d/c.bson", TEST_TWO);
    test_trial_write("d/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    struct test_dump_copy copy = test_trial_copy("d/c.bson", "dir");
    copy.out.container = BM_CONTAINER_DIRECTORY;
    test_trial_run(&copy);
    test_trial_same("d", "dir/d");
    cr_expect_eq(test_trial_count("dir"), 1);
    copy = test_trial_copy("dir", "archive");
    copy.out.container = BM_CONTAINER_ARCHIVE;
    test_trial_run(&copy);
    copy = test_trial_copy("archive", "back.bson");
    copy.out.container = BM_CONTAINER_BSON;
    test_trial_run(&copy);
    test_trial_same("d/c.bson", "back.bson");
    test_trial_same("d/c.metadata.json", "back.metadata.json");
}

Test(conversion, raw_bson_holds_one_collection)
{
    test_trial_rich_dump();
    struct test_dump_copy copy = test_trial_copy("dump", "out.bson");
    copy.out.container = BM_CONTAINER_BSON;
    test_trial_refuse(&copy, BM_ERROR_USAGE,
                      "raw BSON holds one collection, this dump has 6 with data");
    cr_expect(!test_trial_is_there("out.bson"));
}

Test(conversion, names_no_directory_can_hold)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    test_build_start(&bytes, "7.0.0");
    test_build_entry(&bytes, "a/b", "c", "", "collection");
    test_build_terminator(&bytes);
    test_build_segment(&bytes, "a/b", "c");
    test_build_terminator(&bytes);
    test_build_eof(&bytes, "a/b", "c", 0);
    test_trial_write("a", bm_buffer_view(&bytes));
    struct test_dump_copy copy = test_trial_copy("a", "out");
    copy.out.container = BM_CONTAINER_DIRECTORY;
    test_trial_refuse(&copy, BM_ERROR_USAGE, "cannot be a folder of a dump");
    cr_expect_eq(test_trial_count(""), 1);
    bm_buffer_free(&bytes);
}

/* An archive of the one collection d.NAME with {_id: 1}. */
static void put_archive_of(const char *archive, const char *name, const char *metadata)
{
    struct bm_buffer bytes = TEST_ARCHIVE_INIT;
    struct bm_error err = BM_ERROR_INIT;
    test_build_start(&bytes, "7.0.0");
    test_build_entry(&bytes, "d", name, metadata, "collection");
    test_build_terminator(&bytes);
    test_build_segment(&bytes, "d", name);
    size_t start = bytes.len;
    cr_assert_eq(bm_buffer_append(&bytes, TEST_ONE, &err), BM_OK);
    uint64_t crc = test_build_crc(&bytes, start);
    test_build_terminator(&bytes);
    test_build_eof(&bytes, "d", name, crc);
    test_trial_put(archive, &bytes);
}

/* A name of 250 bytes is cut as a file's; `odd` stands at its start. */
static const char *long_name(const char *odd)
{
    static char name[251];
    memset(name, 'n', 250);
    memcpy(name, odd, strlen(odd));
    return name;
}

static const char *naming(const char *name)
{
    static char metadata[400];
    snprintf(metadata, sizeof metadata, "{\"indexes\":[],\"collectionName\":\"%s\"}", name);
    return metadata;
}

static void expect_namespace(const char *dump, const char *ns)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_trial_path(dump)};
    struct bm_source *source = bm_source_new(&in, &err);
    cr_assert_not_null(source, "%s", err.text);
    const struct bm_catalog *catalog = bm_source_catalog(source);
    cr_expect_eq(bm_catalog_count(catalog), 1);
    cr_expect_str_eq(bm_catalog_namespace(catalog, 0)->ns, ns);
    bm_source_free(source);
}

/* A file name leads back to the collection, or there is no output: a cut one is read by the
 * collectionName beside it, unescaped once more. */
Test(conversion, a_name_in_a_directory_leads_back)
{
    const char *metadata = naming(long_name("plain"));
    put_archive_of("a", long_name("plain"), metadata);
    test_trial_pass("a", "cut", BM_CONTAINER_DIRECTORY, NULL);
    char ns[300];
    snprintf(ns, sizeof ns, "d.%s", long_name("plain"));
    expect_namespace("cut", ns);
    /* Escaped it has 303 bytes and is cut; spelt out, 203. mongorestore would make the plus of a
     * cut one a blank. */
    char accents[204] = "+";
    for (size_t i = 0; i < 101; i++) {
        memcpy(accents + 1 + 2 * i, "\xc3\xa9", 3);
    }
    put_archive_of("b", accents, naming(accents));
    test_trial_pass("b", "spelt", BM_CONTAINER_DIRECTORY, NULL);
    snprintf(ns, sizeof ns, "d.%s", accents);
    expect_namespace("spelt", ns);
    /* So is one that no metadata tells: with .bson it has just the 255 bytes of a file name. */
    put_archive_of("c", long_name("plain"), "");
    test_trial_pass("c", "bare", BM_CONTAINER_DIRECTORY, NULL);
    snprintf(ns, sizeof ns, "d.%s", long_name("plain"));
    expect_namespace("bare", ns);
    put_archive_of("e", "$admin./../../evil", "");
    test_trial_pass("e", "inside", BM_CONTAINER_DIRECTORY, NULL);
    expect_namespace("inside", "d.$admin./../../evil");
}

Test(conversion, a_name_that_would_lead_elsewhere_is_refused)
{
    static const char *const odd[] = {"a+b", "a%41", "plain", "plain", "plain"};
    static const char *const texts[] = {NULL, NULL, "{\"collectionName\":\"other\"}",
                                        "{\"indexes\":[]}", "not JSON"};
    static const char *const why[] = {"the collectionName in its metadata is read as another name",
                                      "the collectionName in its metadata is read as another name",
                                      "the collectionName in its metadata is read as another name",
                                      "it has no metadata with a collectionName",
                                      "its metadata, which tells a cut one, cannot be read"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        const char *name = long_name(odd[i]);
        put_archive_of("a", name, texts[i] != NULL ? texts[i] : naming(name));
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options in = {.path = test_trial_path("a")};
        struct bm_source *source = bm_source_new(&in, &err);
        cr_assert_not_null(source, "%s", err.text);
        const struct bm_packer_options out = {.path = test_trial_path("out"),
                                              .container = BM_CONTAINER_DIRECTORY};
        cr_expect_null(bm_packer_new(&out, source, &err), "before any work");
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%zu", i);
        cr_expect_not_null(strstr(err.text, why[i]), "%zu: %s", i, err.text);
        cr_expect(strncmp(err.ns, "d.", 2) == 0);
        bm_source_free(source);
        cr_expect_eq(test_trial_count(""), 1);
    }
}

/* A cut name with .metadata.json.gz has just the 255 bytes of a file name; .zst is one too many. */
Test(conversion, a_suffix_may_be_too_long)
{
    char name[300];
    snprintf(name, sizeof name, "%.208s%%24%.27s", long_name("x"), long_name("y"));
    char path[400];
    snprintf(path, sizeof path, "dump/d/%s.bson", name);
    test_trial_write(path, TEST_ONE);
    snprintf(path, sizeof path, "dump/d/%s.metadata.json", name);
    test_trial_write(path, TEST_TEXT("{\"collectionName\":\"c\"}"));
    struct test_dump_copy copy = test_trial_copy("dump", "out");
    copy.out.compression = (struct bm_compression){BM_CODEC_ZSTD, 1};
    test_trial_refuse(&copy, BM_ERROR_USAGE, "with its suffix the name is over 255 bytes");
    cr_expect_eq(test_trial_count(""), 1);
    copy.out.compression.codec = BM_CODEC_GZIP;
    test_trial_run(&copy);
    expect_namespace("out", "d.c");
    put_archive_of("a", long_name("plain"), naming(long_name("plain")));
    copy = test_trial_copy("a", "other");
    copy.out.container = BM_CONTAINER_DIRECTORY;
    copy.out.compression = (struct bm_compression){BM_CODEC_ZSTD, 1};
    test_trial_refuse(&copy, BM_ERROR_USAGE, "over 255 bytes with its suffix");
}

/* Metadata that stood beside OUT before would be read as OUT's, under any of its suffixes. */
Test(conversion, metadata_of_an_earlier_file_does_not_stay)
{
    static const char *const stale[] = {"out.metadata.json", "out.metadata.json.gz",
                                        "out.metadata.json.zst"};
    static const char *const inputs[] = {"bare/c.bson", "d/c.bson"};
    test_trial_write("bare/c.bson", TEST_TWO);
    test_trial_write("d/c.bson", TEST_TWO);
    test_trial_write("d/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    for (size_t i = 0; i < 6; i++) {
        /* Where the output has metadata of its own, with its suffix, that comes first. */
        int has_own = i / 3 == 1;
        int is_own = i == 3;
        int stays = has_own && !is_own;
        test_trial_write(stale[i % 3], TEST_TEXT("old"));
        struct test_dump_copy copy = test_trial_copy(inputs[i / 3], "out.bson");
        if (!stays) {
            test_trial_refuse(&copy, BM_ERROR_USAGE,
                              is_own ? "exists already: --force would replace it"
                                     : "exists already and would be taken for the output's");
            cr_expect(!test_trial_is_there("out.bson"));
            copy.out.existing = BM_REPLACE_EXISTING;
        }
        test_trial_text(stale[i % 3], "old");
        test_trial_run(&copy);
        cr_expect_eq(test_trial_is_there(stale[i % 3]), stays || is_own, "%zu", i);
        cr_expect_eq(test_trial_is_there("out.metadata.json"), has_own);
        cr_expect_eq(test_trial_count(""), 3u + (unsigned)has_own + (unsigned)stays);
        cr_expect_eq(unlink(test_trial_path("out.bson")), 0);
        (void)unlink(test_trial_path("out.metadata.json"));
        (void)unlink(test_trial_path(stale[i % 3]));
    }
}

/* As gzip does it: the output beside the input, each with the metadata of its own suffix. */
Test(conversion, the_inputs_metadata_stays)
{
    test_trial_write("d/c.bson", TEST_TWO);
    test_trial_write("d/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    struct test_dump_copy copy = test_trial_copy("d/c.bson", "d/c.bson.gz");
    copy.out.compression = (struct bm_compression){BM_CODEC_GZIP, 1};
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_run(&copy);
    test_trial_same("d/c.metadata.json", "d/c.metadata.json.gz");
    copy = test_trial_copy("d/c.bson", "d/c.bson.zst");
    copy.out.compression = (struct bm_compression){BM_CODEC_GZIP, 1};
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_refuse(&copy, BM_ERROR_USAGE, "the input's metadata would be taken for the output");
    cr_expect_eq(test_trial_count("d"), 4);
}

Test(conversion, modes_and_times_follow_the_input)
{
    test_trial_rich_dump();
    test_trial_write("dump/note", TEST_TEXT("x"));
    cr_assert_eq(symlink("nowhere", test_trial_path("dump/link")), 0);
    cr_assert_eq(chmod(test_trial_path("dump/a/c.bson"), 0640), 0);
    cr_assert_eq(chmod(test_trial_path("dump/a/c.metadata.json"), 0604), 0);
    cr_assert_eq(chmod(test_trial_path("dump/note"), 0750), 0);
    const struct timespec times[2] = {{1000000000, 0}, {1200000000, 5}};
    static const char *const timed[] = {"a/c.bson", "a/c.metadata.json", "note", "link"};
    for (size_t i = 0; i < 4; i++) {
        char name[64];
        snprintf(name, sizeof name, "dump/%s", timed[i]);
        cr_assert_eq(utimensat(AT_FDCWD, test_trial_path(name), times, AT_SYMLINK_NOFOLLOW), 0);
    }
    cr_assert_eq(chmod(test_trial_path("dump/a"), 0550), 0);
    struct test_dump_copy copy = test_trial_copy("dump", "out");
    test_trial_run(&copy);
    test_trial_same("dump", "out");
    for (size_t i = 0; i < 4; i++) {
        char name[64];
        struct stat found;
        snprintf(name, sizeof name, "out/%s", timed[i]);
        cr_assert_eq(lstat(test_trial_path(name), &found), 0);
        cr_expect_eq(found.st_mtim.tv_sec, 1200000000, "%s", name);
        cr_expect_eq(found.st_mtim.tv_nsec, 5, "%s", name);
    }
    cr_assert_eq(chmod(test_trial_path("dump/a"), 0750), 0);
    cr_assert_eq(chmod(test_trial_path("out/a"), 0750), 0);
}

static void drop_first(const struct bm_batch *batch, struct bm_edit *edit)
{
    if (batch->ordinal + edit->document == 0) {
        edit->verdict = BM_VERDICT_DROP;
    }
}

/* Where a byte differs the old time would be a lie. */
Test(conversion, a_changed_file_has_a_new_time)
{
    test_trial_write("dump/d/c.bson", TEST_TWO);
    const struct timespec times[2] = {{1000000000, 0}, {1200000000, 0}};
    cr_assert_eq(utimensat(AT_FDCWD, test_trial_path("dump/d/c.bson"), times, 0), 0);
    struct test_dump_copy copy = test_trial_copy("dump", "out");
    copy.editor = drop_first;
    test_trial_run(&copy);
    struct stat found;
    cr_assert_eq(stat(test_trial_path("out/d/c.bson"), &found), 0);
    cr_expect_neq(found.st_mtim.tv_sec, 1200000000);
    cr_expect_eq(found.st_size, 14);
}

Test(conversion, what_is_left_out_is_said)
{
    test_trial_write("dump/d/c.bson", TEST_TWO);
    test_trial_write("dump/note", TEST_TEXT("x"));
    test_trial_write("dump/prelude.json", TEST_TEXT("{}"));
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_trial_path("dump")};
    struct bm_source *source = bm_source_new(&in, &err);
    const struct bm_packer_options options = {.path = test_trial_path("out"),
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
    cr_expect_eq(test_trial_count(""), 1);
}
