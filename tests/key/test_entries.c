/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/key.h"
#include "catalog/index_specs.h"
#include "support/bson_text.h"

/* What is not seen in one entry alone: its name, its collection, the entries beside it. */

static struct bm_index *index_in(const char *entries, const struct bm_index_owner *owner,
                                 const char *server, size_t number)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_index_spec *specs;
    size_t count;
    const struct bm_index_home home = {bm_server_parse(server), BM_NAMESPACE_COLLECTION};
    struct bm_buffer list = test_bson(entries); /* an object serves as well as an array */
    cr_assert_eq(bm_index_specs_make(bm_buffer_view(&list), owner, &specs, &count, NULL, &err),
                 BM_OK);
    cr_assert_lt(number, count);
    struct bm_index *index = bm_index_new(&specs[number], &home, &err);
    cr_assert_not_null(index);
    free(specs);
    bm_buffer_free(&list);
    return index; /* its pattern is gone, its reason is not */
}

static void expect_reason(const struct bm_index *index, const char *part, int refused,
                          const char *where)
{
    const char *reason = bm_index_reason(index);
    cr_assert_eq(reason != NULL, part != NULL, "%s: %s", where, reason ? reason : "no reason");
    cr_assert(part == NULL || strstr(reason, part) != NULL, "%s: %s", where, reason);
    cr_assert_eq(bm_index_is_refused(index), refused, "%s", where);
}

