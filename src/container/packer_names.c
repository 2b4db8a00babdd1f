/* SPDX-License-Identifier: Apache-2.0 */
#include "container/packer_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "container/names.h"
#include "container/transfer.h"

enum { FILE_NAME_MAX = 255 }; /* bytes of one name on the file systems that dumps stand on */

static const char data_ending[] = ".bson";
static const char metadata_ending[] = ".metadata.json";

char *bm_packer_names_change_suffix(const char *relative, enum bm_codec codec, struct bm_error *err)
{
    size_t len = bm_names_plain_length(relative);
    const char *end = "";
    /* The old suffix is known without a codec's only. */
    if (codec != BM_CODEC_NONE && len > 4 && memcmp(relative + len - 4, ".bin", 4) == 0) {
        len -= 4;
        end = ".bson";
    }
    return bm_format_text(err, "%.*s%s%s", (int)len, relative, end, bm_codec_suffix(codec));
}

/* One of the two files of a collection, to be named. */
struct wanted {
    const char *db;
    struct bm_view collection; /* the name its file name must lead back to */
    struct bm_view metadata;   /* text of the metadata file with the same stem; len 0: none */
    const char *ending;        /* ".bson" or ".metadata.json" */
    enum bm_codec codec;       /* of this file, for its suffix … */
    size_t behind;             /* … and bytes behind the stem in the longer name of the two */
};

/* BM_OK: a reader takes a file of this stem for the collection. BM_END: not, and *why says it. */
static enum bm_status try_stem(const struct wanted *wanted, const char *stem, const char **why,
                               struct bm_error *err)
{
    struct bm_error reason = BM_ERROR_INIT;
    char *name = NULL;
    enum bm_status status = BM_END;
    if (strlen(stem) + wanted->behind > FILE_NAME_MAX) {
        *why = "even the cut one is over 255 bytes with its suffix";
        return BM_END;
    }
    switch (bm_names_read(bm_view_text(stem), wanted->metadata, &name, &reason)) {
    case BM_OK:
        status = bm_view_equal(bm_view_text(name), wanted->collection) ? BM_OK : BM_END;
        *why = "the collectionName in its metadata is read as another name";
        break;
    case BM_END:
        *why = "it has no metadata with a collectionName to tell a cut one";
        break;
    case BM_FAIL:
        status = reason.code == BM_ERROR_MEMORY ? BM_FAIL : BM_END;
        *why = "its metadata, which tells a cut one, cannot be read";
        break;
    }
    free(name);
    if (status == BM_FAIL) {
        *err = reason;
    }
    return status;
}

/* As mongodump names it; where that would be read as another collection, spelt out. */
static char *make_stem(const struct wanted *wanted, struct bm_error *err)
{
    static char *(*const ways[])(struct bm_view, struct bm_error *) = {bm_names_escape,
                                                                       bm_names_escape_least};
    const char *whys[2];
    for (size_t i = 0; i < 2; i++) {
        char *stem = ways[i](wanted->collection, err);
        enum bm_status status = stem == NULL ? BM_FAIL : try_stem(wanted, stem, &whys[i], err);
        if (status == BM_OK) {
            return stem;
        }
        free(stem);
        if (status == BM_FAIL) {
            return NULL;
        }
    }
    (void)bm_fail(err, BM_ERROR_USAGE, 0,
                  "cannot be a file of a dump: its name is too long, and %s", whys[0]);
    return NULL;
}

/* DB/STEM.ENDING[.gz|.zst] */
static char *make_name(const struct wanted *wanted, struct bm_error *err)
{
    const char *problem = bm_names_refuse_db(bm_view_text(wanted->db));
    if (problem != NULL) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "cannot be a folder of a dump: %s", problem);
        return NULL;
    }
    char *stem = make_stem(wanted, err);
    char *name = stem == NULL ? NULL
                              : bm_format_text(err, "%s/%s%s%s", wanted->db, stem, wanted->ending,
                                               bm_codec_suffix(wanted->codec));
    free(stem);
    return name;
}

