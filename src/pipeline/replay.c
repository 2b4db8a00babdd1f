/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/replay.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/memory.h"
#include "doc/extjson.h"
#include "doc/json_tokens.h"
#include "doc/splice.h"
#include "pipeline/replay_place.h"
#include "repair/edits.h"
#include "report/ledger_read.h"

/* What the edits of one batch may take. */
#define BATCH_MAX ((size_t)1 << 30)

struct bm_replay {
    const char *path;
    const struct bm_catalog *catalog;
    const volatile sig_atomic_t *stop;
    struct bm_ledger_reader *reader;
    struct bm_ledger_line line; /* the next one to be carried out */
    int is_over;                /* there is none */
    char **names;               /* of the namespaces as a ledger has them, owned */
    uint64_t *passed;           /* documents that were read, by namespace number */
    size_t target;              /* number of the line's namespace */
    struct bm_view *metadata;   /* owned, as is their data */
    struct bm_splicer *splicer;
    struct bm_replay_place place;
    struct bm_buffer inserts;   /* elements that come to one place */
    struct bm_buffer documents; /* of the batch, changed */
    struct bm_buffer id;
    struct bm_edit *edits;
    size_t edit_count, edit_capacity;
};

/* A ledger is JSON: what is not UTF-8 in a name is not itself there. */
static enum bm_status make_name(struct bm_view ns, struct bm_buffer *quoted, struct bm_buffer *name,
                                struct bm_error *err)
{
    bm_buffer_clear(quoted);
    bm_buffer_clear(name);
    if (bm_json_string(ns, quoted, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_json_unescape((struct bm_view){quoted->data + 1, quoted->len - 2}, name, err);
}

static enum bm_status make_names(struct bm_replay *replay, struct bm_error *err)
{
    struct bm_buffer quoted = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    struct bm_buffer name = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < bm_catalog_count(replay->catalog) && status == BM_OK; i++) {
        struct bm_view ns = bm_view_text(bm_catalog_namespace(replay->catalog, i)->ns);
        status = make_name(ns, &quoted, &name, err);
        if (status == BM_OK) {
            replay->names[i] = bm_copy_view(bm_buffer_view(&name), err);
            status = replay->names[i] != NULL ? BM_OK : BM_FAIL;
        }
    }
    bm_buffer_free(&quoted);
    bm_buffer_free(&name);
    return status;
}

struct bm_replay *bm_replay_new(const char *path, const struct bm_catalog *catalog,
                                const volatile sig_atomic_t *stop, struct bm_error *err)
{
    size_t count = bm_catalog_count(catalog);
    struct bm_replay *replay = bm_allocate(1, sizeof *replay, err);
    if (replay == NULL) {
        return NULL;
    }
    *replay = (struct bm_replay){
        .path = path,
        .catalog = catalog,
        .stop = stop,
        .names = bm_allocate(count, sizeof *replay->names, err),
        .passed = bm_allocate(count, sizeof *replay->passed, err),
        .metadata = bm_allocate(count, sizeof *replay->metadata, err),
        .splicer = bm_splicer_new(err),
        .place = {.path = BM_BUFFER_INIT(BM_DOCUMENT_MAX_OPLOG * 2)},
        .inserts = BM_BUFFER_INIT(BATCH_MAX),
        .documents = BM_BUFFER_INIT(BATCH_MAX),
        .id = BM_BUFFER_INIT(BATCH_MAX),
    };
    if (replay->names == NULL || replay->passed == NULL || replay->metadata == NULL ||
        replay->splicer == NULL || make_names(replay, err) != BM_OK) {
        bm_replay_free(replay);
        return NULL;
    }
    return replay;
}

static void forget_metadata(struct bm_replay *replay)
{
    for (size_t i = 0; replay->metadata != NULL && i < bm_catalog_count(replay->catalog); i++) {
        free((void *)(uintptr_t)replay->metadata[i].data);
        replay->metadata[i] = (struct bm_view){NULL, 0};
    }
}

void bm_replay_free(struct bm_replay *replay)
{
    if (replay == NULL) {
        return;
    }
    forget_metadata(replay);
    for (size_t i = 0; replay->names != NULL && i < bm_catalog_count(replay->catalog); i++) {
        free(replay->names[i]);
    }
    bm_ledger_reader_free(replay->reader);
    bm_splicer_free(replay->splicer);
    bm_replay_place_free(&replay->place);
    bm_buffer_free(&replay->inserts);
    bm_buffer_free(&replay->documents);
    bm_buffer_free(&replay->id);
    free(replay->edits);
    free(replay->metadata);
    free(replay->passed);
    free(replay->names);
    free(replay);
}

const struct bm_view *bm_replay_metadata(const struct bm_replay *replay)
{
    return replay->metadata;
}

/* ---- lines ---- */

static const char came_earlier[] =
    "its document came earlier, and lines are in the order in which the dump is read";

static enum bm_status misfit(const struct bm_replay *replay, const char *what, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_VIOLATION, 0, "line %" PRIu64 " is not of this dump: %s",
                  replay->line.number, what);
    if (replay->target < bm_catalog_count(replay->catalog)) {
        (void)bm_error_in(err, bm_catalog_namespace(replay->catalog, replay->target)->ns);
    }
    return bm_error_file(err, replay->path);
}

