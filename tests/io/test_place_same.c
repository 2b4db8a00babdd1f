/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <unistd.h>

#include "bsonmend/writer.h"

#include "support/scratch.h"

static struct test_scratch scratch;

/* The working folder is the scratch folder: paths are relative, as users write them. */
static void set_up(void)
{
    test_scratch_make(&scratch);
    test_scratch_write(&scratch, "dump/db/x.bson", bm_view_text("x"));
    test_scratch_write(&scratch, "other/y", bm_view_text("y"));
    cr_assert_eq(chdir(scratch.folder), 0);
    cr_assert_eq(symlink("dump/db", "link"), 0);
    cr_assert_eq(symlink("../other/y", "dump/out-of-it"), 0);
    cr_assert_eq(symlink("dump/db/x.bson", "into-it"), 0);
    cr_assert_eq(link("other/y", "hard"), 0);
}

static void tear_down(void)
{
    cr_assert_eq(chdir("/"), 0);
    test_scratch_remove(&scratch);
}

TestSuite(place_same, .init = set_up, .fini = tear_down);

struct pair {
    const char *a;
    const char *b;
    int expected;
};

static const struct pair sames[] = {
    {"dump", "./dump//", 1},       {"dump", "other", 0},
    {"link/x.bson", "into-it", 1}, {"hard", "other/y", 1},
    {"absent", "absent/", 1},      {"absent", "dump/../absent", 1},
    {"absent", "dump/absent", 0},  {"link/absent", "dump/db/absent", 1},
    {"absent/a", "absent/a", 0}, /* nothing can be made there */
    {"dump", "absent", 0},         {".", "..", 0},
};

static const struct pair belows[] = {
    {"dump/db/x.bson", "dump", 1},
    {"dump/absent", "dump", 1},
    {"dump", "dump", 0},
    {"dump2", "dump", 0},
    {"link/absent", "dump", 1},
    {"dump/out-of-it", "dump", 1},
    {"into-it", "dump", 1},
    {"other/y", "dump", 0},
    {"absent/a", "absent", 1},
    {"./absent//a/b", "absent/", 1},
    {"absent/a", "dump", 0},
    {"other/../dump/a", "dump", 1},
    {"dump/../other/a", "dump", 0},
    {"a", ".", 1},
    {"dump/a", "/", 1},
    {"", "dump", 0},
};

Test(place_same, one_file_has_many_paths)
{
    for (size_t i = 0; i < sizeof sames / sizeof sames[0]; i++) {
        const struct pair *pair = &sames[i];
        cr_expect_eq(bm_place_same(pair->a, pair->b), pair->expected, "%s %s", pair->a, pair->b);
        cr_expect_eq(bm_place_same(pair->b, pair->a), pair->expected, "%s %s", pair->b, pair->a);
    }
}

Test(place_same, what_lies_in_a_directory)
{
    for (size_t i = 0; i < sizeof belows / sizeof belows[0]; i++) {
        const struct pair *pair = &belows[i];
        cr_expect_eq(bm_place_below(pair->a, pair->b), pair->expected, "%s in %s", pair->a,
                     pair->b);
    }
}
