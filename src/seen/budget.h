/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_SEEN_BUDGET_H
#define BM_SEEN_BUDGET_H

#include "bsonmend/seen.h"

/* Memory beside sets that grows with what the dump holds, and so is drawn from the same budget. */

/* BM_ERROR_MEMORY: there is not as much left; counted as refused. */
enum bm_status bm_budget_take(struct bm_budget *budget, uint64_t bytes,
                              struct bm_error *err) BM_MUST_USE;
void bm_budget_give(struct bm_budget *budget, uint64_t bytes);
/* bm_grow of an array that the budget pays for, and its end; it may be NULL and of capacity 0. */
enum bm_status bm_budget_grow(struct bm_budget *budget, void *array_address, size_t count,
                              size_t *capacity, size_t element, struct bm_error *err) BM_MUST_USE;
void bm_budget_free(struct bm_budget *budget, void *array, size_t capacity, size_t element);

#endif
