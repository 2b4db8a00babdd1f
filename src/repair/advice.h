/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_ADVICE_H
#define BM_REPAIR_ADVICE_H

#include "repair/plan.h"

/*
 * Which fields of one index a --fill would have to name to mend its duplicates of empty keys. It is
 * learned from the duplicates themselves, listed or not: a fill leaves arrays and parents that are
 * no objects alone, so that the key does not tell whether it would change anything.
 */
struct bm_advice;

/* Borrows all three, which must outlive it. NULL: no memory. */
struct bm_advice *bm_advice_new(const struct bm_plan *plan, const struct bm_target *target,
                                const struct bm_index *index, struct bm_error *err) BM_MUST_USE;
void bm_advice_free(struct bm_advice *advice); /* NULL is fine */

/* A document has a key that an earlier one has. Counts nothing where no component is empty.
 * BM_FAIL: memory. */
enum bm_status bm_advice_take(struct bm_advice *advice, const struct bm_key *key,
                              struct bm_view document, struct bm_error *err) BM_MUST_USE;

/* Duplicates whose key a fill of this field (by its number in the index) changes. */
uint64_t bm_advice_mended(const struct bm_advice *advice, size_t field);
/* Whether a rule that is given, or advised before it, is for a field above or inside this one:
 * rules for both contradict each other. */
int bm_advice_is_ruled_out(const struct bm_advice *advice, size_t number);
/* Duplicates of an index that no fill changes. */
uint64_t bm_advice_left(const struct bm_track *track);
/* Duplicates of an empty key that no fill of a field of the index changes. */
uint64_t bm_advice_beyond(const struct bm_advice *advice);
/*
 * The option that fills a field, as a shell takes it: "--fill a.b:f=hex:32"; NULL in *out: the
 * command line cannot say it, or the field cannot be filled. Freed with free(). BM_FAIL: memory.
 */
enum bm_status bm_advice_option(const struct bm_advice *advice, size_t field, char **out,
                                struct bm_error *err) BM_MUST_USE;

/*
 * The option that sets aside what no fill of the index mends, "--onDuplicate a.b:f_1=reject"; NULL
 * in *out: the command line cannot say it, or nothing can be set aside there. Freed with free().
 */
enum bm_status bm_advice_reject(const struct bm_plan *plan, const struct bm_target *target,
                                const struct bm_track *track, char **out,
                                struct bm_error *err) BM_MUST_USE;

#endif
