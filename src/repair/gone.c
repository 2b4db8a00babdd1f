/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/gone.h"

#include "seen/budget.h"

#define STEP_BITS 7u
#define MORE 0x80u

enum bm_status bm_gone_add(struct bm_gone *gone, struct bm_budget *budget, uint64_t ordinal,
                           struct bm_error *err)
{
    uint64_t step = ordinal - gone->last;
    size_t len = gone->len;
    do {
        if (bm_budget_grow(budget, &gone->steps, len, &gone->capacity, 1, err) != BM_OK) {
            return BM_FAIL;
        }
        uint8_t bits = (uint8_t)(step & (MORE - 1));
        step >>= STEP_BITS;
        gone->steps[len++] = (uint8_t)(bits | (step > 0 ? MORE : 0));
    } while (step > 0);
    gone->len = len;
    gone->last = ordinal;
    return BM_OK;
}

static void read_step(struct bm_gone *gone)
{
    uint64_t step = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = gone->steps[gone->read++];
        step |= (uint64_t)(byte & (MORE - 1)) << shift;
        shift += STEP_BITS;
    } while ((byte & MORE) != 0);
    gone->next += step;
}

void bm_gone_start(struct bm_gone *gone)
{
    gone->read = 0;
    gone->next = 0;
    if (gone->len > 0) {
        read_step(gone);
    }
}

int bm_gone_has(struct bm_gone *gone, uint64_t ordinal)
{
    while (gone->next < ordinal && gone->read < gone->len) {
        read_step(gone);
    }
    return gone->len > 0 && gone->next == ordinal;
}

void bm_gone_free(struct bm_gone *gone, struct bm_budget *budget)
{
    bm_budget_free(budget, gone->steps, gone->capacity, 1);
    *gone = (struct bm_gone){.steps = NULL};
}
