/* SPDX-License-Identifier: Apache-2.0 */
#include "container/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static enum bm_status look_at(DIR *folder, struct bm_folder_entry *entry, struct bm_error *err)
{
    struct stat found;
    if (fstatat(dirfd(folder), entry->name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
        return bm_fail(err, BM_ERROR_IO, errno, "cannot look at %s", entry->name);
    }
    entry->mode = found.st_mode;
    if (S_ISLNK(found.st_mode)) {
        entry->target = fstatat(dirfd(folder), entry->name, &found, 0) == 0 ? found.st_mode : 0;
    } else {
        entry->target = found.st_mode;
    }
    if (!S_ISDIR(entry->target)) {
        entry->kind = bm_names_classify(entry->name, &entry->stem);
    }
    return BM_OK;
}

static enum bm_status add(struct bm_folder_list *list, DIR *folder, const char *name,
                          struct bm_error *err)
{
    if (bm_grow(&list->entries, list->count, &list->capacity, sizeof *list->entries, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    struct bm_folder_entry *entry = &list->entries[list->count];
    *entry = (struct bm_folder_entry){.name = bm_copy_text(name, err)};
    if (entry->name == NULL) {
        return BM_FAIL;
    }
    list->count++;
    return look_at(folder, entry, err);
}

static enum bm_status read_entries(DIR *folder, struct bm_folder_list *list, struct bm_error *err)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL) {
            return errno == 0 ? BM_OK : bm_fail(err, BM_ERROR_IO, errno, "cannot be listed");
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            add(list, folder, entry->d_name, err) != BM_OK) {
            return BM_FAIL;
        }
    }
}

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const struct bm_folder_entry *)a)->name,
                  ((const struct bm_folder_entry *)b)->name);
}

enum bm_status bm_folder_list(const char *path, struct bm_folder_list *out, struct bm_error *err)
{
    *out = (struct bm_folder_list){0};
    DIR *folder = opendir(path);
    if (folder == NULL) {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot be opened");
        return bm_error_file(err, path);
    }
    enum bm_status status = read_entries(folder, out, err);
    (void)closedir(folder);
    if (status != BM_OK) {
        bm_folder_free(out);
        return bm_error_file(err, path);
    }
    if (out->count > 0) {
        qsort(out->entries, out->count, sizeof *out->entries, compare_entries);
    }
    return BM_OK;
}

void bm_folder_free(struct bm_folder_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->entries[i].name);
    }
    free(list->entries);
    *list = (struct bm_folder_list){0};
}

char *bm_folder_join(const char *outer, const char *name, struct bm_error *err)
{
    size_t len = strlen(outer);
    if (len == 0) {
        return bm_copy_text(name, err);
    }
    return bm_format_text(err, "%s%s%s", outer, outer[len - 1] == '/' ? "" : "/", name);
}
