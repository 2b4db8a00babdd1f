/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/attempts.h"

#include <string.h>

#define SCRATCH_MAX ((size_t)2 * BM_DOCUMENT_MAX_OPLOG)

void bm_attempts_start(struct bm_attempts *attempts)
{
    *attempts = (struct bm_attempts){.scratch = BM_BUFFER_INIT(SCRATCH_MAX)};
}

void bm_attempts_free(struct bm_attempts *attempts)
{
    bm_seen_free(attempts->failed);
    bm_buffer_free(&attempts->scratch);
    bm_attempts_start(attempts);
}

/* Texts with their NUL and lengths before bytes, so that no two places are spelled the same. */
static enum bm_status spell(struct bm_buffer *out, const struct bm_token_place *place,
                            uint32_t attempt, struct bm_error *err)
{
    const struct bm_view parts[] = {
        {(const uint8_t *)place->ns, strlen(place->ns) + 1},
        {(const uint8_t *)place->field, strlen(place->field) + 1},
        {(const uint8_t *)&attempt, sizeof attempt},
        {(const uint8_t *)&place->position_count, sizeof place->position_count},
        {(const uint8_t *)place->positions, place->position_count * sizeof *place->positions},
        place->id,
    };
    bm_buffer_clear(out);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (bm_buffer_append(out, parts[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status fingerprint(struct bm_attempts *attempts, const struct bm_hash_key *key,
                                  const struct bm_token_place *place, uint32_t attempt,
                                  struct bm_fingerprint *out, struct bm_error *err)
{
    if (spell(&attempts->scratch, place, attempt, err) != BM_OK) {
        return BM_FAIL;
    }
    *out = bm_fingerprint_of(key, bm_buffer_view(&attempts->scratch));
    return BM_OK;
}

enum bm_status bm_attempts_note(struct bm_attempts *attempts, const struct bm_hash_key *key,
                                const struct bm_token_place *place, uint32_t attempt, int *is_new,
                                struct bm_error *err)
{
    struct bm_fingerprint known;
    *is_new = 0;
    if (attempts->failed == NULL) {
        attempts->failed = bm_seen_new(&attempts->budget, err);
    }
    if (attempts->failed == NULL ||
        fingerprint(attempts, key, place, attempt, &known, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_seen_find(attempts->failed, known) != BM_MARK_ABSENT) {
        return BM_OK;
    }
    *is_new = 1;
    return bm_seen_add(attempts->failed, known, BM_MARK_PLAIN, err);
}

enum bm_status bm_attempts_next(struct bm_attempts *attempts, const struct bm_hash_key *key,
                                const struct bm_token_place *place, uint32_t *attempt,
                                struct bm_error *err)
{
    struct bm_fingerprint known;
    *attempt = 1;
    if (attempts->failed == NULL) {
        return BM_OK;
    }
    for (;; (*attempt)++) {
        if (fingerprint(attempts, key, place, *attempt, &known, err) != BM_OK) {
            return BM_FAIL;
        }
        if (bm_seen_find(attempts->failed, known) == BM_MARK_ABSENT) {
            return BM_OK;
        }
    }
}
