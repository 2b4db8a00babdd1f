/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "support/streams.h"
#include "support/trial.h"

/* What --force may take away, and what it may not: what is read, and what came meanwhile. */

TestSuite(force, .init = test_trial_start, .fini = test_trial_stop);

/* An output that is written and synced and has no name yet. */
struct sealed {
    struct bm_source *source;
    struct bm_packer *packer;
};

static struct sealed seal(const char *in, const char *out, enum bm_container container)
{
    struct bm_error err = BM_ERROR_INIT;
    struct sealed sealed;
    const struct bm_source_options from = {.path = test_trial_path(in)};
    const struct bm_packer_options to = {.path = test_trial_path(out),
                                         .container = container,
                                         .compression = {.codec = BM_CODEC_KEEP},
                                         .existing = BM_REPLACE_EXISTING};
    sealed.source = bm_source_new(&from, &err);
    cr_assert_not_null(sealed.source, "%s", err.text);
    sealed.packer = bm_packer_new(&to, sealed.source, &err);
    struct bm_unpacker *unpacker = bm_unpacker_new(sealed.source, &err);
    cr_assert(sealed.packer != NULL && unpacker != NULL, "%s", err.text);
    struct bm_event event;
    while (bm_unpacker_next(unpacker, &event, &err) == BM_OK) {
        cr_assert_eq(bm_packer_event(sealed.packer, &event, NULL, 0, &err), BM_OK, "%s", err.text);
    }
    bm_unpacker_free(unpacker);
    cr_assert_eq(bm_packer_seal(sealed.packer, &err), BM_OK, "%s", err.text);
    return sealed;
}

static void let_go(struct sealed *sealed)
{
    bm_packer_free(sealed->packer);
    bm_source_free(sealed->source);
}

static void expect_refusal(struct sealed *sealed, enum bm_error_code code, const char *text)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(bm_packer_finish(sealed->packer, &err), BM_FAIL);
    cr_expect_eq(err.code, code, "%s", err.text);
    cr_expect_str_eq(err.text, text);
    cr_expect_str_eq(err.file, test_trial_path("out"));
    let_go(sealed);
}

static void link_to(const char *target, const char *name)
{
    cr_assert_eq(symlink(target, test_trial_path(name)), 0, "%s", name);
}

