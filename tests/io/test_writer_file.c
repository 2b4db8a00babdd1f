/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bsonmend/writer.h"
#include "support/doubles.h"
#include "support/scratch.h"

static struct bm_writer *make(const struct test_scratch *scratch, enum bm_existing existing,
                              struct bm_error *err)
{
    struct bm_file_options options = {
        .path = test_scratch_path(scratch, "out"), .mode = 0644, .existing = existing};
    return bm_writer_file_new(&options, err);
}

static void expect_text(const struct test_scratch *scratch, const char *text)
{
    struct bm_buffer out = test_scratch_read(scratch, "out");
    cr_expect(bm_view_equal(bm_buffer_view(&out), bm_view_text(text)));
    bm_buffer_free(&out);
}

static const mode_t modes[] = {0644, 0600, 0666, 0400, 0777, 0};

Test(writer_file, finish_gives_the_name_and_the_exact_mode)
{
    (void)umask(077);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct test_scratch scratch;
        test_scratch_make(&scratch);
        struct bm_error err = BM_ERROR_INIT;
        const char *path = test_scratch_path(&scratch, "out");
        struct bm_file_options options = {.path = path, .mode = modes[i]};
        struct bm_writer *writer = bm_writer_file_new(&options, &err);
        cr_assert_not_null(writer);
        cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
        cr_expect_neq(access(path, F_OK), 0, "the name is there before finish");
        cr_expect_eq(bm_writer_finish(writer, &err), BM_OK);
        bm_writer_free(writer);
        struct stat found;
        cr_assert_eq(stat(path, &found), 0);
        cr_expect_eq(found.st_mode & 07777, modes[i]);
        cr_expect_eq(found.st_size, 3);
        cr_expect_eq(test_scratch_count(&scratch, ""), 1);
        test_scratch_remove(&scratch);
    }
}

Test(writer_file, without_finish_nothing_is_left)
{
    for (int is_abandoned = 0; is_abandoned < 2; is_abandoned++) {
        struct test_scratch scratch;
        test_scratch_make(&scratch);
        struct bm_error err = BM_ERROR_INIT;
        struct bm_writer *writer = make(&scratch, BM_REFUSE_EXISTING, &err);
        cr_assert_eq(bm_writer_write(writer, bm_view_text("abc"), &err), BM_OK);
        cr_expect_eq(test_scratch_count(&scratch, ""), 1);
        if (is_abandoned) {
            bm_writer_abandon(writer);
            cr_expect_eq(test_scratch_count(&scratch, ""), 0);
        }
        errno = 77;
        bm_writer_free(writer);
        cr_expect_eq(errno, 77);
        cr_expect_eq(test_scratch_count(&scratch, ""), 0);
        test_scratch_remove(&scratch);
    }
}

Test(writer_file, an_existing_file_is_refused)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    test_scratch_write(&scratch, "out", bm_view_text("old"));
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_null(make(&scratch, BM_REFUSE_EXISTING, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    cr_expect_not_null(strstr(err.text, "exists"));
    cr_expect_str_eq(err.file, test_scratch_path(&scratch, "out"));
    expect_text(&scratch, "old");
    test_scratch_remove(&scratch);
}

/* Made by somebody else between the start and the end. */
Test(writer_file, a_file_that_came_later_is_refused)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_writer *writer = make(&scratch, BM_REFUSE_EXISTING, &err);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("new"), &err), BM_OK);
    test_scratch_write(&scratch, "out", bm_view_text("old"));
    cr_expect_eq(bm_writer_finish(writer, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    bm_writer_free(writer);
    expect_text(&scratch, "old");
    cr_expect_eq(test_scratch_count(&scratch, ""), 1);
    test_scratch_remove(&scratch);
}

Test(writer_file, an_existing_file_is_replaced_by_finish_only)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    test_scratch_write(&scratch, "out", bm_view_text("old"));
    struct bm_error err = BM_ERROR_INIT;
    struct bm_writer *writer = make(&scratch, BM_REPLACE_EXISTING, &err);
    cr_assert_eq(bm_writer_write(writer, bm_view_text("new"), &err), BM_OK);
    expect_text(&scratch, "old");
    cr_expect_eq(bm_writer_finish(writer, &err), BM_OK);
    bm_writer_free(writer);
    expect_text(&scratch, "new");
    cr_expect_eq(test_scratch_count(&scratch, ""), 1);
    test_scratch_remove(&scratch);
}

static const char *const not_files[] = {"/dev/null", "/", "/tmp", "", ".", ".."};

Test(writer_file, what_is_no_file_is_not_replaced)
{
    for (size_t i = 0; i < sizeof not_files / sizeof not_files[0]; i++) {
        struct bm_file_options options = {
            .path = not_files[i], .mode = 0600, .existing = BM_REPLACE_EXISTING};
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_null(bm_writer_file_new(&options, &err), "\"%s\"", not_files[i]);
        cr_expect_eq(err.code, BM_ERROR_USAGE, "\"%s\"", not_files[i]);
    }
}

Test(writer_file, a_folder_that_is_not_there)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    struct bm_file_options options = {.path = test_scratch_path(&scratch, "absent/out")};
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_null(bm_writer_file_new(&options, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
    cr_expect_str_eq(err.file, options.path);
    test_scratch_remove(&scratch);
}
