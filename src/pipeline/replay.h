/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_REPLAY_H
#define BM_PIPELINE_REPLAY_H

#include "bsonmend/repair.h"

/*
 * A ledger carried out again on the dump it was written for, line by line beside the reading of the
 * dump: its lines come in the order in which that run met the documents, those of metadata first.
 * Every line is held against the dump: namespace, ordinal, _id, path, place and old bytes. Memory
 * takes one line, one batch, and the metadata that change.
 */
struct bm_replay;

/* Borrows the catalog; `stop` may be NULL. Errors as of bm_ledger_reader_new. NULL on failure. */
struct bm_replay *bm_replay_new(const char *path, const struct bm_catalog *catalog,
                                const volatile sig_atomic_t *stop,
                                struct bm_error *err) BM_MUST_USE;
/* Starts from the first line, for one pass over the dump. Errors of this and the calls below: as of
 * bm_ledger_reader_next, and BM_ERROR_VIOLATION with the ledger as file and the number of the line
 * in the text: it is not of this dump. */
enum bm_status bm_replay_start(struct bm_replay *replay, struct bm_error *err) BM_MUST_USE;
/* The metadata that lines change, by namespace number, data NULL: none does; from bm_replay_start
 * on, as long as the replay. */
const struct bm_view *bm_replay_metadata(const struct bm_replay *replay);
/* What the lines make of a batch; lent until the next call. */
enum bm_status bm_replay_batch(struct bm_replay *replay, const struct bm_batch *batch,
                               struct bm_edits *out, struct bm_error *err) BM_MUST_USE;
/* The dump has ended: so must the ledger have. */
enum bm_status bm_replay_finish(struct bm_replay *replay, struct bm_error *err) BM_MUST_USE;
void bm_replay_free(struct bm_replay *replay); /* NULL is fine */

#endif
