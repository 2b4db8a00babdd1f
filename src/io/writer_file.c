/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "io/place.h"
#include "io/place_path.h"

struct file_writer {
    struct bm_writer base;
    struct bm_writer *inner; /* over fd, which it does not own: the file is synced after it */
    char *path;
    char *temporary; /* NULL once there is nothing to remove */
    int fd;
    mode_t mode;
    enum bm_existing existing;
};

static void drop_temporary(struct file_writer *self)
{
    if (self->temporary != NULL) {
        (void)unlink(self->temporary);
        free(self->temporary);
        self->temporary = NULL;
    }
}

static enum bm_status file_write(struct bm_writer *writer, struct bm_view bytes,
                                 struct bm_error *err)
{
    return bm_writer_write(((struct file_writer *)writer)->inner, bytes, err);
}

static enum bm_status settle(struct file_writer *self, struct bm_error *err)
{
    if (bm_writer_finish(self->inner, err) != BM_OK) {
        return BM_FAIL;
    }
    if (fchmod(self->fd, self->mode & 07777) != 0) {
        return bm_place_path_fail(self->path, errno, "cannot set the mode", err);
    }
    if (fsync(self->fd) != 0) {
        return bm_place_path_fail(self->path, errno, "cannot sync", err);
    }
    int fd = self->fd;
    self->fd = -1;
    if (close(fd) != 0 && errno != EINTR) {
        return bm_place_path_fail(self->path, errno, "cannot close", err);
    }
    return bm_place_rename(self->temporary, self->path, self->existing, err);
}

static enum bm_status file_finish(struct bm_writer *writer, struct bm_error *err)
{
    struct file_writer *self = (struct file_writer *)writer;
    if (settle(self, err) != BM_OK) {
        return BM_FAIL;
    }
    free(self->temporary);
    self->temporary = NULL;
    if (bm_place_sync_folder_of(self->path, err) == BM_OK) {
        return BM_OK;
    }
    if (self->existing == BM_REFUSE_EXISTING) {
        (void)unlink(self->path); /* nothing was there before: a failure leaves nothing */
    }
    return BM_FAIL;
}

static void file_abandon(struct bm_writer *writer)
{
    drop_temporary((struct file_writer *)writer);
}

static void file_free(struct bm_writer *writer)
{
    struct file_writer *self = (struct file_writer *)writer;
    int saved = errno;
    drop_temporary(self);
    bm_writer_free(self->inner);
    if (self->fd >= 0) {
        (void)close(self->fd);
    }
    free(self->path);
    free(self);
    errno = saved;
}

static const struct bm_writer_ops file_writer_ops = {.name = "file",
                                                     .write = file_write,
                                                     .finish = file_finish,
                                                     .abandon = file_abandon,
                                                     .free = file_free};

/* Its folder must be there. And what a rename would replace though nobody means it: /dev/null, a
 * pipe, a folder. */
static enum bm_status check_target(const struct bm_file_options *options, struct bm_error *err)
{
    struct stat found;
    if (bm_place_check_folder_of(options->path, err) != BM_OK) {
        return bm_error_file(err, options->path);
    }
    if (options->existing == BM_REFUSE_EXISTING) {
        return lstat(options->path, &found) != 0 ? BM_OK : bm_place_path_exists(options->path, err);
    }
    if (stat(options->path, &found) == 0 && !S_ISREG(found.st_mode)) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "it is not a file");
        return bm_error_file(err, options->path);
    }
    return BM_OK;
}

static enum bm_status open_temporary(struct file_writer *self, struct bm_error *err)
{
    enum { TRIES = 16 };
    for (int i = 0; i < TRIES; i++) {
        if (bm_place_temporary(self->path, &self->temporary, err) != BM_OK) {
            return BM_FAIL;
        }
        self->fd =
            open(self->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (self->fd >= 0) {
            return BM_OK;
        }
        int error = errno;
        free(self->temporary);
        self->temporary = NULL;
        if (error != EEXIST) {
            return bm_place_path_fail(self->path, error, "cannot make a file beside it", err);
        }
    }
    return bm_place_path_fail(self->path, EEXIST, "cannot make a file beside it", err);
}

struct bm_writer *bm_writer_file_new(const struct bm_file_options *options, struct bm_error *err)
{
    if (check_target(options, err) != BM_OK) {
        return NULL;
    }
    struct file_writer *self = bm_allocate(1, sizeof *self, err);
    if (self == NULL) {
        return NULL;
    }
    self->base.ops = &file_writer_ops;
    self->fd = -1;
    self->mode = options->mode;
    self->existing = options->existing;
    self->path = bm_copy_text(options->path, err);
    if (self->path == NULL || open_temporary(self, err) != BM_OK) {
        file_free(&self->base);
        return NULL;
    }
    struct bm_fd_options inner = {.fd = self->fd, .path = options->path, .stop = options->stop};
    self->inner = bm_writer_fd_new(&inner, err);
    if (self->inner == NULL) {
        file_free(&self->base);
        return NULL;
    }
    return &self->base;
}
