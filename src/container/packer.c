/* SPDX-License-Identifier: Apache-2.0 */
#include "container/packer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "catalog/build.h"
#include "container/names.h"
#include "container/transfer.h"
#include "io/place.h"
#include "io/place_path.h"

enum bm_container bm_packer_container_for(enum bm_container wanted, enum bm_container input,
                                          int to_descriptor)
{
    if (wanted != BM_CONTAINER_KEEP) {
        return wanted;
    }
    return to_descriptor && input == BM_CONTAINER_DIRECTORY ? BM_CONTAINER_ARCHIVE : input;
}

static enum bm_status resolve_container(struct bm_packer *common, struct bm_error *err)
{
    common->container = bm_packer_container_for(
        common->options.container, common->source->about.container, common->path == NULL);
    if (common->path == NULL && common->container == BM_CONTAINER_DIRECTORY) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "a directory cannot go to standard output: name it with --out");
    }
    return BM_OK;
}

/* Only from directory to directory does each file keep its own. */
static void resolve_compression(struct bm_packer *common)
{
    common->compression = common->options.compression;
    if (common->compression.codec == BM_CODEC_KEEP &&
        !(common->container == BM_CONTAINER_DIRECTORY &&
          common->source->about.container == BM_CONTAINER_DIRECTORY)) {
        common->compression.codec = common->source->about.codec;
    }
}

static enum bm_status name_place(struct bm_packer *common, struct bm_error *err)
{
    const char *path = common->options.path;
    if (path == NULL || strcmp(path, "-") == 0) {
        return BM_OK;
    }
    struct bm_view bare = bm_view_text(path);
    if (bare.len == 0) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "the output's name is empty");
    }
    while (bare.len > 1 && bare.data[bare.len - 1] == '/') {
        bare.len--;
    }
    common->path = bm_copy_view(bare, err);
    return common->path == NULL ? BM_FAIL : BM_OK;
}

static enum bm_status find_place(struct bm_packer *common, struct bm_error *err)
{
    if (common->path == NULL) {
        return bm_packer_check_descriptor(common, err);
    }
    if (bm_packer_check_place(common, err) != BM_OK) {
        return bm_error_file(err, common->path);
    }
    return bm_place_temporary(common->path, &common->temporary, err);
}

static enum bm_status say_codec(struct bm_packer *common, struct bm_error *err)
{
    if (common->options.compression.codec != BM_CODEC_ZSTD) {
        return BM_OK;
    }
    return bm_lines_add(&common->warnings, err,
                        "mongorestore does not read zstd: the output needs zstd -dc before it");
}

static void free_common(struct bm_packer *common)
{
    free(common->path);
    free(common->temporary);
    bm_lines_free(&common->warnings);
}

/* What was not read can only be copied: an archive holds no text that large, and its codec stays.
 */
static enum bm_status refuse_unread(const struct bm_packer *common, struct bm_error *err)
{
    const struct bm_slot *slots = common->source->slots;
    const struct bm_catalog *catalog = common->source->catalog;
    for (size_t i = 0; slots != NULL && i < bm_catalog_count(catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        int is_copied =
            common->path == NULL ||
            bm_transfer_metadata_compression(common, ns).codec == slots[i].metadata.codec;
        if (slots[i].metadata.is_too_large &&
            (common->container == BM_CONTAINER_ARCHIVE || !is_copied)) {
            (void)bm_fail(err, BM_ERROR_USAGE, 0,
                          "its metadata is too large to be read, and can only be copied as it is: "
                          "leave out --outFormat and --compress");
            return bm_error_in(err, ns->ns);
        }
    }
    return BM_OK;
}

static struct bm_packer *make(struct bm_packer *common, struct bm_error *err)
{
    switch (common->container) {
    case BM_CONTAINER_BSON:
        return bm_packer_bson_new(common, err);
    case BM_CONTAINER_ARCHIVE:
        return bm_packer_archive_new(common, err);
    case BM_CONTAINER_DIRECTORY:
        return bm_packer_directory_new(common, err);
    case BM_CONTAINER_KEEP:
        break;
    }
    (void)bm_fail(err, BM_ERROR_USAGE, 0, "no such container");
    return NULL;
}

struct bm_packer *bm_packer_new(const struct bm_packer_options *options,
                                const struct bm_source *source, struct bm_error *err)
{
    struct bm_packer common = {.source = source, .options = *options};
    struct bm_packer *packer = NULL;
    if (name_place(&common, err) == BM_OK && resolve_container(&common, err) == BM_OK &&
        find_place(&common, err) == BM_OK && say_codec(&common, err) == BM_OK) {
        resolve_compression(&common);
        packer = refuse_unread(&common, err) == BM_OK ? make(&common, err) : NULL;
    }
    if (packer == NULL) {
        free_common(&common);
    }
    return packer;
}

enum bm_status bm_packer_event(struct bm_packer *packer, const struct bm_event *event,
                               const struct bm_edit *edits, size_t edit_count, struct bm_error *err)
{
    enum bm_status status = packer->ops->event(packer, event, edits, edit_count, err);
    if (status != BM_OK && event->ns != NULL) {
        (void)bm_error_in(err, event->ns->ns);
    }
    return status;
}

enum bm_status bm_packer_seal(struct bm_packer *packer, struct bm_error *err)
{
    if (packer->path == NULL || packer->sealed) {
        return BM_OK;
    }
    if (packer->ops->seal(packer, err) != BM_OK) {
        return BM_FAIL;
    }
    packer->sealed = 1;
    return BM_OK;
}

/* Each namespace of the input is in the output, and nothing else: one more would be a name read as
 * another one. */
static enum bm_status compare_namespaces(const struct bm_packer *packer,
                                         const struct bm_source *output, struct bm_error *err)
{
    const struct bm_catalog *catalog = packer->source->catalog;
    size_t count = 0;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        if (packer->container == BM_CONTAINER_BSON && !ns->has_data) {
            continue;
        }
        const struct bm_namespace *written;
        if (bm_names_find_written(output->catalog, ns, &written, err) != BM_OK) {
            return BM_FAIL;
        }
        if (written == NULL ||
            (packer->container != BM_CONTAINER_BSON &&
             !bm_view_equal(written->metadata, bm_packer_metadata(packer, ns)))) {
            (void)bm_fail(err, BM_ERROR_IO, 0, "what was written reads back %s",
                          written == NULL ? "without this namespace" : "with other metadata");
            return bm_error_in(err, ns->ns);
        }
        count++;
    }
    if (count != bm_catalog_count(output->catalog)) {
        return bm_fail(err, BM_ERROR_IO, 0,
                       "what was written reads back with %zu namespaces, not %zu",
                       bm_catalog_count(output->catalog), count);
    }
    return BM_OK;
}

