/* SPDX-License-Identifier: Apache-2.0 */
#include "container/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/memory.h"
#include "catalog/build.h"
#include "container/record.h"

enum { MAGIC_BYTES = 4 };

static int is_standard_input(const char *path)
{
    return path == NULL || strcmp(path, "-") == 0;
}

static struct bm_source *create(const struct bm_source_options *options,
                                const struct bm_source_names *names, struct bm_error *err)
{
    struct bm_source *source = bm_allocate(1, sizeof *source, err);
    if (source == NULL) {
        return NULL;
    }
    int standard = is_standard_input(options->path);
    const char *shown = standard ? "standard input" : options->path;
    source->reading = (struct bm_input_options){.chunk = options->chunk,
                                                .threads = options->threads,
                                                .spool = options->spool,
                                                .stop = options->stop};
    source->catalog = bm_catalog_new(err);
    source->shown = bm_copy_text(names != NULL ? names->shown : shown, err);
    source->path = standard ? NULL : bm_copy_text(options->path, err);
    if (source->catalog == NULL || source->shown == NULL || (!standard && source->path == NULL)) {
        bm_source_free(source);
        return NULL;
    }
    source->about.path = standard ? "-" : source->path;
    return source;
}

static enum bm_status refuse_names(const struct bm_source_options *options, const char *what,
                                   struct bm_error *err)
{
    if (options->db != NULL || options->collection != NULL) {
        return bm_fail(err, BM_ERROR_USAGE, 0, "--db and --collection name raw BSON; this is %s",
                       what);
    }
    return BM_OK;
}

/* What the first bytes say. A stream of one to three bytes is no dump of any kind. */
static enum bm_status tell_kind(struct bm_source *source, struct bm_reader *reader,
                                struct bm_error *err)
{
    struct bm_view start;
    enum bm_status status = bm_reader_peek(reader, MAGIC_BYTES, &start, err);
    if (status == BM_FAIL) {
        return bm_error_at(err, 0);
    }
    source->about.container = BM_CONTAINER_BSON;
    if (status == BM_OK) {
        if (bm_le32(start.data) == BM_RECORD_MAGIC) {
            source->about.container = BM_CONTAINER_ARCHIVE;
        }
        return BM_OK;
    }
    if (start.len == 0 && source->path == NULL && source->stream.codec == BM_CODEC_NONE) {
        return bm_fail(err, BM_ERROR_TRUNCATED, 0,
                       "is empty: a mongodump that died looks the same");
    }
    if (start.len > 0) {
        (void)bm_fail(err, BM_ERROR_TRUNCATED, 0, "ends after %zu bytes: no dump is that short",
                      start.len);
        return bm_error_at(err, 0);
    }
    return BM_OK;
}

/* Bytes that were damaged look like another container: no names are known for that one. */
static enum bm_status expect_kind(const struct bm_source *source,
                                  const struct bm_source_names *names, struct bm_error *err)
{
    static const char *const words[] = {[BM_CONTAINER_KEEP] = "dump",
                                        [BM_CONTAINER_BSON] = "raw BSON",
                                        [BM_CONTAINER_DIRECTORY] = "directory",
                                        [BM_CONTAINER_ARCHIVE] = "archive"};
    if (names == NULL || source->about.container == names->container) {
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_IO, 0, "what was written reads back as no %s",
                   words[names->container]);
}

static enum bm_status open_stream(struct bm_source *source, const struct bm_source_options *options,
                                  const struct bm_source_names *names, struct bm_error *err)
{
    struct bm_input *stream = &source->stream;
    stream->shown = bm_copy_text(source->shown, err);
    stream->path = source->path == NULL ? NULL : bm_copy_text(source->path, err);
    if (stream->shown == NULL || (source->path != NULL && stream->path == NULL)) {
        return BM_FAIL;
    }
    struct bm_reader *reader = bm_input_open(stream, BM_ANY_FILE, &source->reading, err);
    if (reader == NULL) {
        return BM_FAIL;
    }
    source->about.codec = stream->codec;
    source->about.repeatable = stream->repeatable;
    enum bm_status status = tell_kind(source, reader, err);
    if (status == BM_OK) {
        status = expect_kind(source, names, err);
    }
    if (status == BM_OK && source->about.container == BM_CONTAINER_ARCHIVE) {
        status = refuse_names(options, "an archive", err);
        if (status == BM_OK) {
            status = bm_archive_open(source, reader, err);
        }
    } else if (status == BM_OK) {
        status = bm_raw_open(source, options, names, err);
    }
    if (status != BM_OK) {
        bm_reader_free(reader);
        return bm_error_file(err, source->shown);
    }
    source->ready = reader;
    return BM_OK;
}