/* A dump's files may be links: what they lead to is input, and is not replaced. */
Test(force, what_a_link_leads_to_is_not_replaced)
{
    test_trial_write("real/a.bson", TEST_ONE);
    test_trial_write("real/m.json", TEST_TEXT("{\"indexes\":[]}"));
    test_trial_write("real/note", TEST_TEXT("x"));
    test_trial_write("dump/d/b.bson", TEST_ONE);
    test_trial_write("lone/d/b.bson", TEST_ONE);
    link_to("../../real/m.json", "dump/d/b.metadata.json");
    link_to("../../real/note", "dump/d/note");
    link_to("../../real/a.bson", "lone/d/a.bson");
    cr_assert_eq(unlink(test_trial_path("lone/d/b.bson")), 0);
    static const struct {
        const char *in, *out;
        enum bm_container container;
        const char *text;
    } cases[] = {
        {"lone", "real/a.bson", BM_CONTAINER_BSON, "is read as"},
        {"lone", "real/a.bson", BM_CONTAINER_ARCHIVE, "is read as"},
        {"lone/d/a.bson", "real/a.bson", BM_CONTAINER_BSON, "the same"},
        {"dump", "real/m.json", BM_CONTAINER_ARCHIVE, "is read as"},
        {"dump", "real/note", BM_CONTAINER_ARCHIVE, "is read as"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_dump_copy copy = test_trial_copy(cases[i].in, cases[i].out);
        copy.out.existing = BM_REPLACE_EXISTING;
        copy.out.container = cases[i].container;
        test_trial_refuse(&copy, BM_ERROR_USAGE, cases[i].text);
    }
    struct bm_buffer kept = test_trial_read("real/a.bson");
    cr_expect(bm_view_equal(bm_buffer_view(&kept), TEST_ONE));
    bm_buffer_free(&kept);
    test_trial_text("real/m.json", "{\"indexes\":[]}");
    test_trial_text("real/note", "x");
    cr_expect_eq(test_trial_count("real"), 3);
}

/* A folder goes with all that is in it. */
Test(force, a_folder_with_what_is_read_is_not_replaced)
{
    static const char *const links[][2] = {
        {"../../old/d/a.bson", "dump/d/a.bson"},
        {"../../old/d/a.metadata.json", "dump/d/b.metadata.json"},
        {"../old/d/a.bson", "dump/note"},
        {"../../old", "dump/d/note"}};
    test_trial_write("old/d/a.bson", TEST_ONE);
    test_trial_write("old/d/a.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    test_trial_write("dump/d/b.bson", TEST_ONE);
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        link_to(links[i][0], links[i][1]);
        struct test_dump_copy copy = test_trial_copy("dump", "old");
        copy.out.existing = BM_REPLACE_EXISTING;
        test_trial_refuse(&copy, BM_ERROR_USAGE, "never in place");
        cr_assert_eq(unlink(test_trial_path(links[i][1])), 0);
    }
    cr_expect_eq(test_trial_count("old/d"), 2);
    struct test_dump_copy copy = test_trial_copy("dump", "old");
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_run(&copy);
    test_trial_same("dump", "old");
}

/* A name that data has may be anybody's: what is in it and where it lies count as well. */
Test(force, a_folder_with_data_of_no_dump_is_not_replaced)
{
    static const struct {
        const char *path; /* below OUT, beside d/a.bson */
        const char *bytes;
        size_t len;
        const char *text; /* NULL: it is replaced */
    } cases[] = {
        {"d/thesis.bson", "A thesis", 8, "d/thesis.bson in it does not start with a document"},
        {"d/thesis.bson", "abc", 3, "d/thesis.bson in it does not start with a document"},
        {"d/thesis.bin", "\5\0\0\0x", 5, "d/thesis.bin in it does not start with a document"},
        {"d/empty.bson", "", 0, NULL},
        {"d/more.bson", "\5\0\0\0", 5, NULL},
        {"d/gzip.bson.gz", "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0", 20, NULL},
        {"thesis.bson", "\5\0\0\0", 5, "thesis.bson in it lies beside databases"},
        {"a.metadata.json", "{}", 2, "a.metadata.json in it lies beside databases"},
        {"oplog.bson", "\5\0\0\0", 5, NULL},
    };
    test_trial_write("dump/d/a.bson", TEST_ONE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[64];
        (void)snprintf(path, sizeof path, "old/%s", cases[i].path);
        test_trial_write("old/d/a.bson", TEST_TWO);
        test_trial_write(path, (struct bm_view){(const uint8_t *)cases[i].bytes, cases[i].len});
        struct test_dump_copy copy = test_trial_copy("dump", "old");
        copy.out.existing = BM_REPLACE_EXISTING;
        if (cases[i].text == NULL) {
            test_trial_run(&copy);
            test_trial_same("dump", "old");
            continue;
        }
        test_trial_refuse(&copy, BM_ERROR_USAGE, cases[i].text);
        cr_assert_eq(unlink(test_trial_path(path)), 0, "%s stays", path);
    }
}

/* Without folders the files of OUT are those of one database. */
Test(force, a_folder_of_one_database_is_replaced)
{
    test_trial_write("dump/d/a.bson", TEST_ONE);
    test_trial_write("old/a.bson", TEST_TWO);
    test_trial_write("old/a.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    struct test_dump_copy copy = test_trial_copy("dump/d", "old");
    copy.out.existing = BM_REPLACE_EXISTING;
    test_trial_run(&copy);
    test_trial_same("dump/d", "old");
}

/* OUT is looked at again before it goes. */
Test(force, a_file_that_came_into_the_output_meanwhile_stays)
{
    test_trial_write("dump/d/a.bson", TEST_ONE);
    test_trial_write("out/d/a.bson", TEST_TWO);
    struct sealed sealed = seal("dump", "out", BM_CONTAINER_DIRECTORY);
    test_trial_write("out/d/thesis.txt", TEST_TEXT("mine"));
    expect_refusal(&sealed, BM_ERROR_USAGE,
                   "is not replaced: d/thesis.txt in it belongs to no dump");
    test_trial_text("out/d/thesis.txt", "mine");
    struct bm_buffer kept = test_trial_read("out/d/a.bson");
    cr_expect(bm_view_equal(bm_buffer_view(&kept), TEST_TWO));
    bm_buffer_free(&kept);
    cr_expect_eq(test_trial_count(""), 2, "no temporaries");
}

/* Where no output was, one that came meanwhile was never looked at. */
Test(force, an_output_that_came_meanwhile_is_looked_at)
{
    test_trial_write("dump/d/a.bson", TEST_ONE);
    struct sealed sealed = seal("dump", "out", BM_CONTAINER_DIRECTORY);
    test_trial_write("out", TEST_TEXT("mine"));
    expect_refusal(&sealed, BM_ERROR_IO, "cannot be opened");
    test_trial_text("out", "mine");
    cr_expect_eq(test_trial_count(""), 2, "no temporaries");
}

/* What was OUT keeps the metadata that was beside it, under whatever suffix, if the new one cannot
 * take its place. */
Test(force, an_output_that_stays_keeps_its_metadata)
{
    static const char *const names[] = {"out.metadata.json", "out.metadata.json.gz",
                                        "out.metadata.json.zst"};
    test_trial_write("dump/d/a.bson", TEST_ONE);
    test_trial_write("dump/d/a.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    for (size_t i = 0; i < 3; i++) {
        test_trial_write(names[i], TEST_TEXT("old"));
        /* Our own is out.metadata.json, and read first beside a plain OUT: a gzip OUT has others.
         */
        const char *out = i == 0 ? "out" : i == 1 ? "out.gz" : "out.zst";
        struct sealed sealed = seal("dump/d/a.bson", out, BM_CONTAINER_BSON);
        cr_assert_eq(mkdir(test_trial_path(out), 0755), 0);
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(bm_packer_finish(sealed.packer, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO, "%s", err.text);
        let_go(&sealed);
        test_trial_text(names[i], "old");
        cr_assert_eq(rmdir(test_trial_path(out)), 0);
        cr_expect_eq(test_trial_count(""), 2, "no temporaries");
        cr_assert_eq(unlink(test_trial_path(names[i])), 0);
    }
}

/* Metadata is judged when a dump is opened and copied when it is written: both are one text. */
Test(force, metadata_that_changes_in_between_is_told)
{
    static const char *const ins[] = {"dump", "dump/d/a.bson"};
    test_trial_write("dump/d/a.bson", TEST_ONE);
    for (size_t i = 0; i < 2; i++) {
        test_trial_write("dump/d/a.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
        struct bm_error err = BM_ERROR_INIT;
        const struct bm_source_options from = {.path = test_trial_path(ins[i])};
        const struct bm_packer_options to = {.path = test_trial_path("out"),
                                             .container = BM_CONTAINER_KEEP,
                                             .compression = {.codec = BM_CODEC_KEEP}};
        struct bm_source *source = bm_source_new(&from, &err);
        struct bm_packer *packer = bm_packer_new(&to, source, &err);
        struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
        cr_assert(packer != NULL && unpacker != NULL, "%s", err.text);
        test_trial_write("dump/d/a.metadata.json", TEST_TEXT("{\"indexes\":[],\"x\":1}"));
        struct bm_event event;
        enum bm_status status = BM_OK;
        while (status == BM_OK && bm_unpacker_next(unpacker, &event, &err) == BM_OK) {
            status = bm_packer_event(packer, &event, NULL, 0, &err);
        }
        status = status == BM_OK ? bm_packer_finish(packer, &err) : status;
        cr_expect_eq(status, BM_FAIL, "%s", ins[i]);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_str_eq(err.text, "changed while it was read");
        cr_expect_str_eq(err.file, test_trial_path("dump/d/a.metadata.json"));
        bm_unpacker_free(unpacker);
        bm_packer_free(packer);
        bm_source_free(source);
        cr_expect_eq(test_trial_count(""), 1, "nothing is left");
    }
}

/* The one temporary in the trial's folder. */
static const char *temporary(void)
{
    static char name[256];
    DIR *folder = opendir(test_trial_path(""));
    const struct dirent *entry;
    name[0] = '\0';
    cr_assert_not_null(folder);
    while ((entry = readdir(folder)) != NULL) {
        if (strncmp(entry->d_name, ".out.", 5) == 0) {
            (void)snprintf(name, sizeof name, "%s", entry->d_name);
        }
    }
    closedir(folder);
    cr_assert_neq(name[0], '\0');
    return test_trial_path(name);
}

/* Bytes that are damaged may look like another container, whose names nobody has told. */
Test(force, an_output_that_reads_back_as_another_container_is_told)
{
    static const struct {
        const char *in;
        enum bm_container container;
        const char *start; /* four bytes, in place of the first ones */
        int cut;           /* 1: no byte is left instead */
        const char *text;
    } cases[] = {
        {"a", BM_CONTAINER_ARCHIVE, "\xff\xff\xff\xff", 0,
         "what was written reads back as no archive"},
        {"a", BM_CONTAINER_ARCHIVE, NULL, 1, "what was written reads back as no archive"},
        {"dump/d/a.bson", BM_CONTAINER_BSON, "\x6d\xe2\x99\x81", 0,
         "what was written reads back as no raw BSON"},
    };
    test_trial_example("a");
    test_trial_write("dump/d/a.bson", TEST_ONE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sealed sealed = seal(cases[i].in, "out", cases[i].container);
        FILE *file = fopen(temporary(), "r+");
        cr_assert_not_null(file);
        if (cases[i].cut) {
            cr_assert_eq(ftruncate(fileno(file), 0), 0);
        } else {
            cr_assert_eq(fwrite(cases[i].start, 1, 4, file), 4);
        }
        cr_assert_eq(fclose(file), 0);
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_null(bm_packer_reread(sealed.packer, &err));
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_str_eq(err.text, cases[i].text);
        cr_expect_str_eq(err.file, test_trial_path("out"));
        let_go(&sealed);
    }
}
