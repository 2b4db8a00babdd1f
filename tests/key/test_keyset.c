/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/key.h"
#include "support/bson_text.h"
#include "support/index_of.h"

static const struct bm_index_home home = {{INT_MAX, 0}, BM_NAMESPACE_COLLECTION};

#define MOST 4

struct set {
    struct bm_index *indexes[MOST];
    size_t count;
    struct bm_keyset *keyset;
};

static struct set open_set(const char *const *fields, size_t count)
{
    struct bm_error err = BM_ERROR_INIT;
    struct set set = {.count = count};
    for (size_t i = 0; i < count; i++) {
        set.indexes[i] = test_index_of(fields[i]);
    }
    const struct bm_index *list[MOST];
    memcpy(list, set.indexes, sizeof list);
    set.keyset = bm_keyset_new(list, count, &err);
    cr_assert_not_null(set.keyset);
    return set;
}

static void close_set(struct set *set)
{
    bm_keyset_free(set->keyset);
    for (size_t i = 0; i < set->count; i++) {
        bm_index_free(set->indexes[i]);
    }
}

Test(keyset, indexes_share_a_walk_but_not_their_keys)
{
    static const char *const fields[] = {"_id", "a", "a.b,c", "c"};
    struct set set = open_set(fields, 4);
    struct bm_error err = BM_ERROR_INIT;
    static const struct {
        const char *document;
        size_t counts[4];
    } cases[] = {
        {"{'_id': 1, 'a': [{'b': 1}, {'b': 2}, 3], 'c': 4}", {1, 3, 3, 1}},
        {"{'c': [1, 2]}", {0, 1, 2, 2}},
        {"{'a': [1], 'c': [1, 2], '_id': 5}", {1, 1, 0, 2}},
        {"{}", {0, 1, 1, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bm_buffer document = test_bson(cases[i].document);
        cr_assert_eq(bm_keyset_make(set.keyset, bm_buffer_view(&document), &err), BM_OK);
        for (size_t index = 0; index < 4; index++) {
            cr_assert_eq(bm_keyset_keys(set.keyset, index)->count, cases[i].counts[index],
                         "case %zu, index %zu", i, index);
        }
        int refused = bm_keyset_keys(set.keyset, 2)->unindexable != NULL;
        cr_assert_eq(refused, i == 2);
        bm_buffer_free(&document);
    }
    close_set(&set);
}

Test(keyset, an_index_with_a_reason_is_skipped)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer key = test_bson("{'a': 'text'}");
    struct bm_index_spec spec = {.name = "a_1", .key = bm_buffer_view(&key), .unique = 1};
    spec.kind = BM_INDEX_TEXT;
    struct bm_index *text = bm_index_new(&spec, &home, &err);
    struct bm_index *plain = test_index_of("a");
    const struct bm_index *list[] = {text, plain};
    struct bm_keyset *keyset = bm_keyset_new(list, 2, &err);
    struct bm_buffer document = test_bson("{'a': 1}");
    cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&document), &err), BM_OK);
    cr_assert_eq(bm_keyset_keys(keyset, 0)->count, 0);
    cr_assert_null(bm_keyset_keys(keyset, 0)->unindexable);
    cr_assert_eq(bm_keyset_keys(keyset, 1)->count, 1);
    bm_keyset_free(keyset);
    bm_index_free(text);
    bm_index_free(plain);
    bm_buffer_free(&key);
    bm_buffer_free(&document);
}

Test(keyset, no_index_asks_nothing_of_a_document)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_keyset *keyset = bm_keyset_new(NULL, 0, &err);
    cr_assert_eq(bm_keyset_make(keyset, bm_view_text("junk"), &err), BM_OK);
    bm_keyset_free(keyset);
    bm_keyset_free(NULL);
}

/* More names than buckets, some of them in one. */
Test(keyset, thirty_two_fields_of_three_indexes)
{
    struct bm_error err = BM_ERROR_INIT;
    char names[3][256] = {"", "", ""};
    char json[4096] = "{";
    for (size_t i = 0; i < 96; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%sf%02zu", i % 32 == 0 ? "" : ",", i);
        strcat(names[i / 32], name);
        char pair[32];
        (void)snprintf(pair, sizeof pair, "%s'f%02zu': %zu", i == 0 ? "" : ", ", 95 - i, i);
        strcat(json, pair);
    }
    strcat(json, "}");
    const char *fields[] = {names[0], names[1], names[2]};
    struct set set = open_set(fields, 3);
    struct bm_buffer document = test_bson(json);
    cr_assert_eq(bm_keyset_make(set.keyset, bm_buffer_view(&document), &err), BM_OK);
    for (size_t i = 0; i < 96; i++) {
        const struct bm_key *key = &bm_keyset_keys(set.keyset, i / 32)->keys[0];
        cr_assert_eq(key->parts[i % 32].value.data[0], 95 - i);
    }
    bm_buffer_free(&document);
    close_set(&set);
}

/* ---- damage: a byte of the type of element NAME is overwritten ---- */

static const struct {
    const char *fields;
    const char *document;
    size_t at; /* the byte that becomes 0x55 */
    int fails;
} damages[] = {
    /* {a: 1, b: 2}: a is at 4, b at 11 */
    {"a", "{'a': 1, 'b': 2}", 11, 0},
    {"b", "{'a': 1, 'b': 2}", 11, 1},
    {"c", "{'a': 1, 'b': 2}", 11, 1},
    {"b", "{'a': 1, 'b': 2}", 4, 1},
    /* {o: {x: 1, y: 2}, b: 2}: o 4, x 11, y 18, b 26 */
    {"b", "{'o': {'x': 1, 'y': 2}, 'b': 2}", 11, 0},
    {"o.x", "{'o': {'x': 1, 'y': 2}, 'b': 2}", 18, 0},
    {"o.y", "{'o': {'x': 1, 'y': 2}, 'b': 2}", 18, 1},
    {"o", "{'o': {'x': 1, 'y': 2}, 'b': 2}", 18, 1},
    /* {a: [{b: 1}, {b: 2}]}: a 4, entries 11 and 26, b 18 and 33 */
    {"a.b", "{'a': [{'b': 1}, {'b': 2}]}", 33, 1},
    {"a.b", "{'a': [{'b': 1}, {'b': 2}]}", 26, 1},
    {"a.0.b", "{'a': [{'b': 1}, {'b': 2}]}", 33, 1},
    {"_id", "{'_id': {'x': 1}}", 13, 1},
    {"_id", "{'_id': 1, 'x': 1}", 13, 0},
};

Test(keyset, damage_counts_only_where_a_path_leads)
{
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct set set = open_set(&damages[i].fields, 1);
        struct bm_error err = BM_ERROR_INIT;
        struct bm_buffer document = test_bson(damages[i].document);
        document.data[damages[i].at] = 0x55;
        enum bm_status status = bm_keyset_make(set.keyset, bm_buffer_view(&document), &err);
        cr_assert_eq(status, damages[i].fails ? BM_FAIL : BM_OK, "case %zu", i);
        if (damages[i].fails) {
            cr_assert_eq(err.code, BM_ERROR_CORRUPT);
            cr_assert_eq(err.offset, damages[i].at, "case %zu: offset %lu", i, err.offset);
        }
        bm_buffer_free(&document);
        close_set(&set);
    }
}
