/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* O_TMPFILE */
#include "io/unnamed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* A name for as long as it takes to open the file and take the name away again. */
static int open_named(const char *folder, struct bm_error *err)
{
    static const char name[] = "/.bsonmend-XXXXXX";
    size_t len = strlen(folder);
    char *path = bm_allocate(len + sizeof name, 1, err);
    if (path == NULL) {
        return -1;
    }
    (void)snprintf(path, len + sizeof name, "%s%s", folder, name);
    int fd = mkostemp(path, O_CLOEXEC);
    int error = errno;
    if (fd >= 0) {
        (void)unlink(path);
    }
    free(path);
    errno = error;
    return fd;
}

int bm_unnamed_open(const char *folder, struct bm_error *err)
{
    int fd;
    do {
        fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    } while (fd < 0 && errno == EINTR);
    /* Kernels and file systems that know no such flag see a folder opened for writing. */
    if (fd < 0 && (errno == EISDIR || errno == EOPNOTSUPP || errno == ENOENT)) {
        fd = open_named(folder, err);
    }
    if (fd < 0 && err->code == BM_ERROR_NONE) {
        int is_none = errno == ENOENT || errno == ENOTDIR;
        (void)bm_fail(err, is_none ? BM_ERROR_USAGE : BM_ERROR_IO, errno,
                      "cannot make a temporary file there");
    }
    if (fd < 0) {
        (void)bm_error_file(err, folder);
    }
    return fd;
}
