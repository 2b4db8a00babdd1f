/* SPDX-License-Identifier: Apache-2.0 */
#include "bsonmend/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "bsonmend/document.h"
#include "catalog/build.h"
#include "support/catalogs.h"

static const struct {
    const char *db;
    const char *collection;
    const char *metadata;
    const char *ns;
    enum bm_namespace_kind kind;
    size_t index_count;
} kinds[] = {
    {"a", "b", "", "a.b", BM_NAMESPACE_COLLECTION, 1},
    {"a", "b.c", "{}", "a.b.c", BM_NAMESPACE_COLLECTION, 1},
    {"", "oplog", "", ".oplog", BM_NAMESPACE_OPLOG, 0},
    {"local", "oplog.rs", "", "local.oplog.rs", BM_NAMESPACE_COLLECTION, 1},
    {"a", "system.indexes", "", "a.system.indexes", BM_NAMESPACE_INDEXES, 0},
    {"a", "v", "{\"options\":{\"viewOn\":\"b\"}}", "a.v", BM_NAMESPACE_VIEW, 0},
    {"a", "t", "{\"options\":{\"timeseries\":{}}}", "a.t", BM_NAMESPACE_TIMESERIES, 1},
    {"a", "system.buckets.t", "{\"options\":{\"timeseries\":{}}}", "a.system.buckets.t",
     BM_NAMESPACE_TIMESERIES, 1},
    {"a", "system.buckets.t", "", "a.system.buckets.t", BM_NAMESPACE_TIMESERIES, 1},
    {"a", "system.buckets.t", "XXX", "a.system.buckets.t", BM_NAMESPACE_TIMESERIES, 1},
    {"admin", "system.users", "", "admin.system.users", BM_NAMESPACE_SYSTEM, 1},
    {"a", "system.js", "{}", "a.system.js", BM_NAMESPACE_SYSTEM, 1},
    {"a", "$admin.system.users", "", "a.$admin.system.users", BM_NAMESPACE_SYSTEM, 1},
    {"config", "chunks", "", "config.chunks", BM_NAMESPACE_SYSTEM, 1},
    {"config", "v", "{\"options\":{\"viewOn\":\"b\"}}", "config.v", BM_NAMESPACE_VIEW, 0},
    {"configs", "systems", "", "configs.systems", BM_NAMESPACE_COLLECTION, 1},
};

Test(catalog, tells_kinds)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct bm_catalog *catalog = test_catalog_new();
        const struct bm_namespace *ns =
            test_catalog_add(catalog, kinds[i].db, kinds[i].collection, kinds[i].metadata);
        cr_expect_str_eq(ns->db, kinds[i].db);
        cr_expect_str_eq(ns->collection, kinds[i].collection);
        cr_expect_str_eq(ns->ns, kinds[i].ns);
        cr_expect_eq(ns->kind, kinds[i].kind, "%s: %d", kinds[i].ns, (int)ns->kind);
        cr_expect_eq(ns->index_count, kinds[i].index_count, "%s", kinds[i].ns);
        cr_expect_eq(bm_catalog_oplog(catalog), ns->kind == BM_NAMESPACE_OPLOG ? ns : NULL);
        bm_catalog_free(catalog);
    }
}

