/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "bsonmend/key.h"
#include "key/canonical.h"
#include "key/harvest.h"
#include "support/bson_text.h"
#include "support/index_of.h"

#define AMBIGUOUS                                                                                  \
    "refused: Ambiguous field name found in array (do not use numeric field names in embedded "    \
    "elements in an array), field: '0' for array: "

static const struct {
    const char *fields;
    const char *document;
    const char *keys;
} cases[] = {
    /* one field */
    {"a", "{}", "(null)"},
    {"a", "{'a': null}", "(null)"},
    {"a", "{'a': {'$undefined': true}}", "(undefined)"},
    {"a", "{'a': []}", "(undefined)"},
    {"a", "{'a': [1, 2, 2]}", "(1) (2)"},
    {"a", "{'a': [null]}", "(null)"},
    {"a", "{'a': [[1, 2], [3]]}", "([ 1, 2 ]) ([ 3 ])"},
    {"a", "{'a': [[]]}", "([])"},
    {"a", "{'a': [{'x': 1}]}", "({ x: 1 })"},
    {"a", "{'a': 2, 'a': 3}", "(2)"},
    {"a", "{'a': [0, {'$numberLong': '0'}, 0.0]}", "(0)"},
    {"a", "{'a': [1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 9, 5, 10]}",
     "(1) (2) (3) (4) (5) (6) (7) (8) (9) (10)"},
    /* dotted */
    {"a.b", "{'a': 5}", "(null)"},
    {"a.b", "{'a': null}", "(null)"},
    {"a.b", "{'a': {'$undefined': true}}", "(null)"},
    {"a.b", "{}", "(null)"},
    {"a.b", "{'a': []}", "(null)"},
    {"a.b", "{'a': {'b': []}}", "(undefined)"},
    {"a.b", "{'a': [1, 2]}", "(null)"},
    {"a.b", "{'a': [{'b': 1}, {'c': 2}]}", "(1) (null)"},
    {"a.b", "{'a': [[{'b': 1}]]}", "(null)"},
    {"a.b", "{'a': [{'b': [1, 2]}, {'b': 3}]}", "(1) (2) (3)"},
    {"a.b", "{'a.b': 1}", "(null)"},
    {"a.b", "{'a': {'b': 1, 'b': 2}, 'a': {'b': 3}}", "(1)"},
    {"a.b.c", "{'a': {'b': {'c': {'d': 1}}}}", "({ d: 1 })"},
    {"a.b.c", "{'a': [{'b': [{'c': 1}, {'c': [2, 3]}]}, {'b': []}, {'b': [[]]}]}",
     "(1) (2) (3) (null)"},
    {"a.b.c", "{'a': [{'b': {'c': []}}]}", "(undefined)"},
    /* compound */
    {"a,b", "{'a': [1, 2], 'b': 3}", "(1,3) (2,3)"},
    {"a,b", "{'b': 3}", "(null,3)"},
    {"a,b", "{'a': [1], 'b': [2]}", "refused: cannot index parallel arrays [b] [a]"},
    {"a,b", "{'a': [], 'b': []}", "refused: cannot index parallel arrays [b] [a]"},
    {"a.b,a.c", "{'a': [{'b': 1, 'c': 2}, {'b': 3, 'c': 4}]}", "(1,2) (3,4)"},
    {"a.b,a.c", "{'a': [{'b': 1}, {'c': 2}]}", "(1,null) (null,2)"},
    {"a.b,a.c", "{'a': [{'b': [1], 'c': [2]}]}", "refused: cannot index parallel arrays [c] [b]"},
    {"a.b,a.c", "{'a': [{'b': [1, 2], 'c': 5}, {'b': 3, 'c': [6]}]}", "(1,5) (2,5) (3,6)"},
    {"a,a.b", "{'a': [1, {'b': [2, 3]}]}", "(1,null) ({ b: [ 2, 3 ] },2) ({ b: [ 2, 3 ] },3)"},
    {"a,a.b", "{'a': []}", "(undefined,null)"},
    {"a,b.c", "{'a': 1, 'b': [{'c': 2}, 7]}", "(1,2) (1,null)"},
    /* positions */
    {"a.0", "{'a': [1, 2]}", "(1)"},
    {"a.0", "{'a': [[1, 2]]}", "([ 1, 2 ])"},
    {"a.0", "{'a': [[]]}", "(undefined)"},
    {"a.0", "{'a': {'0': 1}}", "(1)"},
    {"a.0", "{'a': []}", "(null)"},
    {"a.0.b", "{'a': [[{'b': 1}, {'b': 2}]]}", "(1) (2)"},
    {"a.0.b", "{'a': [[{'b': 1}, {'b': 2}], 5, [7]]}", "(1) (2)"},
    {"a.0.b", "{'a': [{'b': 1}, {'b': 2}]}", "(1)"},
    {"a.0.0.b", "{'a': [[[{'b': 1}]]]}", "(1)"},
    {"a.0.0.b", "{'a': [[[[{'b': 1}]]]]}", "(null)"},
    {"a.2", "{'a': [{'2': 5}]}", "(5)"},
    {"a.2", "{'a': [1]}", "(null)"},
    {"a.2", "{'a': [[1, 2, 5], {'2': 6}]}", "(null) (6)"},
    {"a.00", "{'a': [1, {'00': 2}]}", "(null) (2)"},
    {"a.-1", "{'a': [{'-1': 3}]}", "(3)"},
    {"a.0.0", "{'a': []}", "(null)"},
    {"a.0.0", "{'a': [[]]}", "(null)"},
    {"a.0.0", "{'a': [[[]]]}", "(undefined)"},
    {"a.0", "{'a': [{'0': 1}]}", AMBIGUOUS "{ 0: { 0: 1 } }"},
    {"a.0", "{'a': [1, {'0': 2}]}", AMBIGUOUS "{ 0: 1, 1: { 0: 2 } }"},
    {"a.0,a", "{'a': [1, 2]}", "(1,1) (1,2)"},
    {"a.0,b", "{'a': [1], 'b': [2]}", "refused: cannot index parallel arrays [b] [a]"},
    {"a.0.b,a.0.c", "{'a': [[{'b': 1, 'c': 2}, {'b': 3}]]}", "(1,2) (3,null)"},
    {"a.0.b,a.b", "{'a': [{'b': 1}, {'b': 2}]}", "(1,1) (1,2)"},
    /* _id as a whole */
    {"_id", "{'a': 1}", "none"},
    {"_id", "{'_id': null}", "(null)"},
    {"_id", "{'_id': {'a': [1, 2]}}", "({ a: [ 1, 2 ] })"},
    {"_id", "{'_id': 1, '_id': [2]}", "refused: can't have multiple _id fields in one document"},
    {"_id", "{'_id': [1]}", "refused: The '_id' value cannot be of type array"},
    {"_id", "{'_id': {'$undefined': true}}",
     "refused: The '_id' value cannot be of type undefined"},
    {"_id", "{'_id': {'$regularExpression': {'pattern': 'a', 'options': ''}}}",
     "refused: The '_id' value cannot be of type regex"},
    {"_id.a", "{'_id': {'a': [1, 2]}}", "(1) (2)"},
    {"_id,a", "{'_id': [1, 2]}", "(1,null) (2,null)"},
};

