/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/running.h"

/* The readings after the one that judges: of the output, and for first documents. */

TestSuite(rerun, .init = running_start, .fini = running_stop);

/* ---- the output judged again ---- */

/* A dump of two collections, and what is done to the written d/a.bson while d/c is under way. */
struct tampering {
    char name[24];
    void (*spoil)(void); /* the working folder is the folder d of the output */
    enum bm_error_code code;
    char ns[8];
    char text[72];
};

static void copy_second_over_first(void)
{
    uint8_t bytes[256];
    int fd = open("a.bson", O_RDWR);
    ssize_t len = read(fd, bytes, sizeof bytes);
    cr_assert_gt(len, 0);
    cr_assert_eq(pwrite(fd, bytes + len / 2, (size_t)len / 2, 0), len / 2);
    close(fd);
}

static void lose_last_document(void)
{
    struct stat about;
    cr_assert_eq(stat("a.bson", &about), 0);
    cr_assert_eq(truncate("a.bson", about.st_size / 2), 0);
}

static void lose_namespace(void)
{
    cr_assert_eq(unlink("a.bson"), 0);
    cr_assert_eq(unlink("a.metadata.json"), 0);
}

static void add_namespace(void)
{
    cr_assert_eq(link("a.bson", "other.bson"), 0);
}

static void cut_inside_a_document(void)
{
    cr_assert_eq(truncate("a.bson", 7), 0);
}

static const struct tampering tamperings[] = {
    {"equal keys", copy_second_over_first, BM_ERROR_VIOLATION, "",
     "the output does not pass its own check; it is withheld"},
    {"a document lost", lose_last_document, BM_ERROR_IO, "d.a",
     "the output holds 1 documents where 2 were written; it is withheld"},
    {"a namespace lost", lose_namespace, BM_ERROR_IO, "d.a",
     "what was written reads back without this namespace"},
    {"a namespace added", add_namespace, BM_ERROR_IO, "",
     "what was written reads back with 3 namespaces, not 2"},
    {"a file cut", cut_inside_a_document, BM_ERROR_IO, "d.a", ""},
};

/* Goes to where the output lies under its temporary name, once. */
static void tamper(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                   uint64_t total)
{
    const struct tampering **tampering = context;
    (void)documents;
    (void)bytes;
    (void)total;
    if (strcmp(ns, "d.c") != 0 || *tampering == NULL) {
        return;
    }
    char path[640];
    DIR *folder = opendir(running.scratch.folder);
    cr_assert_not_null(folder);
    struct dirent *entry = readdir(folder);
    while (entry != NULL && strstr(entry->d_name, "fixed") == NULL) {
        entry = readdir(folder);
    }
    cr_assert_not_null(entry, "no temporary output");
    snprintf(path, sizeof path, "%s/%s/d", running.scratch.folder, entry->d_name);
    int before = open(".", O_RDONLY);
    cr_assert_eq(chdir(path), 0);
    (*tampering)->spoil();
    cr_assert_eq(fchdir(before), 0);
    close(before);
    closedir(folder);
    *tampering = NULL;
}

Test(rerun, an_output_that_is_not_what_was_judged_is_withheld)
{
    running_add(1, "x");
    running_add(2, "y");
    running_put("in/d/a.bson");
    running_add(1, "x");
    running_put("in/d/c.bson");
    test_scratch_write(&running.scratch, "in/d/a.metadata.json",
                       bm_view_text(running_unique_token));
    running.options.input.path = test_scratch_path(&running.scratch, "in");
    running.options.output.path = running.output;
    snprintf(running.output, sizeof running.output, "%s/fixed", running.scratch.folder);
    size_t before = test_scratch_count(&running.scratch, "");
    for (size_t i = 0; i < sizeof tamperings / sizeof *tamperings; i++) {
        const struct tampering *left = &tamperings[i];
        const struct bm_progress progress = {tamper, &left};
        running.options.progress = &progress;
        cr_assert_eq(running_run(), BM_FAIL, "%s", tamperings[i].name);
        cr_assert_null(left, "%s: not spoiled", tamperings[i].name);
        cr_expect_eq(running.err.code, tamperings[i].code, "%s", tamperings[i].name);
        cr_expect_str_eq(running.err.ns, tamperings[i].ns, "%s", tamperings[i].name);
        cr_expect(tamperings[i].text[0] == '\0' ||
                      strcmp(running.err.text, tamperings[i].text) == 0,
                  "%s: %s", tamperings[i].name, running.err.text);
        cr_expect_null(running.result.output.path, "%s", tamperings[i].name);
        cr_expect_eq(test_scratch_count(&running.scratch, ""), before, "%s: left behind",
                     tamperings[i].name);
    }
    running.options.progress = NULL;
    cr_assert_eq(running_run(), BM_OK, "left alone it passes: %s", running.err.text);
    cr_assert_eq(running.result.output.documents, 3);
}

/* ---- the short read for first documents ---- */

/* Bytes told of in each pass; a pass starts with fewer than the one before ended with. */
struct reading {
    size_t passes;
    uint64_t bytes[4];
};

static void follow(void *context, const char *ns, uint64_t documents, uint64_t bytes,
                   uint64_t total)
{
    struct reading *reading = context;
    (void)ns;
    (void)documents;
    (void)total;
    if (reading->passes == 0 || bytes <= reading->bytes[reading->passes - 1]) {
        reading->passes++;
    }
    cr_assert_leq(reading->passes, 4);
    reading->bytes[reading->passes - 1] = bytes;
}

Test(rerun, the_read_for_first_documents_ends_when_all_are_known)
{
    char token[256];
    memset(token, 'x', sizeof token);
    for (int32_t i = 0; i < 50000; i++) {
        snprintf(token + 240, 16, "%d", i == 49999 ? 3 : i);
        running_add(i, token);
    }
    uint64_t size = running.dump.len;
    running_put("d/c.bson");
    struct reading reading = {0};
    const struct bm_progress progress = {follow, &reading};
    running.options.progress = &progress;
    running.options.command = BM_COMMAND_CHECK;
    cr_assert_eq(running_run(), BM_OK, "%s", running.err.text);
    cr_assert_eq(reading.passes, 2);
    cr_assert_eq(reading.bytes[0], size);
    cr_assert_lt(reading.bytes[1], size / 4, "%ju bytes of %ju", (uintmax_t)reading.bytes[1],
                 (uintmax_t)size);
    cr_assert_eq(running.result.input.bytes, size, "what is told is of the whole pass");
    cr_assert_eq(running.result.input.documents, 50000);
    cr_assert_eq(running.result.namespaces[0].documents, 50000);
    cr_assert_eq(running.result.namespaces[0].indexes[1].keys, 49999);
    cr_assert_eq(running.result.violation_total, 1);
    cr_assert_eq(running.result.violations[0].count, 2);
    cr_assert_eq(running.result.violations[0].documents[0].ordinal, 3);
    cr_assert_eq(running.result.violations[0].documents[1].ordinal, 49999);
}
