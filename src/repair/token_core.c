/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/token_core.h"

#include <string.h>

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define HEX_LOWER DIGITS "abcdef"
#define HEX_UPPER DIGITS "ABCDEF"

#define UUID_TEXT 36u
#define ULID_TEXT 26u

/* Crockford's base 32 (crockford.com/base32.html) leaves out I, L, O and U. */
const struct bm_token_core bm_token_cores[] = {
    {"uuid4", BM_CORE_UUID, HEX_LOWER, 1},
    {"upper-case uuid4", BM_CORE_UUID, HEX_UPPER, 1},
    {"digits", BM_CORE_CHARACTERS, DIGITS, 1},
    {"hex", BM_CORE_CHARACTERS, HEX_LOWER, 1},
    {"upper-case hex", BM_CORE_CHARACTERS, HEX_UPPER, 1},
    {"ULID-like", BM_CORE_ULID, DIGITS "ABCDEFGHJKMNPQRSTVWXYZ", 1},
    {"lower-case ULID-like", BM_CORE_ULID, DIGITS "abcdefghjkmnpqrstvwxyz", 1},
    {"hex of either case", BM_CORE_CHARACTERS, HEX_UPPER "abcdef", 0},
    {"lower-case letters", BM_CORE_CHARACTERS, LOWER, 0},
    {"upper-case letters", BM_CORE_CHARACTERS, UPPER, 0},
    {"lower-case letters and digits", BM_CORE_CHARACTERS, DIGITS LOWER, 0},
    {"upper-case letters and digits", BM_CORE_CHARACTERS, DIGITS UPPER, 0},
    {"letters", BM_CORE_CHARACTERS, UPPER LOWER, 0},
    {"base62", BM_CORE_CHARACTERS, DIGITS UPPER LOWER, 0},
    {"base64url", BM_CORE_CHARACTERS, UPPER LOWER DIGITS "-_", 0},
    {"base64", BM_CORE_CHARACTERS, UPPER LOWER DIGITS "+/", 0},
};
const size_t bm_token_core_count = sizeof bm_token_cores / sizeof *bm_token_cores;

static int all_of(const char *alphabet, struct bm_view text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\0' || strchr(alphabet, text.data[i]) == NULL) {
            return 0;
        }
    }
    return 1;
}

static int is_uuid(const char *alphabet, struct bm_view text)
{
    if (text.len != UUID_TEXT) {
        return 0;
    }
    for (size_t i = 0; i < UUID_TEXT; i++) {
        int dash = i == 8 || i == 13 || i == 18 || i == 23;
        struct bm_view one = {text.data + i, 1};
        if (dash ? text.data[i] != '-' : !all_of(alphabet, one)) {
            return 0;
        }
    }
    return 1;
}

int bm_token_core_fits(const struct bm_token_core *core, struct bm_view text)
{
    switch (core->form) {
    case BM_CORE_UUID:
        return is_uuid(core->alphabet, text);
    case BM_CORE_ULID:
        return text.len == ULID_TEXT && all_of(core->alphabet, text);
    case BM_CORE_CHARACTERS:
        break;
    }
    return text.len > 0 && all_of(core->alphabet, text);
}

const struct bm_token_core *bm_token_core_of(struct bm_view text)
{
    for (size_t i = 0; i < bm_token_core_count; i++) {
        if (bm_token_core_fits(&bm_token_cores[i], text)) {
            return &bm_token_cores[i];
        }
    }
    return NULL;
}
