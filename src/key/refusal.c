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
        return "the keys of a document would take more than 64 MiB";
    case BM_REFUSAL_NUMBER:
        return "the arrays of a document multiply to more keys than are made here";
    case BM_REFUSAL_MARKS:
        return "a string has more than 1000 combining marks in a row";
    }
    return NULL;
}

int bm_refusal_is_own(enum bm_refusal refusal)
{
    return refusal == BM_REFUSAL_BYTES || refusal == BM_REFUSAL_NUMBER ||
           refusal == BM_REFUSAL_MARKS;
}