Test(catalog, keeps_options)
{
    struct bm_catalog *catalog = test_catalog_new();
    const struct bm_namespace *ns = test_catalog_add(
        catalog, "a", "b",
        "{\"options\":{\"capped\":true,\"size\":{\"$numberLong\":\"1048576\"},\"max\":100.0,"
        "\"validator\":{\"x\":{\"$type\":2}},\"collation\":{\"locale\":\"fr\"}}}");
    cr_expect_eq(ns->metadata_state, BM_METADATA_READ);
    cr_expect_null(ns->metadata_problem);
    cr_expect_eq(ns->capped, 1);
    cr_expect_eq(ns->capped_size, 1048576);
    cr_expect_eq(ns->capped_max, 100);
    cr_expect_eq(ns->validator.len, 0x18, "%zu", ns->validator.len);
    cr_expect_eq(ns->collation.len, 0x14);
    cr_expect(bm_view_equal(ns->indexes[0].collation, ns->collation));
    cr_expect_gt(ns->options.len, 0);
    const struct bm_namespace *simple = test_catalog_add(
        catalog, "a", "c",
        "{\"options\":{\"collation\":{\"locale\":\"simple\"},\"capped\":false,\"size\":5}}");
    cr_expect_eq(simple->collation.len, 0);
    cr_expect_eq(simple->indexes[0].collation.len, 0);
    cr_expect_eq(simple->capped, 0);
    cr_expect_eq(simple->capped_size, 0);
    const struct bm_namespace *odd = test_catalog_add(
        catalog, "a", "d",
        "{\"options\":{\"capped\":1,\"size\":-5,\"max\":1e30,\"validator\":null}}");
    cr_expect_eq(odd->capped, 1);
    cr_expect_eq(odd->capped_size, 0);
    cr_expect_eq(odd->capped_max, UINT64_MAX);
    cr_expect_eq(odd->validator.len, 0);
    bm_catalog_free(catalog);
}

Test(catalog, passes_on_what_it_cannot_read)
{
    struct bm_catalog *catalog = test_catalog_new();
    const struct bm_namespace *ns =
        test_catalog_add(catalog, "a", "b", "{\"indexes\":[{\"key\":}]}");
    cr_expect_eq(ns->metadata_state, BM_METADATA_UNREADABLE);
    cr_expect_str_eq(ns->metadata_problem, "at byte 19: not JSON: a value is expected");
    cr_expect(bm_view_equal(ns->metadata, bm_view_text("{\"indexes\":[{\"key\":}]}")));
    cr_expect_eq(ns->index_count, 1);
    cr_expect_eq(ns->options.len, 0);
    const struct bm_namespace *wrong =
        test_catalog_add(catalog, "a", "c", "{\"options\":{\"viewOn\":\"b\"},\"uuid\":1}");
    cr_expect_eq(wrong->metadata_state, BM_METADATA_UNREADABLE);
    cr_expect_str_eq(wrong->metadata_problem, "\"uuid\" is no string");
    cr_expect_eq(wrong->kind, BM_NAMESPACE_COLLECTION);
    const struct bm_namespace *absent = test_catalog_add(catalog, "a", "d", "");
    cr_expect_eq(absent->metadata_state, BM_METADATA_ABSENT);
    cr_expect_eq(absent->metadata.len, 0);
    cr_expect_eq(absent->index_count, 1);
    bm_catalog_free(catalog);
}

Test(catalog, finds_by_bytes)
{
    struct bm_catalog *catalog = test_catalog_new();
    const struct bm_namespace *first = test_catalog_add(catalog, "a", "b.c", "");
    const struct bm_namespace *second = test_catalog_add(catalog, "a.b", "c", "");
    const struct bm_namespace *third = test_catalog_add(catalog, "", "line\nbreak", "");
    cr_expect_eq(bm_catalog_count(catalog), 3);
    cr_expect_eq(bm_catalog_namespace(catalog, 0), first);
    cr_expect_eq(bm_catalog_namespace(catalog, 1), second);
    cr_expect_eq(bm_catalog_namespace(catalog, 2), third);
    cr_expect_null(bm_catalog_namespace(catalog, 3));
    cr_expect_eq(third->number, 2);
    cr_expect_eq(bm_catalog_find(catalog, bm_view_text("a"), bm_view_text("b.c")), first);
    cr_expect_eq(bm_catalog_find(catalog, bm_view_text("a.b"), bm_view_text("c")), second);
    cr_expect_eq(bm_catalog_find(catalog, bm_view_text(""), bm_view_text("line\nbreak")), third);
    cr_expect_null(bm_catalog_find(catalog, bm_view_text("a"), bm_view_text("b")));
    cr_expect_null(
        bm_catalog_find(catalog, (struct bm_view){(const uint8_t *)"a\0", 2}, bm_view_text("b.c")));
    bm_catalog_free(catalog);
}

