/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_BASE_UTF8_H
#define BM_BASE_UTF8_H

#include "bsonmend/view.h"

/*
 * The length of the character that `text` (not empty) starts with, 0: it is none. Surrogates,
 * overlong forms and what is past U+10FFFF are none (Unicode, table 3-7).
 */
size_t bm_utf8_length(struct bm_view text);
/* The code point of a character of that length. */
uint32_t bm_utf8_code(const uint8_t *character, size_t length);
/*
 * Whether a terminal shows a character as itself and leaves all others alone: not the controls (C0,
 * DEL, C1), nor what has no width, breaks lines or turns the direction of what follows (UAX 9), so
 * that a name could look like another.
 */
int bm_utf8_is_plain(uint32_t code);
/* Whether a text is characters, plain or not. */
int bm_utf8_all_text(struct bm_view text);
/* Whether all of a text is characters that are plain. */
int bm_utf8_all_plain(struct bm_view text);

#endif
