/* SPDX-License-Identifier: Apache-2.0 */
#include "container/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "bsonmend/document.h"
#include "catalog/build.h"
#include "container/names.h"
#include "doc/extjson.h"
#include "io/place_path.h"

/* A dump's folders hold no folders; what somebody else put there may go as deep as this. */
enum { DEPTH_MAX = 64 };

static enum bm_status add_folder(struct bm_scan *scan, const char *relative, mode_t mode,
                                 struct bm_error *err)
{
    struct bm_listing *listing = &scan->source->listing;
    if (bm_grow(&listing->folders, listing->folder_count, &listing->folder_capacity,
                sizeof *listing->folders, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_folder folder = {.relative = bm_copy_text(relative, err), .mode = mode};
    folder.path = *relative == '\0' ? bm_copy_text(scan->source->path, err)
                                    : bm_folder_join(scan->source->path, relative, err);
    listing->folders[listing->folder_count++] = folder;
    return folder.relative == NULL || folder.path == NULL ? BM_FAIL : BM_OK;
}

static enum bm_status add_other(struct bm_scan *scan, const char *relative,
                                const struct bm_folder_entry *entry, struct bm_error *err)
{
    struct bm_listing *listing = &scan->source->listing;
    if (bm_grow(&listing->others, listing->other_count, &listing->other_capacity,
                sizeof *listing->others, err) != BM_OK) {
        return BM_FAIL;
    }
    int prelude = entry->kind == BM_NAME_PRELUDE;
    struct bm_other other = {.relative = bm_copy_text(relative, err),
                             .path = bm_folder_join(scan->source->path, relative, err),
                             .mode = prelude ? entry->target : entry->mode,
                             .prelude = prelude};
    listing->others[listing->other_count++] = other;
    return other.relative == NULL || other.path == NULL ? BM_FAIL : BM_OK;
}

static enum bm_status pass_on_folder(struct bm_scan *scan, const char *relative, mode_t mode,
                                     int depth, struct bm_error *err);

/* What mongorestore would not know what to do with: goes along as it is. */
static enum bm_status pass_on(struct bm_scan *scan, const char *outer,
                              const struct bm_folder_entry *entry, int depth, struct bm_error *err)
{
    char *relative = bm_folder_join(outer, entry->name, err);
    if (relative == NULL) {
        return BM_FAIL;
    }
    enum bm_status status = S_ISDIR(entry->mode)
                                ? pass_on_folder(scan, relative, entry->mode, depth, err)
                                : add_other(scan, relative, entry, err);
    free(relative);
    return status;
}

static enum bm_status pass_on_folder(struct bm_scan *scan, const char *relative, mode_t mode,
                                     int depth, struct bm_error *err)
{
    if (depth == DEPTH_MAX) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "%s: folders lie more than %d deep", relative,
                       DEPTH_MAX);
    }
    if (add_folder(scan, relative, mode, err) != BM_OK) {
        return BM_FAIL;
    }
    char *path = bm_folder_join(scan->source->path, relative, err);
    struct bm_folder_list list = {0};
    enum bm_status status = path == NULL ? BM_FAIL : bm_folder_list(path, &list, err);
    for (size_t i = 0; i < list.count && status == BM_OK; i++) {
        list.entries[i].kind = BM_NAME_OTHER;
        status = pass_on(scan, relative, &list.entries[i], depth + 1, err);
    }
    bm_folder_free(&list);
    free(path);
    return status;
}

/* mongorestore reads the prelude of the folder that it is given, and of no other. */
static enum bm_status doubt_prelude(struct bm_scan *scan, const char *outer, const char *shown,
                                    const char *reason, struct bm_error *err)
{
    if (*outer != '\0') {
        return bm_lines_add(&scan->source->warnings, err, "%s: cannot be read and is passed on: %s",
                            shown, reason);
    }
    scan->source->about.is_doubted = 1;
    return bm_lines_add(&scan->source->warnings, err,
                        "%s: cannot be read and is passed on, but mongorestore stops at it from "
                        "100.12.0 on: %s",
                        shown, reason);
}

static enum bm_status use_version(struct bm_scan *scan, struct bm_view version, const char *outer,
                                  const char *shown, struct bm_error *err)
{
    scan->has_version = 1;
    if (bm_catalog_set_server_version(scan->source->catalog, version, err) != BM_OK) {
        return BM_FAIL;
    }
    const char *taken = bm_catalog_server_version(scan->source->catalog);
    /* What mongodump writes where it could not ask. */
    if (bm_names_version_is_read(taken) || strcmp(taken, "unknown") == 0) {
        return BM_OK;
    }
    return doubt_prelude(scan, outer, shown, "its ServerVersion is not of the form 7.0.16", err);
}

/* The first member that is no text; `found` 0: there is none. mongorestore reads a map of texts, in
 * which null is an empty one (mongorestore/mongorestore.go, ReadPreludeMetadata). */
