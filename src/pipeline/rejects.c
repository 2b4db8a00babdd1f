/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/rejects_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "bsonmend/key.h"
#include "container/names.h"
#include "doc/extjson.h"
#include "io/place.h"

#define COPIES_MAX 1000u /* files of a namespace: each is a collection when it is restored */
#define PENDING_MAX ((size_t)16 << 20) /* bytes that wait for their files, all together */

static enum bm_status make_folder(const char *path, struct bm_error *err)
{
    struct stat found;
    if (stat(path, &found) == 0) {
        return BM_OK;
    }
    mode_t mask = umask(0);
    (void)umask(mask);
    return bm_place_make_folder(path, 0777 & ~mask, err);
}

struct bm_rejects *bm_rejects_new(const struct bm_rejects_options *options, struct bm_error *err)
{
    struct stat found;
    if (lstat(options->path, &found) == 0) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "it exists: rejected documents go to a new place");
        (void)bm_error_file(err, options->path);
        return NULL;
    }
    if (bm_place_check_folder_of(options->path, err) != BM_OK) {
        (void)bm_error_file(err, options->path);
        return NULL;
    }
    struct bm_rejects *rejects = bm_allocate(1, sizeof *rejects, err);
    if (rejects == NULL) {
        return NULL;
    }
    rejects->options = *options;
    rejects->canonical = BM_BUFFER_INIT((size_t)4 * BM_DOCUMENT_MAX);
    struct bm_error failure = BM_ERROR_INIT; /* of a name that means nothing to anybody */
    if (bm_place_temporary(options->path, &rejects->temporary, err) != BM_OK) {
        bm_rejects_free(rejects);
        return NULL;
    }
    if (make_folder(rejects->temporary, &failure) != BM_OK) {
        (void)bm_fail(err, failure.code, failure.sys_errno, "cannot make a folder beside it");
        (void)bm_error_file(err, options->path);
        bm_rejects_free(rejects);
        return NULL;
    }
    rejects->is_made = 1;
    return rejects;
}

void bm_rejects_free(struct bm_rejects *rejects)
{
    if (rejects == NULL) {
        return;
    }
    if (rejects->is_made && !rejects->is_named) {
        bm_place_remove_tree(rejects->temporary);
    }
    for (size_t i = 0; i < rejects->count; i++) {
        free(rejects->files[i].collection);
        free(rejects->files[i].path);
        bm_buffer_free(&rejects->files[i].pending);
        bm_seen_free(rejects->files[i].ids);
    }
    for (size_t i = 0; i < rejects->shelf_count; i++) {
        free(rejects->shelves[i].files);
        bm_seen_free(rejects->shelves[i].sieve);
    }
    free(rejects->shelves);
    free(rejects->files);
    free(rejects->temporary);
    bm_buffer_free(&rejects->canonical);
    free(rejects);
}

/* ---- names ---- */

/*
 * "c.rejects", or the first of "c.rejects-2" and so on that the dump does not call anything and
 * that was not tried. Names of two namespaces never meet: they have the same end only by the same
 * copy.
 */
static char *free_name(const struct bm_rejects *rejects, const struct bm_namespace *ns,
                       struct bm_rejects_shelf *shelf, struct bm_error *err)
{
    for (;;) {
        shelf->copy++;
        char *name = shelf->copy == 1
                         ? bm_format_text(err, "%s.rejects", ns->collection)
                         : bm_format_text(err, "%s.rejects-%zu", ns->collection, shelf->copy);
        if (name == NULL || bm_catalog_find(rejects->options.catalog, bm_view_text(ns->db),
                                            bm_view_text(name)) == NULL) {
            return name;
        }
        free(name);
    }
}

enum bm_status bm_rejects_fail_shown(const struct bm_rejects *rejects, const char *path,
                                     const struct bm_error *failure, struct bm_error *err)
{
    char *shown =
        bm_format_text(err, "%s%s", rejects->options.path, path + strlen(rejects->temporary));
    if (shown != NULL) {
        (void)bm_fail(err, failure->code, failure->sys_errno, "%s", failure->text);
        (void)bm_error_file(err, shown);
    }
    free(shown);
    return BM_FAIL;
}

