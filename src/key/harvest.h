/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_HARVEST_H
#define BM_KEY_HARVEST_H

#include "key/generate.h"
#include "key/refusal.h"

void bm_harvest_clear(struct bm_harvest *harvest);
/*
 * Writes a key of these parts, one a field of the index, into the harvest, unless it equals the one
 * before. BM_END: refused.
 */
enum bm_status bm_harvest_add(struct bm_workshop *workshop, struct bm_harvest *harvest,
                              const struct bm_index *index, const struct bm_key_part *parts,
                              struct bm_error *err) BM_MUST_USE;
/* Counts work; BM_END when it is more than any sane document asks for. */
enum bm_status bm_harvest_work(struct bm_harvest *harvest, size_t bytes,
                               struct bm_error *err) BM_MUST_USE;
/* Removes duplicates; the order stays. */
enum bm_status bm_harvest_distinct(struct bm_workshop *workshop, struct bm_harvest *harvest,
                                   struct bm_error *err) BM_MUST_USE;
/* Notes the refusal and drops the keys; returns BM_END, or BM_FAIL: no memory. */
enum bm_status bm_harvest_refuse(struct bm_harvest *harvest, enum bm_refusal refusal,
                                 struct bm_error *err) BM_MUST_USE;
/* The same in words of the server about this document. */
enum bm_status bm_harvest_refuse_as(struct bm_harvest *harvest, const char *words,
                                    struct bm_error *err) BM_MUST_USE;

#endif
