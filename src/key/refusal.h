/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_REFUSAL_H
#define BM_KEY_REFUSAL_H

/* Why a document has no keys, where the words are always the same. */
enum bm_refusal {
    BM_REFUSAL_NONE,
    BM_REFUSAL_DEPTH,  /* the server's: more levels than it allows */
    BM_REFUSAL_SYMBOL, /* the server's: a symbol under a collation */
    BM_REFUSAL_BYTES,  /* this program's: more bytes of keys than it makes of one document */
    BM_REFUSAL_NUMBER, /* this program's: more keys */
    BM_REFUSAL_MARKS   /* this program's: a string that ICU would take hours over */
};

/* Static; NULL for none. */
const char *bm_refusal_words(enum bm_refusal refusal);
/* 1 when this program has that limit, and the server has not. */
int bm_refusal_is_own(enum bm_refusal refusal);

#endif
