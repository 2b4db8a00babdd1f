/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Parents looked at before giving up: a path has no more. */
#define PLACE_DEPTH 2048

static int same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The folder a path is in and its last part, which borrows from path. NULL: no memory. */
static char *split(const char *path, const char **name)
{
    const char *slash = strrchr(path, '/');
    *name = slash != NULL ? slash + 1 : path;
    if (slash == NULL) {
        return strdup(".");
    }
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

int place_same(const char *a, const char *b)
{
    struct stat about_a;
    struct stat about_b;
    if (stat(a, &about_a) == 0 && stat(b, &about_b) == 0) {
        return same_file(&about_a, &about_b);
    }
    const char *name_a;
    const char *name_b;
    char *folder_a = split(a, &name_a);
    char *folder_b = split(b, &name_b);
    int same = folder_a != NULL && folder_b != NULL && strcmp(name_a, name_b) == 0 &&
               stat(folder_a, &about_a) == 0 && stat(folder_b, &about_b) == 0 &&
               same_file(&about_a, &about_b);
    free(folder_a);
    free(folder_b);
    return same;
}

int place_below(const char *path, const char *directory)
{
    struct stat wanted;
    struct stat here;
    struct stat last = {0};
    const char *name;
    int below = 0;
    char *folder = split(path, &name);
    size_t len = folder != NULL ? strlen(folder) : 0;
    char *climb = malloc(len + PLACE_DEPTH * 3 + 1);
    if (folder == NULL || climb == NULL || stat(directory, &wanted) != 0 ||
        !S_ISDIR(wanted.st_mode)) {
        goto out;
    }
    memcpy(climb, folder, len + 1);
    for (size_t depth = 0; depth < PLACE_DEPTH && !below; depth++) {
        if (stat(climb, &here) != 0 || (depth > 0 && same_file(&here, &last))) {
            break; /* not there, or the root, which is its own parent */
        }
        below = same_file(&here, &wanted);
        last = here;
        memcpy(climb + len + depth * 3, "/..", 4);
    }
out:
    free(folder);
    free(climb);
    return below;
}
