/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seen/keyfile.h"
#include "support/scratch.h"

static struct test_scratch scratch;
static volatile sig_atomic_t stop; /* of each test's process */

static void setup(void)
{
    test_scratch_make(&scratch);
}

static void teardown(void)
{
    test_scratch_remove(&scratch);
}

TestSuite(keyfile, .init = setup, .fini = teardown);

static struct bm_fingerprint of_number(uint64_t number)
{
    static const struct bm_hash_key key = {{4, 4, 2}};
    return bm_fingerprint_of(&key, (struct bm_view){(const uint8_t *)&number, sizeof number});
}

static struct bm_keyfile *new_file(size_t memory)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_keyfile *keyfile =
        bm_keyfile_new(test_scratch_path(&scratch, ""), memory, &stop, &err);
    cr_assert_not_null(keyfile, "%s: %s", err.file, err.text);
    return keyfile;
}

static void add(struct bm_keyfile *keyfile, struct bm_fingerprint fingerprint, uint64_t place)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_keyfile_record record = {fingerprint, place};
    cr_assert_eq(bm_keyfile_add(keyfile, &record, &err), BM_OK, "%s", err.text);
}

/* What the keys that are not in memory take on disk, in bytes: of the one file without a name that
 * this process has open in the folder. */
static uint64_t disk_of(const struct test_scratch *from)
{
    uint64_t bytes = 0;
    size_t len = strlen(test_scratch_path(from, ""));
    for (int fd = 0; fd < 256; fd++) {
        char name[64];
        char target[4096];
        struct stat about;
        (void)snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        ssize_t got = readlink(name, target, sizeof target);
        if (got >= (ssize_t)len && memcmp(target, test_scratch_path(from, ""), len) == 0 &&
            fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
            bytes += (uint64_t)about.st_blocks * 512;
        }
    }
    return bytes;
}

/* Blocks that are not full: in the folder's file system the last page of each part. */
#define DISK_BESIDE ((uint64_t)4 << 20)

/* What came out, held against what went in: which number each place has. */
struct model {
    const uint64_t *number_of; /* by place */
    uint64_t *held;            /* by number: records that went in */
    uint64_t *seen;            /* by number: records that came out */
    uint64_t *last_place;      /* by number */
    uint64_t groups;
    uint64_t records;
    struct bm_fingerprint last;
};

static enum bm_status hold(void *context, const struct bm_keyfile_record *record, uint64_t number,
                           uint64_t size, struct bm_error *err)
{
    (void)err;
    struct model *model = context;
    uint64_t which = model->number_of[record->place];
    struct bm_fingerprint expected = of_number(which);
    cr_assert_eq(record->fingerprint.high, expected.high);
    cr_assert_eq(record->fingerprint.low, expected.low);
    cr_assert_eq(size, model->held[which]);
    cr_assert_eq(number, model->seen[which]);
    cr_assert(number == 0 || record->place > model->last_place[which]);
    cr_assert(number == 0 || model->last.high == expected.high, "one group at a time");
    cr_assert(number > 0 || model->last.high <= expected.high, "in order");
    model->last = expected;
    model->last_place[which] = record->place;
    model->seen[which]++;
    model->records++;
    model->groups += number == 0 ? 1 : 0;
    return BM_OK;
}

/* `count` records over `numbers` keys, drawn with a seed; number 0 is drawn `often` times in 100.
 */
