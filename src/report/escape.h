/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPORT_ESCAPE_H
#define BM_REPORT_ESCAPE_H

#include "bsonmend/view.h"

/* The longest piece bm_escape_next writes: four escaped bytes. */
#define BM_ESCAPE_PIECE 16

/*
 * Takes the character at text.data[at] (at < text.len) and writes how a terminal may safely see it:
 * itself, \xNN for each of its bytes when it is a control character or not UTF-8, or \uNNNN when it
 * would hide or turn the order of what it stands among (bm_utf8_is_plain). Returns how many bytes
 * of text it took; *written is the number of bytes in piece, which gets no NUL.
 */
size_t bm_escape_next(struct bm_view text, size_t at, char piece[BM_ESCAPE_PIECE], size_t *written);

#endif
