/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_FOLDER_H
#define BM_CONTAINER_FOLDER_H

#include <sys/stat.h>

#include "container/names.h"

/* What is in one folder, sorted by bytes. */

struct bm_folder_entry {
    char *name;
    mode_t mode;            /* of a link itself */
    mode_t target;          /* what a link leads to; 0: nowhere */
    enum bm_name_kind kind; /* BM_NAME_OTHER for folders */
    struct bm_view stem;
};

struct bm_folder_list {
    struct bm_folder_entry *entries;
    size_t count;
    size_t capacity;
};

/* BM_ERROR_IO with the path as file. On failure *out is empty. */
enum bm_status bm_folder_list(const char *path, struct bm_folder_list *out,
                              struct bm_error *err) BM_MUST_USE;
void bm_folder_free(struct bm_folder_list *list);
/* "outer/name", or name alone when outer is ""; freed with free(). */
char *bm_folder_join(const char *outer, const char *name, struct bm_error *err) BM_MUST_USE;

#endif
