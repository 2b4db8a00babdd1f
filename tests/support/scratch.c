/* SPDX-License-Identifier: Apache-2.0 */
#define _XOPEN_SOURCE 700
#include "support/scratch.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void test_scratch_make(struct test_scratch *scratch)
{
    snprintf(scratch->folder, sizeof scratch->folder, "/tmp/bsonmend-test-XXXXXX");
    cr_assert_not_null(mkdtemp(scratch->folder));
}

void test_scratch_make_quick(struct test_scratch *scratch)
{
    snprintf(scratch->folder, sizeof scratch->folder, "/dev/shm/bsonmend-test-XXXXXX");
    if (mkdtemp(scratch->folder) == NULL) {
        test_scratch_make(scratch);
    }
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void test_scratch_remove(struct test_scratch *scratch)
{
    cr_assert_eq(nftw(scratch->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *test_scratch_path(const struct test_scratch *scratch, const char *name)
{
    static char ring[8][512];
    static size_t next;
    char *path = ring[next++ % 8];
    snprintf(path, sizeof ring[0], "%s/%s", scratch->folder, name);
    return path;
}

void test_scratch_write(const struct test_scratch *scratch, const char *name, struct bm_view bytes)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", scratch->folder, name);
    for (char *at = path + strlen(scratch->folder) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(path, 0755);
        *at = '/';
    }
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file, "cannot make %s", path);
    cr_assert_eq(bytes.len == 0 ? 0 : fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    cr_assert_eq(fclose(file), 0);
}

struct bm_buffer test_scratch_read(const struct test_scratch *scratch, const char *name)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer buffer = BM_BUFFER_INIT((size_t)1 << 30);
    FILE *file = fopen(test_scratch_path(scratch, name), "rb");
    cr_assert_not_null(file, "no file %s", name);
    uint8_t bytes[4096];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        cr_assert_eq(bm_buffer_append(&buffer, (struct bm_view){bytes, n}, &err), BM_OK);
    }
    cr_assert_eq(fclose(file), 0);
    return buffer;
}

size_t test_scratch_count(const struct test_scratch *scratch, const char *name)
{
    DIR *folder = opendir(test_scratch_path(scratch, name));
    cr_assert_not_null(folder);
    size_t count = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(folder);
    return count;
}
