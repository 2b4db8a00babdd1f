/* SPDX-License-Identifier: Apache-2.0 */
#include "repair/plan.h"

#include <string.h>

#define FILTER_DEPTH 8 /* conditions in conditions; filters that are judged nest less deep */

/* Past the positions in arrays that a path is at. */
static const char *past_positions(const char *path)
{
    for (;;) {
        size_t len = strspn(path, "0123456789");
        if (len == 0 || (path[len] != '.' && path[len] != '\0')) {
            return path;
        }
        path += path[len] == '.' ? len + 1 : len;
    }
}

/* Whether one of two paths is the other or leads to it, with or without positions in arrays. */
static int overlap(const char *a, const char *b)
{
    for (;;) {
        a = past_positions(a);
        b = past_positions(b);
        size_t len = strcspn(a, ".");
        if (*a == '\0' || *b == '\0') {
            return 1;
        }
        if (strcspn(b, ".") != len || memcmp(a, b, len) != 0) {
            return 0;
        }
        a += a[len] == '.' ? len + 1 : len;
        b += b[len] == '.' ? len + 1 : len;
    }
}

/* The names of array entries are no paths. What is nested too deep is taken to name the field. */
static int filter_names(struct bm_view filter, int is_array, const char *field, int depth)
{
    struct bm_elements elements;
    struct bm_element element;
    struct bm_error unheard = BM_ERROR_INIT;
    if (depth > FILTER_DEPTH || bm_elements_open(&elements, filter, &unheard) != BM_OK) {
        return 1;
    }
    while (bm_elements_next(&elements, &element, &unheard) == BM_OK) {
        int inner_is_array = element.type == BM_TYPE_ARRAY;
        if ((!is_array && overlap((const char *)element.name.data, field)) ||
            ((inner_is_array || element.type == BM_TYPE_OBJECT) &&
             filter_names(element.value, inner_is_array, field, depth + 1))) {
            return 1;
        }
    }
    return 0;
}

int bm_bind_depends(const struct bm_target *target, const struct bm_index *index, const char *field)
{
    for (size_t i = 0; i < bm_index_field_count(index); i++) {
        if (overlap(bm_index_field(index, i), field)) {
            return 1;
        }
    }
    for (size_t i = 0; i < target->after->index_count; i++) {
        const struct bm_index_spec *spec = &target->after->indexes[i];
        if (spec->partial.len > 0 && strcmp(spec->name, bm_index_name(index)) == 0 &&
            filter_names(spec->partial, 0, field, 0)) {
            return 1;
        }
    }
    return 0;
}
