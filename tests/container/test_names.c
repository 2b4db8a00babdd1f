/* SPDX-License-Identifier: Apache-2.0 */
#include "container/names.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

Test(names, classify)
{
    static const struct {
        const char *name;
        enum bm_name_kind kind;
        const char *stem;
        int compressed;
    } cases[] = {
        {"x.bson", BM_NAME_DATA, "x", 0},
        {"x.bson.gz", BM_NAME_DATA, "x", 1},
        {"x.bson.zst", BM_NAME_DATA, "x", 1},
        {"x.bin", BM_NAME_DATA, "x", 0},
        {"x.bin.gz", BM_NAME_OTHER, "", 1},
        {"x.orig.bson", BM_NAME_DATA, "x.orig", 0},
        {".bson", BM_NAME_OTHER, "", 0},
        {"bson", BM_NAME_OTHER, "", 0},
        {"x.metadata.json", BM_NAME_METADATA, "x", 0},
        {"x.metadata.json.gz", BM_NAME_METADATA, "x", 1},
        {".metadata.json", BM_NAME_OTHER, "", 0},
        {"x.json", BM_NAME_OTHER, "", 0},
        {"x.bson.gz.gz", BM_NAME_OTHER, "", 1},
        {"prelude.json", BM_NAME_PRELUDE, "", 0},
        {"prelude.json.gz", BM_NAME_PRELUDE, "", 1},
        {"prelude.json.metadata.json", BM_NAME_METADATA, "prelude.json", 0},
        {"oplog.bson", BM_NAME_DATA, "oplog", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_view stem = {NULL, 0};
        cr_expect_eq(bm_names_classify(cases[i].name, &stem), cases[i].kind, "%s", cases[i].name);
        cr_expect(bm_view_equal(stem, bm_view_text(cases[i].stem)), "%s", cases[i].name);
        cr_expect_eq(bm_names_compressed(cases[i].name), cases[i].compressed, "%s", cases[i].name);
    }
    cr_expect(bm_names_is_oplog("oplog.bson"));
    cr_expect(bm_names_is_oplog("oplog.bson.gz"));
    cr_expect(!bm_names_is_oplog("oplog.bin"));
}

/* NULL: the stem is refused. */
Test(names, unescape)
{
    static const char *const cases[][2] = {
        {"plain-A_9.~", "plain-A_9.~"},
        {"caf%C3%A9s", "caf\xc3\xa9s"},
        {"a+b%20c", "a b c"},
        {"%2fx%2F", "/x/"},
        {"100%", NULL},
        {"%4", NULL},
        {"%zz", NULL},
        {"%4g", NULL},
        {"a%00b", NULL},
        {"%25%32", "%2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        char *name = bm_names_unescape(bm_view_text(cases[i][0]), &err);
        if (cases[i][1] == NULL) {
            cr_expect_null(name, "%s", cases[i][0]);
            cr_expect_eq(err.code, BM_ERROR_CORRUPT);
        } else {
            cr_expect_str_eq(name, cases[i][1]);
        }
        free(name);
    }
}

Test(names, escape)
{
    static const char *const cases[][2] = {
        {"plain-A_9.~", "plain-A_9.~"},
        {"caf\xc3\xa9s", "caf%C3%A9s"},
        {"a b+c", "a+b%2Bc"},
        {"/$&=:@\n%", "%2F%24%26%3D%3A%40%0A%25"},
        {"$admin.system.users", "$admin.system.users"},
        {"$admin.system.roles", "$admin.system.roles"},
        {"$admin.system.version", "$admin.system.version"},
        {"$admin.system.users2", "%24admin.system.users2"},
        {"$admin./../../evil", "%24admin.%2F..%2F..%2Fevil"},
        {"$cmd", "%24cmd"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        char *stem = bm_names_escape(bm_view_text(cases[i][0]), &err);
        cr_expect_str_eq(stem, cases[i][1]);
        char *name = bm_names_unescape(bm_view_text(stem), &err);
        cr_expect_str_eq(name, cases[i][0]);
        free(name);
        free(stem);
    }
}

/* 238 bytes stay; one more, and mongodump cuts. The hash was computed elsewhere. */
Test(names, long_names_are_cut)
{
    char name[256];
    struct bm_error err = BM_ERROR_INIT;
    memset(name, 'a', sizeof name);
    char *whole = bm_names_escape((struct bm_view){(uint8_t *)name, 238}, &err);
    cr_expect_eq(strlen(whole), 238);
    cr_expect_eq(whole[237], 'a');
    cr_expect(!bm_names_is_cut(bm_view_text(whole)));
    free(whole);
    char *cut = bm_names_escape((struct bm_view){(uint8_t *)name, 239}, &err);
    cr_expect_eq(strlen(cut), 238);
    cr_expect_eq(strspn(cut, "a"), 208);
    cr_expect_str_eq(cut + 208, "%24_cMIV897lX9H69gojV5ddCb0Q5Q");
    cr_expect(bm_names_is_cut(bm_view_text(cut)));
    free(cut);
}

/* Each name with what is escaped at least, and what the stem then is read as. */
Test(names, least_escaping_reads_back)
{
    static const char *const cases[][2] = {{"plain", "plain"},
                                           {"a+b %24/", "a%2Bb+%2524%2F"},
                                           {"caf\xc3\xa9:$", "caf\xc3\xa9:$"},
                                           {"$admin.x+", "$admin.x%2B"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        char *name = NULL;
        char *stem = bm_names_escape_least(bm_view_text(cases[i][0]), &err);
        cr_assert_str_eq(stem, cases[i][1]);
        cr_assert_eq(bm_names_read(bm_view_text(stem), (struct bm_view){0}, &name, &err), BM_OK);
        cr_expect_str_eq(name, cases[i][0]);
        free(name);
        free(stem);
    }
}

/* A cut stem is read by the metadata beside it, and what stands there is unescaped once more. */
Test(names, a_cut_stem_is_read_from_metadata)
{
    char stem[239];
    memset(stem, 'a', sizeof stem);
    memcpy(stem + 208, "%24", 3);
    static const struct {
        const char *metadata;
        const char *name; /* NULL: none */
        enum bm_status status;
    } cases[] = {{"", NULL, BM_END},
                 {"{\"indexes\":[]}", NULL, BM_END},
                 {"{\"collectionName\":\"long\"}", "long", BM_OK},
                 {"{\"collectionName\":\"a+b%41\"}", "a bA", BM_OK},
                 {"{\"collectionName\":\"a%\"}", NULL, BM_FAIL},
                 {"{\"collectionName\"", NULL, BM_FAIL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_error err = BM_ERROR_INIT;
        char *name = NULL;
        enum bm_status status = bm_names_read((struct bm_view){(uint8_t *)stem, 238},
                                              bm_view_text(cases[i].metadata), &name, &err);
        cr_expect_eq(status, cases[i].status, "%zu", i);
        cr_assert_eq(name == NULL, cases[i].name == NULL, "%zu", i);
        if (name != NULL) {
            cr_expect_str_eq(name, cases[i].name);
        }
        free(name);
    }
}

Test(names, databases)
{
    char longest[65];
    memset(longest, 'x', sizeof longest);
    static const struct {
        const char *name;
        int good;
    } cases[] = {{"db", 1},  {"caf\xc3\xa9", 1}, {"", 0},   {"a.b", 0},  {"a b", 0},
                 {"a/b", 0}, {"a\\", 0},         {"\"", 0}, {"$cmd", 0}, {"a-b_", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(bm_names_refuse_db(bm_view_text(cases[i].name)) == NULL, cases[i].good, "%s",
                     cases[i].name);
    }
    cr_expect_null(bm_names_refuse_db((struct bm_view){(uint8_t *)longest, 63}));
    cr_expect_not_null(bm_names_refuse_db((struct bm_view){(uint8_t *)longest, 64}));
    cr_expect_not_null(bm_names_refuse_db((struct bm_view){(const uint8_t *)"a\0b", 3}));
}

Test(names, versions)
{
    static const struct {
        const char *text;
        int parsed;
        int has_buckets;
    } cases[] = {{"7.0.16", 1, 1}, {"8.2.9", 1, 1},     {"8.3.0", 1, 0},   {"8.10.0", 1, 0},
                 {"9.0.0", 1, 0},  {"5.0.0-rc0", 1, 1}, {"unknown", 0, 1}, {"", 0, 1},
                 {"8", 0, 1},      {"8.x", 0, 1},       {"0.0.0", 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsigned major;
        unsigned minor;
        cr_expect_eq(bm_names_version(cases[i].text, &major, &minor), cases[i].parsed, "%s",
                     cases[i].text);
        cr_expect_eq(bm_names_version_has_buckets(cases[i].text), cases[i].has_buckets, "%s",
                     cases[i].text);
    }
}

Test(names, order_of_writing)
{
    static const char *const sorted[][2] = {
        {"admin", "system.users"},
        {"admin", "system.roles"},
        {"admin", "system.version"},
        {"x", "$admin.system.users"},
        {"z", "system.indexes"},
        {"admin", "system.views"},
        {"admin2", "a"},
        {"b", "B"},
        {"b", "a"},
        {"b", "a.b"},
        {"b", "system.users"},
        {"", "oplog"},
    };
    enum { COUNT = sizeof sorted / sizeof sorted[0] };
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < COUNT; k++) {
            int order = bm_names_compare(bm_view_text(sorted[i][0]), bm_view_text(sorted[i][1]),
                                         bm_view_text(sorted[k][0]), bm_view_text(sorted[k][1]));
            cr_expect_eq((order > 0) - (order < 0), (i > k) - (i < k), "%zu %zu", i, k);
        }
    }
}