static enum bm_status make_path(struct bm_rejects *rejects, struct bm_rejects_file *file,
                                struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    char *folder = bm_format_text(err, "%s/%s", rejects->temporary, file->ns->db);
    char *stem = bm_names_escape(bm_view_text(file->collection), err);
    enum bm_status status = folder != NULL && stem != NULL ? BM_OK : BM_FAIL;
    if (status == BM_OK && make_folder(folder, &failure) != BM_OK) {
        status = bm_rejects_fail_shown(rejects, folder, &failure, err);
    }
    if (status == BM_OK) {
        file->path = bm_format_text(err, "%s/%s", folder, stem);
        status = file->path != NULL ? BM_OK : BM_FAIL;
    }
    free(folder);
    free(stem);
    return status;
}

static enum bm_status refuse_copy(const struct bm_namespace *ns, struct bm_error *err)
{
    (void)bm_fail(err, BM_ERROR_VIOLATION, 0,
                  "over %u documents of one _id would be set aside, each in a collection of its "
                  "own: leave them with --onDuplicate _id_=leave",
                  COPIES_MAX);
    return bm_error_in(err, ns->ns);
}

static struct bm_rejects_file *add_file(struct bm_rejects *rejects, const struct bm_namespace *ns,
                                        struct bm_error *err)
{
    struct bm_rejects_shelf *shelf = &rejects->shelves[ns->number];
    if (shelf->count >= COPIES_MAX) {
        (void)refuse_copy(ns, err);
        return NULL;
    }
    if (bm_grow(&rejects->files, rejects->count, &rejects->capacity, sizeof *rejects->files, err) !=
            BM_OK ||
        bm_grow(&shelf->files, shelf->count, &shelf->capacity, sizeof *shelf->files, err) !=
            BM_OK) {
        return NULL;
    }
    struct bm_rejects_file file = {
        .ns = ns,
        .collection = free_name(rejects, ns, shelf, err),
        .pending = BM_BUFFER_INIT(2 * PENDING_MAX + BM_DOCUMENT_MAX_OPLOG),
        .ids = bm_seen_new(rejects->options.budget, err),
    };
    if (file.collection == NULL || file.ids == NULL || make_path(rejects, &file, err) != BM_OK ||
        (shelf->sieve != NULL && bm_seen_sift(file.ids, shelf->sieve, err) != BM_OK)) {
        free(file.collection);
        free(file.path);
        bm_seen_free(file.ids);
        return NULL;
    }
    shelf->files[shelf->count++] = rejects->count;
    rejects->files[rejects->count] = file;
    return &rejects->files[rejects->count++];
}

/* ---- bytes ---- */

static enum bm_status fail_to(const char *what, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_IO, errno, "%s", what);
}

static enum bm_status write_all(int fd, struct bm_view bytes, struct bm_error *err)
{
    while (bytes.len > 0) {
        ssize_t written = write(fd, bytes.data, bytes.len);
        if (written < 0 && errno != EINTR) {
            return fail_to("cannot write", err);
        }
        size_t taken = written > 0 ? (size_t)written : 0;
        bytes = (struct bm_view){bytes.data + taken, bytes.len - taken};
    }
    return BM_OK;
}

/* Appends to a file, and syncs it where it is complete. */
static enum bm_status append_to(const char *path, struct bm_view bytes, int is_end,
                                struct bm_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fd < 0) {
        return fail_to("cannot be made", err);
    }
    enum bm_status status = write_all(fd, bytes, err);
    if (status == BM_OK && is_end && fsync(fd) != 0) {
        status = fail_to("cannot be synced", err);
    }
    if (close(fd) != 0 && status == BM_OK) {
        status = fail_to("cannot write", err);
    }
    return status;
}

static enum bm_status append(const struct bm_rejects *rejects, const struct bm_rejects_file *file,
                             const char *suffix, struct bm_view bytes, int is_end,
                             struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    char *path = bm_format_text(err, "%s%s", file->path, suffix);
    if (path == NULL) {
        return BM_FAIL;
    }
    enum bm_status status = append_to(path, bytes, is_end, &failure);
    if (status != BM_OK) {
        status = bm_rejects_fail_shown(rejects, path, &failure, err);
    }
    free(path);
    return status;
}

