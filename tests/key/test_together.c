/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_specs.h"
#include "support/random_case.h"
#include "support/spec_of.h"

/* The keys of a document in an index are the same whatever came before, and beside whatever other
 * indexes they are made. */

#define INDEXES 6u
#define ROUNDS 300u
#define FIRST_SEED 7u

struct group {
    struct random_case *cases[INDEXES]; /* the specification of each, the documents of all */
    struct bm_index_spec *specs[INDEXES];
    struct bm_index *indexes[INDEXES];
};

static void open_group(struct group *group, uint64_t seed)
{
    struct bm_error err = BM_ERROR_INIT;
    for (size_t i = 0; i < INDEXES; i++) {
        size_t count;
        const struct bm_index_owner owner = {NULL, {NULL, 0}, 0};
        group->cases[i] = malloc(sizeof(struct random_case));
        cr_assert_not_null(group->cases[i]);
        random_case_make(seed + i, group->cases[i]);
        cr_assert_eq(bm_index_specs_make(group->cases[i]->indexes, &owner, &group->specs[i], &count,
                                         NULL, &err),
                     BM_OK);
        const struct bm_index_home home = {{group->cases[i]->major, group->cases[i]->minor},
                                           BM_NAMESPACE_COLLECTION};
        group->indexes[i] = bm_index_new(&group->specs[i][count - 1], &home, &err);
        cr_assert_not_null(group->indexes[i]);
    }
}

static void close_group(struct group *group)
{
    for (size_t i = 0; i < INDEXES; i++) {
        bm_index_free(group->indexes[i]);
        free(group->specs[i]);
        free(group->cases[i]);
    }
}

static struct bm_keyset *open_keyset(const struct group *group, size_t first, size_t count)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_index *list[INDEXES];
    for (size_t i = 0; i < count; i++) {
        list[i] = group->indexes[first + i];
    }
    struct bm_keyset *keyset = bm_keyset_new(list, count, &err);
    cr_assert_not_null(keyset);
    return keyset;
}

static int same_keys(const struct bm_keys *a, const struct bm_keys *b)
{
    if (a->count != b->count || (a->unindexable == NULL) != (b->unindexable == NULL)) {
        return 0;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!bm_view_equal(a->keys[i].canonical, b->keys[i].canonical)) {
            return 0;
        }
    }
    return a->unindexable == NULL || strcmp(a->unindexable, b->unindexable) == 0;
}

/* One document in a set that has seen others and in one made for it. Returns its keys. */
static size_t compare_alone(const struct group *group, struct bm_keyset *all,
                            struct bm_view document)
{
    struct bm_error err = BM_ERROR_INIT;
    size_t keys = 0;
    cr_assert_eq(bm_keyset_make(all, document, &err), BM_OK);
    for (size_t i = 0; i < INDEXES; i++) {
        struct bm_keyset *alone = open_keyset(group, i, 1);
        cr_assert_eq(bm_keyset_make(alone, document, &err), BM_OK);
        cr_assert(same_keys(bm_keyset_keys(all, i), bm_keyset_keys(alone, 0)), "index %zu", i);
        keys += bm_keyset_keys(all, i)->count;
        bm_keyset_free(alone);
    }
    return keys;
}

Test(together, keys_do_not_depend_on_order_or_on_other_indexes)
{
    size_t keys = 0;
    for (uint64_t seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed += INDEXES) {
        struct group group;
        open_group(&group, seed);
        struct bm_keyset *all = open_keyset(&group, 0, INDEXES);
        for (size_t i = 0; i < INDEXES; i++) {
            const struct random_case *made = group.cases[i];
            for (size_t d = 0; d < 2 * made->count; d++) {
                size_t number = d < made->count ? d : 2 * made->count - 1 - d;
                keys += compare_alone(&group, all, made->documents[number]);
            }
        }
        bm_keyset_free(all);
        close_group(&group);
    }
    cr_assert_gt(keys, 1000);
}