static enum bm_status find_untextual(struct bm_view document, struct bm_element *out, int *found,
                                     struct bm_error *err)
{
    struct bm_elements members;
    enum bm_status status = bm_elements_open(&members, document, err);
    *found = 0;
    while (status == BM_OK && !*found) {
        status = bm_elements_next(&members, out, err);
        *found = status == BM_OK && out->type != BM_TYPE_STRING && out->type != BM_TYPE_NULL;
    }
    return status == BM_FAIL ? BM_FAIL : BM_OK;
}

static enum bm_status use_prelude(struct bm_scan *scan, struct bm_view text, const char *outer,
                                  const char *shown, struct bm_error *err)
{
    struct bm_buffer document = BM_BUFFER_INIT(BM_SOURCE_TEXT_MAX);
    struct bm_error reason = BM_ERROR_INIT;
    struct bm_element element;
    int untextual = 0;
    enum bm_status status = bm_json_parse(text, &document, &reason);
    if (status == BM_OK) {
        status = find_untextual(bm_buffer_view(&document), &element, &untextual, &reason);
    }
    if (status == BM_OK && untextual) {
        status = bm_fail(&reason, BM_ERROR_CORRUPT, 0, "its \"%.*s\" is not a text",
                         (int)(element.name.len < 64 ? element.name.len : 64),
                         (const char *)element.name.data);
    }
    if (status == BM_OK) {
        status = bm_document_find(bm_buffer_view(&document), bm_view_text("ServerVersion"),
                                  &element, &reason);
    }
    if (status == BM_FAIL) {
        status = doubt_prelude(scan, outer, shown, reason.text, err);
    } else if (status == BM_OK && element.type == BM_TYPE_STRING) {
        struct bm_view version = {element.value.data + 4, element.value.len - 5};
        status = use_version(scan, version, outer, shown, err);
    } else {
        status = doubt_prelude(scan, outer, shown, "it has no ServerVersion that is a text", err);
    }
    bm_buffer_free(&document);
    return status;
}

static enum bm_status take_prelude(struct bm_scan *scan, const char *outer,
                                   const struct bm_folder_entry *entry, struct bm_error *err)
{
    char *relative = bm_folder_join(outer, entry->name, err);
    if (relative == NULL) {
        return BM_FAIL;
    }
    scan->has_prelude = 1;
    struct bm_input input = {0};
    struct bm_buffer text = BM_BUFFER_INIT(BM_SOURCE_TEXT_MAX);
    enum bm_status status = bm_directory_input(scan->source, relative, entry->target, &input, err);
    if (status == BM_OK && !scan->has_version) {
        status = bm_input_text(&input, &scan->source->reading, BM_SOURCE_TEXT_MAX, &text, err);
        if (status == BM_OK) {
            status = use_prelude(scan, bm_buffer_view(&text), outer, input.shown, err);
        }
    }
    if (status == BM_OK) {
        status = add_other(scan, relative, entry, err);
    }
    bm_buffer_free(&text);
    bm_input_free(&input);
    free(relative);
    return status;
}

/* The files of one database; `relative` "" is the dump itself. */
static enum bm_status scan_db(struct bm_scan *scan, const struct bm_folder_list *list,
                              const char *relative, const char *db, struct bm_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct bm_folder_entry *entry = &list->entries[i];
        enum bm_status status = BM_OK;
        if (entry->kind == BM_NAME_PRELUDE) {
            status = take_prelude(scan, relative, entry, err);
        } else if (entry->kind == BM_NAME_OTHER) {
            status = pass_on(scan, relative, entry, 1, err);
        }
        if (status != BM_OK) {
            return BM_FAIL;
        }
    }
    return bm_directory_pair(scan, list, relative, db, err);
}

static int holds(const struct bm_folder_list *list, enum bm_name_kind kind)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].kind == kind && !bm_names_is_oplog(list->entries[i].name)) {
            return 1;
        }
    }
    return 0;
}

static int holds_dump(const struct bm_folder_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].kind != BM_NAME_OTHER) {
            return 1;
        }
    }
    return 0;
}

static enum bm_status scan_subfolder(struct bm_scan *scan, const struct bm_folder_entry *entry,
                                     const struct bm_folder_list *list, struct bm_error *err)
{
    /* mongorestore takes every folder for a database, whatever is in it. */
    const char *problem = bm_names_refuse_db(bm_view_text(entry->name));
    if (problem != NULL) {
        return bm_fail(err, BM_ERROR_CORRUPT, 0,
                       "the folder \"%s\" %s, but %s: mongorestore refuses the whole dump",
                       entry->name, holds_dump(list) ? "holds a dump" : "holds no dump", problem);
    }
    if (!holds_dump(list)) {
        return pass_on(scan, "", entry, 0, err);
    }
    if (add_folder(scan, entry->name, entry->target, err) != BM_OK) {
        return BM_FAIL;
    }
    return scan_db(scan, list, entry->name, entry->name, err);
}

