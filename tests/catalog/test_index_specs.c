/* SPDX-License-Identifier: Apache-2.0 */
#include "catalog/index_specs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/buffer.h"
#include "bsonmend/document.h"
#include "catalog/metadata.h"
#include "doc/extjson.h"

#define LIMIT ((size_t)2 * BM_DOCUMENT_MAX)

/* The specs of an array of entries; bson holds what they borrow from. */
struct made {
    struct bm_buffer bson;
    struct bm_index_spec *specs;
    size_t count;
    size_t nameless;
};

static struct made make_in(const char *entries, struct bm_view collation, int clustered)
{
    struct made made = {.bson = BM_BUFFER_INIT(LIMIT)};
    struct bm_error err = BM_ERROR_INIT;
    struct bm_metadata parts;
    char *text = malloc(strlen(entries) + 32);
    (void)sprintf(text, "{\"indexes\":[%s]}", entries);
    cr_assert_eq(bm_metadata_read(bm_view_text(text), &made.bson, &parts, &err), BM_OK, "%s: %s",
                 text, err.text);
    const struct bm_index_owner owner = {"a.b", collation, clustered};
    cr_assert_eq(
        bm_index_specs_make(parts.indexes, &owner, &made.specs, &made.count, &made.nameless, &err),
        BM_OK);
    free(text);
    return made;
}

static struct made make(const char *entries, struct bm_view collation)
{
    return make_in(entries, collation, 0);
}

static void made_free(struct made *made)
{
    free(made->specs);
    bm_buffer_free(&made->bson);
}

static const struct bm_view nothing = {NULL, 0};

/* The names in order, joined with commas. */
static void expect_names(const struct made *made, const char *expected)
{
    char names[512] = "";
    for (size_t i = 0; i < made->count; i++) {
        cr_assert_lt(strlen(names) + strlen(made->specs[i].name) + 2, sizeof names);
        strcat(names, i > 0 ? "," : "");
        strcat(names, made->specs[i].name);
    }
    cr_expect_str_eq(names, expected, "%s", names);
}

#define ID "{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"}"

static const struct {
    const char *entries;
    const char *names;
} lists[] = {
    {"", "_id_"},
    {ID, "_id_"},
    {"{\"key\":{\"a\":1},\"name\":\"a_1\"}", "_id_,a_1"},
    {"{\"key\":{\"a\":1},\"name\":\"a_1\"}," ID, "_id_,a_1"},
    {ID ",{\"key\":{\"b\":1},\"name\":\"b_1\"},{\"key\":{\"a\":1},\"name\":\"a_1\"}",
     "_id_,b_1,a_1"},
    /* without a string name mongorestore drops an entry */
    {ID ",{\"key\":{\"a\":1}},{\"key\":{\"b\":1},\"name\":5},{\"key\":{\"c\":1},\"name\":null}",
     "_id_"},
    {"{\"key\":{\"_id\":1}}", "_id_"},
    /* of one name the last one counts */
    {"{\"key\":{\"a\":1},\"name\":\"n\"}," ID ",{\"key\":{\"b\":1},\"name\":\"m\"},"
     "{\"key\":{\"c\":1},\"name\":\"n\"}",
     "_id_,m,n"},
    /* clustered: the _id entry stays, anything else is dropped */
    {"{\"key\":{\"_id\":1},\"name\":\"mine\",\"unique\":true,\"clustered\":true}", "mine"},
    {"{\"key\":{\"a\":1},\"name\":\"odd\",\"clustered\":true}", "_id_"},
    /* another index over _id beside the default one */
    {"{\"key\":{\"_id\":\"hashed\"},\"name\":\"_id_hashed\"}," ID, "_id_,_id_hashed"},
    {"{\"key\":{\"_id\":-1},\"name\":\"_id_-1\"}", "_id_,_id_-1"},
    {ID ",{\"key\":{\"_id\":1.0},\"name\":\"again\"}", "_id_,again"},
};

Test(index_specs, lists_what_mongorestore_would_build)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        struct made made = make(lists[i].entries, nothing);
        expect_names(&made, lists[i].names);
        cr_expect_eq(made.specs[0].kind, BM_INDEX_ID, "%s", lists[i].entries);
        cr_expect_eq(made.specs[0].unique, 1);
        cr_expect_null(made.specs[0].problem);
        made_free(&made);
    }
}

