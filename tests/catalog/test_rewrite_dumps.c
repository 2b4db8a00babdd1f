/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/rewrite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

#include "bsonmend/container.h"
#include "bsonmend/document.h"
#include "catalog/build.h"
#include "support/dump.h"

/*
 * Every index and every collection of the fixtures and of real dumps, rewritten in every way and
 * read back: what was asked for is so, all else is as it was, and a second time changes nothing.
 */

#define LIMIT ((size_t)2 * BM_DOCUMENT_MAX)

static const char *const the_field[] = {"a"};

static const struct bm_namespace *read_back(struct bm_catalog *catalog, struct bm_view text)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_namespace *ns;
    char name[32];
    (void)snprintf(name, sizeof name, "c%zu", bm_catalog_count(catalog));
    struct bm_catalog_entry entry = {
        .db = bm_view_text("a"), .collection = bm_view_text(name), .metadata = text};
    cr_assert_eq(bm_catalog_add(catalog, &entry, &ns, &err), BM_OK, "%s", err.text);
    cr_assert_eq(ns->metadata_state, BM_METADATA_READ, "%s", ns->metadata_problem);
    return ns;
}

/* The elements of a document but those of some names, which the rewrite may touch. */
static void expect_same_but(struct bm_view before, struct bm_view after, const char *const *names)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer kept[2] = {BM_BUFFER_INIT(LIMIT), BM_BUFFER_INIT(LIMIT)};
    struct bm_view documents[2] = {before, after};
    for (size_t i = 0; i < 2 && documents[i].len > 0; i++) {
        struct bm_elements elements;
        struct bm_element element;
        cr_assert_eq(bm_elements_open(&elements, documents[i], &err), BM_OK);
        while (bm_elements_next(&elements, &element, &err) == BM_OK) {
            int named = 0;
            for (const char *const *name = names; *name != NULL; name++) {
                named |= bm_view_equal(element.name, bm_view_text(*name));
            }
            cr_assert(named || bm_buffer_append(&kept[i], element.raw, &err) == BM_OK);
        }
    }
    cr_expect(bm_view_equal(bm_buffer_view(&kept[0]), bm_buffer_view(&kept[1])));
    bm_buffer_free(&kept[0]);
    bm_buffer_free(&kept[1]);
}

static void expect_index(const struct bm_index_spec *before, const struct bm_index_spec *after,
                         const struct bm_rewrite *rewrite)
{
    static const char *const nothing[] = {NULL};
    static const char *const partial[] = {"partialFilterExpression", "sparse", NULL};
    static const char *const sparse[] = {"sparse", NULL};
    static const char *const nonunique[] = {"unique", "prepareUnique", NULL};
    int is_it = rewrite->kind == BM_REWRITE_INDEX && strcmp(before->name, rewrite->name) == 0;
    enum bm_index_action action = is_it ? rewrite->index : BM_INDEX_ACTION_KEEP;
    cr_expect_str_eq(before->name, after->name);
    switch (action) {
    case BM_INDEX_ACTION_KEEP:
        expect_same_but(before->spec, after->spec, nothing);
        break;
    case BM_INDEX_ACTION_PARTIAL:
        expect_same_but(before->spec, after->spec, partial);
        cr_expect_gt(after->partial.len, BM_DOCUMENT_MIN);
        cr_expect_eq(after->sparse, 0);
        break;
    case BM_INDEX_ACTION_SPARSE:
        expect_same_but(before->spec, after->spec, sparse);
        cr_expect_eq(after->sparse, 1);
        break;
    case BM_INDEX_ACTION_NONUNIQUE:
        expect_same_but(before->spec, after->spec, nonunique);
        cr_expect_eq(after->unique || after->prepare_unique, 0);
        break;
    case BM_INDEX_ACTION_DROP:
        cr_assert_fail("%s is still there", before->name);
    }
}

