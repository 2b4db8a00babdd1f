/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "io/place.h"

enum { DEEPEST = 64 };

static void remove_entry(int folder, const char *name, int depth);

static void empty_folder(int folder, const char *name, int depth)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    /* A folder that took over a mode without writing would keep what is in it. */
    (void)fchmod(fd, S_IRWXU);
    DIR *entries = fdopendir(fd);
    if (entries == NULL) {
        (void)close(fd);
        return;
    }
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            remove_entry(dirfd(entries), entry->d_name, depth + 1);
        }
    }
    (void)closedir(entries);
}

static void remove_entry(int folder, const char *name, int depth)
{
    if (unlinkat(folder, name, 0) == 0 || (errno != EISDIR && errno != EPERM) || depth > DEEPEST) {
        return;
    }
    empty_folder(folder, name, depth);
    (void)unlinkat(folder, name, AT_REMOVEDIR);
}

void bm_place_remove_tree(const char *path)
{
    int saved = errno;
    remove_entry(AT_FDCWD, path, 0);
    errno = saved;
}
