/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "support/archive_reader.h"
#include "support/dump.h"
#include "support/scratch.h"

/* Real dumps, passed through and compared. */

static void copy_same(const char *in, const char *out)
{
    struct bm_error err = BM_ERROR_INIT;
    char what[512];
    const struct test_dump_copy copy = {.in = {.path = in},
                                        .out = {.path = out,
                                                .container = BM_CONTAINER_KEEP,
                                                .compression = {.codec = BM_CODEC_KEEP}},
                                        .reread = 1};
    cr_assert(test_dump_copy(&copy, &err) == BM_OK, "%s: %s: %s: %s", in, err.file, err.ns,
              err.text);
    cr_expect(!test_dump_differ(in, out, what), "%s", what);
}

Test(real, archives_come_out_as_they_went_in)
{
    static const char *const names[] = {"archives/test.bar.archive",
                                        "archives/timeseries_tests-dump.archive",
                                        "archives/bad-format.archive"};
    const char *real = test_dump_real();
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char in[4096];
        snprintf(in, sizeof in, "%s/%s", real, names[i]);
        const char *out = test_scratch_path(&scratch, "out");
        copy_same(in, out);
        struct bm_buffer bytes = test_scratch_read(&scratch, "out");
        struct test_archive archive;
        cr_expect(test_archive_check(bytes.data, bytes.len, &archive), "%s: %s", names[i],
                  archive.error);
        bm_buffer_free(&bytes);
        remove(out);
    }
    test_scratch_remove(&scratch);
}

Test(real, directories_come_out_as_they_went_in)
{
    static const char *const groups[] = {"dirs", "derived"};
    const char *real = test_dump_real();
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    size_t count = 0;
    for (size_t g = 0; g < 2; g++) {
        char group[2048];
        snprintf(group, sizeof group, "%s/%s", real, groups[g]);
        DIR *folder = opendir(group);
        cr_assert_not_null(folder);
        const struct dirent *entry;
        while ((entry = readdir(folder)) != NULL) {
            if (entry->d_name[0] == '.' || strchr(entry->d_name, '.') != NULL ||
                strcmp(entry->d_name, "dump_with_malformed") == 0) {
                continue;
            }
            char in[4096];
            snprintf(in, sizeof in, "%s/%s", group, entry->d_name);
            copy_same(in, test_scratch_path(&scratch, entry->d_name));
            count++;
        }
        closedir(folder);
    }
    cr_expect_gt(count, (size_t)15);
    test_scratch_remove(&scratch);
}

Test(real, damaged_archives_are_told)
{
    static const struct {
        const char *name;
        enum bm_error_code code;
        uint64_t offset;
    } cases[] = {{"derived/test.bar.truncated.archive", BM_ERROR_TRUNCATED, 796},
                 {"derived/test.bar.badcrc.archive", BM_ERROR_CORRUPT, 835},
                 {"derived/test.bar.noeof.archive", BM_ERROR_TRUNCATED, 835}};
    const char *real = test_dump_real();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char in[4096];
        snprintf(in, sizeof in, "%s/%s", real, cases[i].name);
        const struct bm_source_options options = {.path = in};
        struct bm_buffer log = BM_BUFFER_INIT(1 << 20);
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(test_dump_events(&options, &log, &err), BM_FAIL);
        cr_expect_eq(err.code, cases[i].code, "%s: %s", cases[i].name, err.text);
        cr_expect_eq(err.offset, cases[i].offset, "%s: %llu", cases[i].name,
                     (unsigned long long)err.offset);
        cr_expect_str_eq(err.ns, "test.bar");
        bm_buffer_free(&log);
    }
}

/* Decoded they are the plain one. */
Test(real, compressed_archives)
{
    static const char *const names[] = {"derived/test.bar.archive.gz",
                                        "derived/test.bar.two-members.archive.gz",
                                        "derived/test.bar.archive.zst"};
    const char *real = test_dump_real();
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    char plain[4096];
    snprintf(plain, sizeof plain, "%s/archives/test.bar.archive", real);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char in[4096];
        char what[512];
        char name[16];
        snprintf(in, sizeof in, "%s/%s", real, names[i]);
        snprintf(name, sizeof name, "out%zu", i);
        const char *out = test_scratch_path(&scratch, name);
        copy_same(in, out);
        cr_expect(!test_dump_differ(plain, out, what), "%s", what);
    }
    test_scratch_remove(&scratch);
}
