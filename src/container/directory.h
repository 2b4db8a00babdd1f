/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_DIRECTORY_H
#define BM_CONTAINER_DIRECTORY_H

#include "container/folder.h"
#include "container/source.h"

/* How the files of a dump directory become namespaces. */

/* A namespace that will be: in the catalog it is only once all are known and in order. */
struct bm_pending {
    char *db;
    char *collection;
    struct bm_input data;
    struct bm_input metadata;
    struct bm_buffer text; /* of metadata */
};

struct bm_scan {
    struct bm_source *source;
    struct bm_pending *pending;
    size_t count, capacity;
    size_t text_bytes; /* of all metadata, bounded */
    int has_prelude;   /* so it is a dump, if of nothing */
    int has_version;   /* a prelude.json has told the server's */
};

/* Makes an input of a file of the dump; BM_ERROR_USAGE if it is no regular file. */
enum bm_status bm_directory_input(const struct bm_source *source, const char *relative,
                                  mode_t target, struct bm_input *out,
                                  struct bm_error *err) BM_MUST_USE;
/* Takes over the parts; they stay the caller's on failure. */
enum bm_status bm_directory_add(struct bm_scan *scan, struct bm_pending *pending,
                                struct bm_error *err) BM_MUST_USE;
void bm_directory_pending_free(struct bm_pending *pending);

/* Adds the data and metadata files of one database's folder, which is at `relative` in the dump,
 * metadata with the data it belongs to. */
enum bm_status bm_directory_pair(struct bm_scan *scan, const struct bm_folder_list *folder,
                                 const char *relative, const char *db,
                                 struct bm_error *err) BM_MUST_USE;
/* Sorts all that is pending into the catalog and makes the slots. */
enum bm_status bm_directory_settle(struct bm_scan *scan, struct bm_error *err) BM_MUST_USE;

/* Reads the index definitions of databases without metadata files into the catalog, once it is
 * settled. */
enum bm_status bm_directory_system_indexes(struct bm_source *source,
                                           struct bm_error *err) BM_MUST_USE;

/* Fills scan and the source's listing from the dump at source->path. */
enum bm_status bm_directory_scan(struct bm_scan *scan, const struct bm_source_names *names,
                                 struct bm_error *err) BM_MUST_USE;

#endif