Test(catalog, refuses_what_is_there_already)
{
    struct bm_catalog *catalog = test_catalog_new();
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_namespace *ns = NULL;
    struct bm_catalog_entry entry = {.db = bm_view_text("a"), .collection = bm_view_text("b")};
    (void)test_catalog_add(catalog, "a", "b", "{}");
    cr_expect_eq(bm_catalog_add(catalog, &entry, &ns, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    cr_expect_str_eq(err.text, "the dump has a.b twice");
    cr_expect_eq(bm_catalog_count(catalog), 1);
    cr_expect_null(ns);
    err = BM_ERROR_INIT;
    entry.collection = (struct bm_view){(const uint8_t *)"b\0c", 3};
    cr_expect_eq(bm_catalog_add(catalog, &entry, &ns, &err), BM_FAIL);
    cr_expect_eq(err.code, BM_ERROR_CORRUPT);
    bm_catalog_free(catalog);
}

Test(catalog, keeps_no_more_than_256_mib)
{
    struct bm_catalog *catalog = test_catalog_new();
    size_t len = (size_t)12 << 20;
    char *text = malloc(len);
    memset(text, ' ', len);
    memcpy(text, "{}", 2);
    enum bm_status status = BM_OK;
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_namespace *ns;
    size_t added = 0;
    while (status == BM_OK && added < 100) {
        char name[16];
        (void)snprintf(name, sizeof name, "c%zu", added);
        struct bm_catalog_entry entry = {.db = bm_view_text("a"),
                                         .collection = bm_view_text(name),
                                         .metadata = {(const uint8_t *)text, len}};
        status = bm_catalog_add(catalog, &entry, &ns, &err);
        added += status == BM_OK;
    }
    cr_expect_eq(added, 21);
    cr_expect_eq(err.code, BM_ERROR_MEMORY);
    cr_expect_eq(bm_catalog_count(catalog), 21);
    (void)test_catalog_add(catalog, "small", "fits", "{}");
    free(text);
    bm_catalog_free(catalog);
}

Test(catalog, a_hundred_thousand_namespaces_take_no_time, .timeout = 20)
{
    struct bm_catalog *catalog = test_catalog_new();
    char name[32];
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(name, sizeof name, "c%d", i);
        (void)test_catalog_add(catalog, "db", name, "{\"indexes\":[]}");
    }
    cr_expect_eq(bm_catalog_count(catalog), 100000);
    for (int i = 0; i < 100000; i++) {
        (void)snprintf(name, sizeof name, "c%d", i);
        const struct bm_namespace *ns =
            bm_catalog_find(catalog, bm_view_text("db"), bm_view_text(name));
        cr_assert_not_null(ns);
        cr_assert_eq(ns->number, (size_t)i);
    }
    bm_catalog_free(catalog);
}

Test(catalog, keeps_the_server_version)
{
    struct bm_catalog *catalog = test_catalog_new();
    struct bm_error err = BM_ERROR_INIT;
    cr_expect_str_eq(bm_catalog_server_version(catalog), "");
    cr_expect_eq(bm_catalog_set_server_version(catalog, bm_view_text("7.0.16"), &err), BM_OK);
    cr_expect_str_eq(bm_catalog_server_version(catalog), "7.0.16");
    cr_expect_eq(bm_catalog_set_server_version(catalog, bm_view_text("unknown"), &err), BM_OK);
    cr_expect_str_eq(bm_catalog_server_version(catalog), "unknown");
    bm_catalog_free(catalog);
    bm_catalog_free(NULL);
}

Test(catalog, names_containers)
{
    cr_expect_str_eq(bm_container_name(BM_CONTAINER_BSON), "bson");
    cr_expect_str_eq(bm_container_name(BM_CONTAINER_DIRECTORY), "directory");
    cr_expect_str_eq(bm_container_name(BM_CONTAINER_ARCHIVE), "archive");
}
