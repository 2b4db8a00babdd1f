/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include <bson/bson.h>
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/dump.h"
#include "support/fixtures.h"
#include "support/outcome.h"
#include "support/scratch.h"

/* Files and directories as outputs: of inputs that are cut, and on a disk that is full. After a
 * failure nothing is left where the output was to be. */

/* ---- every fixture, cut at every byte, to a file or a directory ---- */

/* Cut at every byte of its first and last EDGE, and between at PLACES drawn by SEED. */
enum { EDGE = 4096, PLACES = 100, SEED = 20261124 };

struct trial {
    struct test_scratch scratch;
    const char *group, *name;  /* of the fixture */
    const char *file;          /* in it, "" where it is one file */
    struct test_outcome whole; /* of the fixture as it is */
};

static const char *dump_of(const struct trial *trial)
{
    static char name[TEST_FIXTURE_NAME + 8];
    snprintf(name, sizeof name, "in/%s", trial->name);
    return test_scratch_path(&trial->scratch, name);
}

static struct test_outcome run_to_target(const struct trial *trial)
{
    const struct bm_packer_options output = {.path =
                                                 test_scratch_path(&trial->scratch, "target/out"),
                                             .container = BM_CONTAINER_KEEP,
                                             .compression = {.codec = BM_CODEC_KEEP}};
    return test_fix(dump_of(trial), &output);
}

static void empty_target(const struct trial *trial)
{
    struct test_scratch target;
    int len = snprintf(target.folder, sizeof target.folder, "%s/target", trial->scratch.folder);
    cr_assert_lt(len, (int)sizeof target.folder);
    test_scratch_remove(&target);
    cr_assert_eq(mkdir(target.folder, 0755), 0);
}

/* What a cut input deserves: its own bytes again, never more; of a good archive only all of it.
 * Damage inside a document that was there before is passed on and told. */
static void expect_deserved(const struct trial *trial, const struct test_outcome *outcome,
                            size_t cut)
{
    char what[512];
    const char *out = test_scratch_path(&trial->scratch, "target/out");
    int is_read = trial->whole.written || strcmp(trial->group, "bad") != 0;
    int usual = is_read && trial->whole.exit_status == 3 ? 3 : 1;
    cr_expect(outcome->exit_status <= usual, "%s/%s %s at %zu: written, exit %d", trial->group,
              trial->name, trial->file, cut, outcome->exit_status);
    cr_expect(!test_dump_differ(dump_of(trial), out, what), "%s/%s %s at %zu: %s", trial->group,
              trial->name, trial->file, cut, what);
    if (outcome->container == BM_CONTAINER_ARCHIVE && trial->whole.written) {
        const char *whole = test_scratch_path(&trial->scratch, "whole");
        cr_expect(!test_dump_differ(whole, out, what), "%s/%s at %zu looks whole", trial->group,
                  trial->name, cut);
    }
    empty_target(trial);
}

static void cut_at(const struct trial *trial, size_t cut)
{
    struct test_outcome outcome = run_to_target(trial);
    if (outcome.written) {
        expect_deserved(trial, &outcome, cut);
        return;
    }
    /* Of the first bytes of a file nobody can tell what it was; else it is damage, or was refused
     * for its own sake before it was cut. */
    int deserved = outcome.exit_status == 3 ||
                   (outcome.exit_status == 2 && (cut < 32 || trial->whole.exit_status == 2)) ||
                   (outcome.exit_status == 1 && outcome.found == BM_OUTCOME_VIOLATIONS);
    cr_expect(deserved, "%s/%s %s at %zu: exit %d: %s", trial->group, trial->name, trial->file, cut,
              outcome.exit_status, outcome.text);
    cr_expect_eq(test_scratch_count(&trial->scratch, "target"), 0, "%s/%s %s at %zu leaves a file",
                 trial->group, trial->name, trial->file, cut);
}

/* The same numbers in every run: xorshift. */
static size_t draw(uint64_t *state, size_t below)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (size_t)(*state % below);
}

