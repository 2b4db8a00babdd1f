/* SPDX-License-Identifier: Apache-2.0 */
#include "container/source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "catalog/build.h"
#include "container/names.h"
#include "io/place_path.h"

/* A lone .bson file or a stream of documents: its names, and the metadata beside it. */

struct raw {
    char *folder;        /* of the path, "." if it names none */
    char *file;          /* last part of the path, NULL: standard input */
    struct bm_view stem; /* of file; len 0: its name tells no collection */
    char *db;
    char *collection;
    struct bm_input metadata;
    struct bm_buffer text;
};

static void raw_free(struct raw *raw)
{
    free(raw->folder);
    free(raw->file);
    free(raw->db);
    free(raw->collection);
    bm_input_free(&raw->metadata);
    bm_buffer_free(&raw->text);
}

static enum bm_status take_path_apart(const struct bm_source *source, struct raw *raw,
                                      struct bm_error *err)
{
    if (source->path == NULL) {
        return BM_OK;
    }
    raw->folder = bm_place_path_folder(source->path, err);
    raw->file =
        raw->folder == NULL ? NULL : bm_copy_view(bm_place_path_split(source->path).name, err);
    if (raw->file == NULL) {
        return BM_FAIL;
    }
    if (bm_names_classify(raw->file, &raw->stem) != BM_NAME_DATA) {
        raw->stem.len = 0;
    }
    return BM_OK;
}

static enum bm_status refuse_nameless(const struct bm_source *source, struct bm_error *err)
{
    if (source->path == NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "raw BSON on standard input has no name: give --db and --collection");
    }
    /* An archive cut before its first byte is no collection without documents. */
    struct stat found;
    if (stat(source->path, &found) == 0 && S_ISREG(found.st_mode) && found.st_size == 0) {
        return bm_fail(err, BM_ERROR_TRUNCATED, 0, "is empty, and its name does not end in .bson");
    }
    return bm_fail(err, BM_ERROR_USAGE, 0,
                   "its name does not end in .bson: give --db and --collection");
}

/* As mongorestore: the folder's own name as it is written, "test" where it has none. */
static enum bm_status name_db(struct raw *raw, const char *given, struct bm_error *err)
{
    struct bm_view name = bm_view_text("test");
    if (given != NULL) {
        name = bm_view_text(given);
    } else if (bm_place_path_split(raw->folder).name.len > 0) {
        name = bm_place_path_split(raw->folder).name;
    }
    const char *problem = bm_names_refuse_db(name);
    if (problem != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s: \"%.*s\"%s", problem,
                       name.len > 80 ? 80 : (int)name.len, (const char *)name.data,
                       given != NULL ? "" : "; give --db");
    }
    raw->db = bm_copy_view(name, err);
    return raw->db == NULL ? BM_FAIL : BM_OK;
}

/* Points raw->metadata at FOLDER/STEM.metadata.json SUFFIX if there is such a file. */
static enum bm_status try_sibling(struct raw *raw, struct bm_view stem, const char *suffix,
                                  struct bm_error *err)
{
    const char *slash = raw->folder[strlen(raw->folder) - 1] == '/' ? "" : "/";
    const char *folder = strcmp(raw->folder, ".") == 0 ? "" : raw->folder;
    char *path =
        bm_format_text(err, "%s%s%.*s.metadata.json%s", folder, *folder == '\0' ? "" : slash,
                       (int)stem.len, (const char *)stem.data, suffix);
    if (path == NULL) {
        return BM_FAIL;
    }
    struct stat found;
    if (stat(path, &found) != 0 || !S_ISREG(found.st_mode)) {
        free(path);
        return BM_OK;
    }
    raw->metadata.path = path;
    raw->metadata.shown = bm_copy_text(path, err);
    return raw->metadata.shown == NULL ? BM_FAIL : BM_OK;
}

/* The one with the data file's own suffix first: that pair is what mongorestore would read. */
static enum bm_status find_sibling(struct raw *raw, struct bm_view stem, struct bm_error *err)
{
    const char *own = raw->file + bm_names_plain_length(raw->file);
    const char *const suffixes[] = {own, "", ".gz", ".zst"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (try_sibling(raw, stem, suffixes[i], err) != BM_OK) {
            return BM_FAIL;
        }
        if (raw->metadata.path != NULL) {
            return BM_OK;
        }
    }
    return BM_OK;
}

static enum bm_status read_metadata(const struct bm_source *source, struct raw *raw,
                                    struct bm_error *err)
{
    if (raw->metadata.path == NULL) {
        return BM_OK;
    }
    return bm_input_metadata(&raw->metadata, &source->reading, BM_SOURCE_TEXT_MAX, &raw->text, err);
}

