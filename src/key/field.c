/* SPDX-License-Identifier: Apache-2.0 */
#include "key/field.h"

#include <stdlib.h>

#include "base/memory.h"

enum bm_status bm_field_make(struct bm_field *field, struct bm_view path, struct bm_error *err)
{
    field->path = bm_copy_view(path, err);
    if (field->path == NULL) {
        return BM_FAIL;
    }
    field->count = 1;
    for (size_t i = 0; i < path.len; i++) {
        field->count += field->path[i] == '.';
    }
    field->components = bm_allocate(field->count, sizeof *field->components, err);
    if (field->components == NULL) {
        return BM_FAIL;
    }
    size_t start = 0;
    size_t number = 0;
    for (size_t at = 0; at <= path.len; at++) {
        if (at == path.len || field->path[at] == '.') {
            field->components[number++] =
                (struct bm_view){(const uint8_t *)field->path + start, at - start};
            start = at + 1;
        }
    }
    return BM_OK;
}

void bm_field_free(struct bm_field *field)
{
    free(field->path);
    free(field->components);
    *field = (struct bm_field){.path = NULL};
}