static const struct {
    const char *entries;
    size_t nameless;
} nameless_lists[] = {
    {"", 0},
    {ID ",{\"key\":{\"a\":1},\"name\":\"\"}", 0},
    {ID ",{\"key\":{\"a\":1}},{\"key\":{\"b\":1},\"name\":5},{\"key\":{\"c\":1},\"name\":null}", 3},
    {ID ",{\"key\":5},{\"unique\":true}", 2},
    {ID ",{\"key\":{\"a\":1},\"name\":\"n\",\"name\":1}", 1},
    /* the server makes the _id index by itself, but no other over _id */
    {"{\"key\":{\"_id\":1}}", 0},
    {"{\"key\":{\"_id\":-1}},{\"key\":{\"_id\":\"hashed\"}}", 2},
    /* dropped, but not for its name */
    {"{\"key\":{\"a\":1},\"name\":\"n\"},{\"key\":{\"b\":1},\"name\":\"n\"},"
     "{\"key\":{\"a\":1},\"name\":\"odd\",\"clustered\":true}",
     0},
};

Test(index_specs, counts_entries_that_are_dropped_for_want_of_a_name)
{
    for (size_t i = 0; i < sizeof nameless_lists / sizeof nameless_lists[0]; i++) {
        struct made made = make(nameless_lists[i].entries, nothing);
        cr_expect_eq(made.nameless, nameless_lists[i].nameless, "%s: %zu",
                     nameless_lists[i].entries, made.nameless);
        made_free(&made);
    }
}

Test(index_specs, the_later_definition_wins)
{
    struct made made = make("{\"key\":{\"a\":1},\"name\":\"n\",\"unique\":true},"
                            "{\"key\":{\"b\":1},\"name\":\"n\",\"sparse\":1}",
                            nothing);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_element field;
    cr_assert_eq(made.count, 2);
    cr_expect_eq(made.specs[1].unique, 0);
    cr_expect_eq(made.specs[1].sparse, 1);
    cr_expect_eq(bm_document_find(made.specs[1].key, bm_view_text("b"), &field, &err), BM_OK);
    made_free(&made);
}

Test(index_specs, makes_up_a_default_id_index)
{
    struct made made = make("", nothing);
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer shown = BM_BUFFER_INIT(LIMIT);
    cr_assert_eq(bm_document_check(made.specs[0].spec, NULL, &err), BM_OK, "%s", err.text);
    cr_assert_eq(bm_document_check(made.specs[0].key, NULL, &err), BM_OK, "%s", err.text);
    cr_assert_eq(bm_json_document(made.specs[0].spec, &shown, &err), BM_OK);
    cr_assert_eq(bm_json_document(made.specs[0].key, &shown, &err), BM_OK);
    cr_assert_eq(bm_buffer_append_byte(&shown, 0, &err), BM_OK);
    cr_expect_str_eq((const char *)shown.data,
                     "{ \"key\" : { \"_id\" : 1 }, \"name\" : \"_id_\" }{ \"_id\" : 1 }");
    cr_expect_eq(made.specs[0].collation.len, 0);
    bm_buffer_free(&shown);
    made_free(&made);
}

Test(index_specs, a_second_default_id_index_is_a_problem)
{
    struct made made = make(ID ",{\"key\":{\"_id\":1.0},\"name\":\"again\"}", nothing);
    cr_assert_eq(made.count, 2);
    cr_expect_str_eq(made.specs[1].problem,
                     "a second default _id index, over which mongorestore stops");
    made_free(&made);
}

Test(index_specs, the_collections_collation_is_the_id_indexs_too)
{
    static const uint8_t french[] = "\x14\0\0\0\2locale\0\3\0\0\0fr\0";
    struct bm_view collation = {french, 0x14};
    static const char *const entries[] = {"", ID};
    for (size_t i = 0; i < 2; i++) {
        struct made made = make(entries[i], collation);
        cr_expect(bm_view_equal(made.specs[0].collation, collation));
        made_free(&made);
    }
    struct made own = make("{\"key\":{\"_id\":1},\"name\":\"_id_\",\"collation\":{\"locale\":"
                           "\"en\"}},{\"key\":{\"a\":1},\"name\":\"a_1\"}",
                           collation);
    cr_expect(bm_view_equal(own.specs[0].collation, collation), "the server has no other");
    cr_expect_eq(own.specs[1].collation.len, 0, "others compare simply unless they say so");
    made_free(&own);
}

/* mongorestore sends the entry of that name with the collection, whatever it is; by another name it
 * leaves a default _id index to the server. */
