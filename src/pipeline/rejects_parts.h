/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_PIPELINE_REJECTS_PARTS_H
#define BM_PIPELINE_REJECTS_PARTS_H

#include "base/buffer.h"
#include "pipeline/rejects.h"

/* What rejects.c and rejects_late.c share. */

/* A file of the dump. It is open only while it is written to: there may be many. */
struct bm_rejects_file {
    const struct bm_namespace *ns;
    char *collection;
    char *path; /* in the temporary folder, without its suffix */
    struct bm_buffer pending;
    uint64_t size;       /* bytes that it was given */
    uint64_t placed;     /* of a late shelf: those that are where they belong */
    struct bm_seen *ids; /* NULL: memory did not hold them */
};

/*
 * The files of one namespace, in the order of their copies. An _id that is in one is in all before
 * it, as it goes into the first that has none of it. On a late shelf it is not known which _ids
 * were there: what comes goes into the first file, and to its place at the end.
 */
struct bm_rejects_shelf {
    size_t *files; /* their numbers */
    size_t count, capacity;
    size_t copy; /* the last number that was tried for a name */
    int is_late;
    struct bm_seen *sieve; /* the _ids that several documents have, NULL: not known. Owned */
};

struct bm_rejects {
    struct bm_rejects_options options;
    char *temporary;
    int is_made, is_named;
    struct bm_rejects_file *files;
    size_t count, capacity;
    struct bm_rejects_shelf *shelves; /* by namespace number, NULL: nothing was taken yet */
    size_t shelf_count;
    size_t pending;
    struct bm_buffer canonical;
};

/* What the server will know the _id as, in a collection without options. BM_END: it makes one. */
enum bm_status bm_rejects_id_of(struct bm_rejects *rejects, struct bm_view document,
                                struct bm_fingerprint *out, struct bm_error *err) BM_MUST_USE;
/* Gives a document to one of the files. */
enum bm_status bm_rejects_append(struct bm_rejects *rejects, struct bm_rejects_file *file,
                                 struct bm_view document, struct bm_error *err) BM_MUST_USE;
/* Gives a document to the first file of its shelf that has none of its _id (NULL: to any). */
enum bm_status bm_rejects_place(struct bm_rejects *rejects, const struct bm_namespace *ns,
                                const struct bm_fingerprint *id, struct bm_view document,
                                struct bm_error *err) BM_MUST_USE;
/* Writes what waits for its file; at the end syncs. */
enum bm_status bm_rejects_flush(struct bm_rejects *rejects, int is_end,
                                struct bm_error *err) BM_MUST_USE;
/* A failure at a path in the temporary folder, whose name means nothing to anybody, by what it
 * would have been called. */
enum bm_status bm_rejects_fail_shown(const struct bm_rejects *rejects, const char *path,
                                     const struct bm_error *failure,
                                     struct bm_error *err) BM_MUST_USE;
/* Brings the documents of all late shelves to their places. Errors of bm_rejects_finish. */
enum bm_status bm_rejects_settle_late(struct bm_rejects *rejects, struct bm_error *err) BM_MUST_USE;

#endif
