/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/index_specs.h"
#include "support/bson_text.h"
#include "support/spec_of.h"

#define DOUBTFUL 2 /* it may be refused */

static const struct {
    const char *entry;
    enum bm_namespace_kind home;
    const char *server;
    const char *reason; /* NULL: judged; else how it starts */
    int refused;        /* or DOUBTFUL */
} kinds[] = {
    {"{'key': {'m': 1}, 'unique': true}", BM_NAMESPACE_TIMESERIES, "",
     "the server refuses it: Unique indexes are not supported on time-series", 1},
    {"{'key': {'_id': 1}}", BM_NAMESPACE_TIMESERIES, "", NULL, 0},
    {"{'key': {'m': 1}}", BM_NAMESPACE_TIMESERIES, "", NULL, 0},
    {"{'key': {'a': 1}, 'unique': true, 'hidden': true, 'expireAfterSeconds': 5, 'v': 1, "
     "'background': 1, 'dropDups': true}",
     BM_NAMESPACE_COLLECTION, "", NULL, 0},
    {"{'key': {'_id': 1}, 'unique': true, 'clustered': true}", BM_NAMESPACE_COLLECTION, "", NULL,
     0},
    {"{'key': {'a': 1}, 'unique': true, 'prepareUnique': true}", BM_NAMESPACE_COLLECTION, "6.0",
     "the server refuses it: unique together with prepareUnique", 1},
    {"{'key': {'a': 1}, 'unique': true, 'prepareUnique': true}", BM_NAMESPACE_COLLECTION, "5.0",
     NULL, 0},
    {"{'key': {'a': 1}, 'unique': true, 'sparse': 1, 'partialFilterExpression': {}}",
     BM_NAMESPACE_COLLECTION, "",
     "the server may refuse it: sparse together with an empty partial filter", DOUBTFUL},
    {"{'key': {'a': 1}, 'unique': true, 'sparse': 1, 'partialFilterExpression': {'a': 1}}",
     BM_NAMESPACE_COLLECTION, "", "the server refuses it: sparse together with a partial filter",
     1},
    {"{'key': {'a': 'geoHaystack', 'b': 1}, 'unique': true}", BM_NAMESPACE_COLLECTION, "4.4",
     "a geographic index: its keys are cells", 0},
    {"{'key': {'a': 'geoHaystack', 'b': 1}, 'unique': true}", BM_NAMESPACE_COLLECTION, "5.0",
     "the server refuses it: an index of a kind that it does not know", 1},
    {"{'key': {'a': 1, 'b': 'text'}, 'unique': true}", BM_NAMESPACE_COLLECTION, "",
     "a text index: its keys are words", 0},
    {"{'key': {'a': 'hashed', 'b': 1}, 'unique': true}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: a hashed index cannot be unique", 1},
    {"{'key': {'a': 'hashed'}}", BM_NAMESPACE_COLLECTION, "", "not unique", 0},
    {"{'key': {'$**': 1}}", BM_NAMESPACE_COLLECTION, "", "not unique", 0},
    {"{'key': {'a': 1}, 'unique': 'yes'}", BM_NAMESPACE_COLLECTION, "4.4", NULL, 0},
    {"{'key': {'a': 1}, 'unique': 'yes'}", BM_NAMESPACE_COLLECTION, "5.0",
     "the server refuses it: the field 'unique' is not convertible to bool", 1},
    {"{'key': {'a': 1}, 'unique': null}", BM_NAMESPACE_COLLECTION, "4.4", NULL, 0},
    {"{'key': {'a': 1}, 'unique': null}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: the field 'unique' is not convertible to bool", 1},
    {"{'key': {'a': 1}, 'unique': 2.5, 'sparse': {'$numberDecimal': '0'}}", BM_NAMESPACE_COLLECTION,
     "", NULL, 0},
    {"{'key': {'a': 1}, 'unique': true, 'sparse': 'x'}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: the field 'sparse' is not convertible to bool", 1},
    {"{'key': {'a': 'hashed'}, 'sparse': 'x'}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: the field 'sparse' is not convertible to bool", 1},
    {"{'key': {'a': 1}, 'unique': true, 'background': null}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: the field 'background' is not convertible to bool", 1},
    {"{'key': {'a': 1}, 'unique': true, 'dropDups': []}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: the field 'dropDups' is not convertible to bool", 1},
    /* an option that the server does not know yet is dropped on the way */
    {"{'key': {'a': 1}, 'unique': true, 'prepareUnique': 'x'}", BM_NAMESPACE_COLLECTION, "5.0",
     NULL, 0},
    {"{'key': {'a': 1}, 'unique': true, 'prepareUnique': null}", BM_NAMESPACE_COLLECTION, "6.0",
     "the server refuses it: the field 'prepareUnique' is not convertible to bool", 1},
    {"{'key': {'a': 1}, 'unique': true, 'hidden': 1}", BM_NAMESPACE_COLLECTION, "4.2", NULL, 0},
    {"{'key': {'a': 1}, 'unique': true, 'hidden': 1}", BM_NAMESPACE_COLLECTION, "4.4",
     "the server refuses it: the field 'hidden' must be a bool", 1},
    {"{'key': {'_id': 1}, 'unique': 'yes'}", BM_NAMESPACE_COLLECTION, "", NULL, 0},
    /* a refusal comes before a kind that is not judged */
    {"{'key': {'a': 'text'}, 'unique': true, 'sparse': true, 'partialFilterExpression': {'b': 1}}",
     BM_NAMESPACE_COLLECTION, "", "the server refuses it: sparse together with a partial filter",
     1},
    {"{'key': {'a': '2d'}, 'unique': true, 'partialFilterExpression': {'b': {'$ne': 1}}}",
     BM_NAMESPACE_COLLECTION, "", "the server refuses it: Expression not supported", 1},
    {"{'key': {'a': 'hashed'}, 'partialFilterExpression': {'b': {'$ne': 1}}}",
     BM_NAMESPACE_COLLECTION, "", "the server refuses it: Expression not supported", 1},
    {"{'key': {'a': 'text'}, 'unique': true, 'partialFilterExpression': {'b': 1}}",
     BM_NAMESPACE_COLLECTION, "", "a text index: its keys are words", 0},
    /* what no server builds is refused, unique or not */
    {"{'key': {'a': 'foo'}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: an index of a kind that it does not know", 1},
    {"{'key': {'a': 'geoHaystack', 'b': 1}}", BM_NAMESPACE_COLLECTION, "5.0",
     "the server refuses it: an index of a kind that it does not know", 1},
    {"{'key': {'a': 'geoHaystack', 'b': 1}}", BM_NAMESPACE_COLLECTION, "4.4", "not unique", 0},
    {"{'key': {'a': 'hashed', 'b': '2d'}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: more than one kind of index in one key", 1},
    {"{'key': {'$**': 1, 'b': 'hashed'}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: more than one kind of index in one key", 1},
    {"{'key': {'$**': 1}}", BM_NAMESPACE_COLLECTION, "4.0",
     "the server refuses it: a wildcard index, which servers before 4.2 do not", 1},
    {"{'key': {'$**': 1}}", BM_NAMESPACE_COLLECTION, "4.2", "not unique", 0},
    {"{'key': {'a.$**': 1, 'b': 1}}", BM_NAMESPACE_COLLECTION, "6.0",
     "the server refuses it: a wildcard index over several fields", 1},
    {"{'key': {'a.$**': 1, 'b': 1}}", BM_NAMESPACE_COLLECTION, "7.0", "not unique", 0},
    {"{'key': {'$**': 1, 'b': 1}}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: a wildcard index over all fields", 1},
    {"{'key': {'$**': 1, 'b': 1}, 'wildcardProjection': {'b': 0}}", BM_NAMESPACE_COLLECTION, "7.0",
     "not unique", 0},
    /* the wildcard must not take in another field of the key */
    {"{'key': {'a': 1, 'b.c': 1, 'b.$**': 1}}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: a field of the key is one that the wildcard takes in", 1},
    {"{'key': {'b': 1, 'b.$**': 1}}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: a field of the key is one that the wildcard takes in", 1},
    {"{'key': {'ba': 1, 'b.$**': 1}}", BM_NAMESPACE_COLLECTION, "7.0", "not unique", 0},
    {"{'key': {'b': 1, 'b.c.$**': 1}}", BM_NAMESPACE_COLLECTION, "7.0", "not unique", 0},
    {"{'key': {'a': 1, '$**': 1}, 'wildcardProjection': {'a': 1}}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: its wildcardProjection includes a field of the key", 1},
    {"{'key': {'a.b': 1, '$**': 1}, 'wildcardProjection': {'a': 1}}", BM_NAMESPACE_COLLECTION,
     "7.0", "the server refuses it: its wildcardProjection includes a field of the key", 1},
    {"{'key': {'a.b': 1, '$**': 1}, 'wildcardProjection': {'a.b.c': 1, 'ab': 1}}",
     BM_NAMESPACE_COLLECTION, "7.0", "not unique", 0},
    {"{'key': {'a': 1, '$**': 1}, 'wildcardProjection': {'b': 0}}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: its wildcardProjection does not exclude every field", 1},
    {"{'key': {'a': 1, '$**': 1}, 'wildcardProjection': {'a.b': 0}}", BM_NAMESPACE_COLLECTION,
     "7.0", "the server refuses it: its wildcardProjection does not exclude every field", 1},
    {"{'key': {'a': 1, '$**': 1}, 'wildcardProjection': {'_id': 0}}", BM_NAMESPACE_COLLECTION,
     "7.0", "the server refuses it: its wildcardProjection does not exclude every field", 1},
    {"{'key': {'a.b': 1, '$**': 1, 'c': 1}, 'wildcardProjection': {'a': 0, 'c': false}}",
     BM_NAMESPACE_COLLECTION, "7.0", "not unique", 0},
    {"{'key': {'c': 1, '$**': 1}, 'wildcardProjection': {'a.b': 1, 'a.b.c': 1}}",
     BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: fields of its wildcardProjection overlap", 1},
    {"{'key': {'a': 1, '$**': 1}, 'wildcardProjection': {'a': 0, 'a.c': 0}}",
     BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: fields of its wildcardProjection overlap", 1},
    {"{'key': {'a': 1, '$**': 1}, 'wildcardProjection': {'_id': 1, 'a': 0}}",
     BM_NAMESPACE_COLLECTION, "7.0", "not unique", 0},
    {"{'key': {'a': 1, '$**': 1}, 'wildcardProjection': {'_id': 1, 'b': 1, 'a': 0}}",
     BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: its wildcardProjection both includes and excludes", 1},
    {"{'key': {'$**': -1}}", BM_NAMESPACE_COLLECTION, "6.0",
     "the server refuses it: a wildcard index that falls", 1},
    {"{'key': {'$**': -1}}", BM_NAMESPACE_COLLECTION, "7.0", "not unique", 0},
    {"{'key': {'$**': 1}, 'sparse': true}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: a wildcard index cannot be sparse", 1},
    {"{'key': {'a.$**': 1, 'b.$**': 1}}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: more than one field of the key is a wildcard", 1},
    {"{'key': {'$**': 'text'}}", BM_NAMESPACE_COLLECTION, "4.0", "not unique", 0},
    {"{'key': {'a': 'hashed', 'b': 1}}", BM_NAMESPACE_COLLECTION, "4.2",
     "the server refuses it: a hashed index over several fields", 1},
    {"{'key': {'a': 'hashed', 'b': 1}}", BM_NAMESPACE_COLLECTION, "4.4", "not unique", 0},
    {"{'key': {'a': 'hashed', 'b': 'hashed'}}", BM_NAMESPACE_COLLECTION, "4.4",
     "the server refuses it: more than one field of the key is hashed", 1},
    {"{'key': {'a': 1, 'b': '2d'}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: 2d has to be first in index", 1},
    {"{'key': {'a': '2d', 'b': '2d'}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: can't have 2 geo fields", 1},
    {"{'key': {'a': '2d', 'b': 1}}", BM_NAMESPACE_COLLECTION, "", "not unique", 0},
    {"{'key': {'a': 'text'}, 'collation': {'locale': 'en'}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: an index of this kind has no collation", 1},
    {"{'key': {'a': 'text'}, 'collation': {'locale': 'simple'}}", BM_NAMESPACE_COLLECTION, "",
     "not unique", 0},
    {"{'key': {'a': '2dsphere'}, 'collation': {'locale': 'en'}}", BM_NAMESPACE_COLLECTION, "",
     "not unique", 0},
    {"{'key': {'$x': 'hashed'}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: a part that starts with $", 1},
    {"{'key': {'_fts': 1}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: Index key contains an illegal field name", 1},
    {"{'key': {'_fts': 1}}", BM_NAMESPACE_COLLECTION, "4.0",
     "the server may refuse it: Index key contains an illegal field name", DOUBTFUL},
    {"{'key': {'_fts': 'text', '_ftsx': 1}, 'weights': {'a': 1}}", BM_NAMESPACE_COLLECTION, "",
     "not unique", 0},
    {"{'key': {'a': 1}, 'weights': {'a': 1}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: the field 'weights' can only", 1},
    {"{'key': {'a': 1}, 'weights': {'a': 1}}", BM_NAMESPACE_COLLECTION, "5.0",
     "the server may refuse it: the field 'weights' can only be specified", DOUBTFUL},
    {"{'key': {'a': 1}, 'weights': {'a': 1}}", BM_NAMESPACE_COLLECTION, "4.0", NULL, 0},
    {"{'key': {'a': 1}, 'wildcardProjection': {'a': 1}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: the field 'wildcardProjection' is only", 1},
    {"{'key': {'a.$**': 1}, 'wildcardProjection': {'a': 1}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: the field 'wildcardProjection' is only", 1},
    {"{'key': {'$**': 1}, 'wildcardProjection': {}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: the field 'wildcardProjection' must be", 1},
    {"{'key': {'a': 1}, 'clustered': false}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: the field 'clustered' of an index", 1},
    {"{'key': {'a': 1}, 'clustered': false}", BM_NAMESPACE_COLLECTION, "5.0", NULL, 0},
    {"{'key': {'a': 1}, 'clustered': false}", BM_NAMESPACE_COLLECTION, "4.0",
     "the server refuses it: it has a field that is not valid", 1},
    {"{'key': {'a': 1}, 'storageEngine': {}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: the field 'storageEngine' must be", 1},
    {"{'key': {'a': 1}, 'storageEngine': {'wiredTiger': {}}}", BM_NAMESPACE_COLLECTION, "", NULL,
     0},
    {"{'key': {'a': 1}, 'expireAfterSeconds': 'x'}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: TTL index 'expireAfterSeconds' option must be", 1},
    {"{'key': {'a': 1}, 'expireAfterSeconds': 'x'}", BM_NAMESPACE_COLLECTION, "4.0",
     "the server may refuse it: TTL index 'expireAfterSeconds' option must be numeric", DOUBTFUL},
    {"{'key': {'a': 1}, 'expireAfterSeconds': -1}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: TTL index 'expireAfterSeconds' option cannot", 1},
    {"{'key': {'a': 1}, 'expireAfterSeconds': -0.5}", BM_NAMESPACE_COLLECTION, "", NULL, 0},
    {"{'key': {'a': 1}, 'expireAfterSeconds': {'$numberLong': '2147483648'}}",
     BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: TTL index 'expireAfterSeconds' must be within", 1},
    {"{'key': {'a': 1}, 'expireAfterSeconds': 2147483647}", BM_NAMESPACE_COLLECTION, "", NULL, 0},
    {"{'key': {'a': 1}, 'expireAfterSeconds': {'$numberDouble': 'NaN'}}", BM_NAMESPACE_COLLECTION,
     "", "the server may refuse it: TTL index 'expireAfterSeconds' option must not be NaN",
     DOUBTFUL},
    {"{'key': {'a': 1, 'b': 1}, 'expireAfterSeconds': 5}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: TTL indexes are single-field", 1},
    {"{'key': {'$**': 1}, 'expireAfterSeconds': 5}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: a wildcard index cannot be a TTL", 1},
    {"{'key': {'a': 1}, 'whatever': 1}", BM_NAMESPACE_COLLECTION, "4.2", NULL, 0},
    {"{'key': {'a': 1}, 'whatever': 1}", BM_NAMESPACE_COLLECTION, "4.0",
     "the server refuses it: it has a field that is not valid", 1},
    {"{'key': {'a': 'text'}, 'default_language': 5}", BM_NAMESPACE_COLLECTION, "7.0",
     "the server refuses it: the field 'default_language' must", 1},
    {"{'key': {'a': '2d'}, 'bits': 'x'}", BM_NAMESPACE_COLLECTION, "6.0",
     "the server may refuse it: the field 'bits' must be a number", DOUBTFUL},
    {"{'key': {'_id': -1}}", BM_NAMESPACE_COLLECTION, "3.4",
     "the server refuses it: the field 'key' for an _id index", 1},
    {"{'key': {'_id': 1.5}}", BM_NAMESPACE_COLLECTION, "",
     "the server refuses it: the field 'key' for an _id index", 1},
    {"{'key': {'_id': -1}}", BM_NAMESPACE_COLLECTION, "3.2", NULL, 0},
    {"{'key': {'_id': -2}}", BM_NAMESPACE_COLLECTION, "", NULL, 0},
    {"{'key': 5, 'unique': true}", BM_NAMESPACE_COLLECTION, "", "it cannot be understood: ", 1},
    {"{'key': {'a': 1}, 'unique': true, 'partialFilterExpression': 5}", BM_NAMESPACE_COLLECTION, "",
     "it cannot be understood: its partialFilterExpression is no object", 1},
};

Test(kind, is_judged_or_has_a_reason)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_index_spec spec;
        const struct bm_index_home home = {bm_server_parse(kinds[i].server), kinds[i].home};
        struct bm_buffer entry = test_bson(kinds[i].entry);
        cr_assert_eq(bm_index_spec_read(bm_buffer_view(&entry), &spec, &err), BM_OK);
        spec.name = "i_1";
        struct bm_index *index = bm_index_new(&spec, &home, &err);
        cr_assert_not_null(index);
        const char *reason = bm_index_reason(index);
        if (kinds[i].reason == NULL) {
            cr_assert_null(reason, "%s: %s", kinds[i].entry, reason);
        } else {
            cr_assert_not_null(reason, "%s", kinds[i].entry);
            cr_assert_eq(strncmp(reason, kinds[i].reason, strlen(kinds[i].reason)), 0, "%s: %s",
                         kinds[i].entry, reason);
        }
        cr_assert_eq(bm_index_is_refused(index), kinds[i].refused == 1, "%s", kinds[i].entry);
        cr_assert_eq(bm_index_is_doubtful(index), kinds[i].refused == DOUBTFUL, "%s",
                     kinds[i].entry);
        bm_index_free(index);
        bm_buffer_free(&entry);
    }
}

/* All pairs of a projection are compared, so there is a bound; past it nothing is said for sure. */
Test(kind, a_projection_of_very_many_fields_is_doubtful)
{
    static const size_t counts[] = {127, 128, 129};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        char entry[4096] = "{'key': {'a': 1, '$**': 1}, 'wildcardProjection': {'f0': 1";
        for (size_t n = 1; n < counts[i]; n++) {
            (void)snprintf(entry + strlen(entry), sizeof entry - strlen(entry), ", 'f%zu': 1", n);
        }
        (void)strcat(entry, "}}");
        struct test_spec spec = test_plain_spec_of(entry, "7.0");
        cr_expect_eq(bm_index_is_doubtful(spec.index), counts[i] > 128, "%zu", counts[i]);
        cr_expect_not(bm_index_is_refused(spec.index), "%zu", counts[i]);
        test_spec_free(&spec);
    }
}

Test(kind, sparse_leaves_out_keys_of_which_nothing_is_there)
{
    static const struct {
        const char *entry;
        const char *document;
        const char *keys;
    } cases[] = {
        {"{'key': {'a': 1}, 'sparse': true}", "{'b': 1}", "none"},
        {"{'key': {'a': 1}, 'sparse': true}", "{'a': null}", "{ a: null }"},
        {"{'key': {'a': 1}, 'sparse': true}", "{'a': {'$undefined': true}}", "{ a: undefined }"},
        {"{'key': {'a': 1}, 'sparse': true}", "{'a': []}", "{ a: undefined }"},
        {"{'key': {'a.b': 1}, 'sparse': true}", "{'a': []}", "none"},
        {"{'key': {'a.b': 1}, 'sparse': true}", "{'a': 5}", "none"},
        {"{'key': {'a.b': 1}, 'sparse': true}", "{'a': [1, {'b': 1}, {}]}", "{ a.b: 1 }"},
        {"{'key': {'a': 1, 'b': 1}, 'sparse': true}", "{'a': 5}", "{ a: 5, b: null }"},
        {"{'key': {'a': 1, 'b': 1}, 'sparse': true}", "{'c': 5}", "none"},
        {"{'key': {'a': 1, 'b': 1}, 'sparse': true}", "{'a': [], 'b': []}",
         "refused: cannot index parallel arrays [b] [a]"},
        {"{'key': {'a': 1}, 'sparse': 0}", "{'b': 1}", "{ a: null }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_spec spec = test_spec_of(cases[i].entry, "");
        test_spec_expect(&spec, cases[i].document, cases[i].keys);
        test_spec_free(&spec);
    }
}

/* The server gives a document without _id one of its own. */
Test(kind, a_fresh_id_equals_no_other)
{
    struct test_spec spec = test_spec_of("{'key': {'a': 1, '_id': 1}}", "");
    test_spec_expect(&spec, "{'a': 1}", "none");
    test_spec_expect(&spec, "{'a': 1, '_id': null}", "{ a: 1, _id: null }");
    test_spec_free(&spec);
    spec = test_spec_of("{'key': {'a': 1, '_id.x': 1}}", "");
    test_spec_expect(&spec, "{'a': 1}", "{ a: 1, _id.x: null }");
    test_spec_free(&spec);
    spec = test_spec_of("{'key': {'a': 1, 'b': 1, '_id': 1}}", "");
    test_spec_expect(&spec, "{'a': [1], 'b': [1]}",
                     "refused: cannot index parallel arrays [b] [a]");
    test_spec_free(&spec);
}

/* ---- the size of a key before 4.2 ---- */

static void expect_limit(const char *entry, const char *server, size_t bytes, int refused)
{
    char json[2600];
    char text[1200];
    memset(text, 'k', bytes);
    text[bytes] = '\0';
    (void)snprintf(json, sizeof json, "{'a': '%s', '_id': '%s'}", text, text);
    struct test_spec spec = test_spec_of(entry, server);
    char *keys = test_spec_keys(&spec, json);
    cr_assert_eq(strncmp(keys, "refused: WiredTigerIndex::insert: key too large to index, failing ",
                         66) == 0,
                 refused, "%s, %zu bytes for %s: %.80s", entry, bytes, server, keys);
    cr_assert_lt(strlen(keys), 1400);
    free(keys);
    test_spec_free(&spec);
}

Test(kind, keys_of_1024_bytes_are_too_large_before_4_2)
{
    expect_limit("{'key': {'a': 1}}", "4.0", 1011, 0);
    expect_limit("{'key': {'a': 1}}", "4.0", 1012, 1);
    expect_limit("{'key': {'a': 1}}", "4.2", 1012, 0);
    expect_limit("{'key': {'_id': 1}}", "3.6", 1011, 0);
    expect_limit("{'key': {'_id': 1}}", "3.6", 1012, 1);
    /* two names, two type bytes, a null; an int32 */
    expect_limit("{'key': {'a': 1, 'b': 1}}", "4.0", 1009, 0);
    expect_limit("{'key': {'a': 1, 'b': 1}}", "4.0", 1010, 1);
}

Test(kind, of_a_collated_key_the_sort_key_counts)
{
    static const char shifted[] =
        "{'key': {'a': 1}, 'collation': {'locale': 'en', 'alternate': 'shifted'}}";
    struct test_spec spec = test_spec_of(shifted, "4.0");
    char json[1400];
    (void)snprintf(json, sizeof json, "{'a': 'x%1100s'}", "");
    char *keys = test_spec_keys(&spec, json);
    cr_assert_eq(strncmp(keys, "{ : <ICU sort key", 17), 0, "%s", keys);
    free(keys);
    test_spec_free(&spec);
    /* A letter takes more than a byte at strength 5. */
    expect_limit("{'key': {'a': 1}, 'collation': {'locale': 'en', 'strength': 5}}", "4.0", 400, 0);
    expect_limit("{'key': {'a': 1}, 'collation': {'locale': 'en', 'strength': 5}}", "4.0", 1000, 1);
}
