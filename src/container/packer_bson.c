/* SPDX-License-Identifier: Apache-2.0 */
#include "container/packer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "container/folder.h"
#include "container/names.h"
#include "container/runs.h"
#include "container/transfer.h"
#include "io/place.h"
#include "io/place_path.h"

/* A document, the longest a container lends. */
#define HELD_MAX BM_READER_MAX

/* Every suffix under which a reader of OUT looks for its metadata. */
static const char *const metadata_suffixes[] = {"", ".gz", ".zst"};
enum { METADATA_SUFFIXES = sizeof metadata_suffixes / sizeof metadata_suffixes[0] };

/* Metadata that stood beside OUT before it, while OUT takes its place. */
struct aside {
    char *path; /* NULL: there was none */
    char *kept; /* where it is meanwhile */
};

struct bson {
    struct bm_packer base;
    const struct bm_namespace *ns; /* the one that is written */
    struct bm_sink sink;
    int begun;             /* the output is there */
    struct bm_buffer held; /* the last document, until more comes or all is proved */
    char *metadata_path;   /* beside the output; NULL: none is written */
    char *metadata_temporary;
    struct aside asides[METADATA_SUFFIXES];
};

static enum bm_status put(struct bson *self, struct bm_view bytes, struct bm_error *err)
{
    self->base.bytes += bytes.len;
    return bm_sink_write(&self->sink, bytes, err);
}

static enum bm_status begin(struct bson *self, struct bm_error *err)
{
    if (self->begun) {
        return BM_OK;
    }
    if (bm_packer_open(&self->base, &self->sink, err) != BM_OK) {
        return BM_FAIL;
    }
    self->begun = 1;
    return BM_OK;
}

static enum bm_status release(struct bson *self, struct bm_error *err)
{
    enum bm_status status = put(self, bm_buffer_view(&self->held), err);
    bm_buffer_clear(&self->held);
    return status;
}

