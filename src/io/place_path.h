/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_IO_PLACE_PATH_H
#define BM_IO_PLACE_PATH_H

#include "bsonmend/error.h"

/* A path taken apart; both views are parts of the path's text. */
struct bm_place_path {
    struct bm_view folder; /* with its last slash; empty: the working folder */
    struct bm_view name;   /* empty when the path ends in no name: "", "/", "." or ".." */
};

/* Trailing slashes are ignored. */
struct bm_place_path bm_place_path_split(const char *path);

/* The folder that path stands in, "." if it names none; freed with free(). */
char *bm_place_path_folder(const char *path, struct bm_error *err) BM_MUST_USE;

/* The absolute path without links; the last part need not exist. Freed with free(). */
char *bm_place_path_resolve(const char *path, struct bm_error *err) BM_MUST_USE;

/* BM_ERROR_IO about path. */
enum bm_status bm_place_path_fail(const char *path, int sys_errno, const char *text,
                                  struct bm_error *err);

/* BM_ERROR_USAGE: path exists and must not. */
enum bm_status bm_place_path_exists(const char *path, struct bm_error *err);
/* The same, of what was not there when it was looked at before. */
enum bm_status bm_place_path_came(const char *path, struct bm_error *err);

#endif