struct bm_source *bm_packer_reread(const struct bm_packer *packer, struct bm_error *err)
{
    if (!packer->sealed) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "this output cannot be read back");
        return NULL;
    }
    struct bm_source *output = packer->ops->reread(packer, err);
    if (output != NULL && compare_namespaces(packer, output, err) != BM_OK) {
        (void)bm_error_file(err, packer->path);
        bm_source_free(output);
        return NULL;
    }
    return output;
}

enum bm_status bm_packer_finish(struct bm_packer *packer, struct bm_error *err)
{
    if (bm_packer_seal(packer, err) != BM_OK || packer->ops->finish(packer, err) != BM_OK) {
        return BM_FAIL;
    }
    packer->ended = 1;
    if (packer->path == NULL) {
        return BM_OK;
    }
    packer->named = 1;
    if (bm_place_sync_folder_of(packer->path, err) == BM_OK) {
        return BM_OK;
    }
    (void)bm_fail(err, BM_ERROR_IO, err->sys_errno,
                  "it is whole and in place, but its folder cannot be synced");
    return bm_error_file(err, packer->path);
}

int bm_packer_is_named(const struct bm_packer *packer)
{
    return packer->named;
}

void bm_packer_abandon(struct bm_packer *packer)
{
    if (!packer->ended) {
        int saved = errno;
        packer->ops->abandon(packer);
        packer->ended = 1;
        errno = saved;
    }
}

enum bm_container bm_packer_container(const struct bm_packer *packer)
{
    return packer->container;
}

enum bm_codec bm_packer_codec(const struct bm_packer *packer)
{
    return packer->compression.codec == BM_CODEC_KEEP ? packer->source->about.codec
                                                      : packer->compression.codec;
}

uint64_t bm_packer_documents(const struct bm_packer *packer)
{
    return packer->documents;
}

uint64_t bm_packer_bytes(const struct bm_packer *packer)
{
    return packer->bytes;
}

const char *const *bm_packer_warnings(const struct bm_packer *packer, size_t *count)
{
    *count = packer->warnings.count;
    return (const char *const *)packer->warnings.texts;
}

void bm_packer_free(struct bm_packer *packer)
{
    if (packer == NULL) {
        return;
    }
    int saved = errno;
    bm_packer_abandon(packer);
    free_common(packer);
    packer->ops->free(packer);
    errno = saved;
}

struct bm_view bm_packer_metadata(const struct bm_packer *packer, const struct bm_namespace *ns)
{
    const struct bm_view *texts = packer->options.metadata;
    return texts != NULL && texts[ns->number].data != NULL ? texts[ns->number] : ns->metadata;
}

int bm_packer_metadata_changed(const struct bm_packer *packer, const struct bm_namespace *ns)
{
    return !bm_view_equal(bm_packer_metadata(packer, ns), ns->metadata);
}

int bm_packer_has_metadata(const struct bm_packer *packer, const struct bm_namespace *ns)
{
    const struct bm_slot *slots = packer->source->slots;
    return (slots != NULL && bm_input_exists(&slots[ns->number].metadata)) ||
           bm_packer_metadata(packer, ns).len > 0;
}

/* Of the one file the input is; anything else has no mode to follow. */
static mode_t input_mode(const struct bm_source *source)
{
    const struct bm_input *input = &source->stream;
    if (source->about.container == BM_CONTAINER_BSON) {
        input = &source->slots[0].data;
    }
    return input->opened && S_ISREG(input->found.st_mode) ? input->found.st_mode & 0777
                                                          : BM_SINK_ANY_MODE;
}

enum bm_status bm_packer_open(const struct bm_packer *packer, struct bm_sink *sink,
                              struct bm_error *err)
{
    if (packer->path == NULL) {
        return bm_sink_attach(sink, packer->options.fd, packer->compression,
                              packer->options.threads, packer->options.stop, err);
    }
    const struct bm_sink_file file = {.path = packer->temporary,
                                      .shown = packer->path,
                                      .mode = input_mode(packer->source),
                                      .threads = packer->options.threads};
    return bm_sink_create(sink, &file, packer->compression, packer->options.stop, err);
}

enum bm_status bm_packer_leave_out(struct bm_packer *packer,
                                   int (*is_left_out)(const struct bm_other *other),
                                   const char *why, struct bm_error *err)
{
    const struct bm_listing *listing = &packer->source->listing;
    for (size_t i = 0; i < listing->other_count; i++) {
        if (is_left_out(&listing->others[i]) &&
            bm_lines_add(&packer->warnings, err, "%s: left out, %s", listing->others[i].relative,
                         why) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}