static enum bm_status open_path(struct bm_source *source, const struct bm_source_options *options,
                                const struct bm_source_names *names, struct bm_error *err)
{
    struct stat found;
    if (source->path != NULL && source->path[0] == '\0') {
        return bm_fail(err, BM_ERROR_USAGE, 0, "the dump's name is empty");
    }
    if (source->path != NULL && stat(source->path, &found) != 0) {
        enum bm_error_code code = errno == ENOTDIR ? BM_ERROR_CORRUPT : BM_ERROR_IO;
        (void)bm_fail(err, code, errno,
                      errno == ENOTDIR ? "a file stands where a folder should be"
                                       : "cannot be opened");
        return bm_error_file(err, source->shown);
    }
    if (source->path == NULL || !S_ISDIR(found.st_mode)) {
        return open_stream(source, options, names, err);
    }
    source->about.container = BM_CONTAINER_DIRECTORY;
    source->about.repeatable = 1;
    if (expect_kind(source, names, err) != BM_OK ||
        refuse_names(options, "a directory", err) != BM_OK ||
        bm_directory_open(source, names, err) != BM_OK) {
        return bm_error_file(err, source->shown);
    }
    return BM_OK;
}

struct bm_source *bm_source_open(const struct bm_source_options *options,
                                 const struct bm_source_names *names, struct bm_error *err)
{
    struct bm_source *source = create(options, names, err);
    if (source == NULL) {
        return NULL;
    }
    if (open_path(source, options, names, err) != BM_OK) {
        bm_source_free(source);
        return NULL;
    }
    source->reading.spool = NULL; /* lent for this call; what was to be spooled is */
    source->about.warnings = (const char *const *)source->warnings.texts;
    source->about.warning_count = source->warnings.count;
    return source;
}

struct bm_source *bm_source_new(const struct bm_source_options *options, struct bm_error *err)
{
    return bm_source_open(options, NULL, err);
}

const struct bm_source_about *bm_source_about(const struct bm_source *source)
{
    return &source->about;
}

const struct bm_catalog *bm_source_catalog(const struct bm_source *source)
{
    return source->catalog;
}

uint64_t bm_source_total(const struct bm_source *source, const struct bm_namespace *ns)
{
    if (source->slots == NULL) {
        return 0;
    }
    const struct bm_input *data = &source->slots[ns->number].data;
    if (!data->opened || !data->repeatable || data->codec != BM_CODEC_NONE) {
        return 0;
    }
    if (data->spool != NULL) {
        return bm_spool_bytes(data->spool);
    }
    if (data->found.st_size < data->start) {
        return 0;
    }
    return (uint64_t)(data->found.st_size - data->start);
}

enum bm_status bm_source_add(struct bm_source *source, const struct bm_catalog_entry *entry,
                             const char *shown, const struct bm_namespace **out,
                             struct bm_error *err)
{
    if (bm_catalog_add(source->catalog, entry, out, err) != BM_OK) {
        return BM_FAIL;
    }
    if ((*out)->metadata_state == BM_METADATA_TOO_LARGE) {
        return bm_lines_add(&source->warnings, err,
                            "%s: the metadata of %s is passed on unread: %s", shown, (*out)->ns,
                            (*out)->metadata_problem);
    }
    if ((*out)->metadata_state != BM_METADATA_UNREADABLE) {
        return BM_OK;
    }
    return bm_lines_add(&source->warnings, err,
                        "%s: the metadata of %s cannot be read and is passed on: %s", shown,
                        (*out)->ns, (*out)->metadata_problem);
}

static void free_listing(struct bm_listing *listing)
{
    for (size_t i = 0; i < listing->folder_count; i++) {
        free(listing->folders[i].relative);
        free(listing->folders[i].path);
    }
    for (size_t i = 0; i < listing->other_count; i++) {
        free(listing->others[i].relative);
        free(listing->others[i].path);
    }
    free(listing->folders);
    free(listing->others);
    free(listing->db);
}

static enum bm_status check_input(const struct bm_input *input, struct bm_error *err)
{
    return input->opened ? bm_input_unchanged(input, err) : BM_OK;
}

enum bm_status bm_source_unchanged(const struct bm_source *source, struct bm_error *err)
{
    for (size_t i = 0; source->slots != NULL && i < bm_catalog_count(source->catalog); i++) {
        if (check_input(&source->slots[i].data, err) != BM_OK ||
            check_input(&source->slots[i].metadata, err) != BM_OK) {
            return BM_FAIL;
        }
    }
    return check_input(&source->stream, err);
}

void bm_source_free(struct bm_source *source)
{
    if (source == NULL) {
        return;
    }
    int saved = errno;
    bm_reader_free(source->ready);
    for (size_t i = 0; source->slots != NULL && i < bm_catalog_count(source->catalog); i++) {
        bm_input_free(&source->slots[i].data);
        bm_input_free(&source->slots[i].metadata);
    }
    free(source->slots);
    free_listing(&source->listing);
    bm_buffer_free(&source->prelude.bytes);
    free(source->prelude.entries);
    free(source->prelude.tool_version);
    bm_input_free(&source->stream);
    bm_lines_free(&source->warnings);
    bm_catalog_free(source->catalog);
    free(source->shown);
    free(source->path);
    free(source);
    errno = saved;
}
