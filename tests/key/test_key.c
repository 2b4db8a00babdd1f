/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "bsonmend/key.h"
#include "support/bson_text.h"
#include "support/index_of.h"
#include "support/spec_of.h"

static const struct bm_index_home home = {{INT_MAX, 0}, BM_NAMESPACE_COLLECTION};

/* The first key of a document in one index, as text, as a document, and in canonical form. */
static const struct {
    const char *fields, *document, *text, *key;
} cases[] = {
    {"resultToken", "{}", "{ resultToken: null }", "{'resultToken': null}"},
    {"a,b.c", "{'a': 1, 'b': {'c': 'x'}}", "{ a: 1, b.c: \"x\" }", "{'a': 1, 'b.c': 'x'}"},
    {"a", "{'a': []}", "{ a: undefined }", "{'a': {'$undefined': true}}"},
    {"a", "{'a': {'b': [true]}}", "{ a: { b: [ true ] } }", "{'a': {'b': [true]}}"},
};

Test(key, is_shown_as_text_and_as_a_document)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct bm_index *index = test_index_of(cases[i].fields);
        const struct bm_index *list[] = {index};
        struct bm_keyset *keyset = bm_keyset_new(list, 1, &err);
        struct bm_buffer document = test_bson(cases[i].document);
        struct bm_buffer expected = test_bson(cases[i].key);
        struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
        cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&document), &err), BM_OK);
        const struct bm_key *key = &bm_keyset_keys(keyset, 0)->keys[0];
        cr_assert_eq(bm_buffer_append_text(&out, "before", &err), BM_OK);
        cr_assert_eq(bm_key_document(index, key, &out, &err), BM_OK);
        struct bm_view behind = {out.data + 6, out.len - 6};
        cr_assert(bm_view_equal(behind, bm_buffer_view(&expected)), "%s", cases[i].document);
        bm_buffer_clear(&out);
        cr_assert_eq(bm_key_text(index, key, &out, &err), BM_OK);
        cr_assert(bm_view_equal(bm_buffer_view(&out), bm_view_text(cases[i].text)), "%.*s",
                  (int)out.len, (const char *)out.data);
        bm_buffer_free(&out);
        bm_buffer_free(&expected);
        bm_buffer_free(&document);
        bm_keyset_free(keyset);
        bm_index_free(index);
    }
}

Test(key, canonical_of_a_value_is_that_of_its_key)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_index *index = test_index_of("a");
    const struct bm_index *list[] = {index};
    struct bm_keyset *keyset = bm_keyset_new(list, 1, &err);
    struct bm_buffer document = test_bson("{'a': 'token'}");
    struct bm_buffer out = BM_BUFFER_INIT(1024);
    struct bm_element element = test_element(&document, "a");
    cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&document), &err), BM_OK);
    cr_assert_eq(bm_key_canonical(element.type, element.value, &out, &err), BM_OK);
    cr_assert(bm_view_equal(bm_buffer_view(&out), bm_keyset_keys(keyset, 0)->keys[0].canonical));
    bm_buffer_free(&out);
    bm_buffer_free(&document);
    bm_keyset_free(keyset);
    bm_index_free(index);
}

Test(key, canonical_refuses_what_is_too_deep)
{
    struct bm_buffer value = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
    struct bm_error err = BM_ERROR_INIT;
    for (size_t left = 201; left > 0; left--) {
        uint8_t head[7] = {0, 0, 0, 0, BM_TYPE_ARRAY, '0', 0};
        uint32_t len = (uint32_t)(5 + 8 * (left - 1));
        head[0] = (uint8_t)len;
        head[1] = (uint8_t)(len >> 8);
        struct bm_view part = {head, left > 1 ? 7 : 4};
        cr_assert_eq(bm_buffer_append(&value, part, &err), BM_OK);
    }
    for (size_t i = 0; i < 201; i++) {
        cr_assert_eq(bm_buffer_append_byte(&value, 0, &err), BM_OK);
    }
    cr_assert_eq(bm_key_canonical(BM_TYPE_ARRAY, bm_buffer_view(&value), &out, &err), BM_FAIL);
    cr_assert_eq(err.code, BM_ERROR_VIOLATION);
    bm_buffer_free(&out);
    bm_buffer_free(&value);
}

Test(key, a_pattern_is_shown_with_its_directions)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_buffer pattern = test_bson("{'a.b': 1, 'c': -1.0, 'd': 'text'}");
    struct bm_index_spec spec = {.name = "x", .key = bm_buffer_view(&pattern)};
    spec.kind = BM_INDEX_TEXT;
    struct bm_index *index = bm_index_new(&spec, &home, &err);
    struct bm_buffer out = BM_BUFFER_INIT(1024);
    cr_assert_eq(bm_pattern_text(index, &out, &err), BM_OK);
    struct bm_view expected = bm_view_text("{ a.b: 1, c: -1.0, d: \"text\" }");
    cr_assert(bm_view_equal(bm_buffer_view(&out), expected), "%.*s", (int)out.len,
              (const char *)out.data);
    bm_buffer_free(&out);
    bm_index_free(index);
    bm_buffer_free(&pattern);
}

