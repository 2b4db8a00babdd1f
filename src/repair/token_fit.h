/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_TOKEN_FIT_H
#define BM_REPAIR_TOKEN_FIT_H

#include "repair/token_core.h"

/* Whether texts have one form, and which. */

#define BM_FIT_TEXT_MAX 4096u /* bytes; a longer text fits nothing and is not given */

/* The texts among the good values of a field; borrowed. */
struct bm_fit_texts {
    const struct bm_view *list;
    size_t count;
    size_t least; /* how many of them must fit: 90 % of all values, texts or not */
};

struct bm_fit {
    const struct bm_token_core *core; /* NULL: the characters that were seen */
    struct bm_view prefix;            /* borrowed from a text */
    struct bm_view suffix;
    size_t matches;
    size_t shortest; /* of the part between prefix and suffix, characters */
    size_t longest;
    size_t length; /* the most frequent one */
    size_t characters;
    char alphabet[65];    /* of core NULL */
    size_t version[16];   /* BM_CORE_UUID: how many texts have it */
    size_t zero_in_front; /* BM_CORE_ULID: how many start with '0' */
};

/* 1: *out is the narrowest form that enough of the texts have, 0: there is none. */
int bm_fit_find(const struct bm_fit_texts *texts, struct bm_fit *out);

#endif
