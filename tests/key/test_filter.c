/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/bson_text.h"
#include "support/spec_of.h"

static struct test_spec filtered(const char *filter, const char *server)
{
    char entry[3000];
    (void)snprintf(entry, sizeof entry, "{'key': {'x': 1}, 'partialFilterExpression': %s}", filter);
    return test_spec_of(entry, server);
}

/* ---- what a filter may say ---- */

static const struct {
    const char *filter;
    const char *server;
    const char *reason; /* NULL: judged; else how it starts */
    int refused;
} filters[] = {
    {"{}", "", NULL, 0},
    {"{'a': 1, 'b': {'$gt': 1, '$lt': 9}, '$comment': 'x'}", "3.2", NULL, 0},
    {"{'$and': [{'a': 1}, {'b': {'$exists': true}}]}", "3.2", NULL, 0},
    {"{'$and': [{'$and': [{'a': 1}]}]}", "6.0", NULL, 0},
    {"{'$and': [{'$and': [{'a': 1}]}]}", "5.0",
     "the server refuses it: $and only supported in partialFilterExpression at top level", 1},
    {"{'a': 1, '$and': [{'b': 1}]}", "5.0", "the server refuses it: $and only", 1},
    {"{'$and': [{'a': {'$gt': 1, '$lt': 9}}]}", "5.0", "the server refuses it: $and only", 1},
    {"{'$and': [{'a': {'$gt': 1, '$lt': 9}}]}", "6.0", NULL, 0},
    {"{'$and': [{}]}", "5.0", "the server refuses it: $and only", 1},
    {"{'$or': [{'a': 1}]}", "6.0", NULL, 0},
    {"{'$or': [{'a': 1}]}", "5.3",
     "the server refuses it: unsupported expression in partial index: $or", 1},
    {"{'a': {'$in': [1]}}", "5.3",
     "the server refuses it: unsupported expression in partial index: $in", 1},
    {"{'a': {'$in': [1, null]}}", "6.0", NULL, 0},
    {"{'a': {'$ne': 1}}", "5.0",
     "the server refuses it: unsupported expression in partial index: $ne", 1},
    {"{'a': {'$ne': 1}}", "6.0",
     "the server refuses it: Expression not supported in partial index: $ne", 1},
    {"{'a': {'$exists': false}}", "", "the server refuses it: Expression not", 1},
    {"{'a': {'$exists': 0}}", "", "the server refuses it: Expression not", 1},
    {"{'a': {'$exists': null}}", "", "the server refuses it: Expression not", 1},
    {"{'a': {'$exists': ''}}", "", NULL, 0},
    {"{'a': {'$exists': {'$numberDouble': 'NaN'}}}", "", NULL, 0},
    {"{'a': {'$regularExpression': {'pattern': 'x', 'options': ''}}}", "",
     "the server refuses it: Expression not", 1},
    {"{'a': {'$eq': {'$regularExpression': {'pattern': 'x', 'options': ''}}}}", "", NULL, 0},
    {"{'a': {'$gt': {'$regularExpression': {'pattern': 'x', 'options': ''}}}}", "",
     "the server refuses it: Can't have RegEx", 1},
    {"{'a': {'$in': [{'$regularExpression': {'pattern': 'x', 'options': ''}}]}}", "",
     "its partial filter has a regular expression in $in, which this version does not judge", 0},
    {"{'a': {'$in': 1}}", "", "the server refuses it: $in needs an array", 1},
    {"{'a': {'$in': [{'$gt': 1}]}}", "", "the server refuses it: cannot nest $ under $in", 1},
    {"{'a': {'$in': [{'$undefined': true}]}}", "", "the server refuses it: cannot compare to", 1},
    {"{'a': {'$undefined': true}}", "", "the server refuses it: cannot compare to undefined", 1},
    {"{'a': {'$all': [1]}}", "", "its partial filter has $all", 0},
    {"{'a': {'$geoWithin': {}}}", "", "its partial filter has a geographic operator", 0},
    {"{'a': {'$geoWithin': {}}}", "5.0", "the server refuses it: unsupported", 1},
    {"{'a': {'$near': {}}}", "", "the server refuses it: Expression not supported", 1},
    {"{'a': {'$size': 1}}", "", "the server refuses it: Expression not supported", 1},
    {"{'a': {'$elemMatch': {'b': 1}}}", "", "the server refuses it: Expression not", 1},
    {"{'a': {'$nonsense': 1}}", "", "the server refuses it: unknown operator: $nonsense", 1},
    {"{'a': {'$gt': 1, 'b': 2}}", "", "the server refuses it: unknown operator: b", 1},
    {"{'$nonsense': 1}", "", "the server refuses it: unknown top level operator: $nonsense", 1},
    {"{'$nor': [{'a': 1}]}", "", "the server refuses it: Expression not", 1},
    {"{'$expr': true}", "", "the server refuses it: $expr is not allowed in this context", 1},
    {"{'$where': 'x'}", "", "the server refuses it: $where is not allowed in this context", 1},
    {"{'$text': {'$search': 'x'}}", "", "the server refuses it: $text is not allowed", 1},
    {"{'$jsonSchema': {}}", "", "the server refuses it: $jsonSchema is not allowed", 1},
    {"{'$and': []}", "", "the server refuses it: $and must be a nonempty array", 1},
    {"{'$or': {'a': 1}}", "", "the server refuses it: $or must be an array", 1},
    {"{'$or': [1]}", "", "the server refuses it: $or entries need to be full objects", 1},
    {"{'a': {'$type': 'nonsense'}}", "", "the server refuses it: Unknown type name alias: non", 1},
    {"{'a': {'$type': 0}}", "", "the server refuses it: Invalid numerical type code", 1},
    {"{'a': {'$type': 2.5}}", "", "the server refuses it: Invalid numerical type code", 1},
    {"{'a': {'$type': 255}}", "", "the server refuses it: Invalid numerical type code", 1},
    {"{'a': {'$type': true}}", "", "the server refuses it: type must be represented", 1},
    {"{'a': {'$type': []}}", "", "the server refuses it: $type must match at least one type", 1},
    {"{'a': {'$type': ['string', 'bogus']}}", "", "the server refuses it: Unknown type", 1},
    {"{'a': {'$type': ['string']}}", "3.4", "the server refuses it: type must be", 1},
    {"{'a': {'$type': 'array'}}", "3.4", "its partial filter has {$type: \"array\"}", 0},
    {"{'a': {'$type': 'array'}}", "3.6", NULL, 0},
    {"{'a': 1}", "3.0", "its partial filter has no meaning to servers before 3.2", 0},
    {"{'$and': [{'$and': [{'$and': [{'a': 1}]}]}]}", "", NULL, 0},
    {"{'$and': [{'$and': [{'$and': [{'$and': [{'a': 1}]}]}]}]}", "",
     "the server refuses it: partialFilterExpression depth may not exceed 4", 1},
    /* what the server refuses comes before what is not judged */
    {"{'a': {'$in': [{'$regularExpression': {'pattern': 'x', 'options': ''}}]}, "
     "'$and': [{'$and': [{'$and': [{'$and': [{'a': 1}]}]}]}]}",
     "", "the server refuses it: partialFilterExpression depth may not exceed 4", 1},
    {"{'a': {'$in': [{'$regularExpression': {'pattern': 'x', 'options': ''}}, {'$gt': 1}]}}", "",
     "the server refuses it: cannot nest $ under $in", 1},
    {"{'a': {'$all': [1]}, 'b': {'$ne': 1}}", "", "the server refuses it: Expression not", 1},
    {"{'a': {'$geoWithin': {}}, 'b': {'$all': [1]}}", "",
     "its partial filter has a geographic operator", 0},
    {"{'$and': [{'$and': [{'$and': [{'$and': [{'a': {'$geoWithin': {}}}]}]}]}]}", "",
     "the server refuses it: partialFilterExpression depth may not exceed 4", 1},
    {"{'a': {'$type': 'array'}, 'b': {'$type': 'bogus'}}", "3.4",
     "the server refuses it: Unknown type", 1},
    {"{'a': {'$lt': {'$minKey': 1}}}", "5.0", NULL, 0},
    {"{'a': {'$lt': {'$minKey': 1}}}", "4.4", "its partial filter has less than MinKey", 0},
    {"{'a': {'$gte': {'$maxKey': 1}}}", "4.4", "its partial filter has less than MinKey", 0},
    {"{'a': {'$gt': {'$minKey': 1}}}", "4.4", NULL, 0},
    {"{'a': {'$lte': {'$maxKey': 1}}}", "4.4", NULL, 0},
    {"{'a': {'$ref': 'c', '$id': 1}}", "", NULL, 0},
    {"{'a': {'$ref': 'c'}}", "", "the server refuses it: unknown operator: $ref", 1},
};

