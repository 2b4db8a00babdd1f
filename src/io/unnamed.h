/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_IO_UNNAMED_H
#define BM_IO_UNNAMED_H

#include "bsonmend/error.h"

/*
 * Opens a file without a name in a folder, empty, for reading and writing by its owner only: it is
 * gone when its descriptor is closed, however the process ends. Where the file system knows no such
 * files it has a name for a moment. -1 on failure: BM_ERROR_USAGE if the folder is none,
 * BM_ERROR_IO if it takes no file; `file` of the error is the folder.
 */
int bm_unnamed_open(const char *folder, struct bm_error *err) BM_MUST_USE;

#endif
