/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_WILDCARD_H
#define BM_KEY_WILDCARD_H

#include "key/objection.h"

/*
 * What a server from 7.0 on has against a wildcard index over several fields: the wildcard must not
 * take in the other fields of the key. One below a path stays clear of them by itself, one over the
 * whole document by its wildcardProjection. That an index over the whole document has one is asked
 * elsewhere, as is that it is a document with something in it. Facts: mongod
 * wildcard_validation.cpp, index_key_validate.cpp.
 */
struct bm_objection bm_wildcard_objection(const struct bm_index_spec *spec);

#endif
