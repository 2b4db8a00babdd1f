/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_PATTERN_H
#define BM_KEY_PATTERN_H

#include "bsonmend/document.h"

/* What the server asks of a key pattern (mongod index_key_validate.cpp). */
#define BM_PATTERN_BYTES_MOST 2048u

/* NULL, or what the server would have against this dotted path; static. */
const char *bm_pattern_path_problem(struct bm_view path);
/* NULL, or what it would have against this direction; static. */
const char *bm_pattern_value_problem(const struct bm_element *element);

#endif