static int is_name(const struct bm_replay *replay, size_t number)
{
    return bm_view_equal(bm_view_text(replay->names[number]), replay->line.ns);
}

static enum bm_status find_target(struct bm_replay *replay, struct bm_error *err)
{
    size_t count = bm_catalog_count(replay->catalog);
    if (replay->target < count && is_name(replay, replay->target)) {
        return BM_OK;
    }
    for (replay->target = 0; replay->target < count; replay->target++) {
        if (is_name(replay, replay->target)) {
            return BM_OK;
        }
    }
    return misfit(replay, "the dump has no such namespace", err);
}

static enum bm_status next_line(struct bm_replay *replay, struct bm_error *err)
{
    enum bm_status status = bm_ledger_reader_next(replay->reader, &replay->line, err);
    replay->is_over = status == BM_END;
    if (status != BM_OK) {
        return status == BM_END ? BM_OK : BM_FAIL;
    }
    if (find_target(replay, err) != BM_OK) {
        return BM_FAIL;
    }
    return replay->line.action != BM_ACTION_METADATA &&
                   replay->line.ordinal < replay->passed[replay->target]
               ? misfit(replay, came_earlier, err)
               : BM_OK;
}

static enum bm_status take_metadata(struct bm_replay *replay, struct bm_error *err)
{
    const struct bm_namespace *ns = bm_catalog_namespace(replay->catalog, replay->target);
    struct bm_view *text = &replay->metadata[replay->target];
    if (text->data != NULL || !bm_view_equal(ns->metadata, replay->line.before)) {
        return misfit(replay, "the old metadata are not those of the dump", err);
    }
    char *copy = bm_copy_view(replay->line.after, err);
    *text = (struct bm_view){(const uint8_t *)copy, replay->line.after.len};
    return copy != NULL ? BM_OK : BM_FAIL;
}

