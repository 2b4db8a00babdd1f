/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/memory.h"
#include "support/scratch.h"

enum { FILES = 4 };

/* A made-up machine: files with their contents, and the limit it sets. */
struct machine {
    const char *what;
    const char *groups; /* of /proc/self/cgroup, NULL: there is none */
    struct {
        const char *name; /* below /sys/fs/cgroup */
        const char *text;
    } files[FILES];
    uint64_t limit;
};

static const struct machine machines[] = {
    {"no groups at all", NULL, {{0}}, UINT64_MAX},
    {"a file that does not count without its group", NULL, {{"memory.max", "100\n"}}, UINT64_MAX},
    {"version 2, its own group", "0::/a/b\n", {{"a/b/memory.max", "4096000\n"}}, 4096000},
    {"version 2, the root group", "0::/\n", {{"memory.max", "5000\n"}}, 5000},
    {"version 2, max all the way up",
     "0::/a/b\n",
     {{"a/b/memory.max", "max\n"}, {"a/memory.max", "max\n"}, {"memory.max", "max\n"}},
     UINT64_MAX},
    {"version 2, an ancestor is stricter",
     "0::/a/b/c\n",
     {{"a/b/c/memory.max", "900\n"}, {"a/b/memory.max", "max\n"}, {"a/memory.max", "700\n"}},
     700},
    {"version 2, the group is stricter",
     "0::/a/b\n",
     {{"a/b/memory.max", "600\n"}, {"a/memory.max", "700\n"}},
     600},
    {"version 2, another group's limit",
     "0::/a/b\n",
     {{"a/bb/memory.max", "1\n"}, {"c/memory.max", "1\n"}},
     UINT64_MAX},
    {"version 2, a container that sees its group as the root",
     "0::/../../user.slice/x\n",
     {{"memory.max", "12345\n"}},
     12345},
    {"version 1, its own group",
     "5:cpu,cpuacct:/x\n4:memory:/a/b\n1:name=systemd:/y\n",
     {{"memory/a/b/memory.limit_in_bytes", "8192\n"}, {"memory/x/memory.limit_in_bytes", "1\n"}},
     8192},
    {"version 1, one of several controllers, a stricter ancestor",
     "4:cpu,memory,pids:/a/b\n",
     {{"memory/a/b/memory.limit_in_bytes", "9223372036854771712\n"},
      {"memory/a/memory.limit_in_bytes", "300\n"}},
     300},
    {"version 1, a controller that only sounds like it",
     "4:memory2,hugememory:/a\n",
     {{"memory/a/memory.limit_in_bytes", "300\n"}},
     UINT64_MAX},
    {"both, the stricter counts",
     "4:memory:/a\n0::/b\n",
     {{"memory/a/memory.limit_in_bytes", "300\n"}, {"unified/b/memory.max", "200\n"}},
     200},
    {"a colon in the group's name", "0::/a:b\n", {{"a:b/memory.max", "77\n"}}, 77},
    {"no number", "0::/a\n", {{"a/memory.max", "much\n"}}, UINT64_MAX},
    {"nothing in the file", "0::/a\n", {{"a/memory.max", ""}}, UINT64_MAX},
    {"a number past 64 bits", "0::/a\n", {{"a/memory.max", "99999999999999999999\n"}}, UINT64_MAX},
    {"lines that are none", "\n0\n0:\n:::\n0::/a", {{"a/memory.max", "55"}}, 55},
};

ParameterizedTestParameters(memory, least_limit)
{
    static size_t numbers[sizeof machines / sizeof machines[0]];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        numbers[i] = i;
    }
    return cr_make_param_array(size_t, numbers, sizeof numbers / sizeof numbers[0]);
}

