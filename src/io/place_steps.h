/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_IO_PLACE_STEPS_H
#define BM_IO_PLACE_STEPS_H

#include "bsonmend/error.h"

/* What bm_place_* does where the kernel or the file system has no renameat2() with its flags. */

/* A rename that refuses an existing `to` without a race. */
enum bm_status bm_place_steps_rename(const char *from, const char *to,
                                     struct bm_error *err) BM_MUST_USE;

/* An exchange in three renames; if one fails, those before it are undone. */
enum bm_status bm_place_steps_exchange(const char *from, const char *to,
                                       struct bm_error *err) BM_MUST_USE;

#endif
