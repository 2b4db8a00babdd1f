/* SPDX-License-Identifier: Apache-2.0 */
#include "container/packer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/failure.h"
#include "base/memory.h"
#include "bsonmend/document.h"
#include "bsonmend/version.h"
#include "catalog/build.h"
#include "container/names.h"
#include "io/place.h"
#include "container/record.h"
#include "container/runs.h"

/* Some entries and headers at once, each at most a document. */
#define SCRATCH_MAX ((size_t)64 << 20)

struct archive {
    struct bm_packer base;
    struct bm_sink sink;
    int begun;                /* the prelude is written */
    int in_segment;           /* its terminator is still to come */
    uint64_t *crcs;           /* by namespace number, over what was written */
    struct bm_buffer held;    /* the last EOF block, until more comes or all is proved */
    struct bm_buffer scratch; /* one record in the making */
    struct bm_error too_long; /* the first document that no archive can hold */
};

static const uint8_t terminator_bytes[4] = {0xff, 0xff, 0xff, 0xff};
static const struct bm_view terminator = {terminator_bytes, sizeof terminator_bytes};

static int from_archive(const struct archive *self)
{
    return self->base.source->about.container == BM_CONTAINER_ARCHIVE;
}

static enum bm_status put(struct archive *self, struct bm_view bytes, struct bm_error *err)
{
    self->base.bytes += bytes.len;
    return bm_sink_write(&self->sink, bytes, err);
}

/* What was held back is no longer the archive's end. */
static enum bm_status release(struct archive *self, struct bm_error *err)
{
    enum bm_status status = put(self, bm_buffer_view(&self->held), err);
    bm_buffer_clear(&self->held);
    return status;
}

static enum bm_status put_scratch(struct archive *self, struct bm_error *err)
{
    enum bm_status status = put(self, bm_buffer_view(&self->scratch), err);
    bm_buffer_clear(&self->scratch);
    return status;
}

/* The version a made header declares: readers find the names of time series' data by it. */
static const char *declared_version(const struct archive *self)
{
    const char *version = bm_catalog_server_version(self->base.source->catalog);
    return bm_names_version_is_read(version) ? version : "0.0.0";
}

static enum bm_status put_header(struct archive *self, struct bm_error *err)
{
    const struct bm_prelude *prelude = &self->base.source->prelude;
    if (from_archive(self)) {
        return put(self, (struct bm_view){prelude->bytes.data, prelude->header_len}, err);
    }
    const struct bm_record_header header = {.concurrent_collections = 1,
                                            .version = bm_view_text("0.1"),
                                            .server_version = bm_view_text(declared_version(self)),
                                            .tool_version =
                                                bm_view_text("bsonmend " BSONMEND_VERSION)};
    if (bm_record_header_write(&header, &self->scratch, err) != BM_OK) {
        return BM_FAIL;
    }
    return put_scratch(self, err);
}

static enum bm_status put_found_entries(struct archive *self, struct bm_error *err)
{
    const struct bm_source *source = self->base.source;
    const struct bm_prelude *prelude = &source->prelude;
    for (size_t i = 0; i < prelude->entry_count; i++) {
        const struct bm_entry *entry = &prelude->entries[i];
        const struct bm_namespace *ns = bm_catalog_namespace(source->catalog, entry->number);
        struct bm_view document = {prelude->bytes.data + entry->at, entry->len};
        if (!bm_packer_metadata_changed(&self->base, ns)) {
            if (put(self, document, err) != BM_OK) {
                return BM_FAIL;
            }
            continue;
        }
        if (bm_record_metadata_change(document, bm_packer_metadata(&self->base, ns), &self->scratch,
                                      err) != BM_OK ||
            put_scratch(self, err) != BM_OK) {
            return bm_error_in(err, ns->ns);
        }
    }
    return BM_OK;
}

static const char *type_of(const struct bm_namespace *ns, struct bm_view metadata)
{
    if (ns->kind == BM_NAMESPACE_OPLOG ||
        bm_view_starts_with(bm_view_text(ns->collection), "$admin.")) {
        return "";
    }
    switch (bm_metadata_shape(metadata)) {
    case BM_SHAPE_VIEW:
        return "view";
    case BM_SHAPE_TIMESERIES:
        return "timeseries";
    case BM_SHAPE_PLAIN:
        break;
    }
    return "collection";
}

static enum bm_status put_made_entries(struct archive *self, struct bm_error *err)
{
    const struct bm_catalog *catalog = self->base.source->catalog;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        struct bm_view text = bm_packer_metadata(&self->base, ns);
        const struct bm_record_metadata record = {.db = bm_view_text(ns->db),
                                                  .collection = bm_names_logical(ns),
                                                  .metadata = text,
                                                  .type = bm_view_text(type_of(ns, text))};
        if (bm_record_metadata_write(&record, &self->scratch, err) != BM_OK ||
            put_scratch(self, err) != BM_OK) {
            return bm_error_in(err, ns->ns);
        }
    }
    return BM_OK;
}