static const struct {
    const char *entry;
    const char *collation; /* of the collection, "": none */
    const char *server;
    const char *reason; /* NULL: judged */
    int refused;
} id_entries[] = {
    {"'key': {'_id': 1}, 'name': '_id_', 'v': 2, 'ns': 'a.b'", "", "", NULL, 0},
    {"'key': {'_id': 1.0}, 'name': '_id_'", "", "", NULL, 0},
    {"'key': {'_id': 1}, 'name': '_id_', 'unique': true", "", "",
     "the server refuses it: the field 'unique' is not valid for an _id index", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'unique': true", "", "3.4", "the field 'unique'", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'unique': true", "", "3.2", NULL, 0},
    {"'key': {'_id': 1}, 'name': '_id_', 'sparse': false", "", "", "the field 'sparse'", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'background': 1", "", "", "the field 'background'", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'clustered': true, 'unique': true", "", "",
     "is not valid for an _id index", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'partialFilterExpression': {'a': 1}", "", "",
     "the field 'partialFilterExpression'", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'partialFilterExpression': {}", "", "",
     "the field 'partialFilterExpression'", 0},
    {"'key': {'_id': true}, 'name': '_id_'", "", "", "must be {_id: 1}", 1},
    {"'key': {'_id': ''}, 'name': '_id_'", "", "", "must be {_id: 1}", 1},
    {"'key': {'_id': -1}, 'name': '_id_'", "", "", "must be {_id: 1}", 1},
    {"'key': {'_id': 'hashed'}, 'name': '_id_'", "", "", "must be {_id: 1}", 1},
    {"'key': {'a': 1}, 'name': '_id_'", "", "", "must be {_id: 1}", 1},
    {"'key': {'_id': 1, 'a': 1}, 'name': '_id_'", "", "", "must be {_id: 1}", 1},
    /* left to the server */
    {"'key': {'_id': 1}, 'name': 'x', 'unique': true, 'sparse': true", "", "", NULL, 0},
    {"'key': {'_id': true}, 'name': 'x'", "", "", NULL, 0},
    {"'key': {'_id': 1}, 'name': 'x', 'collation': {'locale': 'xx'}", "", "", NULL, 0},
    /* the collation of the collection */
    {"'key': {'_id': 1}, 'name': '_id_'", "{'locale': 'en'}", "", NULL, 0},
    {"'key': {'_id': 1}, 'name': '_id_', 'collation': {'locale': 'en', 'strength': 3}",
     "{'locale': 'en'}", "", NULL, 0},
    {"'key': {'_id': 1}, 'name': '_id_', 'collation': {'locale': 'en', 'strength': 2}",
     "{'locale': 'en'}", "", "must have the same collation as the collection", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'collation': {'locale': 'de'}", "{'locale': 'en'}", "",
     "must have the same collation as the collection", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'collation': {'locale': 'simple'}", "{'locale': 'en'}", "",
     "must have the same collation as the collection", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'collation': {'locale': 'en'}", "", "",
     "must have the same collation as the collection", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'collation': {'locale': 'simple'}", "", "", NULL, 0},
    {"'key': {'_id': 1}, 'name': '_id_', 'collation': {'locale': 'xx_bad'}", "", "",
     "unknown locale xx_bad", 1},
    {"'key': {'_id': 1}, 'name': '_id_', 'collation': 5", "", "", "its collation is no object", 1},
    {"'key': {'_id': 1}, 'name': '_id_'", "{'locale': 'xx_bad'}", "", "unknown locale xx_bad", 1},
    {"'key': {'a': 1}, 'name': 'a_1'", "{'locale': 'xx_bad'}", "", "unknown locale xx_bad", 1},
};

Test(entries, that_of_the_id_index_is_taken_whole_or_not_at_all)
{
    for (size_t i = 0; i < sizeof id_entries / sizeof *id_entries; i++) {
        char entries[256];
        struct bm_buffer collation = {NULL, 0, 0, 0};
        struct bm_index_owner owner = {"a.b", {NULL, 0}, 0};
        if (id_entries[i].collation[0] != '\0') {
            collation = test_bson(id_entries[i].collation);
            owner.collation = bm_buffer_view(&collation);
        }
        (void)snprintf(entries, sizeof entries, "{'0': {%s}}", id_entries[i].entry);
        struct bm_index *index = index_in(entries, &owner, id_entries[i].server, 0);
        expect_reason(index, id_entries[i].reason, id_entries[i].refused, id_entries[i].entry);
        bm_index_free(index);
        bm_buffer_free(&collation);
    }
}

static const struct {
    const char *first, *second; /* what follows the name */
    const char *server;
    int refused;
} twins[] = {
    {"'key': {'a': 1}", "'key': {'a': 1}", "", 1},
    {"'key': {'a': 1}", "'key': {'a': -1}", "", 0},
    {"'key': {'a': 1}", "'key': {'a': 1}, 'unique': true", "5.0", 0},
    {"'key': {'a': 1}", "'key': {'a': 1}, 'unique': true", "4.4", 1},
    {"'key': {'a': 1}", "'key': {'a': 1}, 'sparse': true", "5.0", 0},
    {"'key': {'a': 1}", "'key': {'a': 1}, 'sparse': true", "4.4", 1},
    {"'key': {'a': 1}", "'key': {'a': 1}, 'partialFilterExpression': {'b': 1}", "5.0", 0},
    {"'key': {'a': 1}", "'key': {'a': 1}, 'partialFilterExpression': {'b': 1}", "4.4", 1},
    {"'key': {'a': 1}, 'partialFilterExpression': {'b': 1}",
     "'key': {'a': 1}, 'partialFilterExpression': {'b': 1.0}", "5.0", 1},
    {"'key': {'a': 1}, 'partialFilterExpression': {'b': 1}",
     "'key': {'a': 1}, 'partialFilterExpression': {'b': 2}", "5.0", 0},
    {"'key': {'a': 1}", "'key': {'a': 1}, 'collation': {'locale': 'en'}", "3.6", 0},
    {"'key': {'a': 1}, 'collation': {'locale': 'en'}",
     "'key': {'a': 1}, 'collation': {'locale': 'en', 'strength': 3}", "3.6", 1},
    {"'key': {'a': 1}", "'key': {'a': 1}, 'expireAfterSeconds': 5", "", 1},
    {"'key': {'$**': 1}", "'key': {'$**': 1}, 'wildcardProjection': {'a': 1}", "5.0", 0},
    {"'key': {'$**': 1}", "'key': {'$**': 1}, 'wildcardProjection': {'a': 1}", "4.4", 1},
    {"'key': {'a': 'text'}", "'key': {'b': 'text'}", "", 1},
    {"'key': {'a': 'hashed'}", "'key': {'a': 'hashed'}", "", 1},
};

Test(entries, two_over_one_key_differ_in_what_the_server_looks_at)
{
    const struct bm_index_owner owner = {"a.b", {NULL, 0}, 0};
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        char entries[400];
        (void)snprintf(entries, sizeof entries, "{'0': {'name': 'x', %s}, '1': {'name': 'y', %s}}",
                       twins[i].first, twins[i].second);
        struct bm_index *first = index_in(entries, &owner, twins[i].server, 1);
        struct bm_index *second = index_in(entries, &owner, twins[i].server, 2);
        cr_expect_eq(bm_index_is_refused(first), 0, "%s", twins[i].first);
        cr_expect_eq(bm_index_is_refused(second), twins[i].refused, "%s, %s for %s", twins[i].first,
                     twins[i].second, twins[i].server);
        bm_index_free(first);
        bm_index_free(second);
    }
}

