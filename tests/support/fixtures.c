/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include "support/fixtures.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

/* nftw() has no argument of ours; each test is a process of its own. */
static struct test_fixture_list *found;
static const struct test_scratch *target;
static const char *target_name;
static size_t root_length;

static void add(struct test_fixture_list *list, const char *name)
{
    cr_assert_lt(list->count, (size_t)TEST_FIXTURE_NAMES);
    cr_assert_lt(strlen(name), (size_t)TEST_FIXTURE_NAME);
    strcpy(list->names[list->count++], name);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void sort(struct test_fixture_list *list)
{
    qsort(list->names, list->count, sizeof list->names[0], compare);
}

void test_folder_names(const char *path, struct test_fixture_list *out)
{
    DIR *folder = opendir(path);
    cr_assert_not_null(folder, "no %s", path);
    const struct dirent *entry;
    out->count = 0;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] != '.') {
            add(out, entry->d_name);
        }
    }
    closedir(folder);
    sort(out);
}

void test_fixtures_of(const char *group, struct test_fixture_list *out)
{
    char path[TEST_FIXTURE_NAME];
    snprintf(path, sizeof path, "fixtures/%s", group);
    test_folder_names(path, out);
}

static int note_file(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)walk;
    if (type == FTW_F) {
        add(found, path + root_length + (path[root_length] == '/'));
    }
    return 0;
}

void test_fixture_files(const char *path, struct test_fixture_list *out)
{
    out->count = 0;
    found = out;
    root_length = strlen(path);
    cr_assert_eq(nftw(path, note_file, 16, FTW_PHYS), 0, "%s", path);
    sort(out);
}

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    cr_assert(in != NULL && out != NULL, "%s to %s", from, to);
    char bytes[4096];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, in)) > 0) {
        cr_assert_eq(fwrite(bytes, 1, n, out), n);
    }
    fclose(in);
    cr_assert_eq(fclose(out), 0);
}

static int copy_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    char to[2 * TEST_FIXTURE_NAME];
    char text[TEST_FIXTURE_NAME];
    (void)status;
    (void)walk;
    snprintf(to, sizeof to, "%s/%s%s", target->folder, target_name, path + root_length);
    if (type == FTW_D) {
        cr_assert_eq(mkdir(to, 0755), 0, "%s", to);
    } else if (type == FTW_SL || type == FTW_SLN) {
        ssize_t len = readlink(path, text, sizeof text - 1);
        cr_assert_geq(len, 0);
        text[len] = '\0';
        cr_assert_eq(symlink(text, to), 0);
    } else {
        copy_file(path, to);
    }
    return 0;
}

void test_fixture_copy(const char *group, const char *name, const struct test_scratch *scratch,
                       const char *to)
{
    char path[2 * TEST_FIXTURE_NAME];
    snprintf(path, sizeof path, "fixtures/%s/%s", group, name);
    target = scratch;
    target_name = to;
    root_length = strlen(path);
    cr_assert_eq(nftw(path, copy_one, 16, FTW_PHYS), 0, "%s", path);
}
