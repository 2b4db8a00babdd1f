/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_NAMES_H
#define BM_CONTAINER_NAMES_H

#include "bsonmend/catalog.h"

/* Names of files, databases and collections, as mongodump writes and mongorestore reads them. */

enum bm_name_kind {
    BM_NAME_OTHER,
    BM_NAME_DATA,     /* STEM.bson[.gz|.zst], or the old STEM.bin */
    BM_NAME_METADATA, /* STEM.metadata.json[.gz|.zst] */
    BM_NAME_PRELUDE   /* prelude.json[.gz|.zst] */
};

/* What a file's name says it is; *stem (lent from name) for data and metadata. An empty stem is
 * BM_NAME_OTHER. */
enum bm_name_kind bm_names_classify(const char *name, struct bm_view *stem);
/* 1: the name ends in .gz or .zst. */
int bm_names_compressed(const char *name);
/* Length of name without .gz or .zst. */
size_t bm_names_plain_length(const char *name);
/* 1: a root file that holds the oplog, oplog.bson[.gz|.zst]. */
int bm_names_is_oplog(const char *name);

/* Undoes URL query escaping. NULL: BM_ERROR_CORRUPT for a bad % sequence, or no memory. */
char *bm_names_unescape(struct bm_view stem, struct bm_error *err) BM_MUST_USE;
/*
 * The file stem of a collection: URL query escaping, but for `$admin.system.users`, `.roles` and
 * `.version`, which stay as they are; over 238 bytes cut to 208, "%24" and the unpadded base64url
 * of the SHA-1 of the name.
 */
char *bm_names_escape(struct bm_view collection, struct bm_error *err) BM_MUST_USE;
/* The same, uncut and with no more escaped than reading needs: % + / and the blank. Leads back to
 * the collection where the usual stem does not, if a file system takes a name that long. */
char *bm_names_escape_least(struct bm_view collection, struct bm_error *err) BM_MUST_USE;
/* 1: a stem that mongorestore takes for a cut one; its name is in the metadata. */
int bm_names_is_cut(struct bm_view stem);
/*
 * The collection that mongorestore takes a file for: the stem unescaped or, where it is cut, the
 * collectionName of the metadata with the same stem (len 0: there is none), unescaped as well.
 * *name is freed with free(). BM_END: cut, and nothing tells the name. BM_FAIL: BM_ERROR_CORRUPT
 * for a bad % sequence or metadata that cannot be read, or no memory.
 */
enum bm_status bm_names_read(struct bm_view stem, struct bm_view metadata, char **name,
                             struct bm_error *err) BM_MUST_USE;

/* NULL, or what mongorestore holds against a database of this name. */
const char *bm_names_refuse_db(struct bm_view db);

/* 1: the version starts with two numbers, left in *major and *minor. */
int bm_names_version(const char *version, unsigned *major, unsigned *minor);
/*
 * When mongorestore wants the data of a namespace in an archive: what it uses before it restores
 * any collection first, and nothing but the oplog once it has met that.
 */
enum bm_names_turn { BM_TURN_FIRST, BM_TURN_ORDINARY, BM_TURN_OPLOG };
enum bm_names_turn bm_names_turn(struct bm_view db, struct bm_view collection);
/* Whether mongorestore reads it: three numbers, up to a '-' or '+'. */
int bm_names_version_is_read(const char *version);
/* What buckets are called in a dump of a server before 8.3: this and the collection's name. */
#define BM_NAMES_BUCKETS "system.buckets."
int bm_names_is_buckets(struct bm_view collection);
/* The name that metadata goes by: without "system.buckets." for a time series with metadata; lent.
 */
struct bm_view bm_names_logical(const struct bm_namespace *ns);
/* Whether a dump of this server version has time series under "system.buckets." (also when the
 * version cannot be read). */
int bm_names_version_has_buckets(const char *version);

/*
 * The namespace of another dump's catalog that was written from `ns`, NULL if there is none. A time
 * series may go by its other name there: containers ask for one or the other by the server's
 * version. BM_FAIL: no memory.
 */
enum bm_status bm_names_find_written(const struct bm_catalog *catalog,
                                     const struct bm_namespace *ns, const struct bm_namespace **out,
                                     struct bm_error *err) BM_MUST_USE;

/* Order in which namespaces are written: users, roles and version of admin, $admin.*, and
 * system.indexes first (mongorestore needs them before all others), the oplog last. */
int bm_names_compare(struct bm_view db_a, struct bm_view a, struct bm_view db_b, struct bm_view b);
/* By bytes, shorter first where one is the other's start. */
int bm_names_compare_bytes(struct bm_view a, struct bm_view b);

#endif
