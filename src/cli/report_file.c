/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int report_to_stdout(const struct options *options)
{
    return options->report != NULL && strcmp(options->report, REPORT_TO_STDOUT) == 0;
}

/* Whether an existing file is a report of ours, the only thing that a report may take the place of.
 */
static int is_report(const char *path)
{
    static const char start[] = "{\"bsonmend\":";
    struct bm_error unreadable = BM_ERROR_INIT;
    struct bm_view bytes;
    struct bm_reader *reader = bm_reader_file_new(path, NULL, &unreadable);
    int is = reader != NULL &&
             bm_reader_peek(reader, sizeof start - 1, &bytes, &unreadable) == BM_OK &&
             memcmp(bytes.data, start, sizeof start - 1) == 0;
    bm_reader_free(reader);
    return is;
}

/*
 * Any other file stays: however a path is written, it may lead to a part of the dump or of the
 * output (a metadata file, what standard input comes from, something behind a link).
 */
static enum bm_status refuse_foreign(const char *path, struct bm_error *err)
{
    struct stat found;
    if (stat(path, &found) != 0) {
        return BM_OK;
    }
    if (!S_ISREG(found.st_mode)) {
        return bm_fail(err, BM_ERROR_USAGE, 0,
                       "--report %s is no regular file: it is written beside and renamed; '-' is "
                       "standard output",
                       path);
    }
    if (is_report(path)) {
        return BM_OK;
    }
    return bm_fail(err, BM_ERROR_USAGE, 0,
                   "--report %s exists and is no report of bsonmend: it is not replaced", path);
}

enum bm_status report_open(const struct options *options, struct bm_writer **out,
                           struct bm_error *err)
{
    if (options->report == NULL) {
        return BM_OK;
    }
    if (report_to_stdout(options)) {
        const struct bm_fd_options stream = {
            .fd = STDOUT_FILENO, .ownership = BM_BORROWED, .path = "standard output"};
        *out = bm_writer_fd_new(&stream, err);
        return *out != NULL ? BM_OK : BM_FAIL;
    }
    if (refuse_foreign(options->report, err) != BM_OK) {
        return BM_FAIL;
    }
    mode_t mask = umask(0);
    (void)umask(mask);
    struct bm_file_options file = {
        .path = options->report, .mode = 0666 & ~mask, .existing = BM_REPLACE_EXISTING};
    *out = bm_writer_file_new(&file, err);
    return *out != NULL ? BM_OK : BM_FAIL;
}

enum bm_status report_write(const struct options *options, const struct bm_result *result,
                            struct bm_writer *report, struct bm_error *err)
{
    if (report == NULL) {
        return BM_OK;
    }
    if (bm_report_json(result, options->redaction, report, err) != BM_OK) {
        return BM_FAIL;
    }
    /* Asked again: the run itself may have put a file of its output there, or somebody else one. */
    struct bm_error foreign = BM_ERROR_INIT;
    if (!report_to_stdout(options) && refuse_foreign(options->report, &foreign) != BM_OK) {
        return bm_fail(err, BM_ERROR_IO, 0,
                       "--report %s came during the run and is no report of bsonmend: it is not "
                       "replaced%s",
                       options->report, result->output.path != NULL ? "; the output is made" : "");
    }
    return bm_writer_finish(report, err);
}