static int is_place(size_t at, size_t len, const size_t drawn[PLACES])
{
    int is = at < EDGE || at + EDGE >= len;
    for (size_t i = 0; !is && i < PLACES; i++) {
        is = drawn[i] == at;
    }
    return is;
}

/* From its end to its start, so that each cut only takes a byte away. */
static void cut_file(const struct trial *trial)
{
    char name[2 * TEST_FIXTURE_NAME];
    snprintf(name, sizeof name, "in/%s%s%s", trial->name, *trial->file == '\0' ? "" : "/",
             trial->file);
    struct bm_buffer whole = test_scratch_read(&trial->scratch, name);
    uint64_t state = SEED;
    size_t drawn[PLACES];
    for (size_t i = 0; i < PLACES; i++) {
        drawn[i] = whole.len > 0 ? draw(&state, whole.len) : 0;
    }
    for (size_t cut = whole.len; cut-- > 0;) {
        if (is_place(cut, whole.len, drawn)) {
            cr_assert_eq(truncate(test_scratch_path(&trial->scratch, name), (off_t)cut), 0);
            cut_at(trial, cut);
        }
    }
    test_scratch_write(&trial->scratch, name, bm_buffer_view(&whole));
    bm_buffer_free(&whole);
}

static void cut_fixture(const char *group, const char *name)
{
    static struct test_fixture_list files;
    struct trial trial = {.group = group, .name = name, .file = ""};
    test_scratch_make_quick(&trial.scratch);
    cr_assert_eq(mkdir(test_scratch_path(&trial.scratch, "in"), 0755), 0);
    cr_assert_eq(mkdir(test_scratch_path(&trial.scratch, "target"), 0755), 0);
    test_fixture_copy(group, name, &trial.scratch, "whole");
    char in[TEST_FIXTURE_NAME + 8];
    snprintf(in, sizeof in, "in/%s", name);
    test_fixture_copy(group, name, &trial.scratch, in);
    trial.whole = run_to_target(&trial);
    empty_target(&trial);
    test_fixture_files(dump_of(&trial), &files);
    for (size_t i = 0; i < files.count; i++) {
        trial.file = files.names[i];
        cut_file(&trial);
    }
    test_scratch_remove(&trial.scratch);
}

/* Each part takes every fourth fixture of a group: parts run at once. */
static void cut_part(const char *group, size_t part)
{
    static struct test_fixture_list list;
    test_fixtures_of(group, &list);
    for (size_t i = part; i < list.count; i += 4) {
        cut_fixture(group, list.names[i]);
    }
}

Test(damage, good_fixtures_cut_everywhere_1)
{
    cut_part("good", 0);
}

Test(damage, good_fixtures_cut_everywhere_2)
{
    cut_part("good", 1);
}

Test(damage, good_fixtures_cut_everywhere_3)
{
    cut_part("good", 2);
}

Test(damage, good_fixtures_cut_everywhere_4)
{
    cut_part("good", 3);
}

Test(damage, mend_fixtures_cut_everywhere_1)
{
    cut_part("mend", 0);
}

Test(damage, mend_fixtures_cut_everywhere_2)
{
    cut_part("mend", 1);
}

Test(damage, mend_fixtures_cut_everywhere_3)
{
    cut_part("mend", 2);
}

Test(damage, mend_fixtures_cut_everywhere_4)
{
    cut_part("mend", 3);
}

Test(damage, bad_fixtures_cut_everywhere_1)
{
    cut_part("bad", 0);
}

Test(damage, bad_fixtures_cut_everywhere_2)
{
    cut_part("bad", 1);
}

Test(damage, bad_fixtures_cut_everywhere_3)
{
    cut_part("bad", 2);
}

Test(damage, bad_fixtures_cut_everywhere_4)
{
    cut_part("bad", 3);
}

/* ---- a full disk ---- */

