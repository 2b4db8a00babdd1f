/* SPDX-License-Identifier: Apache-2.0 */
#include "key/pattern.h"

#include <string.h>

#include "key/number.h"

static int is_reference_part(struct bm_view component)
{
    return bm_view_equal(component, bm_view_text("$id")) ||
           bm_view_equal(component, bm_view_text("$ref")) ||
           bm_view_equal(component, bm_view_text("$db"));
}

const char *bm_pattern_path_problem(struct bm_view path)
{
    size_t start = 0;
    if (path.len == 0) {
        return "an index field without a name";
    }
    if (memchr(path.data, 0, path.len) != NULL) {
        return "a zero byte in an index field";
    }
    for (size_t at = 0; at <= path.len; at++) {
        if (at < path.len && path.data[at] != '.') {
            continue;
        }
        struct bm_view component = {path.data + start, at - start};
        if (component.len == 0) {
            return "an empty part in the path of an index field";
        }
        if (component.data[0] == '$' && (start == 0 || !is_reference_part(component))) {
            return "a part that starts with $ in the path of an index field";
        }
        start = at + 1;
    }
    return NULL;
}

const char *bm_pattern_value_problem(const struct bm_element *element)
{
    switch (element->type) {
    case BM_TYPE_INT32:
    case BM_TYPE_INT64:
    case BM_TYPE_DOUBLE:
    case BM_TYPE_DECIMAL128:
        break;
    default:
        return "a direction that is no number";
    }
    if (!bm_number_directs(element->type, element->value.data)) {
        return "a direction that is 0 or not a number";
    }
    return NULL;
}