enum bm_status bm_replay_start(struct bm_replay *replay, struct bm_error *err)
{
    bm_ledger_reader_free(replay->reader);
    forget_metadata(replay);
    for (size_t i = 0; i < bm_catalog_count(replay->catalog); i++) {
        replay->passed[i] = 0;
    }
    replay->target = 0;
    replay->reader = bm_ledger_reader_new(replay->path, replay->stop, err);
    if (replay->reader == NULL || next_line(replay, err) != BM_OK) {
        return BM_FAIL;
    }
    while (!replay->is_over && replay->line.action == BM_ACTION_METADATA) {
        if (take_metadata(replay, err) != BM_OK || next_line(replay, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* ---- documents ---- */

/* An entry of an oplog has no _id of its own; a line says that of its document. */
static enum bm_status check_id(struct bm_replay *replay, struct bm_view document,
                               struct bm_error *err)
{
    if (bm_catalog_namespace(replay->catalog, replay->target)->kind == BM_NAMESPACE_OPLOG) {
        return BM_OK;
    }
    struct bm_element id;
    struct bm_error damage = BM_ERROR_INIT;
    bm_buffer_clear(&replay->id);
    enum bm_status status = bm_document_find(document, bm_view_text("_id"), &id, &damage) == BM_OK
                                ? bm_json_value(&id, &replay->id, err)
                                : bm_buffer_append(&replay->id, bm_view_text("null"), err);
    if (status != BM_OK) {
        return BM_FAIL;
    }
    return bm_view_equal(bm_buffer_view(&replay->id), replay->line.id)
               ? BM_OK
               : misfit(replay, "the document there has another _id", err);
}

/* Whether the line is of the document that was named last; what has no document is never. */
static int is_of(const struct bm_replay *replay, const struct bm_namespace *ns, uint64_t ordinal)
{
    return !replay->is_over && replay->target == ns->number &&
           replay->line.action != BM_ACTION_METADATA && replay->line.ordinal == ordinal;
}

static enum bm_status find_place(struct bm_replay *replay, struct bm_view document,
                                 struct bm_error *err)
{
    const struct bm_ledger_line *line = &replay->line;
    struct bm_replay_place *place = &replay->place;
    int is = 0;
    enum bm_status status = bm_replay_place_find(place, document, line->at, err);
    if (status == BM_FAIL) {
        return BM_FAIL;
    }
    if (status == BM_END) {
        return misfit(replay, "its place is that of no element", err);
    }
    if (line->before.len > 0 && !bm_view_equal(line->before, place->element.raw)) {
        return misfit(replay, "the old element does not stand there", err);
    }
    struct bm_view named = line->after.len > 0 ? line->after : line->before;
    if (bm_replay_place_is(place, named, line->path, &is, err) != BM_OK) {
        return BM_FAIL;
    }
    return is ? BM_OK : misfit(replay, "its path leads elsewhere", err);
}

/* The lines that put elements into one place, where there were none; all go before what is there.
 */
static enum bm_status insert(struct bm_replay *replay, const struct bm_batch *batch,
                             struct bm_view document, struct bm_error *err)
{
    uint64_t ordinal = replay->line.ordinal;
    uint64_t at = replay->line.at;
    bm_buffer_clear(&replay->inserts);
    do {
        if (check_id(replay, document, err) != BM_OK ||
            find_place(replay, document, err) != BM_OK ||
            bm_buffer_append(&replay->inserts, replay->line.after, err) != BM_OK ||
            next_line(replay, err) != BM_OK) {
            return BM_FAIL;
        }
    } while (is_of(replay, batch->ns, ordinal) && replay->line.action != BM_ACTION_REJECT &&
             replay->line.before.len == 0 && replay->line.at == at);
    return bm_splicer_replace(replay->splicer, (size_t)at, 0, bm_buffer_view(&replay->inserts),
                              replay->place.parents, replay->place.parent_count, err);
}

static enum bm_status replace(struct bm_replay *replay, struct bm_view document,
                              struct bm_error *err)
{
    if (check_id(replay, document, err) != BM_OK || find_place(replay, document, err) != BM_OK ||
        bm_splicer_replace(replay->splicer, (size_t)replay->line.at, replay->line.before.len,
                           replay->line.after, replay->place.parents, replay->place.parent_count,
                           err) != BM_OK) {
        return BM_FAIL;
    }
    return next_line(replay, err);
}

/* All lines of one document that stays. */
static enum bm_status change(struct bm_replay *replay, const struct bm_batch *batch,
                             struct bm_view document, struct bm_edit *edit, struct bm_error *err)
{
    uint64_t ordinal = replay->line.ordinal;
    uint64_t least = 0; /* behind what was changed */
    bm_splicer_clear(replay->splicer);
    while (is_of(replay, batch->ns, ordinal)) {
        uint64_t at = replay->line.at;
        size_t len = replay->line.before.len;
        if (replay->line.action == BM_ACTION_REJECT || at < least) {
            return misfit(replay, "it meets the line before it", err);
        }
        if ((len == 0 ? insert(replay, batch, document, err) : replace(replay, document, err)) !=
            BM_OK) {
            return BM_FAIL;
        }
        least = at + (len > 0 ? len : 1);
    }
    size_t start = replay->documents.len;
    edit->verdict = BM_VERDICT_REPLACE;
    if (bm_splicer_apply(replay->splicer, document, &replay->documents, err) != BM_OK) {
        return BM_FAIL;
    }
    edit->bytes.len = replay->documents.len - start;
    return BM_OK;
}

static enum bm_status take_out(struct bm_replay *replay, const struct bm_batch *batch,
                               struct bm_view document, struct bm_edit *edit, struct bm_error *err)
{
    uint64_t ordinal = replay->line.ordinal;
    edit->verdict = BM_VERDICT_DROP;
    if (!bm_view_equal(document, replay->line.before)) {
        return misfit(replay, "the document there is another", err);
    }
    if (check_id(replay, document, err) != BM_OK || next_line(replay, err) != BM_OK) {
        return BM_FAIL;
    }
    return is_of(replay, batch->ns, ordinal) ? misfit(replay, "its document was taken out", err)
                                             : BM_OK;
}

static enum bm_status edit_document(struct bm_replay *replay, const struct bm_batch *batch,
                                    struct bm_error *err)
{
    uint32_t number = (uint32_t)(replay->line.ordinal - batch->ordinal);
    struct bm_view document = {batch->bytes.data + batch->at[number],
                               batch->at[number + 1] - batch->at[number]};
    struct bm_edit edit = {.document = number};
    if (bm_grow(&replay->edits, replay->edit_count, &replay->edit_capacity, sizeof *replay->edits,
                err) != BM_OK) {
        return BM_FAIL;
    }
    replay->passed[batch->ns->number] = replay->line.ordinal;
    if ((replay->line.action == BM_ACTION_REJECT
             ? take_out(replay, batch, document, &edit, err)
             : change(replay, batch, document, &edit, err)) != BM_OK) {
        return BM_FAIL;
    }
    replay->edits[replay->edit_count++] = edit;
    return BM_OK;
}

enum bm_status bm_replay_batch(struct bm_replay *replay, const struct bm_batch *batch,
                               struct bm_edits *out, struct bm_error *err)
{
    uint64_t end = batch->ordinal + batch->count;
    replay->edit_count = 0;
    bm_buffer_clear(&replay->documents);
    while (!replay->is_over && replay->target == batch->ns->number &&
           replay->line.action != BM_ACTION_METADATA && replay->line.ordinal < end) {
        if (edit_document(replay, batch, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    replay->passed[batch->ns->number] = end;
    bm_edits_point(replay->edits, replay->edit_count, &replay->documents);
    *out = (struct bm_edits){.edits = replay->edits, .count = replay->edit_count};
    return BM_OK;
}

enum bm_status bm_replay_finish(struct bm_replay *replay, struct bm_error *err)
{
    if (replay->is_over) {
        return BM_OK;
    }
    if (replay->line.action == BM_ACTION_METADATA) {
        return misfit(replay, "metadata come before all documents", err);
    }
    return replay->line.ordinal < replay->passed[replay->target]
               ? misfit(replay, came_earlier, err)
               : misfit(replay, "its namespace has no document of that ordinal", err);
}
