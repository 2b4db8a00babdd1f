/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/replay_place.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

void bm_replay_place_free(struct bm_replay_place *place)
{
    free(place->parents);
    bm_buffer_free(&place->path);
}

static enum bm_status add_step(struct bm_replay_place *place, struct bm_view name,
                               struct bm_error *err)
{
    if (place->path.len > 0 && bm_buffer_append_byte(&place->path, '.', err) != BM_OK) {
        return BM_FAIL;
    }
    return place->in_array ? bm_buffer_printf(&place->path, err, "%" PRIu64, place->position)
                           : bm_buffer_append(&place->path, name, err);
}

static enum bm_status enter(struct bm_replay_place *place, size_t start, struct bm_error *err)
{
    if (bm_grow(&place->parents, place->parent_count, &place->parent_capacity,
                sizeof *place->parents, err) != BM_OK) {
        return BM_FAIL;
    }
    place->parents[place->parent_count++] = start;
    return BM_OK;
}

/* The element of one document that the position is at or in, raw.len 0: the document's end.
 * BM_END: neither, or damage. */
static enum bm_status find_in(struct bm_replay_place *place, struct bm_view document, size_t at)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_elements elements;
    place->position = 0;
    place->element = (struct bm_element){0};
    if (bm_elements_open(&elements, document, &damage) != BM_OK) {
        return BM_END;
    }
    for (;;) {
        size_t start = elements.at;
        enum bm_status status = bm_elements_next(&elements, &place->element, &damage);
        if (status != BM_OK) {
            place->element = (struct bm_element){0};
            return status == BM_END && at == start ? BM_OK : BM_END;
        }
        if (at < elements.at) {
            return at >= start ? BM_OK : BM_END;
        }
        place->position++;
    }
}

enum bm_status bm_replay_place_find(struct bm_replay_place *place, struct bm_view document,
                                    uint64_t at, struct bm_error *err)
{
    size_t start = 0;
    place->parent_count = 0;
    place->in_array = 0;
    bm_buffer_clear(&place->path);
    if (at >= document.len) {
        return BM_END;
    }
    for (;;) {
        if (enter(place, start, err) != BM_OK) {
            return BM_FAIL;
        }
        size_t inside = (size_t)at - start;
        if (find_in(place, document, inside) != BM_OK) {
            return BM_END;
        }
        const struct bm_element *element = &place->element;
        if (element->raw.len == 0 || element->raw.data == document.data + inside) {
            return BM_OK;
        }
        size_t value = (size_t)(element->value.data - document.data);
        if ((element->type != BM_TYPE_OBJECT && element->type != BM_TYPE_ARRAY) || inside < value) {
            return BM_END;
        }
        if (add_step(place, element->name, err) != BM_OK) {
            return BM_FAIL;
        }
        place->in_array = element->type == BM_TYPE_ARRAY;
        start += value;
        document = element->value;
    }
}

enum bm_status bm_replay_place_is(struct bm_replay_place *place, struct bm_view raw,
                                  struct bm_view path, int *is, struct bm_error *err)
{
    const uint8_t *end = raw.len > 1 ? memchr(raw.data + 1, 0, raw.len - 1) : NULL;
    size_t around = place->path.len;
    *is = 0;
    if (end == NULL) {
        return BM_OK;
    }
    struct bm_view name = {raw.data + 1, (size_t)(end - raw.data) - 1};
    if (add_step(place, name, err) != BM_OK) {
        return BM_FAIL;
    }
    *is = bm_view_equal(bm_buffer_view(&place->path), path);
    place->path.len = around;
    return BM_OK;
}