Test(filter, is_judged_or_has_a_reason)
{
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        struct test_spec spec = filtered(filters[i].filter, filters[i].server);
        const char *reason = bm_index_reason(spec.index);
        if (filters[i].reason == NULL) {
            cr_assert_null(reason, "%s: %s", filters[i].filter, reason);
        } else {
            cr_assert_not_null(reason, "%s for %s", filters[i].filter, filters[i].server);
            cr_assert_eq(strncmp(reason, filters[i].reason, strlen(filters[i].reason)), 0, "%s: %s",
                         filters[i].filter, reason);
        }
        cr_assert_eq(bm_index_is_refused(spec.index), filters[i].refused, "%s", filters[i].filter);
        test_spec_free(&spec);
    }
}

Test(filter, a_long_name_is_cut_in_a_reason)
{
    char filter[1500];
    char name[1000];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    (void)snprintf(filter, sizeof filter, "{'$%s': 1}", name);
    struct test_spec spec = filtered(filter, "");
    cr_assert_lt(strlen(bm_index_reason(spec.index)), 300);
    test_spec_free(&spec);
}

/* ---- which documents it holds ---- */

static const struct {
    const char *filter;
    const char *server;
    const char *held[12]; /* documents, up to a NULL */
    const char *left[12];
} matches[] = {
    {"{}", "", {"{}", "{'a': 1}"}, {NULL}},
    {"{'a': 1}",
     "",
     {"{'a': 1}", "{'a': 1.0}", "{'a': {'$numberDecimal': '1.00'}}", "{'a': [2, 1]}"},
     {"{}", "{'a': true}", "{'a': '1'}", "{'a': [[1]]}", "{'a': {'b': 1}}", "{'a': null}"}},
    {"{'a': {'$gt': 5}}",
     "",
     {"{'a': 6}", "{'a': 5.1}", "{'a': [1, 9]}", "{'a': {'$numberDouble': 'Infinity'}}"},
     {"{'a': 5}", "{'a': '9'}", "{'a': {'$numberDouble': 'NaN'}}", "{'a': []}",
      "{'a': {'$maxKey': 1}}"}},
    {"{'a': {'$gte': {'$numberDouble': 'NaN'}}}",
     "",
     {"{'a': {'$numberDouble': 'NaN'}}", "{'a': {'$numberDecimal': 'NaN'}}"},
     {"{'a': 1}", "{}", "{'a': {'$numberDouble': 'Infinity'}}"}},
    {"{'a': {'$lt': 5}}",
     "",
     {"{'a': 4}", "{'a': {'$numberDouble': '-Infinity'}}"},
     {"{'a': 5}", "{'a': {'$numberDouble': 'NaN'}}", "{'a': null}", "{}"}},
    {"{'a': null}",
     "7.0",
     {"{}", "{'a': null}", "{'a': {'$undefined': true}}", "{'a': [null]}"},
     {"{'a': 0}", "{'a': []}", "{'a': ''}"}},
    {"{'a': null}", "8.0", {"{}", "{'a': null}"}, {"{'a': {'$undefined': true}}"}},
    {"{'a': {'$lte': null}}", "7.0", {"{}", "{'a': {'$undefined': true}}"}, {"{'a': 1}"}},
    {"{'a': {'$gt': null}}", "", {NULL}, {"{}", "{'a': null}", "{'a': 1}"}},
    {"{'a': {'$in': [null, 3]}}", "8.0", {"{}", "{'a': 3}"}, {"{'a': {'$undefined': true}}"}},
    {"{'a': {'$in': [null, 3]}}", "7.0", {"{'a': {'$undefined': true}}"}, {"{'a': 4}"}},
    {"{'a': {'$in': [{'$minKey': 1}]}}", "", {"{'a': {'$minKey': 1}}"}, {"{}", "{'a': 1}"}},
    {"{'a': {'$gte': {'$minKey': 1}}}", "", {"{}", "{'a': 1}", "{'a': {'$minKey': 1}}"}, {NULL}},
    {"{'a': {'$gt': {'$minKey': 1}}}", "", {"{}", "{'a': 1}"}, {"{'a': {'$minKey': 1}}"}},
    {"{'a': {'$lt': {'$minKey': 1}}}", "", {NULL}, {"{}", "{'a': 1}", "{'a': {'$minKey': 1}}"}},
    {"{'a': {'$lt': {'$maxKey': 1}}}", "", {"{}", "{'a': 1}"}, {"{'a': {'$maxKey': 1}}"}},
    {"{'a': {'$maxKey': 1}}", "", {"{'a': {'$maxKey': 1}}"}, {"{}", "{'a': 1}"}},
    {"{'a': {'$exists': true}}",
     "",
     {"{'a': null}", "{'a': []}", "{'a': {'$undefined': true}}"},
     {"{}", "{'b': 1}"}},
    {"{'a.b': {'$exists': true}}",
     "",
     {"{'a': {'b': 1}}", "{'a': [1, {'b': null}]}"},
     {"{'a': 1}", "{'a': []}", "{'a': [1]}", "{'a': [{'c': 1}]}", "{'a': [[{'b': 1}]]}"}},
    {"{'m.k': null}",
     "",
     {"{}", "{'m': 1}", "{'m': {}}", "{'m': [{'x': 1}]}"},
     {"{'m': [1, 2]}", "{'m': []}", "{'m': [{'k': 1}]}"}},
    {"{'a': {'$gt': 8, '$lt': 3}}", "", {"{'a': [1, 10]}"}, {"{'a': [9, 10]}", "{'a': 5}"}},
    {"{'a': {'$type': 'string'}}",
     "",
     {"{'a': ''}", "{'a': [1, 'x']}"},
     {"{}", "{'a': 1}", "{'a': {'$symbol': 'x'}}"}},
    {"{'a': {'$type': 'array'}}", "", {"{'a': []}", "{'a': [1]}"}, {"{'a': 1}"}},
    {"{'a': {'$type': 'number'}}",
     "",
     {"{'a': 1}", "{'a': 1.5}", "{'a': {'$numberLong': '1'}}", "{'a': {'$numberDecimal': '1'}}"},
     {"{'a': '1'}", "{'a': {'$timestamp': {'t': 1, 'i': 1}}}"}},
    {"{'a': {'$type': [-1, 127, 10]}}",
     "",
     {"{'a': null}", "{'a': {'$minKey': 1}}", "{'a': {'$maxKey': 1}}"},
     {"{}", "{'a': 1}"}},
    {"{'a': {'$type': 6}}", "", {"{'a': {'$undefined': true}}"}, {"{}", "{'a': null}"}},
    {"{'a': {'x': 1, 'y': 2}}",
     "",
     {"{'a': {'x': 1, 'y': 2.0}}", "{'a': [{'x': 1, 'y': 2}]}"},
     {"{'a': {'y': 2, 'x': 1}}", "{'a': {'x': 1}}", "{'a': {'x': 1, 'y': 2, 'z': 3}}"}},
    {"{'a': {'$gt': {'x': 1}}}",
     "",
     {"{'a': {'x': 2}}", "{'a': {'x': 1, 'b': 1}}", "{'a': {'y': 0}}", "{'a': {'x': 'a'}}"},
     {"{'a': {'x': 1}}", "{'a': {}}", "{'a': {'w': 5}}", "{'a': {'x': null}}"}},
    {"{'a': [1, 2]}",
     "",
     {"{'a': [1, 2]}", "{'a': [[1, 2], 3]}", "{'a': [1, 2.0]}"},
     {"{'a': [1]}", "{'a': [1, 2, 3]}", "{'a': [2, 1]}", "{'a': 1}"}},
    {"{'a': {'$lt': [2]}}", "", {"{'a': [1, 5]}", "{'a': []}"}, {"{'a': [2]}", "{'a': [3]}"}},
    {"{'a': {'$ref': 'c', '$id': 1}}", "", {"{'a': {'$ref': 'c', '$id': 1}}"}, {"{'a': 1}"}},
    {"{'a': false}", "", {"{'a': false}"}, {"{}", "{'a': 0}", "{'a': null}", "{'a': true}"}},
    {"{'$or': [{'a': 1}, {'b': {'$gt': 1}, 'c': 1}]}",
     "",
     {"{'a': 1}", "{'b': 2, 'c': 1}"},
     {"{'b': 2}", "{'c': 1}", "{}"}},
    {"{'$and': [{'$or': [{'a': 1}, {'b': 1}]}, {'$or': [{'c': 1}, {'d': 1}]}]}",
     "",
     {"{'a': 1, 'd': 1}", "{'b': 1, 'c': 1}"},
     {"{'a': 1, 'b': 1}", "{'c': 1, 'd': 1}"}},
    {"{'_id': {'$exists': true}}", "", {"{}", "{'_id': 1}"}, {NULL}},
    {"{'_id': {'$type': 'objectId'}}", "", {"{}"}, {"{'_id': 1}"}},
    {"{'a': {'$gt': {'$date': {'$numberLong': '-1'}}}}",
     "",
     {"{'a': {'$date': {'$numberLong': '0'}}}"},
     {"{'a': {'$date': {'$numberLong': '-2'}}}", "{'a': {'$timestamp': {'t': 5, 'i': 5}}}"}},
    {"{'a': {'$lt': {'$timestamp': {'t': 2, 'i': 1}}}}",
     "",
     {"{'a': {'$timestamp': {'t': 1, 'i': 9}}}", "{'a': {'$timestamp': {'t': 2, 'i': 0}}}"},
     {"{'a': {'$timestamp': {'t': 2, 'i': 1}}}"}},
    {"{'a': {'$gt': {'$binary': {'base64': 'AQ==', 'subType': '05'}}}}",
     "",
     {"{'a': {'$binary': {'base64': 'AAA=', 'subType': '00'}}}",
      "{'a': {'$binary': {'base64': 'AA==', 'subType': '06'}}}",
      "{'a': {'$binary': {'base64': 'Ag==', 'subType': '05'}}}"},
     {"{'a': {'$binary': {'base64': '/w==', 'subType': '00'}}}",
      "{'a': {'$binary': {'base64': 'AQ==', 'subType': '05'}}}"}},
    {"{'a': {'$eq': {'$regularExpression': {'pattern': 'x', 'options': 'i'}}}}",
     "",
     {"{'a': {'$regularExpression': {'pattern': 'x', 'options': 'i'}}}"},
     {"{'a': {'$regularExpression': {'pattern': 'x', 'options': ''}}}", "{'a': 'x'}"}},
    {"{'a': {'$gte': {'$code': 'b', '$scope': {'s': 1}}}}",
     "",
     {"{'a': {'$code': 'b', '$scope': {'s': 1}}}", "{'a': {'$code': 'c', '$scope': {}}}"},
     {"{'a': {'$code': 'b', '$scope': {'s': 0}}}", "{'a': {'$code': 'b'}}"}},
    {"{'a': {'$lt': 'b'}}",
     "",
     {"{'a': 'a'}", "{'a': 'aa'}", "{'a': {'$symbol': ''}}"},
     {"{'a': 'b'}", "{'a': 'ba'}", "{'a': {'$code': 'a'}}"}},
};