Test(entries, are_sixty_four_and_no_more)
{
    struct bm_index_owner owner = {"a.b", {NULL, 0}, 0};
    char entries[4000] = "{";
    for (size_t i = 0; i < 64; i++) {
        (void)snprintf(entries + strlen(entries), sizeof entries - strlen(entries),
                       "%s'%zu': {'name': 'n%zu', 'key': {'f%zu': 1}}", i > 0 ? ", " : "", i, i, i);
    }
    (void)strcat(entries, "}");
    for (int clustered = 0; clustered <= 1; clustered++) {
        owner.clustered = clustered;
        struct bm_index *last = index_in(entries, &owner, "", 64);
        struct bm_index *other = index_in(entries, &owner, "", 63);
        expect_reason(last, clustered ? NULL : "more than 64 indexes in one collection", !clustered,
                      "the last");
        expect_reason(other, NULL, 0, "the last but one");
        bm_index_free(last);
        bm_index_free(other);
    }
}

/* A clustered collection has no index over _id that a message could name. */
Test(entries, are_not_needed_for_a_clustered_collection)
{
    static const uint8_t one[4] = {1, 0, 0, 0};
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_key_part part = {BM_TYPE_INT32, BM_ORIGIN_VALUE, {one, sizeof one}};
    const struct bm_key key = {.parts = &part};
    for (int clustered = 0; clustered <= 1; clustered++) {
        const struct bm_index_owner owner = {"a.b", {NULL, 0}, clustered};
        struct bm_index *index = index_in("{}", &owner, "7.0", 0);
        struct bm_buffer text = BM_BUFFER_INIT(1000);
        cr_assert_eq(bm_key_message(index, "a.b", &key, &text, &err), BM_OK);
        cr_assert_eq(bm_buffer_append_byte(&text, 0, &err), BM_OK);
        cr_assert_eq(strstr((const char *)text.data, "index: _id_") == NULL, clustered, "%s",
                     (const char *)text.data);
        bm_buffer_free(&text);
        bm_index_free(index);
    }
}

static const struct {
    size_t ns; /* bytes */
    const char *name, *server, *reason;
    int refused;
} names[] = {
    {3, "", "", "index name cannot be empty", 1},
    {3, "*", "", "the index name '*' is not valid", 1},
    {3, "*", "4.0", "the index name '*' is not valid", 0},
    {3, "n", "", NULL, 0},
    {121, "1234", "4.0", NULL, 0},
    {121, "12345", "4.0", "longer than 127 bytes", 1},
    {121, "12345", "4.2", NULL, 0},
};

Test(entries, have_names_with_rules_of_their_own)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char entries[200];
        char ns[128] = "a.b";
        memset(ns + 2, 'b', names[i].ns - 2);
        const struct bm_index_owner owner = {ns, {NULL, 0}, 0};
        (void)snprintf(entries, sizeof entries, "{'0': {'name': '%s', 'key': {'a': 1}}}",
                       names[i].name);
        struct bm_index *index = index_in(entries, &owner, names[i].server, 1);
        expect_reason(index, names[i].reason, names[i].refused, names[i].name);
        bm_index_free(index);
    }
}