Test(index_specs, the_entry_named_id_is_sent_whole)
{
    static const struct {
        const char *entries;
        int clustered;
        int is_sent;
        const char *names;
    } cases[] = {
        {ID, 0, 1, "_id_"},
        {ID, 1, 0, "_id_"},
        {"", 0, 0, "_id_"},
        {"{\"name\":\"mine\",\"key\":{\"_id\":1}}", 0, 0, "mine"},
        {"{\"name\":\"mine\",\"key\":{\"_id\":1}}," ID, 0, 1, "_id_,mine"},
        {"{\"name\":\"_id_\",\"key\":{\"a\":1}}", 0, 1, "_id_"},
        {"{\"name\":\"_id_\",\"key\":{\"a\":1}}", 1, 0, "_id_,_id_"},
        {"{\"name\":\"a\",\"key\":{\"a\":1}}," ID, 0, 1, "_id_,a"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct made made = make_in(cases[i].entries, nothing, cases[i].clustered);
        expect_names(&made, cases[i].names);
        cr_expect_eq(made.specs[0].is_sent, cases[i].is_sent, "%s", cases[i].entries);
        cr_expect_eq(made.specs[0].kind, BM_INDEX_ID);
        cr_expect_eq(made.specs[0].clustered, cases[i].clustered);
        made_free(&made);
    }
}

Test(index_specs, twins_are_over_one_key)
{
    struct made made = make(ID ",{\"name\":\"a\",\"key\":{\"a\":1}},"
                               "{\"name\":\"b\",\"key\":{\"a\":-1}},"
                               "{\"name\":\"c\",\"key\":{\"a\":{\"$numberLong\":\"1\"}}},"
                               "{\"name\":\"d\",\"key\":{\"a\":1,\"b\":1}},"
                               "{\"name\":\"e\",\"key\":{\"a\":1.0}},"
                               "{\"name\":\"f\",\"key\":{\"x\":\"text\"}},"
                               "{\"name\":\"g\",\"key\":{\"y\":\"text\"}}",
                            nothing);
    static const size_t twins[] = {0, 0, 0, 1, 0, 3, 0, 6}; /* by place, 0: none */
    cr_assert_eq(made.count, sizeof twins / sizeof twins[0]);
    for (size_t i = 0; i < made.count; i++) {
        cr_expect_eq(made.specs[i].twin, twins[i] > 0 ? &made.specs[twins[i]] : NULL, "%zu", i);
        cr_expect_eq(made.specs[i].place, i);
    }
    made_free(&made);
    made = make_in(ID ",{\"name\":\"a\",\"key\":{\"a\":1}}", nothing, 1);
    cr_expect_eq(made.specs[1].place, 0, "a clustered collection has no _id index");
    made_free(&made);
}

/* ---- one entry ---- */

enum { NONE = 0, UNIQUE = 1, SPARSE = 2, PREPARE = 4, PARTIAL = 8, COLLATION = 16 };

static const struct {
    const char *fields; /* beside the name */
    enum bm_index_kind kind;
    unsigned flags;
    const char *problem;
} entries[] = {
    {"\"key\":{\"a\":1}", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"a\":-1,\"b.c\":1.0}", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"a\":{\"$numberDecimal\":\"1\"}}", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"a\":0.5}", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"a\":1},\"unique\":true", BM_INDEX_BTREE, UNIQUE, NULL},
    {"\"key\":{\"a\":1},\"unique\":1.0", BM_INDEX_BTREE, UNIQUE, NULL},
    {"\"key\":{\"a\":1},\"unique\":{\"$numberLong\":\"2\"}", BM_INDEX_BTREE, UNIQUE, NULL},
    {"\"key\":{\"a\":1},\"unique\":false,\"sparse\":0", BM_INDEX_BTREE, NONE, NULL},
    /* servers before 5.0 take any value for true or false, as any other of the kind */
    {"\"key\":{\"a\":1},\"unique\":\"yes\"", BM_INDEX_BTREE, UNIQUE, NULL},
    {"\"key\":{\"a\":1},\"unique\":\"\",\"sparse\":{}", BM_INDEX_BTREE, UNIQUE | SPARSE, NULL},
    {"\"key\":{\"a\":1},\"unique\":[],\"prepareUnique\":\"x\"", BM_INDEX_BTREE, UNIQUE | PREPARE,
     NULL},
    {"\"key\":{\"a\":1},\"unique\":null", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"a\":1},\"unique\":{\"$undefined\":true}", BM_INDEX_BTREE, NONE, NULL},
    {"\"unique\":true,\"sparse\":true,\"key\":{\"a\":1},\"prepareUnique\":true", BM_INDEX_BTREE,
     UNIQUE | SPARSE | PREPARE, NULL},
    {"\"key\":{\"a\":1},\"partialFilterExpression\":{\"a\":{\"$gt\":\"\"}}", BM_INDEX_BTREE,
     PARTIAL, NULL},
    {"\"key\":{\"a\":1},\"partialFilterExpression\":{}", BM_INDEX_BTREE, PARTIAL, NULL},
    {"\"key\":{\"a\":1},\"collation\":{\"locale\":\"en\",\"strength\":2}", BM_INDEX_BTREE,
     COLLATION, NULL},
    {"\"key\":{\"a\":1},\"collation\":{\"locale\":\"simple\"}", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"a\":\"hashed\"}", BM_INDEX_HASHED, NONE, NULL},
    {"\"key\":{\"b\":1,\"a\":\"hashed\"}", BM_INDEX_HASHED, NONE, NULL},
    {"\"key\":{\"_fts\":\"text\",\"_ftsx\":1}", BM_INDEX_TEXT, NONE, NULL},
    {"\"key\":{\"a\":\"2d\"}", BM_INDEX_2D, NONE, NULL},
    {"\"key\":{\"a\":\"2dsphere\"}", BM_INDEX_2DSPHERE, NONE, NULL},
    {"\"key\":{\"a\":\"geoHaystack\",\"b\":1}", BM_INDEX_OTHER, NONE, NULL},
    {"\"key\":{\"$**\":\"columnstore\"}", BM_INDEX_OTHER, NONE, NULL},
    {"\"key\":{\"$**\":1}", BM_INDEX_WILDCARD, NONE, NULL},
    {"\"key\":{\"a.$**\":1}", BM_INDEX_WILDCARD, NONE, NULL},
    {"\"key\":{\"a$**\":1}", BM_INDEX_BTREE, NONE, NULL},
    /* the _id index, by what --convertLegacyIndexes would make of its value */
    {"\"key\":{\"_id\":1}", BM_INDEX_ID, UNIQUE, NULL},
    {"\"key\":{\"_id\":1.0},\"sparse\":true", BM_INDEX_ID, UNIQUE, NULL},
    {"\"key\":{\"_id\":true}", BM_INDEX_ID, UNIQUE, NULL},
    {"\"key\":{\"_id\":\"\"}", BM_INDEX_ID, UNIQUE, NULL},
    {"\"key\":{\"_id\":0}", BM_INDEX_ID, UNIQUE, NULL},
    {"\"key\":{\"_id\":2}", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"_id\":-1}", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"_id\":\"hashed\"}", BM_INDEX_HASHED, NONE, NULL},
    {"\"key\":{\"_id\":1,\"a\":1}", BM_INDEX_BTREE, NONE, NULL},
    {"\"key\":{\"_id\":1},\"partialFilterExpression\":{}", BM_INDEX_BTREE, PARTIAL, NULL},
    {"\"key\":{\"a\":1,\"_id\":1}", BM_INDEX_BTREE, NONE, NULL},
    /* what no server takes */
    {"\"v\":2", BM_INDEX_BTREE, NONE, "it has no key"},
    {"\"key\":\"a\"", BM_INDEX_BTREE, NONE, "its key is no object"},
    {"\"key\":[]", BM_INDEX_BTREE, NONE, "its key is no object"},
    {"\"key\":{}", BM_INDEX_BTREE, NONE, "its key is empty"},
    {"\"key\":{\"a\":1,\"b\":1,\"a\":-1}", BM_INDEX_BTREE, NONE, "its key names a field twice"},
    {"\"key\":{\"a\":true}", BM_INDEX_BTREE, NONE,
     "its key has a value that servers refuse without --convertLegacyIndexes"},
    {"\"key\":{\"a\":0}", BM_INDEX_BTREE, NONE,
     "its key has a value that servers refuse without --convertLegacyIndexes"},
    {"\"key\":{\"a\":{\"$numberDecimal\":\"0\"}}", BM_INDEX_BTREE, NONE,
     "its key has a value that servers refuse without --convertLegacyIndexes"},
    {"\"key\":{\"a\":{\"$numberDouble\":\"NaN\"}}", BM_INDEX_BTREE, NONE,
     "its key has a value that servers refuse without --convertLegacyIndexes"},
    {"\"key\":{\"a\":\"\"}", BM_INDEX_BTREE, NONE,
     "its key has a value that servers refuse without --convertLegacyIndexes"},
    {"\"key\":{\"a\":{}}", BM_INDEX_BTREE, NONE,
     "its key has a value that servers refuse without --convertLegacyIndexes"},
    {"\"key\":{\"\":1}", BM_INDEX_BTREE, NONE, "its key has a path with an empty name in it"},
    {"\"key\":{\".a\":1}", BM_INDEX_BTREE, NONE, "its key has a path with an empty name in it"},
    {"\"key\":{\"a.\":1}", BM_INDEX_BTREE, NONE, "its key has a path with an empty name in it"},
    {"\"key\":{\"a..b\":1}", BM_INDEX_BTREE, NONE, "its key has a path with an empty name in it"},
    {"\"key\":{\"a\":1},\"partialFilterExpression\":1", BM_INDEX_BTREE, NONE,
     "its partialFilterExpression is no object"},
    {"\"partialFilterExpression\":null,\"key\":{\"a\":1}", BM_INDEX_BTREE, NONE,
     "its partialFilterExpression is no object"},
    {"\"key\":{\"a\":1},\"collation\":\"en\"", BM_INDEX_BTREE, NONE, "its collation is no object"},
};

Test(index_specs, reads_entries)
{
    for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, "{\"name\":\"n\",%s}", entries[i].fields);
        struct made made = make(text, nothing);
        const struct bm_index_spec *spec = &made.specs[made.count - 1];
        unsigned flags = (spec->unique ? UNIQUE : 0) | (spec->sparse ? SPARSE : 0) |
                         (spec->prepare_unique ? PREPARE : 0) | (spec->partial.len ? PARTIAL : 0) |
                         (spec->collation.len ? COLLATION : 0);
        cr_expect_str_eq(spec->name, "n", "%s", text);
        cr_expect_eq(spec->kind, entries[i].kind, "%s: kind %d", text, (int)spec->kind);
        cr_expect_eq(flags, entries[i].flags, "%s: flags %u", text, flags);
        if (entries[i].problem == NULL) {
            cr_expect_null(spec->problem, "%s: %s", text, spec->problem);
        } else {
            cr_assert_not_null(spec->problem, "%s", text);
            cr_expect_str_eq(spec->problem, entries[i].problem, "%s", text);
        }
        made_free(&made);
    }
}