/* All but a dropped index are there, in their order. */
static void expect_indexes(const struct bm_namespace *before, const struct bm_namespace *after,
                           const struct bm_rewrite *rewrite)
{
    size_t at = 0;
    int drops = rewrite->kind == BM_REWRITE_INDEX && rewrite->index == BM_INDEX_ACTION_DROP;
    for (size_t i = 0; i < before->index_count; i++) {
        if (drops && strcmp(before->indexes[i].name, rewrite->name) == 0) {
            continue;
        }
        cr_assert_lt(at, after->index_count);
        expect_index(&before->indexes[i], &after->indexes[at++], rewrite);
    }
    cr_expect_eq(at, after->index_count);
}

static void expect_options(const struct bm_namespace *before, const struct bm_namespace *after,
                           const struct bm_rewrite *rewrite)
{
    static const char *const validator[] = {"validator", NULL};
    static const char *const nothing[] = {NULL};
    int requires = rewrite->kind == BM_REWRITE_REQUIRE;
    expect_same_but(before->options, after->options, requires ? validator : nothing);
    if (requires) {
        cr_expect_gt(after->validator.len, before->validator.len);
    }
}

/* What differs is one run of bytes; returns its length in `before`. */
static size_t changed_run(struct bm_view before, struct bm_view after)
{
    size_t least = before.len < after.len ? before.len : after.len;
    size_t front = 0;
    while (front < least && before.data[front] == after.data[front]) {
        front++;
    }
    size_t back = 0;
    while (back < least - front &&
           before.data[before.len - 1 - back] == after.data[after.len - 1 - back]) {
        back++;
    }
    return before.len - front - back;
}

/* No entry of the texts at hand is longer in JSON than this many times its BSON. */
#define JSON_PER_BSON 4u

static int try_rewrite(const struct bm_namespace *ns, const struct bm_rewrite *rewrite,
                       size_t entry_len)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_catalog *catalog = bm_catalog_new(&err);
    struct bm_buffer out = BM_BUFFER_INIT(LIMIT);
    struct bm_buffer again = BM_BUFFER_INIT(LIMIT);
    struct bm_rewrite_result result;
    enum bm_status status = bm_rewrite_metadata(ns->metadata, rewrite, 1, &result, &out, &err);
    cr_assert(status == BM_OK || err.code == BM_ERROR_USAGE, "%s: %s", ns->ns, err.text);
    int changed = status == BM_OK && result.outcome == BM_REWRITE_CHANGED;
    if (status == BM_OK && !changed) {
        cr_expect(bm_view_equal(bm_buffer_view(&out), ns->metadata));
    }
    if (changed) {
        const struct bm_namespace *after = read_back(catalog, bm_buffer_view(&out));
        expect_indexes(ns, after, rewrite);
        expect_options(ns, after, rewrite);
        cr_expect_leq(changed_run(ns->metadata, bm_buffer_view(&out)), entry_len * JSON_PER_BSON);
        cr_assert_eq(bm_rewrite_metadata(bm_buffer_view(&out), rewrite, 1, &result, &again, &err),
                     BM_OK);
        cr_expect_neq(result.outcome, BM_REWRITE_CHANGED, "%s", ns->ns);
        cr_expect(bm_view_equal(bm_buffer_view(&out), bm_buffer_view(&again)));
    }
    bm_buffer_free(&out);
    bm_buffer_free(&again);
    bm_catalog_free(catalog);
    return changed;
}

static int try_namespace(const struct bm_namespace *ns)
{
    int changed = 0;
    for (size_t i = 0; i < ns->index_count; i++) {
        for (int action = BM_INDEX_ACTION_PARTIAL; action <= BM_INDEX_ACTION_DROP; action++) {
            for (int type = 0; type <= BM_PARTIAL_DATE; type++) {
                struct bm_rewrite rewrite = {.kind = BM_REWRITE_INDEX,
                                             .name = ns->indexes[i].name,
                                             .index = (enum bm_index_action)action,
                                             .partial = (enum bm_partial_type)type};
                changed += try_rewrite(ns, &rewrite, ns->indexes[i].spec.len);
            }
        }
    }
    struct bm_rewrite require = {.kind = BM_REWRITE_REQUIRE, .fields = the_field, .field_count = 1};
    return changed + try_rewrite(ns, &require, ns->validator.len);
}