ParameterizedTest(size_t *number, memory, least_limit)
{
    const struct machine *machine = &machines[*number];
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    if (machine->groups != NULL) {
        test_scratch_write(&scratch, "proc/self/cgroup", bm_view_text(machine->groups));
    }
    for (size_t i = 0; i < FILES && machine->files[i].name != NULL; i++) {
        char name[256];
        (void)snprintf(name, sizeof name, "sys/fs/cgroup/%s", machine->files[i].name);
        test_scratch_write(&scratch, name, bm_view_text(machine->files[i].text));
    }
    char root[4096];
    (void)snprintf(root, sizeof root, "%s", test_scratch_path(&scratch, ""));
    cr_expect_eq(memory_limit(root), machine->limit, "%s: %llu", machine->what,
                 (unsigned long long)memory_limit(root));
    test_scratch_remove(&scratch);
}

/* A folder where the file should be: it opens, and cannot be read, even by root. */
Test(memory, what_cannot_be_read_sets_no_limit)
{
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    test_scratch_write(&scratch, "proc/self/cgroup", bm_view_text("0::/a/b\n"));
    test_scratch_write(&scratch, "sys/fs/cgroup/a/b/memory.max/file", bm_view_text("1"));
    test_scratch_write(&scratch, "sys/fs/cgroup/a/memory.max", bm_view_text("444\n"));
    char root[4096];
    (void)snprintf(root, sizeof root, "%s", test_scratch_path(&scratch, ""));
    cr_expect_eq(memory_limit(root), 444);
    test_scratch_remove(&scratch);
}

/* A name longer than any path: cut, it may name no group, and no memory is overrun. */
Test(memory, a_line_without_an_end)
{
    enum { LONG = 20000 };
    static char line[LONG + 1];
    memset(line, 'a', LONG);
    memcpy(line, "0::/", 4);
    struct test_scratch scratch;
    test_scratch_make(&scratch);
    test_scratch_write(&scratch, "proc/self/cgroup", bm_view_text(line));
    char root[4096];
    (void)snprintf(root, sizeof root, "%s", test_scratch_path(&scratch, ""));
    cr_expect_eq(memory_limit(root), UINT64_MAX);
    test_scratch_remove(&scratch);
}

Test(memory, budget_and_peak_are_of_this_machine)
{
    cr_expect_gt(memory_budget(), 0);
    cr_expect_lt(memory_budget(), UINT64_MAX / 4);
    cr_expect_leq(memory_budget(), memory_limit("") / 4 > 0 ? memory_limit("") / 4 : 1);
    cr_expect_gt(memory_peak(), 1 << 20);
}

struct size_case {
    const char *text;
    uint64_t bytes; /* 0: refused */
};

static const struct size_case sizes[] = {
    {"1M", 1 << 20},
    {"1024K", 1 << 20},
    {"1048576", 1 << 20},
    {"64m", 64 << 20},
    {"3g", UINT64_C(3) << 30},
    {"8589934591G", UINT64_C(8589934591) << 30},
    {"9223372036854775807", INT64_MAX},
    {"1048575", 0},
    {"1023K", 0},
    {"0G", 0},
    {"8589934592G", 0},
    {"9223372036854775808", 0},
    {"99999999999999999999999", 0},
    {"", 0},
    {"M", 0},
    {"2MB", 0},
    {"2T", 0},
    {"1.5G", 0},
    {"-64M", 0},
    {" 64M", 0},
};

ParameterizedTestParameters(memory, sizes)
{
    static size_t numbers[sizeof sizes / sizeof sizes[0]];
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        numbers[i] = i;
    }
    return cr_make_param_array(size_t, numbers, sizeof numbers / sizeof numbers[0]);
}

ParameterizedTest(size_t *number, memory, sizes)
{
    const struct size_case *one = &sizes[*number];
    struct bm_error err = BM_ERROR_INIT;
    uint64_t bytes = 7;
    enum bm_status status = memory_parse(one->text, &bytes, &err);
    cr_expect_eq(status, one->bytes > 0 ? BM_OK : BM_FAIL, "'%s'", one->text);
    cr_expect_eq(bytes, one->bytes > 0 ? one->bytes : 7, "'%s'", one->text);
    cr_expect_eq(err.code, one->bytes > 0 ? BM_ERROR_NONE : BM_ERROR_USAGE, "'%s'", one->text);
}
