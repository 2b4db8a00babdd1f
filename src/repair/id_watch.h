/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_ID_WATCH_H
#define BM_REPAIR_ID_WATCH_H

#include "base/buffer.h"
#include "repair/plan.h"

/*
 * Uniqueness of _id without a set as long as it rises: a value that sorts after all before it is
 * new. Fingerprints are kept in a flat list meanwhile, which becomes the set when the order breaks;
 * where the input can be read again the list is dropped once it is long, and a break then asks for
 * another pass.
 */

/* Entries after which the list of input that can be read again is dropped. */
#define BM_ID_LIST_MAX 65536u
/* Entries of one piece of the list: few, as an archive may have many namespaces open at once. */
#define BM_ID_CHUNK 256u

enum bm_id_mode {
    BM_ID_UNJUDGED,
    BM_ID_LIST,   /* rising, fingerprints kept */
    BM_ID_RISING, /* rising, nothing kept */
    BM_ID_SET,
    BM_ID_LOST /* the order broke after the list was dropped */
};

struct bm_id_watch {
    enum bm_id_mode mode;
    struct bm_track *track; /* NULL: _id is not judged */
    struct bm_plan *plan;
    struct bm_target *target;
    const struct bm_outlook *outlook; /* of its set */
    struct bm_seen *seen;
    struct bm_fingerprint **chunks;
    size_t chunk_count;
    size_t chunk_capacity;
    size_t listed;
    struct bm_element last; /* of the document before; borrows from the batch or from last_bytes */
    int has_last;
    struct bm_buffer last_bytes;
    struct bm_buffer canonical;
    struct bm_error unheard;
    uint64_t distinct;
};

enum bm_status bm_id_watch_start(struct bm_id_watch *watch, struct bm_plan *plan,
                                 struct bm_target *target, const struct bm_outlook *outlook,
                                 struct bm_error *err) BM_MUST_USE;
/* What is known of an _id ahead of its turn. */
struct bm_id_print {
    const char *problem; /* NULL, or why the server takes no document with it */
    struct bm_fingerprint fingerprint;
    int is_made;
};

/* Looks at the _id of a document, and where there is a set asks the processor for its place. */
void bm_id_watch_foresee(struct bm_id_watch *watch, struct bm_view document,
                         const struct bm_outline *outline, const struct bm_element *id,
                         struct bm_id_print *print);
/* The same for a document that may be nested too deep for the server, with an _id or without. */
void bm_id_watch_foresee_depth(const struct bm_id_watch *watch, struct bm_view document,
                               struct bm_id_print *print);
/*
 * Takes the next _id, as it was foreseen. *came_before: an earlier document holds the same; it is
 * then counted and noted as a duplicate.
 */
enum bm_status bm_id_watch_take(struct bm_id_watch *watch, const struct bm_element *id,
                                const struct bm_id_print *print,
                                const struct bm_document_place *place, int *came_before,
                                struct bm_error *err) BM_MUST_USE;
/* BM_PASS_FIRST: notes the document if it is the first of a group of equal _id. */
enum bm_status bm_id_watch_first(struct bm_id_watch *watch, struct bm_view document,
                                 const struct bm_element *id, const struct bm_document_place *place,
                                 struct bm_error *err) BM_MUST_USE;
/* Before a batch goes away: keeps what the next one is compared with. */
enum bm_status bm_id_watch_hold(struct bm_id_watch *watch, struct bm_error *err) BM_MUST_USE;
void bm_id_watch_free(struct bm_id_watch *watch);

#endif
