/* SPDX-License-Identifier: Apache-2.0 */
#include "container/packer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bsonmend/codec.h"

#include "container/folder.h"
#include "container/frame.h"
#include "io/place.h"
#include "io/place_path.h"

/* "out/" asks for a folder. */
static enum bm_status check_kind(const struct bm_packer *packer, struct bm_error *err)
{
    const char *asked = packer->options.path;
    if (packer->container != BM_CONTAINER_DIRECTORY && asked[strlen(asked) - 1] == '/') {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "names a folder, but the output is a file (--outFormat dir makes a folder)");
    }
    return BM_OK;
}

static int leads_to(const struct bm_input *input, const struct stat *there)
{
    struct stat found;
    if (!bm_input_exists(input)) {
        return 0;
    }
    int looked = input->path != NULL ? stat(input->path, &found) : fstat(STDIN_FILENO, &found);
    return looked == 0 && bm_place_is_one(&found, there);
}

const char *bm_packer_input_behind(const struct bm_source *source, const struct stat *there)
{
    if (leads_to(&source->stream, there)) {
        return source->stream.shown;
    }
    for (size_t i = 0; source->slots != NULL && i < bm_catalog_count(source->catalog); i++) {
        const struct bm_slot *slot = &source->slots[i];
        if (leads_to(&slot->data, there) || leads_to(&slot->metadata, there)) {
            return leads_to(&slot->data, there) ? slot->data.shown : slot->metadata.shown;
        }
    }
    for (size_t i = 0; i < source->listing.other_count; i++) {
        struct stat found;
        if (stat(source->listing.others[i].path, &found) == 0 && bm_place_is_one(&found, there)) {
            return source->listing.others[i].path;
        }
    }
    return NULL;
}

/* Hard links have one content under two names, and a dump's files may be links that lead anywhere.
 */
static enum bm_status refuse_input(const struct bm_packer *packer, const struct stat *there,
                                   struct bm_error *err)
{
    const char *input = bm_packer_input_behind(packer->source, there);
    if (input == NULL) {
        return BM_OK;
    }
    return packer->source->about.container == BM_CONTAINER_DIRECTORY
               ? bm_fail(err, BM_ERROR_USAGE, 0, "the output is read as %s: never in place", input)
               : bm_fail(err, BM_ERROR_USAGE, 0, "the output is the input: never in place");
}

/* A file of the input that a folder would take along when it goes. NULL is no path: BM_OK. */
static enum bm_status refuse_below(const char *folder, const char *path, struct bm_error *err)
{
    if (path == NULL || !bm_place_below(path, folder)) {
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_USAGE, 0, "%s, which is read, leads into it: never in place",
                   path);
}

static enum bm_status refuse_input_below(const struct bm_packer *packer, struct bm_error *err)
{
    const struct bm_source *source = packer->source;
    const char *folder = packer->path;
    enum bm_status status = refuse_below(folder, source->stream.path, err);
    for (size_t i = 0;
         source->slots != NULL && i < bm_catalog_count(source->catalog) && status == BM_OK; i++) {
        status = refuse_below(folder, source->slots[i].data.path, err);
        if (status == BM_OK) {
            status = refuse_below(folder, source->slots[i].metadata.path, err);
        }
    }
    for (size_t i = 0; i < source->listing.other_count && status == BM_OK; i++) {
        status = refuse_below(folder, source->listing.others[i].path, err);
    }
    return status;
}

static enum bm_status refuse_entry(const char *inside, const char *name, const char *why,
                                   struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_USAGE, 0, "is not replaced: %s%s%s in it %s", inside,
                   *inside == '\0' ? "" : "/", name, why);
}

/* Whether a file has whole documents where it starts, or is empty, whatever its codec. */
static enum bm_status starts_as_data(const char *path, int *is_data, struct bm_error *err)
{
    struct bm_error damage = BM_ERROR_INIT;
    struct bm_frame frame = {0};
    struct bm_batch batch;
    enum bm_item item;
    struct bm_reader *file = bm_reader_file_new(path, NULL, err);
    if (file == NULL) {
        return BM_FAIL;
    }
    struct bm_reader *decoded = bm_decode_new(file, NULL, &damage);
    struct bm_reader *reader = decoded != NULL ? decoded : file;
    *is_data = decoded != NULL &&
               bm_frame_init(&frame, BM_FRAMING_FILE, reader, 0, &damage) == BM_OK &&
               bm_frame_next(&frame, 1, &batch, &item, &damage) == BM_OK;
    bm_frame_free(&frame);
    bm_reader_free(reader);
    if (damage.code == BM_ERROR_IO || damage.code == BM_ERROR_MEMORY) {
        *err = damage;
        return BM_FAIL;
    }
    return BM_OK;
}

/* A name alone may be anybody's. What a link leads to stays. */
static enum bm_status refuse_other_data(const char *folder, const char *inside,
                                        const struct bm_folder_entry *entry, struct bm_error *err)
{
    int is_data = 1;
    if (entry->kind != BM_NAME_DATA || !S_ISREG(entry->mode)) {
        return BM_OK;
    }
    char *path = bm_folder_join(folder, entry->name, err);
    enum bm_status status = path == NULL ? BM_FAIL : starts_as_data(path, &is_data, err);
    free(path);
    return status != BM_OK || is_data
               ? status
               : refuse_entry(inside, entry->name, "does not start with a document", err);
}

