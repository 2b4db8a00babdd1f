/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/outside.h"

#include <string.h>

#include "repair/findings.h"
#include "repair/rewriting.h"

enum bm_status bm_outside_start(struct bm_outside *outside, const struct bm_rewriting *rewriting,
                                const char *index, struct bm_server server, struct bm_error *err)
{
    const struct bm_rewriting_step *step = bm_rewriting_find(rewriting, index);
    if (step == NULL || step->rewrite.index != BM_INDEX_ACTION_PARTIAL) {
        return BM_OK;
    }
    const struct bm_index_request request = {
        .name = index, .fields = step->fields, .count = step->field_count, .server = server};
    outside->index = bm_index_requested(&request, err);
    if (outside->index == NULL) {
        return BM_FAIL;
    }
    const struct bm_index *alone = outside->index;
    outside->keyset = bm_keyset_new(&alone, 1, err);
    return outside->keyset != NULL ? BM_OK : BM_FAIL;
}

static int has_value(const struct bm_keys *keys, size_t fields)
{
    for (size_t i = 0; i < keys->count; i++) {
        for (size_t part = 0; part < fields; part++) {
            if (bm_part_emptiness(&keys->keys[i].parts[part]) == BM_NOT_EMPTY) {
                return 1;
            }
        }
    }
    return 0;
}

enum bm_status bm_outside_take(struct bm_outside *outside, struct bm_view document,
                               struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    if (outside->keyset == NULL) {
        return BM_OK;
    }
    if (bm_keyset_make(outside->keyset, document, &damage) != BM_OK ||
        bm_keyset_turn_to(outside->keyset, 0, &damage) != BM_OK) {
        /* Damage was told by the walk before this one. */
        if (damage.code == BM_ERROR_CORRUPT) {
            return BM_OK;
        }
        *err = damage;
        return BM_FAIL;
    }
    const struct bm_keys *keys = bm_keyset_keys(outside->keyset, 0);
    outside->documents += has_value(keys, bm_index_field_count(outside->index)) ? 1 : 0;
    return BM_OK;
}

void bm_outside_free(struct bm_outside *outside)
{
    bm_keyset_free(outside->keyset);
    bm_index_free(outside->index);
    *outside = (struct bm_outside){0};
}