static enum bm_status open_subfolder(struct bm_scan *scan, const struct bm_folder_entry *entry,
                                     struct bm_error *err)
{
    char *path = bm_folder_join(scan->source->path, entry->name, err);
    struct bm_folder_list list = {0};
    enum bm_status status = path == NULL ? BM_FAIL : bm_folder_list(path, &list, err);
    if (status == BM_OK) {
        status = scan_subfolder(scan, entry, &list, err);
    }
    bm_folder_free(&list);
    free(path);
    return status;
}

static enum bm_status take_oplog(struct bm_scan *scan, const struct bm_folder_entry *entry,
                                 struct bm_error *err)
{
    struct bm_pending pending = {.db = bm_copy_text("", err),
                                 .collection = bm_copy_text("oplog", err)};
    if (pending.db == NULL || pending.collection == NULL ||
        bm_directory_input(scan->source, entry->name, entry->target, &pending.data, err) != BM_OK ||
        bm_directory_add(scan, &pending, err) != BM_OK) {
        bm_directory_pending_free(&pending);
        return BM_FAIL;
    }
    return BM_OK;
}

static enum bm_status scan_root_entry(struct bm_scan *scan, const struct bm_folder_entry *entry,
                                      struct bm_error *err)
{
    if (S_ISDIR(entry->target)) {
        return open_subfolder(scan, entry, err);
    }
    if (bm_names_is_oplog(entry->name)) {
        return take_oplog(scan, entry, err);
    }
    struct bm_folder_entry other = *entry;
    other.kind = BM_NAME_OTHER;
    return pass_on(scan, "", &other, 0, err);
}

static enum bm_status scan_root(struct bm_scan *scan, const struct bm_folder_list *list,
                                struct bm_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].kind == BM_NAME_PRELUDE &&
            take_prelude(scan, "", &list->entries[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        if (list->entries[i].kind != BM_NAME_PRELUDE &&
            scan_root_entry(scan, &list->entries[i], err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* Whether data files in the folder itself are strays among folders of databases. */
static enum bm_status has_databases(const struct bm_source *source,
                                    const struct bm_folder_list *list, int *found,
                                    struct bm_error *err)
{
    *found = 0;
    for (size_t i = 0; i < list->count && !*found; i++) {
        if (!S_ISDIR(list->entries[i].target)) {
            continue;
        }
        char *path = bm_folder_join(source->path, list->entries[i].name, err);
        struct bm_folder_list inner = {0};
        enum bm_status status = path == NULL ? BM_FAIL : bm_folder_list(path, &inner, err);
        *found = holds(&inner, BM_NAME_DATA) || holds(&inner, BM_NAME_METADATA);
        bm_folder_free(&inner);
        free(path);
        if (status != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status find_layout(struct bm_source *source, const struct bm_folder_list *list,
                                  const struct bm_source_names *names, struct bm_error *err)
{
    source->listing.layout = BM_LAYOUT_ROOT;
    if (names != NULL) {
        source->listing.layout = names->one_database ? BM_LAYOUT_DB : BM_LAYOUT_ROOT;
    } else if (holds(list, BM_NAME_METADATA)) {
        source->listing.layout = BM_LAYOUT_DB;
    } else if (holds(list, BM_NAME_DATA)) {
        int strays;
        if (has_databases(source, list, &strays, err) != BM_OK) {
            return BM_FAIL;
        }
        source->listing.layout = strays ? BM_LAYOUT_ROOT : BM_LAYOUT_DB;
    }
    return BM_OK;
}

/* The folder's real name: "." and links do not tell it. */
static enum bm_status name_db(struct bm_source *source, const struct bm_source_names *names,
                              struct bm_error *err)
{
    if (names != NULL) {
        source->listing.db = bm_copy_text(names->db, err);
    } else {
        char *path = bm_place_path_resolve(source->path, err);
        if (path == NULL) {
            return BM_FAIL;
        }
        source->listing.db = bm_copy_view(bm_place_path_split(path).name, err);
        free(path);
    }
    return source->listing.db == NULL ? BM_FAIL : BM_OK;
}

static enum bm_status scan_list(struct bm_scan *scan, const struct bm_folder_list *list,
                                const struct bm_source_names *names, struct bm_error *err)
{
    struct bm_source *source = scan->source;
    struct stat found;
    if (stat(source->path, &found) != 0) {
        return bm_fail(err, BM_ERROR_IO, errno, "cannot be opened");
    }
    if (add_folder(scan, "", found.st_mode, err) != BM_OK ||
        find_layout(source, list, names, err) != BM_OK) {
        return BM_FAIL;
    }
    if (source->listing.layout == BM_LAYOUT_ROOT) {
        return scan_root(scan, list, err);
    }
    if (name_db(source, names, err) != BM_OK) {
        return BM_FAIL;
    }
    return scan_db(scan, list, "", source->listing.db, err);
}

enum bm_status bm_directory_scan(struct bm_scan *scan, const struct bm_source_names *names,
                                 struct bm_error *err)
{
    struct bm_folder_list list;
    if (bm_folder_list(scan->source->path, &list, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = scan_list(scan, &list, names, err);
    bm_folder_free(&list);
    return status;
}
