/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/learning.h"

#include <stdlib.h>

#include "base/memory.h"
#include "repair/fill.h"

enum bm_status bm_learning_add(struct bm_plan *plan, struct bm_target *target, size_t fill,
                               struct bm_error *err)
{
    struct bm_learning *learning = &plan->learning;
    const char *field = target->fills[fill].field;
    if (!plan->options.repeatable && target->fills[fill].rule == SIZE_MAX) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "refill of %s: no rule says the kind of token, which is then learned from "
                       "the dump, and a pipe can be read only once: give a file, or name a folder "
                       "with --spool",
                       field);
    }
    if (!plan->options.repeatable) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--fill %s says no token, which is learned from the dump, and a pipe can be "
                       "read only once; write for example --fill %s=hex:32, give a file, or name a "
                       "folder with --spool",
                       field, field);
    }
    if (bm_grow(&learning->autos, learning->count, &learning->capacity, sizeof(struct bm_auto *),
                err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_auto *entry = bm_allocate(1, sizeof *entry, err);
    if (entry == NULL) {
        return BM_FAIL;
    }
    learning->autos[learning->count++] = entry;
    entry->target = target;
    entry->fill = fill;
    unsigned empty = target->fills[fill].empty;
    entry->learner = bm_token_learner_new(empty != 0 ? empty : plan->options.rules->empty, err);
    target->fills[fill].shape = &entry->shape;
    return entry->learner != NULL ? BM_OK : BM_FAIL;
}

int bm_learning_wants_more(const struct bm_learning *learning)
{
    for (size_t i = 0; i < learning->count; i++) {
        if (!learning->autos[i]->is_done) {
            return 1;
        }
    }
    return 0;
}

/* Every value that a path leads to is looked at, and none is wished for. */
struct looking {
    struct bm_learning *learning;
    const struct bm_target *target;
    struct bm_error *err;
    int failed;
};

static int look(void *context, size_t fill, const struct bm_element *value)
{
    struct looking *looking = context;
    for (size_t i = 0; i < looking->learning->count && value != NULL; i++) {
        struct bm_auto *entry = looking->learning->autos[i];
        if (entry->target != looking->target || entry->fill != fill || entry->is_done) {
            continue;
        }
        enum bm_status status = bm_token_learner_take(entry->learner, value, looking->err);
        entry->is_done = status == BM_END;
        looking->failed |= status == BM_FAIL;
    }
    return 0;
}

enum bm_status bm_plan_learn(struct bm_plan *plan, const struct bm_batch *batch,
                             struct bm_error *err)
{
    struct looking looking = {&plan->learning, &plan->targets[batch->ns->number], err, 0};
    const struct bm_fill_wish wish = {look, &looking};
    struct bm_learning *learning = &plan->learning;
    if (looking.target->fill_count == 0) {
        return BM_OK;
    }
    if (learning->walk == NULL) {
        learning->walk = bm_allocate(1, sizeof *learning->walk, err);
    }
    if (learning->walk == NULL) {
        return BM_FAIL;
    }
    for (uint32_t i = 0; i < batch->count && bm_learning_wants_more(learning); i++) {
        struct bm_error damage = BM_ERROR_INIT;
        struct bm_view document = {batch->bytes.data + batch->at[i],
                                   batch->at[i + 1] - batch->at[i]};
        /* Damage is told by the pass that judges. */
        if (bm_document_check(document, NULL, &damage) != BM_OK) {
            if (damage.code != BM_ERROR_CORRUPT) {
                *err = damage;
                return BM_FAIL;
            }
            continue;
        }
        if (bm_fill_find(learning->walk, looking.target, document, &wish, err) != BM_OK ||
            looking.failed) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_learning_finish(struct bm_plan *plan, struct bm_error *err)
{
    for (size_t i = 0; i < plan->learning.count; i++) {
        struct bm_auto *entry = plan->learning.autos[i];
        const struct bm_target *target = entry->target;
        const char *field = target->fills[entry->fill].field;
        char said[BM_TOKEN_SAID_BYTES];
        if (bm_token_learner_finish(entry->learner, field, &entry->shape, said, err) != BM_OK) {
            return bm_error_in(err, target->ns->ns);
        }
        if (plan->replays && bm_token_shape_bits(&entry->shape) < BM_OPLOG_BITS_MIN) {
            (void)bm_fail(err, BM_ERROR_USAGE, 0,
                          "tokens for %s: %s: the dump has an oplog, where at least %.0f bits are "
                          "needed: write a longer kind, --fill %s=hex:32, or let the oplog pass as "
                          "it is with --ignoreOplog",
                          field, said, BM_OPLOG_BITS_MIN, field);
            return bm_error_in(err, target->ns->ns);
        }
        if (bm_plan_note(plan, err, "%s: tokens for %s: %s", target->ns->ns, field, said) !=
            BM_OK) {
            return BM_FAIL;
        }
        bm_token_learner_free(entry->learner);
        entry->learner = NULL;
        entry->is_done = 1;
    }
    return BM_OK;
}

void bm_learning_free(struct bm_learning *learning)
{
    for (size_t i = 0; i < learning->count; i++) {
        bm_token_learner_free(learning->autos[i]->learner);
        free(learning->autos[i]);
    }
    free(learning->autos);
    if (learning->walk != NULL) {
        bm_fill_walk_free(learning->walk);
    }
    free(learning->walk);
}
