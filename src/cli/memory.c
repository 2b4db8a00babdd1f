/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* strsep */
#include "cli/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* What is left to hold where nothing can be learned. */
#define MEMORY_UNKNOWN ((uint64_t)1 << 30)

/* The number in a file of one number; UINT64_MAX: no such file, "max", or no number. */
static uint64_t read_limit(const char *path)
{
    uint64_t limit = UINT64_MAX;
    char text[32];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return limit;
    }
    if (fgets(text, sizeof text, file) != NULL && text[0] >= '0' && text[0] <= '9') {
        errno = 0;
        unsigned long long number = strtoull(text, NULL, 10);
        if (errno == 0) {
            limit = number;
        }
    }
    (void)fclose(file);
    return limit;
}

/* Longer than any path the kernel gives out, and the file's name. */
enum { LONGEST_PATH = 4096 + 64 };

/* Where the limits of one kind of control groups lie. */
struct hierarchy {
    const char *controller; /* "": version 2 */
    const char *mount;
    const char *file;
};

/* The least limit of a group and of those it lies in; group is cut to "" on the way. */
static uint64_t least_limit(const char *root, const struct hierarchy *where, char *group)
{
    uint64_t least = UINT64_MAX;
    for (;;) {
        char path[LONGEST_PATH];
        int len = snprintf(path, sizeof path, "%s%s%s/%s", root, where->mount, group, where->file);
        uint64_t limit = len > 0 && (size_t)len < sizeof path ? read_limit(path) : UINT64_MAX;
        least = limit < least ? limit : least;
        char *slash = strrchr(group, '/');
        if (slash == NULL) {
            return least;
        }
        *slash = '\0';
    }
}

/* Whether a list of names with commas between them, cut in place, holds this one. */
static int holds(char *list, const char *name)
{
    char *rest = list;
    for (char *one = strsep(&rest, ","); one != NULL; one = strsep(&rest, ",")) {
        if (strcmp(one, name) == 0) {
            return 1;
        }
    }
    return 0;
}

/* One line of /proc/self/cgroup: "0::/group" or "4:cpu,memory:/group", see cgroups(7). */
static uint64_t limit_of_line(const char *root, char *line)
{
    static const struct hierarchy hierarchies[] = {
        {"", "/sys/fs/cgroup", "memory.max"},
        {"", "/sys/fs/cgroup/unified", "memory.max"},
        {"memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes"},
    };
    uint64_t least = UINT64_MAX;
    char *group = line;
    line[strcspn(line, "\n")] = '\0';
    (void)strsep(&group, ":");
    char *controllers = strsep(&group, ":");
    if (controllers == NULL || group == NULL) {
        return least;
    }
    for (size_t i = 0; i < sizeof hierarchies / sizeof hierarchies[0]; i++) {
        char copy[LONGEST_PATH];
        (void)snprintf(copy, sizeof copy, "%s", controllers);
        if (holds(copy, hierarchies[i].controller)) {
            (void)snprintf(copy, sizeof copy, "%s", group);
            uint64_t limit = least_limit(root, &hierarchies[i], copy);
            least = limit < least ? limit : least;
        }
    }
    return least;
}

uint64_t memory_limit(const char *root)
{
    uint64_t least = UINT64_MAX;
    char line[LONGEST_PATH];
    (void)snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *groups = fopen(line, "re");
    if (groups == NULL) {
        return least;
    }
    while (fgets(line, sizeof line, groups) != NULL) {
        uint64_t limit = limit_of_line(root, line);
        least = limit < least ? limit : least;
    }
    (void)fclose(groups);
    return least;
}

uint64_t memory_budget(void)
{
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    uint64_t memory = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : MEMORY_UNKNOWN;
    uint64_t limit = memory_limit("");
    memory = limit < memory ? limit : memory;
    return memory / 4 > 0 ? memory / 4 : 1;
}

enum bm_status memory_parse(const char *text, uint64_t *out, struct bm_error *err)
{
    static const char suffixes[] = "KkMmGg"; /* each pair is 1024 times the one before */
    size_t digits = strspn(text, "0123456789");
    const char *suffix = text + digits;
    errno = 0;
    unsigned long long number = strtoull(text, NULL, 10);
    const char *known = *suffix != '\0' ? strchr(suffixes, *suffix) : NULL;
    if (digits == 0 || (*suffix != '\0' && (known == NULL || suffix[1] != '\0'))) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a size such as 512M or 2G is wanted, not '%s'",
                       text);
    }
    unsigned shift = known != NULL ? 10 * (unsigned)((known - suffixes) / 2 + 1) : 0;
    if (errno != 0 || number > (unsigned long long)INT64_MAX >> shift) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s is more than there can be", text);
    }
    if (number << shift < MEMORY_LEAST) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s is too little: 1M is the least", text);
    }
    *out = number << shift;
    return BM_OK;
}

uint64_t memory_peak(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0 || usage.ru_maxrss < 0) {
        return 0;
    }
    return (uint64_t)usage.ru_maxrss * 1024;
}
