/* SPDX-License-Identifier: Apache-2.0 */
#include "support/threads.h"

#include <criterion/criterion.h>
#include <dirent.h>

size_t test_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    cr_assert_not_null(tasks);
    size_t count = 0;
    for (const struct dirent *entry = readdir(tasks); entry != NULL; entry = readdir(tasks)) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(tasks);
    return count;
}