enum bm_status bm_rejects_flush(struct bm_rejects *rejects, int is_end, struct bm_error *err)
{
    if (rejects->options.stop != NULL && *rejects->options.stop != 0) {
        return bm_fail(err, BM_ERROR_STOPPED, 0, "stopped by a signal");
    }
    for (size_t i = 0; i < rejects->count; i++) {
        struct bm_rejects_file *file = &rejects->files[i];
        if ((file->pending.len > 0 || is_end) &&
            append(rejects, file, ".bson", bm_buffer_view(&file->pending), is_end, err) != BM_OK) {
            return BM_FAIL;
        }
        bm_buffer_free(&file->pending);
    }
    rejects->pending = 0;
    return BM_OK;
}

/* ---- documents ---- */

enum bm_status bm_rejects_id_of(struct bm_rejects *rejects, struct bm_view document,
                                struct bm_fingerprint *out, struct bm_error *err)
{
    struct bm_element id;
    struct bm_error damage = BM_ERROR_INIT;
    if (bm_document_find(document, bm_view_text("_id"), &id, &damage) != BM_OK) {
        return BM_END;
    }
    bm_buffer_clear(&rejects->canonical);
    if (bm_key_canonical(id.type, id.value, &rejects->canonical, &damage) != BM_OK) {
        /* Nested deeper than a server takes: it is refused there, whatever file it is in. */
        if (damage.code == BM_ERROR_VIOLATION) {
            return BM_END;
        }
        *err = damage;
        return BM_FAIL;
    }
    *out = bm_fingerprint_of(rejects->options.hash_key, bm_buffer_view(&rejects->canonical));
    return BM_OK;
}

static enum bm_status make_shelves(struct bm_rejects *rejects, struct bm_error *err)
{
    if (rejects->shelves == NULL) {
        rejects->shelf_count = bm_catalog_count(rejects->options.catalog);
        rejects->shelves = bm_allocate(rejects->shelf_count, sizeof *rejects->shelves, err);
        rejects->shelf_count = rejects->shelves != NULL ? rejects->shelf_count : 0;
    }
    return rejects->shelves != NULL ? BM_OK : BM_FAIL;
}

/* The first file of the namespace that has no document of this _id; NULL: any. */
static struct bm_rejects_file *find_file(struct bm_rejects *rejects, const struct bm_namespace *ns,
                                         const struct bm_fingerprint *id, struct bm_error *err)
{
    const struct bm_rejects_shelf *shelf = &rejects->shelves[ns->number];
    size_t low = 0;
    size_t high = shelf->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct bm_rejects_file *file = &rejects->files[shelf->files[middle]];
        if (id != NULL && bm_seen_find(file->ids, *id) != BM_MARK_ABSENT) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < shelf->count ? &rejects->files[shelf->files[low]] : add_file(rejects, ns, err);
}

enum bm_status bm_rejects_append(struct bm_rejects *rejects, struct bm_rejects_file *file,
                                 struct bm_view document, struct bm_error *err)
{
    if (bm_buffer_append(&file->pending, document, err) != BM_OK) {
        return BM_FAIL;
    }
    file->size += document.len;
    rejects->pending += document.len;
    return rejects->pending >= PENDING_MAX ? bm_rejects_flush(rejects, 0, err) : BM_OK;
}

static void forget_ids(struct bm_rejects *rejects, const struct bm_rejects_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        struct bm_rejects_file *file = &rejects->files[shelf->files[i]];
        bm_seen_free(file->ids);
        file->ids = NULL;
        file->placed = file->size;
    }
}

/* Enters the _id of the document that a file was given last. */
static enum bm_status keep_id(struct bm_rejects *rejects, struct bm_rejects_shelf *shelf,
                              const struct bm_rejects_file *file, const struct bm_fingerprint *id,
                              struct bm_error *err)
{
    struct bm_error failure = BM_ERROR_INIT;
    uint64_t refused = rejects->options.budget->refused;
    if (bm_seen_add(file->ids, *id, BM_MARK_PLAIN, &failure) == BM_OK) {
        return BM_OK;
    }
    if (refused == rejects->options.budget->refused || shelf->sieve != NULL) {
        *err = failure;
        return BM_FAIL;
    }
    shelf->is_late = 1;
    forget_ids(rejects, shelf);
    return BM_OK;
}

