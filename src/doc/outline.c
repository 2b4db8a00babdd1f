/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "bsonmend/document.h"

struct bm_view bm_outline_name(const struct bm_outline *outline, struct bm_view document,
                               size_t number)
{
    const struct bm_outline_place *place = &outline->places[number];
    return (struct bm_view){document.data + place->at + 1, place->value - place->at - 2};
}

struct bm_element bm_outline_element(const struct bm_outline *outline, struct bm_view document,
                                     size_t number)
{
    const struct bm_outline_place *place = &outline->places[number];
    size_t end = place[1].at;
    return (struct bm_element){
        .type = document.data[place->at],
        .name = bm_outline_name(outline, document, number),
        .value = {document.data + place->value, end - place->value},
        .raw = {document.data + place->at, end - place->at},
    };
}

/* The first element of that name from `number` on; outline->count: none. */
static size_t find_from(const struct bm_outline *outline, struct bm_view document, size_t number,
                        struct bm_view wanted)
{
    for (; number < outline->count; number++) {
        struct bm_view name = bm_outline_name(outline, document, number);
        if (name.len == wanted.len && memcmp(name.data, wanted.data, name.len) == 0) {
            break;
        }
    }
    return number;
}

enum bm_status bm_outline_find(const struct bm_outline *outline, struct bm_view document,
                               struct bm_view name, struct bm_element *out, struct bm_error *err)
{
    if (outline == NULL || !outline->is_whole) {
        return bm_document_find(document, name, out, err);
    }
    size_t number = find_from(outline, document, 0, name);
    if (number == outline->count) {
        return BM_END;
    }
    *out = bm_outline_element(outline, document, number);
    return BM_OK;
}

int bm_outline_repeats(const struct bm_outline *outline, struct bm_view document,
                       const struct bm_element *element)
{
    if (outline == NULL || !outline->is_whole) {
        return bm_document_repeats(document, element);
    }
    size_t at = (size_t)(element->raw.data - document.data);
    size_t number = 0;
    while (number < outline->count && outline->places[number].at <= at) {
        number++;
    }
    return find_from(outline, document, number, element->name) < outline->count;
}