static void compare(size_t memory, size_t count, uint64_t numbers, unsigned often, uint32_t seed)
{
    uint64_t *number_of = calloc(count, sizeof *number_of);
    struct model model = {.number_of = number_of,
                          .held = calloc(numbers, sizeof(uint64_t)),
                          .seen = calloc(numbers, sizeof(uint64_t)),
                          .last_place = calloc(numbers, sizeof(uint64_t))};
    cr_assert(number_of != NULL && model.held != NULL && model.seen != NULL &&
              model.last_place != NULL);
    struct bm_keyfile *keyfile = new_file(memory);
    uint64_t state = seed;
    for (size_t i = 0; i < count; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        number_of[i] = (state >> 33) % 100 < often ? 0 : (state >> 24) % numbers;
        model.held[number_of[i]]++;
        add(keyfile, of_number(number_of[i]), i);
    }
    cr_expect_eq(bm_keyfile_count(keyfile), count);
    cr_expect_eq(test_scratch_count(&scratch, ""), 0, "it has no name");
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_keyfile_read(keyfile, hold, &model, &err), BM_OK, "%s", err.text);
    cr_expect_leq(disk_of(&scratch), count * 24 + count * 3 + DISK_BESIDE, "seed %u", seed);
    uint64_t groups = 0;
    uint64_t records = 0;
    for (uint64_t i = 0; i < numbers; i++) {
        groups += model.held[i] > 1 ? 1 : 0;
        records += model.held[i] > 1 ? model.held[i] : 0;
    }
    cr_expect_eq(model.groups, groups, "seed %u", seed);
    cr_expect_eq(model.records, records, "seed %u", seed);
    bm_keyfile_free(keyfile);
    free(number_of);
    free(model.held);
    free(model.seen);
    free(model.last_place);
}

struct shape {
    const char *what;
    size_t memory, count;
    uint64_t numbers;
    unsigned often;
};

static const struct shape shapes[] = {
    {"nothing", 0, 0, 1, 0},
    {"one record", 0, 1, 1, 0},
    {"a pair", 0, 2, 1, 0},
    {"few keys, many records", 0, 50000, 100, 0},
    {"few are shared", 0, 50000, 1000000, 0},
    {"blocks of every fill", 0, 12345, 5000, 0},
    {"parts that have to be split", 0, 3000000, 2000000, 0},
    {"one key has half of all, among others", 0, 2000000, 500000, 50},
    {"all in memory", (size_t)64 << 20, 200000, 50000, 0},
};

ParameterizedTestParameters(keyfile, groups)
{
    static size_t numbers[sizeof shapes / sizeof shapes[0]];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        numbers[i] = i;
    }
    return cr_make_param_array(size_t, numbers, sizeof numbers / sizeof numbers[0]);
}

ParameterizedTest(size_t *number, keyfile, groups)
{
    const struct shape *shape = &shapes[*number];
    const char *wanted = getenv("BSONMEND_SEED");
    uint32_t seed = wanted != NULL ? (uint32_t)strtoul(wanted, NULL, 10) : 11;
    printf("%s: seed %u\n", shape->what, seed);
    compare(shape->memory, shape->count, shape->numbers, shape->often, seed);
}

/* ---- memory ---- */

static enum bm_status count_only(void *context, const struct bm_keyfile_record *record,
                                 uint64_t number, uint64_t size, struct bm_error *err)
{
    (void)err;
    uint64_t *places = context;
    cr_assert_eq(record->place, number);
    cr_assert_eq(size, 1000000);
    (*places)++;
    return BM_OK;
}

/* 24 MB of records of one key, in a process that may take 8 MB more than it has. */
Test(keyfile, a_group_of_a_million_takes_no_memory)
{
    struct bm_keyfile *keyfile = new_file(0);
    for (uint64_t i = 0; i < 1000000; i++) {
        add(keyfile, of_number(1), i);
    }
    FILE *statm = fopen("/proc/self/statm", "r");
    unsigned long pages = 0;
    cr_assert(statm != NULL && fscanf(statm, "%lu", &pages) == 1);
    (void)fclose(statm);
    struct rlimit before;
    cr_assert_eq(getrlimit(RLIMIT_AS, &before), 0);
    const struct rlimit tight = {.rlim_cur = pages * 4096 + (8u << 20),
                                 .rlim_max = before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_AS, &tight), 0);
    uint64_t places = 0;
    struct bm_error err = BM_ERROR_INIT;
    enum bm_status status = bm_keyfile_read(keyfile, count_only, &places, &err);
    cr_assert_eq(setrlimit(RLIMIT_AS, &before), 0);
    cr_expect_eq(status, BM_OK, "%s", err.text);
    cr_expect_eq(places, 1000000);
    bm_keyfile_free(keyfile);
}

