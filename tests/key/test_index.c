/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/key.h"
#include "support/bson_text.h"

static const struct bm_index_home home = {{INT_MAX, 0}, BM_NAMESPACE_COLLECTION};

static const struct {
    const char *key;
    enum bm_index_kind kind;
    int sparse;
    const char *partial;
    const char *collation;
    const char *problem;
    const char *reason; /* NULL: judged; else a part of it */
} specs[] = {
    {"{'a': 1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, NULL},
    {"{'a': -7.5, 'b.c': {'$numberLong': '1'}}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, NULL},
    {"{'a.$id': 1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, NULL},
    {"{'_id': 1}", BM_INDEX_ID, 0, NULL, NULL, NULL, NULL},
    {"{'a': 1}", BM_INDEX_BTREE, 1, NULL, NULL, NULL, NULL},
    {"{'a': 1}", BM_INDEX_BTREE, 0, "{'a': {'$gt': 1}}", NULL, NULL, NULL},
    {"{'a': 1}", BM_INDEX_BTREE, 0, NULL, "{'locale': 'en'}", NULL, NULL},
    {"{'_id': 1}", BM_INDEX_ID, 0, NULL, "{'locale': 'en'}", NULL, NULL},
    {"{'_id': -1}", BM_INDEX_BTREE, 0, "{'a': 1}", NULL, NULL, "_id index cannot be a partial"},
    {"{'_id': -1}", BM_INDEX_BTREE, 1, NULL, NULL, NULL, "_id index cannot be sparse"},
    {"{'_id': -3}", BM_INDEX_BTREE, 1, NULL, NULL, NULL, NULL},
    {"{'a': 1}", BM_INDEX_BTREE, 1, "{'a': 1}", NULL, NULL,
     "the server refuses it: sparse together with a partial filter"},
    {"{'a': 'hashed'}", BM_INDEX_HASHED, 0, NULL, NULL, NULL, "the server refuses it: a hashed"},
    {"{'$**': 1}", BM_INDEX_WILDCARD, 0, NULL, NULL, NULL, "the server refuses it: a wildcard"},
    {"{'a': 'text'}", BM_INDEX_TEXT, 0, NULL, NULL, NULL, "a text index"},
    {"{'a': '2d'}", BM_INDEX_2D, 0, NULL, NULL, NULL, "a geographic index"},
    {"{'a': '2dsphere'}", BM_INDEX_2DSPHERE, 0, NULL, NULL, NULL, "a geographic index"},
    {"{'a': 'other'}", BM_INDEX_OTHER, 0, NULL, NULL, NULL, "the server refuses it: an index of"},
    {"{'a': 'geoHaystack'}", BM_INDEX_OTHER, 0, NULL, NULL, NULL, "the server refuses it: an ind"},
    {"{'a': '2dsphere_bucket'}", BM_INDEX_OTHER, 0, NULL, NULL, NULL, "a geographic index"},
    {"{'a': 1}", BM_INDEX_BTREE, 0, NULL, NULL, "no name", "it cannot be understood: no name"},
    {"{}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "the server refuses it: a key without fields"},
    {"{'': 1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "without a name"},
    {"{'a..b': 1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "an empty part"},
    {"{'.a': 1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "an empty part"},
    {"{'a.': 1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "an empty part"},
    {"{'$id': 1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "starts with $"},
    {"{'a.$x': 1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "starts with $"},
    {"{'a': 1, 'b': 1, 'a': -1}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "a field twice"},
    {"{'a': 0}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "a direction that is 0"},
    {"{'a': true}", BM_INDEX_BTREE, 0, NULL, NULL, NULL, "a direction that is no number"},
};

static struct bm_view view_of(struct bm_buffer *buffer, const char *json)
{
    if (json == NULL) {
        return (struct bm_view){NULL, 0};
    }
    *buffer = test_bson(json);
    return bm_buffer_view(buffer);
}

Test(index, a_specification_is_judged_or_has_a_reason)
{
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer bytes[3] = {{NULL, 0, 0, 0}};
        struct bm_index_spec spec = {.name = "i", .unique = 1};
        spec.key = view_of(&bytes[0], specs[i].key);
        spec.partial = view_of(&bytes[1], specs[i].partial);
        spec.collation = view_of(&bytes[2], specs[i].collation);
        spec.kind = specs[i].kind;
        spec.sparse = specs[i].sparse;
        spec.problem = specs[i].problem;
        struct bm_index *index = bm_index_new(&spec, &home, &err);
        cr_assert_not_null(index);
        const char *reason = bm_index_reason(index);
        if (specs[i].reason == NULL) {
            cr_assert_null(reason, "%s: %s", specs[i].key, reason);
        } else {
            cr_assert_not_null(reason, "%s: no reason", specs[i].key);
            cr_assert_not_null(strstr(reason, specs[i].reason), "%s: %s", specs[i].key, reason);
        }
        bm_index_free(index);
        for (size_t k = 0; k < 3; k++) {
            bm_buffer_free(&bytes[k]);
        }
    }
}

Test(index, a_damaged_key_pattern_is_a_reason)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer key = test_bson("{'a': 1}");
    struct bm_index_spec spec = {.name = "a_1", .unique = 1};
    for (size_t len = 0; len < key.len; len++) {
        spec.key = (struct bm_view){key.data, len};
        struct bm_index *index = bm_index_new(&spec, &home, &err);
        cr_assert_not_null(index);
        cr_assert_not_null(bm_index_reason(index));
        bm_index_free(index);
    }
    bm_buffer_free(&key);
}

Test(index, tells_its_name_fields_and_pattern)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer key = test_bson("{'a.b': 1, 'c': -1}");
    struct bm_index_spec spec = {.name = "mine", .key = bm_buffer_view(&key), .unique = 1};
    struct bm_index *index = bm_index_new(&spec, &home, &err);
    cr_assert_str_eq(bm_index_name(index), "mine");
    cr_assert_eq(bm_index_field_count(index), 2);
    cr_assert_str_eq(bm_index_field(index, 0), "a.b");
    cr_assert_str_eq(bm_index_field(index, 1), "c");
    cr_assert(bm_view_equal(bm_index_pattern(index), bm_buffer_view(&key)));
    bm_index_free(index);
    bm_index_free(NULL);
    bm_buffer_free(&key);
}

Test(index, of_fields_makes_its_pattern)
{
    static const char *const fields[] = {"a", "b.0.c"};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_index *index = bm_index_of_fields("a_1_b.0.c_1", fields, 2, &err);
    cr_assert_not_null(index);
    struct bm_buffer expected = test_bson("{'a': 1, 'b.0.c': 1}");
    cr_assert(bm_view_equal(bm_index_pattern(index), bm_buffer_view(&expected)));
    cr_assert_null(bm_index_reason(index));
    cr_assert_str_eq(bm_index_field(index, 1), "b.0.c");
    bm_buffer_free(&expected);
    bm_index_free(index);
}

static const struct {
    const char *fields[2];
    size_t count;
    const char *part;
} refused[] = {
    {{NULL}, 0, "1 to 32"},      {{"a", "a"}, 2, "twice"},     {{"a", ""}, 2, "without a name"},
    {{"a..b"}, 1, "empty part"}, {{"$a"}, 1, "starts with $"}, {{"a.$**"}, 1, "starts with $"},
};

Test(index, of_fields_refuses_what_the_server_would)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct bm_error err = BM_ERROR_INIT;
        cr_assert_null(bm_index_of_fields("x", refused[i].fields, refused[i].count, &err));
        cr_assert_eq(err.code, BM_ERROR_USAGE, "case %zu", i);
        cr_assert_not_null(strstr(err.text, refused[i].part), "case %zu: %s", i, err.text);
    }
}

Test(index, of_fields_takes_32_fields_and_2048_bytes)
{
    static char names[33][1200];
    const char *fields[33];
    for (size_t i = 0; i < 33; i++) {
        (void)snprintf(names[i], sizeof names[i], "f%zu", i);
        fields[i] = names[i];
    }
    struct bm_error err = BM_ERROR_INIT;
    struct bm_index *index = bm_index_of_fields("x", fields, 32, &err);
    cr_assert_not_null(index);
    bm_index_free(index);
    cr_assert_null(bm_index_of_fields("x", fields, 33, &err));
    cr_assert_eq(err.code, BM_ERROR_USAGE);
    memset(names[0], 'a', 1100);
    memset(names[1], 'b', 1100);
    err = BM_ERROR_INIT;
    cr_assert_null(bm_index_of_fields("x", fields, 2, &err));
    cr_assert_eq(err.code, BM_ERROR_USAGE);
}