Test(generate, keys_are_those_of_the_server)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *keys = test_keys_of(cases[i].fields, cases[i].document);
        cr_assert_str_eq(keys, cases[i].keys, "%s over %s: %s, not %s", cases[i].fields,
                         cases[i].document, keys, cases[i].keys);
        free(keys);
    }
}

/* ---- documents too long to write down ---- */

static void put(struct bm_buffer *out, const void *bytes, size_t len)
{
    struct bm_error err = BM_ERROR_INIT;
    cr_assert_eq(bm_buffer_append(out, (struct bm_view){bytes, len}, &err), BM_OK);
}

static size_t open_at(struct bm_buffer *out)
{
    put(out, "\0\0\0\0", 4);
    return out->len - 4;
}

static void close_at(struct bm_buffer *out, size_t start)
{
    put(out, "", 1);
    bm_put_le32(out->data + start, (uint32_t)(out->len - start));
}

static void put_entry(struct bm_buffer *out, uint8_t type, uint32_t number)
{
    char name[16];
    int len = snprintf(name, sizeof name, "%u", (unsigned)number);
    put(out, &type, 1);
    put(out, name, (size_t)len + 1);
}

static void put_integers(struct bm_buffer *out, uint32_t count, uint32_t distinct)
{
    size_t start = open_at(out);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t value[4];
        bm_put_le32(value, i % distinct);
        put_entry(out, BM_TYPE_INT32, i);
        put(out, value, 4);
    }
    close_at(out, start);
}

