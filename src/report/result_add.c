/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { PAIRS_A_RULE = 3 };

/* One more zeroed element behind an array of count; arrays in a result keep no capacity. */
static void *extend(void *array, size_t count, size_t element, struct bm_error *err)
{
    size_t more;
    size_t bytes;
    if (bm_size_add(count, 1, &more, err) != BM_OK ||
        bm_size_multiply(more, element, &bytes, err) != BM_OK) {
        return NULL;
    }
    uint8_t *longer = realloc(array, bytes);
    if (longer == NULL) {
        (void)bm_fail(err, BM_ERROR_MEMORY, 0, "no memory for %zu bytes", bytes);
        return NULL;
    }
    memset(longer + count * element, 0, element);
    return longer;
}

static enum bm_status copy(struct bm_view from, struct bm_view *to, struct bm_error *err)
{
    if (from.len == 0) {
        return BM_OK;
    }
    char *bytes = bm_copy_view(from, err);
    if (bytes == NULL) {
        return BM_FAIL;
    }
    *to = (struct bm_view){(const uint8_t *)bytes, from.len};
    return BM_OK;
}

enum bm_status bm_result_add_sample(struct bm_result *result, const struct bm_change *change,
                                    struct bm_error *err)
{
    size_t same = 0;
    for (size_t i = 0; i < result->sample_count; i++) {
        same += strcmp(result->samples[i].ns, change->ns->ns) == 0 &&
                strcmp(result->samples[i].field, change->field) == 0;
    }
    if (same >= PAIRS_A_RULE) {
        return BM_OK;
    }
    struct bm_sample *samples = extend(result->samples, result->sample_count, sizeof *samples, err);
    if (samples == NULL) {
        return BM_FAIL;
    }
    result->samples = samples;
    struct bm_sample *sample = &samples[result->sample_count++];
    sample->ns = bm_copy_text(change->ns->ns, err);
    sample->field = bm_copy_text(change->field, err);
    if (sample->ns == NULL || sample->field == NULL ||
        copy(change->id, &sample->id, err) != BM_OK ||
        copy(change->before, &sample->before, err) != BM_OK) {
        return BM_FAIL;
    }
    return copy(change->after, &sample->after, err);
}

enum bm_status bm_result_add_note(struct bm_result *result, const char *text, struct bm_error *err)
{
    char **notes = extend(result->notes, result->note_count, sizeof *notes, err);
    if (notes == NULL) {
        return BM_FAIL;
    }
    result->notes = notes;
    notes[result->note_count] = bm_copy_text(text, err);
    if (notes[result->note_count] == NULL) {
        return BM_FAIL;
    }
    result->note_count++;
    return BM_OK;
}

enum bm_status bm_result_add_damage(struct bm_result *result, const char *ns, uint64_t offset,
                                    const char *what, struct bm_error *err)
{
    struct bm_damage *damage = extend(result->damage, result->damage_count, sizeof *damage, err);
    if (damage == NULL) {
        return BM_FAIL;
    }
    result->damage = damage;
    struct bm_damage *added = &damage[result->damage_count++];
    added->ns = bm_copy_text(ns, err);
    added->what = bm_copy_text(what, err);
    added->offset = offset;
    return added->ns != NULL && added->what != NULL ? BM_OK : BM_FAIL;
}

enum bm_status bm_result_add_difference(struct bm_result *result,
                                        const struct bm_difference *difference,
                                        struct bm_error *err)
{
    struct bm_difference *differences =
        extend(result->differences, result->difference_count, sizeof *differences, err);
    if (differences == NULL) {
        return BM_FAIL;
    }
    result->differences = differences;
    struct bm_difference *added = &differences[result->difference_count++];
    *added = *difference;
    added->before.id = added->after.id = (struct bm_view){NULL, 0};
    added->ns = bm_copy_text(difference->ns, err);
    added->what = difference->what != NULL ? bm_copy_text(difference->what, err) : NULL;
    if (added->ns == NULL || (difference->what != NULL && added->what == NULL) ||
        copy(difference->before.id, &added->before.id, err) != BM_OK) {
        return BM_FAIL;
    }
    return copy(difference->after.id, &added->after.id, err);
}
