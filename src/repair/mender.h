/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_MENDER_H
#define BM_REPAIR_MENDER_H

#include "doc/splice.h"
#include "repair/edits.h"
#include "repair/fill.h"
#include "repair/plan.h"

/* Changes the documents of one namespace as its fill and unset rules ask, and collects the edits of
 * a batch. */

/* One document of a batch. */
struct bm_subject {
    uint32_t number; /* in its batch */
    struct bm_view bytes;
    struct bm_document_place place; /* its _id lent */
    int id_came_before;             /* an earlier document holds this _id */
};

/* A token of a document that is not settled yet: in no set, but no other may be the same. */
struct bm_mender_token {
    size_t track;
    struct bm_fingerprint fingerprint;
    int is_unrecorded; /* no key file can have it: see bm_overflow_drawn */
};

struct bm_mender {
    struct bm_plan *plan;
    struct bm_target *target;
    struct bm_seen *const *sets; /* by track; NULL: of the oplog, whose tokens repeat others */
    struct bm_fill_walk walk;
    struct bm_splicer *splicer;
    struct bm_buffer values; /* the tokens of one document */
    struct bm_buffer canonical;
    struct bm_fingerprint *candidate; /* of a token, one for each set that it goes into */
    struct bm_mender_token *tokens;   /* of the document that is changed */
    size_t token_count, token_capacity;
    uint64_t overgrown;   /* documents that grow too large are told up to here, by ordinal */
    struct bm_seen *many; /* them as a set, where they are many; NULL: they are few */
    struct bm_budget many_budget;
    /* Of the whole batch: */
    struct bm_buffer elements;
    struct bm_buffer paths;
    struct bm_buffer documents;
    struct bm_edit *edits;
    size_t edit_count, edit_capacity;
    struct bm_change *changes;
    size_t change_count, change_capacity;
    struct bm_change_mark *marks; /* one a change */
    size_t mark_capacity;
    /* Where these ended before the document that is changed: */
    struct {
        size_t elements, paths, documents, edits, changes;
    } before;
};

/* `sets` must outlive the mender; NULL: tokens are those that documents of the same _id got. */
enum bm_status bm_mender_start(struct bm_mender *mender, struct bm_plan *plan,
                               struct bm_target *target, struct bm_seen *const *sets,
                               struct bm_error *err) BM_MUST_USE;
void bm_mender_free(struct bm_mender *mender);

void bm_mender_clear(struct bm_mender *mender); /* for the next batch */
/*
 * Changes one document, as long as nothing else is said of it: bm_mender_settle or bm_mender_undo
 * comes next, and may come when nothing was changed. With a wish, values that it wants get new
 * tokens too. BM_OK: *edited is the new document, lent until the next call. BM_END: nothing to
 * change, or so much that no reader would take the document, which is then told as too large.
 * BM_FAIL: memory, or BM_ERROR_VIOLATION: no free token.
 */
enum bm_status bm_mender_change(struct bm_mender *mender, const struct bm_subject *subject,
                                const struct bm_fill_wish *wish, struct bm_view *edited,
                                struct bm_error *err) BM_MUST_USE;
/* The document is as it was changed: its tokens enter the sets, and it is counted. */
enum bm_status bm_mender_settle(struct bm_mender *mender, struct bm_error *err) BM_MUST_USE;
/* Forgets the change. */
void bm_mender_undo(struct bm_mender *mender);
/* The document is taken out, as it came; `track` is where another holds its key. */
enum bm_status bm_mender_drop(struct bm_mender *mender, const struct bm_subject *subject,
                              const struct bm_track *track, struct bm_error *err) BM_MUST_USE;
/* What a set knows a value as; value NULL: that of a missing field. */
enum bm_status bm_mender_fingerprint(struct bm_mender *mender, const struct bm_track *track,
                                     const struct bm_element *value, struct bm_fingerprint *out,
                                     struct bm_error *err) BM_MUST_USE;
/* Whether a document would be changed, or (a damaged one) it cannot be told. */
int bm_mender_would_change(struct bm_mender *mender, struct bm_view document);
/* The edits and changes of the batch, lent until bm_mender_clear. */
struct bm_edits bm_mender_edits(struct bm_mender *mender);

#endif