static const struct bm_keys *make(const char *fields, const struct bm_buffer *document,
                                  struct bm_index **index, struct bm_keyset **keyset)
{
    struct bm_error err = BM_ERROR_INIT;
    *index = test_index_of(fields);
    const struct bm_index *list[] = {*index};
    *keyset = bm_keyset_new(list, 1, &err);
    cr_assert_not_null(*keyset);
    cr_assert_eq(bm_keyset_make(*keyset, bm_buffer_view(document), &err), BM_OK, "%s", err.text);
    return bm_keyset_keys(*keyset, 0);
}

Test(generate, many_entries_of_few_values_are_few_keys)
{
    struct bm_buffer document = BM_BUFFER_INIT((size_t)64 << 20);
    size_t start = open_at(&document);
    put(&document,
        "\x04"
        "a",
        3);
    put_integers(&document, 1000000, 1000);
    close_at(&document, start);
    struct bm_index *index;
    struct bm_keyset *keyset;
    const struct bm_keys *keys = make("a", &document, &index, &keyset);
    cr_assert_null(keys->unindexable);
    cr_assert_eq(keys->count, 1000);
    for (size_t i = 0; i < keys->count; i++) {
        cr_assert_eq(bm_le32(keys->keys[i].parts[0].value.data), i);
    }
    /* a small document afterwards is not troubled by the large one */
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer small = test_bson("{'a': [7, 7, 8]}");
    cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&small), &err), BM_OK);
    cr_assert_eq(bm_keyset_keys(keyset, 0)->count, 2);
    bm_keyset_free(keyset);
    bm_index_free(index);
    bm_buffer_free(&small);
    bm_buffer_free(&document);
}

/* a.0.b is a long array, made anew for each entry of a: 10^10 pairs. */
Test(generate, arrays_that_multiply_are_refused_soon)
{
    struct bm_buffer document = BM_BUFFER_INIT((size_t)64 << 20);
    size_t start = open_at(&document);
    put(&document,
        "\x04"
        "a",
        3);
    size_t outer = open_at(&document);
    put_entry(&document, BM_TYPE_OBJECT, 0);
    size_t first = open_at(&document);
    put(&document,
        "\x04"
        "b",
        3);
    put_integers(&document, 100000, 100000);
    close_at(&document, first);
    for (uint32_t i = 1; i < 100000; i++) {
        put_entry(&document, BM_TYPE_NULL, i);
    }
    close_at(&document, outer);
    close_at(&document, start);
    struct bm_index *index;
    struct bm_keyset *keyset;
    const struct bm_keys *keys = make("a.c,a.0.b", &document, &index, &keyset);
    cr_assert_eq(keys->count, 0);
    cr_assert_str_eq(keys->unindexable, bm_refusal_words(BM_REFUSAL_NUMBER));
    bm_keyset_free(keyset);
    bm_index_free(index);
    /* alone, the position gives the same keys for every entry: they are made once */
    keys = make("a.0.b", &document, &index, &keyset);
    cr_assert_null(keys->unindexable);
    cr_assert_eq(keys->count, 100000);
    bm_keyset_free(keyset);
    bm_index_free(index);
    bm_buffer_free(&document);
}