Test(filter, holds_what_the_server_would)
{
    for (size_t i = 0; i < sizeof matches / sizeof *matches; i++) {
        struct test_spec spec = filtered(matches[i].filter, matches[i].server);
        for (size_t k = 0; k < 12 && matches[i].held[k] != NULL; k++) {
            char *keys = test_spec_keys(&spec, matches[i].held[k]);
            cr_assert_str_eq(keys, "{ x: null }", "%s leaves out %s", matches[i].filter,
                             matches[i].held[k]);
            free(keys);
        }
        for (size_t k = 0; k < 12 && matches[i].left[k] != NULL; k++) {
            char *keys = test_spec_keys(&spec, matches[i].left[k]);
            cr_assert_str_eq(keys, "none", "%s holds %s", matches[i].filter, matches[i].left[k]);
            free(keys);
        }
        test_spec_free(&spec);
    }
}

/* The positions of path_test.cpp: what {PATH: 5} finds. */
static const struct {
    const char *path;
    const char *document;
    int held;
} positions[] = {
    {"a.0", "{'a': [5]}", 1},
    {"a.1", "{'a': [5]}", 0},
    {"a.0", "{'a': [[5]]}", 0}, /* the entry itself, which is an array */
    {"a.0", "{'a': [4, {'0': 5}]}", 1},
    {"a.0", "{'a': [{'0': 5}]}", 1},
    {"a.0", "{'a': [{'0': [4, 5]}]}", 1},
    {"a.0", "{'a': {'0': 5}}", 1},
    {"a.00", "{'a': [5]}", 0},
    {"a.0.b", "{'a': [{'b': 5}]}", 1},
    {"a.1.b", "{'a': [{'b': 5}]}", 0},
    {"a.1.b", "{'a': [{'b': 5}, 7]}", 0},
    {"a.0.b", "{'a': [{'0': {'b': 5}}]}", 1},
    {"a.0.b", "{'a': [[{'b': 5}]]}", 1},
    {"a.0.0", "{'a': [[5]]}", 1},
    {"a.0.0", "{'a': [{'0': [5]}]}", 1},
    {"a.0.0.b", "{'a': [[{'b': 5}]]}", 1},
    {"a.0.b", "{'a': [5]}", 0},
    {"a.b", "{'a': [{'b': [4, 5]}]}", 1},
    {"a.b.0", "{'a': [{'b': [5, 4]}]}", 1},
    {"a.b.1", "{'a': [{'b': [5, 4]}]}", 0},
};

