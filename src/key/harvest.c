/* SPDX-License-Identifier: Apache-2.0 */
#include "key/harvest.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "key/size.h"

/* Arrays that a positional path multiplies could ask for time and memory without end. */
#define WORK_MOST ((size_t)1 << 30)
#define WORK_OF_A_KEY ((size_t)32)
#define PARTS_MOST ((size_t)4 << 20)
#define KEYS_KEPT ((size_t)1 << 15)
#define FEW 8u

void bm_harvest_clear(struct bm_harvest *harvest)
{
    if (harvest->capacity > KEYS_KEPT) {
        free(harvest->keys);
        harvest->keys = NULL;
        harvest->capacity = 0;
    }
    harvest->count = 0;
    harvest->bytes = 0;
    harvest->work = 0;
}

void bm_harvest_free(struct bm_harvest *harvest)
{
    free(harvest->keys);
    bm_buffer_free(&harvest->refusal);
}

enum bm_status bm_harvest_refuse(struct bm_harvest *harvest, enum bm_refusal refusal,
                                 struct bm_error *err)
{
    enum bm_status status = bm_harvest_refuse_as(harvest, bm_refusal_words(refusal), err);
    harvest->own_limit = bm_refusal_is_own(refusal) ? bm_refusal_words(refusal) : NULL;
    return status;
}

