/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <dirent.h>
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

/* Where an output goes and how it ends. */

TestSuite(packer, .init = test_trial_start, .fini = test_trial_stop);

Test(packer, an_existing_output_is_refused_or_replaced)
{
    test_trial_example("a");
    test_trial_write("out", TEST_TEXT("old"));
    struct test_dump_copy copy = test_trial_copy("a", "out");
    test_trial_refuse(&copy, BM_ERROR_USAGE, "exists already");
    test_trial_text("out", "old");
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_run(&copy);
    test_trial_same("a", "out");
    cr_expect_eq(test_trial_count(""), 2, "no temporaries");
}

Test(packer, never_in_place)
{
    test_trial_example("a");
    test_trial_write("dump/d/c.bson", TEST_ONE);
    cr_assert_eq(link(test_trial_path("a"), test_trial_path("hard")), 0);
    cr_assert_eq(symlink("a", test_trial_path("soft")), 0);
    static const char *const pairs[][2] = {
        {"a", "a"},           {"a", "./a"},       {"a", "hard"},
        {"soft", "a"},        {"dump", "dump"},   {"dump", "dump/inner"},
        {"dump", "dump/d/x"}, {"dump/d", "dump"}, {"dump/d", "dump/d/"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct test_dump_copy copy = test_trial_copy(pairs[i][0], pairs[i][1]);
        copy.out.existing = BM_REPLACE_EXISTING;
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL, "%s %s", pairs[i][0], pairs[i][1]);
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%s", err.text);
    }
    test_trial_same("a", "hard");
    cr_expect_eq(test_trial_count("dump"), 1);
    cr_expect_eq(test_trial_count(""), 4);
}

