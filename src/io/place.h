/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_IO_PLACE_H
#define BM_IO_PLACE_H

#include <sys/stat.h>

#include "bsonmend/error.h"
#include "bsonmend/writer.h"

/*
 * Names in the file system: how an output gets its place only once it is whole. Failures are
 * BM_ERROR_IO with errno and the path in err->file, unless said otherwise. Trailing slashes of a
 * path are ignored.
 */

/*
 * A fresh sibling name for target: same folder, starts with a dot, ends in ".tmp", nothing of that
 * name there now. Nothing is created: whoever creates it does so exclusively. *out is freed with
 * free(). BM_ERROR_USAGE when target ends in no name (such as "/" or "..").
 */
enum bm_status bm_place_temporary(const char *target, char **out, struct bm_error *err) BM_MUST_USE;

/* Makes one folder with exactly these permission bits (no umask); one that exists is a failure. */
enum bm_status bm_place_make_folder(const char *path, mode_t mode,
                                    struct bm_error *err) BM_MUST_USE;

/* Whether something can be put where path is: BM_ERROR_USAGE without err->file when its folder is
 * not there, BM_ERROR_IO when that may not be written to. */
enum bm_status bm_place_check_folder_of(const char *path, struct bm_error *err) BM_MUST_USE;

/* Syncs the folder that path stands in, so that the name itself outlives a crash. */
enum bm_status bm_place_sync_folder_of(const char *path, struct bm_error *err) BM_MUST_USE;
/* Syncs the folder at path itself. */
enum bm_status bm_place_sync_folder(const char *path, struct bm_error *err) BM_MUST_USE;

/*
 * Gives the file or folder `from` the name `to`, atomically; both are in one file system. With
 * BM_REFUSE_EXISTING an existing `to` is BM_ERROR_USAGE, without a race. With BM_REPLACE_EXISTING a
 * file replaces a file; for a folder in use see bm_place_exchange.
 */
enum bm_status bm_place_rename(const char *from, const char *to, enum bm_existing existing,
                               struct bm_error *err) BM_MUST_USE;

/*
 * Puts `from` where `to` is; what was `to` is at `from` afterwards. Both exist. Atomic where the
 * file system can; else three renames, those before one that fails undone.
 */
enum bm_status bm_place_exchange(const char *from, const char *to,
                                 struct bm_error *err) BM_MUST_USE;

/*
 * Removes a file, a link or a folder with all that is in it, as far as it can; never follows a
 * link. Folders more than 64 deep are left. A path that is not there is fine. Keeps errno.
 */
void bm_place_remove_tree(const char *path);

/* Makes at `to` a symbolic link with the text of the one at `from`. */
enum bm_status bm_place_copy_link(const char *from, const char *to,
                                  struct bm_error *err) BM_MUST_USE;

/* Sets the times of access and change of path (a link itself, not what it names). */
enum bm_status bm_place_set_times(const char *path, const struct stat *like,
                                  struct bm_error *err) BM_MUST_USE;

/* 1 when both tell of one file or folder. */
int bm_place_is_one(const struct stat *a, const struct stat *b);

/* Sets the permission bits of a file or folder exactly. */
enum bm_status bm_place_set_mode(const char *path, mode_t mode, struct bm_error *err) BM_MUST_USE;

/*
 * BM_ERROR_USAGE when the two name one thing or one lies inside the other, links and bind mounts
 * seen through. `input` exists; `output` need not, but its folder must.
 */
enum bm_status bm_place_apart(const char *input, const char *output,
                              struct bm_error *err) BM_MUST_USE;

#endif
