/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BM_CONTAINER_SOURCE_H
#define BM_CONTAINER_SOURCE_H

#include "bsonmend/container.h"

#include "container/input.h"
#include "container/lines.h"

/* What reading and writing a dump know of it beyond the catalog. */

/* The files of one namespace; path NULL where there is none. By namespace number. */
struct bm_slot {
    struct bm_input data;
    struct bm_input metadata;
};

struct bm_folder {
    char *relative; /* "" is the dump's root; parents before what is in them */
    char *path;     /* where it is read */
    mode_t mode;
};

struct bm_other {
    char *relative;
    char *path;
    mode_t mode; /* of a link itself */
    int prelude;
};

enum bm_layout {
    BM_LAYOUT_ROOT, /* folders are databases */
    BM_LAYOUT_DB    /* the files of one database */
};

/* Directory dumps. */
struct bm_listing {
    enum bm_layout layout;
    char *db; /* BM_LAYOUT_DB */
    struct bm_folder *folders;
    size_t folder_count, folder_capacity;
    struct bm_other *others;
    size_t other_count, other_capacity;
};

/* A prelude entry of an archive: where its bytes are, and whose it is. */
struct bm_entry {
    size_t at, len;
    size_t number;
    int is_buckets; /* an entry X whose data goes by system.buckets.X, as far as is known */
};

/* Archives: the prelude as it was found. */
struct bm_prelude {
    struct bm_buffer bytes; /* header document, then the entries, without terminator */
    size_t header_len;
    struct bm_entry *entries;
    size_t entry_count, entry_capacity;
    char *tool_version;
    uint64_t body; /* decoded bytes before the first block */
};

struct bm_source {
    struct bm_source_about about;
    char *path;  /* as given, NULL: standard input */
    char *shown; /* how messages call it */
    struct bm_input_options reading;
    struct bm_catalog *catalog;
    struct bm_lines warnings;
    struct bm_input stream;  /* archives */
    struct bm_slot *slots;   /* raw BSON and directories */
    struct bm_reader *ready; /* opened to find out what it is; the first unpacker takes it */
    size_t ready_slot;       /* whose data it reads */
    int busy;                /* an unpacker is at work */
    struct bm_listing listing;
    struct bm_prelude prelude;
};

/* What a dump is to be taken for, where its place does not tell: an output under its temporary
 * name. */
struct bm_source_names {
    const char *shown;
    enum bm_container container; /* what it must be: BM_ERROR_IO if its bytes say otherwise */
    const char *db;              /* raw BSON, and the folder of one database */
    const char *collection;      /* raw BSON */
    int one_database;            /* a directory: BM_LAYOUT_DB */
    const char *metadata;        /* raw BSON: path of its metadata file, NULL: none … */
    const char *metadata_shown;  /* … and how messages call it */
};

struct bm_source *bm_source_open(const struct bm_source_options *options,
                                 const struct bm_source_names *names,
                                 struct bm_error *err) BM_MUST_USE;

/* Each fills a source of its kind. The reader of an archive has been peeked at only; it stays the
 * caller's and stands at the first block afterwards. */
enum bm_status bm_raw_open(struct bm_source *source, const struct bm_source_options *options,
                           const struct bm_source_names *names, struct bm_error *err) BM_MUST_USE;
enum bm_status bm_archive_open(struct bm_source *source, struct bm_reader *reader,
                               struct bm_error *err) BM_MUST_USE;
enum bm_status bm_directory_open(struct bm_source *source, const struct bm_source_names *names,
                                 struct bm_error *err) BM_MUST_USE;

/* Decoded size a metadata or prelude file may have: a document can hold no more. */
#define BM_SOURCE_TEXT_MAX ((size_t)16777216)

/* Adds a namespace and, where its metadata cannot be read, a warning that names `shown`. */
struct bm_catalog_entry;
enum bm_status bm_source_add(struct bm_source *source, const struct bm_catalog_entry *entry,
                             const char *shown, const struct bm_namespace **out,
                             struct bm_error *err) BM_MUST_USE;

#endif
