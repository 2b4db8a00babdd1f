/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CATALOG_INDEX_SPECS_H
#define BM_CATALOG_INDEX_SPECS_H

#include "bsonmend/catalog.h"

/* What a collection is to its indexes; what it borrows must outlive the specifications. */
struct bm_index_owner {
    const char *ns;           /* "db.collection", NULL: not known */
    struct bm_view collation; /* its own, which its _id index has as well; len 0: none or simple */
    int clustered;            /* its options have clusteredIndex: no _id index is sent with it */
};

/*
 * The index entries of a metadata text as mongorestore would build them, the _id index first. An
 * entry without a string name is dropped, as is one whose name comes again further on, and a
 * clustered entry over anything but _id. *nameless is how many entries without a string name there
 * are whose index the server does not make by itself; NULL: not asked. Names and views borrow from
 * the array; *specs is the caller's to free. Facts: mongorestore/restore.go (the entry named _id_
 * goes with the create command, the others with createIndexes), common/idx/idx.go.
 *
 * indexes: the array's bytes, len 0: none.
 */
enum bm_status bm_index_specs_make(struct bm_view indexes, const struct bm_index_owner *owner,
                                   struct bm_index_spec **specs, size_t *count, size_t *nameless,
                                   struct bm_error *err) BM_MUST_USE;

/* Fills in place and twin of a list that is in order. */
void bm_index_twins_find(struct bm_index_spec *specs, size_t count);

/* One entry: everything but its name is filled in; what is wrong with it goes into problem. */
enum bm_status bm_index_spec_read(struct bm_view entry, struct bm_index_spec *out,
                                  struct bm_error *err) BM_MUST_USE;

#endif