/* A key may be as large as a document; what is printed of it is not. */
Test(key, a_long_text_is_cut)
{
    struct bm_error err = BM_ERROR_INIT;
    struct bm_index *index = test_index_of("a");
    struct bm_buffer value = BM_BUFFER_INIT((size_t)1 << 20);
    cr_assert_eq(bm_buffer_append(&value, (struct bm_view){(const uint8_t *)"\0\0\0\0", 4}, &err),
                 BM_OK);
    for (size_t i = 0; i < 10000; i++) {
        struct bm_view entry = {(const uint8_t *)"\x0a"
                                                 "x",
                                3};
        cr_assert_eq(bm_buffer_append(&value, entry, &err), BM_OK);
    }
    cr_assert_eq(bm_buffer_append_byte(&value, 0, &err), BM_OK);
    value.data[0] = (uint8_t)value.len;
    value.data[1] = (uint8_t)(value.len >> 8);
    struct bm_key_part part = {BM_TYPE_OBJECT, BM_ORIGIN_VALUE, bm_buffer_view(&value)};
    struct bm_key key = {.parts = &part};
    struct bm_buffer out = BM_BUFFER_INIT(20000);
    cr_assert_eq(bm_key_text(index, &key, &out, &err), BM_OK);
    cr_assert_eq(out.len, 16384 + 3);
    cr_assert_eq(memcmp(out.data + out.len - 3, "...", 3), 0);
    bm_buffer_free(&out);
    bm_buffer_free(&value);
    bm_index_free(index);
}

/* ---- in the words of each server ---- */

static const struct {
    const char *entry;
    const char *server;
    const char *document;
    const char *message; /* for d.c */
} messages[] = {
    {"{'key': {'a': 1, 'b': -1}}", "", "{'a': 1.0, 'b': 'x'}",
     "E11000 duplicate key error collection: d.c index: i_1 dup key: { a: 1.0, b: \"x\" }"},
    {"{'key': {'a': 1, 'b': -1}}", "4.2", "{'a': 1.0, 'b': 'x'}",
     "E11000 duplicate key error collection: d.c index: i_1 dup key: { a: 1.0, b: \"x\" }"},
    {"{'key': {'a': 1, 'b': -1}}", "4.0", "{'a': 1.0, 'b': 'x'}",
     "E11000 duplicate key error collection: d.c index: i_1 dup key: { : 1.0, : \"x\" }"},
    {"{'key': {'a': 1}}", "2.6", "{'a': 1}",
     "E11000 duplicate key error index: d.c.$i_1 dup key: { : 1 }"},
    {"{'key': {'a': 1}}", "2.4", "{'a': 1}",
     "E11000 duplicate key error index: d.c.$i_1  dup key: { : 1 }"},
    {"{'key': {'_id': 1}, 'clustered': true}", "7.0", "{'_id': 1}",
     "E11000 duplicate key error collection: d.c dup key: { _id: 1 } found value: <record id>"},
    {"{'key': {'a': 1, 'b': 1}, 'collation': {'locale': 'en', 'version': '57.1'}}", "7.0",
     "{'a': 'x', 'b': 2}",
     "E11000 duplicate key error collection: d.c index: i_1 collation: { locale: \"en\", version: "
     "\"57.1\" } dup key: { a: <ICU sort key of \"x\">, b: 2 }"},
    {"{'key': {'a': 1}, 'collation': {'locale': 'en'}}", "4.4", "{'a': {'n': 'x'}}",
     "E11000 duplicate key error collection: d.c index: i_1 dup key: { a: <ICU sort keys of the "
     "strings in { n: \"x\" }> }"},
};

Test(key, a_message_has_the_form_of_its_server)
{
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        struct bm_error err = BM_ERROR_INIT;
        struct test_spec spec = test_spec_of(messages[i].entry, messages[i].server);
        const struct bm_index *list[] = {spec.index};
        struct bm_keyset *keyset = bm_keyset_new(list, 1, &err);
        struct bm_buffer document = test_bson(messages[i].document);
        struct bm_buffer out = BM_BUFFER_INIT((size_t)1 << 20);
        cr_assert_eq(bm_keyset_make(keyset, bm_buffer_view(&document), &err), BM_OK);
        const struct bm_key *key = &bm_keyset_keys(keyset, 0)->keys[0];
        cr_assert_eq(bm_key_message(spec.index, "d.c", key, &out, &err), BM_OK);
        cr_assert(bm_view_equal(bm_buffer_view(&out), bm_view_text(messages[i].message)), "%.*s",
                  (int)out.len, (const char *)out.data);
        bm_buffer_free(&out);
        bm_buffer_free(&document);
        bm_keyset_free(keyset);
        test_spec_free(&spec);
    }
}

Test(key, bytes_that_are_no_utf8_show_as_they_are_before_5_0)
{
    static const char *const servers[] = {"4.4", "5.0"};
    static const char *const texts[] = {"{ a: \"\xff\" }", "{ a: \"0xff\" }"};
    for (size_t i = 0; i < 2; i++) {
        struct test_spec spec = test_spec_of("{'key': {'a': 1}}", servers[i]);
        struct bm_buffer document = test_bson("{'a': '?'}");
        document.data[11] = 0xff;
        char *keys = test_spec_keys_of(&spec, bm_buffer_view(&document));
        cr_assert_str_eq(keys, texts[i]);
        free(keys);
        bm_buffer_free(&document);
        test_spec_free(&spec);
    }
}
