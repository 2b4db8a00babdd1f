/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
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

/* The same keys by an outline: of the first element of a name only. */
Test(keyset, makes_the_same_keys_by_an_outline)
{
    static const char *const fields[] = {"_id", "a", "a.b,c", "c"};
    struct set by_walk = open_set(fields, 4);
    struct set by_outline = open_set(fields, 4);
    struct bm_error err = BM_ERROR_INIT;
    static const struct {
        const char *document;
        size_t counts[4];
    } cases[] = {
        {"{'_id': 1, 'a': [{'b': 1}, {'b': 2}, 3], 'c': 4}", {1, 3, 3, 1}},
        {"{'c': [1, 2], 'c': 3, 'a': {'b': 7}, 'a': 1}", {0, 1, 2, 2}},
        {"{'b': 1, 'cc': 2, '_id': 5, 'x': {'a': 1}, '_id': 6}", {0, 1, 1, 1}},
        {"{}", {0, 1, 1, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bm_buffer document = test_bson(cases[i].document);
        struct bm_view view = bm_buffer_view(&document);
        struct bm_outline outline;
        cr_assert_eq(bm_document_outline(view, &outline, &err), BM_OK);
        cr_assert(outline.is_whole);
        cr_assert_eq(bm_keyset_make(by_walk.keyset, view, &err), BM_OK);
        cr_assert_eq(bm_keyset_make_by(by_outline.keyset, view, &outline, &err), BM_OK);
        for (size_t index = 0; index < 4; index++) {
            const struct bm_keys *wanted = bm_keyset_keys(by_walk.keyset, index);
            const struct bm_keys *made = bm_keyset_keys(by_outline.keyset, index);
            cr_expect_eq(made->count, cases[i].counts[index]);
            cr_assert_eq(made->count, wanted->count, "document %zu, index %zu", i, index);
            cr_expect_eq(made->unindexable == NULL, wanted->unindexable == NULL);
            for (size_t key = 0; key < made->count; key++) {
                cr_expect(bm_view_equal(made->keys[key].canonical, wanted->keys[key].canonical));
            }
        }
        bm_buffer_free(&document);
    }
    close_set(&by_walk);
    close_set(&by_outline);
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

/* 32 components a key, 4 Mi components at most: the server has no such limit. */
Test(keyset, a_limit_of_this_program_is_no_word_of_the_server)
{
    static const size_t most = ((size_t)4 << 20) / 32;
    static const char *const fields[] = {
        "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,A,B,C,D,E,F", "a.x,b"};
    struct set set = open_set(fields, 2);
    struct bm_error err = BM_ERROR_INIT;
    for (size_t count = most; count <= most + 1; count++) {
        struct bm_buffer document = test_bson_numbers(count);
        cr_assert_eq(bm_keyset_make(set.keyset, bm_buffer_view(&document), &err), BM_OK);
        cr_assert_eq(bm_keyset_turn_to(set.keyset, 0, &err), BM_OK);
        const struct bm_keys *keys = bm_keyset_keys(set.keyset, 0);
        cr_expect_eq(keys->own_limit != NULL, count > most);
        cr_expect_eq(keys->unindexable != NULL, count > most);
        cr_expect_eq(keys->count, count > most ? 0 : count);
        cr_assert_eq(bm_keyset_turn_to(set.keyset, 1, &err), BM_OK);
        cr_expect_null(bm_keyset_keys(set.keyset, 1)->own_limit);
        bm_buffer_free(&document);
    }
    struct bm_buffer parallel = test_bson("{'a': [1], 'b': [1]}");
    cr_assert_eq(bm_keyset_make(set.keyset, bm_buffer_view(&parallel), &err), BM_OK);
    cr_expect_not_null(bm_keyset_keys(set.keyset, 0)->unindexable);
    cr_expect_null(bm_keyset_keys(set.keyset, 0)->own_limit, "the server's own refusal");
    bm_buffer_free(&parallel);
    close_set(&set);
}

/* Each index has its keys in its turn, in any order of turns, and an ordinary document comes after
 * as if none had been before. */
Test(keyset, a_crowded_document_has_keys_of_one_index_at_a_time)
{
    enum { COUNT = 400000 };
    static const char *const fields[] = {"a", "b", "a,b", "a,c"};
    static const size_t counts[] = {COUNT, 1, COUNT, COUNT};
    static const size_t turns[] = {2, 0, 1, 3, 3, 2};
    struct set set = open_set(fields, 4);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer document = test_bson_numbers(COUNT);
    cr_assert_eq(bm_keyset_make(set.keyset, bm_buffer_view(&document), &err), BM_OK);
    cr_assert(bm_keyset_is_crowded(set.keyset));
    for (size_t turn = 0; turn < sizeof turns / sizeof *turns; turn++) {
        size_t number = turns[turn];
        cr_assert_eq(bm_keyset_turn_to(set.keyset, number, &err), BM_OK);
        for (size_t i = 0; i < 4; i++) {
            size_t count = i == number ? counts[i] : 0;
            cr_assert_eq(bm_keyset_keys(set.keyset, i)->count, count, "turn %zu, %zu", turn, i);
        }
        const struct bm_keys *keys = bm_keyset_keys(set.keyset, number);
        cr_assert(number == 1 || bm_le32(keys->keys[COUNT - 1].parts[0].value.data) == COUNT - 1);
    }
    struct bm_buffer few = test_bson_numbers(3);
    cr_assert_eq(bm_keyset_make(set.keyset, bm_buffer_view(&few), &err), BM_OK);
    cr_assert_not(bm_keyset_is_crowded(set.keyset));
    cr_assert_eq(bm_keyset_turn_to(set.keyset, 1, &err), BM_OK);
    cr_assert_eq(bm_keyset_keys(set.keyset, 0)->count, 3);
    cr_assert_eq(bm_keyset_keys(set.keyset, 3)->count, 3);
    bm_buffer_free(&few);
    bm_buffer_free(&document);
    close_set(&set);
}

/* Damage behind the keys that make it crowded is told by bm_keyset_make all the same. */
Test(keyset, damage_in_a_crowded_document_is_told_at_once)
{
    static const char *const fields[] = {"a", "a,b", "a,c", "z"};
    struct set set = open_set(fields, 4);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer document = test_bson_numbers(400000);
    document.data[document.len - 1] = 0x63; /* in place of the end: a type that is none */
    static const uint8_t end = 0;
    cr_assert_eq(bm_buffer_append(&document, (struct bm_view){&end, 1}, &err), BM_OK);
    bm_put_le32(document.data, (uint32_t)document.len);
    cr_assert_eq(bm_keyset_make(set.keyset, bm_buffer_view(&document), &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_CORRUPT);
    bm_buffer_free(&document);
    close_set(&set);
}