/* `inside` is what the folder is called in messages, "" for OUT itself. */
static enum bm_status refuse_foreign(const char *folder, const struct bm_folder_list *list,
                                     const char *inside, struct bm_error *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct bm_folder_entry *entry = &list->entries[i];
        if (entry->kind == BM_NAME_OTHER && !S_ISDIR(entry->mode)) {
            return refuse_entry(inside, entry->name, "belongs to no dump", err);
        }
        if (refuse_other_data(folder, inside, entry, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status check_database(const char *folder, const char *name, struct bm_error *err)
{
    char *path = bm_folder_join(folder, name, err);
    struct bm_folder_list list = {0};
    enum bm_status status = path == NULL ? BM_FAIL : bm_folder_list(path, &list, err);
    if (status == BM_OK) {
        status = refuse_foreign(path, &list, name, err);
    }
    for (size_t i = 0; i < list.count && status == BM_OK; i++) {
        if (S_ISDIR(list.entries[i].mode)) {
            status = bm_fail(err, BM_ERROR_USAGE, 0,
                             "is not replaced: the folder %s/%s in it belongs to no dump", name,
                             list.entries[i].name);
        }
    }
    bm_folder_free(&list);
    free(path);
    return status;
}

/* Beside the folders of databases mongorestore reads only the oplog and the prelude; without such
 * folders the files are those of one database. */
static enum bm_status refuse_strays(const struct bm_folder_list *list, struct bm_error *err)
{
    int has_folders = 0;
    for (size_t i = 0; i < list->count; i++) {
        has_folders |= S_ISDIR(list->entries[i].mode);
    }
    for (size_t i = 0; has_folders && i < list->count; i++) {
        const struct bm_folder_entry *entry = &list->entries[i];
        if ((entry->kind == BM_NAME_DATA || entry->kind == BM_NAME_METADATA) &&
            !bm_names_is_oplog(entry->name)) {
            return refuse_entry("", entry->name, "lies beside databases and belongs to none", err);
        }
    }
    return BM_OK;
}

enum bm_status bm_packer_check_replaceable(const char *path, struct bm_error *err)
{
    struct bm_folder_list list;
    if (bm_folder_list(path, &list, err) != BM_OK) {
        return BM_FAIL;
    }
    enum bm_status status = refuse_foreign(path, &list, "", err);
    if (status == BM_OK) {
        status = refuse_strays(&list, err);
    }
    for (size_t i = 0; i < list.count && status == BM_OK; i++) {
        if (S_ISDIR(list.entries[i].mode)) {
            status = check_database(path, list.entries[i].name, err);
        }
    }
    bm_folder_free(&list);
    return status;
}

static enum bm_status check_existing(const struct bm_packer *packer, const struct stat *there,
                                     struct bm_error *err)
{
    if (refuse_input(packer, there, err) != BM_OK) {
        return BM_FAIL;
    }
    if (packer->options.existing == BM_REFUSE_EXISTING) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "exists already: --force would replace it");
    }
    if (packer->container == BM_CONTAINER_DIRECTORY) {
        if (!S_ISDIR(there->st_mode)) {
            return bm_fail(err, BM_ERROR_USAGE, 0,
                           "is not replaced: it is no directory, but the output is");
        }
        return refuse_input_below(packer, err) == BM_OK
                   ? bm_packer_check_replaceable(packer->path, err)
                   : BM_FAIL;
    }
    return S_ISREG(there->st_mode)
               ? BM_OK
               : bm_fail(err, BM_ERROR_USAGE, 0, "is not replaced: it is not a regular file");
}

/* Databases may be links that lead out of the dump: what they lead to is input as well. */
static enum bm_status check_apart(const struct bm_packer *packer, struct bm_error *err)
{
    const struct bm_source *source = packer->source;
    struct stat found;
    if (source->path == NULL || stat(source->path, &found) != 0 ||
        (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode))) {
        return BM_OK;
    }
    if (bm_place_apart(source->path, packer->path, err) != BM_OK) {
        return BM_FAIL;
    }
    for (size_t i = 0; i < source->listing.folder_count; i++) {
        if (bm_place_apart(source->listing.folders[i].path, packer->path, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

enum bm_status bm_packer_check_place(const struct bm_packer *packer, struct bm_error *err)
{
    if (check_kind(packer, err) != BM_OK || bm_place_check_folder_of(packer->path, err) != BM_OK ||
        check_apart(packer, err) != BM_OK) {
        return BM_FAIL;
    }
    struct stat there;
    if (lstat(packer->path, &there) == 0) {
        return check_existing(packer, &there, err);
    }
    return errno == ENOENT ? BM_OK
                           : bm_fail(err, BM_ERROR_IO, errno, "cannot look at the output's place");
}

enum bm_status bm_packer_check_descriptor(const struct bm_packer *packer, struct bm_error *err)
{
    struct stat there;
    if (fstat(packer->options.fd, &there) != 0 || !S_ISREG(there.st_mode)) {
        return BM_OK;
    }
    const char *input = bm_packer_input_behind(packer->source, &there);
    if (input == NULL) {
        return BM_OK;
    }
    (void)bm_fail(err, BM_ERROR_USAGE, 0, "standard output is a file that is read");
    return bm_error_file(err, input);
}
