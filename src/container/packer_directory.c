/* SPDX-License-Identifier: Apache-2.0 */
#include "container/packer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "container/folder.h"
#include "container/names.h"
#include "container/outputs.h"
#include "container/packer_names.h"
#include "container/runs.h"
#include "container/transfer.h"
#include "doc/extjson.h"
#include "io/place.h"

struct marks {
    int touched;     /* the bytes are not those of the input */
    int made_folder; /* the first namespace of its database, where folders are made */
};

struct directory {
    struct bm_packer base;
    int begun;
    struct bm_outputs outputs;
    struct marks *marks; /* by namespace number */
};

static int from_directory(const struct directory *self)
{
    return self->base.source->about.container == BM_CONTAINER_DIRECTORY;
}

static char *below(const struct directory *self, const char *relative, struct bm_error *err)
{
    return bm_folder_join(self->base.temporary, relative, err);
}

/* mode BM_SINK_ANY_MODE: as the umask has it. */
static enum bm_status make_folder_at(const char *path, mode_t mode, struct bm_error *err)
{
    if (mode != BM_SINK_ANY_MODE) {
        /* Without write permission nothing could be put in; the exact mode comes at the end. */
        return bm_place_make_folder(path, (mode & 0777) | S_IRWXU, err);
    }
    if (mkdir(path, 0777) != 0) {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot make the folder");
        return bm_error_file(err, path);
    }
    return BM_OK;
}

static enum bm_status make_folder(const struct directory *self, const char *relative, mode_t mode,
                                  struct bm_error *err)
{
    char *path = below(self, relative, err);
    enum bm_status status = path == NULL ? BM_FAIL : make_folder_at(path, mode, err);
    free(path);
    return status;
}

