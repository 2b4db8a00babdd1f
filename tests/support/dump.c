/* SPDX-License-Identifier: Apache-2.0 */
#include "support/dump.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

static enum bm_status put_event(struct bm_packer *packer, const struct bm_event *event,
                                test_dump_editor editor, struct bm_error *err)
{
    if (editor == NULL || event->kind != BM_EVENT_BATCH) {
        return bm_packer_event(packer, event, NULL, 0, err);
    }
    struct bm_edit *edits = calloc(event->batch.count, sizeof *edits);
    cr_assert_not_null(edits);
    size_t count = 0;
    for (uint32_t i = 0; i < event->batch.count; i++) {
        edits[count] = (struct bm_edit){.document = i};
        editor(&event->batch, &edits[count]);
        count += edits[count].verdict != BM_VERDICT_KEEP;
    }
    enum bm_status status = bm_packer_event(packer, event, edits, count, err);
    free(edits);
    return status;
}

static enum bm_status run_pass(struct bm_source *source, struct bm_packer *packer,
                               test_dump_editor editor, uint64_t *bytes, struct bm_error *err)
{
    struct bm_unpacker *unpacker = bm_unpacker_new(source, err);
    if (unpacker == NULL) {
        return BM_FAIL;
    }
    struct bm_event event;
    enum bm_status status;
    while ((status = bm_unpacker_next(unpacker, &event, err)) == BM_OK) {
        if (packer != NULL && put_event(packer, &event, editor, err) != BM_OK) {
            status = BM_FAIL;
            break;
        }
    }
    *bytes = bm_unpacker_bytes(unpacker);
    bm_unpacker_free(unpacker);
    return status == BM_END ? BM_OK : BM_FAIL;
}

static enum bm_status read_back(struct bm_packer *packer, struct bm_error *err)
{
    if (bm_packer_seal(packer, err) != BM_OK) {
        return BM_FAIL;
    }
    struct bm_source *output = bm_packer_reread(packer, err);
    uint64_t bytes;
    enum bm_status status = output == NULL ? BM_FAIL : run_pass(output, NULL, NULL, &bytes, err);
    bm_source_free(output);
    return status;
}

enum bm_status test_dump_copy(const struct test_dump_copy *copy, struct bm_error *err)
{
    struct bm_source *source = bm_source_new(&copy->in, err);
    if (source == NULL) {
        return BM_FAIL;
    }
    struct bm_packer *packer = bm_packer_new(&copy->out, source, err);
    enum bm_status status = BM_FAIL;
    uint64_t bytes = 0;
    if (packer != NULL) {
        status = run_pass(source, packer, copy->editor, &bytes, err);
    }
    if (status == BM_OK && copy->reread) {
        status = read_back(packer, err);
    }
    if (status == BM_OK) {
        status = bm_packer_finish(packer, err);
    }
    if (status == BM_OK && copy->editor == NULL && copy->out.metadata == NULL &&
        bm_packer_container(packer) == bm_source_about(source)->container) {
        cr_assert_eq(bm_packer_bytes(packer), bytes);
    }
    if (status != BM_OK && packer != NULL) {
        bm_packer_abandon(packer);
    }
    bm_packer_free(packer);
    bm_source_free(source);
    return status;
}

static void say(struct bm_buffer *out, const struct bm_event *event)
{
    static const char *const words[] = {"begin", "segment", "batch", "end", "file"};
    struct bm_error err = BM_ERROR_INIT;
    const char *name = event->kind == BM_EVENT_FILE ? event->file.relative : event->ns->ns;
    cr_assert(bm_buffer_printf(out, &err, "%s %s", words[event->kind], name) == BM_OK);
    if (event->kind == BM_EVENT_BATCH) {
        const struct bm_batch *batch = &event->batch;
        cr_assert_eq(batch->ns, event->ns);
        cr_assert_eq(batch->at[batch->count], batch->bytes.len);
        cr_assert(bm_buffer_printf(out, &err, " %u #%llu @%llu", batch->count,
                                   (unsigned long long)batch->ordinal,
                                   (unsigned long long)batch->offset) == BM_OK);
    }
    cr_assert(bm_buffer_append_byte(out, '\n', &err) == BM_OK);
}

uint64_t test_dump_read(struct bm_source *source, uint64_t *bytes)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_unpacker *unpacker = bm_unpacker_new(source, &err);
    cr_assert_not_null(unpacker, "%s", err.text);
    struct bm_event event;
    uint64_t documents = 0;
    enum bm_status status;
    while ((status = bm_unpacker_next(unpacker, &event, &err)) == BM_OK) {
        documents += event.kind == BM_EVENT_BATCH ? event.batch.count : 0;
    }
    cr_assert_eq(status, BM_END, "%s", err.text);
    *bytes = bm_unpacker_bytes(unpacker);
    bm_unpacker_free(unpacker);
    return documents;
}