/* Each byte written there destroys one that is read: of data, metadata and what is passed on. */
Test(packer, a_descriptor_never_leads_into_the_input)
{
    test_trial_write("dump/d/a.bson", TEST_ONE);
    test_trial_write("dump/d/b.bson", TEST_ONE);
    test_trial_write("dump/d/b.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    test_trial_write("dump/d/note", TEST_TEXT("x"));
    test_trial_write("dump/prelude.json", TEST_TEXT("{}"));
    test_trial_write("beside", TEST_TEXT("x"));
    test_trial_example("archive");
    static const char *const pairs[][2] = {{"dump", "dump/d/a.bson"},
                                           {"dump", "dump/d/b.bson"},
                                           {"dump", "dump/d/b.metadata.json"},
                                           {"dump", "dump/d/note"},
                                           {"dump", "dump/prelude.json"},
                                           {"dump/d/b.bson", "dump/d/b.metadata.json"},
                                           {"archive", "archive"},
                                           {"dump", "beside"}};
    size_t count = sizeof pairs / sizeof pairs[0];
    for (size_t i = 0; i < count; i++) {
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options in = {.path = test_trial_path(pairs[i][0])};
        struct bm_source *source = bm_source_new(&in, &err);
        cr_assert_not_null(source, "%s", err.text);
        struct bm_buffer before = test_trial_read(pairs[i][1]);
        const struct bm_packer_options options = {.fd = open(test_trial_path(pairs[i][1]), O_RDWR),
                                                  .container = BM_CONTAINER_KEEP,
                                                  .compression = {.codec = BM_CODEC_KEEP}};
        cr_assert_geq(options.fd, 0);
        struct bm_packer *packer = bm_packer_new(&options, source, &err);
        if (i + 1 < count) {
            cr_expect_null(packer, "%s", pairs[i][1]);
            cr_expect_eq(err.code, BM_ERROR_USAGE);
            cr_expect_str_eq(err.text, "standard output is a file that is read");
            cr_expect_str_eq(err.file, test_trial_path(pairs[i][1]));
            struct bm_buffer after = test_trial_read(pairs[i][1]);
            cr_expect(bm_view_equal(bm_buffer_view(&before), bm_buffer_view(&after)));
            bm_buffer_free(&after);
        } else {
            cr_expect_not_null(packer, "%s", err.text);
        }
        bm_packer_free(packer);
        bm_source_free(source);
        bm_buffer_free(&before);
        close(options.fd);
    }
}

Test(packer, a_name_that_asks_for_a_folder_makes_no_file)
{
    test_trial_example("a");
    test_trial_write("d/c.bson", TEST_ONE);
    struct test_dump_copy copy = test_trial_copy("a", "out/");
    test_trial_refuse(&copy, BM_ERROR_USAGE, "names a folder, but the output is a file");
    copy = test_trial_copy("d/c.bson", "out//");
    test_trial_refuse(&copy, BM_ERROR_USAGE, "names a folder, but the output is a file");
    cr_expect_eq(test_trial_count(""), 2);
    copy.out.container = BM_CONTAINER_DIRECTORY;
    test_trial_run(&copy);
    test_trial_same("d", "out/d");
}

Test(packer, names_of_no_bytes)
{
    test_trial_example("a");
    struct test_dump_copy copy = test_trial_copy("a", "out");
    copy.out.path = "";
    test_trial_refuse(&copy, BM_ERROR_USAGE, "the output's name is empty");
    copy = test_trial_copy("a", "out");
    copy.in.path = "";
    test_trial_refuse(&copy, BM_ERROR_USAGE, "the dump's name is empty");
}

/* A folder that takes nothing is told by the output's path, before any namespace is looked at. */
Test(packer, a_read_only_folder_is_told_by_its_path)
{
    test_trial_example("a");
    cr_assert_eq(mkdir(test_trial_path("locked"), 0555), 0);
    cr_assert_eq(chmod(test_trial_path(""), 0755), 0);
    cr_assert_eq(chmod(test_trial_path("a"), 0644), 0);
    if (geteuid() == 0 && seteuid(65534) != 0) {
        cr_skip_test("root may write everywhere, and cannot be somebody else here");
    }
    static const enum bm_container kinds[] = {BM_CONTAINER_BSON, BM_CONTAINER_DIRECTORY,
                                              BM_CONTAINER_ARCHIVE};
    for (size_t i = 0; i < 3; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct test_dump_copy copy = test_trial_copy("a", "locked/out");
        copy.out.container = kinds[i];
        cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_eq(err.sys_errno, 13, "EACCES, not %d: %s", err.sys_errno, err.text);
        cr_expect_str_eq(err.file, test_trial_path("locked/out"));
        cr_expect_str_eq(err.ns, "");
    }
    (void)!seteuid(0);
}

Test(packer, a_database_outside_the_dump_is_input_too)
{
    test_trial_write("elsewhere/c.bson", TEST_ONE);
    test_trial_write("dump/d/c.bson", TEST_ONE);
    cr_assert_eq(symlink("../elsewhere", test_trial_path("dump/e")), 0);
    struct test_dump_copy copy = test_trial_copy("dump", "elsewhere");
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_refuse(&copy, BM_ERROR_USAGE, "the same");
    cr_expect(test_trial_is_there("elsewhere/c.bson"));
}

Test(packer, the_parent_must_be_there)
{
    test_trial_example("a");
    struct test_dump_copy copy = test_trial_copy("a", "absent/out");
    test_trial_refuse(&copy, BM_ERROR_USAGE, "the folder it should go to is not there");
    copy = test_trial_copy("a", "a/out");
    test_trial_refuse(&copy, BM_ERROR_USAGE, "the folder it should go to is not there");
}

Test(packer, only_a_dump_is_replaced_by_a_dump)
{
    test_trial_write("dump/d/c.bson", TEST_ONE);
    test_trial_write("good/x/y.bson", TEST_ONE);
    test_trial_write("good/x/y.metadata.json.gz", TEST_ONE);
    test_trial_write("good/oplog.bson", TEST_ONE);
    test_trial_write("good/prelude.json", TEST_ONE);
    test_trial_write("bad1/x/notes.txt", TEST_ONE);
    test_trial_write("bad2/notes.txt", TEST_ONE);
    test_trial_write("bad3/x/y/z.bson", TEST_ONE);
    test_trial_write("file", TEST_ONE);
    struct test_dump_copy copy = test_trial_copy("dump", "good");
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_run(&copy);
    test_trial_same("dump", "good");
    static const struct {
        const char *out;
        const char *text;
    } cases[] = {{"bad1", "is not replaced: x/notes.txt in it belongs to no dump"},
                 {"bad2", "is not replaced: notes.txt in it belongs to no dump"},
                 {"bad3", "is not replaced: the folder x/y in it belongs to no dump"},
                 {"file", "is not replaced: it is no directory, but the output is"}};
    for (size_t i = 0; i < 4; i++) {
        copy = test_trial_copy("dump", cases[i].out);
        copy.out.existing = BM_REPLACE_EXISTING;
        test_trial_refuse(&copy, BM_ERROR_USAGE, cases[i].text);
    }
    copy = test_trial_copy("dump", "good");
    test_trial_refuse(&copy, BM_ERROR_USAGE, "exists already");
    copy.out.existing = BM_REPLACE_EXISTING;
    copy.out.container = BM_CONTAINER_ARCHIVE;
    test_trial_refuse(&copy, BM_ERROR_USAGE, "is not replaced: it is not a regular file");
    cr_expect_eq(test_trial_count(""), 6, "no temporaries");
}

/* A dump cut at any place leaves no output of any kind. */
Test(packer, a_cut_input_leaves_nothing)
{
    struct bm_buffer bytes = test_build_example();
    static const enum bm_container kinds[] = {BM_CONTAINER_BSON, BM_CONTAINER_DIRECTORY,
                                              BM_CONTAINER_ARCHIVE};
    for (size_t len = 215; len < bytes.len; len += 3) {
        test_trial_write("a", (struct bm_view){bytes.data, len});
        for (size_t i = 0; i < 3; i++) {
            struct test_dump_copy copy = test_trial_copy("a", "out");
            copy.out.container = kinds[i];
            struct bm_error err = BM_ERROR_INIT;
            cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL);
            cr_expect_eq(err.code, BM_ERROR_TRUNCATED);
            cr_expect_eq(test_trial_count(""), 1, "%zu", len);
        }
    }
    bm_buffer_free(&bytes);
}

