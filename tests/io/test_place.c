/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/place.h"
#include "io/place_path.h"
#include "io/place_steps.h"
#include "support/scratch.h"

static struct test_scratch scratch;

static void set_up(void)
{
    test_scratch_make(&scratch);
}

static void tear_down(void)
{
    test_scratch_remove(&scratch);
}

TestSuite(place, .init = set_up, .fini = tear_down);

static const char *in(const char *name)
{
    return test_scratch_path(&scratch, name);
}

static void expect_text(const char *name, const char *text)
{
    struct bm_buffer out = test_scratch_read(&scratch, name);
    cr_expect(bm_view_equal(bm_buffer_view(&out), bm_view_text(text)), "%s", name);
    bm_buffer_free(&out);
}

struct split_case {
    const char *path;
    const char *folder;
    const char *name;
};

static const struct split_case splits[] = {
    {"out", "", "out"},     {"a/out", "a/", "out"}, {"/out", "/", "out"}, {"a/out//", "a/", "out"},
    {"./out", "./", "out"}, {"", "", ""},           {"/", "", ""},        {".", "", ""},
    {"a/..", "a/", ""},     {"...", "", "..."},     {".out", "", ".out"},
};

Test(place, paths_are_taken_apart)
{
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        struct bm_place_path parts = bm_place_path_split(splits[i].path);
        cr_expect(bm_view_equal(parts.folder, bm_view_text(splits[i].folder)), "%s",
                  splits[i].path);
        cr_expect(bm_view_equal(parts.name, bm_view_text(splits[i].name)), "%s", splits[i].path);
    }
}

Test(place, temporaries_are_fresh_siblings)
{
    char *names[3];
    struct bm_error err = BM_ERROR_INIT;
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(bm_place_temporary(in("out/"), &names[i], &err), BM_OK);
        size_t folder = strlen(scratch.folder);
        cr_expect_eq(strncmp(names[i], in(".out."), folder + 6), 0, "%s", names[i]);
        cr_expect_str_eq(names[i] + strlen(names[i]) - 4, ".tmp");
        cr_assert_eq(bm_place_make_folder(names[i], 0700, &err), BM_OK);
    }
    cr_expect_eq(test_scratch_count(&scratch, ""), 3);
    for (int i = 0; i < 3; i++) {
        free(names[i]);
    }
}

Test(place, temporaries_of_long_names_can_be_made)
{
    char name[256];
    memset(name, 'n', sizeof name - 1);
    name[255] = '\0';
    char *temporary;
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_place_temporary(in(name), &temporary, &err), BM_OK);
    cr_expect_eq(bm_place_make_folder(temporary, 0700, &err), BM_OK, "%s", temporary);
    free(temporary);
}

/* An output with a long name, and the metadata beside it. */
Test(place, temporaries_of_long_names_with_one_start_differ)
{
    char names[2][256];
    char *temporaries[2];
    struct bm_error err = BM_ERROR_INIT;
    for (int i = 0; i < 2; i++) {
        memset(names[i], 'n', 230);
        (void)strcpy(names[i] + 230, i == 0 ? ".bson" : ".metadata.json");
        cr_assert_eq(bm_place_temporary(in(names[i]), &temporaries[i], &err), BM_OK);
    }
    cr_expect_str_neq(temporaries[0], temporaries[1]);
    free(temporaries[0]);
    free(temporaries[1]);
}

