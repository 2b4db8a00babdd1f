/* SPDX-License-Identifier: Apache-2.0 */
#include "container/directory.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/build.h"

/* All metadata of a dump together; the catalog holds no more. */
#define TEXTS_MAX ((size_t)256 << 20)

/* One file of a database's folder. */
struct part {
    enum bm_name_kind kind; /* data or metadata */
    struct bm_view stem;    /* lent from the folder's list */
    char *name;             /* of the collection it belongs to */
    struct bm_input input;
    struct bm_buffer text; /* metadata */
};

struct parts {
    struct part *list;
    size_t count;
};

static void parts_free(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++) {
        free(parts->list[i].name);
        bm_input_free(&parts->list[i].input);
        bm_buffer_free(&parts->list[i].text);
    }
    free(parts->list);
}

static enum bm_status read_text(struct bm_scan *scan, struct part *part, struct bm_error *err)
{
    if (bm_input_metadata(&part->input, &scan->source->reading, BM_SOURCE_TEXT_MAX, &part->text,
                          err) != BM_OK) {
        return BM_FAIL;
    }
    scan->text_bytes += part->text.len;
    if (scan->text_bytes > TEXTS_MAX) {
        return bm_fail(err, BM_ERROR_MEMORY, 0, "the dump's metadata is over %zu bytes", TEXTS_MAX);
    }
    return BM_OK;
}

static enum bm_status take_entry(struct bm_scan *scan, struct parts *parts,
                                 const struct bm_folder_entry *entry, const char *relative,
                                 struct bm_error *err)
{
    struct part *part = &parts->list[parts->count++];
    *part = (struct part){
        .kind = entry->kind, .stem = entry->stem, .text = BM_BUFFER_INIT(BM_SOURCE_TEXT_MAX)};
    char *path = bm_folder_join(relative, entry->name, err);
    if (path == NULL) {
        return BM_FAIL;
    }
    enum bm_status status =
        bm_directory_input(scan->source, path, entry->target, &part->input, err);
    free(path);
    if (status == BM_OK && part->kind == BM_NAME_METADATA) {
        status = read_text(scan, part, err);
    }
    return status;
}

/* A cut name is told by the metadata file with the same stem, for that file itself as well. */
static struct bm_view text_beside(const struct parts *parts, const struct part *part)
{
    for (size_t i = 0; i < parts->count; i++) {
        const struct part *other = &parts->list[i];
        if (other->kind == BM_NAME_METADATA && other->text.len > 0 &&
            bm_view_equal(other->stem, part->stem)) {
            return bm_buffer_view(&other->text);
        }
    }
    return (struct bm_view){0};
}

static enum bm_status name_part(const struct parts *parts, struct part *part, struct bm_error *err)
{
    struct bm_view text = {0};
    if (bm_names_is_cut(part->stem)) {
        text = text_beside(parts, part);
    }
    enum bm_status status = bm_names_read(part->stem, text, &part->name, err);
    if (status == BM_END) {
        status = bm_fail(err, BM_ERROR_CORRUPT, 0,
                         "its name is cut and no metadata file tells the collection's");
    }
    return status == BM_OK ? BM_OK : bm_error_file(err, part->input.shown);
}

