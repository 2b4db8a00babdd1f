/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_ATTEMPTS_H
#define BM_REPAIR_ATTEMPTS_H

#include "base/buffer.h"
#include "bsonmend/seen.h"
#include "repair/token.h"

/*
 * Which candidates were no tokens because a value, or an earlier token, was the same: what is made
 * of a document again in the oplog takes the one that its collection's document took. There are
 * hardly any, as tokens beside an oplog are wide. Kept from pass to pass.
 */
struct bm_attempts {
    struct bm_seen *failed; /* of a place and the number of its candidate; NULL: none */
    struct bm_budget budget;
    struct bm_buffer scratch;
};

void bm_attempts_start(struct bm_attempts *attempts);
void bm_attempts_free(struct bm_attempts *attempts);
/* Notes a candidate that is taken; *is_new: it was not known before. BM_FAIL: memory. */
enum bm_status bm_attempts_note(struct bm_attempts *attempts, const struct bm_hash_key *key,
                                const struct bm_token_place *place, uint32_t attempt, int *is_new,
                                struct bm_error *err) BM_MUST_USE;
/* The first candidate that is not known to be taken, from 1. BM_FAIL: memory. */
enum bm_status bm_attempts_next(struct bm_attempts *attempts, const struct bm_hash_key *key,
                                const struct bm_token_place *place, uint32_t *attempt,
                                struct bm_error *err) BM_MUST_USE;

#endif