/* ---- failures ---- */

static enum bm_status refuse(void *context, const struct bm_keyfile_record *record, uint64_t number,
                             uint64_t size, struct bm_error *err)
{
    (void)record;
    (void)number;
    (void)size;
    (*(int *)context)++;
    return bm_fail(err, BM_ERROR_MEMORY, 0, "no more");
}

Test(keyfile, whoever_takes_may_refuse)
{
    struct bm_keyfile *keyfile = new_file(0);
    for (uint64_t i = 0; i < 10; i++) {
        add(keyfile, of_number(i % 5), i);
    }
    int taken = 0;
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_eq(bm_keyfile_read(keyfile, refuse, &taken, &err), BM_FAIL);
    cr_expect_str_eq(err.text, "no more");
    cr_expect_eq(taken, 1);
    bm_keyfile_free(keyfile);
}

Test(keyfile, a_full_disk_is_told_with_its_place)
{
    struct bm_keyfile *keyfile = new_file(0);
    struct rlimit before;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit full = {.rlim_cur = 1000000, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    struct bm_error err = BM_ERROR_INIT;
    enum bm_status status = BM_OK;
    uint64_t added = 0;
    while (status == BM_OK && added < 200000) {
        const struct bm_keyfile_record record = {of_number(added), added};
        status = bm_keyfile_add(keyfile, &record, &err);
        added++;
    }
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    cr_expect_eq(status, BM_FAIL);
    cr_expect_gt(added, 20000);
    cr_expect_eq(err.code, BM_ERROR_IO);
    cr_expect_eq(err.sys_errno, EFBIG);
    cr_expect_str_eq(err.file, test_scratch_path(&scratch, ""));
    cr_expect_str_eq(err.text, "cannot write the keys that memory does not hold");
    bm_keyfile_free(keyfile);
}

struct stopping {
    uint64_t taken;
    uint64_t after;
};

static enum bm_status stop_it(void *context, const struct bm_keyfile_record *record,
                              uint64_t number, uint64_t size, struct bm_error *err)
{
    (void)record;
    (void)number;
    (void)size;
    (void)err;
    struct stopping *stopping = context;
    stopping->taken++;
    stop = stopping->taken >= stopping->after;
    return BM_OK;
}

/* In a part that is split, in one that is sorted, and in one that is one key's. */
Test(keyfile, a_signal_ends_what_is_read_back)
{
    static const struct {
        uint64_t records, numbers, after;
    } cases[] = {{3000000, 1500000, 1}, {200000, 100000, 3}, {200000, 1, 1}, {100, 50, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_keyfile *keyfile = new_file(0);
        struct stopping stopping = {.after = cases[i].after};
        struct bm_error err = BM_ERROR_INIT;
        for (uint64_t n = 0; n < cases[i].records; n++) {
            add(keyfile, of_number(n % cases[i].numbers), n);
        }
        stop = cases[i].after == 0;
        cr_expect_eq(bm_keyfile_read(keyfile, stop_it, &stopping, &err), BM_FAIL, "case %zu", i);
        cr_expect_eq(err.code, BM_ERROR_STOPPED, "case %zu: %s", i, err.text);
        cr_expect_leq(stopping.taken, 2000, "case %zu", i);
        bm_keyfile_free(keyfile);
        stop = 0;
    }
}

Test(keyfile, a_folder_that_is_none)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_null(bm_keyfile_new(test_scratch_path(&scratch, "absent"), 0, NULL, &err));
    cr_expect_eq(err.code, BM_ERROR_USAGE);
}
