/* SPDX-License-Identifier: Apache-2.0 */
#include "container/directory.h"

#include <stdlib.h>

#include "base/memory.h"
#include "catalog/build.h"

void bm_directory_pending_free(struct bm_pending *pending)
{
    free(pending->db);
    free(pending->collection);
    bm_input_free(&pending->data);
    bm_input_free(&pending->metadata);
    bm_buffer_free(&pending->text);
}

enum bm_status bm_directory_input(const struct bm_source *source, const char *relative,
                                  mode_t target, struct bm_input *out, struct bm_error *err)
{
    struct bm_input input = {.path = bm_folder_join(source->path, relative, err),
                             .shown = bm_folder_join(source->shown, relative, err),
                             .relative = bm_copy_text(relative, err)};
    *out = input;
    if (input.path == NULL || input.shown == NULL || input.relative == NULL) {
        return BM_FAIL;
    }
    /* Opening it would wait for ever on a fifo; 0 is a link to nowhere, open() says it best. */
    if (target != 0 && !S_ISREG(target)) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "is not a regular file");
        return bm_error_file(err, input.shown);
    }
    return BM_OK;
}

enum bm_status bm_directory_add(struct bm_scan *scan, struct bm_pending *pending,
                                struct bm_error *err)
{
    if (bm_grow(&scan->pending, scan->count, &scan->capacity, sizeof *scan->pending, err) !=
        BM_OK) {
        return BM_FAIL;
    }
    scan->pending[scan->count++] = *pending;
    return BM_OK;
}

static int compare_pending(const void *a, const void *b)
{
    const struct bm_pending *x = a;
    const struct bm_pending *y = b;
    return bm_names_compare(bm_view_text(x->db), bm_view_text(x->collection), bm_view_text(y->db),
                            bm_view_text(y->collection));
}

static enum bm_status settle_one(struct bm_source *source, struct bm_pending *pending,
                                 struct bm_error *err)
{
    const struct bm_catalog_entry entry = {.db = bm_view_text(pending->db),
                                           .collection = bm_view_text(pending->collection),
                                           .has_data = bm_input_exists(&pending->data),
                                           .metadata = bm_buffer_view(&pending->text),
                                           .is_too_large = pending->metadata.is_too_large};
    const struct bm_input *speaks =
        bm_input_exists(&pending->metadata) ? &pending->metadata : &pending->data;
    const struct bm_namespace *ns;
    if (bm_source_add(source, &entry, speaks->shown, &ns, err) != BM_OK) {
        return bm_error_file(err, speaks->shown);
    }
    source->slots[ns->number] =
        (struct bm_slot){.data = pending->data, .metadata = pending->metadata};
    pending->data = (struct bm_input){0};
    pending->metadata = (struct bm_input){0};
    bm_buffer_free(&pending->text);
    return BM_OK;
}

enum bm_status bm_directory_settle(struct bm_scan *scan, struct bm_error *err)
{
    struct bm_source *source = scan->source;
    source->slots = bm_allocate(scan->count, sizeof *source->slots, err);
    if (source->slots == NULL) {
        return BM_FAIL;
    }
    if (scan->count > 0) {
        qsort(scan->pending, scan->count, sizeof *scan->pending, compare_pending);
    }
    const char *before = NULL;
    for (size_t i = 0; i < scan->count; i++) {
        struct bm_pending *pending = &scan->pending[i];
        /* Twins in a database's folder were refused before; the oplog stands alone in the root. */
        if (i > 0 && compare_pending(pending - 1, pending) == 0) {
            return bm_fail(err, BM_ERROR_CORRUPT, 0, "%s and %s are both the oplog", before,
                           pending->data.relative);
        }
        before = pending->data.relative;
        if (settle_one(source, pending, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* Opens the first data file: its codec stands for the dump's. It is read when its turn comes. */
static enum bm_status peek_at_first(struct bm_source *source, struct bm_error *err)
{
    for (size_t i = 0; i < bm_catalog_count(source->catalog); i++) {
        struct bm_input *data = &source->slots[i].data;
        if (!bm_input_exists(data)) {
            continue;
        }
        source->ready = bm_input_open(data, BM_REGULAR_ONLY, &source->reading, err);
        if (source->ready == NULL) {
            return bm_error_in(err, bm_catalog_namespace(source->catalog, i)->ns);
        }
        source->ready_slot = i;
        source->about.codec = data->codec;
        return BM_OK;
    }
    return BM_OK;
}

enum bm_status bm_directory_open(struct bm_source *source, const struct bm_source_names *names,
                                 struct bm_error *err)
{
    struct bm_scan scan = {.source = source};
    enum bm_status status = bm_directory_scan(&scan, names, err);
    /* mongodump leaves a prelude.json alone where it found no collection. */
    if (status == BM_OK && scan.count == 0 && !scan.has_prelude && names == NULL) {
        status = bm_fail(err, BM_ERROR_CORRUPT, 0,
                         "holds no dump: no .bson, no .metadata.json and no prelude.json in it or "
                         "its folders");
    }
    if (status == BM_OK) {
        status = bm_directory_settle(&scan, err);
    }
    if (status == BM_OK) {
        status = bm_directory_system_indexes(source, err);
    }
    for (size_t i = 0; i < scan.count; i++) {
        bm_directory_pending_free(&scan.pending[i]);
    }
    free(scan.pending);
    return status == BM_OK ? peek_at_first(source, err) : BM_FAIL;
}