/* As a disk that takes `size` bytes a file. */
static struct test_outcome run_full(const struct test_scratch *scratch,
                                    const struct bm_packer_options *output, rlim_t size)
{
    struct rlimit before;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit full = {.rlim_cur = size, .rlim_max = before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    struct test_outcome outcome = test_fix(test_scratch_path(scratch, "in"), output);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    return outcome;
}

/* The longest file of a finished output, which is then removed. */
static size_t longest(const struct test_scratch *scratch)
{
    static struct test_fixture_list files;
    size_t most = 0;
    test_fixture_files(test_scratch_path(scratch, "target"), &files);
    for (size_t i = 0; i < files.count; i++) {
        struct stat found;
        char name[TEST_FIXTURE_NAME + 8];
        snprintf(name, sizeof name, "target/%s", files.names[i]);
        cr_assert_eq(stat(test_scratch_path(scratch, name), &found), 0);
        most = (size_t)found.st_size > most ? (size_t)found.st_size : most;
    }
    const struct trial trial = {.scratch = *scratch};
    empty_target(&trial);
    return most;
}

/* A form of output at sizes from nothing to one byte too few. */
static void fill_disk(const struct test_scratch *scratch, enum bm_container container,
                      enum bm_codec codec)
{
    char path[TEST_FIXTURE_NAME];
    snprintf(path, sizeof path, "%s/target/out", scratch->folder);
    const struct bm_packer_options output = {
        .path = path, .container = container, .compression = {.codec = codec, .level = 1}};
    cr_assert(run_full(scratch, &output, RLIM_INFINITY).written);
    size_t most = longest(scratch);
    cr_assert_gt(most, 100000);
    const size_t sizes[] = {0, 1, 100, 4096, most / 2, most - 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct test_outcome outcome = run_full(scratch, &output, sizes[i]);
        cr_expect_eq(outcome.exit_status, 4, "%s %s, %zu bytes: exit %d: %s",
                     bm_container_name(container), bm_codec_name(codec), sizes[i],
                     outcome.exit_status, outcome.text);
        cr_expect(!outcome.written);
        cr_expect_eq(test_scratch_count(scratch, "target"), 0, "%s %s, %zu bytes",
                     bm_container_name(container), bm_codec_name(codec), sizes[i]);
    }
    cr_expect_eq(run_full(scratch, &output, most).exit_status, 0, "it has room then");
    (void)longest(scratch);
}

/* One collection of documents that compress little, with metadata. */
Test(damage, a_full_disk_under_files_and_directories)
{
    struct test_scratch scratch;
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer dump = BM_BUFFER_INIT(1 << 22);
    uint64_t state = SEED;
    for (int32_t i = 0; i < 2000; i++) {
        uint8_t noise[150];
        for (size_t k = 0; k < sizeof noise; k++) {
            noise[k] = (uint8_t)draw(&state, 256);
        }
        bson_t document = BSON_INITIALIZER;
        BSON_APPEND_INT32(&document, "_id", i);
        BSON_APPEND_BINARY(&document, "b", BSON_SUBTYPE_BINARY, noise, sizeof noise);
        struct bm_view bytes = {bson_get_data(&document), document.len};
        cr_assert_eq(bm_buffer_append(&dump, bytes, &err), BM_OK);
        bson_destroy(&document);
    }
    test_scratch_make_quick(&scratch);
    test_scratch_write(&scratch, "in/d/c.bson", bm_buffer_view(&dump));
    test_scratch_write(&scratch, "in/d/c.metadata.json", bm_view_text("{\"indexes\":[]}"));
    cr_assert_eq(mkdir(test_scratch_path(&scratch, "target"), 0755), 0);
    bm_buffer_free(&dump);
    /* As the program does: a file that may not grow is an error, no death. */
    cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
    static const enum bm_container kinds[] = {BM_CONTAINER_BSON, BM_CONTAINER_DIRECTORY,
                                              BM_CONTAINER_ARCHIVE};
    static const enum bm_codec codecs[] = {BM_CODEC_NONE, BM_CODEC_GZIP, BM_CODEC_ZSTD};
    for (size_t i = 0; i < 9; i++) {
        fill_disk(&scratch, kinds[i / 3], codecs[i % 3]);
    }
    test_scratch_remove(&scratch);
}
