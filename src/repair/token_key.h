/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_TOKEN_KEY_H
#define BM_REPAIR_TOKEN_KEY_H

#include "bsonmend/repair.h"

#define BM_TOKEN_KEY_BYTES 32u

/* Lives in locked memory of its own, between guard pages. */
struct bm_token_key {
    uint8_t bytes[BM_TOKEN_KEY_BYTES];
};

#endif
