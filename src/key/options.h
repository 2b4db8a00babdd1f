/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_KEY_OPTIONS_H
#define BM_KEY_OPTIONS_H

#include "key/collation.h"
#include "key/objection.h"

/*
 * What a server has against the options of a secondary index: each by its name and value, then
 * those that stand together, then those that an earlier index of the collection has as well. Facts:
 * mongod index_key_validate.cpp (validateIndexSpec, validateIndexSpecTTL),
 * index_catalog_impl.cpp (_isSpecOk, _doesSpecConflictWithExisting), index_descriptor.cpp
 * (compareIndexOptions); mongorestore/metadata.go (the length of names).
 */
struct bm_objection bm_options_objection(const struct bm_index_spec *spec,
                                         const struct bm_index_home *home);
/* Of options that stand together, after those of one option each. */
struct bm_objection bm_options_together(const struct bm_index_spec *spec,
                                        const struct bm_index_home *home);
/* BM_END: an earlier index of the collection is in its way, *words (static) says how. BM_FAIL:
 * memory. */
enum bm_status bm_twin_problem(const struct bm_index_spec *spec, const struct bm_index_home *home,
                               const char **words, struct bm_error *err) BM_MUST_USE;

/*
 * What a server has against the entry that mongorestore sends as the _id index of a collection of
 * this collation (NULL: none). BM_END: *words (malloc'd) says what, *is_servers is as in an
 * objection. BM_FAIL: memory. Facts: mongod create_command.cpp, index_key_validate.cpp
 * (validateIdIndexSpec).
 */
enum bm_status bm_id_entry_problem(const struct bm_index_spec *spec,
                                   const struct bm_index_home *home,
                                   const struct bm_collation *collation, char **words,
                                   int *is_servers, struct bm_error *err) BM_MUST_USE;

#endif
