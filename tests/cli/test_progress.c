/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/run.h"

#include "cli/progress.h"

/* A clock that stands still until it is told to go on; one for both kinds of time. */
static struct timespec stood;
static long step; /* seconds that each look at the monotonic clock takes */

static int standing_clock(clockid_t id, struct timespec *now)
{
    *now = stood;
    stood.tv_sec += id == CLOCK_MONOTONIC ? step : 0;
    return 0;
}

struct bench {
    struct progress progress;
    char *text;
    size_t len;
};

static void set_up(struct bench *bench)
{
    *bench = (struct bench){.progress = {.clock = standing_clock}};
    cr_assert_eq(setenv("TZ", "UTC-2", 1), 0);
    tzset();
    stood = (struct timespec){1795507200, 45000000};
    step = 0;
    bench->progress.stream = open_memstream(&bench->text, &bench->len);
    cr_assert_not_null(bench->progress.stream);
    progress_start(&bench->progress);
}

static const char *said(struct bench *bench)
{
    cr_assert_eq(fflush(bench->progress.stream), 0);
    return bench->text;
}

static void tear_down(struct bench *bench)
{
    cr_assert_eq(fclose(bench->progress.stream), 0);
    free(bench->text);
}

Test(progress, says_a_line_every_three_seconds)
{
    struct bench bench;
    set_up(&bench);
    progress_update(&bench.progress, "a.b", 1, 100, 400);
    stood = (struct timespec){1795507203, 44999999};
    progress_update(&bench.progress, "a.b", 2, 101, 400);
    cr_expect_str_eq(said(&bench), "");
    stood.tv_nsec = 45000000;
    progress_update(&bench.progress, "a.b", 3, 108, 400);
    progress_update(&bench.progress, "a.b", 4, 110, 400);
    cr_expect_str_eq(said(&bench), "2026-11-24T10:00:03.045+0200\t[######..................]  a.b  "
                                   "108B/400B  (27.0%)\n");
    tear_down(&bench);
}

Test(progress, shows_bytes_and_parts_as_mongorestore_does)
{
    static const struct {
        uint64_t bytes, total;
        const char *line;
    } rows[] = {
        {0, 1023, "[........................]  a.b  0B/1023B  (0.0%)\n"},
        {1024, 1024, "[########################]  a.b  1.00KB/1.00KB  (100.0%)\n"},
        {10235, 12595, "[###################.....]  a.b  10.0KB/12.3KB  (81.3%)\n"},
        {12897484, 47815065, "[######..................]  a.b  12.3MB/45.6MB  (27.0%)\n"},
        {1048575, 3221225472, "[........................]  a.b  1024KB/3.00GB  (0.0%)\n"},
        {5497558138880, 0, "a.b  5120GB\n"},
        {500, 0, "a.b  500B\n"},
        {500, 499, "a.b  500B\n"}, /* grown meanwhile: no whole */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        set_up(&bench);
        stood.tv_sec += 3;
        progress_update(&bench.progress, "a.b", 1, rows[i].bytes, rows[i].total);
        const char *tab = strchr(said(&bench), '\t');
        cr_assert_not_null(tab);
        cr_expect_str_eq(tab + 1, rows[i].line);
        tear_down(&bench);
    }
}

Test(progress, a_name_does_not_steer_the_terminal)
{
    struct bench bench;
    set_up(&bench);
    stood.tv_sec += 3;
    progress_update(&bench.progress, "a.\x1b[2J\xc2\x9b", 1, 5, 0);
    cr_expect_str_eq(said(&bench), "2026-11-24T10:00:03.045+0200\ta.?[2J??  5B\n");
    tear_down(&bench);
}

/* A whole check whose clock goes on by three seconds at each look: every batch has its line. */
static void check_dump(struct bench *bench, const char *path)
{
    struct bm_result result;
    struct bm_rules rules;
    struct bm_error err = BM_ERROR_INIT;
    bm_result_init(&result);
    bm_rules_init(&rules);
    const struct bm_progress progress = {progress_update, &bench->progress};
    const struct bm_run_options options = {
        .command = BM_COMMAND_CHECK,
        .input = {.path = path},
        .rules = &rules,
        .progress = &progress,
    };
    stood.tv_sec += 3;
    step = 3;
    cr_assert_eq(bm_run(&options, &result, &err), BM_OK, "%s: %s", path, err.text);
    bm_rules_free(&rules);
    bm_result_free(&result);
}

Test(progress, the_whole_is_known_of_plain_files_only)
{
    static const struct {
        const char *path;
        const char *text;
    } rows[] = {
        {"fixtures/good/plain",
         "2026-11-24T10:00:06.045+0200\t[########################]  admin.system.version  59B/59B  "
         "(100.0%)\n"
         "2026-11-24T10:00:09.045+0200\t[########################]  shop.bare  14B/14B  (100.0%)\n"
         "2026-11-24T10:00:12.045+0200\t[########################]  shop.orders  186B/186B  "
         "(100.0%)\n"},
        {"fixtures/good/gzip", "2026-11-24T10:00:06.045+0200\tshop.orders  52B\n"
                               "2026-11-24T10:00:09.045+0200\t.oplog  89B\n"},
        {"fixtures/good/example.archive", "2026-11-24T10:00:06.045+0200\td.c  40B\n"},
        {"fixtures/good/all-types.bson", "2026-11-24T10:00:06.045+0200\t[########################] "
                                         " good.all-types  467B/467B  (100.0%)\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        set_up(&bench);
        check_dump(&bench, rows[i].path);
        cr_expect_str_eq(said(&bench), rows[i].text);
        tear_down(&bench);
    }
}
