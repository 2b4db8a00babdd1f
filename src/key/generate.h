/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_GENERATE_H
#define BM_KEY_GENERATE_H

#include "key/arena.h"
#include "key/canonical.h"
#include "key/index.h"

/* What making keys needs, shared by the indexes of a keyset and used again for each document. */
struct bm_workshop {
    struct bm_arena arena; /* parts and canonical bytes of the keys of the current document */
    struct bm_buffer scratch;
    struct bm_units units;
    struct bm_trail *levels[BM_DEPTH_MOST + 1]; /* made when first needed */
    size_t fields;                              /* most of any index */
    struct bm_view document;                    /* the current one */
    const uint8_t *origin;                      /* its start */
};

/* The keys of the current document in one index. */
struct bm_harvest {
    struct bm_key *keys;
    size_t count;
    size_t capacity;
    size_t bytes; /* canonical bytes kept */
    size_t work;  /* bytes walked and written, each time it was done */
    struct bm_buffer refusal;
    const char *own_limit; /* static: the words, where the limit is of this program; NULL */
};

/*
 * Makes all keys of a document, without duplicates, in the order of the document. tops[i] is the
 * element that the first component of field i names, or NULL. BM_END: it cannot be indexed, the
 * refusal (with a NUL behind it) says why. The harvest is emptied first.
 */
enum bm_status bm_generate(struct bm_workshop *workshop, const struct bm_index *index,
                           const struct bm_element *const *tops, struct bm_harvest *harvest,
                           struct bm_error *err) BM_MUST_USE;

void bm_harvest_free(struct bm_harvest *harvest);
void bm_workshop_free(struct bm_workshop *workshop);

#endif
