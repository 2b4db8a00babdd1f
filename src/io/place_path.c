/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "io/place_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct bm_place_path bm_place_path_split(const char *path)
{
    struct bm_view all = bm_view_text(path);
    while (all.len > 0 && all.data[all.len - 1] == '/') {
        all.len--;
    }
    size_t folder = all.len;
    while (folder > 0 && all.data[folder - 1] != '/') {
        folder--;
    }
    struct bm_view name = {all.data + folder, all.len - folder};
    if (bm_view_equal(name, bm_view_text(".")) || bm_view_equal(name, bm_view_text(".."))) {
        name.len = 0;
    }
    return (struct bm_place_path){.folder = {all.data, folder}, .name = name};
}

char *bm_place_path_folder(const char *path, struct bm_error *err)
{
    struct bm_view folder = bm_place_path_split(path).folder;
    return folder.len > 0 ? bm_copy_view(folder, err) : bm_copy_text(".", err);
}

enum bm_status bm_place_path_fail(const char *path, int sys_errno, const char *text,
                                  struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_IO, sys_errno, "%s", text);
    return bm_error_file(err, path);
}

static char *fail_to_resolve(const char *path, int sys_errno, struct bm_error *err)
{
    (void)bm_place_path_fail(path, sys_errno, "cannot find it", err);
    return NULL;
}

char *bm_place_path_resolve(const char *path, struct bm_error *err)
{
    char *whole = realpath(path, NULL);
    struct bm_place_path parts = bm_place_path_split(path);
    if (whole != NULL) {
        return whole;
    }
    if (errno != ENOENT || parts.name.len == 0) {
        return fail_to_resolve(path, errno, err);
    }
    char *folder = bm_place_path_folder(path, err);
    if (folder == NULL) {
        return NULL;
    }
    char *resolved = realpath(folder, NULL);
    if (resolved == NULL) {
        (void)fail_to_resolve(folder, errno, err);
    } else {
        const char *slash = strcmp(resolved, "/") == 0 ? "" : "/";
        whole = bm_format_text(err, "%s%s%.*s", resolved, slash, (int)parts.name.len,
                               (const char *)parts.name.data);
    }
    free(resolved);
    free(folder);
    return whole;
}

enum bm_status bm_place_path_exists(const char *path, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_USAGE, 0, "it exists");
    return bm_error_file(err, path);
}

enum bm_status bm_place_path_came(const char *path, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_USAGE, 0, "it was made meanwhile: it stays, nothing replaces it");
    return bm_error_file(err, path);
}