enum bm_status test_dump_events(const struct bm_source_options *in, struct bm_buffer *out,
                                struct bm_error *err)
{
    struct bm_source *source = bm_source_new(in, err);
    struct bm_unpacker *unpacker = source == NULL ? NULL : bm_unpacker_new(source, err);
    enum bm_status status = BM_FAIL;
    if (unpacker != NULL) {
        struct bm_event event;
        while ((status = bm_unpacker_next(unpacker, &event, err)) == BM_OK) {
            say(out, &event);
        }
    }
    struct bm_error none = BM_ERROR_INIT;
    if (status == BM_END) {
        cr_assert(bm_buffer_append_text(out, "over\n", &none) == BM_OK);
    }
    cr_assert(bm_buffer_append_byte(out, 0, &none) == BM_OK);
    bm_unpacker_free(unpacker);
    bm_source_free(source);
    return status;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum { NAMES = 256 };

static size_t list(const char *path, char *names[NAMES])
{
    DIR *folder = opendir(path);
    cr_assert_not_null(folder, "%s", path);
    size_t count = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            cr_assert_lt(count, (size_t)NAMES);
            names[count++] = strdup(entry->d_name);
        }
    }
    closedir(folder);
    qsort(names, count, sizeof names[0], compare_names);
    return count;
}

static int differ_folders(const char *a, const char *b, char what[512])
{
    char *names_a[NAMES];
    char *names_b[NAMES];
    size_t count_a = list(a, names_a);
    size_t count_b = list(b, names_b);
    int differ = 0;
    for (size_t i = 0; !differ && (i < count_a || i < count_b); i++) {
        const char *name_a = i < count_a ? names_a[i] : "(nothing)";
        const char *name_b = i < count_b ? names_b[i] : "(nothing)";
        if (strcmp(name_a, name_b) != 0) {
            snprintf(what, 512, "%.200s: %.100s, %.100s", b, name_a, name_b);
            differ = 1;
        } else {
            char inner_a[4096];
            char inner_b[4096];
            snprintf(inner_a, sizeof inner_a, "%s/%s", a, name_a);
            snprintf(inner_b, sizeof inner_b, "%s/%s", b, name_b);
            differ = test_dump_differ(inner_a, inner_b, what);
        }
    }
    for (size_t i = 0; i < count_a; i++) {
        free(names_a[i]);
    }
    for (size_t i = 0; i < count_b; i++) {
        free(names_b[i]);
    }
    return differ;
}

static int differ_links(const char *a, const char *b)
{
    char text_a[4096];
    char text_b[4096];
    ssize_t len_a = readlink(a, text_a, sizeof text_a);
    ssize_t len_b = readlink(b, text_b, sizeof text_b);
    return len_a != len_b || len_a < 0 || memcmp(text_a, text_b, (size_t)len_a) != 0;
}

static struct bm_reader *decoded(const char *path)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *file = bm_reader_file_new(path, NULL, &err);
    struct bm_reader *reader = file == NULL ? NULL : bm_decode_new(file, NULL, &err);
    cr_assert_not_null(reader, "%s: %s", path, err.text);
    return reader;
}

static int differ_files(const char *a, const char *b)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_reader *reader_a = decoded(a);
    struct bm_reader *reader_b = decoded(b);
    int differ = 0;
    for (;;) {
        struct bm_view view_a;
        struct bm_view view_b;
        enum bm_status status_a = bm_reader_peek(reader_a, 1, &view_a, &err);
        enum bm_status status_b = bm_reader_peek(reader_b, 1, &view_b, &err);
        differ = status_a != status_b;
        if (differ || status_a != BM_OK) {
            break;
        }
        size_t len = view_a.len < view_b.len ? view_a.len : view_b.len;
        differ = memcmp(view_a.data, view_b.data, len) != 0;
        if (differ) {
            break;
        }
        bm_reader_consume(reader_a, len);
        bm_reader_consume(reader_b, len);
    }
    bm_reader_free(reader_a);
    bm_reader_free(reader_b);
    return differ;
}

int test_dump_differ(const char *a, const char *b, char what[512])
{
    struct stat stat_a;
    struct stat stat_b;
    what[0] = '\0';
    if (lstat(a, &stat_a) != 0 || lstat(b, &stat_b) != 0) {
        snprintf(what, 512, "not there: %.200s or %.200s", a, b);
        return 1;
    }
    if (stat_a.st_mode != stat_b.st_mode) {
        snprintf(what, 512, "%.300s: mode %o, %o", b, stat_a.st_mode, stat_b.st_mode);
        return 1;
    }
    if (S_ISDIR(stat_a.st_mode)) {
        return differ_folders(a, b, what);
    }
    int differ = S_ISLNK(stat_a.st_mode) ? differ_links(a, b) : differ_files(a, b);
    if (differ) {
        snprintf(what, 512, "%.400s: content", b);
    }
    return differ;
}

void test_dump_pipe_in(struct bm_view bytes)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_leq(bytes.len, (size_t)65536);
    cr_assert_eq(write(ends[1], bytes.data, bytes.len), (ssize_t)bytes.len);
    cr_assert_eq(close(ends[1]), 0);
    cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    cr_assert_eq(close(ends[0]), 0);
}

void test_dump_file_in(const char *path, size_t skip)
{
    int fd = open(path, O_RDONLY);
    cr_assert_geq(fd, 0, "%s", path);
    cr_assert_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    cr_assert_eq(close(fd), 0);
    cr_assert_eq(lseek(STDIN_FILENO, (off_t)skip, SEEK_SET), (off_t)skip);
}

int test_dump_out(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    cr_assert_geq(fd, 0, "%s", path);
    return fd;
}

const char *test_dump_real(void)
{
    const char *folder = getenv("BSONMEND_DUMPS");
    if (folder == NULL || access(folder, R_OK) != 0) {
        /* Criterion tells why with --verbose only. */
        (void)fputs("skipped: BSONMEND_DUMPS names no folder of real dumps\n", stderr);
        cr_skip_test("BSONMEND_DUMPS names no folder of real dumps");
    }
    return folder;
}