/* Every namespace of the dump; what cannot be opened is left out. Returns the rewrites made. */
static int try_dump(const char *path)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_source_options options = {.path = path};
    struct bm_source *source = bm_source_new(&options, &err);
    int changed = 0;
    if (source == NULL) {
        return 0;
    }
    const struct bm_catalog *catalog = bm_source_catalog(source);
    for (size_t i = 0; i < bm_catalog_count(catalog); i++) {
        const struct bm_namespace *ns = bm_catalog_namespace(catalog, i);
        if (ns->metadata_state == BM_METADATA_READ) {
            changed += try_namespace(ns);
        }
    }
    bm_source_free(source);
    return changed;
}

static int try_folder(const char *folder, const char *below)
{
    char path[1024];
    int changed = 0;
    (void)snprintf(path, sizeof path, "%s/%s", folder, below);
    DIR *dir = opendir(path);
    cr_assert_not_null(dir, "%s", path);
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') {
            (void)snprintf(path, sizeof path, "%s/%s/%s", folder, below, entry->d_name);
            changed += try_dump(path);
        }
    }
    (void)closedir(dir);
    return changed;
}

Test(rewrite_dumps, fixtures)
{
    cr_expect_gt(try_folder("fixtures", "good"), 30);
    cr_expect_gt(try_folder("fixtures", "mend"), 20);
}

Test(rewrite_dumps, real_dumps)
{
    const char *folder = test_dump_real();
    cr_expect_gt(try_folder(folder, "dirs"), 100);
    cr_expect_gt(try_folder(folder, "archives"), 2);
}

/* Indexes as servers of many versions list them, more of them than the dumps have. */
static const char *const texts[] = {
    "{\"options\":{\"validator\":{\"email\":{\"$type\":\"string\"}}},\"indexes\":[{\"v\":{"
    "\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":\"1\"}},\"name\":\"_id_\"},{\"v\":{"
    "\"$numberInt\":\"2\"},\"key\":{\"token\":{\"$numberInt\":\"1\"}},\"name\":\"token_1\","
    "\"unique\":true},{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"org\":{\"$numberInt\":\"1\"},"
    "\"mail\":{\"$numberInt\":\"1\"}},\"name\":\"org_1_mail_1\",\"unique\":true,"
    "\"partialFilterExpression\":{\"mail\":{\"$exists\":true}},\"collation\":{\"locale\":\"en\","
    "\"strength\":{\"$numberInt\":\"2\"}}}],\"uuid\":\"00112233445566778899aabbccddeeff\"}",
    "{\"options\":{},\"indexes\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\",\"ns\":\"app."
    "accounts\"},{\"v\":2,\"unique\":true,\"sparse\":true,\"key\":{\"token\":1.0},\"name\":"
    "\"token_1\",\"ns\":\"app.accounts\"},{\"v\":2,\"key\":{\"at\":-1},\"name\":\"at_-1\","
    "\"expireAfterSeconds\":{\"$numberLong\":\"60\"},\"ns\":\"app.accounts\"},{\"v\":2,\"key\":{"
    "\"h\":\"hashed\"},\"name\":\"h_hashed\"},{\"v\":2,\"key\":{\"_fts\":\"text\",\"_ftsx\":1},"
    "\"name\":\"words\",\"weights\":{\"t\":1},\"textIndexVersion\":3}]}",
    "{\n  \"indexes\" : [\n    { \"name\" : \"x\", \"key\" : { \"x\" : 1 }, \"unique\" : true },\n"
    "    { \"name\" : \"y\", \"key\" : { \"y\" : 1 }, \"unique\" : 1, \"prepareUnique\" : true }\n"
    "  ],\n  \"options\" : { \"capped\" : true, \"size\" : 4096, \"validator\" : { } }\n}\n",
};

Test(rewrite_dumps, texts)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_catalog *catalog = bm_catalog_new(&err);
    int changed = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        changed += try_namespace(read_back(catalog, bm_view_text(texts[i])));
    }
    cr_expect_gt(changed, 60);
    bm_catalog_free(catalog);
}
