/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
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

uint64_t memory_budget(void)
{
    static const char *const limits[] = {
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    };
    long pages = sysconf(_SC_PHYS_PAGES);
    long page = sysconf(_SC_PAGESIZE);
    uint64_t memory = pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page : MEMORY_UNKNOWN;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        uint64_t limit = read_limit(limits[i]);
        memory = limit < memory ? limit : memory;
    }
    return memory / 4 > 0 ? memory / 4 : 1;
}

uint64_t memory_peak(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0 || usage.ru_maxrss < 0) {
        return 0;
    }
    return (uint64_t)usage.ru_maxrss * 1024;
}
