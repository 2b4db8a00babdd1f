/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/seen.h"

#include <stdlib.h>

#include "base/memory.h"
#include "seen/budget.h"

enum bm_status bm_budget_take(struct bm_budget *budget, uint64_t bytes, struct bm_error *err)
{
    if (budget->limit != 0 && (bytes > budget->limit || budget->used > budget->limit - bytes)) {
        budget->refused++;
        return bm_fail(err, BM_ERROR_MEMORY, 0, "the keys would outgrow --memory (%llu bytes)",
                       (unsigned long long)budget->limit);
    }
    budget->used += bytes;
    return BM_OK;
}

void bm_budget_give(struct bm_budget *budget, uint64_t bytes)
{
    budget->used -= bytes;
}

enum bm_status bm_budget_grow(struct bm_budget *budget, void *array_address, size_t count,
                              size_t *capacity, size_t element, struct bm_error *err)
{
    if (count < *capacity) {
        return BM_OK;
    }
    /* What bm_grow takes: as much again, or the little that an array starts with. */
    size_t before = *capacity;
    uint64_t more = (uint64_t)before * element;
    if (bm_budget_take(budget, more, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_grow(array_address, count, capacity, element, err) != BM_OK) {
        bm_budget_give(budget, more);
        return BM_FAIL;
    }
    budget->used += (uint64_t)(*capacity - before) * element - more;
    return BM_OK;
}

void bm_budget_free(struct bm_budget *budget, void *array, size_t capacity, size_t element)
{
    free(array);
    bm_budget_give(budget, (uint64_t)capacity * element);
}
