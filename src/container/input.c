/* SPDX-License-Identifier: Apache-2.0 */
#include "container/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/names.h"
#include "io/descriptor.h"

static enum bm_status fail_io(const char *what, struct bm_error *err)
{
    return bm_fail(err, BM_ERROR_IO, errno, "%s", what);
}

static int same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* First time: notes what is there; later: compares. */
static enum bm_status examine(struct bm_input *input, int fd, enum bm_input_files files,
                              struct bm_error *err)
{
    struct stat now;
    if (fstat(fd, &now) != 0) {
        return fail_io("cannot look at it", err);
    }
    if (S_ISDIR(now.st_mode)) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "is a folder, not a file");
    }
    if (files == BM_REGULAR_ONLY && !S_ISREG(now.st_mode)) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "is not a regular file");
    }
    if (input->opened && !same_file(&now, &input->found)) {
        return bm_fail(err, BM_ERROR_IO, 0, "changed while it was read");
    }
    input->found = now;
    input->repeatable = S_ISREG(now.st_mode);
    return BM_OK;
}

/* Descriptor 0 is shared with whoever started us: it may stand anywhere in its file. */
static enum bm_status rewind_descriptor(struct bm_input *input, struct bm_error *err)
{
    if (!input->repeatable) {
        return BM_OK;
    }
    off_t at = input->opened ? lseek(STDIN_FILENO, input->start, SEEK_SET)
                             : lseek(STDIN_FILENO, 0, SEEK_CUR);
    if (at < 0) {
        return fail_io("cannot seek", err);
    }
    input->start = at;
    return BM_OK;
}

/* From now on it is read from the spool; the stream itself is read to its end here. */
static struct bm_reader *spool(struct bm_input *input, struct bm_reader *stream,
                               const struct bm_input_options *options,
                               const struct bm_fd_options *how, struct bm_error *err)
{
    input->spool = bm_spool_new(stream, options->spool, options->stop, err);
    bm_reader_free(stream);
    input->repeatable = input->spool != NULL;
    return input->spool != NULL ? bm_spool_read(input->spool, how, err) : NULL;
}

static struct bm_reader *reader_of(struct bm_input *input, enum bm_input_files files,
                                   const struct bm_input_options *options, struct bm_error *err)
{
    struct bm_fd_options how = {.fd = STDIN_FILENO,
                                .ownership = BM_BORROWED,
                                .chunk = options->chunk,
                                .path = input->shown,
                                .stop = options->stop};
    if (input->spool != NULL) {
        return bm_spool_read(input->spool, &how, err);
    }
    if (input->path != NULL) {
        how.fd = bm_descriptor_open(input->path, options->stop, err);
        how.ownership = BM_OWNED;
    }
    if (how.fd < 0) {
        return NULL;
    }
    struct bm_reader *reader = NULL;
    if (examine(input, how.fd, files, err) == BM_OK &&
        (input->path != NULL || rewind_descriptor(input, err) == BM_OK)) {
        reader = bm_reader_fd_new(&how, err);
    }
    if (reader == NULL && how.ownership == BM_OWNED) {
        (void)close(how.fd);
    }
    if (reader != NULL && files == BM_ANY_FILE && options->spool != NULL && !input->repeatable) {
        return spool(input, reader, options, &how, err);
    }
    return reader;
}

/* NULL: the decoded reader is the caller's as before. */
static struct bm_reader *overlap(struct bm_reader *decoded, const struct bm_input_options *options,
                                 struct bm_error *err)
{
    const struct bm_overlap how = {.start = BM_OVERLAP_START, .stop = options->stop};
    return options->threads < 2 ? decoded : bm_reader_ahead_new(decoded, &how, err);
}

struct bm_reader *bm_input_open(struct bm_input *input, enum bm_input_files files,
                                const struct bm_input_options *options, struct bm_error *err)
{
    struct bm_reader *raw = NULL;
    if (input->opened && !input->repeatable) {
        (void)bm_fail(err, BM_ERROR_USAGE, 0, "can be read only once");
    } else {
        raw = reader_of(input, files, options, err);
    }
    if (raw == NULL) {
        (void)bm_error_file(err, input->shown);
        return NULL;
    }
    struct bm_reader *decoded = NULL;
    if (input->path != NULL && S_ISREG(input->found.st_mode) && input->found.st_size == 0 &&
        bm_names_compressed(input->path)) {
        (void)bm_fail(err, BM_ERROR_TRUNCATED, 0,
                      "is empty: even an empty collection is a complete compressed stream");
    } else {
        decoded = bm_decode_new(raw, &input->codec, err);
    }
    struct bm_reader *reader = decoded == NULL ? NULL : overlap(decoded, options, err);
    if (reader == NULL) {
        bm_reader_free(decoded != NULL ? decoded : raw);
        (void)bm_error_file(err, input->shown);
        return NULL;
    }
    input->opened = 1;
    return reader;
}

enum bm_status bm_input_unchanged(const struct bm_input *input, struct bm_error *err)
{
    struct stat now;
    if (!input->repeatable || input->spool != NULL) {
        return BM_OK;
    }
    int looked = input->path != NULL ? stat(input->path, &now) : fstat(STDIN_FILENO, &now);
    if (looked == 0 && same_file(&now, &input->found)) {
        return BM_OK;
    }
    (void)bm_fail(err, BM_ERROR_IO, 0, "changed while it was read");
    return bm_error_file(err, input->shown);
}

/* BM_END: there is more than the limit. */
static enum bm_status read_all(struct bm_reader *reader, size_t limit, struct bm_buffer *out,
                               struct bm_error *err)
{
    for (;;) {
        struct bm_view lent;
        enum bm_status status = bm_reader_peek(reader, 1, &lent, err);
        if (status == BM_FAIL) {
            return BM_FAIL;
        }
        if (status == BM_END) {
            return BM_OK;
        }
        if (lent.len > limit - out->len) {
            return BM_END;
        }
        if (bm_buffer_append(out, lent, err) != BM_OK) {
            return BM_FAIL;
        }
        bm_reader_consume(reader, lent.len);
    }
}

static enum bm_status read_text(struct bm_input *input, const struct bm_input_options *options,
                                size_t limit, struct bm_buffer *out, struct bm_error *err)
{
    struct bm_reader *reader = bm_input_open(input, BM_REGULAR_ONLY, options, err);
    if (reader == NULL) {
        return BM_FAIL;
    }
    enum bm_status status = read_all(reader, limit, out, err);
    bm_reader_free(reader);
    return status == BM_FAIL ? bm_error_file(err, input->shown) : status;
}

enum bm_status bm_input_text(struct bm_input *input, const struct bm_input_options *options,
                             size_t limit, struct bm_buffer *out, struct bm_error *err)
{
    enum bm_status status = read_text(input, options, limit, out, err);
    if (status != BM_END) {
        return status;
    }
    (void)bm_fail(err, BM_ERROR_CORRUPT, 0, "is over %zu bytes", limit);
    return bm_error_file(err, input->shown);
}

enum bm_status bm_input_metadata(struct bm_input *input, const struct bm_input_options *options,
                                 size_t limit, struct bm_buffer *out, struct bm_error *err)
{
    enum bm_status status = read_text(input, options, limit, out, err);
    if (status == BM_END) {
        input->is_too_large = 1;
        bm_buffer_clear(out);
        return BM_OK;
    }
    return status;
}

void bm_input_free(struct bm_input *input)
{
    bm_spool_free(input->spool);
    free(input->path);
    free(input->shown);
    free(input->relative);
    *input = (struct bm_input){0};
}
