/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <stdio.h>

#include <criterion/criterion.h>

#include "support/fixtures.h"
#include "support/trial.h"

/* Every archive that is written, read by the reader that shares nothing with src/. */

TestSuite(written, .init = test_trial_start, .fini = test_trial_stop);

static uint64_t drop_every;

static void drop_some(const struct bm_batch *batch, struct bm_edit *edit)
{
    if ((batch->ordinal + edit->document) % drop_every == 0) {
        edit->verdict = BM_VERDICT_DROP;
    }
}

/* Documents of an archive as the independent reader counts them. */
static size_t documents_of(const struct test_archive *archive)
{
    size_t count = 0;
    for (size_t i = 0; i < archive->count; i++) {
        cr_expect(archive->namespaces[i].closed);
        count += archive->namespaces[i].documents;
    }
    return count;
}

/* A dump as an archive: whole, with documents dropped, and made again from a directory. 0: it
 * cannot be one, for a reason that is told as its own fault. */
static int write_archives(const char *dump, const char *shown)
{
    struct bm_error err = BM_ERROR_INIT;
    struct test_dump_copy copy = {.in = {.path = dump},
                                  .out = {.path = test_trial_path("archive"),
                                          .container = BM_CONTAINER_ARCHIVE,
                                          .compression = {.codec = BM_CODEC_NONE},
                                          .existing = BM_REPLACE_EXISTING},
                                  .reread = 1};
    if (test_dump_copy(&copy, &err) != BM_OK) {
        cr_expect_neq(err.code, BM_ERROR_IO, "%s: %s", shown, err.text);
        return 0;
    }
    struct test_archive archive = test_trial_archive("archive");
    size_t documents = documents_of(&archive);
    copy.editor = drop_some;
    for (drop_every = 1; drop_every < 4; drop_every++) {
        cr_assert_eq(test_dump_copy(&copy, &err), BM_OK, "%s: %s", shown, err.text);
        archive = test_trial_archive("archive");
        cr_expect(drop_every > 1 ? documents_of(&archive) <= documents
                                 : documents_of(&archive) == 0,
                  "%s", shown);
    }
    copy.editor = NULL;
    cr_assert_eq(test_dump_copy(&copy, &err), BM_OK, "%s: %s", shown, err.text);
    copy.in.path = test_trial_path("archive");
    copy.out.path = test_trial_path("folder");
    copy.out.container = BM_CONTAINER_DIRECTORY;
    if (test_dump_copy(&copy, &err) != BM_OK) {
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%s: %s", shown, err.text);
        return 1;
    }
    if (archive.entries == 0) {
        return 1; /* a directory of nothing is no dump */
    }
    copy.in.path = test_trial_path("folder");
    copy.out.path = test_trial_path("again");
    copy.out.container = BM_CONTAINER_ARCHIVE;
    cr_assert_eq(test_dump_copy(&copy, &err), BM_OK, "%s: %s", shown, err.text);
    archive = test_trial_archive("again");
    cr_expect_eq(documents_of(&archive), documents, "%s", shown);
    return 1;
}

static size_t write_group(const char *group)
{
    static struct test_fixture_list list;
    size_t written = 0;
    test_fixtures_of(group, &list);
    for (size_t i = 0; i < list.count; i++) {
        char path[2 * TEST_FIXTURE_NAME];
        snprintf(path, sizeof path, "fixtures/%s/%s", group, list.names[i]);
        written += (size_t)write_archives(path, path);
    }
    return written;
}

Test(written, fixtures_as_archives)
{
    static struct test_fixture_list good;
    test_fixtures_of("good", &good);
    cr_expect_eq(write_group("good"), good.count, "each is written");
    cr_expect_geq(write_group("mend"), 11);
}

/* Of bad dumps only those are written whose documents are framed well: what is in them is not the
 * container's. */
Test(written, bad_fixtures_as_archives)
{
    static struct test_fixture_list bad;
    test_fixtures_of("bad", &bad);
    size_t written = write_group("bad");
    cr_expect(written > 0 && written < bad.count / 4, "%zu of %zu", written, bad.count);
}

Test(written, real_dumps_as_archives)
{
    static const char *const groups[] = {"dirs", "archives"};
    const char *real = test_dump_real();
    size_t written = 0;
    for (size_t i = 0; i < 2; i++) {
        char path[1024];
        static struct test_fixture_list list;
        snprintf(path, sizeof path, "%s/%s", real, groups[i]);
        test_folder_names(path, &list);
        for (size_t k = 0; k < list.count; k++) {
            char dump[2048];
            snprintf(dump, sizeof dump, "%s/%s", path, list.names[k]);
            written += (size_t)write_archives(dump, list.names[k]);
        }
    }
    cr_expect_gt(written, 20);
}