/* Another suffix may be longer than a name has room for. */
static char *check_length(char *name, struct bm_error *err)
{
    const char *slash = name == NULL ? NULL : strrchr(name, '/');
    if (slash == NULL || strlen(slash + 1) <= FILE_NAME_MAX) {
        return name;
    }
    (void)bm_fail(err, BM_ERROR_USAGE, 0,
                  "cannot be a file of a dump: with its suffix the name is over %d bytes",
                  FILE_NAME_MAX);
    free(name);
    return NULL;
}

static const struct bm_input *found_data(const struct bm_packer *packer,
                                         const struct bm_namespace *ns)
{
    const struct bm_source *source = packer->source;
    return source->about.container == BM_CONTAINER_DIRECTORY ? &source->slots[ns->number].data
                                                             : NULL;
}

static size_t behind_metadata(const struct bm_packer *packer, const struct bm_namespace *ns)
{
    enum bm_codec codec = bm_transfer_metadata_compression(packer, ns).codec;
    return strlen(metadata_ending) + strlen(bm_codec_suffix(codec));
}

char *bm_packer_names_data(const struct bm_packer *packer, const struct bm_namespace *ns,
                           struct bm_compression *compression, struct bm_error *err)
{
    const struct bm_input *found = found_data(packer, ns);
    *compression = packer->compression;
    if (found != NULL && bm_input_exists(found)) {
        if (compression->codec == BM_CODEC_KEEP) {
            compression->codec = found->codec;
            return bm_copy_text(found->relative, err);
        }
        /* The oplog keeps its plain name whatever it is in. */
        enum bm_codec named = ns->kind == BM_NAMESPACE_OPLOG ? BM_CODEC_NONE : compression->codec;
        return check_length(bm_packer_names_change_suffix(found->relative, named, err), err);
    }
    if (ns->kind == BM_NAMESPACE_OPLOG) {
        return bm_copy_text("oplog.bson", err);
    }
    struct wanted wanted = {.db = ns->db,
                            .collection = bm_view_text(ns->collection),
                            .ending = data_ending,
                            .codec = compression->codec};
    wanted.behind = strlen(data_ending) + strlen(bm_codec_suffix(wanted.codec));
    if (bm_packer_has_metadata(packer, ns) && bm_names_logical(ns).len == wanted.collection.len) {
        wanted.metadata = bm_packer_metadata(packer, ns);
        wanted.behind = behind_metadata(packer, ns);
    }
    return make_name(&wanted, err);
}

char *bm_packer_names_metadata(const struct bm_packer *packer, const struct bm_namespace *ns,
                               struct bm_error *err)
{
    const struct bm_source *source = packer->source;
    enum bm_codec codec = bm_transfer_metadata_compression(packer, ns).codec;
    if (source->about.container == BM_CONTAINER_DIRECTORY &&
        bm_input_exists(&source->slots[ns->number].metadata)) {
        const struct bm_input *found = &source->slots[ns->number].metadata;
        return packer->compression.codec == BM_CODEC_KEEP
                   ? bm_copy_text(found->relative, err)
                   : check_length(bm_packer_names_change_suffix(found->relative, codec, err), err);
    }
    const struct wanted wanted = {.db = ns->db,
                                  .collection = bm_names_logical(ns),
                                  .metadata = bm_packer_metadata(packer, ns),
                                  .ending = metadata_ending,
                                  .codec = codec,
                                  .behind = behind_metadata(packer, ns)};
    return make_name(&wanted, err);
}

static enum bm_status check_one(const struct bm_packer *packer, const struct bm_namespace *ns,
                                struct bm_error *err)
{
    struct bm_compression unused;
    char *data = NULL;
    char *metadata = NULL;
    enum bm_status status = BM_OK;
    if (ns->has_data) {
        data = bm_packer_names_data(packer, ns, &unused, err);
        status = data == NULL ? BM_FAIL : BM_OK;
    }
    if (status == BM_OK && bm_packer_has_metadata(packer, ns)) {
        metadata = bm_packer_names_metadata(packer, ns, err);
        status = metadata == NULL ? BM_FAIL : BM_OK;
    }
    free(data);
    free(metadata);
    return status == BM_OK ? BM_OK : bm_error_in(err, ns->ns);
}

enum bm_status bm_packer_names_check(const struct bm_packer *packer, struct bm_error *err)
{
    const struct bm_catalog *catalog = packer->source->catalog;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        if (check_one(packer, bm_catalog_namespace(catalog, i), err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