static enum bm_status find_metadata(const struct bm_source *source, struct raw *raw,
                                    struct bm_error *err)
{
    if (raw->stem.len == 0) {
        return BM_OK;
    }
    if (find_sibling(raw, raw->stem, err) != BM_OK || read_metadata(source, raw, err) != BM_OK) {
        return BM_FAIL;
    }
    if (raw->metadata.path != NULL || !bm_names_is_buckets(raw->stem)) {
        return BM_OK;
    }
    /* Buckets are described by the metadata of the time series they belong to. */
    struct bm_view logical = raw->stem;
    logical.data += strlen(BM_NAMES_BUCKETS);
    logical.len -= strlen(BM_NAMES_BUCKETS);
    if (find_sibling(raw, logical, err) != BM_OK || read_metadata(source, raw, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_metadata_shape(bm_buffer_view(&raw->text)) != BM_SHAPE_TIMESERIES) {
        bm_input_free(&raw->metadata);
        bm_buffer_clear(&raw->text);
    }
    return BM_OK;
}

static enum bm_status name_collection(struct raw *raw, const char *given, struct bm_error *err)
{
    if (given != NULL) {
        raw->collection = bm_copy_text(given, err);
    } else if (bm_names_read(raw->stem, bm_buffer_view(&raw->text), &raw->collection, err) ==
               BM_END) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0,
                       "its name is cut and no metadata file tells the collection's: give "
                       "--collection");
    }
    if (raw->collection != NULL && raw->collection[0] == '\0') {
        return bm_fail(err, BM_ERROR_USAGE, 0, "a collection name cannot be empty");
    }
    return raw->collection == NULL ? BM_FAIL : BM_OK;
}

static enum bm_status name_all(const struct bm_source *source,
                               const struct bm_source_options *options, struct raw *raw,
                               struct bm_error *err)
{
    if (take_path_apart(source, raw, err) != BM_OK) {
        return BM_FAIL;
    }
    if (raw->stem.len == 0 && (options->db == NULL || options->collection == NULL)) {
        return refuse_nameless(source, err);
    }
    if (name_db(raw, options->db, err) != BM_OK || find_metadata(source, raw, err) != BM_OK) {
        return BM_FAIL;
    }
    return name_collection(raw, options->collection, err);
}

static enum bm_status use_names(const struct bm_source *source, const struct bm_source_names *names,
                                struct raw *raw, struct bm_error *err)
{
    raw->db = bm_copy_text(names->db, err);
    raw->collection = bm_copy_text(names->collection, err);
    if (raw->db == NULL || raw->collection == NULL) {
        return BM_FAIL;
    }
    if (names->metadata == NULL) {
        return BM_OK;
    }
    raw->metadata.path = bm_copy_text(names->metadata, err);
    raw->metadata.shown = bm_copy_text(names->metadata_shown, err);
    if (raw->metadata.path == NULL || raw->metadata.shown == NULL) {
        return BM_FAIL;
    }
    return read_metadata(source, raw, err);
}

/* The stream and the metadata file become the files of the one namespace. */
static enum bm_status add(struct bm_source *source, struct raw *raw, struct bm_error *err)
{
    const struct bm_catalog_entry entry = {.db = bm_view_text(raw->db),
                                           .collection = bm_view_text(raw->collection),
                                           .has_data = 1,
                                           .metadata = bm_buffer_view(&raw->text),
                                           .is_too_large = raw->metadata.is_too_large};
    const char *shown = raw->metadata.shown != NULL ? raw->metadata.shown : source->shown;
    const struct bm_namespace *ns;
    if (bm_source_add(source, &entry, shown, &ns, err) != BM_OK) {
        return BM_FAIL;
    }
    source->slots = bm_allocate(1, sizeof *source->slots, err);
    if (source->slots == NULL) {
        return BM_FAIL;
    }
    source->slots[0].data = source->stream;
    source->slots[0].metadata = raw->metadata;
    source->stream = (struct bm_input){0};
    raw->metadata = (struct bm_input){0};
    return BM_OK;
}

enum bm_status bm_raw_open(struct bm_source *source, const struct bm_source_options *options,
                           const struct bm_source_names *names, struct bm_error *err)
{
    struct raw raw = {.text = BM_BUFFER_INIT(BM_SOURCE_TEXT_MAX)};
    enum bm_status status =
        names != NULL ? use_names(source, names, &raw, err) : name_all(source, options, &raw, err);
    if (status == BM_OK) {
        status = add(source, &raw, err);
    }
    raw_free(&raw);
    return status;
}