Test(filter, sees_positions_as_the_server_does)
{
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
        char filter[64];
        (void)snprintf(filter, sizeof filter, "{'%s': 5}", positions[i].path);
        struct test_spec spec = filtered(filter, "");
        char *keys = test_spec_keys(&spec, positions[i].document);
        cr_assert_str_eq(keys, positions[i].held ? "{ x: null }" : "none", "%s in %s",
                         positions[i].path, positions[i].document);
        free(keys);
        test_spec_free(&spec);
    }
}

Test(filter, decides_before_keys_are_made)
{
    struct test_spec spec =
        test_spec_of("{'key': {'a': 1, 'b': 1}, 'partialFilterExpression': {'k': 1}}", "");
    test_spec_expect(&spec, "{'a': [1], 'b': [2], 'k': 0}", "none");
    test_spec_expect(&spec, "{'a': [1], 'b': [2], 'k': 1}",
                     "refused: cannot index parallel arrays [b] [a]");
    test_spec_free(&spec);
}

Test(filter, compares_strings_under_the_collation)
{
    struct test_spec spec = test_spec_of(
        "{'key': {'x': 1}, 'collation': {'locale': 'en', 'strength': 1}, "
        "'partialFilterExpression': {'s': {'$in': ['on', {'t': ['u']}]}, 'r': {'$gt': 'B'}}}",
        "");
    test_spec_expect(&spec, "{'s': 'ON', 'r': 'c'}", "{ x: null }");
    test_spec_expect(&spec, "{'s': {'t': ['U']}, 'r': 'C'}", "{ x: null }");
    test_spec_expect(&spec, "{'s': {'T': ['u']}, 'r': 'C'}", "none");
    test_spec_expect(&spec, "{'s': 'on', 'r': 'b'}", "none");
    test_spec_expect(&spec, "{'s': 'off', 'r': 'c'}", "none");
    test_spec_free(&spec);
}

