/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "io/place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/place_path.h"
#include "io/place_steps.h"

/* FNV-1a: tells long names with one start apart, an output and its metadata. */
static uint64_t hash_name(struct bm_view name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.len; i++) {
        hash = (hash ^ name.data[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

enum bm_status bm_place_temporary(const char *target, char **out, struct bm_error *err)
{
    /* Leaves room for dots, two numbers, a hash and ".tmp" in the 255 bytes of a name. */
    enum { NAME_KEPT = 200, TRIES = 1000 };
    struct bm_place_path path = bm_place_path_split(target);
    if (path.name.len == 0) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "not a name that can be written to");
        return bm_error_file(err, target);
    }
    int kept = (int)path.name.len;
    char hash[sizeof ".0123456789abcdef"] = "";
    if (path.name.len > NAME_KEPT) {
        kept = NAME_KEPT;
        (void)snprintf(hash, sizeof hash, ".%016" PRIx64, hash_name(path.name));
    }
    for (unsigned i = 0; i < TRIES; i++) {
        char *name = bm_format_text(err, "%.*s.%.*s%s.%ld-%u.tmp", (int)path.folder.len,
                                    (const char *)path.folder.data, kept,
                                    (const char *)path.name.data, hash, (long)getpid(), i);
        struct stat there;
        if (name == NULL) {
            return BM_FAIL;
        }
        if (lstat(name, &there) != 0) {
            *out = name;
            return BM_OK;
        }
        free(name);
    }
    return bm_place_path_fail(target, EEXIST, "no free temporary name beside it", err);
}

enum bm_status bm_place_make_folder(const char *path, mode_t mode, struct bm_error *err)
{
    if (mkdir(path, S_IRWXU) != 0) {
        return bm_place_path_fail(path, errno, "cannot make the folder", err);
    }
    return bm_place_set_mode(path, mode, err);
}

enum bm_status bm_place_check_folder_of(const char *path, struct bm_error *err)
{
    char *folder = bm_place_path_folder(path, err);
    if (folder == NULL) {
        return BM_FAIL;
    }
    struct stat found;
    enum bm_status status = BM_OK;
    if (stat(folder, &found) != 0 || !S_ISDIR(found.st_mode)) {
        status = bm_fail(err, BM_ERROR_USAGE, 0, "the folder it should go to is not there");
    }
    /* Told at once and by its path: the first write would be a namespace's. */
    if (status == BM_OK && faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) != 0) {
        status = bm_fail(err, BM_ERROR_IO, errno, "nothing can be put in its folder");
    }
    free(folder);
    return status;
}

enum bm_status bm_place_sync_folder(const char *path, struct bm_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        /* A folder one may write to but not list can hold an output; it cannot be synced. */
        return errno == EACCES ? BM_OK
                               : bm_place_path_fail(path, errno, "cannot open the folder", err);
    }
    enum bm_status status = BM_OK;
    /* EINVAL: a file system that does not sync folders has nothing to lose here. */
    if (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP) {
        status = bm_place_path_fail(path, errno, "cannot sync the folder", err);
    }
    (void)close(fd);
    return status;
}

enum bm_status bm_place_sync_folder_of(const char *path, struct bm_error *err)
{
    char *folder = bm_place_path_folder(path, err);
    if (folder == NULL) {
        return BM_FAIL;
    }
    enum bm_status status = bm_place_sync_folder(folder, err);
    free(folder);
    return status;
}

/* 1 when the kernel or file system does not know the flag given to renameat2(). */
static int is_unknown_flag(int error)
{
    return error == EINVAL || error == ENOSYS || error == ENOTSUP;
}

enum bm_status bm_place_rename(const char *from, const char *to, enum bm_existing existing,
                               struct bm_error *err)
{
    unsigned flags = existing == BM_REFUSE_EXISTING ? RENAME_NOREPLACE : 0;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) == 0) {
        return BM_OK;
    }
    int error = errno;
    if (flags != 0 && is_unknown_flag(error)) {
        return bm_place_steps_rename(from, to, err);
    }
    if (flags != 0 && error == EEXIST) {
        return bm_place_path_came(to, err);
    }
    return bm_place_path_fail(to, error, "cannot rename to it", err);
}

enum bm_status bm_place_exchange(const char *from, const char *to, struct bm_error *err)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0) {
        return BM_OK;
    }
    if (is_unknown_flag(errno)) {
        return bm_place_steps_exchange(from, to, err);
    }
    return bm_place_path_fail(to, errno, "cannot replace it", err);
}

enum bm_status bm_place_copy_link(const char *from, const char *to, struct bm_error *err)
{
    enum { LONGEST = 65536 };
    char *text = bm_allocate(LONGEST, 1, err);
    if (text == NULL) {
        return BM_FAIL;
    }
    enum bm_status status = BM_OK;
    ssize_t len = readlink(from, text, LONGEST - 1);
    if (len < 0) {
        status = bm_place_path_fail(from, errno, "cannot read the link", err);
    } else if (symlink(text, to) != 0) {
        status = bm_place_path_fail(to, errno, "cannot make the link", err);
    }
    free(text);
    return status;
}

enum bm_status bm_place_set_times(const char *path, const struct stat *like, struct bm_error *err)
{
    const struct timespec times[2] = {like->st_atim, like->st_mtim};
    if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) != 0) {
        return bm_place_path_fail(path, errno, "cannot set the times", err);
    }
    return BM_OK;
}

enum bm_status bm_place_set_mode(const char *path, mode_t mode, struct bm_error *err)
{
    if (chmod(path, mode & 07777) != 0) {
        return bm_place_path_fail(path, errno, "cannot set the mode", err);
    }
    return BM_OK;
}

static int is_one_folder(const char *a, const char *b)
{
    struct stat about_a;
    struct stat about_b;
    return stat(a, &about_a) == 0 && stat(b, &about_b) == 0 && S_ISDIR(about_a.st_mode) &&
           bm_place_is_one(&about_a, &about_b);
}

enum bm_status bm_place_apart(const char *input, const char *output, struct bm_error *err)
{
    char *a = bm_place_path_resolve(input, err);
    char *b = a != NULL ? bm_place_path_resolve(output, err) : NULL;
    enum bm_status status = BM_FAIL;
    if (b == NULL) {
        goto out;
    }
    /* Not by text alone: a bind mount is another path of one folder. */
    if (strcmp(a, b) == 0 || is_one_folder(a, b)) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "input and output are the same");
        status = bm_error_file(err, output);
    } else if (bm_place_below(b, a) || bm_place_below(a, b)) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "input and output lie one inside the other");
        status = bm_error_file(err, output);
    } else {
        status = BM_OK;
    }
out:
    free(a);
    free(b);
    return status;
}
