/* SPDX-License-Identifier: Apache-2.0 */
#include "container/source.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/build.h"
#include "container/frame.h"
#include "container/names.h"
#include "container/record.h"

/* The start of an archive: magic, header, one entry a namespace, terminator. */

enum { MAGIC_BYTES = 4 };

/* All entries together: as much as a catalog may hold, and some framing. */
#define PRELUDE_MAX ((size_t)384 << 20)

/* Offsets inside a record become offsets in the archive. */
static enum bm_status fail_in_record(struct bm_error *inner, uint64_t at, struct bm_error *err)
{
    (void)bm_fail(err, inner->code, inner->sys_errno, "%s", inner->text);
    return bm_error_at(err, inner->offset == BM_NO_OFFSET ? at : at + inner->offset);
}

static enum bm_status next_document(struct bm_frame *frame, struct bm_batch *document,
                                    enum bm_item *item, struct bm_error *err)
{
    if (bm_frame_next(frame, 1, document, item, err) != BM_OK) {
        return BM_FAIL;
    }
    if (*item == BM_ITEM_END) {
        (void)bm_fail(err, BM_ERROR_TRUNCATED, 0, "the archive ends inside its prelude");
        return bm_error_at(err, frame->offset);
    }
    return BM_OK;
}

static enum bm_status read_header(struct bm_source *source, struct bm_frame *frame,
                                  struct bm_error *err)
{
    struct bm_batch document;
    enum bm_item item;
    if (next_document(frame, &document, &item, err) != BM_OK) {
        return BM_FAIL;
    }
    if (item == BM_ITEM_TERMINATOR) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "the archive has no header document");
        return bm_error_at(err, MAGIC_BYTES);
    }
    struct bm_error inner = BM_ERROR_INIT;
    struct bm_record_header header;
    if (bm_record_header_read(document.bytes, &header, &inner) != BM_OK) {
        return fail_in_record(&inner, document.offset, err);
    }
    struct bm_prelude *prelude = &source->prelude;
    prelude->tool_version = bm_copy_view(header.tool_version, err);
    prelude->header_len = document.bytes.len;
    if (prelude->tool_version == NULL ||
        bm_buffer_append(&prelude->bytes, document.bytes, err) != BM_OK) {
        return BM_FAIL;
    }
    if (bm_catalog_set_server_version(source->catalog, header.server_version, err) != BM_OK) {
        return BM_FAIL;
    }
    const char *version = bm_catalog_server_version(source->catalog);
    if (bm_names_version_is_read(version)) {
        return BM_OK;
    }
    source->about.is_doubted = 1;
    return bm_lines_add(&source->warnings, err,
                        "%s: mongorestore stops at it from 100.16.0 on, as its server version "
                        "\"%.64s\" is not of the form 7.0.16",
                        source->shown, version);
}

/* Data of a time series goes by another name before 8.3; where the version cannot be read, both
 * are taken. */
static enum bm_status name_data(const struct bm_source *source,
                                const struct bm_record_metadata *record, int *is_buckets,
                                char **name, struct bm_error *err)
{
    *is_buckets = (bm_view_equal(record->type, bm_view_text("timeseries")) ||
                   bm_metadata_shape(record->metadata) == BM_SHAPE_TIMESERIES) &&
                  !bm_names_is_buckets(record->collection) &&
                  bm_names_version_has_buckets(bm_catalog_server_version(source->catalog));
    *name = bm_format_text(err, "%s%.*s", *is_buckets ? BM_NAMES_BUCKETS : "",
                           (int)record->collection.len, (const char *)record->collection.data);
    return *name == NULL ? BM_FAIL : BM_OK;
}

static enum bm_status add_namespace(struct bm_source *source,
                                    const struct bm_record_metadata *record, struct bm_entry *entry,
                                    struct bm_error *err)
{
    char *name;
    if (name_data(source, record, &entry->is_buckets, &name, err) != BM_OK) {
        return BM_FAIL;
    }
    const struct bm_catalog_entry new_entry = {.db = record->db,
                                               .collection = bm_view_text(name),
                                               .has_data = bm_metadata_shape(record->metadata) !=
                                                           BM_SHAPE_VIEW,
                                               .metadata = record->metadata};
    const struct bm_namespace *ns;
    enum bm_status status = bm_source_add(source, &new_entry, source->shown, &ns, err);
    if (status == BM_OK) {
        entry->number = ns->number;
    }
    free(name);
    return status;
}

static enum bm_status read_entry(struct bm_source *source, const struct bm_batch *document,
                                 struct bm_error *err)
{
    struct bm_error inner = BM_ERROR_INIT;
    struct bm_record_metadata record;
    if (bm_record_metadata_read(document->bytes, &record, &inner) != BM_OK) {
        return fail_in_record(&inner, document->offset, err);
    }
    if (bm_view_has_zero(record.db) || bm_view_has_zero(record.collection)) {
        (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "a name in the archive's prelude holds a NUL");
        return bm_error_at(err, document->offset);
    }
    struct bm_prelude *prelude = &source->prelude;
    if (bm_grow(&prelude->entries, prelude->entry_count, &prelude->entry_capacity,
                sizeof *prelude->entries, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_entry *entry = &prelude->entries[prelude->entry_count];
    *entry = (struct bm_entry){.at = prelude->bytes.len, .len = document->bytes.len};
    if (add_namespace(source, &record, entry, err) != BM_OK) {
        return bm_error_at(err, document->offset);
    }
    prelude->entry_count++;
    return bm_buffer_append(&prelude->bytes, document->bytes, err);
}

static enum bm_status read_prelude(struct bm_source *source, struct bm_frame *frame,
                                   struct bm_error *err)
{
    if (read_header(source, frame, err) != BM_OK) {
        return BM_FAIL;
    }
    for (;;) {
        struct bm_batch document;
        enum bm_item item;
        if (next_document(frame, &document, &item, err) != BM_OK) {
            return BM_FAIL;
        }
        if (item == BM_ITEM_TERMINATOR) {
            source->prelude.body = frame->offset + frame->lent;
            bm_reader_consume(frame->reader, frame->lent);
            return BM_OK;
        }
        if (read_entry(source, &document, err) != BM_OK) {
            return BM_FAIL;
        }
    }
}

enum bm_status bm_archive_open(struct bm_source *source, struct bm_reader *reader,
                               struct bm_error *err)
{
    source->prelude.bytes = BM_BUFFER_INIT(PRELUDE_MAX);
    bm_reader_consume(reader, MAGIC_BYTES);
    struct bm_frame frame;
    if (bm_frame_init(&frame, BM_FRAMING_ARCHIVE, reader, MAGIC_BYTES, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = read_prelude(source, &frame, err);
    bm_frame_free(&frame);
    return status;
}
