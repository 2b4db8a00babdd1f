/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_VETTING_H
#define BM_REPAIR_VETTING_H

#include "repair/findings.h"

struct bm_plan;
struct bm_target;

/*
 * Whether the validator of the collection, as the rules leave it, would refuse a document. A server
 * that got the validator after its documents still has those that do not pass, and mongodump dumps
 * them; mongorestore inserts them anew, and skips what is refused without an error.
 */
struct bm_vetting {
    struct bm_validator *required; /* of the rules alone, NULL: none, or nothing is refused by it */
    struct bm_buffer demand;       /* what it was compiled from */
    struct bm_validator *validator; /* NULL: nothing is refused, or it is not known what */
    char *unknown;                  /* why it is not known, NULL */
    uint64_t open;                  /* documents of which it is not known, in this pass */
    uint64_t open_changed;          /* those of them that were changed */
    char *words;                    /* why, of the first of them; NULL: there is none */
    char *reason;                   /* what of the namespace is not known for that, NULL */
    uint64_t refused;               /* documents, in this pass */
    uint64_t lacking;               /* those of them that lack what rules require */
    uint64_t changed;               /* those of them that were changed */
    struct bm_places places;        /* the first of them */
};

/* Whether what rules require makes the server refuse this document. BM_FAIL: memory, or
 * BM_ERROR_CORRUPT: damage in the way. */
enum bm_status bm_vetting_lacks(const struct bm_target *target, struct bm_view document, int *lacks,
                                struct bm_error *err) BM_MUST_USE;
/* Whether it would or may be refused as it is, by what rules require or by the validator that was
 * there: it is to be looked at again when it is changed. Errors as of bm_vetting_lacks. */
enum bm_status bm_vetting_refuses(struct bm_target *target, struct bm_view document, int *refused,
                                  struct bm_error *err) BM_MUST_USE;
/* Compiles the validator of a namespace. One that only warns, or is switched off, refuses nothing.
 */
enum bm_status bm_vetting_start(const struct bm_plan *plan, struct bm_target *target,
                                struct bm_error *err) BM_MUST_USE;
/* Holds a document against what rules require and against the validator; a refusal is a violation.
 * Errors as of bm_vetting_lacks. */
enum bm_status bm_vetting_take(struct bm_plan *plan, struct bm_target *target,
                               const struct bm_document_place *place, struct bm_view document,
                               int is_changed, struct bm_error *err) BM_MUST_USE;
/* At the end of a namespace: where it is not known what the validator says to a document, or
 * whether the server knows the validator at all, there is a reason why it is not proved. */
enum bm_status bm_vetting_finish(struct bm_target *target, struct bm_error *err) BM_MUST_USE;
/* Before a pass: forgets the documents of the one before. */
void bm_vetting_forget(struct bm_vetting *vetting);
void bm_vetting_free(struct bm_vetting *vetting);

#endif
