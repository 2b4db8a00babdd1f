/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BSONMEND_CATALOG_H
#define BSONMEND_CATALOG_H

#include "bsonmend/error.h"

/* What a dump holds, known before any document of it is read. */

enum bm_container {
    BM_CONTAINER_BSON = 0,
    BM_CONTAINER_DIRECTORY,
    BM_CONTAINER_ARCHIVE,
    BM_CONTAINER_KEEP
};

/* "bson", "directory" or "archive"; static. */
const char *bm_container_name(enum bm_container container);

enum bm_namespace_kind {
    BM_NAMESPACE_COLLECTION,
    BM_NAMESPACE_VIEW,       /* options have viewOn */
    BM_NAMESPACE_TIMESERIES, /* buckets: options have timeseries, or a system.buckets. name */
    BM_NAMESPACE_SYSTEM,     /* db.system.*, $admin.*, config.*: judged, never mended */
    BM_NAMESPACE_INDEXES,    /* db.system.indexes: index definitions of old dumps */
    BM_NAMESPACE_OPLOG       /* db "", collection "oplog" */
};

enum bm_metadata_state {
    BM_METADATA_ABSENT, /* no metadata, or zero bytes: no options, no secondary indexes */
    BM_METADATA_READ,
    BM_METADATA_UNREADABLE, /* present but not what mongorestore reads: indexes unknown */
    BM_METADATA_TOO_LARGE,  /* present but not read here: indexes unknown; mongorestore reads it */
    BM_METADATA_SYSTEM_INDEXES /* none; the indexes are those of the dump's system.indexes */
};

enum bm_index_kind {
    BM_INDEX_BTREE,
    BM_INDEX_ID, /* single field _id of value 1: whole element is the key */
    BM_INDEX_HASHED,
    BM_INDEX_TEXT,
    BM_INDEX_2D,
    BM_INDEX_2DSPHERE,
    BM_INDEX_WILDCARD,
    BM_INDEX_OTHER /* columnstore, geoHaystack, an unknown plugin name */
};

/* One index entry as mongorestore would build it. Everything is owned by the catalog. */
struct bm_index_spec {
    const char *name;
    struct bm_view spec;      /* the whole entry as a BSON document */
    struct bm_view key;       /* the key pattern, a BSON document */
    struct bm_view partial;   /* partialFilterExpression (a document), len 0: none */
    struct bm_view collation; /* collation document, len 0: none or simple */
    enum bm_index_kind kind;
    /* What the options mean where the server takes them: true are all values but false, 0, null and
     * undefined. Which values it refuses depends on the server and is said by the compiled index.
     */
    int unique; /* or the _id index */
    int sparse;
    int prepare_unique;
    int clustered; /* of the _id index: also where the collection's options say so */
    /* Of the _id index: mongorestore sends the entry whole with the collection, which is not made
     * if the server refuses it. */
    int is_sent;
    const char *ns;                   /* "db.collection", NULL: not known */
    struct bm_view default_collation; /* its collection's own, len 0: none or simple */
    size_t place;                     /* how many indexes the collection has before it */
    /* The last entry before this one over the same key, or, of two text indexes, the other; NULL:
     * none, or so far behind that there are too many indexes anyway. */
    const struct bm_index_spec *twin;
    const char
        *problem; /* NULL, or why this entry cannot be understood (no key, key no object …) */
};

/* One namespace. Owned by the catalog, constant once the catalog is complete, compared by pointer.
 */
struct bm_namespace {
    size_t number;          /* its place in the catalog, from 0 */
    const char *db;         /* "" for the oplog */
    const char *collection; /* the name its data goes by: system.buckets.X for buckets */
    const char *ns;         /* "db.collection" */
    enum bm_namespace_kind kind;
    int has_data; /* 0: only metadata (a view, or a collection that was created only) */
    enum bm_metadata_state metadata_state;
    struct bm_view metadata;      /* the text as found, len 0: none */
    const char *metadata_problem; /* NULL, or why the text is unreadable */
    struct bm_view options;       /* collection options as a BSON document, len 0: none */
    const char *options_problem;  /* NULL, or why no server makes a collection with them; static */
    struct bm_view validator;     /* inside options, len 0: none */
    struct bm_view collation;     /* default collation inside options, len 0: none or simple */
    int capped;
    uint64_t capped_size;                /* bytes, 0: unknown */
    uint64_t capped_max;                 /* documents, 0: no limit */
    const struct bm_index_spec *indexes; /* the _id index first (made up if the dump has none) */
    size_t index_count;                  /* 0 for views, the oplog and system.indexes */
    size_t nameless; /* entries without a string name, which mongorestore drops without a word, but
                        for one over _id alone, whose index the server makes by itself */
};

struct bm_catalog;

size_t bm_catalog_count(const struct bm_catalog *catalog);
/* By number, 0 … count-1. */
const struct bm_namespace *bm_catalog_namespace(const struct bm_catalog *catalog, size_t number);
/* NULL: not there. Names are bytes. */
const struct bm_namespace *bm_catalog_find(const struct bm_catalog *catalog, struct bm_view db,
                                           struct bm_view collection);
/* The namespace of the dump's oplog, or NULL. */
const struct bm_namespace *bm_catalog_oplog(const struct bm_catalog *catalog);
/* The server version the dump names ("7.0.16"), "" when it names none. Lives as long as the
 * catalog. */
const char *bm_catalog_server_version(const struct bm_catalog *catalog);

/* What is to become of one index in the rewritten metadata. */
enum bm_index_action {
    BM_INDEX_ACTION_KEEP,
    BM_INDEX_ACTION_PARTIAL, /* a filter leaves out documents without a value of one type */
    BM_INDEX_ACTION_SPARSE,
    BM_INDEX_ACTION_NONUNIQUE,
    BM_INDEX_ACTION_DROP
};

/* "keep", "partial", "sparse", "nonunique" or "drop"; static. */
const char *bm_index_action_name(enum bm_index_action action);

/* The type of value that a partial index keeps: what is at least the least value of it. */
enum bm_partial_type {
    BM_PARTIAL_STRING, /* more than "" */
    BM_PARTIAL_OBJECT_ID,
    BM_PARTIAL_BIN_DATA,
    BM_PARTIAL_NUMBER, /* not NaN, which is below -Infinity and not compared with it */
    BM_PARTIAL_DATE
};

#endif
