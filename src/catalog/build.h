/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CATALOG_BUILD_H
#define BM_CATALOG_BUILD_H

#include "bsonmend/catalog.h"

/* How a container fills a catalog while it opens a dump. */

/* NULL: no memory. */
struct bm_catalog *bm_catalog_new(struct bm_error *err) BM_MUST_USE;
void bm_catalog_free(struct bm_catalog *catalog); /* NULL is fine */

/* Sets the version the dump names; "" or unparsable texts are kept as they are. Copied. */
enum bm_status bm_catalog_set_server_version(struct bm_catalog *catalog, struct bm_view version,
                                             struct bm_error *err) BM_MUST_USE;

/* What is known of a namespace when it is met. Everything is copied. */
struct bm_catalog_entry {
    struct bm_view db;
    struct bm_view collection; /* the data name */
    int has_data;
    struct bm_view metadata; /* text, len 0: absent */
    int is_too_large;        /* there is a text, but larger than is read: metadata is empty */
};

/*
 * Adds a namespace: kind, options and indexes are read from the metadata text by mongorestore's
 * rules; a text that cannot be read makes BM_METADATA_UNREADABLE, never a failure. A default _id
 * index is made up where there is none (not for views, oplog, system.indexes). BM_ERROR_CORRUPT:
 * the namespace is there already. BM_ERROR_MEMORY: the catalog would pass 256 MiB.
 */
enum bm_status bm_catalog_add(struct bm_catalog *catalog, const struct bm_catalog_entry *entry,
                              const struct bm_namespace **out, struct bm_error *err) BM_MUST_USE;

/*
 * The index definitions of an old dump, which had no metadata: the documents of
 * `db`.system.indexes, one behind the other, each with the name of its collection in `ns`. Every
 * collection of that database that is in the catalog and has no metadata gets those that are its
 * own, by mongorestore's rules (metadata.go, LoadIndexesFromBSON), and becomes
 * BM_METADATA_SYSTEM_INDEXES. Documents that cannot be read make those collections
 * BM_METADATA_UNREADABLE, never a failure. Copied. Called once a database, when its namespaces are
 * in the catalog. BM_ERROR_MEMORY: as above.
 */
enum bm_status bm_catalog_add_system_indexes(struct bm_catalog *catalog, struct bm_view db,
                                             struct bm_view definitions,
                                             struct bm_error *err) BM_MUST_USE;
/* The same for definitions that could not even be read as a file: `problem` says why. */
enum bm_status bm_catalog_refuse_system_indexes(struct bm_catalog *catalog, struct bm_view db,
                                                const char *problem,
                                                struct bm_error *err) BM_MUST_USE;

/* Whether metadata text describes a time-series collection (options.timeseries) or a view
 * (options.viewOn), before it is known which data file belongs to it. Unreadable: neither. */
enum bm_metadata_shape { BM_SHAPE_PLAIN, BM_SHAPE_TIMESERIES, BM_SHAPE_VIEW };
enum bm_metadata_shape bm_metadata_shape(struct bm_view metadata);
/* The string `collectionName` of a metadata text into *out (malloc'd, NULL: absent). */
enum bm_status bm_metadata_collection_name(struct bm_view metadata, char **out,
                                           struct bm_error *err) BM_MUST_USE;

#endif