Test(place, folders_get_their_exact_mode)
{
    struct bm_error err = BM_ERROR_INIT;
    struct stat found;
    (void)umask(077);
    cr_assert_eq(bm_place_make_folder(in("a"), 0755, &err), BM_OK);
    cr_assert_eq(stat(in("a"), &found), 0);
    cr_expect_eq(found.st_mode & 07777, 0755);
    cr_expect_eq(bm_place_make_folder(in("a"), 0755, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_eq(err.sys_errno, EEXIST);
    cr_expect_str_eq(err.file, in("a"));
}

Test(place, folders_are_synced)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(bm_place_sync_folder_of(in("absent"), &err), BM_OK);
    cr_expect_eq(bm_place_sync_folder_of("name", &err), BM_OK);
    cr_expect_eq(bm_place_sync_folder(in("absent"), &err), BM_FAIL);
    cr_expect_eq(err.sys_errno, ENOENT);
}

/* With renameat2() and without. */
static enum bm_status refuse(int in_steps, const char *from, const char *to, struct bm_error *err)
{
    return in_steps ? bm_place_steps_rename(from, to, err)
                    : bm_place_rename(from, to, BM_REFUSE_EXISTING, err);
}

Test(place, rename_refuses_what_exists)
{
    static const char *const taken[] = {"file", "empty", "full", "link"};
    test_scratch_write(&scratch, "file", bm_view_text("old"));
    test_scratch_write(&scratch, "full/x", bm_view_text("old"));
    test_scratch_write(&scratch, "from", bm_view_text("new"));
    test_scratch_write(&scratch, "tree/x", bm_view_text("new"));
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_place_make_folder(in("empty"), 0700, &err), BM_OK);
    cr_assert_eq(symlink("nowhere", in("link")), 0);
    for (int i = 0; i < 2 * 2 * 4; i++) {
        const char *to = in(taken[i / 4]);
        err = BM_ERROR_INIT;
        cr_expect_eq(refuse(i % 2, in(i / 2 % 2 ? "from" : "tree"), to, &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_USAGE, "%s: %s", to, err.text);
        cr_expect_str_eq(err.text, "it was made meanwhile: it stays, nothing replaces it");
        cr_expect_str_eq(err.file, to);
    }
    expect_text("file", "old");
    expect_text("full/x", "old");
    expect_text("from", "new");
    expect_text("tree/x", "new");
}

Test(place, rename_gives_a_free_name)
{
    for (int in_steps = 0; in_steps < 2; in_steps++) {
        struct bm_error err = BM_ERROR_INIT;
        test_scratch_write(&scratch, "file", bm_view_text("one"));
        test_scratch_write(&scratch, "tree/x", bm_view_text("two"));
        cr_expect_eq(refuse(in_steps, in("file"), in("file2"), &err), BM_OK, "%s", err.text);
        cr_expect_eq(refuse(in_steps, in("tree"), in("tree2"), &err), BM_OK, "%s", err.text);
        expect_text("file2", "one");
        expect_text("tree2/x", "two");
        cr_expect_eq(test_scratch_count(&scratch, ""), 2);
        cr_expect_eq(refuse(in_steps, in("absent"), in("y"), &err), BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_eq(err.sys_errno, ENOENT);
        bm_place_remove_tree(in("file2"));
        bm_place_remove_tree(in("tree2"));
    }
}

Test(place, rename_replaces_when_asked)
{
    struct bm_error err = BM_ERROR_INIT;
    test_scratch_write(&scratch, "from", bm_view_text("new"));
    test_scratch_write(&scratch, "to", bm_view_text("old"));
    cr_expect_eq(bm_place_rename(in("from"), in("to"), BM_REPLACE_EXISTING, &err), BM_OK);
    expect_text("to", "new");
    cr_expect_eq(test_scratch_count(&scratch, ""), 1);
}

Test(place, folders_are_exchanged)
{
    test_scratch_write(&scratch, "from/new", bm_view_text("new"));
    test_scratch_write(&scratch, "to/old", bm_view_text("old"));
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(bm_place_exchange(in("from"), in("to"), &err), BM_OK);
    expect_text("to/new", "new");
    expect_text("from/old", "old");
    cr_expect_eq(bm_place_steps_exchange(in("from"), in("to"), &err), BM_OK);
    expect_text("to/old", "old");
    expect_text("from/new", "new");
    cr_expect_eq(test_scratch_count(&scratch, ""), 2);
}

Test(place, a_failed_exchange_leaves_all_as_it_was)
{
    test_scratch_write(&scratch, "to/old", bm_view_text("old"));
    for (int in_steps = 0; in_steps < 2; in_steps++) {
        struct bm_error err = BM_ERROR_INIT;
        cr_expect_eq(in_steps ? bm_place_steps_exchange(in("absent"), in("to"), &err)
                              : bm_place_exchange(in("absent"), in("to"), &err),
                     BM_FAIL);
        cr_expect_eq(err.code, BM_ERROR_IO);
        cr_expect_eq(err.sys_errno, ENOENT);
        expect_text("to/old", "old");
        cr_expect_eq(test_scratch_count(&scratch, ""), 1);
    }
}

Test(place, trees_are_removed_and_links_not_followed)
{
    struct bm_error err = BM_ERROR_INIT;
    test_scratch_write(&scratch, "kept/x", bm_view_text("kept"));
    test_scratch_write(&scratch, "tree/a/b/x", bm_view_text("x"));
    test_scratch_write(&scratch, "tree/.y", bm_view_text("y"));
    cr_assert_eq(symlink("../kept", in("tree/link")), 0);
    cr_assert_eq(symlink("../../kept", in("tree/a/link")), 0);
    cr_assert_eq(bm_place_set_mode(in("tree/a/b"), 0555, &err), BM_OK);
    errno = 77;
    bm_place_remove_tree(in("tree"));
    cr_expect_eq(errno, 77);
    cr_expect_eq(test_scratch_count(&scratch, ""), 1);
    expect_text("kept/x", "kept");
    cr_assert_eq(symlink("kept", in("link")), 0);
    bm_place_remove_tree(in("link"));
    expect_text("kept/x", "kept");
    bm_place_remove_tree(in("absent"));
    bm_place_remove_tree(in("kept/x"));
    cr_expect_eq(test_scratch_count(&scratch, "kept"), 0);
}

Test(place, links_are_copied)
{
    char text[32] = {0};
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(symlink("no/where", in("a")), 0);
    cr_expect_eq(bm_place_copy_link(in("a"), in("b"), &err), BM_OK);
    cr_expect_eq(readlink(in("b"), text, sizeof text - 1), 8);
    cr_expect_str_eq(text, "no/where");
    cr_expect_eq(bm_place_copy_link(in("a"), in("b"), &err), BM_FAIL);
    cr_expect_eq(err.sys_errno, EEXIST);
}

Test(place, times_are_taken_over)
{
    struct stat like = {.st_atim = {.tv_sec = 1000000000, .tv_nsec = 5},
                        .st_mtim = {.tv_sec = 1100000000, .tv_nsec = 123456789}};
    struct stat found;
    struct bm_error err = BM_ERROR_INIT;
    test_scratch_write(&scratch, "a", bm_view_text("x"));
    cr_expect_eq(bm_place_set_times(in("a"), &like, &err), BM_OK);
    cr_assert_eq(stat(in("a"), &found), 0);
    cr_expect_eq(found.st_mtim.tv_sec, 1100000000);
    cr_expect_eq(found.st_mtim.tv_nsec, 123456789);
    cr_expect_eq(bm_place_set_times(in("absent"), &like, &err), BM_FAIL);
    cr_expect_eq(err.sys_errno, ENOENT);
}

struct apart_case {
    const char *input;
    const char *output;
    enum bm_status status;
};

static const struct apart_case aparts[] = {
    {"dump", "fixed", BM_OK},        {"dump", "dump2", BM_OK},
    {"dump", "dump", BM_FAIL},       {"dump", "dump/", BM_FAIL},
    {"dump", "dump/fixed", BM_FAIL}, {"dump/db", "dump", BM_FAIL},
    {"dump/db", "dump/db2", BM_OK},  {"dump", "link", BM_FAIL},
    {"dump", "link/fixed", BM_FAIL}, {"link", "dump/fixed", BM_FAIL},
    {"dump", "db/../dump", BM_FAIL}, {"dump/db/x.bson", "dump/db/y.bson", BM_OK},
};

Test(place, input_and_output_lie_apart)
{
    struct bm_error err = BM_ERROR_INIT;
    test_scratch_write(&scratch, "dump/db/x.bson", bm_view_text("x"));
    test_scratch_write(&scratch, "db/x", bm_view_text("x"));
    cr_assert_eq(symlink("dump", in("link")), 0);
    for (size_t i = 0; i < sizeof aparts / sizeof aparts[0]; i++) {
        err = BM_ERROR_INIT;
        cr_expect_eq(bm_place_apart(in(aparts[i].input), in(aparts[i].output), &err),
                     aparts[i].status, "%s and %s", aparts[i].input, aparts[i].output);
        cr_expect_eq(err.code, aparts[i].status == BM_OK ? BM_ERROR_NONE : BM_ERROR_USAGE);
    }
    cr_expect_eq(bm_place_apart(in("dump"), in("absent/fixed"), &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_eq(err.sys_errno, ENOENT);
    err = BM_ERROR_INIT;
    cr_expect_eq(bm_place_apart(in("dump"), "/", &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_USAGE);
}
