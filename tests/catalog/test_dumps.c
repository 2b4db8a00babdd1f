/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "bsonmend/document.h"
#include "catalog/build.h"
#include "support/dump.h"

/* The metadata of real dumps, where they are at hand. */

static struct bm_buffer read_file(const char *path)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer bytes = BM_BUFFER_INIT((size_t)32 << 20);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    uint8_t chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        cr_assert_eq(bm_buffer_append(&bytes, (struct bm_view){chunk, n}, &err), BM_OK);
    }
    (void)fclose(file);
    return bytes;
}

static enum bm_metadata_state judge(struct bm_view text, const struct bm_namespace **ns,
                                    struct bm_catalog *catalog)
{
    struct bm_error err = BM_ERROR_INIT;
    char name[32];
    (void)snprintf(name, sizeof name, "c%zu", bm_catalog_count(catalog));
    struct bm_catalog_entry entry = {
        .db = bm_view_text("a"), .collection = bm_view_text(name), .metadata = text};
    cr_assert_eq(bm_catalog_add(catalog, &entry, ns, &err), BM_OK, "%s", err.text);
    return (*ns)->metadata_state;
}

static int ends_with(const char *text, const char *end)
{
    size_t len = strlen(text);
    return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

/* Judges every metadata file below a folder; returns how many there were. */
static int judge_folder(const char *folder, struct bm_catalog *catalog, int levels)
{
    int found = 0;
    DIR *dir = opendir(folder);
    cr_assert_not_null(dir, "%s", folder);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[1024];
        struct stat status;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || stat(path, &status) != 0) {
            continue;
        }
        if (S_ISDIR(status.st_mode) && levels > 0) {
            found += judge_folder(path, catalog, levels - 1);
        }
        if (!ends_with(path, ".metadata.json")) {
            continue;
        }
        struct bm_buffer text = read_file(path);
        const struct bm_namespace *ns;
        enum bm_metadata_state state = judge(bm_buffer_view(&text), &ns, catalog);
        enum bm_metadata_state expected = text.len == 0 ? BM_METADATA_ABSENT
                                          : ends_with(path, "malformed_metadata.metadata.json")
                                              ? BM_METADATA_UNREADABLE
                                              : BM_METADATA_READ;
        cr_expect_eq(state, expected, "%s: %s", path, ns->metadata_problem);
        bm_buffer_free(&text);
        found++;
    }
    (void)closedir(dir);
    return found;
}

Test(dumps, metadata_of_folders_is_read)
{
    char folder[512];
    struct bm_error err = BM_ERROR_INIT;
    struct bm_catalog *catalog = bm_catalog_new(&err);
    (void)snprintf(folder, sizeof folder, "%s/dirs", test_dump_real());
    cr_expect_gt(judge_folder(folder, catalog, 4), 20);
    bm_catalog_free(catalog);
}

/* The documents of an archive's prelude: magic, header, then one a namespace up to a terminator. */
static int judge_archive(const char *name, enum bm_metadata_state expected)
{
    char path[512];
    struct bm_error err = BM_ERROR_INIT;
    struct bm_catalog *catalog = bm_catalog_new(&err);
    (void)snprintf(path, sizeof path, "%s/archives/%s", test_dump_real(), name);
    struct bm_buffer bytes = read_file(path);
    int found = 0;
    size_t at = 4;
    while (at + 4 < bytes.len && bm_le32(bytes.data + at) != 0xffffffffu) {
        struct bm_view document = {bytes.data + at, bm_le32(bytes.data + at)};
        struct bm_element metadata;
        cr_assert_eq(bm_document_check(document, NULL, &err), BM_OK, "%s", err.text);
        if (bm_document_find(document, bm_view_text("metadata"), &metadata, &err) == BM_OK) {
            struct bm_view text = {metadata.value.data + 4, metadata.value.len - 5};
            const struct bm_namespace *ns;
            if (text.len > 0) {
                cr_expect_eq(judge(text, &ns, catalog), expected, "%s: %s", name,
                             ns->metadata_problem);
                found++;
            }
        }
        at += document.len;
    }
    bm_buffer_free(&bytes);
    bm_catalog_free(catalog);
    return found;
}

Test(dumps, metadata_of_archives_is_read)
{
    cr_expect_eq(judge_archive("test.bar.archive", BM_METADATA_READ), 2);
    cr_expect_eq(judge_archive("timeseries_tests-dump.archive", BM_METADATA_READ), 3);
    cr_expect_eq(judge_archive("bad-format.archive", BM_METADATA_UNREADABLE), 1);
}

Test(dumps, indexes_of_indextestdump)
{
    char path[512];
    struct bm_error err = BM_ERROR_INIT;
    struct bm_catalog *catalog = bm_catalog_new(&err);
    const struct bm_namespace *ns;
    (void)snprintf(path, sizeof path,
                   "%s/dirs/indextestdump/indextest/test_collection.metadata.json",
                   test_dump_real());
    struct bm_buffer text = read_file(path);
    cr_assert_eq(judge(bm_buffer_view(&text), &ns, catalog), BM_METADATA_READ);
    cr_assert_eq(ns->index_count, 2);
    cr_expect_str_eq(ns->indexes[1].name, "a_1_b_true");
    cr_expect_str_eq(ns->indexes[1].problem,
                     "its key has a value that servers refuse without --convertLegacyIndexes");
    bm_buffer_free(&text);
    bm_catalog_free(catalog);
}
