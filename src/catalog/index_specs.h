/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CATALOG_INDEX_SPECS_H
#define BM_CATALOG_INDEX_SPECS_H

#include "bsonmend/catalog.h"

/*
 * The index entries of a metadata text as mongorestore would build them, the _id index first. An
 * entry without a string name is dropped, as is one whose name comes again further on, and a
 * clustered entry over anything but _id. Names and views borrow from the array; *specs is the
 * caller's to free.
 *
 * indexes: the array's bytes, len 0: none. collation: the collection's own, which its _id index has
 * as well.
 */
enum bm_status bm_index_specs_make(struct bm_view indexes, struct bm_view collation,
                                   struct bm_index_spec **specs, size_t *count,
                                   struct bm_error *err) BM_MUST_USE;

/* One entry: everything but its name is filled in; what is wrong with it goes into problem. */
enum bm_status bm_index_spec_read(struct bm_view entry, struct bm_index_spec *out,
                                  struct bm_error *err) BM_MUST_USE;

#endif
