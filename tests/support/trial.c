/* SPDX-License-Identifier: Apache-2.0 */
#include "support/trial.h"

#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "support/archive_builder.h"

/* Each test is a process of its own. */
static struct test_scratch scratch;

void test_trial_start(void)
{
    test_scratch_make(&scratch);
}

void test_trial_stop(void)
{
    test_scratch_remove(&scratch);
}

const char *test_trial_path(const char *name)
{
    return test_scratch_path(&scratch, name);
}

void test_trial_write(const char *name, struct bm_view bytes)
{
    test_scratch_write(&scratch, name, bytes);
}

void test_trial_put(const char *name, struct bm_buffer *bytes)
{
    test_scratch_write(&scratch, name, bm_buffer_view(bytes));
    bm_buffer_free(bytes);
}

void test_trial_example(const char *name)
{
    struct bm_buffer bytes = test_build_example();
    test_trial_put(name, &bytes);
}

void test_trial_rich_dump(void)
{
    test_trial_write("dump/a/c.bson", TEST_TWO);
    test_trial_write("dump/a/c.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    test_trial_write("dump/a/only.metadata.json", TEST_TEXT("{\"indexes\":[]}"));
    test_trial_write("dump/a/view.metadata.json",
                     TEST_TEXT("{\"options\":{\"viewOn\":\"c\",\"pipeline\":[]},\"indexes\":[]}"));
    test_trial_write("dump/a/system.buckets.s.bson", TEST_ONE);
    test_trial_write("dump/a/s.metadata.json",
                     TEST_TEXT("{\"options\":{\"timeseries\":{\"timeField\":\"t\"}}}"));
    test_trial_write("dump/a/caf%C3%A9+%2F.bson", TEST_ONE);
    test_trial_write("dump/admin/system.version.bson", TEST_ONE);
    test_trial_write("dump/b/empty.bson", TEST_TEXT(""));
    test_trial_write("dump/oplog.bson", TEST_ONE);
    test_trial_write("dump/prelude.json",
                     TEST_TEXT("{\"ServerVersion\":\"7.0.16\",\"ToolVersion\":\"x\"}"));
}

struct bm_buffer test_trial_read(const char *name)
{
    return test_scratch_read(&scratch, name);
}

size_t test_trial_count(const char *name)
{
    return test_scratch_count(&scratch, name);
}

int test_trial_is_there(const char *name)
{
    return access(test_trial_path(name), F_OK) == 0;
}

struct test_dump_copy test_trial_copy(const char *in, const char *out)
{
    return (struct test_dump_copy){.in = {.path = test_trial_path(in)},
                                   .out = {.path = test_trial_path(out),
                                           .container = BM_CONTAINER_KEEP,
                                           .compression = {.codec = BM_CODEC_KEEP}},
                                   .reread = 1};
}

void test_trial_run(const struct test_dump_copy *copy)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(test_dump_copy(copy, &err), BM_OK, "%s: %s: %s", err.file, err.ns, err.text);
}

void test_trial_refuse(const struct test_dump_copy *copy, enum bm_error_code code,
                       const char *part_of_text)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(test_dump_copy(copy, &err), BM_FAIL, "%s", part_of_text);
    cr_expect_eq(err.code, code, "%s", err.text);
    cr_expect_not_null(strstr(err.text, part_of_text), "\"%s\", not \"%s\"", err.text,
                       part_of_text);
}

void test_trial_pass(const char *in, const char *out, enum bm_container container,
                     test_dump_editor editor)
{
    struct test_dump_copy copy = test_trial_copy(in, out);
    copy.out.container = container;
    copy.editor = editor;
    test_trial_run(&copy);
}

void test_trial_same(const char *a, const char *b)
{
    char what[512];
    cr_expect(!test_dump_differ(test_trial_path(a), test_trial_path(b), what), "%s", what);
}

void test_trial_text(const char *name, const char *text)
{
    struct bm_buffer bytes = test_trial_read(name);
    cr_expect(bm_view_equal(bm_buffer_view(&bytes), bm_view_text(text)), "%s: %.*s", name,
              (int)bytes.len, (const char *)bytes.data);
    bm_buffer_free(&bytes);
}

struct test_archive test_trial_archive(const char *name)
{
    static struct test_archive archive;
    struct bm_buffer bytes = test_trial_read(name);
    cr_assert(test_archive_check(bytes.data, bytes.len, &archive), "%s at %zu", archive.error,
              archive.error_at);
    bm_buffer_free(&bytes);
    return archive;
}
