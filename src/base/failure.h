/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_FAILURE_H
#define BM_BASE_FAILURE_H

#include "bsonmend/error.h"

/*
 * For readers and writers that, once failed, fail again with the same error: hands a kept failure
 * to the caller, whose own earlier failure wins. Returns BM_FAIL.
 */
static inline enum bm_status bm_failure_repeat(const struct bm_error *kept, struct bm_error *err)
{
    if (err->code == BM_ERROR_NONE) {
        *err = *kept;
    }
    return BM_FAIL;
}

#endif