Test(index_specs, takes_32_fields_and_no_more)
{
    for (int fields = 31; fields <= 34; fields++) {
        char text[1024];
        int len = snprintf(text, sizeof text, "{\"name\":\"n\",\"key\":{");
        for (int i = 0; i < fields; i++) {
            len +=
                snprintf(text + len, sizeof text - (size_t)len, "%s\"f%d\":1", i > 0 ? "," : "", i);
        }
        (void)snprintf(text + len, sizeof text - (size_t)len, "}}");
        struct made made = make(text, nothing);
        cr_expect_eq(made.specs[1].problem != NULL, fields > 32, "%d fields", fields);
        made_free(&made);
    }
}

Test(index_specs, a_name_with_a_zero_byte_is_a_problem)
{
    struct made made = make("{\"name\":\"a\\u0000b\",\"key\":{\"a\":1}}", nothing);
    cr_expect_str_eq(made.specs[1].name, "a");
    cr_expect_str_eq(made.specs[1].problem, "its name has a zero byte in it");
    made_free(&made);
}

Test(index_specs, names_count_behind_a_zero_byte)
{
    struct made made = make("{\"name\":\"a\",\"key\":{\"a\":1}},"
                            "{\"name\":\"_id_\\u0000\",\"key\":{\"c\":1}},"
                            "{\"name\":\"a\\u0000b\",\"key\":{\"b\":1}},"
                            "{\"name\":\"a\\u0000b\",\"key\":{\"a\":1}}",
                            nothing);
    expect_names(&made, "_id_,a,_id_,a");
    cr_expect_null(made.specs[1].problem);
    cr_expect_str_eq(made.specs[2].problem, "its name has a zero byte in it");
    cr_expect_str_eq(made.specs[3].problem, "its name has a zero byte in it");
    cr_expect_eq(made.specs[0].is_sent, 0);
    made_free(&made);
}

Test(index_specs, a_hundred_thousand_entries_take_no_time, .timeout = 20)
{
    size_t count = 100000;
    char *text = malloc(count * 40);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        len += (size_t)sprintf(text + len, "%s{\"name\":\"n%zu\",\"key\":{\"a\":1}}",
                               i > 0 ? "," : "", i / 2);
    }
    struct made made = make(text, nothing);
    cr_expect_eq(made.count, 1 + count / 2);
    cr_expect_str_eq(made.specs[1].name, "n0");
    cr_expect_str_eq(made.specs[count / 2].name, "n49999");
    made_free(&made);
    free(text);
}
