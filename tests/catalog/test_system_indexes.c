/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/buffer.h"
#include "catalog/build.h"
#include "support/catalogs.h"
#include "support/bson_text.h"

/* Index definitions of dumps that are older than metadata files. */

/* Documents one behind the other. */
static struct bm_buffer file_of(const char *const *documents, size_t count)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer file = BM_BUFFER_INIT((size_t)1 << 20);
    for (size_t i = 0; i < count; i++) {
        struct bm_buffer document = test_bson(documents[i]);
        cr_assert_eq(bm_buffer_append(&file, bm_buffer_view(&document), &err), BM_OK);
        bm_buffer_free(&document);
    }
    return file;
}

static void give(struct bm_catalog *catalog, const char *db, struct bm_view file)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_catalog_add_system_indexes(catalog, bm_view_text(db), file, &err), BM_OK, "%s",
                 err.text);
}

static const char *const old[] = {
    "{'v': 1, 'key': {'_id': 1}, 'ns': 'a.b', 'name': '_id_'}",
    "{'v': 1, 'key': {'token': 1}, 'unique': true, 'ns': 'a.b', 'name': 'token_1'}",
    "{'v': 1, 'key': {'x': 1}, 'ns': 'a.c.d', 'name': 'x_1', 'unique': 1.0}",
    "{'v': 1, 'key': {'y': 1}, 'ns': 'a.with', 'name': 'y_1'}",
    "{'v': 1, 'key': {'z': 1}, 'ns': 'a.nowhere', 'name': 'z_1'}",
    "{'v': 1, 'key': {'z': 1}, 'ns': 'nodot', 'name': 'z_1'}",
    "{'v': 1, 'key': {'t': -1}, 'ns': 'a.b', 'name': 't_-1', 'sparse': true}",
};
#define OLD_COUNT (sizeof old / sizeof *old)

Test(system_indexes, give_collections_without_metadata_their_indexes)
{
    struct bm_catalog *catalog = test_catalog_new();
    const struct bm_namespace *b = test_catalog_add(catalog, "a", "b", "");
    const struct bm_namespace *deep = test_catalog_add(catalog, "a", "c.d", "");
    const struct bm_namespace *with = test_catalog_add(catalog, "a", "with", "{\"indexes\":[]}");
    const struct bm_namespace *none = test_catalog_add(catalog, "a", "none", "");
    const struct bm_namespace *indexes = test_catalog_add(catalog, "a", "system.indexes", "");
    const struct bm_namespace *other = test_catalog_add(catalog, "z", "b", "");
    struct bm_buffer file = file_of(old, OLD_COUNT);
    give(catalog, "a", bm_buffer_view(&file));
    bm_buffer_free(&file); /* copied */
    cr_assert_eq(b->metadata_state, BM_METADATA_SYSTEM_INDEXES);
    cr_assert_eq(b->index_count, 3);
    cr_expect_str_eq(b->indexes[0].name, "_id_");
    cr_expect_eq(b->indexes[0].kind, BM_INDEX_ID);
    cr_expect_str_eq(b->indexes[1].name, "token_1");
    cr_expect_eq(b->indexes[1].unique, 1);
    cr_expect_str_eq(b->indexes[2].name, "t_-1");
    cr_expect_eq(b->indexes[2].sparse, 1);
    cr_assert_eq(deep->index_count, 2);
    cr_expect_eq(deep->indexes[1].unique, 1);
    cr_expect_eq(with->metadata_state, BM_METADATA_READ);
    cr_expect_eq(with->index_count, 1, "metadata is all that counts where there is some");
    cr_expect_eq(none->metadata_state, BM_METADATA_SYSTEM_INDEXES);
    cr_expect_eq(none->index_count, 1, "only the _id index");
    cr_expect_eq(indexes->index_count, 0);
    cr_expect_eq(other->metadata_state, BM_METADATA_ABSENT, "another database");
    bm_catalog_free(catalog);
}

/* mongorestore goes by the folder's name alone. */
Test(system_indexes, belong_to_the_database_they_lie_in)
{
    struct bm_catalog *catalog = test_catalog_new();
    const struct bm_namespace *b = test_catalog_add(catalog, "renamed", "b", "");
    struct bm_buffer file = file_of(old, OLD_COUNT);
    give(catalog, "renamed", bm_buffer_view(&file));
    cr_expect_eq(b->index_count, 3);
    bm_buffer_free(&file);
    bm_catalog_free(catalog);
}

Test(system_indexes, that_cannot_be_read_leave_indexes_unknown)
{
    static const char *const nameless[] = {"{'key': {'a': 1}, 'name': 'a_1', 'ns': 'a.b'}",
                                           "{'key': {'c': 1}, 'name': 'c_1', 'ns': 5}"};
    struct bm_buffer file = file_of(nameless, 2);
    size_t first = file.data[0];
    static const struct {
        size_t len; /* bytes of the file that are there; 0: all */
        const char *problem;
    } cases[] = {
        {0,
         "system.indexes: at byte 48: a definition without a text for ns, over which mongorestore "
         "stops"},
        {54, "system.indexes: at byte 48: a definition of a length that cannot be"},
        {50, "system.indexes: at byte 48: a definition of a length that cannot be"},
    };
    cr_assert_eq(first, 48);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bm_catalog *catalog = test_catalog_new();
        const struct bm_namespace *b = test_catalog_add(catalog, "a", "b", "");
        const struct bm_namespace *c = test_catalog_add(catalog, "a", "c", "");
        const struct bm_namespace *with = test_catalog_add(catalog, "a", "with", "{}");
        give(catalog, "a", (struct bm_view){file.data, cases[i].len > 0 ? cases[i].len : file.len});
        cr_expect_eq(b->metadata_state, BM_METADATA_UNREADABLE);
        cr_assert_eq(c->metadata_state, BM_METADATA_UNREADABLE);
        cr_expect_str_eq(c->metadata_problem, cases[i].problem);
        cr_expect_eq(b->index_count, 1);
        cr_expect_eq(with->metadata_state, BM_METADATA_READ);
        bm_catalog_free(catalog);
    }
    bm_buffer_free(&file);
}

Test(system_indexes, damage_inside_a_definition_is_seen)
{
    struct bm_catalog *catalog = test_catalog_new();
    const struct bm_namespace *b = test_catalog_add(catalog, "a", "b", "");
    struct bm_buffer file = file_of(old, OLD_COUNT);
    file.data[4] = 99; /* a type that is none */
    give(catalog, "a", bm_buffer_view(&file));
    cr_assert_eq(b->metadata_state, BM_METADATA_UNREADABLE);
    cr_expect_eq(strncmp(b->metadata_problem, "system.indexes: at byte 0: ", 27), 0, "%s",
                 b->metadata_problem);
    bm_buffer_free(&file);
    bm_catalog_free(catalog);
}
