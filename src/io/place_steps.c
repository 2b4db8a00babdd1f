/* SPDX-License-Identifier: Apache-2.0 */
#include "io/place_steps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/place.h"
#include "io/place_path.h"

static enum bm_status fail_to_rename(const char *path, int sys_errno, struct bm_error *err)
{
    return bm_place_path_fail(path, sys_errno, "cannot rename to it", err);
}

/* rename() puts a folder over an empty one, and mkdir() makes that one only if nothing is there. */
static enum bm_status rename_folder(const char *from, const char *to, struct bm_error *err)
{
    if (mkdir(to, S_IRWXU) != 0) {
        return errno == EEXIST ? bm_place_path_came(to, err) : fail_to_rename(to, errno, err);
    }
    if (rename(from, to) != 0) {
        int error = errno;
        (void)rmdir(to);
        return fail_to_rename(to, error, err);
    }
    return BM_OK;
}

enum bm_status bm_place_steps_rename(const char *from, const char *to, struct bm_error *err)
{
    struct stat found;
    if (lstat(from, &found) != 0) {
        return fail_to_rename(to, errno, err);
    }
    if (S_ISDIR(found.st_mode)) {
        return rename_folder(from, to, err);
    }
    if (link(from, to) == 0) {
        (void)unlink(from);
        return BM_OK;
    }
    if (errno == EEXIST) {
        return bm_place_path_came(to, err);
    }
    /* A file system without hard links: only a look beforehand is left. */
    if (errno != EPERM && errno != ENOTSUP && errno != EMLINK) {
        return fail_to_rename(to, errno, err);
    }
    if (lstat(to, &found) == 0) {
        return bm_place_path_came(to, err);
    }
    return rename(from, to) == 0 ? BM_OK : fail_to_rename(to, errno, err);
}

enum bm_status bm_place_steps_exchange(const char *from, const char *to, struct bm_error *err)
{
    char *aside;
    if (bm_place_temporary(to, &aside, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = BM_OK;
    if (rename(to, aside) != 0) {
        status = fail_to_rename(to, errno, err);
    } else if (rename(from, to) != 0) {
        status = fail_to_rename(to, errno, err);
        (void)rename(aside, to);
    } else if (rename(aside, from) != 0) {
        status = fail_to_rename(from, errno, err);
        (void)rename(to, from);
        (void)rename(aside, to);
    }
    free(aside);
    return status;
}