static enum bm_status begin(struct archive *self, struct bm_error *err)
{
    if (self->begun) {
        return BM_OK;
    }
    uint8_t magic[4];
    for (int i = 0; i < 4; i++) {
        magic[i] = (uint8_t)(BM_RECORD_MAGIC >> (8 * i));
    }
    if (bm_packer_open(&self->base, &self->sink, err) != BM_OK) {
        return BM_FAIL;
    }
    self->begun = 1;
    if (put(self, (struct bm_view){magic, sizeof magic}, err) != BM_OK ||
        put_header(self, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status =
        from_archive(self) ? put_found_entries(self, err) : put_made_entries(self, err);
    return status == BM_OK ? put(self, terminator, err) : BM_FAIL;
}

static enum bm_status end_segment(struct archive *self, struct bm_error *err)
{
    if (!self->in_segment) {
        return BM_OK;
    }
    self->in_segment = 0;
    return put(self, terminator, err);
}

/* A made block's header: a time series' data goes by the name the declared version asks for. */
static enum bm_status make_block(struct archive *self, const struct bm_namespace *ns, int eof,
                                 struct bm_error *err)
{
    struct bm_view logical = bm_names_logical(ns);
    int is_series = bm_metadata_shape(ns->metadata) == BM_SHAPE_TIMESERIES;
    int prefixed = is_series && bm_names_version_has_buckets(declared_version(self)) &&
                   !bm_names_is_buckets(logical);
    char *name = bm_format_text(err, "%s%.*s", prefixed ? BM_NAMES_BUCKETS : "", (int)logical.len,
                                (const char *)logical.data);
    if (name == NULL) {
        return BM_FAIL;
    }
    const struct bm_record_block block = {.db = bm_view_text(ns->db),
                                          .collection = bm_view_text(name),
                                          .eof = eof,
                                          .crc = eof ? self->crcs[ns->number] : 0};
    enum bm_status status = bm_record_block_write(&block, &self->scratch, err);
    free(name);
    return status;
}

static enum bm_status start_segment(struct archive *self, const struct bm_event *event,
                                    struct bm_error *err)
{
    if (end_segment(self, err) != BM_OK || release(self, err) != BM_OK) {
        return BM_FAIL;
    }
    self->in_segment = 1;
    if (event->framing.len > 0) {
        return put(self, event->framing, err);
    }
    if (make_block(self, event->ns, 0, err) != BM_OK) {
        return BM_FAIL;
    }
    return put_scratch(self, err);
}

static enum bm_status end_namespace(struct archive *self, const struct bm_event *event,
                                    struct bm_error *err)
{
    if (end_segment(self, err) != BM_OK || release(self, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = BM_OK;
    if (event->framing.len > 0) {
        status = bm_record_block_close(event->framing, self->crcs[event->ns->number],
                                       &self->scratch, err);
    } else {
        status = make_block(self, event->ns, 1, err);
    }
    if (status != BM_OK ||
        bm_buffer_append(&self->held, bm_buffer_view(&self->scratch), err) != BM_OK) {
        return BM_FAIL;
    }
    bm_buffer_clear(&self->scratch);
    return bm_buffer_append(&self->held, terminator, err);
}

/*
 * Notes the first document that no archive can hold: mongorestore takes its length for damage and
 * stops there, whatever the namespace. It ends the output only when all is written, so that a
 * verdict on the same documents comes first. In a batch a long document is the last one.
 */
static void note_too_long(struct archive *self, const struct bm_batch *batch,
                          const struct bm_run *run)
{
    if (run->last <= BM_DOCUMENT_MAX || self->too_long.code != BM_ERROR_NONE) {
        return;
    }
    int is_oplog = batch->ns->kind == BM_NAMESPACE_OPLOG;
    (void)bm_fail(&self->too_long, is_oplog ? BM_ERROR_USAGE : BM_ERROR_VIOLATION, 0,
                  "%s of %zu bytes does not fit in an archive (limit %u)",
                  is_oplog ? "an oplog entry" : "a document", run->last, BM_DOCUMENT_MAX);
    (void)bm_error_in(&self->too_long, batch->ns->ns);
    (void)bm_error_at(&self->too_long, batch->offset + batch->at[batch->count - 1]);
}

static enum bm_status put_batch(struct archive *self, const struct bm_batch *batch,
                                const struct bm_edit *edits, size_t edit_count,
                                struct bm_error *err)
{
    uint64_t *crc = &self->crcs[batch->ns->number];
    struct bm_runs runs = bm_runs_of(batch, edits, edit_count);
    struct bm_run run;
    while (bm_runs_next(&runs, &run)) {
        note_too_long(self, batch, &run);
        *crc = bm_record_crc(*crc, run.bytes);
        self->base.documents += run.documents;
        if (put(self, run.bytes, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status archive_event(struct bm_packer *packer, const struct bm_event *event,
                                    const struct bm_edit *edits, size_t edit_count,
                                    struct bm_error *err)
{
    struct archive *self = (struct archive *)packer;
    if (begin(self, err) != BM_OK) {
        return BM_FAIL;
    }
    switch (event->kind) {
    case BM_EVENT_BEGIN:
        /* An archive tells its segments itself, also that there are none. */
        return from_archive(self) ? BM_OK : start_segment(self, event, err);
    case BM_EVENT_SEGMENT:
        return start_segment(self, event, err);
    case BM_EVENT_BATCH:
        return put_batch(self, &event->batch, edits, edit_count, err);
    case BM_EVENT_END:
        return end_namespace(self, event, err);
    case BM_EVENT_FILE:
        break;
    }
    return BM_OK;
}

static enum bm_status complete(struct archive *self, struct bm_error *err)
{
    if (self->too_long.code != BM_ERROR_NONE) {
        return bm_failure_repeat(&self->too_long, err);
    }
    if (begin(self, err) != BM_OK || end_segment(self, err) != BM_OK ||
        release(self, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_sink_close(&self->sink, err);
}

static enum bm_status archive_seal(struct bm_packer *packer, struct bm_error *err)
{
    return complete((struct archive *)packer, err);
}

static struct bm_source *archive_reread(const struct bm_packer *packer, struct bm_error *err)
{
    const struct bm_source_options options = {.path = packer->temporary,
                                              .threads = packer->options.threads,
                                              .stop = packer->options.stop};
    const struct bm_source_names names = {.shown = packer->path, .container = BM_CONTAINER_ARCHIVE};
    return bm_source_open(&options, &names, err);
}

static enum bm_status archive_finish(struct bm_packer *packer, struct bm_error *err)
{
    if (packer->path == NULL) {
        return complete((struct archive *)packer, err);
    }
    return bm_place_rename(packer->temporary, packer->path, packer->options.existing, err);
}

/* The length of a header and no header behind it: no reader takes that for an end. */
static void archive_abandon(struct bm_packer *packer)
{
    static const uint8_t half_block[] = {0x34, 0x00, 0x00, 0x00, 0x02, 'd', 'b', 0x00};
    struct archive *self = (struct archive *)packer;
    if (packer->path != NULL) {
        bm_sink_free(&self->sink);
        if (self->begun) {
            (void)unlink(packer->temporary);
        }
        return;
    }
    if (self->sink.writer != NULL) {
        bm_sink_spoil(&self->sink, (struct bm_view){half_block, sizeof half_block});
    }
}

static void archive_free(struct bm_packer *packer)
{
    struct archive *self = (struct archive *)packer;
    bm_sink_free(&self->sink);
    bm_buffer_free(&self->held);
    bm_buffer_free(&self->scratch);
    free(self->crcs);
    free(self);
}

static int has_no_place(const struct bm_other *other)
{
    return !other->prelude;
}

struct bm_packer *bm_packer_archive_new(struct bm_packer *common, struct bm_error *err)
{
    static const struct bm_packer_ops ops = {.event = archive_event,
                                             .seal = archive_seal,
                                             .reread = archive_reread,
                                             .finish = archive_finish,
                                             .abandon = archive_abandon,
                                             .free = archive_free};
    const struct bm_source *source = common->source;
    const char *problem =
        source->listing.db != NULL ? bm_names_refuse_db(bm_view_text(source->listing.db)) : NULL;
    if (problem != NULL) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "the folder's name \"%.100s\" is no database's: %s",
                      source->listing.db, problem);
        return NULL;
    }
    struct archive *self =
        bm_packer_leave_out(common, has_no_place, "an archive has no place for it", err) == BM_OK
            ? bm_allocate(1, sizeof *self, err)
            : NULL;
    if (self == NULL) {
        return NULL;
    }
    self->held = BM_BUFFER_INIT(SCRATCH_MAX);
    self->scratch = BM_BUFFER_INIT(SCRATCH_MAX);
    self->too_long = BM_ERROR_INIT;
    self->crcs = bm_allocate(bm_catalog_count(source->catalog), sizeof *self->crcs, err);
    if (self->crcs == NULL) {
        archive_free(&self->base);
        return NULL;
    }
    self->base = *common;
    self->base.ops = &ops;
    return &self->base;
}
