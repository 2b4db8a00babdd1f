/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_REPAIR_LEARNING_H
#define BM_REPAIR_LEARNING_H

#include "repair/token_learn.h"

struct bm_plan;
struct bm_target;
struct bm_fill_walk;

/* The shape of tokens that a rule leaves to the dump, learned by a pass of its own. */
struct bm_auto {
    const struct bm_target *target;
    size_t fill;                 /* its number in the target */
    struct bm_token_shape shape; /* BM_TOKEN_UNSAID until it is learned */
    struct bm_token_learner *learner;
    int is_done; /* more values would tell nothing more */
};

struct bm_learning {
    struct bm_auto **autos;
    size_t count, capacity;
    struct bm_fill_walk *walk; /* NULL before the first batch */
};

/* Makes the fill's shape one to be learned. BM_ERROR_USAGE: input that can be read only once. */
enum bm_status bm_learning_add(struct bm_plan *plan, struct bm_target *target, size_t fill,
                               struct bm_error *err) BM_MUST_USE;
/* Whether there is something left to learn. */
int bm_learning_wants_more(const struct bm_learning *learning);
/* Settles all shapes and says what they are. BM_ERROR_USAGE: one is none. */
enum bm_status bm_learning_finish(struct bm_plan *plan, struct bm_error *err) BM_MUST_USE;
void bm_learning_free(struct bm_learning *learning);

#endif
