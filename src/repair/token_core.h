/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_TOKEN_CORE_H
#define BM_REPAIR_TOKEN_CORE_H

#include "bsonmend/rules.h"

/* The forms that the drawn part of a text token can have, narrowest first. */

enum bm_core_form {
    BM_CORE_CHARACTERS, /* any number of characters of the alphabet */
    BM_CORE_UUID,       /* 8-4-4-4-12 hex digits */
    BM_CORE_ULID        /* exactly 26 characters */
};

struct bm_token_core {
    const char *name; /* as a rule would write it where it can, "hex" */
    enum bm_core_form form;
    const char *alphabet;
    int narrow; /* digits, hex and fixed forms: what they share in front is chance or time */
};

extern const struct bm_token_core bm_token_cores[];
extern const size_t bm_token_core_count;

/* Whether a text is of this form. */
int bm_token_core_fits(const struct bm_token_core *core, struct bm_view text);
/* The narrowest form of a text, NULL: none. */
const struct bm_token_core *bm_token_core_of(struct bm_view text);

#endif