/* A long string beside an array of distinct values: each key holds the string. */
Test(generate, keys_past_64_mib_are_refused)
{
    struct bm_buffer document = BM_BUFFER_INIT((size_t)64 << 20);
    uint32_t len = 1 << 20;
    size_t start = open_at(&document);
    put(&document,
        "\x02"
        "s",
        3);
    uint8_t prefix[4];
    bm_put_le32(prefix, len + 1);
    put(&document, prefix, 4);
    for (uint32_t i = 0; i < len; i++) {
        put(&document, "x", 1);
    }
    put(&document,
        "\0\x04"
        "a",
        4);
    size_t array = document.len;
    put_integers(&document, 63, 63);
    close_at(&document, start);
    struct bm_index *index;
    struct bm_keyset *keyset;
    const struct bm_keys *keys = make("s,a", &document, &index, &keyset);
    cr_assert_null(keys->unindexable);
    cr_assert_eq(keys->count, 63);
    bm_keyset_free(keyset);
    bm_index_free(index);
    document.len = array;
    put_integers(&document, 64, 64);
    close_at(&document, start);
    keys = make("s,a", &document, &index, &keyset);
    cr_assert_eq(keys->count, 0);
    cr_assert_str_eq(keys->unindexable, bm_refusal_words(BM_REFUSAL_BYTES));
    bm_keyset_free(keyset);
    bm_index_free(index);
    bm_buffer_free(&document);
}

/* {a: [{a: [{a: … }]}]} and the path a.a.a…: an array on each of its levels. */
static const struct bm_keys *make_deep(size_t levels, struct bm_index **index,
                                       struct bm_keyset **keyset, struct bm_buffer *document)
{
    struct bm_buffer path = BM_BUFFER_INIT(4096);
    size_t starts[1024];
    for (size_t i = 0; i < levels; i++) {
        put(&path, i == 0 ? "a" : ".a", i == 0 ? 1 : 2);
        starts[2 * i] = open_at(document);
        put(document,
            "\x04"
            "a",
            3);
        starts[2 * i + 1] = open_at(document);
        put(document,
            i + 1 < levels ? "\x03"
                             "0"
                           : "\x0a"
                             "0",
            3);
    }
    for (size_t i = 2 * levels; i-- > 0;) {
        close_at(document, starts[i]);
    }
    put(&path, "", 1);
    const struct bm_keys *keys = make((const char *)path.data, document, index, keyset);
    bm_buffer_free(&path);
    return keys;
}

Test(generate, arrays_on_a_path_are_bounded_in_depth)
{
    for (size_t levels = BM_DEPTH_MOST; levels <= BM_DEPTH_MOST + 1; levels++) {
        struct bm_buffer document = BM_BUFFER_INIT((size_t)1 << 20);
        struct bm_index *index;
        struct bm_keyset *keyset;
        const struct bm_keys *keys = make_deep(levels, &index, &keyset, &document);
        if (levels == BM_DEPTH_MOST) {
            cr_assert_null(keys->unindexable);
            cr_assert_eq(keys->count, 1);
        } else {
            cr_assert_str_eq(keys->unindexable, bm_refusal_words(BM_REFUSAL_DEPTH));
        }
        bm_keyset_free(keyset);
        bm_index_free(index);
        bm_buffer_free(&document);
    }
}

static const struct {
    const char *fields;
    const char *document;
    enum bm_origin origins[2];
} origins[] = {
    {"a,b", "{'a': null}", {BM_ORIGIN_VALUE, BM_ORIGIN_MISSING}},
    {"a,b", "{'a': [], 'b': {'$undefined': true}}", {BM_ORIGIN_EMPTY_ARRAY, BM_ORIGIN_VALUE}},
    {"a.x,b.x", "{'a': [], 'b': 5}", {BM_ORIGIN_MISSING, BM_ORIGIN_MISSING}},
    {"a.x,a.y", "{'a': [{'x': null}]}", {BM_ORIGIN_VALUE, BM_ORIGIN_MISSING}},
};

Test(generate, a_part_tells_where_it_came_from)
{
    for (size_t i = 0; i < sizeof origins / sizeof *origins; i++) {
        struct bm_buffer document = test_bson(origins[i].document);
        struct bm_index *index;
        struct bm_keyset *keyset;
        const struct bm_keys *keys = make(origins[i].fields, &document, &index, &keyset);
        cr_assert_eq(keys->count, 1);
        for (size_t part = 0; part < 2; part++) {
            cr_assert_eq(keys->keys[0].parts[part].origin, origins[i].origins[part], "%s, part %zu",
                         origins[i].document, part);
        }
        bm_keyset_free(keyset);
        bm_index_free(index);
        bm_buffer_free(&document);
    }
}
