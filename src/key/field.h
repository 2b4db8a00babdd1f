/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_FIELD_H
#define BM_KEY_FIELD_H

#include "bsonmend/error.h"

/* A dotted path and its components. Starts zeroed. */
struct bm_field {
    char *path;
    struct bm_view *components; /* views into path, at least one */
    size_t count;
};

/* Copies a path and takes it apart. On failure there may be something to free. */
enum bm_status bm_field_make(struct bm_field *field, struct bm_view path,
                             struct bm_error *err) BM_MUST_USE;
void bm_field_free(struct bm_field *field);

#endif