enum bm_status bm_harvest_refuse_as(struct bm_harvest *harvest, const char *words,
                                    struct bm_error *err)
{
    harvest->count = 0;
    harvest->own_limit = NULL;
    bm_buffer_clear(&harvest->refusal);
    if (bm_buffer_append_text(&harvest->refusal, words, err) != BM_OK ||
        bm_buffer_append_byte(&harvest->refusal, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return BM_END;
}

enum bm_status bm_harvest_work(struct bm_harvest *harvest, size_t bytes, struct bm_error *err)
{
    if (bytes > WORK_MOST - harvest->work) {
        return bm_harvest_refuse(harvest, BM_REFUSAL_NUMBER, err);
    }
    harvest->work += bytes;
    return BM_OK;
}

static enum bm_status check_size(struct bm_harvest *harvest, const struct bm_index *index,
                                 const struct bm_key_part *parts,
                                 const struct bm_canonical *canonical, struct bm_error *err)
{
    struct bm_buffer words = BM_BUFFER_INIT(65536);
    enum bm_status status = bm_key_size_check(index, parts, canonical, &words, err);
    if (status == BM_END) {
        status = bm_harvest_refuse_as(harvest, (const char *)words.data, err);
    }
    bm_buffer_free(&words);
    return status;
}

static enum bm_status write_canonical(struct bm_workshop *workshop, struct bm_harvest *harvest,
                                      const struct bm_index *index, const struct bm_key_part *parts,
                                      struct bm_error *err)
{
    bm_buffer_clear(&workshop->scratch);
    struct bm_canonical canonical = {
        .out = &workshop->scratch,
        .origin = workshop->origin,
        .collation = index->collation,
        .units = &workshop->units,
    };
    for (size_t i = 0; i < index->field_count; i++) {
        enum bm_status status = bm_canonical_append(&canonical, parts[i].type, parts[i].value, err);
        if (status == BM_END) {
            return bm_harvest_refuse(harvest, canonical.refusal, err);
        }
        if (status != BM_OK) {
            return BM_FAIL;
        }
    }
    if (index->limits_keys) {
        enum bm_status status = check_size(harvest, index, parts, &canonical, err);
        if (status != BM_OK) {
            return status;
        }
    }
    return bm_harvest_work(harvest, workshop->scratch.len + WORK_OF_A_KEY, err);
}

static enum bm_status keep(struct bm_workshop *workshop, struct bm_harvest *harvest,
                           const struct bm_key_part *parts, size_t count, struct bm_error *err)
{
    struct bm_view canonical = bm_buffer_view(&workshop->scratch);
    if (canonical.len > BM_KEY_BYTES_MOST - harvest->bytes) {
        return bm_harvest_refuse(harvest, BM_REFUSAL_BYTES, err);
    }
    if ((harvest->count + 1) * count > PARTS_MOST) {
        return bm_harvest_refuse(harvest, BM_REFUSAL_NUMBER, err);
    }
    if (harvest->count == harvest->capacity &&
        bm_grow(&harvest->keys, harvest->count, &harvest->capacity, sizeof *harvest->keys, err) !=
            BM_OK) {
        return BM_FAIL;
    }
    size_t of_parts = count * sizeof *parts;
    uint8_t *piece = bm_arena_take(&workshop->arena, of_parts + canonical.len, err);
    if (piece == NULL) {
        return BM_FAIL;
    }
    struct bm_key_part *kept = (struct bm_key_part *)(void *)piece;
    for (size_t i = 0; i < count; i++) {
        kept[i] = parts[i];
    }
    memcpy(piece + of_parts, canonical.data, canonical.len);
    harvest->keys[harvest->count++] = (struct bm_key){
        .parts = kept,
        .canonical = {piece + of_parts, canonical.len},
    };
    harvest->bytes += canonical.len;
    return BM_OK;
}

enum bm_status bm_harvest_add(struct bm_workshop *workshop, struct bm_harvest *harvest,
                              const struct bm_index *index, const struct bm_key_part *parts,
                              struct bm_error *err)
{
    enum bm_status status = write_canonical(workshop, harvest, index, parts, err);
    if (status != BM_OK) {
        return status;
    }
    if (harvest->count > 0 && bm_view_equal(harvest->keys[harvest->count - 1].canonical,
                                            bm_buffer_view(&workshop->scratch))) {
        return BM_OK;
    }
    return keep(workshop, harvest, parts, index->field_count, err);
}

static int compare_bytes(struct bm_view a, struct bm_view b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* For few keys a sort costs more than it saves. */
static void distinct_few(struct bm_harvest *harvest)
{
    size_t kept = 0;
    for (size_t i = 0; i < harvest->count; i++) {
        size_t other = 0;
        while (other < kept &&
               !bm_view_equal(harvest->keys[other].canonical, harvest->keys[i].canonical)) {
            other++;
        }
        if (other == kept) {
            harvest->keys[kept++] = harvest->keys[i];
        }
    }
    harvest->count = kept;
}

/* Keys lie in one array in the order they were made, so that of equal ones the first comes first.
 */
static int by_bytes_then_order(const void *one, const void *other)
{
    const struct bm_key *a = *(struct bm_key *const *)one;
    const struct bm_key *b = *(struct bm_key *const *)other;
    int order = compare_bytes(a->canonical, b->canonical);
    return order != 0 ? order : (a > b) - (a < b);
}

enum bm_status bm_harvest_distinct(struct bm_workshop *workshop, struct bm_harvest *harvest,
                                   struct bm_error *err)
{
    if (harvest->count <= FEW) {
        distinct_few(harvest);
        return BM_OK;
    }
    struct bm_key **sorted = bm_arena_take(&workshop->arena, harvest->count * sizeof *sorted, err);
    if (sorted == NULL) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < harvest->count; i++) {
        sorted[i] = &harvest->keys[i];
    }
    qsort(sorted, harvest->count, sizeof *sorted, by_bytes_then_order);
    size_t first = 0;
    for (size_t i = 1; i < harvest->count; i++) {
        if (bm_view_equal(sorted[first]->canonical, sorted[i]->canonical)) {
            sorted[i]->parts = NULL;
        } else {
            first = i;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < harvest->count; i++) {
        if (harvest->keys[i].parts != NULL) {
            harvest->keys[kept++] = harvest->keys[i];
        }
    }
    harvest->count = kept;
    return BM_OK;
}
