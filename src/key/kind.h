/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_KIND_H
#define BM_KEY_KIND_H

#include "key/objection.h"

/*
 * What a server has against the key of an index for its kind, unique or not. Facts: mongod
 * index_key_validate.cpp (validateKeyPattern), index_catalog_impl.cpp (_isSpecOk),
 * hash_access_method.cpp, expression_params.h (2d).
 */
struct bm_objection bm_kind_objection(const struct bm_index_spec *spec,
                                      const struct bm_index_home *home);

/* NULL, or why an index of this kind, which the server would build, has no verdict; static. */
const char *bm_kind_unjudged(const struct bm_index_spec *spec);

#endif