/* ---- bounds ---- */

Test(filter, damage_counts_only_where_its_path_leads)
{
    struct bm_error err = BM_ERROR_INIT;
    struct test_spec spec = filtered("{'o.y': 1}", "");
    const struct bm_index *list[] = {spec.index};
    struct bm_keyset *keyset = bm_keyset_new(list, 1, &err);
    /* {x: 1, o: {y: 1, z: 2}}: x at 4, o at 11, y at 18, z at 25 */
    struct bm_buffer document = test_bson("{'x': 1, 'o': {'y': 1, 'z': 2}}");
    document.data[25] = 0x55;
    cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&document), &err), BM_OK);
    cr_assert_eq(bm_keyset_keys(keyset, 0)->count, 1);
    document.data[18] = 0x55;
    cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&document), &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_CORRUPT);
    cr_assert_eq(err.offset, 18);
    bm_keyset_free(keyset);
    bm_buffer_free(&document);
    test_spec_free(&spec);
}

/* {a: [{0: [{0: [… ]}]}]}: each level can be entered by its name and by its position. */
Test(filter, arrays_that_multiply_are_refused_soon)
{
    char json[2000] = "1";
    char path[400] = "a";
    for (size_t i = 0; i < 45; i++) {
        char outer[2000];
        (void)snprintf(outer, sizeof outer, "[{'0': %.1900s}]", json);
        memcpy(json, outer, sizeof json);
        (void)strcat(path, ".0.0");
    }
    char filter[500];
    char document[2100];
    (void)snprintf(filter, sizeof filter, "{'%s': 7}", path);
    (void)snprintf(document, sizeof document, "{'a': %s}", json);
    struct test_spec spec = filtered(filter, "");
    char *keys = test_spec_keys(&spec, document);
    cr_assert_eq(strncmp(keys, "refused: the arrays of a document multiply", 42), 0, "%s", keys);
    free(keys);
    test_spec_free(&spec);
}