enum bm_status bm_rejects_place(struct bm_rejects *rejects, const struct bm_namespace *ns,
                                const struct bm_fingerprint *id, struct bm_view document,
                                struct bm_error *err)
{
    struct bm_rejects_file *file = find_file(rejects, ns, id, err);
    if (file == NULL || bm_rejects_append(rejects, file, document, err) != BM_OK) {
        return BM_FAIL;
    }
    return id != NULL ? keep_id(rejects, &rejects->shelves[ns->number], file, id, err) : BM_OK;
}

enum bm_status bm_rejects_take(struct bm_rejects *rejects, const struct bm_change *change,
                               struct bm_error *err)
{
    struct bm_fingerprint id;
    if (make_shelves(rejects, err) != BM_OK) {
        return BM_FAIL;
    }
    const struct bm_rejects_shelf *shelf = &rejects->shelves[change->ns->number];
    if (shelf->is_late) {
        return bm_rejects_append(rejects, &rejects->files[shelf->files[0]], change->before, err);
    }
    enum bm_status status = bm_rejects_id_of(rejects, change->before, &id, err);
    return status != BM_FAIL ? bm_rejects_place(rejects, change->ns, status == BM_OK ? &id : NULL,
                                                change->before, err)
                             : BM_FAIL;
}

/* ---- the end ---- */

static enum bm_status write_metadata(const struct bm_rejects *rejects,
                                     const struct bm_rejects_file *file, struct bm_error *err)
{
    struct bm_buffer text = BM_BUFFER_INIT(BM_DOCUMENT_MAX);
    static const char start[] =
        "{\"options\":{},\"indexes\":[{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"_id\":"
        "{\"$numberInt\":\"1\"}},\"name\":\"_id_\"}],\"collectionName\":";
    enum bm_status status = bm_buffer_append(&text, bm_view_text(start), err);
    if (status == BM_OK) {
        status = bm_json_string(bm_view_text(file->collection), &text, err);
    }
    if (status == BM_OK) {
        status = bm_buffer_append(&text, bm_view_text(",\"type\":\"collection\"}"), err);
    }
    if (status == BM_OK) {
        status = append(rejects, file, ".metadata.json", bm_buffer_view(&text), 1, err);
    }
    bm_buffer_free(&text);
    return status;
}

enum bm_status bm_rejects_finish(struct bm_rejects *rejects, struct bm_error *err)
{
    if (rejects->count == 0) {
        return BM_OK;
    }
    /* The others have their documents where they belong, and leave their memory to those. */
    for (size_t i = 0; i < rejects->shelf_count; i++) {
        if (!rejects->shelves[i].is_late) {
            forget_ids(rejects, &rejects->shelves[i]);
        }
    }
    if (bm_rejects_settle_late(rejects, err) != BM_OK ||
        bm_rejects_flush(rejects, 1, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < rejects->count; i++) {
        const struct bm_rejects_file *file = &rejects->files[i];
        int is_last = i + 1 == rejects->count ||
                      strcmp(file->ns->db, rejects->files[i + 1].ns->db) != 0; /* of its folder */
        if (write_metadata(rejects, file, err) != BM_OK ||
            (is_last && bm_place_sync_folder_of(file->path, err) != BM_OK)) {
            return BM_FAIL;
        }
    }
    if (bm_place_sync_folder(rejects->temporary, err) != BM_OK ||
        bm_place_rename(rejects->temporary, rejects->options.path, BM_REFUSE_EXISTING, err) !=
            BM_OK) {
        return BM_FAIL;
    }
    rejects->is_named = 1;
    return bm_place_sync_folder_of(rejects->options.path, err);
}

void bm_rejects_unname(struct bm_rejects *rejects)
{
    if (rejects->is_named) {
        bm_place_remove_tree(rejects->options.path);
    }
}
