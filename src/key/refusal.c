/* SPDX-License-Identifier: Apache-2.0 */
#include "key/refusal.h"

#include <stddef.h>

const char *bm_refusal_words(enum bm_refusal refusal)
{
    switch (refusal) {
    case BM_REFUSAL_NONE:
        break;
    case BM_REFUSAL_DEPTH:
        return "nested deeper than the server allows";
    case BM_REFUSAL_SYMBOL:
        return "Cannot index type Symbol with a collation";
    case BM_REFUSAL_BYTES:
        return "its keys would take more than 64 MiB";
    case BM_REFUSAL_NUMBER:
        return "its arrays multiply to more keys than are made for one document";
    }
    return NULL;
}

int bm_refusal_is_own(enum bm_refusal refusal)
{
    return refusal == BM_REFUSAL_BYTES || refusal == BM_REFUSAL_NUMBER;
}