Test(filter, a_damaged_filter_is_a_reason)
{
    struct bm_error err = BM_ERROR_INIT;
    const struct bm_index_home home = {bm_server_parse(""), BM_NAMESPACE_COLLECTION};
    struct bm_buffer key = test_bson("{'x': 1}");
    struct bm_buffer filter = test_bson("{'$or': [{'a': {'$in': [1, {'b': 2}]}}]}");
    for (size_t i = 0; i < filter.len; i++) {
        struct bm_buffer damaged = BM_BUFFER_INIT(1000);
        cr_assert_eq(bm_buffer_append(&damaged, bm_buffer_view(&filter), &err), BM_OK);
        damaged.data[i] = 0xee;
        struct bm_index_spec spec = {.name = "x_1",
                                     .key = bm_buffer_view(&key),
                                     .partial = bm_buffer_view(&damaged),
                                     .unique = 1};
        struct bm_index *index = bm_index_new(&spec, &home, &err);
        cr_assert_not_null(index);
        bm_index_free(index);
        bm_buffer_free(&damaged);
    }
    bm_buffer_free(&key);
    bm_buffer_free(&filter);
}

/* Entries of an array are told by their order; a document may call them as it likes. Only a name of
 * digits is a position. */
Test(filter, names_of_entries_count_as_positions_alone)
{
    static const struct {
        const char *filter;
        char name; /* of the first entry */
        const char *keys;
    } cases[] = {
        {"{'a': [7, 8]}", 'z', "{ x: 1 }"}, {"{'a.z': 7}", 'z', "none"},
        {"{'a.5': 7}", '5', "{ x: 1 }"},    {"{'a.0': 7}", '5', "none"},
        {"{'a.0': 7}", '0', "{ x: 1 }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct test_spec spec = filtered(cases[i].filter, "");
        struct bm_buffer document = test_bson("{'a': [7, 8], 'x': 1}");
        struct bm_element array = test_element(&document, "a");
        document.data[array.value.data - document.data + 5] = (uint8_t)cases[i].name;
        char *keys = test_spec_keys_of(&spec, bm_buffer_view(&document));
        cr_expect_str_eq(keys, cases[i].keys, "%s: %s", cases[i].filter, keys);
        free(keys);
        bm_buffer_free(&document);
        test_spec_free(&spec);
    }
}

/* As in keys, a collation ends at code. */
Test(filter, the_scope_of_code_is_not_collated)
{
    struct test_spec spec = test_spec_of(
        "{'key': {'x': 1}, 'collation': {'locale': 'en', 'strength': 1}, "
        "'partialFilterExpression': {'c': {'$eq': {'$code': 'f', '$scope': {'s': 'a'}}}}}",
        "");
    test_spec_expect(&spec, "{'x': 1, 'c': {'$code': 'f', '$scope': {'s': 'a'}}}", "{ x: 1 }");
    test_spec_expect(&spec, "{'x': 1, 'c': {'$code': 'f', '$scope': {'s': 'A'}}}", "none");
    test_spec_free(&spec);
}
