/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CATALOG_STORED_H
#define BM_CATALOG_STORED_H

#include "base/buffer.h"
#include "bsonmend/catalog.h"

/* What a catalog is made of; seen by nobody but the files that fill it. */

/* A namespace with what it borrows from. */
struct bm_stored {
    struct bm_namespace ns; /* first, so that a namespace's address is its entry's */
    char *db;
    char *collection;
    char *name;
    char *metadata;
    char *problem;
    struct bm_buffer bson; /* the metadata text as BSON, or the definitions of system.indexes */
    struct bm_index_spec *specs;
};

struct bm_catalog {
    struct bm_stored **entries;
    size_t count;
    size_t capacity;
    size_t bytes;
    void *by_name; /* tsearch's tree, so that 100,000 namespaces are no matter */
    char *server_version;
    const struct bm_namespace *oplog;
};

/* Takes so many bytes of what a catalog may keep; BM_ERROR_MEMORY when there are no more. */
enum bm_status bm_catalog_take_bytes(struct bm_catalog *catalog, size_t bytes,
                                     struct bm_error *err) BM_MUST_USE;

/* Makes a namespace's indexes of an array of definitions, which the entry must own (len 0: none);
 * those it had are freed. On failure it has none. */
enum bm_status bm_catalog_set_indexes(struct bm_catalog *catalog, struct bm_stored *entry,
                                      struct bm_view indexes, struct bm_error *err) BM_MUST_USE;

#endif