/* All but the last document of the last run is written. */
static enum bm_status put_last(struct bson *self, const struct bm_run *run, struct bm_error *err)
{
    size_t before = run->bytes.len - run->last;
    if (put(self, (struct bm_view){run->bytes.data, before}, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_buffer_append(&self->held, (struct bm_view){run->bytes.data + before, run->last},
                            err);
}

static enum bm_status put_batch(struct bson *self, const struct bm_batch *batch,
                                const struct bm_edit *edits, size_t edit_count,
                                struct bm_error *err)
{
    struct bm_runs runs = bm_runs_of(batch, edits, edit_count);
    struct bm_run run;
    if (!bm_runs_next(&runs, &run)) {
        return BM_OK;
    }
    if (release(self, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_run next;
    self->base.documents += run.documents;
    while (bm_runs_next(&runs, &next)) {
        if (put(self, run.bytes, err) != BM_OK) {
            return BM_FAIL;
        }
        run = next;
        self->base.documents += run.documents;
    }
    return put_last(self, &run, err);
}

static enum bm_status bson_event(struct bm_packer *packer, const struct bm_event *event,
                                 const struct bm_edit *edits, size_t edit_count,
                                 struct bm_error *err)
{
    struct bson *self = (struct bson *)packer;
    if (event->ns != self->ns) {
        if (event->kind == BM_EVENT_BATCH) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "raw BSON holds one collection: %s has documents as well",
                           event->ns->ns);
        }
        return BM_OK;
    }
    if (begin(self, err) != BM_OK) {
        return BM_FAIL;
    }
    return event->kind == BM_EVENT_BATCH ? put_batch(self, &event->batch, edits, edit_count, err)
                                         : BM_OK;
}

static enum bm_status complete(struct bson *self, struct bm_error *err)
{
    if (begin(self, err) != BM_OK || release(self, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_sink_close(&self->sink, err);
}

static enum bm_status write_metadata(struct bson *self, struct bm_error *err)
{
    const struct bm_source *source = self->base.source;
    const struct bm_slot *slot = source->slots != NULL ? &source->slots[self->ns->number] : NULL;
    const struct bm_transfer transfer = {
        .from = slot != NULL && bm_input_exists(&slot->metadata) ? &slot->metadata : NULL,
        .to = self->metadata_temporary,
        .shown = self->metadata_path,
        .text = bm_packer_metadata(&self->base, self->ns),
        .changed = bm_packer_metadata_changed(&self->base, self->ns),
        .compression = bm_transfer_metadata_compression(&self->base, self->ns),
        .stop = self->base.options.stop};
    return bm_transfer_text(&transfer, err);
}

static enum bm_status bson_seal(struct bm_packer *packer, struct bm_error *err)
{
    struct bson *self = (struct bson *)packer;
    if (complete(self, err) != BM_OK) {
        return BM_FAIL;
    }
    return self->metadata_path == NULL ? BM_OK : write_metadata(self, err);
}

static struct bm_source *bson_reread(const struct bm_packer *packer, struct bm_error *err)
{
    const struct bson *self = (const struct bson *)packer;
    const struct bm_source_options options = {.path = packer->temporary,
                                              .threads = packer->options.threads,
                                              .stop = packer->options.stop};
    const struct bm_source_names names = {.shown = packer->path,
                                          .container = BM_CONTAINER_BSON,
                                          .db = self->ns->db,
                                          .collection = self->ns->collection,
                                          .metadata = self->metadata_temporary,
                                          .metadata_shown = self->metadata_path};
    return bm_source_open(&options, &names, err);
}

/* OUT without its suffixes, ".metadata.json" and the suffix of a codec. */
static char *beside_output(const struct bson *self, const char *suffix, struct bm_error *err)
{
    struct bm_place_path parts = bm_place_path_split(self->base.path);
    char *name = bm_copy_view(parts.name, err);
    if (name == NULL) {
        return NULL;
    }
    struct bm_view stem = {(const uint8_t *)name, bm_names_plain_length(name)};
    (void)bm_names_classify(name, &stem);
    char *path = bm_format_text(err, "%.*s%.*s.metadata.json%s", (int)parts.folder.len,
                                (const char *)parts.folder.data, (int)stem.len,
                                (const char *)stem.data, suffix);
    free(name);
    return path;
}

/*
 * A file under one of these names that is there now and that a reader would take for OUT's
 * metadata: our own, and the others unless our own has OUT's suffix and comes first. NULL: none, or
 * no memory. Freed with free().
 */
static char *taken_for_ours(const struct bson *self, size_t suffix, struct stat *there,
                            struct bm_error *err)
{
    const char *out = self->base.path;
    const char *own = self->metadata_path;
    char *path = beside_output(self, metadata_suffixes[suffix], err);
    int is_own = path != NULL && own != NULL && strcmp(path, own) == 0;
    int own_first = own != NULL &&
                    strcmp(out + bm_names_plain_length(out), own + bm_names_plain_length(own)) == 0;
    if (path == NULL || (own_first && !is_own) || lstat(path, there) != 0) {
        free(path);
        return NULL;
    }
    return path;
}

static enum bm_status refuse_beside(const struct bson *self, const char *path,
                                    const struct stat *there, struct bm_error *err)
{
    int is_own = self->metadata_path != NULL && strcmp(path, self->metadata_path) == 0;
    const char *problem = NULL;
    if (bm_packer_input_behind(self->base.source, there) != NULL) {
        problem = is_own ? "the output's metadata would stand in place of the input's"
                         : "the input's metadata would be taken for the output's";
    } else if (self->base.options.existing == BM_REFUSE_EXISTING) {
        problem = is_own ? "exists already: --force would replace it"
                         : "exists already and would be taken for the output's metadata: --force "
                           "would remove it";
    } else if (!S_ISREG(there->st_mode) && (is_own || !S_ISLNK(there->st_mode))) {
        problem = "is not replaced: it is not a regular file";
    }
    if (problem == NULL) {
        return BM_OK;
    }
    (void)bm_fail(err, BM_ERROR_USAGE, 0, "%s", problem);
    return bm_error_file(err, path);
}

/* Against metadata that stands beside OUT before the run. */
static enum bm_status check_beside(const struct bson *self, struct bm_error *err)
{
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < METADATA_SUFFIXES && status == BM_OK; i++) {
        struct stat there;
        char *path = taken_for_ours(self, i, &there, err);
        if (path != NULL) {
            status = refuse_beside(self, path, &there, err);
        }
        free(path);
    }
    return status == BM_OK && err->code == BM_ERROR_NONE ? BM_OK : BM_FAIL;
}

static enum bm_status set_one_aside(char *path, struct aside *aside, struct bm_error *err)
{
    char *kept;
    if (bm_place_temporary(path, &kept, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_place_rename(path, kept, BM_REFUSE_EXISTING, err) != BM_OK) {
        free(kept);
        return BM_FAIL;
    }
    *aside = (struct aside){path, kept};
    return BM_OK;
}

/* With --force. What has come to be there since the run began is looked at as what was there. */
static enum bm_status set_aside(struct bson *self, struct bm_error *err)
{
    for (size_t i = 0; i < METADATA_SUFFIXES && err->code == BM_ERROR_NONE; i++) {
        struct stat there;
        char *path = taken_for_ours(self, i, &there, err);
        if (path != NULL && (refuse_beside(self, path, &there, err) != BM_OK ||
                             set_one_aside(path, &self->asides[i], err) != BM_OK)) {
            free(path);
        }
    }
    return err->code == BM_ERROR_NONE ? BM_OK : BM_FAIL;
}

static void put_back(const struct bson *self)
{
    for (size_t i = 0; i < METADATA_SUFFIXES; i++) {
        struct bm_error ignored = BM_ERROR_INIT;
        if (self->asides[i].path != NULL) {
            (void)!bm_place_rename(self->asides[i].kept, self->asides[i].path, BM_REFUSE_EXISTING,
                                   &ignored);
        }
    }
}

static void remove_asides(const struct bson *self)
{
    for (size_t i = 0; i < METADATA_SUFFIXES; i++) {
        if (self->asides[i].path != NULL) {
            (void)unlink(self->asides[i].kept);
        }
    }
}

static enum bm_status place_metadata(struct bson *self, struct bm_error *err)
{
    if (self->base.path == NULL) {
        return BM_OK;
    }
    if (bm_packer_has_metadata(&self->base, self->ns)) {
        enum bm_codec codec = bm_transfer_metadata_compression(&self->base, self->ns).codec;
        self->metadata_path = beside_output(self, bm_codec_suffix(codec), err);
        if (self->metadata_path == NULL) {
            return BM_FAIL;
        }
    }
    if (check_beside(self, err) != BM_OK) {
        return BM_FAIL;
    }
    return self->metadata_path == NULL
               ? BM_OK
               : bm_place_temporary(self->metadata_path, &self->metadata_temporary, err);
}

/* The metadata first: with it alone nothing can be restored, without it the indexes are lost. */
static enum bm_status give_names(const struct bson *self, struct bm_error *err)
{
    const struct bm_packer *packer = &self->base;
    const enum bm_existing existing = packer->options.existing;
    if (self->metadata_path == NULL) {
        return bm_place_rename(packer->temporary, packer->path, existing, err);
    }
    if (bm_place_rename(self->metadata_temporary, self->metadata_path, existing, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_place_sync_folder_of(packer->path, err) == BM_OK &&
        bm_place_rename(packer->temporary, packer->path, existing, err) == BM_OK) {
        return BM_OK;
    }
    (void)unlink(self->metadata_path);
    return BM_FAIL;
}

/* OUT never stands beside metadata that was there before it, nor what was OUT beside the new. */
static enum bm_status bson_finish(struct bm_packer *packer, struct bm_error *err)
{
    struct bson *self = (struct bson *)packer;
    if (packer->path == NULL) {
        return complete(self, err);
    }
    if ((packer->options.existing == BM_REPLACE_EXISTING && set_aside(self, err) != BM_OK) ||
        give_names(self, err) != BM_OK) {
        put_back(self);
        return BM_FAIL;
    }
    remove_asides(self);
    return BM_OK;
}

/* Three bytes that are no length: mongorestore takes a stream that ends between two documents for a
 * whole one, even one that has not begun. */
static void bson_abandon(struct bm_packer *packer)
{
    static const uint8_t stray[] = {0xff, 0xff, 0xff};
    struct bson *self = (struct bson *)packer;
    if (packer->path == NULL) {
        struct bm_error ignored = BM_ERROR_INIT;
        if (begin(self, &ignored) == BM_OK) {
            bm_sink_spoil(&self->sink, (struct bm_view){stray, sizeof stray});
        }
        return;
    }
    bm_sink_free(&self->sink);
    if (self->begun) {
        (void)unlink(packer->temporary);
    }
    if (self->metadata_temporary != NULL) {
        (void)unlink(self->metadata_temporary);
    }
}

static void bson_free(struct bm_packer *packer)
{
    struct bson *self = (struct bson *)packer;
    bm_sink_free(&self->sink);
    bm_buffer_free(&self->held);
    free(self->metadata_path);
    free(self->metadata_temporary);
    for (size_t i = 0; i < METADATA_SUFFIXES; i++) {
        free(self->asides[i].path);
        free(self->asides[i].kept);
    }
    free(self);
}

static const struct bm_namespace *only_namespace(const struct bm_source *source,
                                                 struct bm_error *err)
{
    const struct bm_namespace *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < bm_catalog_count(source->catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(source->catalog, i);
        if (ns->has_data) {
            found = ns;
            count++;
        }
    }
    if (count != 1) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0,
                      "raw BSON holds one collection, this dump has %zu with data", count);
        return NULL;
    }
    return found;
}

static enum bm_status say_left_out(struct bm_packer *common, const struct bm_namespace *ns,
                                   struct bm_error *err)
{
    const struct bm_source *source = common->source;
    for (size_t i = 0; i < bm_catalog_count(source->catalog); i++) {
        const struct bm_namespace *other = bm_catalog_namespace(source->catalog, i);
        if (other != ns && bm_lines_add(&common->warnings, err,
                                        "%s: left out, it has no documents and the output is one "
                                        "collection's",
                                        other->ns) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (common->path == NULL && source->about.container != BM_CONTAINER_BSON &&
        ns->metadata.len > 0) {
        return bm_lines_add(&common->warnings, err,
                            "%s: its metadata is left out, raw BSON on standard output has none",
                            ns->ns);
    }
    return BM_OK;
}

struct bm_packer *bm_packer_bson_new(struct bm_packer *common, struct bm_error *err)
{
    static const struct bm_packer_ops ops = {.event = bson_event,
                                             .seal = bson_seal,
                                             .reread = bson_reread,
                                             .finish = bson_finish,
                                             .abandon = bson_abandon,
                                             .free = bson_free};
    const struct bm_namespace *ns = only_namespace(common->source, err);
    if (ns == NULL || say_left_out(common, ns, err) != BM_OK) {
        return NULL;
    }
    struct bson *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base = *common;
    self->base.ops = &ops;
    self->ns = ns;
    self->held = BM_BUFFER_INIT(HELD_MAX);
    if (place_metadata(self, err) != BM_OK) {
        bson_free(&self->base);
        return NULL;
    }
    return &self->base;
}