static enum bm_status name_parts(struct parts *parts, struct bm_error *err)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (name_part(parts, &parts->list[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* By name; a collection's data stands before its metadata. */
static int compare_parts(const void *a, const void *b)
{
    const struct part *x = a;
    const struct part *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (int)x->kind - (int)y->kind;
}

static void sort(struct parts *parts)
{
    if (parts->count > 0) {
        qsort(parts->list, parts->count, sizeof *parts->list, compare_parts);
    }
}

static const struct part *find(const struct parts *parts, const char *name, enum bm_name_kind kind)
{
    size_t low = 0;
    size_t high = parts->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct part *part = &parts->list[middle];
        int order = strcmp(name, part->name);
        order = order != 0 ? order : (int)kind - (int)part->kind;
        if (order == 0) {
            return part;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static enum bm_status refuse_twins(const struct parts *parts, struct bm_error *err)
{
    for (size_t i = 1; i < parts->count; i++) {
        const struct part *a = &parts->list[i - 1];
        const struct part *b = &parts->list[i];
        if (compare_parts(a, b) == 0) {
            return bm_fail(err, BM_ERROR_CORRUPT, 0, "%s and %s are both the %s of one collection",
                           a->input.relative, b->input.relative,
                           a->kind == BM_NAME_DATA ? "data" : "metadata");
        }
    }
    return BM_OK;
}

/* Metadata of a time series belongs to its buckets, unless there is data under its own name. */
static enum bm_status lead_to_buckets(const struct bm_scan *scan, const struct parts *parts,
                                      const struct part *part, char **name, struct bm_error *err)
{
    *name = NULL;
    if (part->kind != BM_NAME_METADATA || bm_names_is_buckets(bm_view_text(part->name)) ||
        bm_metadata_shape(bm_buffer_view(&part->text)) != BM_SHAPE_TIMESERIES ||
        find(parts, part->name, BM_NAME_DATA) != NULL) {
        return BM_OK;
    }
    *name = bm_format_text(err, BM_NAMES_BUCKETS "%s", part->name);
    if (*name == NULL) {
        return BM_FAIL;
    }
    const char *version = bm_catalog_server_version(scan->source->catalog);
    if (find(parts, *name, BM_NAME_METADATA) != NULL ||
        (find(parts, *name, BM_NAME_DATA) == NULL && !bm_names_version_has_buckets(version))) {
        free(*name);
        *name = NULL;
    }
    return BM_OK;
}

/* The new names are set only after all were looked for: the list is searched by name. */
static enum bm_status join_buckets(const struct bm_scan *scan, struct parts *parts,
                                   struct bm_error *err)
{
    char **names = bm_allocate(parts->count, sizeof *names, err);
    enum bm_status status = names == NULL ? BM_FAIL : BM_OK;
    for (size_t i = 0; i < parts->count && status == BM_OK; i++) {
        status = lead_to_buckets(scan, parts, &parts->list[i], &names[i], err);
    }
    for (size_t i = 0; names != NULL && i < parts->count; i++) {
        if (names[i] != NULL) {
            free(parts->list[i].name);
            parts->list[i].name = names[i];
        }
    }
    free(names);
    sort(parts);
    return status;
}

static void move_part(struct part *part, struct bm_pending *pending)
{
    if (part->kind == BM_NAME_DATA) {
        pending->data = part->input;
    } else {
        pending->metadata = part->input;
        pending->text = part->text;
        part->text = (struct bm_buffer){0};
    }
    part->input = (struct bm_input){0};
}

static enum bm_status hand_over(struct bm_scan *scan, struct parts *parts, const char *db,
                                struct bm_error *err)
{
    for (size_t i = 0; i < parts->count;) {
        struct part *first = &parts->list[i++];
        struct bm_pending pending = {.db = bm_copy_text(db, err),
                                     .collection = bm_copy_text(first->name, err)};
        move_part(first, &pending);
        if (i < parts->count && strcmp(parts->list[i].name, first->name) == 0) {
            move_part(&parts->list[i++], &pending);
        }
        if (pending.db == NULL || pending.collection == NULL ||
            bm_directory_add(scan, &pending, err) != BM_OK) {
            bm_directory_pending_free(&pending);
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status sort_out(struct bm_scan *scan, struct parts *parts, const char *db,
                               struct bm_error *err)
{
    sort(parts);
    if (refuse_twins(parts, err) != BM_OK || join_buckets(scan, parts, err) != BM_OK) {
        return BM_FAIL;
    }
    return hand_over(scan, parts, db, err);
}

enum bm_status bm_directory_pair(struct bm_scan *scan, const struct bm_folder_list *folder,
                                 const char *relative, const char *db, struct bm_error *err)
{
    struct parts parts = {.list = bm_allocate(folder->count, sizeof *parts.list, err)};
    if (parts.list == NULL) {
        return BM_FAIL;
    }
    enum bm_status status = BM_OK;
    for (size_t i = 0; i < folder->count && status == BM_OK; i++) {
        const struct bm_folder_entry *entry = &folder->entries[i];
        if (entry->kind == BM_NAME_DATA || entry->kind == BM_NAME_METADATA) {
            status = take_entry(scan, &parts, entry, relative, err);
        }
    }
    if (status == BM_OK) {
        status = name_parts(&parts, err);
    }
    if (status == BM_OK) {
        status = sort_out(scan, &parts, db, err);
    }
    parts_free(&parts);
    return status;
}
