/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_PACKER_H
#define BM_CONTAINER_PACKER_H

#include <sys/stat.h>

#include "container/sink.h"
#include "container/source.h"

/* A concrete packer embeds struct bm_packer first. */
struct bm_packer_ops {
    enum bm_status (*event)(struct bm_packer *packer, const struct bm_event *event,
                            const struct bm_edit *edits, size_t edit_count, struct bm_error *err);
    /* Files only: all is written and synced under temporary names. */
    enum bm_status (*seal)(struct bm_packer *packer, struct bm_error *err);
    struct bm_source *(*reread)(const struct bm_packer *packer, struct bm_error *err);
    /* Files: sealed before; gives the names. Descriptor: writes what was held back. */
    enum bm_status (*finish)(struct bm_packer *packer, struct bm_error *err);
    void (*abandon)(struct bm_packer *packer); /* removes temporaries, spoils a descriptor */
    void (*free)(struct bm_packer *packer);
};

struct bm_packer {
    const struct bm_packer_ops *ops;
    const struct bm_source *source;
    struct bm_packer_options options;  /* what it points to is lent */
    char *path;                        /* owned, without slashes at its end; NULL: descriptor */
    char *temporary;                   /* owned; NULL: descriptor */
    enum bm_container container;       /* never BM_CONTAINER_KEEP */
    struct bm_compression compression; /* a directory's may be BM_CODEC_KEEP */
    uint64_t documents, bytes;
    struct bm_lines warnings;
    int sealed;
    int ended; /* finished or abandoned */
    int named; /* the output stands at path */
};

/* Each makes a packer of its kind and takes over what `common` owns. NULL on failure; common is
 * then the caller's still. */
struct bm_packer *bm_packer_bson_new(struct bm_packer *common, struct bm_error *err) BM_MUST_USE;
struct bm_packer *bm_packer_archive_new(struct bm_packer *common, struct bm_error *err) BM_MUST_USE;
struct bm_packer *bm_packer_directory_new(struct bm_packer *common,
                                          struct bm_error *err) BM_MUST_USE;

/* The metadata text a namespace will have; lent. */
struct bm_view bm_packer_metadata(const struct bm_packer *packer, const struct bm_namespace *ns);
/* 1: the plan gave it another text. */
int bm_packer_metadata_changed(const struct bm_packer *packer, const struct bm_namespace *ns);
/* 1: the output has a metadata file for the namespace, if its container has such files. */
int bm_packer_has_metadata(const struct bm_packer *packer, const struct bm_namespace *ns);
/* Opens the one output of a stream packer: the descriptor, or the temporary file with the input's
 * mode. */
enum bm_status bm_packer_open(const struct bm_packer *packer, struct bm_sink *sink,
                              struct bm_error *err) BM_MUST_USE;

/* Adds a warning "NAME: left out, WHY" for each other file of the input that is left out. */
enum bm_status bm_packer_leave_out(struct bm_packer *packer,
                                   int (*is_left_out)(const struct bm_other *other),
                                   const char *why, struct bm_error *err) BM_MUST_USE;

/* All that can be said against the place of an output before anything is written. */
enum bm_status bm_packer_check_place(const struct bm_packer *packer,
                                     struct bm_error *err) BM_MUST_USE;
/* A directory goes only if all in it could have been written by a mongodump, by its name and place
 * and, for data, by its first document: BM_ERROR_USAGE, file not filled. */
enum bm_status bm_packer_check_replaceable(const char *path, struct bm_error *err) BM_MUST_USE;
/* The file of the input that a file is, directly or through links, as messages call it, or NULL. */
const char *bm_packer_input_behind(const struct bm_source *source, const struct stat *there);
/* BM_ERROR_USAGE: the descriptor leads into a file of the input, which would be destroyed. */
enum bm_status bm_packer_check_descriptor(const struct bm_packer *packer,
                                          struct bm_error *err) BM_MUST_USE;

#endif