static enum bm_status make_found_folders(const struct directory *self, struct bm_error *err)
{
    const struct bm_listing *listing = &self->base.source->listing;
    for (size_t i = 1; i < listing->folder_count; i++) {
        const struct bm_folder *folder = &listing->folders[i];
        if (make_folder(self, folder->relative, folder->mode, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status make_database_folders(const struct directory *self, struct bm_error *err)
{
    const struct bm_catalog *catalog = self->base.source->catalog;
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        if (ns->kind == BM_NAMESPACE_OPLOG) {
            continue;
        }
        struct bm_error again = BM_ERROR_INIT;
        /* A database comes up as often as it has collections. */
        if (make_folder(self, ns->db, BM_SINK_ANY_MODE, &again) == BM_OK) {
            self->marks[i].made_folder = 1;
        } else if (again.sys_errno != EEXIST) {
            *err = again;
            return BM_FAIL;
        }
    }
    return BM_OK;
}

static enum bm_status write_prelude(const struct directory *self, struct bm_error *err)
{
    const struct bm_source *source = self->base.source;
    struct bm_buffer text = BM_BUFFER_INIT((size_t)1 << 26);
    char *name =
        bm_format_text(err, "prelude.json%s", bm_codec_suffix(self->base.compression.codec));
    char *path = name == NULL ? NULL : below(self, name, err);
    enum bm_status status = BM_FAIL;
    if (path == NULL || bm_buffer_append_text(&text, "{\"ServerVersion\":", err) != BM_OK ||
        bm_json_string(bm_view_text(bm_catalog_server_version(source->catalog)), &text, err) !=
            BM_OK ||
        bm_buffer_append_text(&text, ",\"ToolVersion\":", err) != BM_OK ||
        bm_json_string(bm_view_text(source->prelude.tool_version), &text, err) != BM_OK ||
        bm_buffer_append_text(&text, "}", err) != BM_OK) {
        goto out;
    }
    const struct bm_transfer transfer = {.to = path,
                                         .text = bm_buffer_view(&text),
                                         .changed = 1,
                                         .compression = self->base.compression,
                                         .stop = self->base.options.stop};
    status = bm_transfer_text(&transfer, err);
out:
    bm_buffer_free(&text);
    free(path);
    free(name);
    return status;
}

static enum bm_status begin(struct directory *self, struct bm_error *err)
{
    if (self->begun) {
        return BM_OK;
    }
    const struct bm_listing *listing = &self->base.source->listing;
    mode_t mode = from_directory(self) ? listing->folders[0].mode : BM_SINK_ANY_MODE;
    if (make_folder_at(self->base.temporary, mode, err) != BM_OK) {
        return BM_FAIL;
    }
    self->begun = 1;
    if (from_directory(self)) {
        return make_found_folders(self, err);
    }
    if (make_database_folders(self, err) != BM_OK) {
        return BM_FAIL;
    }
    return self->base.source->about.container == BM_CONTAINER_ARCHIVE ? write_prelude(self, err)
                                                                      : BM_OK;
}

static mode_t data_mode(const struct directory *self, const struct bm_namespace *ns)
{
    const struct bm_source *source = self->base.source;
    if (source->slots == NULL) {
        return BM_SINK_ANY_MODE;
    }
    const struct bm_input *input = &source->slots[ns->number].data;
    return input->opened && S_ISREG(input->found.st_mode) ? input->found.st_mode & 0777
                                                          : BM_SINK_ANY_MODE;
}

static enum bm_status open_data(struct directory *self, const struct bm_namespace *ns,
                                struct bm_error *err)
{
    struct bm_output *output = &self->outputs.list[ns->number];
    char *name = bm_packer_names_data(&self->base, ns, &output->compression, err);
    if (name == NULL) {
        return BM_FAIL;
    }
    output->mode = data_mode(self, ns);
    output->path = below(self, name, err);
    output->shown = bm_folder_join(self->base.path, name, err);
    free(name);
    return output->path != NULL && output->shown != NULL
               ? bm_outputs_open(&self->outputs, ns->number, self->base.temporary, err)
               : BM_FAIL;
}

static enum bm_status write_metadata(const struct directory *self, const struct bm_namespace *ns,
                                     struct bm_error *err)
{
    const struct bm_source *source = self->base.source;
    const struct bm_input *from =
        source->slots != NULL && bm_input_exists(&source->slots[ns->number].metadata)
            ? &source->slots[ns->number].metadata
            : NULL;
    struct bm_transfer transfer = {.from = from,
                                   .text = bm_packer_metadata(&self->base, ns),
                                   .changed = bm_packer_metadata_changed(&self->base, ns),
                                   .compression = bm_transfer_metadata_compression(&self->base, ns),
                                   .stop = self->base.options.stop};
    if (!bm_packer_has_metadata(&self->base, ns)) {
        return BM_OK;
    }
    char *name = bm_packer_names_metadata(&self->base, ns, err);
    char *path = name == NULL ? NULL : below(self, name, err);
    char *shown = path == NULL ? NULL : bm_folder_join(self->base.path, name, err);
    transfer.to = path;
    transfer.shown = shown;
    enum bm_status status = shown == NULL ? BM_FAIL : bm_transfer_text(&transfer, err);
    free(shown);
    free(path);
    free(name);
    return status;
}

static enum bm_status put_batch(struct directory *self, const struct bm_batch *batch,
                                const struct bm_edit *edits, size_t edit_count,
                                struct bm_error *err)
{
    struct bm_output *output = &self->outputs.list[batch->ns->number];
    if (output->path == NULL && open_data(self, batch->ns, err) != BM_OK) {
        return BM_FAIL;
    }
    self->marks[batch->ns->number].touched |= edit_count > 0;
    struct bm_runs runs = bm_runs_of(batch, edits, edit_count);
    struct bm_run run;
    while (bm_runs_next(&runs, &run)) {
        self->base.documents += run.documents;
        self->base.bytes += run.bytes.len;
        if (bm_sink_write(&output->sink, run.bytes, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* A codec may write the same documents as other bytes: only plain ones are known to be the same. */
static int is_same_file(const struct directory *self, const struct bm_namespace *ns)
{
    return from_directory(self) && !self->marks[ns->number].touched &&
           self->outputs.list[ns->number].compression.codec == BM_CODEC_NONE &&
           self->base.source->slots[ns->number].data.codec == BM_CODEC_NONE;
}

static enum bm_status end_namespace(struct directory *self, const struct bm_namespace *ns,
                                    struct bm_error *err)
{
    const struct bm_output *output = &self->outputs.list[ns->number];
    if (output->path == NULL) {
        if (!ns->has_data) {
            return BM_OK;
        }
        if (open_data(self, ns, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    if (bm_outputs_close(&self->outputs, ns->number, err) != BM_OK) {
        return BM_FAIL;
    }
    if (is_same_file(self, ns)) {
        return bm_place_set_times(output->path, &self->base.source->slots[ns->number].data.found,
                                  err);
    }
    return BM_OK;
}

static enum bm_status copy_link(const struct bm_other_file *file, const char *to,
                                struct bm_error *err)
{
    struct stat found;
    if (lstat(file->path, &found) != 0) {
        (void)bm_fail(err, BM_ERROR_IO, errno, "cannot look at it");
        return bm_error_file(err, file->path);
    }
    if (bm_place_copy_link(file->path, to, err) != BM_OK) {
        return BM_FAIL;
    }
    return bm_place_set_times(to, &found, err);
}

/* The prelude is written in the codec asked for, as the dump's other files are. */
static enum bm_status recode_prelude(const struct directory *self, const struct bm_other_file *file,
                                     struct bm_error *err)
{
    struct bm_input input = {.path = bm_copy_text(file->path, err),
                             .shown = bm_copy_text(file->path, err)};
    struct bm_buffer text = BM_BUFFER_INIT(BM_SOURCE_TEXT_MAX);
    char *name = bm_packer_names_change_suffix(file->relative, self->base.compression.codec, err);
    char *path = name == NULL ? NULL : below(self, name, err);
    enum bm_status status = BM_FAIL;
    if (path != NULL && input.path != NULL && input.shown != NULL &&
        bm_input_text(&input, &self->base.source->reading, BM_SOURCE_TEXT_MAX, &text, err) ==
            BM_OK) {
        const struct bm_transfer transfer = {.from = &input,
                                             .to = path,
                                             .text = bm_buffer_view(&text),
                                             .compression = self->base.compression,
                                             .stop = self->base.options.stop};
        status = bm_transfer_text(&transfer, err);
    }
    free(path);
    free(name);
    bm_buffer_free(&text);
    bm_input_free(&input);
    return status;
}

static enum bm_status pass_on(const struct directory *self, const struct bm_other_file *file,
                              struct bm_error *err)
{
    if (file->prelude && self->base.compression.codec != BM_CODEC_KEEP) {
        return recode_prelude(self, file, err);
    }
    char *path = below(self, file->relative, err);
    enum bm_status status = BM_OK;
    if (path == NULL) {
        status = BM_FAIL;
    } else if (S_ISLNK(file->mode)) {
        status = copy_link(file, path, err);
    } else if (S_ISREG(file->mode)) {
        status = bm_transfer_file(file->path, path, NULL, self->base.options.stop, err);
    }
    free(path);
    return status;
}

static enum bm_status directory_event(struct bm_packer *packer, const struct bm_event *event,
                                      const struct bm_edit *edits, size_t edit_count,
                                      struct bm_error *err)
{
    struct directory *self = (struct directory *)packer;
    if (begin(self, err) != BM_OK) {
        return BM_FAIL;
    }
    switch (event->kind) {
    case BM_EVENT_BEGIN:
        return write_metadata(self, event->ns, err);
    case BM_EVENT_BATCH:
        return put_batch(self, &event->batch, edits, edit_count, err);
    case BM_EVENT_END:
        return end_namespace(self, event->ns, err);
    case BM_EVENT_FILE:
        return pass_on(self, &event->file, err);
    case BM_EVENT_SEGMENT:
        break;
    }
    return BM_OK;
}

static enum bm_status sync_below(const struct directory *self, const char *relative,
                                 struct bm_error *err)
{
    char *path = below(self, relative, err);
    enum bm_status status = path == NULL ? BM_FAIL : bm_place_sync_folder(path, err);
    free(path);
    return status;
}

static enum bm_status sync_folders(const struct directory *self, struct bm_error *err)
{
    const struct bm_listing *listing = &self->base.source->listing;
    const struct bm_catalog *catalog = self->base.source->catalog;
    enum bm_status status = bm_place_sync_folder(self->base.temporary, err);
    for (size_t i = 1; i < listing->folder_count && status == BM_OK; i++) {
        status = sync_below(self, listing->folders[i].relative, err);
    }
    for (size_t i = 0; i < bm_catalog_count(catalog) && status == BM_OK; i++) {
        if (self->marks[i].made_folder) {
            status = sync_below(self, bm_catalog_namespace(catalog, i)->db, err);
        }
    }
    return status;
}

static enum bm_status directory_seal(struct bm_packer *packer, struct bm_error *err)
{
    struct directory *self = (struct directory *)packer;
    return begin(self, err) == BM_OK ? sync_folders(self, err) : BM_FAIL;
}

static struct bm_source *directory_reread(const struct bm_packer *packer, struct bm_error *err)
{
    const struct bm_listing *listing = &packer->source->listing;
    const struct bm_source_options options = {.path = packer->temporary,
                                              .threads = packer->options.threads,
                                              .stop = packer->options.stop};
    const struct bm_source_names names = {.shown = packer->path,
                                          .container = BM_CONTAINER_DIRECTORY,
                                          .db = listing->db,
                                          .one_database = listing->layout == BM_LAYOUT_DB};
    return bm_source_open(&options, &names, err);
}

/* From the deepest up: a folder's mode may forbid to change what is in it. */
static enum bm_status set_modes(const struct directory *self, struct bm_error *err)
{
    const struct bm_listing *listing = &self->base.source->listing;
    for (size_t i = listing->folder_count; i-- > 0;) {
        const struct bm_folder *folder = &listing->folders[i];
        if ((folder->mode & S_IRWXU) == S_IRWXU) {
            continue;
        }
        char *path = below(self, folder->relative, err);
        enum bm_status status =
            path == NULL ? BM_FAIL : bm_place_set_mode(path, folder->mode & 0777, err);
        free(path);
        if (status != BM_OK) {
            return BM_FAIL;
        }
    }
    return BM_OK;
}

/* What was OUT lies under the temporary name and goes, unless something has come into it that was
 * not there before the run: then all is as it was. */
static enum bm_status replace(struct directory *self, struct bm_error *err)
{
    const struct bm_packer *packer = &self->base;
    if (bm_place_exchange(packer->temporary, packer->path, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_error refusal = BM_ERROR_INIT;
    if (bm_packer_check_replaceable(packer->temporary, &refusal) == BM_OK) {
        bm_place_remove_tree(packer->temporary);
        return BM_OK;
    }
    struct bm_error back = BM_ERROR_INIT;
    if (bm_place_exchange(packer->temporary, packer->path, &back) == BM_OK) {
        (void)bm_fail(err, refusal.code, refusal.sys_errno, "%s", refusal.text);
    } else {
        self->begun = 0; /* what lies there is not ours to remove */
        (void)bm_fail(err, BM_ERROR_IO, back.sys_errno, "cannot be put back from %s",
                      packer->temporary);
    }
    return bm_error_file(err, packer->path);
}

static enum bm_status directory_finish(struct bm_packer *packer, struct bm_error *err)
{
    struct stat there;
    if (set_modes((struct directory *)packer, err) != BM_OK) {
        return BM_FAIL;
    }
    if (packer->options.existing == BM_REFUSE_EXISTING || lstat(packer->path, &there) != 0) {
        if (bm_place_rename(packer->temporary, packer->path, BM_REFUSE_EXISTING, err) != BM_OK) {
            return BM_FAIL;
        }
    } else if (replace((struct directory *)packer, err) != BM_OK) {
        return BM_FAIL;
    }
    return BM_OK;
}

static void directory_abandon(struct bm_packer *packer)
{
    struct directory *self = (struct directory *)packer;
    bm_outputs_drop(&self->outputs);
    if (self->begun) {
        bm_place_remove_tree(packer->temporary);
    }
}

static void directory_free(struct bm_packer *packer)
{
    struct directory *self = (struct directory *)packer;
    bm_outputs_free(&self->outputs);
    free(self->marks);
    free(self);
}

/* Fifos, sockets and devices. */
static int cannot_be_copied(const struct bm_other *other)
{
    return !S_ISREG(other->mode) && !S_ISLNK(other->mode);
}

struct bm_packer *bm_packer_directory_new(struct bm_packer *common, struct bm_error *err)
{
    static const struct bm_packer_ops ops = {.event = directory_event,
                                             .seal = directory_seal,
                                             .reread = directory_reread,
                                             .finish = directory_finish,
                                             .abandon = directory_abandon,
                                             .free = directory_free};
    if (bm_packer_names_check(common, err) != BM_OK ||
        bm_packer_leave_out(common, cannot_be_copied, "it is neither a file nor a link", err) !=
            BM_OK) {
        return NULL;
    }
    struct directory *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    size_t count = bm_catalog_count(common->source->catalog);
    self->marks = bm_allocate(count, sizeof *self->marks, err);
    if (self->marks == NULL ||
        bm_outputs_init(&self->outputs, count, common->options.stop, err) != BM_OK) {
        directory_free(&self->base);
        return NULL;
    }
    self->outputs.threads = common->options.threads;
    self->base = *common;
    self->base.ops = &ops;
    return &self->base;
}