/* To a descriptor: what came before the damage, and an end that no reader accepts. */
static struct bm_buffer spoiled(const char *in, enum bm_container container)
{
    struct test_dump_copy copy = test_trial_copy(in, "unused");
    copy.in.db = container == BM_CONTAINER_BSON ? "d" : NULL;
    copy.in.collection = container == BM_CONTAINER_BSON ? "c" : NULL;
    copy.reread = 0;
    copy.out.path = NULL;
    copy.out.fd = test_dump_out(test_trial_path("out"));
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(test_dump_copy(&copy, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_TRUNCATED, "%s", err.text);
    close(copy.out.fd);
    return test_trial_read("out");
}

Test(packer, an_abandoned_archive_is_spoiled)
{
    struct bm_buffer bytes = test_build_example();
    for (size_t len = 0xda; len < bytes.len; len++) {
        test_trial_write("a", (struct bm_view){bytes.data, len});
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
    struct bm_view two = TEST_TWO;
    for (size_t len = 4; len < two.len; len++) {
        if (len == 14) {
            continue; /* a good file of one document */
        }
        test_trial_write("a.bson", (struct bm_view){two.data, len});
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
        test_trial_write("a", bm_buffer_view(&coded));
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
    test_trial_example("a");
    static const enum bm_container kinds[] = {BM_CONTAINER_BSON, BM_CONTAINER_ARCHIVE};
    for (size_t i = 0; i < 2; i++) {
        struct test_dump_copy copy = test_trial_copy("a", "unused");
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

/* Somebody else was faster: theirs stays. */
Test(packer, an_output_that_appears_meanwhile_is_not_replaced)
{
    test_trial_write("dump/d/c.bson", TEST_ONE);
    static const enum bm_container kinds[] = {BM_CONTAINER_BSON, BM_CONTAINER_DIRECTORY,
                                              BM_CONTAINER_ARCHIVE};
    for (size_t i = 0; i < 3; i++) {
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options in = {.path = test_trial_path("dump")};
        struct bm_source *source = bm_source_new(&in, &err);
        const struct bm_packer_options options = {.path = test_trial_path("out"),
                                                  .container = kinds[i]};
        struct bm_packer *packer = bm_packer_new(&options, source, &err);
        cr_assert_not_null(packer, "%s", err.text);
        cr_expect_eq(bm_packer_seal(packer, &err), BM_OK);
        test_trial_write("out", TEST_TEXT("theirs"));
        cr_expect_eq(bm_packer_finish(packer, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%s", err.text);
        bm_packer_free(packer);
        bm_source_free(source);
        test_trial_text("out", "theirs");
        cr_expect_eq(unlink(test_trial_path("out")), 0);
        cr_expect_eq(test_trial_count(""), 1, "no temporaries");
    }
}

/* "FOLDER/.out.….tmp/NAME" of the one temporary in the trial's folder. */
static void path_in_temporary(const char *name, char path[512])
{
    DIR *folder = opendir(test_trial_path(""));
    const struct dirent *entry;
    path[0] = '\0';
    cr_assert_not_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (strncmp(entry->d_name, ".out.", 5) == 0) {
            snprintf(path, 512, "%.100s%.200s/%.100s", test_trial_path(""), entry->d_name, name);
        }
    }
    closedir(folder);
    cr_assert_neq(path[0], '\0');
}

/* What is read back is compared with what was to be written, before OUT gets its name. */
Test(packer, an_output_with_other_namespaces_is_told)
{
    static const struct {
        const char *from, *to; /* renamed in the sealed output; to NULL: another text */
        const char *ns;
        const char *text;
    } cases[] = {
        {"d/a.bson", "d/b.bson", "d.a", "what was written reads back without this namespace"},
        {"d/c.metadata.json", "d/b.metadata.json", "d.c",
         "what was written reads back with other metadata"},
        {"d/c.metadata.json", NULL, "d.c", "what was written reads back with other metadata"},
        {"prelude.json", "d/b.bson", "", "what was written reads back with 3 namespaces, not 2"}};
    test_trial_write("dump/d/a.bson", TEST_TEXT(""));
    test_trial_write("dump/d/c.bson", TEST_TEXT(""));
    test_trial_write("dump/d/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    test_trial_write("dump/prelude.json", TEST_TEXT(""));
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        char from[512];
        char to[512];
        const struct bm_source_options in = {.path = test_trial_path("dump")};
        struct bm_source *source = bm_source_new(&in, &err);
        const struct bm_packer_options options = {.path = test_trial_path("out"),
                                                  .container = BM_CONTAINER_KEEP,
                                                  .compression = {.codec = BM_CODEC_KEEP}};
        struct bm_packer *packer = bm_packer_new(&options, source, &err);
        struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
        cr_assert(packer != NULL && unpacker != NULL, "%s", err.text);
        struct bm_event event;
        while (bm_unpacker_next(unpacker, &event, &err) == BM_OK) {
            cr_assert_eq(bm_packer_event(packer, &event, NULL, 0, &err), BM_OK);
        }
        cr_assert_eq(bm_packer_seal(packer, &err), BM_OK);
        path_in_temporary(cases[i].from, from);
        if (cases[i].to != NULL) {
            path_in_temporary(cases[i].to, to);
            cr_assert_eq(rename(from, to), 0);
        } else {
            cr_assert_eq(truncate(from, 0), 0);
        }
        cr_expect_null(bm_packer_reread(packer, &err), "%s", cases[i].from);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_str_eq(err.ns, cases[i].ns);
        cr_expect_str_eq(err.text, cases[i].text);
        cr_expect_str_eq(err.file, options.path);
        bm_unpacker_free(unpacker);
        bm_packer_free(packer);
        bm_source_free(source);
        cr_expect_eq(test_trial_count(""), 1, "nothing is left");
    }
}

Test(packer, the_end_is_held_back_until_finish)
{
    test_trial_example("a");
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_source_options in = {.path = test_trial_path("a")};
    struct bm_source *source = bm_source_new(&in, &err);
    const struct bm_packer_options options = {.fd = test_dump_out(test_trial_path("out")),
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
    test_trial_same("a", "out");
}
